"""What a comparison of two groups of stays says in words, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from redbag.domain.comparison import FOLLOWED_DAYS, Comparison, Kind
from redbag.domain.comparison_factors import FEWEST_DRAWN
from redbag.domain.how_sure import between, sure
from redbag.domain.listing_words import any_of
from redbag.domain.report_tables import Definition
from redbag.domain.stay_answer import FEW, days
from redbag.domain.stay_difference import Interval
from redbag.domain.suppression import SMALLEST_SHOWN

Count = Callable[[int], str]
"""How a number of stays is said to this reader."""

TITLES = {Kind.BAG: "With and without the red bag", Kind.JOINING: "Before and since the red bag"}
GROUP_WORDS = {
    "with": "With the red bag",
    "without": "Without the red bag",
    "unknown": "Not known",
    "before": "Before the red bag",
    "after": "Since the red bag came",
}
FACTOR_WORDS = {
    "age": "Age on admission",
    "reason": "Why they went",
    "season": "Season of admission",
    "home": "Home",
    "hospital": "Hospital",
}
_ALIKE = {
    "age": "of the same age",
    "reason": "who went for the same reason",
    "season": "who went in the same season",
    "hospital": "in the same hospital",
}
"""People with one factor held still."""
SHORT_WORDS = {"with": "With", "without": "Without", "before": "Before", "after": "Since"}
_PLAIN = {
    Kind.BAG: ("stays with the red bag", "those without"),
    Kind.JOINING: ("stays since the red bag came", "those before"),
}
TOO_FEW_HOMES = (
    f"There are too few homes for a comparison: fewer than {SMALLEST_SHOWN} have such stays, and the figures "
    "would be their own. Homes and hospitals have it for themselves."
)
NO_EFFECT = {
    Kind.BAG: "A difference is not an effect of the bag: the groups differ in age, season, home and reason, "
    "and nobody drew lots for who got a bag.",
    Kind.JOINING: "A difference is not an effect of the bag: between two spans of time much else changes, "
    "such as who falls ill, how severely, and how hospitals work. Stays may have been changing before "
    "that: the chart over time shows it. And the stays before come from lists that were loaded, those "
    "since from the wards: what was written down, and of whom, may differ.",
}


def too_few_homes(found: Comparison) -> bool:
    """Whether so few homes are behind a comparison that it would show a home's own figures."""
    return found.homes_behind < SMALLEST_SHOWN


@dataclass(frozen=True)
class Lead:
    """Whether two groups differ, and how sure that is ("" where nothing could be compared)."""

    said: str
    sure: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.said} {self.sure}".strip()


def lead(found: Comparison, count: Count, *, drawn: str, hides_small: bool) -> Lead:
    """The answer of a comparison. `drawn`: who is drawn together, residents or homes; `hides_small`: whether
    numbers below 8 are hidden from this reader."""
    withheld = _withheld(found, hides_small=hides_small)
    if withheld:
        return Lead(withheld)
    first, second = found.first.figures, found.second.figures
    one, other = _PLAIN[found.kind]
    if found.mean is None:
        return Lead(
            f"There are too few stays to tell {one} from {other}: {count(first.n)} against "
            f"{count(second.n)}. Each group needs {FEW} stays, of {FEWEST_DRAWN} {drawn}."
        )
    means = f"{first.mean:.1f} against {second.mean:.1f} days on average"
    how_sure = sure(found.mean)
    if found.mean.is_clear and found.median is not None and not found.median.is_clear:
        how_sure += (
            f" The medians, {first.median:.1f} against {second.median:.1f} days, may differ by chance."
        )
    return Lead(f"{one[0].upper()}{one[1:]} were {than(found.mean, other)}: {means}.", how_sure)


def _withheld(found: Comparison, *, hides_small: bool) -> str:
    """Why nothing is compared for this reader; "" where something is."""
    if not found.both:
        return _nothing(found)
    if hides_small and too_few_homes(found):
        return TOO_FEW_HOMES
    if hides_small and min(found.first.figures.n, found.second.figures.n) < SMALLEST_SHOWN:
        return "There are too few stays to show."
    return ""


def sentences(found: Comparison, count: Count, *, drawn: str, hides_small: bool) -> tuple[str, ...]:
    """The answer first, then what speaks for and against it; arguments as of lead()."""
    first = lead(found, count, drawn=drawn, hides_small=hides_small)
    if _withheld(found, hides_small=hides_small):
        return (first.said,)
    beside = (*_same_home(found), held_still(found), "" if hides_small else deaths(found, count))
    return (first.sentence, *filter(None, beside), NO_EFFECT[found.kind], *_homes(found, count))


def _same_home(found: Comparison) -> tuple[str, ...]:
    """The difference with the home held still, beside the plain one: homes differ in how long their residents
    stay, and in how many of them went with the bag."""
    within = next((one.weighted for one in found.factors if one.key == "home"), None)
    if within is None or found.mean is None:
        return ()
    how_sure = "more than chance" if within.is_clear else "that may be chance"
    return (f"Comparing within the same home: {than(within, '').strip()}; {how_sure} ({between(within)}).",)


