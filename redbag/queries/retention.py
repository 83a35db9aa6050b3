"""Whose record has outlived its years: no entry about them since, by home, in references and days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from redbag.database import db
from redbag.domain.audit_words import READING, WORDS
from redbag.domain.errors import NotFound
from redbag.domain.london_time import london_day
from redbag.domain.retention import due_on
from redbag.domain.transfer_states import OPEN_STATES
from redbag.models import (
    AuditEntry,
    CustodyRecord,
    EmergencyLook,
    Medicine,
    Organisation,
    Paper,
    RecordSection,
    Resident,
    Transfer,
    TransferEvent,
)

_CHANGES = tuple(kind for kind in WORDS if kind not in READING and not kind.startswith("person."))
"""What the audit log says of a record that was changed. Looking is no entry, nor is what is decided here."""


@dataclass(frozen=True)
class Due:
    """One record that is due for review. `why_not`: why `retention apply` leaves it alone, "" where it would
    erase it."""

    ref: str
    last_entry: date
    due: date
    why_not: str = ""


def homes(ref: str = "") -> list[Organisation]:
    """Every care home, or the one with this reference or ODS code. Raises NotFound."""
    wanted = select(Organisation).filter_by(kind="care_home").order_by(Organisation.name, Organisation.id)
    if ref:
        wanted = wanted.where((Organisation.ref == ref) | (Organisation.ods_code == ref.upper()))
    found = list(db.session.scalars(wanted))
    if ref and not found:
        raise NotFound(f"There is no care home with the reference or ODS code {ref}.")
    return found


def due(home_id: int, as_of: date) -> list[Due]:
    """The records of a home that are due on this day, the longest silent first."""
    last = last_entries(home_id)
    away = set(
        db.session.scalars(
            select(Transfer.resident_id).where(
                Transfer.home_id == home_id, Transfer.state.in_([state.value for state in OPEN_STATES])
            )
        )
    )
    found = []
    people = select(Resident).filter_by(home_id=home_id, erased_at=None)
    for one in db.session.scalars(people):
        entry = last[one.id]
        if due_on(entry) > as_of or (one.kept_until is not None and one.kept_until > as_of):
            continue
        found.append(Due(one.ref, entry, due_on(entry), _why_not(one, away=one.id in away)))
    return sorted(found, key=lambda one: (one.last_entry, one.ref))


def _why_not(resident: Resident, *, away: bool) -> str:
    if away:
        return "a journey is open"
    if resident.restricted_at is not None:
        return "restricted"
    return "still on the list of residents" if resident.left_on is None else ""


def last_entries(home_id: int) -> dict[int, date]:
    """The day of the last entry about each person of a home, by id: event, change of the record, end of a
    journey, paper, or the day they left."""
    found: dict[int, date] = {}
    people = select(Resident.id, Resident.created_at, Resident.reviewed_at, Resident.left_on).filter_by(
        home_id=home_id, erased_at=None
    )
    for number, created, reviewed, left in db.session.execute(people):
        days = [london_day(at) for at in (created, reviewed) if at is not None]
        found[number] = max([*days, left] if left else days)
    for source in _sources(home_id):
        for number, at in db.session.execute(source):
            if at is not None and number in found:
                found[number] = max(found[number], _day(at))
    return found


def _day(at: datetime) -> date:
    return london_day(at)


def _sources(home_id: int) -> Iterator[Select[*tuple[Any, ...]]]:
    of_people = Resident.home_id == home_id
    for column in (RecordSection.reviewed_at, Medicine.changed_at):
        table = column.class_
        yield (
            select(table.resident_id, func.max(column))
            .join(Resident, Resident.id == table.resident_id)
            .where(of_people)
            .group_by(table.resident_id)
        )
    for column in (Paper.added_at, Paper.removed_at):
        yield (
            select(Paper.resident_id, func.max(column))
            .where(Paper.home_id == home_id)
            .group_by(Paper.resident_id)
        )
    for column in (Transfer.opened_at, Transfer.closed_at):
        yield (
            select(Transfer.resident_id, func.max(column))
            .where(Transfer.home_id == home_id)
            .group_by(Transfer.resident_id)
        )
    of_journeys = (
        TransferEvent.recorded_at,
        CustodyRecord.issued_at,
        EmergencyLook.opened_at,
        EmergencyLook.reviewed_at,
    )
    for column in of_journeys:
        yield (
            select(Transfer.resident_id, func.max(column))
            .join(Transfer, Transfer.id == column.class_.transfer_id)
            .where(Transfer.home_id == home_id)
            .group_by(Transfer.resident_id)
        )
    yield (
        select(Resident.id, func.max(AuditEntry.at))
        .join(AuditEntry, (AuditEntry.subject_kind == "resident") & (AuditEntry.subject_ref == Resident.ref))
        .where(of_people, AuditEntry.kind.in_(_CHANGES))
        .group_by(Resident.id)
    )
