"""Which records of a home are to be looked through."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain import reviews
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor, Permission, can
from redbag.domain.record import SECTIONS, Section, Values
from redbag.domain.reviews import MEDICINES, Cell, Freshness, Tally
from redbag.models import Medicine, Organisation, RecordSection, Resident
from redbag.queries import residents
from redbag.queries.at_once import at_once
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


def tally(actor: Actor, today: date) -> Tally:
    """The counts over board(), for a page that shows no more of it: no name and no medicine is read."""
    lines = _lines(actor)
    wanted = select(
        RecordSection.resident_id,
        RecordSection.key,
        RecordSection.answers,
        RecordSection.reviewed_at,
        RecordSection.review_due_on,
    ).where(RecordSection.resident_id.in_(lines))
    written: defaultdict[int, dict[str, Written]] = defaultdict(dict)
    for resident_id, key, *read in at_once(wanted):
        written[resident_id][key] = Written(*read)
    return reviews.tally([_cells(written[one], n, today) for one, n in lines.items()])


def _lines(actor: Actor) -> dict[int, int]:
    """How many medicines everybody of board() has, by the resident's id."""
    if not can(actor, Permission.RESIDENT_READ):
        return {}
    on_list = (
        select(func.count())
        .where(Medicine.resident_id == Resident.id, Medicine.stopped_on.is_(None))
        .scalar_subquery()
    )
    wanted = select(Resident.id, Resident.restricted_at, on_list).where(
        Resident.home_id == actor.organisation_id, Resident.left_on.is_(None)
    )
    return {
        one: n
        for one, restricted_at, n in at_once(wanted)
        if restricted_at is None or not residents.closed_to(actor, db.session.get_one(Resident, one))
    }


class Written(NamedTuple):
    """What is kept of one section, as far as its freshness depends on it."""

    answers: Values
    reviewed_at: datetime | None
    review_due_on: date | None


def _row(
    resident: Resident, written: dict[str, RecordSection], medicines: list[Medicine], today: date
) -> Row:
    sections = {key: Written(one.answers, one.reviewed_at, one.review_due_on) for key, one in written.items()}
    cells = _cells(sections, len(medicines), today)
    return Row(resident, tuple(cells), tuple(one for one in medicines if suggested(one)))


def _cells(written: Mapping[str, Written], lines: int, today: date) -> list[Cell]:
    """Every section of one record, and the list of medicines with so many lines."""
    nothing = Written({}, None, None)
    cells = [_cell(one, written.get(one.key, nothing), today) for one in SECTIONS]
    looked = written.get(MEDICINES.key, nothing)
    on_list: Values = {"lines": lines} if lines or MEDICINES.key in written else {}
    return [*cells, _cell(MEDICINES, looked._replace(answers=on_list), today)]


def _cell(section: Section, row: Written, today: date) -> Cell:
    reviewed_on = london_day(row.reviewed_at) if row.reviewed_at else None
    return reviews.cell(section, row.answers, reviewed_on, row.review_due_on, today)


def home(actor: Actor) -> Organisation:
    """The actor's own home, with its intervals."""
    return db.session.get_one(Organisation, actor.organisation_id)
