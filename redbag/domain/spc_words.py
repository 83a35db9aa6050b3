"""What an XmR chart says, in words for a reader without training: what is unusual, never why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from redbag.domain.listing_words import all_of
from redbag.domain.london_time import format_month
from redbag.domain.measures import Kind, Measure
from redbag.domain.spc import NONE, is_high
from redbag.domain.spc_chart import (
    FEW,
    FEW_POINTS,
    FEWEST_FOR_LIMITS,
    MORE_HOMES,
    ROUNDED,
    STRADDLES,
    ChartPoint,
    Segment,
    SpcChart,
    TooFew,
)

_PERIODS = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_COMPARED = " The comparison before and since says whether all stays together differ."
MANY_OUTSIDE = 2  # neighbours outside the limits that are named one by one
FEWEST_GOING = 4
"""So many neighbours that each go the same way: of marks in no order one in 24 such rows does, either way."""
NOT_WHY = "The chart does not say why."
_NO_SIGN = {
    MORE_HOMES: "No sign: more homes count now",
    ROUNDED: "No sign: counts are rounded",
}
_UNSAID = {
    MORE_HOMES: "More homes count now than at the start: a rise is expected, so nothing is called unusual.",
    ROUNDED: "Counts are rounded to 5 here, and nothing is called unusual: that could tell exact counts.",
}


@dataclass(frozen=True)
class Icon:
    """A sign beside a chart: `shape` (circle, diamond or square), the `letter` in it, what it means in
    words, and its `tone` (good, bad or plain), so that colour never says it alone. `term`: what
    statisticians call it, for small print."""

    shape: str
    letter: str
    words: str
    tone: str
    term: str = ""


def variation(chart: SpcChart) -> Icon:
    """The variation icon: the last point's label."""
    if not chart.variation:
        return Icon("square", "…", "Too early for this chart", "plain")
    if chart.unsaid:
        return Icon("square", "–", _NO_SIGN[chart.unsaid[0]], "plain")
    rule = chart.last.rule
    if rule == NONE:
        return Icon("circle", "~", "Lately the usual ups and downs", "plain", "common cause")
    letter = "H" if is_high(rule) else "L"
    side = {"trend_up": "rising", "trend_down": "falling"}.get(rule, "high" if is_high(rule) else "low")
    if chart.variation == "improving":
        return Icon("circle", letter, f"Unusual, for the better: {side}", "good", "special cause, improving")
    return Icon("diamond", letter, f"Unusual, for the worse: {side}", "bad", "special cause, concerning")


def assurance(chart: SpcChart) -> Icon | None:
    """The assurance icon: the target against the limits. None without a target or without limits."""
    return {
        "passing": Icon("circle", "P", "Target: consistently met", "good"),
        "failing": Icon("diamond", "F", "Target: consistently missed", "bad"),
        "hit_and_miss": Icon("square", "?", "Target: hit and miss", "plain"),
    }.get(chart.assurance)


def period(point: ChartPoint) -> str:
    """The months of a point, for example "October 2026", "July to September 2026" or, while the period is not
    over, "July to October 2026, so far"."""
    return f"{_span(point.first, point.last)}{', so far' if point.so_far else ''}"


def _span(first: date, last: date) -> str:
    if first == last:
        return format_month(first)
    begun = format_month(first)
    return f"{begun.split()[0] if first.year == last.year else begun} to {format_month(last)}"


def said(measure: Measure, value: float | None) -> str:
    """A value with its unit, for example "13.4 days", "82 %" or "45 minutes"."""
    return "none" if value is None else f"{_number(measure, value)} {_unit(measure)}"


def _unit(measure: Measure) -> str:
    return "%" if measure.kind is Kind.SHARE else measure.unit


def _number(measure: Measure, value: float) -> str:
    """One decimal where it tells anything: not of minutes, per cent and large counts."""
    if measure.kind is Kind.SHARE:
        return f"{100 * value:.0f}"
    whole = measure.kind is Kind.MEDIAN_MINUTES or (measure.kind is Kind.COUNT and value >= 100)
    return f"{value:,.0f}" if whole else f"{value:,.1f}".removesuffix(".0")


