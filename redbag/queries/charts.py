"""What charts over time are drawn from: each measure's whole values by month, and where one starts anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import load_only

from redbag.database import db
from redbag.domain import data_quality
from redbag.domain.data_quality import DataQuality
from redbag.domain.measures import PATHWAY_MEASURES, Measure, value_of
from redbag.domain.pathway import LeftOut
from redbag.domain.permissions import Actor, Role
from redbag.domain.report_filter import ReportFilter
from redbag.domain.spc_chart import ByMonth, Rebase
from redbag.domain.stay_counts import StayCounts
from redbag.domain.stays_by_month import add_months, first_day, first_whole_month, is_hidden
from redbag.models import Organisation, Stay
from redbag.queries import kept_quality, measures, pathway
from redbag.queries.stay_rows import scope

MONTHS_BACK = (36, 60)
"""How far back a chart goes where no period was chosen: further where its points are longer than a month."""
INCOMPLETE = "first months: incomplete"
_OF_THE_PATHWAY = frozenset(measure.key for measure in PATHWAY_MEASURES)


@dataclass(frozen=True)
class Series:
    """One measure's values by month. `first` and `last`: first days of the months asked for; `hidden`: the
    months that are not shown and why; `rebases`: where rules and limits start anew; `stays`: how many
    began in a month, where the measure counts their nights; `left_out`: how many records are in no point, by
    why; `quality`: how sure the records of a stay measure are."""

    measure: Measure
    by_month: ByMonth
    first: date
    last: date
    hidden: Mapping[date, str] = field(default_factory=dict)
    rebases: tuple[Rebase, ...] = ()
    stays: Mapping[date, int] | None = None
    left_out: tuple[tuple[str, int], ...] = ()
    quality: DataQuality | None = None


def series(actor: Actor, wanted: Iterable[Measure], chosen: ReportFilter, as_of: date) -> list[Series]:
    """These measures for the places and factors of a filter, in the order asked for; over its months, or the
    latest ones where it names none. Raises NotPermitted for whoever reads no figures."""
    wanted = list(wanted)
    if chosen.period_kept:
        return _series(actor, wanted, chosen, as_of)
    for back in MONTHS_BACK:
        found = _series(actor, wanted, replace(chosen, first=add_months(chosen.last, 1 - back)), as_of)
        if actor.role is Role.OVERSIGHT or all(_fills_months(one, back) for one in found):
            break
    return found


def _fills_months(one: Series, months: int) -> bool:
    """Whether there is enough for points of single months, so that older ones are not needed."""
    counts = one.stays or {
        month: value_of(one.measure, counted)[0] for month, counted in one.by_month.items()
    }
    return sum(counts.values()) >= one.measure.fewest * months


def _series(actor: Actor, wanted: list[Measure], chosen: ReportFilter, as_of: date) -> list[Series]:
    found: list[Series] = []
    path = pathway.counts(actor, chosen, chosen.first, chosen.last) if _any(wanted, of_pathway=True) else None
    stays = _stays(actor, chosen, as_of) if _any(wanted, of_pathway=False) else None
    for measure in wanted:
        if path is not None and measure.key in _OF_THE_PATHWAY:
            by_month = path.values[measure.key]
            found.append(
                Series(
                    measure,
                    by_month,
                    chosen.first,
                    chosen.last,
                    rebases=_rebases(_one_home(actor, chosen)),
                    left_out=_said_out(by_month),
                )
            )
        elif stays is not None:
            found.append(stays.series(measure, chosen))
    return found


@dataclass(frozen=True)
class _Stays:
    """The stays of a chart, read once for all its measures."""

    counts: StayCounts
    quality: DataQuality
    rebases: tuple[Rebase, ...]
    began: date | None
    first_record: date | None

    def series(self, measure: Measure, chosen: ReportFilter) -> Series:
        return Series(
            measure,
            _of_stays(measure, self.counts, self.rebases),
            chosen.first,
            chosen.last,
            _too_short(measure, chosen.months, self.began, self.first_record),
            self.rebases,
            self.counts.admissions() if measure.key == "bed_days" else None,
            self._left_out(),
            self.quality,
        )

    def _left_out(self) -> tuple[tuple[str, int], ...]:
        before = (
            0 if self.rebases else sum(lengths.total() for lengths in self.counts.before_joining.values())
        )
        said = (
            ("Discharged before admitted: the record contradicts itself", self.counts.contradictory),
            ("Began before the home had the red bag", before),
        )
        return tuple((why, number) for why, number in said if number)


def _stays(actor: Actor, chosen: ReportFilter, as_of: date) -> _Stays:
    home, began = _one_home(actor, chosen), measures.records_began(actor, chosen)
    rebases = _rebases(home)
    first_record = _first_record(home) if home and rebases else None
    if actor.role is Role.OVERSIGHT:
        counts = measures.stay_counts(actor, chosen, as_of)
        open_long = counts.open_at_least(data_quality.LONG_OPEN_DAYS + 1)
        return _Stays(
            counts, kept_quality.of_closed(chosen, counts.n_open, open_long), rebases, began, first_record
        )
    facts = measures.own_stays(actor, chosen)
    quality = data_quality.count(facts, chosen.start, chosen.end, as_of)
    return _Stays(StayCounts.of(facts, as_of), quality, rebases, began, first_record)


def _said_out(by_month: ByMonth) -> tuple[tuple[str, int], ...]:
    """How many journeys are in no point, by why: the values below 0."""
    out: Counter[int] = Counter()
    for counted in by_month.values():
        out.update({value: number for value, number in counted.items() if value < 0})
    return tuple(
        (LeftOut(value).words, number) for value, number in sorted(out.items(), reverse=True) if number
    )


def homes_joined(actor: Actor, first: date, last: date) -> int:
    """How many of the homes of a hospital, or of the whole country, joined from the first of these months to
    the last: months before and after hold different homes."""
    if actor.role is Role.HOME_MANAGER:
        return 0
    homes = select(func.count()).where(
        Organisation.kind == "care_home",
        Organisation.joined_on >= first,
        Organisation.joined_on < add_months(last, 1),
    )
    if actor.role is Role.HOSPITAL_MANAGER:
        homes = homes.where(Organisation.id.in_(select(Stay.home_id).where(scope(actor))))
    return int(db.session.scalar(homes) or 0)


def _any(wanted: Iterable[Measure], *, of_pathway: bool) -> bool:
    return any((measure.key in _OF_THE_PATHWAY) == of_pathway for measure in wanted)


def _of_stays(measure: Measure, stays: StayCounts, rebases: tuple[Rebase, ...]) -> ByMonth:
    """The whole values of a stay measure; lengths of the time before one home joined stand before its day."""
    if measure.key == "admissions":
        return {month: {0: number} for month, number in stays.admissions().items()}
    if measure.key == "bed_days":
        return {month: {0: nights} for month, nights in stays.bed_days.items()}
    by_month = {month: Counter(lengths) for month, lengths in stays.closed.items()}
    for rebase in rebases:
        for month, lengths in stays.before_joining.items():
            if month < first_day(rebase.day):
                by_month.setdefault(month, Counter()).update(lengths)
    return by_month


def _too_short(
    measure: Measure,
    months: Iterable[date],
    began: date | None,
    first_record: date | None,
) -> dict[date, str]:
    """The first three months of records: nobody who was already in hospital is in them.

    Of one home they are the first after it joined, and the first of what was loaded from before
    (`first_record`).
    """
    if began is None:
        return {}
    if measure.key == "admissions":
        return {first_day(began): "began within"} if began.day > 1 else {}
    if first_record is None or first_record >= began:
        return {month: INCOMPLETE for month in months if is_hidden(month, began)}
    joined, settled = first_day(began), first_whole_month(began)
    from_before = first_whole_month(first_record)
    return {month: INCOMPLETE for month in months if month < from_before or joined <= month < settled}


def _one_home(actor: Actor, chosen: ReportFilter) -> Organisation | None:
    """The home of a chart of one home only."""
    told = load_only(Organisation.name, Organisation.joined_on)
    home = select(Organisation).options(told).where(Organisation.kind == "care_home")
    if actor.role is Role.HOME_MANAGER:
        return db.session.scalar(home.where(Organisation.id == actor.organisation_id))
    return db.session.scalar(home.where(Organisation.ref == chosen.home_ref)) if chosen.home_ref else None


def _rebases(home: Organisation | None) -> tuple[Rebase, ...]:
    """The day on which the one home of a chart joined; charts of several homes have no such day."""
    if home is None or home.joined_on is None:
        return ()
    return (Rebase(home.joined_on, f"{home.name} began with the red bag"),)


def _first_record(home: Organisation) -> date | None:
    """When records of the home begin, those from before it joined included."""
    return db.session.scalar(select(func.min(Stay.admitted_on)).where(Stay.home_id == home.id))
