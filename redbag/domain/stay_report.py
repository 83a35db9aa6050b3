"""The length-of-stay report of one place: its figures, what was left out of each, and its sentence.

Rules: closed stays by month of discharge, complete months only; open stays apart, counted at the as-of
date; deaths shown apart from survivors; a visit without admission is no stay. Days are London days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from redbag.domain import stay_answer
from redbag.domain.length_of_stay import Stay, Summary, bed_days_in, summarise
from redbag.domain.london_time import format_day, format_month
from redbag.domain.stay_answer import FEW
from redbag.domain.stay_difference import Difference, clusters, difference
from redbag.domain.stays_by_month import (
    Figures,
    Month,
    YearBesideYear,
    add_months,
    first_day,
    first_whole_month,
    last_complete_month,
    monthly,
    same_months_year_before,
)


@dataclass(frozen=True)
class StayRow:
    """One stay, or `count` stays with the same days. `ended_as`: home, died, elsewhere, "" while open.
    `source`: how the admission time is known (scan, page, phone, correction). `whose`: the resident (for a
    borough the home) whose stays are drawn together; None where nobody is known. `compared`: False for a
    home that joined too late for both years to be whole."""

    admitted: date
    discharged: date | None
    ended_as: str = ""
    source: str = ""
    count: int = 1
    whose: int | None = None
    compared: bool = True

    def stays(self) -> list[Stay]:
        return [Stay(self.admitted, self.discharged)] * self.count

    @property
    def contradictory(self) -> bool:
        return self.discharged is not None and self.discharged < self.admitted


@dataclass(frozen=True)
class Period:
    """Twelve complete months: first and last day."""

    start: date
    end: date

    @property
    def words(self) -> str:
        return f"{format_month(self.start)} to {format_month(self.end)}"

    def holds(self, day: date | None) -> bool:
        return day is not None and self.start <= day <= self.end


@dataclass(frozen=True)
class MonthPair:
    """One month and the same month a year before."""

    month: Month
    before: Month


@dataclass(frozen=True)
class Quality:
    """How the admission times of the period's stays are known, and what contradicts itself."""

    known_by: tuple[tuple[str, int], ...]
    contradictory: int
    open_over_90: int


@dataclass(frozen=True)
class Homes:
    """How many homes are behind the figures: in each year, and whole in both. `joined`: the first days of
    those that began within the two years."""

    year_before: int
    this_year: int
    in_both: int
    joined: tuple[date, ...]

    @property
    def words(self) -> str:
        """What is compared, where homes joined during the two years; else nothing."""
        late = self.this_year - self.in_both
        if late <= 0 or self.this_year < 2:
            return ""
        return (
            f"{self.year_before} homes used the red bag in the year before, {self.this_year} in this one. "
            f"Compared are only the {self.in_both} whose records are whole in both years; stays from the "
            f"{late} that joined later are in the figures by month and among those in hospital."
        )


def homes_behind(joined: Iterable[date | None], as_of: date, began: date | None) -> Homes:
    """The homes behind a report, from their first days (None: from the beginning)."""
    this_year, year_before = years(as_of)
    first_days = [day for day in joined if day is None or day <= as_of]
    return Homes(
        year_before=sum(day is None or day <= year_before.end for day in first_days),
        this_year=sum(day is None or day <= this_year.end for day in first_days),
        in_both=sum(in_both_years(day, as_of, began) for day in first_days),
        joined=tuple(sorted(day for day in first_days if day and year_before.start <= day <= this_year.end)),
    )


def in_both_years(joined: date | None, as_of: date, began: date | None) -> bool:
    """Whether a home's records are whole from the first month on that is compared.

    Totals of more and more homes say nothing about the stays of any: a comparison keeps to the same homes.
    """
    start = years(as_of)[1].start
    first = max(start, first_whole_month(began)) if began else start
    return joined is None or first_whole_month(joined) <= first


