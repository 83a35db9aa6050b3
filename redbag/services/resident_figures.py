"""Follows the days that residents live in their homes in the counts that reports are made from.

Whatever a session writes of a resident's first and last day, or of the day a home joined, is followed here in
the same transaction. A load in bulk says so itself: figures.added(resident_counts.cells(...)).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import event, inspect, or_
from sqlalchemy.orm import Session, UOWTransaction

from redbag.database import Base
from redbag.domain import kept_sources, resident_counts
from redbag.domain.stay_counts import Cells
from redbag.models import Organisation, Resident
from redbag.queries import resident_facts
from redbag.services import figures

SERIES = frozenset(resident_counts.SERIES)
_BEFORE = "redbag_residents_before"
_COUNTED = ("home_id", "moved_in_on", "left_on", "created_at")


def _every() -> Iterator[tuple[int, Cells]]:
    for batch in resident_facts.every():
        yield len(batch), resident_counts.cells(batch)


SOURCE = figures.Source(kept_sources.RESIDENTS, SERIES, resident_facts.how_many, _every)


def follow() -> None:
    """Begins to follow what any session writes; once for a process."""
    if not event.contains(Session, "before_flush", _remember):
        event.listen(Session, "before_flush", _remember)
        event.listen(Session, "after_flush", _follow)


def _remember(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """What the residents that are about to change add so far, as they stand in this transaction."""
    changed = [one.id for one in session.dirty if isinstance(one, Resident) and _changes(one, *_COUNTED)]
    changed += [one.id for one in session.deleted if isinstance(one, Resident)]
    homes = [one.id for one in session.dirty if isinstance(one, Organisation) and _changes(one, "joined_on")]
    if changed or homes:
        condition = or_(Resident.id.in_(changed), Resident.home_id.in_(homes))
        session.info[_BEFORE] = (condition, resident_facts.where(session.connection(), condition))


def _follow(session: Session, _context: UOWTransaction) -> None:
    """The difference that this flush makes, appended."""
    condition, before = session.info.pop(_BEFORE, (None, []))
    made = [one.id for one in session.new if isinstance(one, Resident)]
    # In one reading: a resident may be new and of a home that joins anew.
    wanted = [one for one in (condition, Resident.id.in_(made) if made else None) if one is not None]
    if wanted:
        after = resident_facts.where(session.connection(), or_(*wanted))
        figures.append(session.connection(), resident_counts.cells(before), resident_counts.cells(after))


def _changes(one: Base, *names: str) -> bool:
    attributes = inspect(one).attrs
    return any(attributes[name].history.has_changes() for name in names)
