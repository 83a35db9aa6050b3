"""Column types whose values are sealed in the database where the installation has a key for that (ADR 23).

Without a key they hold what they are given, as it is. With one, new values are sealed, and both kinds are
read. Empty values stay as they are. The keys come from above: `use_field_keys()`.

A sealed text is `rb1:KEYID:BASE64`; a JSON column keeps the same as one JSON string; bytes have a mark of
their own.
"""

from __future__ import annotations

import json
from base64 import b64encode
from binascii import a2b_base64
from typing import Any, NoReturn, Protocol

from sqlalchemy import JSON, Dialect, LargeBinary, String, Text
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

from redbag.domain.errors import Unsealable

TEXT_MARK, BYTES_MARK = "rb1:", b"\0rb1:"
ID_SIZE = 8
_PLAIN = TEXT_MARK + "plain:"
"""Before a plain text that begins with the mark by chance."""
_AT, _BYTES_AT = len(TEXT_MARK) + ID_SIZE + 1, len(BYTES_MARK) + ID_SIZE + 1


class Keys(Protocol):
    """What seals and opens (security/sealing.py). `newest_id`: "" where nothing new is sealed."""

    @property
    def newest_id(self) -> str: ...
    def seal(self, clear: bytes, about: bytes) -> bytes: ...
    def unseal(self, id_: str, sealed: bytes, about: bytes) -> bytes: ...
    def index(self, about: bytes, text: str) -> str | None: ...
    def indexes(self, about: bytes, text: str) -> list[str]: ...


_keys: Keys | None = None


def use_field_keys(keys: Keys | None) -> None:
    """Says what this process seals and opens with; None: with nothing."""
    global _keys  # noqa: PLW0603 - one process has one set of keys, like one engine
    _keys = keys


def newest_id() -> str:
    """The id of the key that seals new values; "" where they stay plain."""
    return "" if _keys is None else _keys.newest_id


def index(about: str, text: str) -> str | None:
    """What a sealed text is found by; None where nothing new is sealed."""
    return None if _keys is None else _keys.index(about.encode(), text)


def indexes(about: str, text: str) -> list[str]:
    """What a text may be found by where it is sealed: one for each key."""
    return [] if _keys is None else _keys.indexes(about.encode(), text)


