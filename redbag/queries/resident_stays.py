"""The stays of residents, all of each together: what readmissions are counted from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from redbag.database import db
from redbag.domain.readmissions import Spell
from redbag.models import Organisation, Stay

_AT_ONCE = 20_000
_COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    Stay.resident_id,
    Stay.admitted_on,
    Stay.discharged_on,
    Stay.ended_as,
    Stay.journey_type,
    Organisation.joined_on,
)


def every() -> Iterator[list[Spell]]:
    """The stays of every resident who is known, a batch at a time; nobody's are divided over two batches."""
    wanted = _stays().where(Stay.resident_id.is_not(None)).order_by(Stay.resident_id)
    found = db.session.connection().execute(wanted, execution_options={"yield_per": _AT_ONCE})
    batch: list[Spell] = []
    for row in found:
        one = _spell(*row)
        if len(batch) >= _AT_ONCE and one.resident != batch[-1].resident:
            yield batch
            batch = []
        batch.append(one)
    yield batch


def admitted_since(day: date) -> list[Spell]:
    """All stays of the residents who were admitted after this day."""
    # Open or ended since: both are found by the day of discharge.
    since = and_(Stay.admitted_on > day, or_(Stay.discharged_on.is_(None), Stay.discharged_on > day))
    residents = select(Stay.resident_id).where(since, Stay.resident_id.is_not(None))
    return [_spell(*row) for row in db.session.execute(_stays().where(Stay.resident_id.in_(residents)))]


def of(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Every stay of whoever has a stay of which this holds."""
    residents = select(Stay.resident_id).where(condition, Stay.resident_id.is_not(None))
    return Stay.resident_id.in_(residents)


def _stays() -> Select[Any]:
    return select(*_COLUMNS).join(Organisation, Organisation.id == Stay.home_id)


def _spell(
    resident: int | None, came: date, left: date | None, ended_as: str, kind: str, joined: date | None
) -> Spell:
    return Spell(resident, came, left, ended_as, kind == "emergency", joined is None or came >= joined)
