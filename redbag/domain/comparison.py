"""Two groups of stays beside each other: with and without the bag, before and after a home joined.

With the bag goes by what was said by the day after admission (journey.bag_at_admission): a scan on a later
day never moves a stay to the other group, or a bag without any effect would seem to lengthen stays (immortal
time). Where nobody said, the stay is in a group of its own, shown and never compared. Closed stays count in
the month of discharge, complete months only, without the first three months of each home's records.

Before and after a home joined goes by the day of admission, up to two years on either side, and only over
homes with stays on both. Admissions count where their records go on for FOLLOWED_DAYS: the last ones before
that hold only the stays that were short. Those admitted before the home's first recorded discharge are known
only because they lasted: they enter the curve late (delayed entry) and no mean or median.

A difference is not an effect: groups differ in age, season, home and reason.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from redbag.domain import survival
from redbag.domain.comparison_factors import FEWEST_DRAWN, Factor, enough, factors_of, factors_of_sums
from redbag.domain.held_counts import Sums
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stay_answer import FEW
from redbag.domain.stay_counts import StayFacts
from redbag.domain.stay_difference import (
    Interval,
    Sample,
    difference_of_counts,
    difference_of_sample,
    mean_difference,
)
from redbag.domain.stays_by_month import Figures, add_months, first_day, first_whole_month
from redbag.domain.survival import Lives, LogRank

FOLLOWED_DAYS = 90
"""So long an admission must have been followed before its stay counts in a mean or median."""
WINDOW_MONTHS = 24


class Kind(StrEnum):
    """What is compared."""

    BAG = "bag"
    JOINING = "joining"


GROUPS = {Kind.BAG: ("with", "without", "unknown"), Kind.JOINING: ("before", "after")}
"""The first two are compared, as first minus second; joining as after minus before (see ORDER)."""
ORDER = {Kind.BAG: ("with", "without"), Kind.JOINING: ("after", "before")}

CONTRADICTORY = "discharged before admitted: the record contradicts itself"
ADMITTED_AFTER = "admitted after the day of this report"
BEFORE_JOINING = "from before the home joined"
FIRST_MONTHS = "in the first three months of a home’s records, which read too short"
NOT_JOINED = "of homes without a first day with the red bag"
NO_OTHER_SIDE = "of homes without stays from before and since they began"
TOO_EARLY = "from more than two years before the home began"
TOO_LATE = "from more than two years after the home began"
EARLIER_NOT_FOLLOWED = f"from before the home began, admitted in the last {FOLLOWED_DAYS} days of records"
NOT_FOLLOWED = f"since the home began, admitted in the last {FOLLOWED_DAYS} days (in the curves only)"
KNOWN_BY_LASTING = "already in hospital when a home’s earlier records begin (in the curves from then)"


@dataclass
class Group:
    """One group: its closed stays at each length in days, how many of them ended in death (0 where they were
    made from kept counts), how many are still open, and all of them by how they ended for the curves."""

    key: str
    closed: Counter[int] = field(default_factory=Counter)
    died: int = 0
    n_open: int = 0
    lives: Lives = field(default_factory=Lives)

    @property
    def figures(self) -> Figures:
        return Figures.of(self.closed)


@dataclass(frozen=True)
class Homes:
    """Homes with stays on both sides of joining, and joined homes that have none before it, with how many
    stays of theirs that leaves out."""

    compared: int
    without_baseline: int
    left_out: int = 0


@dataclass(frozen=True)
class Comparison:
    """Two groups beside each other, the first minus the second in days; `apart`: shown, never compared.

    `mean` and `median`: None where there are too few stays for an interval. `counted`: made from kept counts,
    whose intervals draw fixed groups of homes, and which hold neither the home nor the hospital still.
    """

    kind: Kind
    as_of: date
    first: Group
    second: Group
    apart: tuple[Group, ...]
    mean: Interval | None
    median: Interval | None
    factors: tuple[Factor, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    homes: Homes | None = None
    counted: bool = False
    homes_behind: int = 0
    """The homes whose stays are compared: of both groups the fewer."""

    @property
    def groups(self) -> tuple[Group, ...]:
        return (self.first, self.second, *self.apart)

    @property
    def both(self) -> bool:
        """Whether there is anything to compare."""
        return bool(self.first.closed.total() and self.second.closed.total())

    @property
    def log_rank(self) -> LogRank | None:
        lives = (self.first.lives, self.second.lives)
        return survival.log_rank([one.table for one in lives], [one.entered for one in lives])


def usual(as_of: date) -> ReportFilter:
    """Everything over two years of complete months: one home has too few stays in one to compare."""
    chosen = ReportFilter.usual(as_of)
    return replace(chosen, first=add_months(chosen.last, 1 - WINDOW_MONTHS))


Keeps = Callable[[StayFacts], bool]


@dataclass
class _Tally:
    """Groups while they are counted, with the closed stays that are compared."""

    kind: Kind
    as_of: date
    groups: dict[str, Group]
    left_out: Counter[str] = field(default_factory=Counter)
    compared: list[tuple[StayFacts, str]] = field(default_factory=list)

    @classmethod
    def empty(cls, kind: Kind, as_of: date) -> _Tally:
        return cls(kind, as_of, {key: Group(key) for key in GROUPS[kind]})

    def is_sound(self, stay: StayFacts) -> bool:
        """Whether a stay can be in any figure; says why not."""
        why = CONTRADICTORY if stay.contradictory else ADMITTED_AFTER if stay.admitted_on > self.as_of else ""
        if why:
            self.left_out[why] += 1
        return not why

    def is_over(self, stay: StayFacts) -> bool:
        return stay.discharged_on is not None and stay.discharged_on <= self.as_of

    def compare(self, stay: StayFacts, key: str) -> None:
        self.groups[key].closed[_days(stay)] += 1
        self.groups[key].died += stay.ended_as == "died"
        if key in ORDER[self.kind]:
            self.compared.append((stay, key))

    def _homes(self, group: str) -> int:
        return len({stay.home_id for stay, key in self.compared if key == group})

    def result(self, homes: Homes | None = None) -> Comparison:
        first, second = ORDER[self.kind]
        sample = _sample(self.compared, second)
        both = _difference(sample)
        return Comparison(
            self.kind,
            self.as_of,
            self.groups[first],
            self.groups[second],
            tuple(group for key, group in self.groups.items() if key not in (first, second)),
            mean=both[0],
            median=both[1],
            factors=factors_of([stay for stay, _ in self.compared], sample),
            left_out=tuple((why, n) for why, n in self.left_out.items() if n),
            homes=homes,
            homes_behind=min(self._homes(first), self._homes(second)),
        )


def by_bag(stays: Iterable[StayFacts], chosen: ReportFilter, as_of: date, keeps: Keeps) -> Comparison:
    """With and without the bag: closed stays of the chosen months of discharge; for the curves, all stays
    admitted in them. `keeps`: whether a stay has the other chosen facts."""
    tally, months = _Tally.empty(Kind.BAG, as_of), set(chosen.months)
    start, end = chosen.start, chosen.end
    for stay in stays:
        if not keeps(stay) or not tally.is_sound(stay):
            continue
        if not stay.counts:
            tally.left_out[BEFORE_JOINING] += 1
            continue
        group, over = tally.groups[stay.bag], tally.is_over(stay)
        group.n_open += not over
        if start <= stay.admitted_on <= end:
            _live(group, stay, None if over else as_of)
        if not over or stay.discharged_on is None or first_day(stay.discharged_on) not in months:
            continue
        if stay.joined_on and first_day(stay.discharged_on) < first_whole_month(stay.joined_on):
            tally.left_out[FIRST_MONTHS] += 1
        else:
            tally.compare(stay, stay.bag)
    return tally.result()


Records = tuple[date, date]
"""The first day for which a home's earlier records are whole, and the last that they speak of."""


