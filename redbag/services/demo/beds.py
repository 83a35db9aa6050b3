"""Which bed of a ward is taken until when, so that no two invented people lie in one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from redbag.services.demo.dice import Dice

_BAYS = "ABCDEFGH"
_BEDS_A_BAY = 8
_TRIES = 60


@dataclass
class Beds:
    """The beds of one hospital, by ward."""

    _taken: dict[tuple[int, str], datetime] = field(default_factory=dict)

    def take(self, dice: Dice, ward_id: int, at: datetime, until: datetime) -> str:
        """A bed that is free from `at` on, taken until `until`; "" where a full ward writes down none."""
        for _ in range(_TRIES):
            bed = f"{dice.pick(_BAYS)}{dice.whole(1, _BEDS_A_BAY)}"
            free_from = self._taken.get((ward_id, bed))
            if free_from is None or free_from <= at:
                self._taken[ward_id, bed] = until
                return bed
        return ""

    def leave(self, ward_id: int, bed: str, at: datetime) -> None:
        """The bed is free earlier than was thought: its person has moved."""
        if bed:
            self._taken[ward_id, bed] = at
