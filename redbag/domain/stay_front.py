"""Three short answers for a manager without training: did stays change, since when, and how sure is that."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from redbag.domain import spc_words, stay_answer
from redbag.domain.london_time import format_month
from redbag.domain.spc import NONE
from redbag.domain.spc_chart import FEWEST_FOR_LIMITS, SpcChart, TooFew
from redbag.domain.stay_answer import MANY
from redbag.domain.stay_difference import Difference, Interval
from redbag.domain.stay_report import StayReport

NOT_AN_EFFECT = "A difference is not an effect: years differ in who falls ill and how severely."


FROM_LISTS = "Those before come from lists that were loaded."
_SURE = ("Chance alone", "That may be chance")


@dataclass(frozen=True)
class Verdict:
    """One question with its own answer, and how sure that one is ("" where nothing could be compared).
    `joining`: whether it compares before and since joining, and not two years."""

    question: str
    said: str
    sure: str
    joining: bool = False

    @property
    def sentence(self) -> str:
        """All of it, for paper."""
        return f"{self.question}: {self.said} {self.sure}".strip()


@dataclass(frozen=True)
class FrontAnswer:
    """Whether stays changed, each comparison with its own certainty, and since when ("" where the first
    comparison says that: before and after the home joined)."""

    verdicts: tuple[Verdict, ...]
    since: str = ""


def answer(report: StayReport, chart: SpcChart | TooFew, since_joining: str = "") -> FrontAnswer:
    """The answers of the length-of-stay report and of the chart over time of its medians. `since_joining`:
    what comparing before and after the home joined says, where earlier stays are loaded."""
    years = Verdict("This year against last", against_last_year(report), sure(report.difference))
    said = since(chart, since_joining)
    return FrontAnswer((_joining(said), years)) if since_joining else FrontAnswer((years,), said)


def _joining(said: str) -> Verdict:
    """What is said of before and after joining, apart from how sure that is."""
    cut = min((said.index(one) for one in _SURE if one in said), default=len(said))
    compared, how_sure = said[:cut].strip(), said[cut:]
    if how_sure:
        compared = f"{compared} {FROM_LISTS}"
    return Verdict("Since we began with the red bag", compared, how_sure, joining=True)


def against_last_year(report: StayReport) -> str:
    """The sentence of the report; shorter where the medians are the same and so few stays prove nothing."""
    now, then, found = report.beside.this_year, report.beside.year_before, report.difference
    if not isinstance(found, Difference) or now.median is None or now.median != then.median:
        return report.sentence
    if report.is_clear or (found.median.is_narrow and found.mean.is_narrow) or min(now.n, then.n) >= MANY:
        return report.sentence
    stays = f"{now.n} stays each" if now.n == then.n else f"{now.n} and {then.n} stays"
    median = stay_answer.days(now.median)
    return f"No difference seen: a median of {median} both years ({stays}: too few to rule one out)."


def has_before(chart: SpcChart | TooFew) -> bool:
    """Whether the chart shows stays from before the home joined beside those since."""
    return isinstance(chart, SpcChart) and chart.now.rebase is not None


def since(chart: SpcChart | TooFew, since_joining: str = "") -> str:
    """From when on the stays of a place differ from what they were before, as far as can be told."""
    if isinstance(chart, TooFew):
        return f"Cannot be told. {spc_words.answer(chart)}"
    rebase = chart.now.rebase
    if rebase is not None and since_joining:
        return f"{rebase.words} in {format_month(rebase.day)}. {since_joining}"
    if not chart.now.has_limits:
        has = f"{chart.now.count} point{'s' if chart.now.count != 1 else ''}"
        return f"Cannot be told yet: the chart has {has} so far, and it takes {FEWEST_FOR_LIMITS}."
    if chart.last.rule != NONE:
        return spc_words.answer(chart)
    found = "No turning point now: the latest figures lie within their usual ups and downs."
    return f"{found} {spc_words.last_unusual(chart)}".strip()


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


def _side(number: float, way: str) -> str:
    """One end of an interval that has 0 in it."""
    shown = abs(round(number, 1))
    return f"{stay_answer.days(shown)} {way}" if shown else "no difference"


def _between(one: Interval) -> str:
    if one.low <= 0 <= one.high:
        first, last = _side(one.low, "shorter"), _side(one.high, "longer")
        return f"anything from {first} to {last}" if first != last else "0 days either way"
    low, high = sorted((abs(one.low), abs(one.high)))
    least = stay_answer.days(low) if round(low, 1) else "less than 0.1 days"
    return f"{least} to {stay_answer.days(high)} {'shorter' if one.high < 0 else 'longer'}"
