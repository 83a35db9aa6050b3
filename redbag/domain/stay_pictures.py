"""What the pictures on length of stay are drawn from: medians by month, lengths in equal steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from redbag.domain.london_time import format_month
from redbag.domain.report_tables import Line, Plot, Point
from redbag.domain.stay_periods import is_compared
from redbag.domain.stay_report import StayReport
from redbag.domain.stays_by_month import add_months, is_hidden

FEWEST_IN_A_POINT = 5
"""The median of fewer stays is nearly one person's stay: such a month has no mark."""
FEWEST_POINTS = 6
_QUARTER = 3
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
    homes joined; by quarters where the months have too few stays, and None where the quarters have, too."""
    return _plot(report, 1) or _plot(report, _QUARTER)


def _plot(report: StayReport, together: int) -> Plot | None:
    """The plot with so many months in each point."""
    starts = report.chosen.months[::together]
    spans = [tuple(add_months(start, step) for step in range(together)) for start in starts]
    if len(report.chosen.months) % together:
        return None
    earlier = [[add_months(month, -12) for month in span] for span in spans]
    compared = (_line(report, "The year before", earlier, "square"),) if is_compared(report.chosen) else ()
    lines = (*compared, _line(report, _period_name(report), spans, "circle"))
    drawn = [point.y for line in lines for point in line.points if point.y is not None]
    if len(drawn) < FEWEST_POINTS:
        return None
    by = "month" if together == 1 else "three months"
    return Plot(
        f"Median length of stay by {by} of discharge, {report.this_year.words}"
        f"{', and the year before' if compared else ''}",
        f"{by.capitalize().removesuffix('s')}s with fewer than {FEWEST_IN_A_POINT} stays have no mark: their "
        "median is nearly one person’s stay.",
        lines,
        tuple((float(x), _span_words(span)) for x, span in enumerate(spans)),
        _scale(max(drawn)),
        begun=_begun(report) if together == 1 else (),
    )


def _period_name(report: StayReport) -> str:
    return report.this_year.words if report.chosen.period_kept else "The last 12 complete months"


def _span_words(span: Sequence[date]) -> str:
    first = f"{span[0]:%m/%y}"
    return first if len(span) == 1 else f"{first} to {span[-1]:%m/%y}"


_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500)
_MOST_TICKS = 6


def _scale(highest: float) -> tuple[float, ...]:
    """Marks from 0 in even steps, the last at or above the highest value."""
    step = next((one for one in _STEPS if highest / one <= _MOST_TICKS), int(highest // _MOST_TICKS) + 1)
    marks = [0.0]
    while marks[-1] < highest or len(marks) < 2:
        marks.append(marks[-1] + step)
    return tuple(marks)


def _line(report: StayReport, name: str, spans: Sequence[Sequence[date]], shape: str) -> Line:
    """A line of medians, one for each span of months; none where a month of it is hidden."""
    points = []
    for x, span in enumerate(spans):
        figures = report.counts.figures(span)
        hidden = any(is_hidden(month, report.records_began) for month in span)
        few = hidden or figures.n < FEWEST_IN_A_POINT
        points.append(Point(float(x), None if few else figures.median, figures.n))
    return Line(name, tuple(points), shape, dashed=shape == "square")


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
