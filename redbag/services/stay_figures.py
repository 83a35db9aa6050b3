"""Follows every change of a stay, and of the day a home joined, in the counts that reports are made from.

Whatever a session writes of these is followed here, in the same transaction: no use case can forget it. What
writes rows in bulk, past the session (a load, an import), says so itself: figures.added(cells(...)).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, event, inspect, or_
from sqlalchemy.orm import Session, UOWTransaction

from redbag.domain import stay_counts
from redbag.domain.stay_counts import Cells, StayFacts, cells
from redbag.models import Organisation, Stay
from redbag.queries import stay_facts
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
    }
)
_BEFORE = "redbag_stays_before"


def _every() -> Iterator[tuple[int, Cells]]:
    for batch in stay_facts.every():
        yield len(batch), cells(batch)


SOURCE = figures.Source(SERIES, stay_facts.how_many, _every)


def follow() -> None:
    """Begins to follow what any session writes; once for a process."""
    if not event.contains(Session, "before_flush", _remember):
        event.listen(Session, "before_flush", _remember)
        event.listen(Session, "after_flush", _follow)


def _remember(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """What the stays that are about to change add so far, as they stand in this transaction."""
    stays = [one for one in (*session.dirty, *session.deleted) if isinstance(one, Stay)]
    homes = [one.id for one in session.dirty if isinstance(one, Organisation) and _joins_anew(one)]
    known = [one.id for one in stays if one in session.deleted or session.is_modified(one)]
    if known or homes:
        condition = or_(Stay.id.in_(known), Stay.home_id.in_(homes))
        session.info[_BEFORE] = (condition, _read(session, condition))


def _follow(session: Session, _context: UOWTransaction) -> None:
    """The difference that this flush makes, appended."""
    condition, before = session.info.pop(_BEFORE, (None, []))
    made = [one.id for one in session.new if isinstance(one, Stay)]
    # In one reading: a stay may be new and of a home that joins anew.
    wanted = [one for one in (condition, Stay.id.in_(made) if made else None) if one is not None]
    after = _read(session, or_(*wanted)) if wanted else []
    if before or after:
        figures.append(session.connection(), cells(before), cells(after))


def _joins_anew(home: Organisation) -> bool:
    return bool(inspect(home).attrs.joined_on.history.has_changes())


def _read(session: Session, condition: ColumnElement[bool]) -> list[StayFacts]:
    return stay_facts.where(session.connection(), condition)
