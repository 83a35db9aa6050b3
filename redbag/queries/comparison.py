"""Two groups of stays beside each other, of the places that an actor may read figures of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select, true

from redbag.database import db
from redbag.domain import comparison, data_quality, held_counts, survival
from redbag.domain.comparison import Comparison, Homes, Kind, Records
from redbag.domain.permissions import Actor, Role
from redbag.domain.report_filter import ReportFilter
from redbag.domain.report_tables import Table
from redbag.domain.stay_counts import (
    ADMITTED,
    ADMITTED_DIED,
    ADMITTED_HOME,
    ALL,
    BAG_GROUP,
    CLOSED,
    COMPARED,
    COMPARED_DAYS,
    COMPARED_STAYS,
    StayFacts,
    bag_of,
)
from redbag.domain.survival import Lives
from redbag.models import HistoryHome, Organisation, Stay, StayHistory
from redbag.queries import kept_cells, kept_quality, stay_facts, stay_rows
from redbag.queries.at_once import at_once
from redbag.queries.figures import Months
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
            return _kept(closed, chosen, as_of)
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
    return _totals([COMPARED], "bag", (chosen.first, chosen.last))[COMPARED]


def _totals(
    series: Sequence[str], facet: str, months: Months | None = None
) -> dict[str, dict[str, Counter[int]]]:
    """Kept series by one facet over all of the months together: by series, by value of the facet and whole
    number."""
    found: dict[str, dict[str, Counter[int]]] = {name: {} for name in series}
    for name, value, number, n in kept_cells.sums(
        lambda table: [table.series, table.facet_value, table.value],
        lambda table: and_(
            kept_cells.of(table, series, facet), table.month.between(*months) if months else true()
        ),
    ):
        found[name].setdefault(value, Counter())[number] += int(n)
    return found


def _kept(closed: dict[str, Counter[int]], chosen: ReportFilter, as_of: date) -> Found:
    months = (chosen.first, chosen.last)
    lives = _lives(_totals((ADMITTED, ADMITTED_HOME, ADMITTED_DIED), "bag", months))
    n_open: Counter[str] = Counter()
    open_long = 0
    for bag, admitted, discharged, ended_as, n in _unsettled(as_of):
        n_open[bag] += n
        open_long += n * ((as_of - admitted).days > data_quality.LONG_OPEN_DAYS)
        if not chosen.start <= admitted <= chosen.end:
            continue
        group = lives.setdefault(bag, Lives())
        group.open[(as_of - admitted).days] += n
        if discharged is not None:
            # Discharged after this report's day: the kept counts have it as over already.
            ways = {survival.HOME: group.home, survival.DIED: group.died}
            ways.get(ended_as, group.elsewhere)[(discharged - admitted).days] -= n
    quality = kept_quality.of_closed(chosen, n_open.total(), open_long)
    return Found(
        comparison.by_counts(
            closed, lives, n_open, _sums(months), as_of, lengths=_lengths(months), held=_held(months)
        ),
        data_quality.table(quality),
    )


def _lives(kept: Mapping[str, Mapping[str, Counter[int]]]) -> dict[str, Lives]:
    """The closed stays of the kept counts by how they ended, by bag."""
    found = {}
    for bag, every in kept[ADMITTED].items():
        home, died = (kept[name].get(bag, Counter()) for name in (ADMITTED_HOME, ADMITTED_DIED))
        elsewhere = every.copy()
        elsewhere.subtract(home)
        elsewhere.subtract(died)
        found[bag] = Lives(home, died, elsewhere)
    return found


def _unsettled(as_of: date) -> Iterable[tuple[str, date, date | None, str, int]]:
    """The stays since joining that are open, or were discharged after `as_of`, counted together: bag,
    admitted, discharged, how it ended and how many."""
    for later in (Stay.discharged_on.is_(None), Stay.discharged_on > as_of):
        columns = (Stay.with_bag, Stay.admitted_on, Stay.discharged_on, Stay.ended_as)
        sound = or_(Stay.discharged_on.is_(None), Stay.discharged_on >= Stay.admitted_on)
        wanted = (
            select(*columns, func.count())
            .join(Organisation, Organisation.id == Stay.home_id)
            .where(later, sound, stay_rows.since_joining(), Stay.admitted_on <= as_of)
            .group_by(*columns)
        )
        for with_bag, admitted, discharged, ended_as, n in at_once(wanted):
            yield bag_of(with_bag), admitted, discharged, ended_as, n


def _sums(months: Months) -> list[tuple[int, int, int, int]]:
    """Stays and days with and without the bag, of each group of homes that is drawn together."""
    kept = _totals((COMPARED_STAYS, COMPARED_DAYS), BAG_GROUP, months)
    one, other = comparison.ORDER[Kind.BAG]
    of_homes = sorted({value.partition(".")[2] for values in kept.values() for value in values}, key=int)

    def total(series: str, bag: str, group: str) -> int:
        return kept[series].get(f"{bag}.{group}", Counter())[0]

    return [
        (
            total(COMPARED_STAYS, one, group),
            total(COMPARED_DAYS, one, group),
            total(COMPARED_STAYS, other, group),
            total(COMPARED_DAYS, other, group),
        )
        for group in of_homes
    ]


def _lengths(months: Months) -> list[tuple[Counter[int], Counter[int]]]:
    """How many stays have each length, with and without the bag, of each group of homes drawn together."""
    kept = kept_cells.sums(
        lambda table: [table.facet_value, table.value],
        lambda table: and_(
            kept_cells.of(table, [held_counts.LENGTHS], held_counts.DRAWN), table.month.between(*months)
        ),
    )
    return held_counts.lengths((cell, days, int(n)) for cell, days, n in kept)


def _held(months: Months) -> dict[str, dict[str, held_counts.Sums]]:
    """Stays and days with and without the bag within each value of each factor that is kept."""
    kept = kept_cells.sums(
        lambda table: [table.series, table.facet_value],
        lambda table: and_(
            kept_cells.of(table, held_counts.SERIES, held_counts.FACET), table.month.between(*months)
        ),
    )
    return held_counts.sums((series, value, int(n)) for series, value, n in kept)


def _joining(actor: Actor, chosen: ReportFilter, named: NamedPlaces, as_of: date) -> Found:
    records, loaded = _earlier_records(actor)
    if loaded > ROWS_AT_MOST and actor.role is Role.OVERSIGHT:
        return Found(comparison.by_joining([], as_of, _everything), too_many=loaded)
    facts = _around_joining(actor, records)
    kept = {id(stay) for stay in stay_rows.chosen_of(facts, chosen, named)}
    found = comparison.by_joining(facts, as_of, lambda stay: id(stay) in kept, records)
    if actor.role is not Role.HOME_MANAGER and found.homes:
        found = replace(found, homes=_homes(actor, found.homes, records))
    used = [stay for stay in facts if id(stay) in kept and comparison.in_window(stay)]
    first = min((stay.admitted_on for stay in used), default=as_of)
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
    everybody = _totals([CLOSED], ALL)[CLOSED].get("", Counter())
    own = select(func.count()).select_from(Stay).join(Organisation, Organisation.id == Stay.home_id)
    own = own.where(
        Stay.home_id.in_(list(records)), stay_rows.since_joining(), Stay.discharged_on.is_not(None)
    )
    stays = everybody.total() - (db.session.scalar(own) or 0)
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


def _around_joining(actor: Actor, homes: Iterable[int]) -> list[StayFacts]:
    """The actor's stays of these homes (a home manager's: of the own home in any case), also those too far
    from the day on which the home joined: the page says how many those are."""
    wanted = select(Stay.person_key, *stay_facts.COLUMNS).join(Organisation, Organisation.id == Stay.home_id)
    wanted = wanted.where(stay_rows.scope(actor))
    if actor.role is not Role.HOME_MANAGER:
        wanted = wanted.where(Stay.home_id.in_(list(homes)))
    people: dict[str, int] = {}
    return [_one(row, people, by_home=actor.role is Role.OVERSIGHT) for row in db.session.execute(wanted)]


def _one(row: Any, people: dict[str, int], *, by_home: bool) -> StayFacts:
    """One stay, drawn with the others of its home, or of its resident: in earlier records of whoever has one
    reference there."""
    person, *columns = row
    facts = stay_facts.fact(columns)
    if by_home:
        return facts._replace(drawn_with=facts.home_id)
    if facts.drawn_with is None and person:
        return facts._replace(drawn_with=-1 - people.setdefault(person, len(people)))
    return facts
