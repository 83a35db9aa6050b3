"""Two groups of stays beside each other, of the places that an actor may read figures of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain import comparison, data_quality, stay_counts
from redbag.domain.comparison import Comparison, Homes, Kind, Records
from redbag.domain.permissions import Actor, Role
from redbag.domain.report_filter import ReportFilter
from redbag.domain.report_tables import Table
from redbag.domain.stay_counts import BAG_GROUP, StayCounts, StayFacts, bag_of, together
from redbag.domain.stays_by_month import add_months
from redbag.models import HistoryHome, Organisation, Stay, StayHistory
from redbag.queries import figures, stay_facts, stay_rows
from redbag.queries.stay_rows import NamedPlaces

ROWS_AT_MOST = 5000
"""Where an oversight reader has more stays, counts that are kept take the place of rows."""


@dataclass(frozen=True)
class Found:
    """A comparison with how sure its records are; `too_many`: so many earlier stays that it is not made."""

    comparison: Comparison
    quality: Table | None = None
    too_many: int = 0


def compare(actor: Actor, kind: Kind, chosen: ReportFilter, named: NamedPlaces, as_of: date) -> Found:
    """The comparison over the actor's own stays. An oversight reader has no filters, whatever is asked for;
    nobody is compared by the bag, or the day of discharge, that the comparison itself is about."""
    stay_rows.reads(actor)
    whole = actor.role is Role.OVERSIGHT
    chosen = comparison.usual(as_of) if whole else replace(chosen, bag="", weekday="")
    if kind is Kind.JOINING:
        return _joining(actor, chosen, named, as_of)
    if whole:
        closed = _closed(chosen)
        if sum(lengths.total() for lengths in closed.values()) > ROWS_AT_MOST:
            return Found(_kept(closed, chosen, as_of))
    facts = stay_rows.chosen_of(stay_rows.stays(actor, chosen.start), chosen, named)
    if whole:
        facts = [stay._replace(drawn_with=stay.home_id) for stay in facts]
    return Found(
        comparison.by_bag(facts, chosen, as_of, _everything),
        data_quality.table(data_quality.count(facts, chosen.start, chosen.end, as_of)),
    )


def _everything(_stay: StayFacts) -> bool:
    return True


def _closed(chosen: ReportFilter) -> dict[str, Counter[int]]:
    """Closed stays of the chosen months by length, with and without the bag, of the whole country."""
    kept = figures.read(stay_counts.COMPARED, "bag", (chosen.first, chosen.last))
    return {bag: together(months, chosen.months) for bag, months in kept.items()}


def _kept(closed: dict[str, Counter[int]], chosen: ReportFilter, as_of: date) -> Comparison:
    months = (chosen.first, chosen.last)
    series = (stay_counts.ADMITTED, stay_counts.ADMITTED_DIED, stay_counts.ADMITTED_HOME)
    admitted = figures.read_all(series, "bag", months)
    unsettled = stay_facts.unsettled(as_of)
    counts = {
        bag: StayCounts.kept(
            {name: values.get(bag, {}) for name, values in admitted.items()},
            [stay for stay in unsettled if stay.bag == bag and not stay.contradictory],
            as_of,
        )
        for bag in comparison.GROUPS[Kind.BAG]
    }
    return comparison.by_counts(closed, counts, _sums(months), chosen, as_of)


def _sums(months: figures.Months) -> list[tuple[int, int, int, int]]:
    """Stays and days with and without the bag, of each group of homes that is drawn together."""
    found: Counter[tuple[str, str, str]] = Counter()
    series = (stay_counts.COMPARED_STAYS, stay_counts.COMPARED_DAYS)
    for name, groups in figures.read_all(series, BAG_GROUP, months).items():
        for value, by_month in groups.items():
            bag, _, group = value.partition(".")
            found[name, bag, group] += sum(numbers[0] for numbers in by_month.values())
    wanted = [(name, bag) for bag in comparison.ORDER[Kind.BAG] for name in series]
    groups_of_homes = sorted({group for _, _, group in found}, key=int)
    rows = [tuple(found[name, bag, group] for name, bag in wanted) for group in groups_of_homes]
    return [(n, days, other_n, other_days) for n, days, other_n, other_days in rows]


def _joining(actor: Actor, chosen: ReportFilter, named: NamedPlaces, as_of: date) -> Found:
    records, loaded = _earlier_records(actor)
    if loaded > ROWS_AT_MOST and actor.role is Role.OVERSIGHT:
        return Found(comparison.by_joining([], as_of, _everything), too_many=loaded)
    facts = _around_joining(actor, records)
    kept = {id(stay) for stay in stay_rows.chosen_of(facts, chosen, named)}
    found = comparison.by_joining(facts, as_of, lambda stay: id(stay) in kept, records)
    if actor.role is not Role.HOME_MANAGER and found.homes:
        found = replace(found, homes=_homes(actor, found.homes, records))
    first = min((stay.admitted_on for stay in facts), default=as_of)
    used = [stay for stay in facts if id(stay) in kept]
    return Found(found, data_quality.table(data_quality.count(used, first, as_of, as_of)))


def _homes(actor: Actor, compared: Homes, records: Mapping[int, Records]) -> Homes:
    """The homes compared, with the joined ones that have no earlier stays and what that leaves out: closed
    stays since they joined."""
    joined = Organisation.joined_on.is_not(None) & (Organisation.kind == "care_home")
    others = Stay.home_id.not_in(list(records))
    if actor.role is Role.HOSPITAL_MANAGER:
        wanted = select(func.count(func.distinct(Stay.home_id)), func.count())
        wanted = wanted.join(Organisation, Organisation.id == Stay.home_id).where(joined, others)
        closed = stay_rows.scope(actor) & Stay.discharged_on.is_not(None) & stay_rows.since_joining()
        homes, stays = db.session.execute(wanted.where(closed)).one()
        return replace(compared, without_baseline=homes, left_out=stays)
    homes = db.session.scalar(select(func.count()).where(joined, Organisation.id.not_in(list(records)))) or 0
    everybody = figures.read(stay_counts.CLOSED, stay_counts.ALL).get("", {})
    own = select(func.count()).select_from(Stay).join(Organisation, Organisation.id == Stay.home_id)
    own = own.where(
        Stay.home_id.in_(list(records)), stay_rows.since_joining(), Stay.discharged_on.is_not(None)
    )
    stays = sum(lengths.total() for lengths in everybody.values()) - (db.session.scalar(own) or 0)
    return replace(compared, without_baseline=homes, left_out=max(0, stays))


def _earlier_records(actor: Actor) -> tuple[dict[int, Records], int]:
    """For which days the loaded earlier stays of each home are whole, and how many were loaded.

    Of a home manager only of the own home. A hospital's manager has those of every home: the stays
    themselves are narrowed down to the own hospital.
    """
    wanted = (
        select(
            HistoryHome.home_id,
            func.min(HistoryHome.first_day),
            func.max(StayHistory.told_until),
            func.sum(HistoryHome.stays),
        )
        .join(StayHistory, StayHistory.id == HistoryHome.history_id)
        .group_by(HistoryHome.home_id)
    )
    if actor.role is Role.HOME_MANAGER:
        wanted = wanted.where(HistoryHome.home_id == actor.organisation_id)
    rows = db.session.execute(wanted).all()
    return {home: (first, until) for home, first, until, _ in rows}, sum(n for *_, n in rows)


_COLUMNS = (
    Stay.resident_id,
    Stay.person_key,
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
)


def _around_joining(actor: Actor, homes: Iterable[int]) -> list[StayFacts]:
    """The actor's stays of these homes (a home manager's: of the own home in any case), two years and more
    around the days on which the homes joined."""
    wanted = select(*_COLUMNS).join(Organisation, Organisation.id == Stay.home_id)
    wanted = wanted.where(stay_rows.scope(actor))
    if actor.role is not Role.HOME_MANAGER:
        wanted = wanted.where(Stay.home_id.in_(list(homes)))
    span = _span(actor, homes)
    if span is not None:
        wanted = wanted.where(Stay.admitted_on.between(*span))
    people: dict[str, int] = {}
    return [_one(row, people, by_home=actor.role is Role.OVERSIGHT) for row in db.session.execute(wanted)]


def _span(actor: Actor, homes: Iterable[int]) -> tuple[date, date] | None:
    """From two years before the first of the homes joined to two years after the last did."""
    wanted = select(func.min(Organisation.joined_on), func.max(Organisation.joined_on))
    own = [actor.organisation_id] if actor.role is Role.HOME_MANAGER else list(homes)
    first, last = db.session.execute(wanted.where(Organisation.id.in_(own))).one()
    if first is None or last is None:
        return None
    return add_months(first, -comparison.WINDOW_MONTHS), add_months(last, comparison.WINDOW_MONTHS + 1)


def _one(row: Any, people: dict[str, int], *, by_home: bool) -> StayFacts:
    """One stay, drawn with the others of its home, or of its resident: in earlier records of whoever has one
    reference there."""
    resident, person, home, hospital, ward, reason, age, with_bag, *rest = row
    whose = -1 - people.setdefault(person, len(people)) if resident is None and person else resident
    facts = StayFacts(home, hospital, ward, reason, age, bag_of(with_bag), *rest)
    return facts._replace(drawn_with=home if by_home else whose)
