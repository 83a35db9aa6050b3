"""How much a difference may be chance, in words: the same on every page, always of a 95 % interval."""

from __future__ import annotations

from math import isfinite

from redbag.domain.stay_answer import days
from redbag.domain.stay_difference import Difference, Interval


def sure(found: Difference | Interval | None) -> str:
    """How much the difference may be chance. Of a difference of medians and means the one that decides."""
    one = _that_decides(found)
    if one is None or not isfinite(one.low):
        return "Not sure at all: with so few stays to compare, a difference is mostly chance."
    if one.is_clear:
        return f"Fairly sure that this is more than chance: {between(one)} (95 % interval)."
    if one.is_narrow and (not isinstance(found, Difference) or found.mean.is_narrow):
        return f"Fairly sure that there is no large difference: {between(one)} (95 % interval)."
    return f"Not sure: it may be chance. The true difference may be {between(one)} (95 % interval)."


def between(one: Interval) -> str:
    """An interval in days, for example "2 days to 5 days shorter", or with no difference in it "anything from
    5 days shorter to 1 day longer"."""
    if one.low <= 0 <= one.high:
        first, last = _side(one.low, "shorter"), _side(one.high, "longer")
        return f"anything from {first} to {last}" if first != last else "0 days either way"
    low, high = sorted((abs(one.low), abs(one.high)))
    least = days(low) if round(low, 1) else "less than 0.1 days"
    return f"{least} to {days(high)} {'shorter' if one.high < 0 else 'longer'}"


def _that_decides(found: Difference | Interval | None) -> Interval | None:
    """The interval that the sentence goes by: of the medians, unless only the means tell."""
    if not isinstance(found, Difference):
        return found
    return found.mean if found.decided_by_mean else found.median


def _side(number: float, way: str) -> str:
    """One end of an interval that has 0 in it."""
    shown = abs(round(number, 1))
    return f"{days(shown)} {way}" if shown else "no difference"
