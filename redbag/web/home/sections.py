"""The sections of a standing record as a page shows them: what is written, how fresh it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from redbag.domain.pack import Entry
from redbag.domain.pack_sections import entries
from redbag.domain.record import SECTIONS, Section, Values


class Written(Protocol):
    """A section as it is kept."""

    answers: Values
    reviewed_at: datetime | None
    reviewed_by: str
    review_due_on: date | None


@dataclass(frozen=True)
class Shown:
    """A section for the page. `unanswered`: how many of its questions have no answer."""

    section: Section
    entries: tuple[Entry, ...]
    unanswered: int
    reviewed_at: datetime | None
    reviewed_by: str
    due_on: date | None
    overdue: bool


def shown_sections(written: Mapping[str, Written], today: date) -> list[Shown]:
    """Every section of the record in its order, also those in which nothing is written yet."""
    return [_shown(section, written.get(section.key), today) for section in SECTIONS]


def _shown(section: Section, row: Written | None, today: date) -> Shown:
    found = entries(section.fields, row.answers if row else {})
    due = row.review_due_on if row else None
    return Shown(
        section=section,
        entries=found,
        unanswered=len(section.fields) - len(found),
        reviewed_at=row.reviewed_at if row else None,
        reviewed_by=row.reviewed_by if row else "",
        due_on=due,
        overdue=due is not None and today > due,
    )
