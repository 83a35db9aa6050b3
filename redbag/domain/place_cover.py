"""Which counts of the tables by home and by hospital must be hidden beside the small ones.

The rows of each table add up to the same total: redbag/domain/suppression.py sees to that. But whoever knows
where a home sends its residents knows more: if the homes A and B alone send to a hospital, and nowhere else,
then its count less A's is B's. So the same rule holds for each knot of homes and hospitals
(domain/stays_by_place.py): if what is shown on both sides rules out any of 1 to 7 for a hidden count, the
smallest other count is hidden too, in the same word (docs/adr/0027).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from redbag.domain.stays_by_place import By, Knot
from redbag.domain.suppression import ROUNDING, SMALLEST_SHOWN, is_small, rounded

_MOST_HIDDEN = SMALLEST_SHOWN - 1

Counts = Mapping[int, int]
"""How many stays each place has."""


@dataclass
class _Side:
    """The homes, or the hospitals, of one knot, and which of them are hidden."""

    counts: Counts
    hidden: set[int] = field(default_factory=set)

    @property
    def shown(self) -> list[int]:
        return [place for place in self.counts if place not in self.hidden]

    @property
    def is_covered(self) -> bool:
        """Whether a count above the small ones is hidden as well: then nobody knows how large they are."""
        return any(not is_small(self.counts[place]) for place in self.hidden)

    @property
    def least(self) -> int:
        """What the shown counts come to at least."""
        return sum(max(rounded(self.counts[one]) - ROUNDING, SMALLEST_SHOWN) for one in self.shown)

    @property
    def most(self) -> int:
        return sum(rounded(self.counts[one]) + ROUNDING for one in self.shown)

    def hide_smallest(self) -> bool:
        """Hides the smallest count that is shown; False where none is."""
        smallest = min(self.shown, key=lambda one: (rounded(self.counts[one]), one), default=None)
        if smallest is not None:
            self.hidden.add(smallest)
        return smallest is not None


def covered(knots: Iterable[Knot], homes: Counts, hospitals: Counts) -> Mapping[By, Collection[int]]:
    """The homes and the hospitals whose counts are hidden to cover small ones; the small ones themselves are
    not among them."""
    found: dict[By, set[int]] = {By.HOME: set(), By.HOSPITAL: set()}
    for knot in knots:
        sides = {
            By.HOME: _side({one: homes[one] for one in knot.homes}),
            By.HOSPITAL: _side({one: hospitals[one] for one in knot.hospitals}),
        }
        one, other = sides.values()
        while _cover(one, other) or _cover(other, one):
            pass
        for by, side in sides.items():
            found[by].update(place for place in side.hidden if not is_small(side.counts[place]))
    return found


def _side(counts: Counts) -> _Side:
    return _Side(counts, {place for place, number in counts.items() if is_small(number)})


def _cover(side: _Side, other: _Side) -> bool:
    """Hides one count more where the small ones of a side could be narrowed down; whether it did."""
    if not side.hidden or side.is_covered or other.is_covered:
        return False
    least = other.least + len(other.hidden) - side.most
    most = other.most + _MOST_HIDDEN * len(other.hidden) - side.least
    beside = len(side.hidden) - 1
    if least - _MOST_HIDDEN * beside <= 1 and most - beside >= _MOST_HIDDEN:
        return False
    return side.hide_smallest() or other.hide_smallest()
