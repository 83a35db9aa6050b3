"""Random and derived secrets.

A label's token and its readable code are derived by HMAC-SHA-256 from a key that is not in the
database, so that a jammed printer can print the same label again, and the database alone opens
nothing. What is looked up is stored as a hash.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

TOKEN_BYTES = 16  # 128 bits: the floor for an address that cannot be guessed (quality: the label)
CODE_BYTES = 5  # 40 bits: eight characters; useless without an account


def random_token() -> str:
    """A new random secret of 256 bits for a session or an invitation, safe in an address."""
    return secrets.token_urlsafe(32)


def sha256_hex(text: str) -> str:
    """How a high-entropy secret is stored and looked up."""
    return hashlib.sha256(text.encode()).hexdigest()


def derive(key: bytes, purpose: str, nonce: str, size: int) -> bytes:
    """`size` bytes that only the holder of `key` can make again for this purpose and nonce."""
    return hmac.new(key, f"{purpose}|{nonce}".encode(), hashlib.sha256).digest()[:size]


def keyed_hash(key: bytes, purpose: str, text: str) -> str:
    """How a short code is stored: without the key, trying every code finds nothing."""
    return hmac.new(key, f"{purpose}|{text}".encode(), hashlib.sha256).hexdigest()


def new_nonce() -> str:
    """A fresh nonce for one label."""
    return secrets.token_hex(16)