def answer(chart: SpcChart | TooFew) -> str:
    """What the last point says, first: unusual or not, which way, and that it is no reason."""
    if isinstance(chart, TooFew):
        return _too_few(chart)
    if not chart.now.has_limits:
        return _too_early(chart)
    if chart.unsaid:
        latest = f"{said(chart.measure, chart.last.value)} in {period(chart.last)}"
        return f"{latest}. {_UNSAID[chart.unsaid[0]]}"
    if chart.last.rule == NONE:
        return f"{_usual(chart)} {NOT_WHY}"
    better = "the better" if chart.variation == "improving" else "the worse"
    place = max(place for place, point in enumerate(chart.points) if point.value is not None)
    return f"{_unusual(chart, run_to(chart, place))} That is {better} direction. {NOT_WHY}"


def _usual(chart: SpcChart) -> str:
    lower, upper = _limits(chart.measure, chart.now)
    each = _PERIODS[chart.months]
    value = said(chart.measure, chart.last.value)
    latest = f"Nothing unusual in the last {each}: {value} in {period(chart.last)}."
    if lower == upper:
        return latest
    return f"{latest} By chance alone a {each} here lies between {_range(chart.measure, chart.now)}."


def _too_early(chart: SpcChart) -> str:
    """Since a new beginning: of before and since it says nothing, which another page compares."""
    has = f"only {_some(chart.now.count, chart.months)} with enough records"
    takes = f"Limits need at least {FEWEST_FOR_LIMITS}, and {FEW_POINTS} to be sure of them."
    since = chart.now.rebase
    if since is None:
        return f"Too early for this chart: {has}. {takes}"
    return (
        f"Too early for this chart: {has} since {since.words}. {takes}"
        f"{_COMPARED if chart.measure.is_a_length else ''}"
    )


def _unusual(chart: SpcChart, run: Sequence[int]) -> str:
    """One sentence about the neighbours (places in the chart) that one rule marks."""
    points = [chart.points[place] for place in run]
    last, measure, segment = points[-1], chart.measure, _segment_of(chart, run[-1])
    high, in_a_row = is_high(last.rule), f"{_some(len(run), chart.months).capitalize()} in a row"
    until = _span(points[0].first, last.last)
    limit = f"the {'upper' if high else 'lower'} limit of {said(measure, _limits(measure, segment)[high])}"
    if last.rule.startswith("shift"):
        side = "above" if high else "below"
        return f"{in_a_row} {side} the average of {said(measure, segment.limits.mean)} ({until}): unusual."
    if last.rule.startswith("trend"):
        return f"{in_a_row}, each {'higher' if high else 'lower'} than the one before ({until}): unusual."
    if last.rule.startswith("two_of_three"):
        close = in_a_row if len(run) == 3 else f"Two of three {_PERIODS[chart.months]}s in a row"
        return f"{close} close to {limit} ({', '.join(period(point) for point in points)}): unusual."
    if len(run) > MANY_OUTSIDE:
        return f"{in_a_row} {'above' if high else 'below'} {limit} ({until}), which is unusual."
    values = ", ".join(f"{said(measure, point.value)} in {period(point)}" for point in points)
    return f"{values}: {'above' if high else 'below'} {limit}, which is unusual."


def _limits(measure: Measure, segment: Segment) -> tuple[float, float]:
    """Both limits as they are said: no measure goes below 0, and no share above 100 %."""
    lower, upper = segment.limits.lower or 0.0, segment.limits.upper or 0.0
    return max(lower, 0.0), min(upper, 1.0) if measure.kind is Kind.SHARE else upper


def _range(measure: Measure, segment: Segment) -> str:
    lower, upper = _limits(measure, segment)
    return f"{_number(measure, lower)} and {said(measure, upper)}"


def signals(chart: SpcChart) -> list[str]:
    """Everything unusual in the chart, a sentence each, the newest first."""
    found, covered = [], set[int]()
    for place in range(len(chart.points) - 1, -1, -1):
        if chart.points[place].rule != NONE and place not in covered:
            run = run_to(chart, place)
            covered |= {at for at in run if chart.points[at].rule == chart.points[place].rule}
            found.append(_unusual(chart, run))
    return found


def last_unusual(chart: SpcChart) -> str:
    """What was unusual before, where the last point is not; "" where nothing was."""
    found = signals(chart) if chart.last.rule == NONE else []
    if not found:
        return ""
    words = found[0].removesuffix(": unusual.").removesuffix(", which is unusual.")
    return f"Last unusual: {words[0].lower()}{words[1:]}."


