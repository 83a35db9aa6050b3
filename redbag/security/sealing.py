"""Sealing: what stands in the database or a file so that only the holder of a key can read or make it.

AES-256-GCM. What is sealed is bound to what it is `about` (a table and its column, for example): sealed
bytes that were put somewhere else, or changed by one bit, do not open.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from redbag.domain.errors import Unsealable

__all__ = ["FieldKeys", "Unsealable", "key_id", "seal", "unseal"]

NONCE_BYTES = 12
TAG_BYTES = 16


def seal(key: bytes, clear: bytes, about: bytes) -> bytes:
    """A fresh random nonce, then what was sealed with its tag: 28 bytes longer than `clear`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, clear, about)


def unseal(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """What was sealed under this key about this. Raises Unsealable."""
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise Unsealable("This is too short to have been sealed.")
    try:
        return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
    except InvalidTag:
        raise Unsealable("It was changed, moved here from elsewhere, or sealed under another key.") from None


def key_id(key: bytes) -> str:
    """What a key is called beside what it sealed: eight characters that follow from the key alone."""
    return _derived(key, b"id")[:4].hex()


@dataclass(frozen=True)
class FieldKeys:
    """The keys of an installation's sealed fields: `newest` seals, all of them open.

    `newest`: None where nothing new is sealed. `older`: keys that something may still be sealed under, until
    it has been sealed anew.
    """

    newest: bytes | None = field(repr=False)
    older: tuple[bytes, ...] = field(default=(), repr=False)

    @cached_property
    def newest_id(self) -> str:
        """ "" where there is none."""
        return key_id(self.newest) if self.newest else ""

    @cached_property
    def by_id(self) -> Mapping[str, bytes]:
        return {key_id(key): key for key in (self.newest, *self.older) if key}

    def seal(self, clear: bytes, about: bytes) -> bytes:
        """Sealed under the newest key. Raises Unsealable where there is none."""
        if self.newest is None:
            raise Unsealable("There is no key to seal with.")
        return seal(self.newest, clear, about)

    def unseal(self, id_: str, sealed: bytes, about: bytes) -> bytes:
        """What was sealed under the key of this id. Raises Unsealable, also where that key is not here."""
        key = self.by_id.get(id_)
        if key is None:
            raise Unsealable(f"It was sealed under the key {id_}, which is not among the keys here.")
        return unseal(key, sealed, about)

    def index(self, about: bytes, text: str) -> str | None:
        """What a text is found by without being read, under the newest key: equal for equal texts."""
        return _index(self.newest, about, text) if self.newest else None

    def indexes(self, about: bytes, text: str) -> list[str]:
        """What it may be found by: one for each key."""
        return [_index(key, about, text) for key in self.by_id.values()]


def _index(key: bytes, about: bytes, text: str) -> str:
    """Begins with the id of its key, so that it shows which are still those of an older one."""
    told = hmac.new(_derived(key, b"index"), about + b"|" + text.encode(), hashlib.sha256)
    return f"{key_id(key)}:{told.hexdigest()[:32]}"


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(_derived(key, b"seal"))


@lru_cache(maxsize=32)
def _derived(key: bytes, purpose: bytes) -> bytes:
    """One key for each purpose: what indexes texts tells nothing of what seals them."""
    return hmac.new(key, b"redbag sealing|" + purpose, hashlib.sha256).digest()
