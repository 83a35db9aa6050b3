"""Two groups of stays within each value of one factor, and their difference with that factor held still."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from redbag.domain.held_counts import Sums
from redbag.domain.report_filter import AGE_BANDS, NOT_RECORDED, STAY_REASONS, age_band
from redbag.domain.stay_answer import FEW
from redbag.domain.stay_counts import StayFacts
from redbag.domain.stay_difference import Interval, Sample, weighted_difference, weighted_difference_of_sums
from redbag.domain.stays_by_month import season

MOST_LEVELS = 250
"""A factor with more values that both groups have gets no interval: it would take seconds."""
FEWEST_DRAWN = 5
"""An interval is given where both groups have stays of so many residents (or homes), and FEW stays."""

SEASONS = (
    ("q1", "January to March"),
    ("q2", "April to June"),
    ("q3", "July to September"),
    ("q4", "October to December"),
)


@dataclass(frozen=True)
class Side:
    """One group's stays within a value: how many, and their days together."""

    n: int
    days: int

    @property
    def mean(self) -> float | None:
        return self.days / self.n if self.n else None


@dataclass(frozen=True)
class Level:
    """One value of a factor: both groups' stays within it."""

    key: str
    first: Side
    second: Side

    @property
    def difference(self) -> float | None:
        """The first mean minus the second, in days; None where one of them has no stays."""
        if self.first.mean is None or self.second.mean is None:
            return None
        return self.first.mean - self.second.mean


@dataclass(frozen=True)
class Factor:
    """The groups within each value of one factor. `weighted`: the difference with the factor held still;
    `dropped`: stays that it leaves out, whose value is not recorded or in one of the groups only."""

    key: str
    levels: tuple[Level, ...]
    weighted: Interval | None
    n: int
    dropped: int


def enough(sample: Sample) -> bool:
    """Whether both groups have enough stays, of enough residents (or homes), for an interval."""
    for group in (False, True):
        rows = [row for row, second in zip(sample.drawn_with, sample.second, strict=True) if second is group]
        if len(rows) < FEW or len(set(rows)) < FEWEST_DRAWN:
            return False
    return True


def factors_of(compared: Sequence[StayFacts], sample: Sample) -> tuple[Factor, ...]:
    """The factors that have more than one value among these stays, one at a time; `sample` holds the same
    stays in the same order."""
    found = []
    for key, value_of in _VALUES.items():
        values = [value_of(stay) for stay in compared]
        if len(set(values)) > 1:
            found.append(_factor(key, values, sample))
    return tuple(found)


def factors_of_sums(kept: Mapping[str, Mapping[str, Sums]]) -> tuple[Factor, ...]:
    """The same from sums by factor and value: of each group of homes that is drawn together the stays and
    days in the first group, and in the second."""
    # In one order, whatever the order in which a database hands the sums over.
    there = [(key, kept[key]) for key in _VALUES if key in kept]
    return tuple(_factor_of_sums(key, by_value) for key, by_value in there if len(by_value) > 1)


def _factor_of_sums(key: str, by_value: Mapping[str, Sums]) -> Factor:
    sums = {value: [sum(column) for column in zip(*rows, strict=True)] for value, rows in by_value.items()}
    order = _order(key, sums)
    both = _in_both(order, sums)
    stays_of = (0, 2)  # the column of each group's stays
    n = [sum(sums[value][column] for value in both) for column in stays_of]
    of_homes = list(zip(*(by_value[value] for value in both), strict=True))
    drawn = [sum(any(one[column] for one in row) for row in of_homes) for column in stays_of]
    surely = min(n) >= FEW and min(drawn) >= FEWEST_DRAWN
    return Factor(
        key,
        _levels(order, sums),
        weighted=weighted_difference_of_sums([by_value[value] for value in both]) if surely else None,
        n=sum(n),
        dropped=sum(one[0] + one[2] for one in sums.values()) - sum(n),
    )


def _in_both(order: Iterable[str], sums: Mapping[str, Sequence[int]]) -> list[str]:
    """The recorded values that both groups have stays of."""
    return [value for value in order if value != NOT_RECORDED and sums[value][0] and sums[value][2]]


def _levels(order: Iterable[str], sums: Mapping[str, Sequence[int]]) -> tuple[Level, ...]:
    return tuple(Level(value, Side(*sums[value][:2]), Side(*sums[value][2:])) for value in order)


def _factor(key: str, values: Sequence[str], sample: Sample) -> Factor:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for value, second, days in zip(values, sample.second, sample.days, strict=True):
        one = sums[value]
        one[2 * second] += 1
        one[2 * second + 1] += days
    order = _order(key, sums)
    both = _in_both(order, sums)
    usable = {value: place for place, value in enumerate(both)}
    used = [place for place, value in enumerate(values) if value in usable]
    within = sample.at(used)
    levels = [usable[values[place]] for place in used]
    return Factor(
        key,
        _levels(order, sums),
        weighted=weighted_difference(within, levels) if enough(within) and len(both) <= MOST_LEVELS else None,
        n=len(used),
        dropped=len(values) - len(used),
    )


def _order(key: str, sums: Mapping[str, Sequence[int]]) -> list[str]:
    """The values in the order in which they are shown: as lists have them, places with most stays first."""
    if key in _CHOICES:
        return [value for value, _ in _CHOICES[key] if value in sums]
    return sorted(sums, key=lambda value: (-sums[value][0] - sums[value][2], value))


_CHOICES = {"age": AGE_BANDS, "reason": STAY_REASONS, "season": SEASONS}
_VALUES: dict[str, Callable[[StayFacts], str]] = {
    "age": lambda stay: age_band(stay.age),
    "reason": lambda stay: stay.reason or NOT_RECORDED,
    "season": lambda stay: season(stay.admitted_on),
    "home": lambda stay: str(stay.home_id),
    "hospital": lambda stay: NOT_RECORDED if stay.hospital_id is None else str(stay.hospital_id),
}
