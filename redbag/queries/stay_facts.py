"""Stays as the facts that figures are counted from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, partial, reduce
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from redbag.database import db
from redbag.domain.column_text import BETWEEN, WITHIN
from redbag.domain.stay_columns import DAYS, NOBODY, NUMBERS, WORDS, StayColumns
from redbag.domain.stay_counts import StayFacts, bag_of
from redbag.models import Organisation, Stay
from redbag.models.transfers import CONTRADICTORY
from redbag.queries.among import among
from redbag.queries.at_once import at_once
from redbag.queries.listed import Listed, listed_days

FirstDays = Mapping[int, date | None]
"""When each of some homes began, by their number; None of one from the beginning."""
NONE_KNOWN: FirstDays = MappingProxyType({})
_AT_ONCE = 20_000
COLUMNS: tuple[InstrumentedAttribute[Any], ...] = (
    Stay.home_id,
    Stay.hospital_id,
    Stay.ward_id,
    Stay.reason,
    Stay.age,
    Stay.with_bag,
    Stay.admitted_on,
    Stay.discharged_on,
    Stay.discharge_ready_on,
    Stay.ended_as,
    Stay.journey_type,
    Stay.admission_source,
    Organisation.joined_on,
    Stay.resident_id,
)
"""A stay in the order of StayFacts; the last is whose it is."""


def where(connection: Connection, condition: ColumnElement[bool]) -> list[StayFacts]:
    """The stays of which this holds, read on a connection whose session may just be writing."""
    return list(_facts(connection.execute(_stays().where(condition))))


def columns(condition: ColumnElement[bool], known: FirstDays = NONE_KNOWN) -> StayColumns:
    """The stays of which this holds, as columns: many of them several times as quick as one by one.
    `known`: the first days of homes as far as they were read."""
    return _columns([_all_numbers().where(condition)], known)


def columns_since(place: ColumnElement[bool], since: date) -> StayColumns:
    """The stays of a place that are open or ended on `since` or later, and all that contradict themselves."""
    earlier = and_(Stay.discharged_on < since, Stay.discharged_on < Stay.admitted_on)
    parts = [
        _all_numbers().where(place, Stay.discharged_on.is_(None)),
        _all_numbers().where(place, Stay.discharged_on >= since),
        # SQLite would read every stay of the place for these few.
        _all_numbers().where(place, earlier).with_hint(Stay, f"INDEXED BY {CONTRADICTORY}", "sqlite"),
    ]
    return _columns(parts)


def _columns(wanted: list[Select[Any]], known: FirstDays = NONE_KNOWN) -> StayColumns:
    # A text for each column, not a row for each stay: a third of the time for thousands of them.
    found = db.session.connection().execute(union_all(*wanted) if len(wanted) > 1 else wanted[0])
    return StayColumns.of_text([tuple(part) for part in found], partial(first_days_of, known=known))


def first_days_of(homes: Collection[int], known: FirstDays = NONE_KNOWN) -> FirstDays:
    """The first day of each of these homes, None of one from the beginning; of those not yet `known` it is
    read."""
    missing = [home for home in homes if home not in known]
    if not missing:
        return known
    wanted = select(Organisation.id, Organisation.joined_on).where(among(Organisation.id, missing))
    return {**known, **{row.id: row.joined_on for row in db.session.execute(wanted)}}


@cache
def _all_numbers() -> Select[Any]:
    # Without their homes: all of a hospital's stays stand in one index, and homes are few.
    columns = _columns_of_text()
    within: ColumnElement[str] = literal_column(f"'{WITHIN}'", String)
    words = reduce(lambda told, word: told + within + word, (columns[name] for name in WORDS))
    listed: list[Any] = [Listed(columns[name], BETWEEN) for name in NUMBERS]
    listed += [listed_days(columns[name]) for name in DAYS]
    return select(*listed, Listed(words, BETWEEN)).select_from(Stay)


def _columns_of_text() -> dict[str, Any]:
    """The columns of StayColumns that come as text."""
    nobody = func.coalesce
    return {
        "home": Stay.home_id,
        "hospital": nobody(Stay.hospital_id, NOBODY),
        "ward": nobody(Stay.ward_id, NOBODY),
        "reason": Stay.reason,
        "age": nobody(Stay.age, NOBODY),
        "bag": nobody(cast(Stay.with_bag, Integer), NOBODY),
        "admitted": Stay.admitted_on,
        "ended": Stay.discharged_on,
        "ready": Stay.discharge_ready_on,
        "ended_as": Stay.ended_as,
        "journey_type": Stay.journey_type,
        "source": Stay.admission_source,
        "resident": nobody(Stay.resident_id, NOBODY),
        "summary": Stay.summary,
        "papers_missing": Stay.papers_missing,
    }


def unsettled(as_of: date) -> list[StayFacts]:
    """The stays of the whole country that are open, or were discharged after `as_of`: those of which kept
    counts do not yet say what a report needs."""
    parts = [_stays().where(Stay.discharged_on.is_(None)), _stays().where(Stay.discharged_on > as_of)]
    return list(_facts(at_once(union_all(*parts))))


def every(condition: ColumnElement[bool] | None = None) -> Iterator[list[StayFacts]]:
    """All stays, or those of which this holds, a batch at a time."""
    wanted = _stays() if condition is None else _stays().where(condition)
    found = db.session.connection().execute(wanted, execution_options={"yield_per": _AT_ONCE})
    for batch in found.partitions():
        yield list(_facts(batch))


def how_many() -> int:
    """How many stays there are."""
    return int(db.session.scalar(select(func.count()).select_from(Stay)) or 0)


def _stays() -> Select[Any]:
    return select(*COLUMNS).join(Organisation, Organisation.id == Stay.home_id)


def _facts(rows: Iterable[Any]) -> Iterator[StayFacts]:
    return map(fact, rows)


def fact(columns: Sequence[Any]) -> StayFacts:
    """One stay from its COLUMNS."""
    home, hospital, ward, reason, age, with_bag, *rest = columns
    return StayFacts(home, hospital, ward, reason, age, bag_of(with_bag), *rest)
