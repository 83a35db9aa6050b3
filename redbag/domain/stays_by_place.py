"""How long stays lasted by home and by hospital: of a whole country at once, so counted in columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from redbag.domain.column_text import Numbers
from redbag.domain.figures_in_columns import NONE, figures_of
from redbag.domain.stays_by_month import Figures

NOWHERE = -1
"""The hospital of a stay in whose record none stands."""
_WIDE = 2**31
"""More places than there can be: a home and a hospital become one number."""


class By(StrEnum):
    """What kind of place the figures are counted by."""

    HOSPITAL = "hospital"
    HOME = "home"


@dataclass(frozen=True)
class Knot:
    """Homes and hospitals of which every stay from one of them is at one of the others, and no other's is: as
    many stays are from these homes as are at these hospitals."""

    homes: frozenset[int]
    hospitals: frozenset[int]


@dataclass(frozen=True)
class PlaceStays:
    """Closed stays, a number each in every column: home, hospital (NOWHERE: not recorded), length in days."""

    home: Numbers
    hospital: Numbers
    days: Numbers

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> PlaceStays:
        """From one row for each stay: its home, hospital and length."""
        columns = np.array(list(rows), np.int64).reshape(-1, 3)
        return cls(columns[:, 0], columns[:, 1], columns[:, 2])

    def figures(self, by: By) -> dict[int, Figures]:
        """The figures of each place that has stays."""
        places = self.home if by is By.HOME else self.hospital
        return figures_of(places, self.days, np.ones_like(self.days))

    @property
    def everything(self) -> Figures:
        """All of them together."""
        found = figures_of(np.zeros_like(self.days), self.days, np.ones_like(self.days))
        return found.get(0, NONE)

    def knots(self) -> list[Knot]:
        """The homes and hospitals that belong together, those of a whole country in few of them."""
        both = np.unique(self.home * _WIDE + self.hospital - NOWHERE)
        homes, hospitals = np.divmod(both, _WIDE)
        return _knots(zip(homes.tolist(), (hospitals + NOWHERE).tolist(), strict=True))


def _knots(pairs: Iterable[tuple[int, int]]) -> list[Knot]:
    """Homes and hospitals put together as far as pairs of them reach."""
    above: dict[tuple[bool, int], tuple[bool, int]] = {}

    def top(one: tuple[bool, int]) -> tuple[bool, int]:
        while above.setdefault(one, one) != one:
            above[one] = one = above[above[one]]
        return one

    for home, hospital in pairs:
        above[top((True, home))] = top((False, hospital))
    members: defaultdict[tuple[bool, int], list[tuple[bool, int]]] = defaultdict(list)
    for one in list(above):
        members[top(one)].append(one)
    return [
        Knot(
            frozenset(number for is_home, number in together if is_home),
            frozenset(number for is_home, number in together if not is_home),
        )
        for together in members.values()
    ]
