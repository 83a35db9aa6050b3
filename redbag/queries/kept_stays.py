"""The length-of-stay report of more stays than are read one by one: of a whole country, from kept counts.

Fixed tables, one factor at a time (domain/stay_counts.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from sqlalchemy import and_, func, or_, select, true

from redbag.database import db
from redbag.domain import data_quality, stay_counts
from redbag.domain.data_quality import DataQuality
from redbag.domain.figures_in_columns import ByValue
from redbag.domain.london_time import end_of_day, start_of_day
from redbag.domain.report_filter import NOT_RECORDED, ReportFilter
from redbag.domain.stay_counts import ALL, StayCounts, together
from redbag.domain.stay_groups import Groups, add_open
from redbag.domain.stay_periods import Period, first_compared, periods
from redbag.domain.stay_report import Beside, Finder
from redbag.domain.stays_by_month import add_months, first_day, is_hidden
from redbag.models import Organisation, Stay, Transfer
from redbag.queries import figures, kept_beside, kept_cells, kept_same_homes, stay_facts
from redbag.queries.kept_same_homes import Counts, SameHomes

ROWS_AT_MOST = 5_000
"""So many stays of two years are read one by one in about as long as kept counts take."""
_FACTORS = ("reason", "age", "bag", "weekday", "source")
_COUNTED = (
    stay_counts.CLOSED,
    stay_counts.DIED,
    stay_counts.ADMITTED,
    stay_counts.DELAY,
    stay_counts.BED_DAYS,
    stay_counts.BEFORE_JOINING,
)


def how_many(chosen: ReportFilter) -> int:
    """How many stays of all homes closed in the months of a filter and in the same ones a year before."""
    months = (chosen.before.first, chosen.last)
    return kept_cells.total(
        lambda table: and_(kept_cells.of(table, [stay_counts.CLOSED], ALL), table.month.between(*months))
    )


@dataclass(frozen=True)
class OpenStays:
    """So many stays without a discharge that began on one day and are alike. `counts`: since their home
    joined; `compared`: their home's records are whole in both years."""

    admitted: date
    counts: bool
    compared: bool
    source: str
    no_age: bool
    no_bag: bool
    no_reason: bool
    n: int


