"""Closed stays by month of discharge, and the last twelve months beside the twelve before.

By month of discharge and complete months only: by month of admission the last months hold only the stays
that were short. The first three months after records begin read too short as well (who was in hospital
already is not in them), and are hidden unless those stays were loaded.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from operator import mul

from redbag.domain.length_of_stay import quantiles

HIDDEN_MONTHS = 3
_MEDIAN, _P90 = Fraction(1, 2), Fraction(9, 10)

Lengths = Mapping[int, int]
"""How many stays ended at each length in days."""


@dataclass(frozen=True)
class Figures:
    """n, mean, median and 90th percentile (days) of closed stays; None where n is 0 or they are hidden."""

    n: int
    mean: float | None
    median: float | None
    p90: float | None

    @classmethod
    def of(cls, lengths: Lengths) -> "Figures":
        n = sum(lengths.values())
        total = sum(map(mul, lengths.keys(), lengths.values()))
        return cls(n, total / n if n else None, *quantiles(lengths, (_MEDIAN, _P90)))


@dataclass(frozen=True)
class Month:
    """One month's closed stays. `first_day` names it; `hidden` says why its figures are not shown."""

    first_day: date
    figures: Figures
    hidden: str = ""


@dataclass(frozen=True)
class LeftOut:
    """Stays that are in none of the figures, each in one count, by why."""

    admitted_after: int = 0
    contradictory: int = 0
    before_records: int = 0
    still_open: int = 0
    outside_period: int = 0
    in_hidden_months: int = 0

    @property
    def total(self) -> int:
        """All but the open stays, which are shown apart and not left out silently."""
        return (
            self.admitted_after
            + self.contradictory
            + self.before_records
            + self.outside_period
            + self.in_hidden_months
        )


@dataclass(frozen=True)
class Monthly:
    """Complete months in order (an empty month has n = 0: a gap, not a nought), and what was left out."""

    months: tuple[Month, ...]
    left_out: LeftOut


@dataclass(frozen=True)
class YearBesideYear:
    """The last twelve complete months and the same calendar months a year before.

    `months` names the months compared, by the first day of the later one. Where a month of either year is
    hidden it is left out of both, so that like stands beside like.
    """

    this_year: Figures
    year_before: Figures
    months: tuple[date, ...]
    left_out: LeftOut


HIDDEN = "Hidden: the first months after records begin read too short."
BEFORE = "Before records began."


def monthly_from_counts(
    by_month: Mapping[date, Lengths],
    first_month: date,
    last_month: date,
    as_of: date,
    *,
    records_began: date | None = None,
    left_out: LeftOut | None = None,
) -> Monthly:
    """Closed-stay figures for each complete month from `first_month` to `last_month` (any day of each), from
    whole-day counts by the first day of the month of discharge.

    `records_began` is the day from which stays were recorded. Raises ValueError when the last month comes
    before the first.
    """
    start, end = first_day(first_month), first_day(last_month)
    if end < start:
        raise ValueError("The last month comes before the first.")
    last = min(end, last_complete_month(as_of))
    months = [_month(by_month, month, records_began) for month in _months(start, last)]
    outside = sum(sum(n.values()) for m, n in by_month.items() if not start <= m <= last)
    hidden = sum(month.figures.n for month in months if month.hidden)
    left = left_out or LeftOut()
    return Monthly(
        tuple(months),
        LeftOut(
            left.admitted_after, left.contradictory, left.before_records, left.still_open, outside, hidden
        ),
    )


def beside_year_before(
    by_month: Mapping[date, Lengths],
    months: Sequence[date],
    *,
    records_began: date | None = None,
    left_out: LeftOut | None = None,
) -> YearBesideYear:
    """These complete months (the first day of each, at most twelve in a row) beside the same months a year
    before, from whole-day counts. Raises ValueError where the two would overlap."""
    if len(months) > 12:
        raise ValueError("More than twelve months overlap with the year before.")
    began = records_began
    compared = tuple(m for m in months if not (is_hidden(m, began) or is_hidden(add_months(m, -12), began)))
    earlier = [add_months(m, -12) for m in compared]
    used = {*compared, *earlier}
    span = {m for month in months for m in (month, add_months(month, -12))}
    left = left_out or LeftOut()
    return YearBesideYear(
        Figures.of(_together(by_month, compared)),
        Figures.of(_together(by_month, earlier)),
        compared,
        LeftOut(
            left.admitted_after,
            left.contradictory,
            left.before_records,
            left.still_open,
            outside_period=_stays_in(by_month, set(by_month) - span),
            in_hidden_months=_stays_in(by_month, span - used),
        ),
    )


def first_day(day: date) -> date:
    """The first day of the month that holds this day."""
    return day.replace(day=1)


def add_months(month: date, months: int) -> date:
    """The first day of the month so many months later (or earlier, when negative)."""
    count = month.year * 12 + month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def season(day: date) -> str:
    """The quarter of the year that a day lies in, as "q1" to "q4"."""
    return f"q{(day.month + 2) // 3}"


def first_whole_month(began: date) -> date:
    """The first day of the first month that may be shown of a place whose records began on this day."""
    settled = add_months(began, HIDDEN_MONTHS)
    return settled if began.day == 1 else add_months(settled, 1)


def last_complete_month(as_of: date) -> date:
    """The first day of the last month that is over at the end of `as_of`."""
    if (as_of + timedelta(days=1)).day == 1:
        return first_day(as_of)
    return add_months(as_of, -1)


def _months(start: date, end: date) -> Iterable[date]:
    month = start
    while month <= end:
        yield month
        month = add_months(month, 1)


def _month(by_month: Mapping[date, Lengths], month: date, began: date | None) -> Month:
    lengths = by_month.get(month, {})
    if began is not None and month < first_day(began):
        return Month(month, Figures(sum(lengths.values()), None, None, None), BEFORE)
    if is_hidden(month, began):
        return Month(month, Figures(sum(lengths.values()), None, None, None), HIDDEN)
    return Month(month, Figures.of(lengths))


def is_hidden(month: date, began: date | None) -> bool:
    """Whether the month starts less than three months after records began, or before they did."""
    return began is not None and month < first_whole_month(began)


def _together(by_month: Mapping[date, Lengths], months: Iterable[date]) -> Counter[int]:
    total: Counter[int] = Counter()
    for month in months:
        total.update(by_month.get(month, {}))
    return total


def _stays_in(by_month: Mapping[date, Lengths], months: Iterable[date]) -> int:
    return sum(_together(by_month, months).values())