def by_joining(
    stays: Iterable[StayFacts], as_of: date, keeps: Keeps, known: Mapping[int, Records] | None = None
) -> Comparison:
    """Before and after each home joined, by day of admission. `stays`: every stay of the homes, also from
    before they joined; `keeps`: whether a stay has the chosen facts; `known`: for which days the earlier
    records of each home are whole, else from their first to their last discharge."""
    tally = _Tally.empty(Kind.JOINING, as_of)
    of_home: dict[int, list[StayFacts]] = defaultdict(list)
    for stay in stays:
        if tally.is_sound(stay):
            of_home[stay.home_id].append(stay)
    compared = without = 0
    for home in sorted(of_home):
        joined = of_home[home][0].joined_on
        before = [stay for stay in of_home[home] if not stay.counts]
        if joined is None or not any(map(in_window, before)) or len(before) == len(of_home[home]):
            tally.left_out[NOT_JOINED if joined is None else NO_OTHER_SIDE] += len(of_home[home])
            without += joined is not None and not before
            continue
        compared += 1
        records = (known or {}).get(home) or _records(before, as_of)
        _before(tally, [stay for stay in before if keeps(stay)], records)
        _after(tally, [stay for stay in of_home[home] if stay.counts and keeps(stay)])
    return tally.result(Homes(compared, without))


def in_window(stay: StayFacts) -> bool:
    """Whether a stay was admitted within two years of the day on which its home joined."""
    joined = stay.joined_on
    if joined is None:
        return False
    return add_months(joined, -WINDOW_MONTHS) <= stay.admitted_on < add_months(joined, WINDOW_MONTHS)


