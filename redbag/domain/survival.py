"""How long stays last when some are still open: Kaplan–Meier, the log-rank test, cumulative incidence.

Everything is made from whole-day counts, so that a country's stays take no longer than a home's. On one day
of stay, those that end come before those censored. A stay that was open when records of it began enters on
that day of its stay (delayed entry). Death ends a stay; it never censors one. Point estimates and medians are
exact (whole numbers, fractions); variances, tests and incidences are floats.

Sources: Greenwood's variance with the log-log interval (Kalbfleisch and Prentice), Mantel's log-rank test
with the hypergeometric variance, the Aalen–Johansen estimator of cumulative incidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import erfc, exp, gamma, log, sqrt

import numpy as np

from redbag.domain.length_of_stay import KaplanMeierRow, life_table, still_there

Z_95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

HOME, DIED, ELSEWHERE, NOT_SAID = "home", "died", "elsewhere", "unknown"


@dataclass
class Lives:
    """Stays by day of stay: those that ended (`home` alive, `died`, `elsewhere` alive, or `not_said` how),
    those last known `open`, and the day of stay on which late ones of them `entered`."""

    home: Counter[int] = field(default_factory=Counter)
    died: Counter[int] = field(default_factory=Counter)
    elsewhere: Counter[int] = field(default_factory=Counter)
    not_said: Counter[int] = field(default_factory=Counter)
    open: Counter[int] = field(default_factory=Counter)
    entered: Counter[int] = field(default_factory=Counter)

    def add(self, days: int, ended_as: str, entered: int = 0) -> None:
        """One stay of so many days. `ended_as`: home, died, elsewhere, "" while open, else nobody said;
        `entered`: how old it was when records of it began. Raises ValueError where it was over by then."""
        if not 0 <= entered <= days:
            raise ValueError("A stay cannot enter after its last day.")
        ways = {HOME: self.home, DIED: self.died, ELSEWHERE: self.elsewhere, "": self.open}
        ways.get(ended_as, self.not_said)[days] += 1
        if entered:
            self.entered[entered] += 1

    @property
    def ended(self) -> Counter[int]:
        """How many ended at each length, in any way."""
        return self.home + self.died + self.elsewhere + self.not_said

    @property
    def n(self) -> int:
        ways = (self.home, self.died, self.elsewhere, self.not_said, self.open)
        return sum(one.total() for one in ways)

    @property
    def table(self) -> tuple[KaplanMeierRow, ...]:
        return life_table(self.ended, self.open, self.entered)


@dataclass(frozen=True)
class Step:
    """One day on which stays ended: the share of stays longer than it (`above` of `below`), its 95 %
    interval, and how many were at risk on it."""

    day: int
    at_risk: int
    ended: int
    above: int
    below: int
    low: float
    high: float

    @property
    def survival(self) -> Fraction:
        return Fraction(self.above, self.below)

    @property
    def share(self) -> float:
        return self.above / self.below


@dataclass(frozen=True)
class Curve:
    """A Kaplan–Meier curve: 1 before its first step, level between steps. `median`: the first day on which
    it is at or below one half, None if never; `median_interval`: the same of its two limits (Brookmeyer and
    Crowley)."""

    steps: tuple[Step, ...]
    median: int | None
    median_interval: tuple[int | None, int | None]
    last_day: int
    n: int


@dataclass(frozen=True)
class LogRank:
    """Whether groups leave at one pace: chi-squared with its degrees of freedom and p, and for each group how
    many stays ended and how many would have, had all left at one pace."""

    chi_squared: float
    degrees: int
    p: float
    observed: tuple[int, ...]
    expected: tuple[float, ...]


Incidence = tuple[tuple[int, float], ...]
"""(Day, share of all stays that have ended in one way by that day), a step at a time."""


def kaplan_meier(
    ended: Mapping[int, int], open_: Mapping[int, int], entered_late: Mapping[int, int] | None = None
) -> Curve:
    """The curve of stays that ended, and were last known open, at each length in days (see life_table)."""
    table = life_table(ended, open_, entered_late)
    steps: list[Step] = []
    spread = 0.0
    for row, above, below in still_there(table):
        left = row.at_risk - row.ended
        if left:
            spread += row.ended / (row.at_risk * left)
        low, high = _limits(above, below, spread)
        steps.append(Step(row.day, row.at_risk, row.ended, above, below, low, high))
    return Curve(
        steps=tuple(steps),
        median=next((step.day for step in steps if 2 * step.above <= step.below), None),
        median_interval=(
            next((step.day for step in steps if step.low <= 0.5), None),
            next((step.day for step in steps if step.high <= 0.5), None),
        ),
        last_day=table[-1].day if table else 0,
        n=sum(ended.values()) + sum(open_.values()),
    )


def _limits(above: int, below: int, spread: float) -> tuple[float, float]:
    """Greenwood's interval on the log(-log) scale; at 0 there is nothing left to be uncertain about."""
    if not above:
        return 0.0, 0.0
    share = above / below
    if above == below:
        return 1.0, 1.0
    lean = Z_95 * sqrt(spread) / log(share)
    return share ** exp(-lean), share ** exp(lean)


