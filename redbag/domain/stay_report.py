"""The length-of-stay report of one place: its figures, what was left out of each, and its sentence.

Rules: closed stays by month of discharge, complete months only; open stays apart, counted at the as-of
date; deaths shown apart from survivors; a visit without admission is no stay. Days are London days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from redbag.domain import stay_answer, stay_columns
from redbag.domain.data_quality import DataQuality
from redbag.domain.discharge_papers import Summaries
from redbag.domain.length_of_stay import LONG_STAY_DAYS, Summary
from redbag.domain.readmissions import Readmissions
from redbag.domain.report_filter import ReportFilter
from redbag.domain.resident_days import ResidentDays
from redbag.domain.stay_answer import FEW, Spans
from redbag.domain.stay_columns import StayColumns
from redbag.domain.stay_counts import StayCounts, together
from redbag.domain.stay_difference import Difference, Interval, difference_of_stays
from redbag.domain.stay_groups import Groups, Names
from redbag.domain.stay_periods import Homes, Period, is_compared, periods
from redbag.domain.stays_by_month import (
    Figures,
    LeftOut,
    Month,
    YearBesideYear,
    add_months,
    beside_year_before,
    first_day,
    is_hidden,
    monthly_from_counts,
)

Finder = Callable[[YearBesideYear], Difference | Interval | None]
"""Finds the difference of the months that can be compared: of medians and means, or of the means alone."""


@dataclass(frozen=True)
class MonthPair:
    """One month and the same month a year before."""

    month: Month
    before: Month


@dataclass(frozen=True)
class Beside:
    """What a report says beside the stays themselves.

    `attendances` (visits without admission) and `resident_days` are of this period and of the one before;
    `resident_days` and `readmissions` are None where nobody knows them, `summaries` (of discharges) where
    they cannot be narrowed down. `ended_before`: closed stays from before both periods, which are not among
    the counted ones. `whole`: delays and attendances are of all homes, also of those that are not compared;
    `admissions` then are those of the compared ones, in both periods. `being_counted`: what is None is not
    counted yet. `settled`: `groups` leave out the first months of each home's records.
    """

    attendances: tuple[int, int] = (0, 0)
    resident_days: tuple[ResidentDays, ResidentDays] | None = None
    readmissions: Readmissions | None = None
    summaries: Summaries | None = None
    quality: DataQuality = field(default_factory=DataQuality)
    groups: Groups = field(default_factory=dict)
    names: Names = field(default_factory=Names)
    ended_before: int = 0
    whole: bool = False
    admissions: tuple[int, int] | None = None
    being_counted: bool = False
    settled: bool = False


@dataclass(frozen=True)
class StayReport:
    """Everything that the page, its exports and the overview show of one place.

    `counts`: every stay; `same`: those of the homes whose records are whole in both periods.
    """

    place: str
    chosen: ReportFilter
    as_of: date
    records_began: date | None
    counts: StayCounts
    same: StayCounts
    beside: YearBesideYear
    pairs: tuple[MonthPair, ...]
    difference: Difference | Interval | None
    homes: Homes
    more: Beside

    @property
    def this_year(self) -> Period:
        return periods(self.chosen)[0]

    @property
    def year_before(self) -> Period:
        return periods(self.chosen)[1]

    @property
    def shown_months(self) -> tuple[date, ...]:
        """The months of the period that may be shown."""
        return tuple(month for month in self.chosen.months if not is_hidden(month, self.records_began))

    @property
    def months(self) -> tuple[date, ...]:
        """The months behind the figures: those compared, or all that may be shown while none can be."""
        return self.beside.months or self.shown_months

    @cached_property
    def figures(self) -> Figures:
        """The closed stays of the period."""
        return Figures.of(self.lengths)

    @cached_property
    def lengths(self) -> Mapping[int, int]:
        """How many of them lasted how many days."""
        return self.same.lengths(self.months)

    @property
    def survivors(self) -> Figures:
        left = Counter(self.lengths)
        left.subtract(together(self.same.died, self.months))
        return Figures.of(+left)

    @property
    def deaths(self) -> Figures:
        return Figures.of(together(self.same.died, self.months))

    @property
    def delays(self) -> Counter[int]:
        """Days from ready to discharge of those of them in whose record both stand."""
        return together((self.counts if self.more.whole else self.same).delays, self.months)

    @property
    def bed_days(self) -> int:
        return sum(self.same.bed_days[month] for month in self.chosen.months)

    @property
    def bed_days_before(self) -> int:
        return sum(self.same.bed_days[month] for month in self.chosen.before.months)

    @property
    def admissions(self) -> int:
        if self.more.admissions is not None:
            return self.more.admissions[0]
        admitted = (self.counts if self.more.whole else self.same).admissions()
        return sum(admitted[month] for month in self.chosen.months)

    @property
    def admissions_before(self) -> int | None:
        """None where only all homes are counted: more and more of them would look like more admissions."""
        if self.more.admissions is not None:
            return self.more.admissions[1]
        admitted = self.same.admissions()
        return None if self.more.whole else sum(admitted[month] for month in self.chosen.before.months)

    @property
    def n_open(self) -> int:
        return self.counts.n_open

    @property
    def open_for(self) -> tuple[tuple[int, int], ...]:
        """How many have been in hospital for at least 7, 14 and 21 days."""
        return tuple((days, self.counts.open_at_least(days)) for days in LONG_STAY_DAYS)

    @property
    def runs_on(self) -> bool:
        """Whether the period ends with the last complete month."""
        return self.chosen.last == ReportFilter.usual(self.as_of).last

    @property
    def life(self) -> Summary:
        """Those admitted in the period, closed or open; where it runs on, also those admitted since."""
        running = first_day(self.as_of)
        months = self.chosen.months
        return self.counts.life((*months, running) if self.runs_on and running not in months else months)

    @property
    def from_later_homes(self) -> int:
        """Closed stays that are not compared, because their homes joined meanwhile."""
        return self.counts.n_closed() - self.same.n_closed()

    @property
    def few(self) -> bool:
        """Whether there are so few stays that chance alone moves the figures."""
        if not is_compared(self.chosen):
            return self.figures.n < FEW
        return min(self.beside.this_year.n, self.beside.year_before.n) < FEW

    @property
    def is_clear(self) -> bool:
        """Whether the answer names a direction, with its interval."""
        if isinstance(self.difference, Difference):
            return self.difference.median.is_clear or self.difference.mean.is_clear
        return self.difference is not None and self.difference.is_clear

    @property
    def measure(self) -> str:
        """What the answer goes by, as a measure over time: the median, unless only the means tell."""
        found = self.difference
        by_mean = found.decided_by_mean if isinstance(found, Difference) else found is not None
        return "mean_stay" if by_mean else "median_stay"

    @property
    def sentence(self) -> str:
        """The answer to "are stays getting shorter", in words that claim no more than the figures."""
        return self.answer("{:,}".format)

    def answer(self, count: Callable[[int], str]) -> str:
        """The sentence with the number of stays on both sides, each as `count` lets this reader see it.

        A direction is called more than these figures only where the difference is (see stay_difference).
        """
        place = f"{self.place} ({self.chosen.words})" if self.chosen.has_factors else self.place
        spans = Spans.of(self.chosen)
        if not is_compared(self.chosen):
            return stay_answer.not_compared(place, self.figures, count, spans)
        if not self.beside.months and self.records_began:
            return stay_answer.alone(place, self.figures, self.records_began, count, spans)
        if isinstance(self.difference, Interval):
            return stay_answer.compared_by_mean(self.beside, self.difference, count, spans)
        return stay_answer.compared(place, self.beside, self.difference, count, spans)


def build(
    place: str,
    chosen: ReportFilter,
    counts: StayCounts,
    same: StayCounts,
    *,
    records_began: date | None,
    homes: Homes,
    found: Finder,
    more: Beside,
) -> StayReport:
    """The report of one place from its counted stays: `counts` of every home, `same` of the homes whose
    records are whole in both periods. `found` gives the difference of the months that can be compared."""
    compared = chosen.months if is_compared(chosen) else ()
    beside = beside_year_before(
        same.closed, compared, records_began=records_began, left_out=_left_out(counts)
    )
    few = min(beside.this_year.n, beside.year_before.n) < FEW
    return StayReport(
        place,
        chosen,
        counts.as_of,
        records_began,
        counts,
        same,
        beside,
        _pairs(counts, chosen, records_began),
        None if few else found(beside),
        homes,
        more,
    )


def difference_of(stays: StayColumns, as_of: date, *, by_home: bool = False) -> Finder:
    """What finds the difference of the months compared, from the stays of the homes that are in both periods.
    Whoever is drawn, a resident or with `by_home` a home, comes with all their stays."""
    return lambda beside: difference_of_stays(
        *stay_columns.lengths_of_two_years(stays, beside.months, as_of, by_home=by_home)
    )


def _left_out(counts: StayCounts) -> LeftOut:
    before = sum(sum(lengths.values()) for lengths in counts.before_joining.values())
    return LeftOut(counts.admitted_after, counts.contradictory, before, counts.n_open)


def _pairs(counts: StayCounts, chosen: ReportFilter, began: date | None) -> tuple[MonthPair, ...]:
    months = monthly_from_counts(
        counts.closed, chosen.before.first, chosen.last, counts.as_of, records_began=began
    ).months
    by_day = {month.first_day: month for month in months}
    return tuple(MonthPair(by_day[month], by_day[add_months(month, -12)]) for month in chosen.months)


def left_out(report: StayReport) -> tuple[tuple[str, int], ...]:
    """What is in none of the compared figures, and why."""
    out = report.beside.left_out
    outside, hidden = out.outside_period, out.in_hidden_months
    if not is_compared(report.chosen):
        within = report.counts.n_closed(report.chosen.months)
        outside = report.counts.n_closed() - within
        hidden = within - report.figures.n
    return tuple(
        (why, count)
        for why, count in (
            ("Still in hospital (shown apart)", report.n_open),
            ("From homes that joined too late to be compared", report.from_later_homes),
            ("Discharged outside these months", outside + report.more.ended_before),
            ("In the hidden first months, or the same months a year later", hidden),
            ("Began before the home joined", out.before_records),
            ("Admitted after the as-of date", out.admitted_after),
            ("Discharged before admitted: the record contradicts itself", out.contradictory),
        )
        if count
    )
