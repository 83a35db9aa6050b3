"""The length-of-stay report of more stays than are read one by one: of a whole country, from kept counts.

Fixed tables, one factor at a time (domain/stay_counts.py). Homes that joined too late to be compared are
taken out by how long they had been there in each month. Readmissions and resident-days are not counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select

from redbag.database import db
from redbag.domain import data_quality, stay_counts
from redbag.domain.data_quality import DataQuality
from redbag.domain.london_time import end_of_day, start_of_day
from redbag.domain.report_filter import NOT_RECORDED, ReportFilter
from redbag.domain.stay_counts import ALL, LONGEST_TENURE, StayCounts, together
from redbag.domain.stay_difference import Interval, mean_difference
from redbag.domain.stay_groups import Groups
from redbag.domain.stay_periods import first_compared, periods
from redbag.domain.stay_report import Beside, Finder
from redbag.domain.stays_by_month import YearBesideYear, add_months, first_day, is_hidden
from redbag.models import FigureCount, FigureDelta, Organisation, Transfer
from redbag.queries import figures, stay_facts

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
_Table = type[FigureCount] | type[FigureDelta]


def how_many(chosen: ReportFilter) -> int:
    """How many stays of all homes closed in the months of a filter and in the same ones a year before."""
    months = (chosen.before.first, chosen.last)
    return _sum_of(
        lambda table: and_(
            table.series == stay_counts.CLOSED, table.facet == ALL, table.month.between(*months)
        )
    )


def _sum_of(condition: Callable[[_Table], ColumnElement[bool]]) -> int:
    """How many records are in the cells of which this holds, folded in or not."""
    found = [select(func.sum(table.n)).where(condition(table)) for table in (FigureCount, FigureDelta)]
    return sum(int(db.session.scalar(one) or 0) for one in found)


class KeptStays:
    """What is kept of all stays, read once for one report."""

    def __init__(self, chosen: ReportFilter, as_of: date, began: date | None) -> None:
        self.chosen, self.as_of, self.began = chosen, as_of, began
        self.first = first_compared(chosen, began)
        self._unsettled = stay_facts.unsettled(as_of)
        self._months = (chosen.before.first, first_day(as_of))

    def everything(self) -> StayCounts:
        """All stays of both periods; what ended or began before them is not counted."""
        series = {name: of.get("", {}) for name, of in figures.read_all(_COUNTED, ALL, self._months).items()}
        wrong = figures.read(stay_counts.CONTRADICTORY, ALL)
        series[stay_counts.CONTRADICTORY] = wrong.get("", {})
        return StayCounts.kept(series, self._unsettled, self.as_of)

    def of_same_homes(self) -> StayCounts:
        """Those of the homes whose records are whole in both periods: closed stays, deaths and bed days."""
        found: defaultdict[str, defaultdict[date, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
        wanted = (stay_counts.CLOSED, stay_counts.DIED, stay_counts.BED_DAYS)
        for table in (FigureCount, FigureDelta):
            total = func.sum(table.n)
            cells = (
                select(table.series, table.month, table.value, total)
                .where(table.series.in_(wanted), table.facet == "tenure", self._long_there(table))
                .group_by(table.series, table.month, table.value)
            )
            for series, month, value, n in db.session.execute(cells):
                found[series][month][value] += int(n)
        same = [one for one in self._unsettled if self._is_compared(one.joined_on)]
        return StayCounts.kept(found, same, self.as_of)

    def _long_there(self, table: _Table) -> ColumnElement[bool]:
        """The cells of homes that were there from the first compared month on."""
        month, parts = self.first, []
        while month <= self._months[1]:
            there = _months_between(self.first, month)
            values = [str(number) for number in range(min(there, LONGEST_TENURE), LONGEST_TENURE + 1)]
            parts.append(and_(table.month == month, table.facet_value.in_(values)))
            month = add_months(month, 1)
        return or_(*parts)

    def _is_compared(self, joined: date | None) -> bool:
        return stay_counts.tenure(joined, self.first) >= 0

    def difference(self) -> Finder:
        """What finds the difference of the means, drawing groups of homes."""

        def found(beside: YearBesideYear) -> Interval | None:
            return mean_difference(self._sums(beside.months)) if beside.months else None

        return found

    def _sums(self, months: Sequence[date]) -> list[tuple[int, int, int, int]]:
        """Stays and days of each group of homes, in these months and in the same ones a year before."""
        sums: defaultdict[str, Counter[tuple[str, bool]]] = defaultdict(Counter)
        series = (stay_counts.GROUP_STAYS, stay_counts.GROUP_DAYS)
        for name, value, this_year, n in self._of_groups(stay_counts.GROUP, series, months):
            sums[value][name, this_year] += n
        for name, value, this_year, n in self._of_groups(stay_counts.LATE_GROUP, series, months):
            sums[value.partition(".")[2]][name, this_year] -= n
        wanted = [(name, this_year) for this_year in (True, False) for name in series]
        rows = [[sums[group][key] for key in wanted] for group in sorted(sums, key=int)]
        return [(n, days, other_n, other_days) for n, days, other_n, other_days in rows]

    def _of_groups(
        self, facet: str, series: Collection[str], months: Sequence[date]
    ) -> list[tuple[str, str, bool, int]]:
        found = []
        for this_year, wanted in ((True, months), (False, [add_months(month, -12) for month in months])):
            for table in (FigureCount, FigureDelta):
                cells = (
                    select(table.series, table.facet_value, func.sum(table.n))
                    .where(table.series.in_(series), table.facet == facet)
                    .where(
                        table.month.in_(wanted) if facet == stay_counts.GROUP else self._late(table, wanted)
                    )
                    .group_by(table.series, table.facet_value)
                )
                found += [(name, value, this_year, int(n)) for name, value, n in db.session.execute(cells)]
        return found

    def _late(self, table: _Table, months: Sequence[date]) -> ColumnElement[bool]:
        """The cells of groups of homes that were not there from the first compared month on."""
        parts = []
        for month in months:
            there = min(_months_between(self.first, month), LONGEST_TENURE)
            values = [
                f"{since}.{group}" for since in range(-1, there) for group in range(stay_counts.HOME_GROUPS)
            ]
            parts.append(and_(table.month == month, table.facet_value.in_(values)))
        return or_(*parts)

    def beside(self, everything: StayCounts) -> Beside:
        """What the report says beside the stays themselves."""
        now, then = periods(self.chosen)
        groups = self._groups()
        return Beside(
            attendances=(_attendances(now.start, now.end), _attendances(then.start, then.end)),
            quality=self._quality(groups, everything),
            groups={factor: values for factor, values in groups.items() if factor != "source"},
            ended_before=self._ended_before(),
            whole=True,
        )

    def _groups(self) -> Groups:
        shown = [month for month in self.chosen.months if not is_hidden(month, self.began)]
        found: dict[str, dict[str, Counter[int]]] = {factor: defaultdict(Counter) for factor in _FACTORS}
        for table in (FigureCount, FigureDelta):
            cells = (
                select(table.facet, table.facet_value, table.value, func.sum(table.n))
                .where(table.series == stay_counts.CLOSED, table.facet.in_(_FACTORS), table.month.in_(shown))
                .group_by(table.facet, table.facet_value, table.value)
            )
            for facet, value, days, n in db.session.execute(cells):
                found[facet][value][days] += int(n)
        return found

    def _ended_before(self) -> int:
        """How many ended before both periods, whether their home had joined or not."""
        return _sum_of(
            lambda table: and_(
                table.series.in_((stay_counts.CLOSED, stay_counts.BEFORE_JOINING)),
                table.facet == ALL,
                table.month < self.chosen.before.first,
            )
        )

    def _quality(self, groups: Groups, everything: StayCounts) -> DataQuality:
        """Of those that closed in the period by what is kept; of those still open by their rows."""
        still = [one for one in self._unsettled if one.counts and not one.contradictory]
        of_open = data_quality.count(still, self.chosen.start, self.chosen.end, self.as_of)
        sources = Counter(of_open.sources)
        for key, lengths in groups["source"].items():
            sources[key if key in data_quality.SOURCE_WORDS else ""] += lengths.total()
        n = together(everything.closed, self.chosen.months).total()
        return replace(
            of_open,
            n=of_open.n + n + everything.contradictory,
            sources=dict(sources),
            contradictory=everything.contradictory,
            without_age=of_open.without_age + _number(groups, "age", NOT_RECORDED),
            without_bag=of_open.without_bag + _number(groups, "bag", "unknown"),
            without_reason=of_open.without_reason + _number(groups, "reason", NOT_RECORDED),
        )


def _number(groups: Groups, factor: str, value: str) -> int:
    return groups[factor].get(value, Counter()).total()


def _months_between(first: date, month: date) -> int:
    return (month.year - first.year) * 12 + month.month - first.month


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


def homes_by_first_day() -> list[tuple[date | None, int]]:
    """How many homes began on each day."""
    counted = (
        select(Organisation.joined_on, func.count())
        .where(Organisation.kind == "care_home")
        .group_by(Organisation.joined_on)
    )
    return [(day, n) for day, n in db.session.execute(counted)]