def years(as_of: date) -> tuple[Period, Period]:
    """The last twelve complete months, and the twelve before."""
    last = last_complete_month(as_of)
    start = add_months(last, -11)
    return (
        Period(start, add_months(last, 1) - timedelta(days=1)),
        Period(add_months(last, -23), start - timedelta(days=1)),
    )


@dataclass(frozen=True)
class StayReport:
    """Everything that the page, the CSV and the command show of one place."""

    place: str
    as_of: date
    records_began: date | None
    this_year: Period
    year_before: Period
    beside: YearBesideYear
    pairs: tuple[MonthPair, ...]
    open_now: Summary
    survivors: Figures
    deaths: Figures
    bed_days: int
    bed_days_before: int
    attendances: int
    attendances_before: int
    quality: Quality
    alone: Figures
    difference: Difference | None
    homes: Homes
    from_later_homes: int

    @property
    def figures(self) -> Figures:
        """The figures of this year: of the months compared, or of all whole ones while none can be."""
        return self.beside.this_year if self.beside.months else self.alone

    @property
    def few(self) -> bool:
        """Whether there are so few stays that chance alone moves the figures."""
        return min(self.beside.this_year.n, self.beside.year_before.n) < FEW

    @property
    def sentence(self) -> str:
        """The answer to "are stays getting shorter", in words that claim no more than the figures."""
        return self.answer("{:,}".format)

    def answer(self, count: Callable[[int], str]) -> str:
        """The sentence with the number of stays on both sides, each as `count` lets this reader see it.

        It names a direction only where the difference is more than chance (see stay_difference).
        """
        if not self.beside.months and self.records_began:
            return stay_answer.alone(self.place, self.alone, self.records_began, count)
        return stay_answer.compared(self.place, self.beside, self.difference, count)


def build(
    place: str,
    rows: Sequence[StayRow],
    as_of: date,
    *,
    records_began: date | None,
    attendance_days: Iterable[date] = (),
    homes: Homes | None = None,
) -> StayReport:
    """The report of one place from its stays and the days of its attendances without admission.

    Years are compared over the rows that are `compared`; months and open stays count every row.
    """
    this_year, year_before = years(as_of)
    last = first_day(this_year.end)
    stays = [stay for row in rows for stay in row.stays()]
    kept = [row for row in rows if row.compared]
    sound = [stay for row in kept if not row.contradictory for stay in row.stays()]
    beside = same_months_year_before(
        (stay for row in kept for stay in row.stays()), as_of, records_began=records_began
    )
    seen = Counter(
        1 if this_year.holds(day) else 2 if year_before.holds(day) else 0 for day in attendance_days
    )
    return StayReport(
        place=place,
        as_of=as_of,
        records_began=records_began,
        this_year=this_year,
        year_before=year_before,
        beside=beside,
        pairs=_pairs(stays, last, as_of, records_began),
        open_now=summarise(stays, as_of),
        survivors=_figures(kept, this_year, died=False),
        deaths=_figures(kept, this_year, died=True),
        bed_days=bed_days_in(sound, this_year.start, this_year.end, as_of),
        bed_days_before=bed_days_in(sound, year_before.start, year_before.end, as_of),
        attendances=seen[1],
        attendances_before=seen[2],
        quality=_quality(rows, this_year, as_of),
        alone=_alone(kept, this_year, records_began),
        difference=_difference(kept, beside),
        homes=homes or homes_behind([records_began], as_of, records_began),
        from_later_homes=sum(
            row.count
            for row in rows
            if not row.compared
            and not row.contradictory
            and (this_year.holds(row.discharged) or year_before.holds(row.discharged))
        ),
    )


def _alone(rows: Sequence[StayRow], period: Period, began: date | None) -> Figures:
    """This year's closed stays of whole months, with nothing beside them."""
    lengths: Counter[int] = Counter()
    for row in rows:
        ended = row.discharged
        if ended is None or row.contradictory or not period.holds(ended):
            continue
        if began is None or first_day(ended) >= first_whole_month(began):
            lengths[(ended - row.admitted).days] += row.count
    return Figures.of(lengths)


