"""Three short answers for a manager without training: did stays change, since when, and how sure is that."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from redbag.domain import spc_words, stay_answer
from redbag.domain.spc import NONE
from redbag.domain.spc_chart import FEWEST_FOR_LIMITS, SpcChart, TooFew
from redbag.domain.stay_difference import Difference, Interval
from redbag.domain.stay_report import StayReport

NOT_AN_EFFECT = "A difference is not an effect: years differ in who falls ill and how severely."


@dataclass(frozen=True)
class FrontAnswer:
    """Whether stays changed, since when, and how sure that is: a sentence or two each."""

    changed: str
    since: str
    sure: str


def answer(report: StayReport, chart: SpcChart | TooFew) -> FrontAnswer:
    """The answers of the length-of-stay report and of the chart over time of its medians."""
    return FrontAnswer(report.sentence, since(chart), sure(report.difference))


def since(chart: SpcChart | TooFew) -> str:
    """From when on the stays of a place differ from what they were before, as far as its chart can tell."""
    if isinstance(chart, TooFew):
        return f"Cannot be told. {spc_words.answer(chart)}"
    joined = spc_words.before_and_since(chart)
    if not chart.now.has_limits:
        has = f"{chart.now.count} point{'s' if chart.now.count != 1 else ''}"
        early = f"Cannot be told yet: the chart has {has} so far, and it takes {FEWEST_FOR_LIMITS}."
        return " ".join([early, *joined])
    if chart.last.rule != NONE:
        return " ".join([spc_words.answer(chart), *joined])
    earlier = spc_words.signals(chart)
    found = "No turning point now: the latest figures lie within their usual ups and downs."
    return " ".join([found, *(f"Earlier: {one}" for one in earlier[:1]), *joined])


def sure(found: Difference | Interval | None) -> str:
    """How much the difference between the two years may be chance, by its 95 % interval. Of a whole country
    that is the interval of the means alone."""
    one = _that_decides(found)
    if one is None or not isfinite(one.low):
        return "Not sure at all: with so few stays to compare, a difference is mostly chance."
    if one.is_clear:
        return f"Fairly sure that this is more than chance: {_between(one)} (95 % interval)."
    if one.is_narrow and (not isinstance(found, Difference) or found.mean.is_narrow):
        return f"Fairly sure that there is no large difference: {_between(one)} (95 % interval)."
    return f"Not sure: it may be chance. The true difference may be {_between(one)} (95 % interval)."


def _that_decides(found: Difference | Interval | None) -> Interval | None:
    """The interval that the sentence goes by: of the medians, unless only the means tell."""
    if not isinstance(found, Difference):
        return found
    return found.mean if found.mean.is_clear and not found.median.is_clear else found.median


def _between(one: Interval) -> str:
    if one.low <= 0 <= one.high:
        return f"anything from {stay_answer.days(-one.low)} shorter to {stay_answer.days(one.high)} longer"
    low, high = sorted((abs(one.low), abs(one.high)))
    return f"{stay_answer.days(low)} to {stay_answer.days(high)} {'shorter' if one.high < 0 else 'longer'}"