def warnings(chart: SpcChart) -> list[str]:
    """What to keep in mind: few points, points of more than a month, a mean of before and since."""
    found = []
    if chart.months > 1:
        found.append(
            f"Each point is a {_PERIODS[chart.months]}: in a month there are fewer than "
            f"{chart.measure.fewest} on average, which moves by chance alone."
        )
    if chart.now.has_limits and chart.now.is_short:
        since = f" since {chart.now.rebase.words}" if chart.now.rebase else ""
        found.append(
            f"Only {_some(chart.now.count, chart.months)}{since}: with fewer than {FEW_POINTS} the limits "
            "still move."
        )
    few = sum(point.why == FEW for point in chart.points)
    if few:
        found.append(
            f"{_some(few, chart.months).capitalize()} {'has' if few == 1 else 'have'} no mark: fewer than "
            f"{chart.measure.fewest} records. The table says which."
        )
    return [*found, *_rest(chart), *before_and_since(chart)]


def _rest(chart: SpcChart) -> list[str]:
    """What the months after the last point say, where they make no point of their own."""
    rest, each = chart.rest, _PERIODS[chart.months]
    if rest is None:
        return []
    if chart.measure.kind is Kind.COUNT:
        has = f"{said(chart.measure, rest.value)}" if rest.value is not None else rest.why
        return [f"{period(rest)}: {has}. There is no mark for them: the {each} is not over."]
    has = f"n = {rest.n}" if rest.n and rest.why == FEW else rest.why
    return [f"{period(rest)}: {has}. There is no mark for them: a mark needs {chart.measure.fewest} records."]


def before_and_since(chart: SpcChart) -> list[str]:
    """The average before the last rebase and since, and where it was going before; nothing where there was no
    rebase."""
    now, joined = chart.now, _began(chart)
    if now.rebase is None:
        return []
    earlier, each = chart.segments[-2], _PERIODS[chart.months]
    few = f" Before that there are only {_some(earlier.count, chart.months)}." if earlier.is_short else ""
    straddled = any(point.why == STRADDLES for point in chart.points)
    within = f" The {each} in which that was has no mark." if straddled else ""
    before, since = (said(chart.measure, one.limits.mean) for one in (earlier, now))
    if now.has_average and earlier.has_average:
        anew = " Limits begin anew there." if now.has_limits else ""
        told = (
            f"{joined}: the average of the marks was {before} before and is {since} since; each {each} "
            f"counts the same in it, however many records it has.{anew}"
        )
    else:
        few_since = f"{_some(now.count, chart.months)} since" if not now.has_average else ""
        few_before = f"{_some(earlier.count, chart.months)} before" if not earlier.has_average else ""
        both = " and ".join(filter(None, (few_before, few_since)))
        told = f"{joined}: only {both}, of which no average is drawn."
    effect = " A difference is not an effect: much else may have changed as well."
    return [f"{told}{within}{effect}{few}", *filter(None, (before_that(chart),))]


def _began(chart: SpcChart) -> str:
    rebase = chart.now.rebase
    return f"{rebase.words} in {format_month(rebase.day)}" if rebase else ""


def before_that(chart: SpcChart) -> str:
    """Whether the marks before the last rebase were going one way already, with what they were; "" where they
    were not, or where there was no rebase."""
    if chart.now.rebase is None:
        return ""
    earlier = chart.segments[-2]
    values: list[float] = []
    turned: float | None = None
    for point in reversed(chart.points[earlier.start : earlier.end]):
        if point.value is None:
            break
        turns = len(values) > 1 and (point.value > values[-1]) != (values[-1] > values[-2])
        if turns or (values and point.value == values[-1]):
            turned = point.value
            break
        values.append(point.value)
    if len(values) < FEWEST_GOING:
        return ""
    went = "falling" if values[0] < values[-1] else "rising"
    numbers = [_number(chart.measure, value) for value in reversed(values)]
    row = f"{all_of(numbers)} {_unit(chart.measure)}"
    each = _PERIODS[chart.months]
    first = "" if turned is None else f" ({_number(chart.measure, turned)} in the {each} before those)"
    return f"{chart.measure.name} was {went} already before that, {each} by {each}: {row}{first}."


