"""The keys of one purpose, one after the other: the newest makes, all of them check what was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from redbag.config import Settings
from redbag.security.sealing import key_id


@dataclass(frozen=True)
class KeyRing:
    """`older`: keys that something may still have been made under, the last one first.

    `first_id`: what an installation's first key is called beside what it made. Every later key is called by
    what follows from the key itself, so that nobody has to think of a name, and none is used twice.
    """

    newest: bytes = field(repr=False)
    older: tuple[bytes, ...] = field(default=(), repr=False)
    first_id: str = ""

    @cached_property
    def every(self) -> tuple[bytes, ...]:
        """All of them, the newest first."""
        return (self.newest, *self.older)

    @cached_property
    def newest_id(self) -> str:
        return key_id(self.newest) if self.older or not self.first_id else self.first_id

    @cached_property
    def by_id(self) -> Mapping[str, bytes]:
        """Every key by each name that it may have."""
        named = {key_id(key): key for key in self.every}
        return {self.first_id: self.every[-1], **named} if self.first_id else named


def secret_keys(settings: Settings) -> KeyRing:
    """What PINs, apps and recovery codes are kept under."""
    return KeyRing(settings.secret_key, settings.secret_keys_old)


def label_keys(settings: Settings) -> KeyRing:
    """What labels, access codes and the codes of custody records are made under."""
    return KeyRing(settings.label_key, settings.label_keys_old, settings.label_key_id)


def audit_keys(settings: Settings) -> KeyRing:
    """What the audit log is chained under."""
    return KeyRing(settings.audit_key, settings.audit_keys_old, settings.audit_key_id)
