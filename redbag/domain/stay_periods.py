"""The two periods that a report compares, and the homes whose records are whole in both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from redbag.domain.london_time import format_month
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stays_by_month import first_whole_month

MOST_COMPARED_MONTHS = 12


@dataclass(frozen=True)
class Period:
    """Complete months: first and last day."""

    start: date
    end: date

    @property
    def words(self) -> str:
        if (self.start.year, self.start.month) == (self.end.year, self.end.month):
            return format_month(self.start)
        return f"{format_month(self.start)} to {format_month(self.end)}"

    def holds(self, day: date | None) -> bool:
        return day is not None and self.start <= day <= self.end


@dataclass(frozen=True)
class Homes:
    """How many homes are behind the figures: in each period, and whole in both. `joined`: the first days of
    those that began within the two."""

    year_before: int
    this_year: int
    in_both: int
    joined: tuple[date, ...]

    @property
    def words(self) -> str:
        """What is compared, where homes joined meanwhile; else nothing."""
        late = self.this_year - self.in_both
        if late <= 0 or self.this_year < 2:
            return ""
        return (
            f"{self.year_before} homes used the red bag in the year before, {self.this_year} in this one. "
            f"Compared are only the {self.in_both} whose records are whole in both years; stays from the "
            f"{late} that joined later are in the figures by month and among those in hospital."
        )

    @property
    def which(self) -> str:
        """Of which homes the figures of the two years are, beside those that are of all."""
        return (
            f"Of the {self.in_both} homes that are compared; who is in hospital now, who came back within 30 "
            f"days, and the figures by month, are of all {self.this_year}."
        )


def periods(chosen: ReportFilter) -> tuple[Period, Period]:
    """The chosen months, and the same months a year before."""
    before = chosen.before
    return Period(chosen.start, chosen.end), Period(before.start, before.end)


def homes_behind(
    joined: Iterable[date | None] | Mapping[date | None, int], chosen: ReportFilter, began: date | None
) -> Homes:
    """The homes behind a report, from their first days (None: from the beginning), or from how many homes
    began on each day."""
    this_year, year_before = periods(chosen)
    first, compared = first_compared(chosen, began), is_compared(chosen)
    counted = Counter(joined)
    first_days = {day: n for day, n in counted.items() if day is None or day <= this_year.end}
    within = {day: n for day, n in first_days.items() if day is not None and day >= year_before.start}
    return Homes(
        year_before=sum(n for day, n in first_days.items() if day is None or day <= year_before.end),
        this_year=sum(first_days.values()),
        in_both=sum(n for day, n in first_days.items() if not compared or _there_by(day, first)),
        joined=tuple(day for day in sorted(within) for _ in range(within[day])),
    )


@lru_cache(maxsize=64)
def is_compared(chosen: ReportFilter) -> bool:
    """Whether a period has a year before that it does not overlap with."""
    return len(chosen.months) <= MOST_COMPARED_MONTHS


def in_both(joined: date | None, chosen: ReportFilter, began: date | None) -> bool:
    """Whether a home's records are whole from the first month on that is compared.

    Totals of more and more homes say nothing about the stays of any: a comparison keeps to the same homes.
    Where nothing is compared, every home is in.
    """
    if not is_compared(chosen):
        return True
    return _there_by(joined, first_compared(chosen, began))


def _there_by(joined: date | None, first: date) -> bool:
    """Whether a home's records are whole in the month that begins on `first`."""
    return joined is None or first_whole_month(joined) <= first


@lru_cache(maxsize=64)
def first_compared(chosen: ReportFilter, began: date | None) -> date:
    """The first month of the year before in which the records are whole."""
    start = chosen.before.first
    return max(start, first_whole_month(began)) if began else start
