"""Follows every change of a stay, and of the day a home joined, in the counts that reports are made from.

Whatever a session writes of these is followed here, in the same transaction: no use case can forget it. What
writes rows in bulk, past the session (a load, an import), says so itself: figures.added(cells(...)).

Whether a stay was followed by a readmission depends on the other stays of the same resident. So all stays of
the residents concerned are read before and after, and what has not changed cancels out; two writers of one
resident's stays come one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, event, func, inspect, or_, select
from sqlalchemy.orm import Session, UOWTransaction

from redbag.domain import held_counts, kept_sources, readmission_counts, stay_counts
from redbag.domain.stay_counts import Cells, StayFacts
from redbag.models import Organisation, Stay
from redbag.queries import resident_stays, stay_facts
from redbag.services import figures

SERIES = frozenset(
    {
        stay_counts.CLOSED,
        stay_counts.DIED,
        stay_counts.ADMITTED,
        stay_counts.ADMITTED_DIED,
        stay_counts.ADMITTED_HOME,
        stay_counts.BED_DAYS,
        stay_counts.DELAY,
        stay_counts.CONTRADICTORY,
        stay_counts.BEFORE_JOINING,
        stay_counts.GROUP_STAYS,
        stay_counts.GROUP_DAYS,
        stay_counts.COMPARED,
        stay_counts.COMPARED_STAYS,
        stay_counts.COMPARED_DAYS,
        stay_counts.ADMISSIONS,
        *held_counts.SERIES,
        *readmission_counts.SERIES,
    }
)
_BEFORE = "redbag_stays_before"
_RESIDENT_LOCK = 7_262
"""The first half of an advisory lock's key; the second is the resident."""


def cells(stays: Iterable[StayFacts], into: Cells | None = None) -> Cells:
    """All that these stays add; of each resident whose stays are among them, all must be."""
    known = list(stays)
    found = stay_counts.cells(known, into)
    return readmission_counts.cells(map(readmission_counts.spell, known), found)


def _every() -> Iterator[tuple[int, Cells]]:
    for batch in stay_facts.every():
        yield len(batch), stay_counts.cells(batch)
    for of_residents in resident_stays.every():
        yield 0, readmission_counts.cells(of_residents)


SOURCE = figures.Source(kept_sources.STAYS, SERIES, stay_facts.how_many, _every)


def follow() -> None:
    """Begins to follow what any session writes; once for a process."""
    if not event.contains(Session, "before_flush", _remember):
        event.listen(Session, "before_flush", _remember)
        event.listen(Session, "after_flush", _follow)


def _remember(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """What the stays that are about to change add so far, as they stand in this transaction."""
    dirty = [one for one in session.dirty if isinstance(one, Stay) and session.is_modified(one)]
    stays = [*dirty, *(one for one in session.deleted if isinstance(one, Stay))]
    made = [one for one in session.new if isinstance(one, Stay)]
    homes = [one.id for one in session.dirty if isinstance(one, Organisation) and _joins_anew(one)]
    if not (stays or made or homes):
        return
    residents = {resident for one in (*stays, *made) for resident in _residents(one)}
    _one_writer_each(session, residents)
    condition = or_(Stay.id.in_([one.id for one in stays]), Stay.resident_id.in_(residents))
    if homes:  # else two keys are enough: beside a query, PostgreSQL reads every stay of a country for them
        of_homes = Stay.home_id.in_(homes)
        condition = or_(condition, of_homes, resident_stays.of(of_homes))
    session.info[_BEFORE] = (condition, _read(session, condition))


def _follow(session: Session, _context: UOWTransaction) -> None:
    """The difference that this flush makes, appended."""
    condition, before = session.info.pop(_BEFORE, (None, []))
    if condition is None:
        return
    made = [one.id for one in session.new if isinstance(one, Stay)]
    after = _read(session, or_(condition, Stay.id.in_(made)))
    figures.append(session.connection(), cells(before), cells(after))


def _residents(stay: Stay) -> set[int]:
    """Whose stay it is, and whose it was."""
    told = inspect(stay).attrs.resident_id.history
    return {one for one in (stay.resident_id, *(told.deleted or ())) if one is not None}


def _one_writer_each(session: Session, residents: Iterable[int]) -> None:
    """Holds these residents' stays until the end of the transaction: otherwise neither of two who write at
    once an end and the admission that follows it would see the other's. On SQLite there is one writer."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        for resident in sorted(residents):
            connection.execute(select(func.pg_advisory_xact_lock(_RESIDENT_LOCK, resident)))


def _joins_anew(home: Organisation) -> bool:
    return bool(inspect(home).attrs.joined_on.history.has_changes())


def _read(session: Session, condition: ColumnElement[bool]) -> list[StayFacts]:
    return stay_facts.where(session.connection(), condition)
