"""Residents by the days that they lived in their homes: what resident-days are counted from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from redbag.database import db
from redbag.domain.london_time import london_day
from redbag.domain.resident_days import Lived
from redbag.models import Organisation, Resident

_AT_ONCE = 20_000
_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    Resident.moved_in_on,
    Resident.created_at,
    Resident.left_on,
    Organisation.joined_on,
)


def where(connection: Connection, condition: ColumnElement[bool]) -> list[Lived]:
    """The residents of whom this holds, read on a connection whose session may just be writing."""
    return list(_lived(connection.execute(_residents().where(condition))))


def every() -> Iterator[list[Lived]]:
    """All residents, a batch at a time."""
    found = db.session.connection().execute(_residents(), execution_options={"yield_per": _AT_ONCE})
    for batch in found.partitions():
        yield list(_lived(batch))


def how_many() -> int:
    """How many residents there are, those who left included."""
    return int(db.session.scalar(select(func.count()).select_from(Resident)) or 0)


def _residents() -> Select[Any]:
    return select(*_COLUMNS).join(Organisation, Organisation.id == Resident.home_id)


def _lived(rows: Iterable[Any]) -> Iterator[Lived]:
    for moved_in, created, left, joined in rows:
        yield Lived(moved_in, london_day(created), left, joined)
