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
from redbag.domain.record import SECTIONS, Section, Values
from redbag.domain.reviews import MEDICINES, Cell, Freshness
from redbag.models import Medicine, Organisation, RecordSection, Resident
from redbag.queries import residents
from redbag.queries.medicine_lines import suggested


@dataclass(frozen=True)
class Row:
    """One resident with every section of the record, in the record's order, and the list of medicines.

    `unchecked`: medicines whose name suggests a danger that nobody has answered yet.
    """

    resident: Resident
    cells: tuple[Cell, ...]
    unchecked: tuple[Medicine, ...] = ()

    def has(self, freshness: Freshness) -> bool:
        return any(one.freshness == freshness for one in self.cells)

    def count(self, freshness: Freshness) -> int:
        return sum(one.freshness == freshness for one in self.cells)


def board(actor: Actor, today: date) -> list[Row]:
    """Everybody who lives in the actor's home, the worst record first, in three reads."""
    everybody = [one for one in residents.find(actor) if not residents.closed_to(actor, one)]
    written: defaultdict[int, dict[str, RecordSection]] = defaultdict(dict)
    for row in db.session.scalars(
        select(RecordSection).where(RecordSection.resident_id.in_([r.id for r in everybody]))
    ):
        written[row.resident_id][row.key] = row
    medicines = residents.medicines_of(everybody)
    rows = [_row(one, written[one.id], medicines.get(one.id, []), today) for one in everybody]
    return sorted(rows, key=lambda row: reviews.worst_first(row.cells))


def _row(
    resident: Resident, written: dict[str, RecordSection], medicines: list[Medicine], today: date
) -> Row:
    cells = [_cell(one, written.get(one.key), today) for one in SECTIONS]
    looked = written.get(MEDICINES.key)
    on_list: Values = {"lines": len(medicines)} if medicines or looked else {}
    reviewed_on = london_day(looked.reviewed_at) if looked and looked.reviewed_at else None
    cells.append(
        reviews.cell(MEDICINES, on_list, reviewed_on, looked.review_due_on if looked else None, today)
    )
    return Row(resident, tuple(cells), tuple(one for one in medicines if suggested(one)))


def _cell(section: Section, row: RecordSection | None, today: date) -> Cell:
    if row is None:
        return reviews.cell(section, {}, None, None, today)
    reviewed_on = london_day(row.reviewed_at) if row.reviewed_at else None
    return reviews.cell(section, row.answers, reviewed_on, row.review_due_on, today)


def home(actor: Actor) -> Organisation:
    """The actor's own home, with its intervals."""
    return db.session.get_one(Organisation, actor.organisation_id)
