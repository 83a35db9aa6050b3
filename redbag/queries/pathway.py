"""What journeys say of the pathway, for the places that an actor may read figures of.

Homes and hospitals are counted from the rows of their own journeys, so that any filter can be had; the whole
country from counts that are kept (services/journey_figures.py), without filters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select, true
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.errors import NotPermitted
from redbag.domain.london_time import age_on, london_day
from redbag.domain.lost_counts import LostThing
from redbag.domain.permissions import Actor, Permission, Role, can
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stay_counts import ALL, bag_of
from redbag.domain.stays_by_month import add_months, first_day
from redbag.models import JourneyFigures, Organisation, Resident, Transfer, Ward
from redbag.queries import figures, set_aside

DAY_OF = {
    "pack_complete": "left_on",
    "decision_to_pack": "left_on",
    "dispatch_to_scan": "reached_on",
    "scanned": "reached_on",
    "arrival_to_admission": "admitted_on",
    "home_contact": "contact_on",
    "summary_given": "ended_on",
    "medicines_settled": "back_on",
    "label_to_return": "back_on",
    "bag_turnaround": "stocked_on",
}
"""Which column of a journey's row holds the day that a measure belongs to."""
LOST = "lost"
"""The series of lost things, by stretch of the way and by kind."""


@dataclass
class PathwayCounts:
    """How many journeys have each whole value, by measure and month; lost things by stretch of the way and by
    kind, by month."""

    values: defaultdict[str, defaultdict[date, Counter[int]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )
    spans: defaultdict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    kinds: defaultdict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def of(self, measure: str, months: Iterable[date]) -> Counter[int]:
        """One measure's values over some months together."""
        found: Counter[int] = Counter()
        for month in months:
            found.update(self.values[measure].get(month, {}))
        return found

    def lost(self, by_month: defaultdict[date, Counter[str]], months: Iterable[date]) -> Counter[str]:
        """Lost things of some months together: of `spans` or of `kinds`."""
        found: Counter[str] = Counter()
        for month in months:
            found.update(by_month.get(month, {}))
        return found


@dataclass(frozen=True)
class Behind:
    """One journey behind a figure: its value, and what was lost on it where that was asked."""

    transfer: Transfer
    value: int | None
    lost: tuple[LostThing, ...] = ()


def counts(actor: Actor, chosen: ReportFilter, first: date, last: date) -> PathwayCounts:
    """The counts of the months from `first` to `last` (their first days)."""
    if not can(actor, Permission.REPORT_READ):
        raise NotPermitted("Reports are for managers.")
    return _kept(first, last) if actor.role is Role.OVERSIGHT else _of_rows(actor, chosen, first, last)


def _kept(first: date, last: date) -> PathwayCounts:
    found = PathwayCounts()
    for measure, by_value in figures.read_all(list(DAY_OF), ALL, (first, last)).items():
        for month, values in by_value.get("", {}).items():
            found.values[measure][month].update(values)
    for facet, by_month in (("span", found.spans), ("kind", found.kinds)):
        for value, months in figures.read(LOST, facet, (first, last)).items():
            for month, number in months.items():
                by_month[month][value] += number.total()
    return found


_MEASURES = tuple(DAY_OF)
_DAYS = tuple(dict.fromkeys(DAY_OF.values()))
_KEPT = (*_DAYS, *_MEASURES, LOST)


def _of_rows(actor: Actor, chosen: ReportFilter, first: date, last: date) -> PathwayCounts:
    """Counted column by column: a large hospital has ten thousand journeys in two years."""
    wanted = select(*(getattr(JourneyFigures, name) for name in _KEPT), *_facts(chosen)).where(
        _scope(actor), _places(chosen), JourneyFigures.last_on >= first
    )
    # On the connection: objects that nobody needs would take as long as all the rest.
    rows: Sequence[Any] = db.session.connection().execute(_joined(wanted, chosen)).all()
    if chosen.has_factors:
        rows = [row for row in rows if _keeps(chosen, *row[len(_KEPT) :])]
    found, end = PathwayCounts(), add_months(last, 1)
    columns = dict(zip(_KEPT, zip(*rows, strict=True), strict=False))
    for key in _MEASURES if rows else ():
        for (day, value), number in Counter(zip(columns[DAY_OF[key]], columns[key], strict=True)).items():
            if value is not None and first <= day < end:
                found.values[key][first_day(day)][value] += number
    for thing in (thing for lost in columns.get(LOST, ()) if lost for thing in things(lost)):
        if first <= thing.day < end:
            found.spans[first_day(thing.day)][thing.span] += 1
            found.kinds[first_day(thing.day)][thing.kind] += 1
    return found


def things(lost: Sequence[Sequence[str]] | None) -> tuple[LostThing, ...]:
    """What a journey's row says was lost on it."""
    return tuple(LostThing(date.fromisoformat(day), span, kind) for day, span, kind in lost or ())


def _scope(actor: Actor) -> ColumnElement[bool]:
    if actor.role is Role.HOME_MANAGER:
        return JourneyFigures.home_id == actor.organisation_id
    if actor.role is Role.HOSPITAL_MANAGER:
        return JourneyFigures.hospital_id == actor.organisation_id
    return true()


def _places(chosen: ReportFilter) -> ColumnElement[bool]:
    """The places of a filter, by their references."""
    wanted: list[ColumnElement[bool]] = []
    pairs = ((chosen.home_ref, JourneyFigures.home_id), (chosen.hospital_ref, JourneyFigures.hospital_id))
    for ref, column in pairs:
        if ref:
            wanted.append(column == select(Organisation.id).filter_by(ref=ref).scalar_subquery())
    if chosen.ward_ref:
        ward = select(Ward.id).filter_by(ref=chosen.ward_ref).scalar_subquery()
        wanted.append(Transfer.ward_id == ward)
    return and_(true(), *wanted)


_FACTS = (
    Transfer.reason,
    Transfer.with_bag,
    Transfer.opened_at,
    Resident.date_of_birth,
    JourneyFigures.ended_on,
)


def _facts(chosen: ReportFilter) -> tuple[Any, ...]:
    """What a filter asks of a journey; nothing is read where it asks nothing."""
    return _FACTS if chosen.has_factors else ()


def _joined(wanted: Select[Any], chosen: ReportFilter) -> Select[Any]:
    if not chosen.has_factors:
        return wanted
    return wanted.join(Transfer, Transfer.id == JourneyFigures.transfer_id).join(
        Resident, Resident.id == Transfer.resident_id
    )


def _keeps(
    chosen: ReportFilter,
    reason: str,
    with_bag: bool | None,
    opened_at: datetime,
    born: date,
    ended_on: date | None,
) -> bool:
    """Whether a journey has what the filter asks: the age is that of the day it was opened."""
    day = london_day(opened_at)
    age = age_on(born, day) if born <= day else None
    return chosen.keeps(reason=reason, age=age, bag=bag_of(with_bag), discharged_on=ended_on)


def behind(actor: Actor, chosen: ReportFilter, measure: str) -> list[Behind]:
    """The journeys that have a value of this measure in the months of the filter, or on which something was
    lost in them: the same as counts() counts, the latest first, but for people who are set aside (erased or
    restricted). For readers who may see people."""
    if not can(actor, Permission.REPORT_PEOPLE):
        raise NotPermitted("These figures have no people behind them for you.")
    day = JourneyFigures.last_on if measure == LOST else getattr(JourneyFigures, DAY_OF[measure])
    value = JourneyFigures.lost if measure == LOST else getattr(JourneyFigures, measure)
    wanted = (
        select(Transfer, value, *_FACTS)
        .join(JourneyFigures, JourneyFigures.transfer_id == Transfer.id)
        .join(Resident, Resident.id == Transfer.resident_id)
        .where(_scope(actor), _places(chosen), day >= chosen.start, value.is_not(None))
        .where(Transfer.resident_id.not_in(set_aside.of(actor)))
        .options(
            joinedload(Transfer.resident),
            joinedload(Transfer.home),
            joinedload(Transfer.hospital),
            joinedload(Transfer.ward),
        )
        .order_by(day.desc(), Transfer.id.desc())
    )
    if measure != LOST:
        wanted = wanted.where(day <= chosen.end)
    found = []
    for transfer, said, *facts in db.session.execute(wanted):
        if chosen.has_factors and not _keeps(chosen, *facts):
            continue
        lost = things(said) if measure == LOST else ()
        lost = tuple(thing for thing in lost if chosen.start <= thing.day <= chosen.end)
        if measure != LOST or lost:
            found.append(Behind(transfer, None if measure == LOST else said, lost))
    return found
