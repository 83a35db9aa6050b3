"""What counts are kept of, and which version of their cells this program keeps.

A cell of its own says which version the kept cells of a source are of. It is written by whoever counts all
of them anew, and lies among them, so that it cannot outlive them: where it is missing, or of another version,
the cells do not yet say what this program reads from them, and nobody may take their absence for nought.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from redbag.domain.stay_counts import ALL, Cell

SERIES = "kept"
_MONTH = date(2000, 1, 1)


@dataclass(frozen=True)
class KeptSource:
    """Records that cells are kept of. `version` goes up whenever a record adds other cells than before."""

    name: str
    version: int

    @property
    def cell(self) -> Cell:
        """The cell that says that all of them are there."""
        return SERIES, ALL, self.name, _MONTH, self.version


STAYS = KeptSource("stays", 3)
JOURNEYS = KeptSource("journeys", 1)
RESIDENTS = KeptSource("residents", 1)
ALL_SOURCES = (STAYS, JOURNEYS, RESIDENTS)