def _records(before: Iterable[StayFacts], as_of: date) -> Records | None:
    """The first and the last recorded discharge of a home's earlier stays; None where there is none."""
    days = [stay.discharged_on for stay in before if stay.discharged_on and stay.discharged_on <= as_of]
    return (min(days), max(days)) if days else None


def by_counts(
    closed: Mapping[str, Counter[int]],
    lives: Mapping[str, Lives],
    n_open: Mapping[str, int],
    sums: Sequence[tuple[int, int, int, int]],
    as_of: date,
    *,
    lengths: Sequence[tuple[Counter[int], Counter[int]]],
    held: Mapping[str, Mapping[str, Sums]],
) -> Comparison:
    """With and without the bag from kept counts: of each group the closed stays that are compared, those for
    its curve, and how many are open; `sums`: stays and days of both groups for each group of homes that is
    drawn together; `lengths` and `held`: of coarser groups of homes how many have each length, and the sums
    by factor and value (domain/held_counts.py).
    """
    groups = {
        key: Group(key, closed.get(key, Counter()), 0, n_open.get(key, 0), lives.get(key, Lives()))
        for key in GROUPS[Kind.BAG]
    }
    first, second = (groups[key] for key in ORDER[Kind.BAG])
    # Groups of homes, so no more than there are homes.
    homes_behind = min(sum(row[place] > 0 for row in sums) for place in (0, 2))
    enough = min(first.figures.n, second.figures.n) >= FEW and homes_behind >= FEWEST_DRAWN
    drawn = difference_of_counts(lengths) if enough else None
    return Comparison(
        Kind.BAG,
        as_of,
        first,
        second,
        (groups["unknown"],),
        mean=mean_difference(sums) if enough else None,
        median=drawn.median if drawn else None,
        counted=True,
        factors=factors_of_sums(held),
        homes_behind=homes_behind,
    )


def _before(tally: _Tally, stays: Sequence[StayFacts], records: Records | None) -> None:
    group = tally.groups["before"]
    for stay in stays:
        if not in_window(stay):
            tally.left_out[TOO_EARLY] += 1
        elif records is None or stay.admitted_on > records[1] - timedelta(days=FOLLOWED_DAYS):
            tally.left_out[EARLIER_NOT_FOLLOWED] += 1
        else:
            over = tally.is_over(stay)
            late = max(0, (records[0] - stay.admitted_on).days)
            _live(group, stay, None if over else records[1], late)
            if not over:
                group.n_open += 1
            elif late:
                tally.left_out[KNOWN_BY_LASTING] += 1
            else:
                tally.compare(stay, "before")


def _after(tally: _Tally, stays: Sequence[StayFacts]) -> None:
    group = tally.groups["after"]
    followed = tally.as_of - timedelta(days=FOLLOWED_DAYS)
    for stay in stays:
        if not in_window(stay):
            tally.left_out[TOO_LATE] += 1
            continue
        over = tally.is_over(stay)
        _live(group, stay, None if over else tally.as_of)
        if not over:
            group.n_open += 1
        elif stay.admitted_on > followed:
            tally.left_out[NOT_FOLLOWED] += 1
        else:
            tally.compare(stay, "after")


def _live(group: Group, stay: StayFacts, open_until: date | None, late: int = 0) -> None:
    """Counts a stay for the curves: over, or open at the end of `open_until`."""
    if open_until is None:
        group.lives.add(_days(stay), stay.ended_as or survival.NOT_SAID, late)
    else:
        group.lives.add((open_until - stay.admitted_on).days, "", late)


def _days(stay: StayFacts) -> int:
    if stay.discharged_on is None:
        raise ValueError("An open stay has no length.")
    return (stay.discharged_on - stay.admitted_on).days


def _sample(compared: Sequence[tuple[StayFacts, str]], second: str) -> Sample:
    """The compared stays with whoever they are drawn with; where nobody is known, each stands alone."""
    known = sorted({stay.drawn_with for stay, _ in compared if stay.drawn_with is not None})
    places = {whose: place for place, whose in enumerate(known)}
    rows, next_alone = [], len(known)
    for stay, _ in compared:
        if stay.drawn_with is None:
            rows.append(next_alone)
            next_alone += 1
        else:
            rows.append(places[stay.drawn_with])
    return Sample(rows, [key == second for _, key in compared], [_days(stay) for stay, _ in compared])


def _difference(sample: Sample) -> tuple[Interval | None, Interval | None]:
    """The intervals of the means and of the medians; None of both where there are too few stays."""
    found = difference_of_sample(sample) if enough(sample) else None
    return (found.mean, found.median) if found else (None, None)
