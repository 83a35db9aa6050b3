"""The answer to "are stays getting shorter", in words that claim no more than the figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from redbag.domain.london_time import format_day
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stay_difference import Difference, Interval
from redbag.domain.stays_by_month import Figures, YearBesideYear

FEW = 10  # closed stays a year below which a median moves by chance alone
MANY = 100  # closed stays a year of which nobody would say that they are few
NOT_AN_EFFECT = "A difference is not an effect: years differ in who falls ill and how severely."
Count = Callable[[int], str]
"""A number of stays as this reader may see it."""


@dataclass(frozen=True)
class Spans:
    """What the two periods that are compared are called."""

    now: str = "the last 12 complete months"
    then: str = "the 12 before"

    @classmethod
    def of(cls, chosen: ReportFilter) -> Spans:
        if not chosen.period_kept:
            return cls()
        return cls(chosen.period_words, "the same months a year before")


_USUAL = Spans()


def number(length: float) -> str:
    """As days() says it, without the unit."""
    return f"{length:.1f}".removesuffix(".0")


def days(length: float) -> str:
    """A number of days, with one decimal where there is one."""
    shown = number(length)
    return f"{shown} day" if shown == "1" else f"{shown} days"


def alone(place: str, figures: Figures, began: date, count: Count, spans: Spans = _USUAL) -> str:
    """What can be said while no month has a whole month a year before it."""
    if figures.median is None:
        return f"Records of {place} began on {format_day(began)}: there are no whole months to show yet."
    return (
        f"{_half(figures, count, spans)} Records began on {format_day(began)}: there is no year before to "
        "compare with yet."
    )


def not_compared(place: str, figures: Figures, count: Count, spans: Spans) -> str:
    """What is said of more than a year, which would overlap with the year before it."""
    if figures.median is None:
        return _nothing(place, spans)
    return f"{_half(figures, count, spans)} Choose twelve months or less to compare with the year before."


def compared(
    place: str, beside: YearBesideYear, found: Difference | None, count: Count, spans: Spans = _USUAL
) -> str:
    """The sentence on two years. Where either has few stays it says so, and not which was shorter."""
    now, then = beside.this_year, beside.year_before
    if now.median is None:
        return _nothing(place, spans)
    if then.median is None:
        none = f"No such stay ended in {spans.then}: there is nothing to compare with."
        return f"{_half(now, count, spans)} {none}"
    months = len(beside.months)
    same_months = "" if months == 12 or spans != _USUAL else f"; the same {months} months"
    if found is None:
        return (
            f"Too few stays to say whether they are getting shorter: {count(now.n)} ended in {spans.now}, "
            f"{count(then.n)} in {spans.then}{same_months}."
        )
    verdict, by_mean = _verdict(found, min(now.n, then.n)), found.decided_by_mean
    first, second = (days((one.mean if by_mean else one.median) or 0) for one in (now, then))
    return (
        f"{verdict}: a {'mean' if by_mean else 'median'} of {first} over {spans.now} "
        f"({count(now.n)} stays), {second} over {spans.then} "
        f"({count(then.n)} stays{same_months}).{_other(found, now, then)}"
    )


def compared_by_mean(beside: YearBesideYear, found: Interval, count: Count, spans: Spans = _USUAL) -> str:
    """The sentence on two years of so many stays that only their sums are kept by home: by the mean."""
    now, then = beside.this_year, beside.year_before
    if found.is_clear:
        verdict = f"The mean stay was {_by(found)}"
    elif found.is_narrow:
        verdict = "Stays were about as long as the year before"
    else:
        verdict = "Stays cannot be told apart from those of the year before, as the difference may be chance"
    return (
        f"{verdict}: a mean of {days(now.mean or 0)} over {spans.now} ({count(now.n)} stays), "
        f"{days(then.mean or 0)} over {spans.then} ({count(then.n)} stays). "
        f"The median: {days(now.median or 0)} against {number(then.median or 0)}."
    )


def _nothing(place: str, spans: Spans) -> str:
    return f"No stay from {place} has ended in {spans.now}."


def _half(figures: Figures, count: Count, spans: Spans) -> str:
    if count(figures.n) == "1":
        return f"One stay ended in {spans.now}. It lasted {days(figures.median or 0)}."
    return (
        f"Half of the {count(figures.n)} stays that ended in {spans.now} lasted "
        f"{days(figures.median or 0)} or less."
    )


def _verdict(found: Difference, fewest: int) -> str:
    median, mean = found.median, found.mean
    if median.is_clear and mean.is_clear and median.difference * mean.difference < 0:
        return "Stays changed both ways, the median one way and the mean the other"
    if median.is_clear and median.difference * mean.difference < 0:
        return f"The median stay was {_by(median)}"
    if median.is_clear:
        return f"Stays were {_by(median)}"
    if mean.is_clear:
        return f"The mean stay was {_by(mean)}"
    if median.is_narrow and mean.is_narrow:
        return "Stays were about as long as the year before"
    if fewest < MANY:
        return f"Too few stays to tell; {_seen(found)}"
    return "Stays cannot be told apart from those of the year before, as the difference may be chance"


def _seen(found: Difference) -> str:
    """Which way the medians of these figures differ, where that may be chance."""
    median = found.median.difference
    if not median:
        return "no difference in these figures"
    who = "the median was" if median * found.mean.difference < 0 else "they were"
    return f"in these figures {who} {'shorter' if median < 0 else 'longer'}"


def _by(one: Interval) -> str:
    return (
        f"{'shorter' if one.difference < 0 else 'longer'} than the year before, by about "
        f"{days(abs(one.difference))}"
    )


def _other(found: Difference, now: Figures, then: Figures) -> str:
    """The medians where the verdict goes by the means; the means where they say something else."""
    opposite = found.median.difference * found.mean.difference < 0
    if found.decided_by_mean:
        both = f"{days(now.median or 0)} against {number(then.median or 0)}"
        way = (
            "went the other way, which may be chance"
            if opposite
            else "differs by less than chance may make it"
        )
        return f" The median {way}: {both}."
    both = f"{number(now.mean or 0)} days against {number(then.mean or 0)}"
    if opposite:
        return f" The mean went the other way: {both}."
    return "" if found.median.is_clear else f" The mean: {both}."