def held_still(found: Comparison) -> str:
    """Whether a difference that is more than chance stays so with one factor held still; "" where there is no
    such difference, or no factor that can be held still."""
    if found.mean is None or not found.mean.is_clear:
        return ""
    kept, told = [], []
    for one in found.factors:
        if one.weighted is None or one.key == "home":
            continue
        if one.weighted.is_clear and one.weighted.difference * found.mean.difference > 0:
            kept.append(_ALIKE[one.key])
        else:
            clear = one.weighted.is_clear
            but, chance = ("But", "is more than") if clear else ("Less sure", "may be")
            runs = f"{than(one.weighted, '')}, which {chance} chance ({between(one.weighted)})"
            told.append(f"{but} comparing only people {_ALIKE[one.key]}: {runs}.")
    if kept:
        told.append(f"{'Still more' if told else 'More'} than chance comparing only people {any_of(kept)}.")
    return " ".join(told)


def deaths(found: Comparison, count: Count) -> str:
    """How many of the stays that are compared ended in death; "" where none did, or where that is not
    known."""
    first, second = found.first, found.second
    if found.counted or not (first.died or second.died):
        return ""
    return (
        f"A stay that ends in death counts up to it: {count(first.died)} of the {count(first.figures.n)} "
        f"{SHORT_WORDS[first.key].lower()}, {count(second.died)} of the {count(second.figures.n)} "
        f"{SHORT_WORDS[second.key].lower()}."
    )


def _nothing(found: Comparison) -> str:
    if found.kind is Kind.JOINING and found.homes and found.homes.compared:
        return (
            "There is nothing to compare: before or since the home began no stay is over and followed long "
            "enough."
        )
    if found.kind is Kind.JOINING:
        return (
            "There is nothing to compare yet: no home here has stays from before it began with the red bag "
            "and since. Load the stays of the year before that, and they will stand here beside those since."
        )
    missing = "without" if found.first.closed.total() else "with"
    return f"There is nothing to compare: no stay {missing} the red bag has ended in these months."


def than(difference: Interval, other: str) -> str:
    """For example "5.4 days shorter than those before"; without an `other` "5.4 days shorter"."""
    if not round(abs(difference.difference), 1):
        return f"as long as {other}" if other else "no difference"
    said = f"{days(abs(difference.difference))} {'shorter' if difference.difference < 0 else 'longer'}"
    return f"{said} than {other}" if other else said


def _homes(found: Comparison, count: Count) -> tuple[str, ...]:
    homes = found.homes
    if homes is None or homes.compared + homes.without_baseline < 2:
        return ()
    said = f"Homes with stays from before and since, which are compared: {count(homes.compared)}."
    if homes.without_baseline:
        said += (
            f" Homes without earlier stays: {count(homes.without_baseline)}; their {count(homes.left_out)} "
            "stays are left out."
        )
    return (said,)


_JOINED = (
    (
        "Before and since",
        "By the day of admission, up to two years on either side of the day a home joined; only homes with "
        "stays on both sides.",
    ),
    (
        "Followed long enough",
        f"Admissions count in a mean or median where records go on for {FOLLOWED_DAYS} days: of the last "
        "ones before that only the short stays are over. Stays still open then are counted apart.",
    ),
    (
        "Already in hospital",
        "Whoever was in hospital when a home’s earlier records begin is known only because the stay lasted: "
        "such stays enter the curves on that day of their stay, and no mean or median.",
    ),
)
_WITH = (
    (
        "With the red bag",
        "Settled by what was said by the day after admission. A scan on a later day never moves a stay to "
        "the other group: long stays have more days to be scanned on, and a bag without any effect would "
        "seem to lengthen them. Where nobody said, the stay stands under Not known and is not compared.",
    ),
    (
        "Which stays",
        "Closed stays by month of discharge, complete months only, since each home joined and without the "
        "first three months of its records, which read too short.",
    ),
)


def definitions(found: Comparison, *, drawn: str, analyst: bool) -> tuple[Definition, ...]:
    """The terms of the page, each with its rule."""
    said = [
        (
            "Length of stay",
            "The discharge date minus the admission date in London days (midnights crossed). Death ends a "
            "stay. Half of the stays were shorter than the median; nine in ten were over by the 90th "
            "percentile, by linear interpolation.",
        ),
        *(_WITH if found.kind is Kind.BAG else _JOINED),
        (
            "The 95 % interval",
            f"A bootstrap with 2,000 fixed draws that resamples {drawn}, each with all their stays, and "
            "takes the middle 95 % of the differences. It says how much chance moves the difference, not "
            "whether the groups are alike. Given where both groups have "
            f"{FEW} stays of {FEWEST_DRAWN} {drawn}.",
        ),
        (
            "One factor at a time",
            "The same groups within each value of one factor. With the factor held still, the differences of "
            "its rows are averaged; a row with m and n stays in the two groups counts m × n ÷ (m + n), so "
            "most where both have many. Rows with one group only, or not recorded, drop out.",
        ),
    ]
    if analyst:
        said += _CURVES
    said.append(("No effect", NO_EFFECT[found.kind]))
    return tuple(Definition(term, rule) for term, rule in said)


_CURVES = (
    (
        "Still in hospital",
        "Kaplan–Meier: the share still in hospital after each day, by admission, with open stays counted for "
        "as long as they have lasted; on one day, stays that end come before those last known open. The "
        "interval is Greenwood’s on the log-log scale.",
    ),
    (
        "Log-rank test",
        "Whether both groups leave hospital at one pace. A p below 0.05 is called unusual by "
        "custom. It takes each stay for one of its own: the interval, which draws the stays of one resident "
        "or home together, is the surer guide.",
    ),
    (
        "Going home alive and dying",
        "Cumulative incidence (Aalen–Johansen): the share of all stays that has ended in each way by a day. "
        "Whoever died can no longer go home, and is not taken for somebody who still might.",
    ),
)
