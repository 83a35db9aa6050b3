"""The pathway of one place over a period, beside the same months a year before: what is slow or missed.

Each measure counts the journeys that came to its step in the period (domain/pathway.py). Years differ in who
falls ill and how severely: a difference is not an effect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from redbag.domain.length_of_stay import quantile
from redbag.domain.listing_words import all_of
from redbag.domain.lost_counts import SPAN_WORDS
from redbag.domain.measures import PATHWAY_MEASURES, Measure
from redbag.domain.pathway import LeftOut
from redbag.domain.report_filter import ReportFilter
from redbag.domain.suppression import is_small

FEW = 10
"""Fewer journeys than this and one of them moves the figure: no sentence is made of it."""
DONE_WELL = Fraction(9, 10)
"""A step that is done for at least so many is not named as missed (ours; no source sets one)."""
LONGER = Fraction(11, 10)
"""A median at least so much above the year before's, and by one unit, is named as longer (ours)."""
_MOST_NAMED = 3

MISSED = {
    "pack_complete": "packs left with gaps",
    "scanned": "journeys without a scan in hospital",
    "home_contact": "stays of 48 hours without a word between home and ward",
    "summary_given": "people left hospital without a discharge summary",
    "medicines_settled": "people came home with a medicine that the hospital had not answered",
}
"""What the journeys are of which a share says no, in words after their number."""


@dataclass(frozen=True)
class Figure:
    """One measure over one period. `n`: the journeys it is made of; of a share `yes` of them were so; times
    (minutes, or days) have quartile, median and 90th percentile. `left_out`: how many journeys that came to
    the step are in none of it, by why."""

    n: int = 0
    yes: int = 0
    p25: float | None = None
    median: float | None = None
    p90: float | None = None
    left_out: tuple[tuple[LeftOut, int], ...] = ()

    @property
    def no(self) -> int:
        return self.n - self.yes

    @property
    def share(self) -> float | None:
        return self.yes / self.n if self.n else None

    @property
    def out(self) -> int:
        """How many journeys are left out."""
        return sum(number for _, number in self.left_out)


def figure_of(measure: Measure, counted: Mapping[int, int]) -> Figure:
    """A measure's figure from how many journeys have each whole value; those below 0 are left out."""
    kept = {value: number for value, number in counted.items() if value >= 0 and number > 0}
    out = [(LeftOut(value), number) for value, number in counted.items() if value < 0 < number]
    left_out = tuple(sorted(out, key=lambda one: (-one[1], -one[0])))
    n = sum(kept.values())
    if not measure.is_time:
        return Figure(n, kept.get(1, 0), left_out=left_out)
    quarter, half, nine = (
        quantile(kept, share) for share in (Fraction(1, 4), Fraction(1, 2), Fraction(9, 10))
    )
    return Figure(n, 0, quarter, half, nine, left_out)


@dataclass(frozen=True)
class Line:
    """One measure in the period and a year before."""

    measure: Measure
    now: Figure
    before: Figure


@dataclass(frozen=True)
class PathwayReport:
    """Every measure of one place, and what was lost: by stretch of the way and by kind, in the period and a
    year before. `whole_country`: the reader sees no person."""

    place: str
    chosen: ReportFilter
    as_of: date
    lines: tuple[Line, ...]
    spans: Counter[str]
    spans_before: Counter[str]
    kinds: Counter[str]
    kinds_before: Counter[str]
    whole_country: bool = False

    @property
    def lost(self) -> int:
        return self.spans.total()

    def line(self, key: str) -> Line:
        """The line of one measure. Raises KeyError for none of these."""
        found = next((line for line in self.lines if line.measure.key == key), None)
        if found is None:
            raise KeyError(key)
        return found


