"""The chain of audit entries: each carries a MAC over its own content and the one before.

An edited, deleted, reordered or inserted row breaks the chain at that row. HMAC-SHA-256 under a key
outside the database.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

GENESIS = "0" * 64


def mac(key: bytes, previous: str, content: Mapping[str, object]) -> str:
    """The MAC of an entry whose predecessor has the MAC `previous` (hex)."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key, f"{previous}|{canonical}".encode(), hashlib.sha256).hexdigest()
