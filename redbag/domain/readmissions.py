"""Readmissions: who was back in hospital within 30 days of leaving it.

An emergency admission of the same resident 0 to 29 days after the last discharge, to any hospital (domain:
time, stays, and how they are counted). It counts once, for the stay that ended last before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from redbag.domain.stay_counts import NOT_AN_INDEX

WITHIN_DAYS = 30
RULE = (
    "Readmitted: an emergency admission of the same resident 0 to 29 days after the last discharge, to any "
    "hospital. Stays that ended in death are left out, and so are stays of nobody known by name; a move to "
    "another hospital goes on with the same stay. The last 30 days are provisional: they are not over yet."
)


@dataclass(frozen=True)
class Spell:
    """One stay of one resident. `counts`: whether it is one that the report asks about (its place, its
    factors); every stay of the resident can be the admission that follows."""

    resident: int | None
    admitted: date
    discharged: date | None
    ended_as: str
    emergency: bool
    counts: bool = True

    @property
    def contradictory(self) -> bool:
        """Whether it was over before it began: nobody's readmission and no index."""
        return self.discharged is not None and self.discharged < self.admitted


@dataclass(frozen=True)
class Readmissions:
    """Stays that ended in the period and were followed by an emergency admission. The provisional ones are
    not in `n` and `readmitted`. What was left out: deaths and transfers, and stays of nobody known."""

    n: int = 0
    readmitted: int = 0
    provisional_n: int = 0
    provisional_readmitted: int = 0
    ended_in_death: int = 0
    nobody_known: int = 0

    @property
    def share(self) -> float | None:
        """From 0 to 1; None of no stays."""
        return self.readmitted / self.n if self.n else None


def count(spells: Iterable[Spell], start: date, end: date, as_of: date) -> Readmissions:
    """Readmissions after stays that ended from `start` to `end`, as known at the end of `as_of`.

    Contradictory stays, and admissions after `as_of`, are nobody's readmission and no index.
    """
    by_resident: dict[int, list[Spell]] = defaultdict(list)
    unknown = 0
    for one in spells:
        if one.admitted > as_of or one.contradictory:
            continue
        if one.resident is not None:
            by_resident[one.resident].append(one)
        elif one.counts and one.discharged is not None and start <= one.discharged <= min(end, as_of):
            unknown += 1
    n = back = late = late_back = died = 0
    settled = as_of - timedelta(days=WITHIN_DAYS)
    for stays in by_resident.values():
        places = _followed(stays)
        for place, one in enumerate(_in_order(stays)):
            ended = one.discharged
            if not one.counts or ended is None or not start <= ended <= min(end, as_of):
                continue
            if one.ended_as in NOT_AN_INDEX:
                died += 1
            elif ended > settled:
                late, late_back = late + 1, late_back + (place in places)
            else:
                n, back = n + 1, back + (place in places)
    return Readmissions(n, back, late, late_back, died, unknown)


def followed(stays: list[Spell]) -> list[Spell]:
    """Those stays of one resident, none of them contradictory, that an emergency admission followed."""
    places = _followed(stays)
    return [one for place, one in enumerate(_in_order(stays)) if place in places]


def _in_order(stays: list[Spell]) -> list[Spell]:
    """By time; of two on the same days always the same one first, in whatever order they were read."""
    return sorted(
        stays,
        key=lambda one: (one.admitted, one.discharged or date.max, one.ended_as, one.emergency, one.counts),
    )


def _followed(stays: list[Spell]) -> set[int]:
    """The places, in order, of the stays that an emergency admission followed within 30 days."""
    found: set[int] = set()
    last: tuple[date, int] | None = None
    waiting: list[tuple[date, int]] = []
    for place, one in enumerate(_in_order(stays)):
        ended_by_now = [pair for pair in waiting if pair[0] <= one.admitted]
        if ended_by_now:
            last = max(ended_by_now) if last is None else max(last, *ended_by_now)
            waiting = [pair for pair in waiting if pair[0] > one.admitted]
        if one.emergency and last is not None and (one.admitted - last[0]).days < WITHIN_DAYS:
            found.add(last[1])
        if one.discharged is not None:
            waiting.append((one.discharged, place))
    return found
