"""The keys that fields about a person are sealed with (ADR 23): which are here, and which are needed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, make_url, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from redbag.config import ConfigurationError
from redbag.database import WRITE_OPTION, engine_for
from redbag.models import FieldKey
from redbag.sealed_columns import use_field_keys
from redbag.security.key_ring import KeyRing
from redbag.security.sealing import FieldKeys, key_id
from redbag.services import audit

_TABLE = FieldKey.__table__


def use(newest: bytes | None, older: tuple[bytes, ...]) -> None:
    """Says which keys this process seals and opens with."""
    use_field_keys(FieldKeys(newest, older) if newest or older else None)


def ids(newest: bytes | None, older: tuple[bytes, ...]) -> list[str]:
    """What the keys of an installation are called, the one that seals first."""
    return [key_id(key) for key in (newest, *older) if key]


def fit(
    url: str,
    newest: bytes | None,
    older: tuple[bytes, ...],
    now: datetime,
    audit_keys: KeyRing | None = None,
) -> bool:
    """Whether the database at `url` could be asked, everything in it opens with these keys, and its audit log
    can go on.

    A key that is new is written down before anything is sealed with it. False where there is no database yet,
    or it does not answer. Raises ConfigurationError for a key that is needed and not here.
    """
    if not _is_there(url):
        return False
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            _refuse_missing(needed(connection), ids(newest, older))
            if audit_keys is not None:
                audit.refuse_missing_key(connection, audit_keys)
        if newest is not None:
            with engine.connect().execution_options(**{WRITE_OPTION: True}) as connection:
                _write_down(connection, key_id(newest), now)
    except DBAPIError:
        return False
    finally:
        engine.dispose()
    return True


def needed(connection: Connection) -> list[str]:
    """The ids of the keys that something may be sealed under."""
    return list(connection.scalars(select(FieldKey.key_id).order_by(FieldKey.since, FieldKey.key_id)))


def forget_all_but(connection: Connection, newest_id: str) -> None:
    """Nothing is sealed under another key any more."""
    connection.execute(delete(FieldKey).where(FieldKey.key_id != newest_id))


def _is_there(url: str) -> bool:
    """Asking a SQLite file that is not there would make it."""
    address = make_url(url)
    return address.get_backend_name() != "sqlite" or Path(address.database or "").is_file()


def _refuse_missing(wanted: list[str], here: list[str]) -> None:
    missing = [one for one in wanted if one not in here]
    if missing:
        held = f"the keys that are set are {', '.join(here)}" if here else "none is set"
        raise ConfigurationError(
            f"Records are sealed under the key {', '.join(missing)}, and {held}. Set that key as "
            "REDBAG_FIELD_KEY, or as REDBAG_FIELD_KEY_OLD beside a newer one."
        )


def _write_down(connection: Connection, newest_id: str, now: datetime) -> None:
    if connection.scalar(select(FieldKey.key_id).filter_by(key_id=newest_id)) is not None:
        return
    try:
        connection.execute(_TABLE.insert(), {"key_id": newest_id, "since": now})  # type: ignore[attr-defined]
        connection.commit()
    except IntegrityError:
        connection.rollback()  # another process was quicker
