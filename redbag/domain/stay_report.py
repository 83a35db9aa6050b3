"""The length-of-stay report of one place: its figures, what was left out of each, and its sentence.

Rules: closed stays by month of discharge, complete months only; open stays apart, counted at the as-of
date; deaths shown apart from survivors; a visit without admission is no stay. Days are London days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from redbag.domain.length_of_stay import Stay, Summary, bed_days_in, summarise
from redbag.domain.london_time import format_day, format_month
from redbag.domain.stays_by_month import (
    Figures,
    Month,
    YearBesideYear,
    add_months,
    last_complete_month,
    monthly,
    same_months_year_before,
)

FEW = 10  # closed stays a year below which a median moves by chance alone


@dataclass(frozen=True)
class StayRow:
    """One stay, or `count` stays with the same days. `ended_as`: home, died, elsewhere, "" while open.
    `source`: how the admission time is known (scan, page, phone, correction)."""

    admitted: date
    discharged: date | None
    ended_as: str = ""
    source: str = ""
    count: int = 1

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

        Where either year has few stays it says so, and not which was shorter.
        """
        now, then = self.beside.this_year, self.beside.year_before
        if now.median is None:
            return f"No stay from {self.place} has ended in the last 12 complete months."
        if then.median is None:
            return (
                f"Half of the {count(now.n)} stays that ended in the last 12 complete months lasted "
                f"{days(now.median)} or less. There is no year before to compare with yet."
            )
        months = len(self.beside.months)
        same_months = "" if months == 12 else f"; the same {months} months"
        if self.few:
            return (
                f"Too few stays to say whether they are getting shorter: {count(now.n)} ended in the last "
                f"12 complete months, {count(then.n)} in the 12 before{same_months}."
            )
        return (
            f"Stays were {_direction(now.median, then.median)}: a median of {days(now.median)} over the last "
            f"12 complete months ({count(now.n)} stays), {days(then.median)} over the 12 before "
            f"({count(then.n)} stays{same_months})."
        )


def _direction(now: float, then: float) -> str:
    if now < then:
        return "shorter than the year before"
    return "longer than the year before" if now > then else "as long as the year before"


def days(number: float) -> str:
    """A number of days, with one decimal where there is one."""
    shown = f"{number:.1f}".removesuffix(".0")
    return f"{shown} day" if shown == "1" else f"{shown} days"


def build(
    place: str,
    rows: Sequence[StayRow],
    as_of: date,
    *,
    records_began: date | None,
    attendance_days: Iterable[date] = (),
) -> StayReport:
    """The report of one place from its stays and the days of its attendances without admission."""
    last = last_complete_month(as_of)
    this_year = Period(add_months(last, -11), add_months(last, 1) - timedelta(days=1))
    year_before = Period(add_months(last, -23), this_year.start - timedelta(days=1))
    stays = [stay for row in rows for stay in row.stays()]
    sound = [stay for row in rows if not row.contradictory for stay in row.stays()]
    seen = Counter(
        1 if this_year.holds(day) else 2 if year_before.holds(day) else 0 for day in attendance_days
    )
    return StayReport(
        place=place,
        as_of=as_of,
        records_began=records_began,
        this_year=this_year,
        year_before=year_before,
        beside=same_months_year_before(stays, as_of, records_began=records_began),
        pairs=_pairs(stays, last, as_of, records_began),
        open_now=summarise(stays, as_of),
        survivors=_figures(rows, this_year, died=False),
        deaths=_figures(rows, this_year, died=True),
        bed_days=bed_days_in(sound, this_year.start, this_year.end, as_of),
        bed_days_before=bed_days_in(sound, year_before.start, year_before.end, as_of),
        attendances=seen[1],
        attendances_before=seen[2],
        quality=_quality(rows, this_year, as_of),
    )


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
        "Two years differ in many things (who fell ill, how severely, the season): "
        "a difference is not an effect.",
    )


def left_out(report: StayReport) -> tuple[tuple[str, int], ...]:
    """What is in none of the compared figures, and why."""
    out = report.beside.left_out
    return tuple(
        (why, count)
        for why, count in (
            ("Still in hospital (shown apart)", out.still_open),
            ("Discharged outside the 24 months", out.outside_period),
            ("In the hidden first months, or the same months a year later", out.in_hidden_months),
            ("Began before the records", out.before_records),
            ("Admitted after the as-of date", out.admitted_after),
            ("Discharged before admitted: the record contradicts itself", out.contradictory),
        )
        if count
    )
