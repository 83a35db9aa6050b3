"""What the pictures on length of stay are drawn from: medians by month, lengths in equal steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from redbag.domain.london_time import format_month
from redbag.domain.report_tables import Line, Plot, Point
from redbag.domain.stay_report import StayReport
from redbag.domain.stays_by_month import Month

FEWEST_IN_A_POINT = 5
"""The median of fewer stays is nearly one person's stay: such a month has no mark."""
FEWEST_POINTS = 6
_FINE, _WEEKS = 2, 7
_FEW_FOR_FINE = 60
_LAST_FINE, _LAST_WEEKS = 28, 35


def bins(lengths: Mapping[int, int]) -> list[tuple[str, int]]:
    """Lengths of stay in equal steps of days, the last step open: how many stays are in each. In steps of a
    week where there are few."""
    n = sum(lengths.values())
    step, last = (_FINE, _LAST_FINE) if n >= _FEW_FOR_FINE else (_WEEKS, _LAST_WEEKS)
    found = [
        (f"{low} to {low + step - 1}", sum(lengths.get(day, 0) for day in range(low, low + step)))
        for low in range(0, last, step)
    ]
    return [*found, (f"{last} or more", sum(n for day, n in lengths.items() if day >= last))]


def months_plot(report: StayReport) -> Plot | None:
    """The median of each month of the period beside the same month a year before, with the months in which
    homes joined; None where too few months have enough stays for a point."""
    lines = (
        _line("The year before", [pair.before for pair in report.pairs], "square", dashed=True),
        _line("The last 12 complete months" if not report.chosen.period_kept else report.this_year.words,
              [pair.month for pair in report.pairs], "circle"),
    )  # fmt: skip
    drawn = [point.y for line in lines for point in line.points if point.y is not None]
    if len(drawn) < FEWEST_POINTS:
        return None
    return Plot(
        f"Median length of stay by month of discharge, {report.this_year.words}, and the year before",
        "The table by month of discharge holds the same figures, with the number of stays of each month.",
        lines,
        tuple((float(x), f"{pair.month.first_day:%m/%y}") for x, pair in enumerate(report.pairs)),
        _scale(max(drawn)),
        begun=_begun(report),
    )


_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)
_MOST_TICKS = 6


def _scale(highest: float) -> tuple[float, ...]:
    """Marks from 0 in even steps, the last at or above the highest value."""
    step = next((one for one in _STEPS if highest / one <= _MOST_TICKS), int(highest // _MOST_TICKS) + 1)
    marks = [0.0]
    while marks[-1] < highest or len(marks) < 2:
        marks.append(marks[-1] + step)
    return tuple(marks)


def _line(name: str, months: Sequence[Month], shape: str, *, dashed: bool = False) -> Line:
    points = [
        Point(
            float(x),
            None if one.hidden or one.figures.n < FEWEST_IN_A_POINT else one.figures.median,
            one.figures.n,
        )
        for x, one in enumerate(months)
    ]
    return Line(name, tuple(points), shape, dashed)


def _begun(report: StayReport) -> tuple[tuple[float, str], ...]:
    """The months of the chart in which homes joined, and how many in which year."""
    places = {
        month.first_day: index
        for index, pair in enumerate(report.pairs)
        for month in (pair.before, pair.month)
    }
    found = Counter(day.replace(day=1) for day in report.homes.joined)
    return tuple(
        (float(places[month]), f"{format_month(month)}: {count}")
        for month, count in sorted(found.items())
        if month in places
    )