class KeptStays:
    """What is kept of all stays, read for one report."""

    def __init__(self, chosen: ReportFilter, as_of: date, homes: dict[date | None, int]) -> None:
        self.chosen, self.as_of, self._homes = chosen, as_of, homes
        self.began = min((day for day in homes if day), default=None)
        self.first = first_compared(chosen, self.began)
        self._months = (chosen.before.first, first_day(as_of))

    @cached_property
    def everything(self) -> StayCounts:
        """All stays of both periods; what ended or began before them is not counted."""
        return self._counts(self._series, compared=False)

    @cached_property
    def of_same_homes(self) -> StayCounts:
        """Those of the homes whose records are whole in both periods: closed stays, deaths and bed days."""
        last = self._months[1]
        found = {name: dict(months) for name, months in self._same.series.items()}
        if last > self.chosen.last:
            series = (stay_counts.CLOSED, stay_counts.DIED)
            running = kept_same_homes.by_month(series, self.first, last, since=last)
            for name, months in running.items():
                found[name] = found.get(name, {}) | dict(months)
        return self._counts(
            {**found, stay_counts.BED_DAYS: self._nights[stay_counts.BED_DAYS]}, compared=True
        )

    @cached_property
    def _nights(self) -> Counts:
        """Bed days, and the admissions of closed stays, of the same homes."""
        series = (stay_counts.BED_DAYS, stay_counts.ADMISSIONS)
        return kept_same_homes.by_month(series, self.first, self._months[1])

    def _admissions(self, period: Period) -> int:
        """How many stays of the same homes began in these months, open ones included."""
        closed = self._nights[stay_counts.ADMISSIONS].items()
        still = (one for one in self._open if one.compared and one.counts and period.holds(one.admitted))
        return sum(n[0] for month, n in closed if period.holds(month)) + sum(one.n for one in still)

    def difference(self) -> Finder:
        """What finds the difference of the means of the same homes, drawing groups of homes."""
        return lambda beside: self._same.difference if beside.months else None

    @cached_property
    def _series(self) -> Counts:
        found = figures.read_all(_COUNTED, ALL, self._months)
        wrong = figures.read(stay_counts.CONTRADICTORY, ALL)
        series = {name: of.get("", {}) for name, of in found.items()}
        return {**series, stay_counts.CONTRADICTORY: wrong.get("", {})}

    @cached_property
    def _same(self) -> SameHomes:
        closed = tuple(
            (name, month, days, n)
            for name in (stay_counts.CLOSED, stay_counts.DIED)
            for month, lengths in sorted(self._series.get(name, {}).items())
            if month <= self.chosen.last
            for days, n in sorted(lengths.items())
        )
        homes = tuple(sorted(self._homes.items(), key=lambda pair: (pair[0] or date.min, pair[1])))
        compared = [month for month in self.chosen.months if add_months(month, -12) >= self.first]
        return kept_same_homes.read(closed, homes, self.first, compared)

    def _counts(self, series: Counts, *, compared: bool) -> StayCounts:
        ended_since = [
            one
            for one in self._ended_since
            if not compared or stay_counts.tenure(one.joined_on, self.first) >= 0
        ]
        found = StayCounts.kept(series, ended_since, self.as_of)
        for one in self._open:
            if one.compared or not compared:
                add_open(found, one.admitted, one.n, counts=one.counts)
        return found

    @cached_property
    def _ended_since(self) -> list[stay_counts.StayFacts]:
        """Stays that were discharged after the day of the report."""
        return stay_facts.where(db.session.connection(), Stay.discharged_on > self.as_of)

    @cached_property
    def _open(self) -> list[OpenStays]:
        """Stays without a discharge, those that are alike counted together."""
        joined = Organisation.joined_on
        columns = (
            Stay.admitted_on,
            or_(joined.is_(None), Stay.admitted_on >= joined),
            # The same as tenure(): three whole months before the first month compared.
            or_(joined.is_(None), joined <= add_months(self.first, -3)) if self.began else true(),
            Stay.admission_source,
            Stay.age.is_(None),
            Stay.with_bag.is_(None),
            Stay.reason == "",
        )
        wanted = (
            select(*columns, func.count())
            .join(Organisation, Organisation.id == Stay.home_id)
            .where(Stay.discharged_on.is_(None))
            .group_by(*columns)
        )
        return [
            OpenStays(admitted, bool(counts), bool(compared), source, bool(age), bool(bag), bool(reason), n)
            for admitted, counts, compared, source, age, bag, reason, n in db.session.execute(wanted)
        ]

    def beside(self) -> Beside:
        """What the report says beside the stays themselves."""
        now, then = periods(self.chosen)
        groups = self._groups()
        known = kept_beside.there()
        return Beside(
            attendances=(_attendances(now.start, now.end), _attendances(then.start, then.end)),
            quality=self._quality(groups),
            groups={factor: values for factor, values in groups.items() if factor != "source"},
            ended_before=self._ended_before(),
            whole=True,
            being_counted=not known,
            readmissions=kept_beside.readmissions(now, self.as_of) if known else None,
            resident_days=kept_beside.resident_days(self.first, now, then) if known else None,
            admissions=(self._admissions(now), self._admissions(then)) if known else None,
        )

    def _groups(self) -> Groups:
        shown = [month for month in self.chosen.months if not is_hidden(month, self.began)]
        found: dict[str, dict[str, Counter[int]]] = {factor: defaultdict(Counter) for factor in _FACTORS}
        for facet, value, days, n in kept_cells.sums(
            lambda table: [table.facet, table.facet_value, table.value],
            lambda table: and_(
                table.series == stay_counts.CLOSED, table.facet.in_(_FACTORS), table.month.in_(shown)
            ),
        ):
            found[facet][value][days] += int(n)
        return {factor: ByValue.of(values) for factor, values in found.items()}

    def _ended_before(self) -> int:
        """How many ended before both periods, whether their home had joined or not."""
        series, first = (stay_counts.CLOSED, stay_counts.BEFORE_JOINING), self.chosen.before.first
        return kept_cells.total(lambda table: and_(kept_cells.of(table, series, ALL), table.month < first))

    def _quality(self, groups: Groups) -> DataQuality:
        """Of those that closed in the period by what is kept; of those still open by their rows."""
        still = [one for one in self._open if one.counts and one.admitted <= self.as_of]
        ended = [one for one in self._ended_since if one.counts and not one.contradictory]
        since = data_quality.count(ended, self.chosen.start, self.chosen.end, self.as_of)
        sources = Counter(since.sources)
        for key, n in [
            *((one.source, one.n) for one in still),
            *groups["source"].totals().items(),
        ]:
            sources[key if key in data_quality.SOURCE_WORDS else ""] += n
        contradictory = self.everything.contradictory
        closed = together(self.everything.closed, self.chosen.months).total()
        n_open = sum(one.n for one in still)
        return replace(
            since,
            n=since.n + closed + n_open + contradictory,
            sources=dict(+sources),
            without_discharge=since.without_discharge + n_open,
            open_long=sum(
                one.n for one in still if (self.as_of - one.admitted).days > data_quality.LONG_OPEN_DAYS
            ),
            contradictory=contradictory,
            without_age=since.without_age
            + _number(groups, "age", NOT_RECORDED)
            + sum(one.n for one in still if one.no_age),
            without_bag=since.without_bag
            + _number(groups, "bag", "unknown")
            + sum(one.n for one in still if one.no_bag),
            without_reason=since.without_reason
            + _number(groups, "reason", NOT_RECORDED)
            + sum(one.n for one in still if one.no_reason),
        )


def _number(groups: Groups, factor: str, value: str) -> int:
    return groups[factor].totals()[value]


def _attendances(start: date, end: date) -> int:
    """Visits without admission from `start` to `end`."""
    counted = (
        select(func.count())
        .select_from(Transfer)
        .where(
            Transfer.arrived_at >= start_of_day(start),
            Transfer.arrived_at < end_of_day(end),
            Transfer.admitted_at.is_(None),
            Transfer.ended_at.is_not(None),
        )
    )
    return int(db.session.scalar(counted) or 0)


def homes_by_first_day() -> dict[date | None, int]:
    """How many homes began on each day."""
    counted = (
        select(Organisation.joined_on, func.count())
        .where(Organisation.kind == "care_home")
        .group_by(Organisation.joined_on)
    )
    return {row[0]: row[1] for row in db.session.execute(counted)}