def at_risk(table: Sequence[KaplanMeierRow], entered_late: Mapping[int, int], day: int) -> int:
    """How many stays are known to be open at the start of this day of stay."""
    gone = sum(row.ended + row.censored for row in table if row.day < day)
    whole = sum(row.ended + row.censored for row in table)
    return whole - gone - sum(n for entered, n in entered_late.items() if entered > day)


def log_rank(tables: Sequence[Sequence[KaplanMeierRow]], late: Sequence[Mapping[int, int]]) -> LogRank | None:
    """The log-rank test of two or more groups; `late`: the delayed entries of each (see life_table).

    None where there is nothing to test: no stay ended while another was at risk in another group.
    """
    places = len(tables)
    days = sorted({row.day for table in tables for row in table if row.ended})
    ended = np.array([_by_day(table, days) for table in tables], np.float64)
    risk = np.array(
        [_risk_by_day(table, entered, days) for table, entered in zip(tables, late, strict=True)], np.float64
    )
    if not days:
        return None
    all_ended, all_risk = ended.sum(axis=0), risk.sum(axis=0)
    shares = risk / all_risk
    expected = (shares * all_ended).sum(axis=1)
    pace = all_ended * (all_risk - all_ended) / np.where(all_risk > 1, all_risk - 1, 1)
    spread = np.diag((shares * pace).sum(axis=1)) - (shares * pace) @ shares.T
    off = ended.sum(axis=1) - expected
    # One group's figures follow from the others'.
    if np.linalg.matrix_rank(spread[:-1, :-1], tol=1e-9) < places - 1:
        return None
    chi_squared = float(off[:-1] @ np.linalg.solve(spread[:-1, :-1], off[:-1]))
    return LogRank(
        chi_squared,
        places - 1,
        chi_squared_beyond(chi_squared, places - 1),
        tuple(int(n) for n in ended.sum(axis=1)),
        tuple(float(n) for n in expected),
    )


def _by_day(table: Iterable[KaplanMeierRow], days: Sequence[int]) -> list[int]:
    ended = {row.day: row.ended for row in table}
    return [ended.get(day, 0) for day in days]


def _risk_by_day(
    table: Sequence[KaplanMeierRow], entered_late: Mapping[int, int], days: Sequence[int]
) -> list[int]:
    leaving = {row.day: row.ended + row.censored for row in table}
    known = sum(leaving.values()) - sum(entered_late.values())
    found: list[int] = []
    passed = iter(sorted({*leaving, *entered_late, *days}))
    for day in days:
        for one in passed:
            known += entered_late.get(one, 0)
            if one == day:
                break
            known -= leaving.get(one, 0)
        found.append(known)
        known -= leaving.get(day, 0)
    return found


def chi_squared_beyond(value: float, degrees: int) -> float:
    """The chance of a chi-squared of `degrees` (1 or more) at or above `value`, in closed form.

    For even degrees a Poisson sum, for odd ones the normal tail and a sum of the same kind (Abramowitz and
    Stegun 26.4.4 and 26.4.5). Raises ValueError below one degree.
    """
    if degrees < 1:
        raise ValueError("A chi-squared has one degree of freedom or more.")
    half = max(value, 0.0) / 2
    odd = degrees % 2
    tail = erfc(sqrt(half)) if odd else 0.0
    for whole in range(degrees // 2):
        power = whole + odd / 2
        tail += exp(-half) * half**power / gamma(power + 1)
    return min(1.0, tail)


def incidence(lives: Lives) -> dict[str, Incidence]:
    """The cumulative incidence of each way in which a stay ends, with the others as competing events.

    At the end the incidences and the share still in hospital make one whole.
    """
    ways = {HOME: lives.home, DIED: lives.died, ELSEWHERE: lives.elsewhere, NOT_SAID: lives.not_said}
    reached = dict.fromkeys(ways, 0.0)
    found: dict[str, list[tuple[int, float]]] = {way: [] for way in ways}
    before = 1.0
    for row, above, below in still_there(lives.table):
        for way, ended in ways.items():
            if ended.get(row.day):
                reached[way] += before * ended[row.day] / row.at_risk
                found[way].append((row.day, reached[way]))
        before = above / below
    return {way: tuple(steps) for way, steps in found.items()}