def _difference(rows: Sequence[StayRow], beside: YearBesideYear) -> Difference | None:
    """The difference over the months compared; None where either year has few stays."""
    if min(beside.this_year.n, beside.year_before.n) < FEW:
        return None
    months = set(beside.months)
    now: list[tuple[int | None, int]] = []
    then: list[tuple[int | None, int]] = []
    for row in rows:
        if row.discharged is None or row.contradictory:
            continue
        month = first_day(row.discharged)
        year = now if month in months else then if add_months(month, 12) in months else None
        if year is not None:
            year += [(row.whose, (row.discharged - row.admitted).days)] * row.count
    return difference(clusters(now, then))


def _pairs(
    stays: Sequence[Stay], last: date, as_of: date, records_began: date | None
) -> tuple[MonthPair, ...]:
    months = monthly(stays, add_months(last, -23), last, as_of, records_began=records_began).months
    return tuple(MonthPair(months[index + 12], months[index]) for index in range(12))


def _figures(rows: Sequence[StayRow], period: Period, *, died: bool) -> Figures:
    lengths: Counter[int] = Counter()
    for row in rows:
        ended = row.discharged
        if ended and period.holds(ended) and not row.contradictory and (row.ended_as == "died") is died:
            lengths[(ended - row.admitted).days] += row.count
    return Figures.of(lengths)


def _quality(rows: Sequence[StayRow], period: Period, as_of: date) -> Quality:
    known: Counter[str] = Counter()
    for row in rows:
        if period.holds(row.discharged):
            known[row.source or "not known"] += row.count
    return Quality(
        known_by=tuple(sorted(known.items(), key=lambda pair: -pair[1])),
        contradictory=sum(row.count for row in rows if row.contradictory),
        open_over_90=sum(
            row.count for row in rows if row.discharged is None and (as_of - row.admitted).days > 90
        ),
    )


SOURCE_WORDS = {
    "scan": "Ward scan",
    "page": "Written by the ward on its page",
    "phone": "By telephone, written by the home",
    "correction": "Corrected later",
    "not known": "Not known",
}


def rules(report: StayReport) -> tuple[str, ...]:
    """What every figure means, in sentences for the page and the last lines of exports."""
    began = (
        f"Records begin on {format_day(report.records_began)}. The first three months after that are hidden: "
        "they read too short, because nobody who was already in hospital is in them."
        if report.records_began
        else "When records began is not known."
    )
    return (
        "Length of stay is the discharge date minus the admission date in London days (midnights crossed); "
        "0 when both are the same day. A stay starts when a hospital decides to admit.",
        "A visit to the emergency department without admission is no stay; it is counted as an attendance.",
        "A move to another hospital goes on with the same stay. Death ends a stay.",
        "Closed stays are counted in the month of discharge, complete months only. "
        f"Open stays are shown apart, counted at the end of {format_day(report.as_of)}.",
        "The median that uses open stays is Kaplan–Meier: the first day by which half have left.",
        "Nine in ten: the 90th percentile, by linear interpolation.",
        "Bed days are midnights in hospital within the period, open stays included.",
        began,
        "A direction is named only where the 95 % interval of the difference leaves out 0: a bootstrap with "
        "fixed draws that resamples residents, each with all their stays (for all care homes: homes).",
        "Two years differ in many things (who fell ill, how severely, the season): "
        "a difference is not an effect.",
    )


def left_out(report: StayReport) -> tuple[tuple[str, int], ...]:
    """What is in none of the compared figures, and why."""
    out = report.beside.left_out
    return tuple(
        (why, count)
        for why, count in (
            ("Still in hospital (shown apart)", report.open_now.n_open),
            ("From homes that joined too late to be compared", report.from_later_homes),
            ("Discharged outside the 24 months", out.outside_period),
            ("In the hidden first months, or the same months a year later", out.in_hidden_months),
            ("Began before the records", out.before_records),
            ("Admitted after the as-of date", out.admitted_after),
            ("Discharged before admitted: the record contradicts itself", out.contradictory),
        )
        if count
    )