def build(
    place: str,
    chosen: ReportFilter,
    as_of: date,
    values: Callable[[str, Iterable[date]], Mapping[int, int]],
    lost: Callable[[Iterable[date]], tuple[Counter[str], Counter[str]]],
    *,
    whole_country: bool = False,
) -> PathwayReport:
    """The report. `values`: of a measure and some months, how many journeys have each whole value; `lost`: of
    some months, the lost things by stretch and by kind."""
    now, before = chosen.months, chosen.before.months
    lines = tuple(
        Line(one, figure_of(one, values(one.key, now)), figure_of(one, values(one.key, before)))
        for one in PATHWAY_MEASURES
    )
    spans, kinds = lost(now)
    spans_before, kinds_before = lost(before)
    return PathwayReport(place, chosen, as_of, lines, spans, spans_before, kinds, kinds_before, whole_country)


# In words


def sentences(report: PathwayReport, count: Callable[[int], str]) -> tuple[str, ...]:
    """Which steps are missed, which take longer than a year before, and what was lost. `count`: a number as
    this reader may see it."""
    if not any(line.now.n for line in report.lines):
        return (f"{report.place}: no journey came to any of these steps in {report.chosen.period_words}.",)
    return (_missed(report), _slower(report), _lost(report, count))


def _may_say(report: PathwayReport, *numbers: int) -> bool:
    return not report.whole_country or not any(is_small(number) for number in numbers)


def _missed(report: PathwayReport) -> str:
    shares = [
        line
        for line in report.lines
        if not line.measure.is_time and _may_say(report, line.now.yes, line.now.no)
    ]
    sure = [line for line in shares if line.now.n >= FEW]
    if not sure:
        return "There are too few journeys to say which step is done least often."
    missed = sorted(
        (line for line in sure if Fraction(line.now.yes, line.now.n) < DONE_WELL),
        key=lambda line: Fraction(line.now.yes, line.now.n),
    )[:_MOST_NAMED]
    if not missed:
        return "Each step was done for at least nine in ten journeys."
    return f"Done least often: {all_of([_missed_words(line) for line in missed])}."


def _missed_words(line: Line) -> str:
    return f"{_lower(line.measure.name)} ({percent(line.now.yes, line.now.n)})"


def _slower(report: PathwayReport) -> str:
    times = [
        line
        for line in report.lines
        if line.measure.is_time and min(line.now.n, line.before.n) >= FEW and line.now.median is not None
    ]
    if not times:
        return "There are too few journeys in both years to say what takes longer."
    longer = [line for line in times if _is_longer(line)][:_MOST_NAMED]
    if not longer:
        return "No step takes clearly longer than in the same months a year before."
    named = all_of([_longer_words(one) for one in longer])
    return (
        f"Longer than in the same months a year before: {named}. Part of that may be chance: the step's "
        "chart over time says what is usual."
    )


def _is_longer(line: Line) -> bool:
    now, before = line.now.median or 0.0, line.before.median or 0.0
    return Fraction(now) >= Fraction(before) * LONGER and now - before >= 1


def _longer_words(line: Line) -> str:
    now, before = (how_long(one.median or 0.0, line.measure.unit) for one in (line.now, line.before))
    return f"{_lower(line.measure.name)} (half within {now}, then {before})"


def _lost(report: PathwayReport, count: Callable[[int], str]) -> str:
    things = report.lost
    if not things:
        return "Nothing was lost."
    if not _may_say(report, things):
        return "Few things were lost."
    said = "One thing was lost" if things == 1 else f"{count(things)} things were lost"
    if before := report.spans_before.total():
        said += f" ({count(before)} a year before)" if _may_say(report, before) else ""
    span, most = max(report.spans.items(), key=lambda one: (one[1], one[0]))
    if most < FEW or most * 2 < things or not _may_say(report, most, things - most):
        return f"{said}."
    return f"{said}, {count(most)} of them {_lower(SPAN_WORDS[span])}."


def percent(part: int, n: int) -> str:
    """A share in whole per cent; never 100 % or 0 % where it is not quite."""
    whole = round(Fraction(100 * part, n))
    return f"{min(max(whole, 1 if part else 0), 100 if part == n else 99)} %"


def how_long(value: float, unit: str) -> str:
    """A median in words: whole minutes, from two hours on in hours and minutes; days with a half where they
    have one."""
    if unit != "minutes":
        return f"{value:.1f}".removesuffix(".0") + f" {unit}"
    minutes = round(value)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def _lower(words: str) -> str:
    return words[0].lower() + words[1:]
