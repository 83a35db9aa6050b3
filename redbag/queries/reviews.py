"""Which records of a home are to be looked through."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from redbag.database import db
from redbag.domain import reviews
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor
from redbag.domain.record import SECTIONS, Section
from redbag.domain.reviews import Cell, Freshness
from redbag.models import Organisation, RecordSection, Resident
from redbag.queries import residents


@dataclass(frozen=True)
class Row:
    """One resident with every section of the record, in the record's order."""

    resident: Resident
    cells: tuple[Cell, ...]

    def has(self, freshness: Freshness) -> bool:
        return any(one.freshness == freshness for one in self.cells)

    def count(self, freshness: Freshness) -> int:
        return sum(one.freshness == freshness for one in self.cells)


def board(actor: Actor, today: date) -> list[Row]:
    """Everybody who lives in the actor's home, the worst record first. Two reads, however many live there."""
    everybody = residents.find(actor)
    written: defaultdict[int, dict[str, RecordSection]] = defaultdict(dict)
    for row in db.session.scalars(
        select(RecordSection).where(RecordSection.resident_id.in_([r.id for r in everybody]))
    ):
        written[row.resident_id][row.key] = row
    rows = [
        Row(resident, tuple(_cell(one, written[resident.id].get(one.key), today) for one in SECTIONS))
        for resident in everybody
    ]
    return sorted(rows, key=lambda row: reviews.worst_first(row.cells))


def _cell(section: Section, row: RecordSection | None, today: date) -> Cell:
    if row is None:
        return reviews.cell(section, {}, None, None, today)
    reviewed_on = london_day(row.reviewed_at) if row.reviewed_at else None
    return reviews.cell(section, row.answers, reviewed_on, row.review_due_on, today)


def home(actor: Actor) -> Organisation:
    """The actor's own home, with its intervals."""
    return db.session.get_one(Organisation, actor.organisation_id)