class Sealed(TypeDecorator[Any]):
    """`about`: the table and the column that the value stays in, as it was when the column was made."""

    cache_ok = True
    about: str

    def begins(self, key: str = "") -> Any:
        """What a value sealed under this key begins with in the database; under any key for ""."""
        return TEXT_MARK + (f"{key}:" if key else "")

    def key_of(self, kept: Any) -> str:
        """The id of the key that a value as it stands is sealed under; "plain" for none."""
        if not isinstance(kept, str) or not kept.startswith(TEXT_MARK) or kept.startswith(_PLAIN):
            return "plain"
        return kept[len(TEXT_MARK) : _AT - 1]

    class Comparator(TypeDecorator.Comparator[Any]):
        """The database cannot look into what is sealed: asking it to is an error, with a key and without."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            if op in (operators.getitem, operators.json_getitem_op, operators.json_path_getitem_op):
                _refuse(getattr(self.type, "about", ""))
            return super().operate(op, *other, **kwargs)

    comparator_factory = Comparator

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:  # noqa: ARG002 - named by the base class
        """Nor can it compare it: two sealed values of one text differ."""
        return _Compared(self.about)

    def sealed(self, clear: bytes) -> tuple[str, bytes] | None:
        """The id of the newest key and what it sealed; None where there is none."""
        if _keys is None or not _keys.newest_id:
            return None
        return _keys.newest_id, _keys.seal(clear, self.about.encode())

    def opened(self, id_: str, sealed: bytes) -> bytes:
        """What was sealed. Raises Unsealable, saying where."""
        try:
            if _keys is None:
                raise Unsealable(f"It was sealed under the key {id_}, and no key is set.")
            return _keys.unseal(id_, sealed, self.about.encode())
        except Unsealable as problem:
            raise Unsealable(f"A value of {self.about} does not open. {problem}") from None

    def sealed_text(self, clear: str) -> str | None:
        done = self.sealed(clear.encode())
        return None if done is None else f"{TEXT_MARK}{done[0]}:{b64encode(done[1]).decode()}"

    def opened_text(self, kept: str) -> str:
        try:
            sealed = a2b_base64(kept[_AT:].encode())
        except ValueError:
            sealed = b""
        return self.opened(kept[len(TEXT_MARK) : _AT - 1], sealed).decode()


class _Compared(TypeDecorator[Any]):
    """What a sealed column is compared with, as soon as the database is asked."""

    impl = String
    cache_ok = True

    def __init__(self, about: str) -> None:
        super().__init__()
        self.about = about

    def process_bind_param(self, value: Any, dialect: Dialect) -> NoReturn:  # noqa: ARG002 - named by the base class
        _refuse(self.about)


def _refuse(about: str) -> NoReturn:
    raise TypeError(f"{about} may be sealed: compare it after it was read.")


class SealedText(Sealed):
    """A text of at most `longest` characters: a longer one is refused, as a column of that length would."""

    impl = String
    cache_ok = True

    def __init__(self, about: str, longest: int) -> None:
        super().__init__(longest)
        self.about, self.longest = about, longest

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """What is sealed is longer than what was typed. SQLite keeps no length."""
        return Text() if dialect.name == "postgresql" else String(self.longest)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the base class names it
        if value and len(value) > self.longest:
            raise ValueError(f"{self.about} holds {self.longest} characters at most, not {len(value)}.")
        return self.keep(value)

    def keep(self, value: str | None) -> str | None:
        """A value as it is to stand in the database."""
        if not value:
            return value
        return self.sealed_text(value) or (_PLAIN + value if value.startswith(TEXT_MARK) else value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the base class names it
        if value is None or not value.startswith(TEXT_MARK):
            return value
        return value[len(_PLAIN) :] if value.startswith(_PLAIN) else self.opened_text(value)


class SealedJson(Sealed):
    """A JSON object or list; never a JSON string, which is what a sealed one is kept as."""

    impl = JSON
    cache_ok = True

    def __init__(self, about: str) -> None:
        super().__init__()
        self.about = about

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - the base class names it
        if isinstance(value, str):
            raise ValueError(f"{self.about} holds objects and lists.")
        return self.keep(value)

    def keep(self, value: Any) -> Any:
        """A value as it is to stand in the database."""
        return (self.sealed_text(json.dumps(value, separators=(",", ":"))) or value) if value else value

    def begins(self, key: str = "") -> str:
        return f'"{super().begins(key)}'

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - the base class names it
        return json.loads(self.opened_text(value)) if isinstance(value, str) else value


class SealedBytes(Sealed):
    """Bytes that do not begin with the mark themselves: pictures, packed files."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, about: str) -> None:
        super().__init__()
        self.about = about

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - the base class names it
        if value and value.startswith(BYTES_MARK):
            raise ValueError(f"{self.about} cannot hold bytes that begin like sealed ones.")
        return self.keep(value)

    def keep(self, value: bytes | None) -> bytes | None:
        """A value as it is to stand in the database."""
        done = self.sealed(value) if value else None
        return value if done is None else self.begins(done[0]) + done[1]

    def begins(self, key: str = "") -> bytes:
        return BYTES_MARK + (f"{key}:".encode() if key else b"")

    def key_of(self, kept: bytes | None) -> str:
        if not kept or not kept.startswith(BYTES_MARK):
            return "plain"
        return kept[len(BYTES_MARK) : _BYTES_AT - 1].decode("latin-1")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - the base class names it
        if value is None or not value.startswith(BYTES_MARK):
            return value
        return self.opened(value[len(BYTES_MARK) : _BYTES_AT - 1].decode("latin-1"), value[_BYTES_AT:])