def target_words(chart: SpcChart) -> str:
    """What the limits say of the target; "" without one."""
    target = said(chart.measure, chart.target)
    each = _PERIODS[chart.months]
    return {
        "passing": f"The target of {target} will be met {each} after {each}, unless something changes.",
        "failing": f"The target of {target} will be missed {each} after {each}, unless something changes.",
        "hit_and_miss": f"The target of {target} lies between the limits: chance alone decides in which "
        f"{each} it is met.",
    }.get(chart.assurance, "")


def _too_few(found: TooFew) -> str:
    """Why there is no chart."""
    if not found.n:
        return "No chart yet: there are no records."
    return (
        f"No chart: there are too few records. Even a year has fewer than {found.measure.fewest}, and "
        "a point of so few moves by chance alone."
    )


def _segment_of(chart: SpcChart, place: int) -> Segment:
    return next(segment for segment in chart.segments if segment.start <= place < segment.end)


def run_to(chart: SpcChart, place: int) -> list[int]:
    """The places of the neighbours that make the point at `place` unusual, that one last.

    A run holds its members also where an earlier rule gave them another label.
    """
    segment, rule = _segment_of(chart, place), chart.points[place].rule
    if rule.startswith("two_of_three"):
        around = range(max(segment.start, place - 2), min(segment.end, place + 3))
        near = [at for at in around if chart.points[at].rule == rule]
        return near[: near.index(place) + 1] if near.index(place) else near
    first = place
    while first > segment.start and _goes_on(chart, segment, rule, first - 1):
        first -= 1
    return list(range(first, place + 1))


def _goes_on(chart: SpcChart, segment: Segment, rule: str, place: int) -> bool:
    """Whether the point at `place` belongs to the run that goes on after it."""
    value, following = chart.points[place].value, chart.points[place + 1].value
    if value is None or following is None:
        return False
    if rule.startswith("shift"):
        mean = segment.limits.mean or 0.0
        return chart.points[place].rule != NONE and (value > mean if is_high(rule) else value < mean)
    if rule.startswith("trend"):
        return value < following if is_high(rule) else value > following
    return chart.points[place].rule == rule


def _some(count: int, months: int) -> str:
    """For example "seven months"."""
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{number} {_PERIODS[months]}{'' if count == 1 else 's'}"


RULES = {
    "outside_high": "above the upper limit",
    "outside_low": "below the lower limit",
    "trend_up": "seven or more rising",
    "trend_down": "seven or more falling",
    "two_of_three_high": "two of three close to the upper limit",
    "two_of_three_low": "two of three close to the lower limit",
    "shift_high": "seven or more above the average",
    "shift_low": "seven or more below the average",
}
"""What each label of a point means."""


def period_name(chart: SpcChart) -> str:
    """What a point of this chart is: month, quarter, half-year or year."""
    return _PERIODS[chart.months]


def shown_months(chart: SpcChart) -> str:
    """From the first point to the last, for example "November 2023 to October 2026"."""
    return _span(chart.points[0].first, chart.points[-1].last)


def marks(chart: SpcChart) -> str:
    """What the marks of a small chart stand for, and the last of a period that is not over."""
    so_far = f"; the last: {period(chart.last)}" if chart.last.so_far else ""
    few = any(point.why == FEW for point in chart.points)
    none = f"; none where fewer than {chart.measure.fewest} ended" if few else ""
    flat = "; the flat line: their average" if chart.now.has_limits else ""
    return f"one dot for each {_PERIODS[chart.months]}{none}{so_far}{flat}"


def levels(chart: SpcChart) -> list[tuple[str, str]]:
    """The level lines of the chart, each as its kind (average, limit, target) and in words."""
    found = []
    for segment in chart.segments:
        when = f", {_span(chart.points[segment.start].first, chart.points[segment.end - 1].last)}"
        when = when if len(chart.segments) > 1 else ""
        if segment.has_average:
            found.append(("average", f"Average: {said(chart.measure, segment.limits.mean)}{when}"))
        if segment.has_limits:
            found.append(("limit", f"Limits: {_range(chart.measure, segment)}{when}"))
    if chart.target is not None:
        found.append(("target", f"Target: {said(chart.measure, chart.target)}"))
    return found
