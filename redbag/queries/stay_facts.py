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
from redbag.domain.column_text import WITHIN
from redbag.domain.stay_columns import DAYS, NOBODY, NOTHING_THE_SAME, NUMBERS, WORDS, StayColumns
from redbag.domain.stay_counts import StayFacts, bag_of
from redbag.models import Organisation, Stay
from redbag.models.transfers import CONTRADICTORY
from redbag.queries.among import among
from redbag.queries.at_once import at_once
from redbag.queries.listed import ListedDays, ListedNumbers, ListedWords

FirstDays = Mapping[int, date | None]
"""When each of some homes began, by their number; None of one from the beginning."""
NONE_KNOWN: FirstDays = MappingProxyType({})
_AT_ONCE = 20_000
_PLACES = {"home": Stay.home_id, "hospital": Stay.hospital_id}
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
    found = db.session.connection().execute(_listed().where(condition))
    return _columns(found, known)


def columns_since(place: Mapping[str, int], since: date, known: FirstDays = NONE_KNOWN) -> StayColumns:
    """The stays that are open or ended on `since` or later, and all that contradict themselves. `place`: of a
    home (its number as "home") or a hospital alone; everybody's where it is empty. `known`: as columns()
    takes them."""
    here = (_PLACES[name] == number for name, number in place.items())
    listed = _listed(frozenset(place)).where(*here)
    earlier = and_(Stay.discharged_on < since, Stay.discharged_on < Stay.admitted_on)
    parts = [
        listed.where(Stay.discharged_on.is_(None)),
        listed.where(Stay.discharged_on >= since),
        # SQLite would read every stay of the place for these few.
        listed.where(earlier).with_hint(Stay, f"INDEXED BY {CONTRADICTORY}", "sqlite"),
    ]
    return _columns(db.session.connection().execute(union_all(*parts)), known, place)


def _columns(
    found: Iterable[Any], known: FirstDays, same: Mapping[str, int] = NOTHING_THE_SAME
) -> StayColumns:
    parts = [tuple(part) for part in found]
    return StayColumns.of_listed(parts, partial(first_days_of, known=known), same)


def first_days_of(homes: Collection[int], known: FirstDays = NONE_KNOWN) -> FirstDays:
    """The first day of each of these homes, None of one from the beginning; of those not yet `known` it is
    read."""
    missing = [home for home in homes if home not in known]
    if not missing:
        return known
    wanted = select(Organisation.id, Organisation.joined_on).where(among(Organisation.id, missing))
    return {**known, **{row.id: row.joined_on for row in db.session.execute(wanted)}}


@cache
def _listed(same: frozenset[str] = frozenset()) -> Select[Any]:
    """The columns of StayColumns, each as one value, but for those in which all stays are the same."""
    # Not a row for each stay: a third of the time for thousands of them. And without their homes: all of a
    # hospital's stays stand in one index, and homes are few.
    columns = _numbers_and_words()
    within: ColumnElement[str] = literal_column(f"'{WITHIN}'", String)
    words = reduce(lambda told, word: told + within + word, (columns[name] for name in WORDS))
    listed: list[Any] = [ListedNumbers(columns[name]) for name in NUMBERS if name not in same]
    listed += [ListedDays(columns[name]) for name in DAYS]
    return select(*listed, ListedWords(words)).select_from(Stay)


def _numbers_and_words() -> dict[str, Any]:
    """The columns of StayColumns that a stay has itself."""
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
