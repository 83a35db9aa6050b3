"""Which parts of a resident's record are to be looked through, and after how many days (domain: how it
should feel, "say what is not known"; every fact that can go stale shows its date).

A section in which nothing is written says nothing in an emergency, so it stands before one that is late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from redbag.domain.record import SECTIONS, Field, Kind, Section, Values

# A day between two looks would be lost in the noise; past a year nobody would call it a review.
LEAST_DAYS, MOST_DAYS = 7, 366


MEDICINES = Section("medicines", "Medicines list", (), review_days=28)
"""The list as a whole, looked through by default as often as a MAR chart begins (every 28 days)."""
REVIEWED = (*SECTIONS, MEDICINES)
REVIEWED_BY_KEY = {section.key: section for section in REVIEWED}


class Freshness(StrEnum):
    """How far a section can be relied on."""

    EMPTY = "empty"
    OVERDUE = "overdue"
    FRESH = "fresh"


FRESHNESS_WORDS: dict[Freshness, str] = {
    Freshness.EMPTY: "Empty",
    Freshness.OVERDUE: "Review is late",
    Freshness.FRESH: "Reviewed in time",
}


@dataclass(frozen=True)
class Cell:
    """One section of one resident. `due_on`: the last day on which its review is in time; None where it
    was never reviewed. `days_late`: whole days since then, 0 where it is not late or has no such day."""

    section: Section
    freshness: Freshness
    reviewed_on: date | None
    due_on: date | None
    days_late: int


@dataclass(frozen=True)
class Tally:
    """How much of a home's records is to be looked through. `people`: those with at least one section."""

    residents: int
    people: int
    empty: int
    overdue: int


def cell(
    section: Section, answers: Values, reviewed_on: date | None, due_on: date | None, today: date
) -> Cell:
    """How fresh one section is. What was written and never reviewed is late from the start."""
    late = max((today - due_on).days, 0) if due_on else 0
    if not answers:
        return Cell(section, Freshness.EMPTY, reviewed_on, due_on, late)
    if due_on is None or late:
        return Cell(section, Freshness.OVERDUE, reviewed_on, due_on, late)
    return Cell(section, Freshness.FRESH, reviewed_on, due_on, 0)


def worst_first(cells: Sequence[Cell]) -> tuple[int, int, int]:
    """The order of residents by their sections: most empty ones, then most late ones, then the latest."""
    empty = sum(one.freshness is Freshness.EMPTY for one in cells)
    overdue = sum(one.freshness is Freshness.OVERDUE for one in cells)
    return -empty, -overdue, -sum(one.days_late for one in cells)


def tally(rows: Sequence[Sequence[Cell]]) -> Tally:
    """The counts over all residents of a home."""
    empty = sum(one.freshness is Freshness.EMPTY for cells in rows for one in cells)
    overdue = sum(one.freshness is Freshness.OVERDUE for cells in rows for one in cells)
    people = sum(any(one.freshness is not Freshness.FRESH for one in cells) for cells in rows)
    return Tally(len(rows), people, empty, overdue)


def threshold_key(section: Section) -> str:
    """Where a home's thresholds keep its own interval of a section."""
    return f"review_days_{section.key}"


def interval(section: Section, thresholds: Mapping[str, object]) -> int:
    """Every how many days a section is looked through: the home's own number, or the section's default."""
    return int(str(thresholds.get(threshold_key(section), section.review_days)))


INTERVALS: tuple[Field, ...] = tuple(
    Field(
        section.key,
        section.title,
        Kind.NUMBER,
        unit="days",
        hint=f"{section.review_days} days unless you say otherwise",
        least=LEAST_DAYS,
        most=MOST_DAYS,
        required=f"{section.title}: write a number of days.",
        whole=True,
    )
    for section in REVIEWED
)
