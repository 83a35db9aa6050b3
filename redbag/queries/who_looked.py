"""Who looked at a person's record, and who did something with it: the audit log of one resident."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from redbag.database import db
from redbag.domain.audit_words import READING, WORDS, words
from redbag.domain.errors import NotPermitted
from redbag.domain.permissions import ROLE_WORDS, Actor, Permission, Role, Subject, can
from redbag.domain.record import SECTIONS
from redbag.models import (
    Account,
    AuditEntry,
    CustodyRecord,
    Guest,
    Label,
    Medicine,
    Organisation,
    Paper,
    Resident,
    Transfer,
)
from redbag.queries.paging import Page, one_page

MOST_EXPORTED = 20_000
_SECTION_TITLES = {section.key: section.title for section in SECTIONS}


@dataclass(frozen=True)
class Entry:
    """One look or act. `who`: the name, or how somebody without an account named themselves."""

    at: datetime
    who: str
    role: str
    place: str
    did: str
    looked: bool
    request_id: str


def page(actor: Actor, resident: Resident, number: int, *, only_looks: bool = False) -> Page[Entry]:
    """One page of what the log has of this person, the newest first.

    Raises NotPermitted for anybody but the manager of their home.
    """
    found = one_page(_of(actor, resident, only_looks=only_looks), number)
    return Page(tuple(_entry(*row) for row in found.rows), found.number, found.total)


def everything(actor: Actor, resident: Resident) -> list[Entry]:
    """All of it, the newest first, to be taken away; the newest MOST_EXPORTED of very many."""
    rows = db.session.execute(_of(actor, resident, only_looks=False).limit(MOST_EXPORTED))
    return [_entry(*row) for row in rows]


def all_of(resident: Resident) -> list[Entry]:
    """All of it without a limit, for the whole record of a person: whoever asks for that has been asked."""
    return [_entry(*row) for row in db.session.execute(_told(resident, only_looks=False))]


def _of(actor: Actor, resident: Resident, *, only_looks: bool) -> Select[*tuple[Any, ...]]:
    if not can(actor, Permission.HOME_MANAGE, Subject(home_id=resident.home_id)):
        raise NotPermitted("Who has looked is for the manager of the home.")
    return _told(resident, only_looks=only_looks)


def _told(resident: Resident, *, only_looks: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(AuditEntry, Account.name, Organisation.name, Guest)
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .outerjoin(Organisation, Organisation.id == AuditEntry.organisation_id)
        .outerjoin(Guest, and_(AuditEntry.subject_kind == "guest", AuditEntry.subject_ref == Guest.ref))
        .where(_about(resident), AuditEntry.kind.in_(READING if only_looks else WORDS))
        .order_by(AuditEntry.id.desc())
    )


def _about(resident: Resident) -> ColumnElement[bool]:
    """Entries about the person, their journeys, medicines and papers. Lists of many people name nobody."""
    journeys = select(Transfer.ref).filter_by(resident_id=resident.id)
    of_journeys = select(Transfer.id).filter_by(resident_id=resident.id)
    parts: dict[str, Any] = {
        "resident": [resident.ref],
        "transfer": journeys,
        "medicine": select(Medicine.ref).filter_by(resident_id=resident.id),
        "paper": select(Paper.ref).filter_by(resident_id=resident.id),
        "guest": select(Guest.ref)
        .join(Label, Label.id == Guest.label_id)
        .where(Label.transfer_id.in_(of_journeys)),
        "custody_record": select(CustodyRecord.ref).where(CustodyRecord.transfer_id.in_(of_journeys)),
    }
    return or_(
        *(
            and_(AuditEntry.subject_kind == kind, AuditEntry.subject_ref.in_(refs))
            for kind, refs in parts.items()
        )
    )


def _entry(row: AuditEntry, name: str | None, place: str | None, came_in: Guest | None) -> Entry:
    guest = str(row.details.get("by_access_code", ""))
    if came_in is not None and came_in.name and not name:
        guest = f"{came_in.name}, {came_in.role}, {came_in.place}"
    section = _SECTION_TITLES.get(str(row.details.get("section", "")), "")
    return Entry(
        at=row.at,
        who=guest or name or "Nobody by name: a step of the system, or the operator",
        role="" if guest or not row.role else ROLE_WORDS[Role(row.role)],
        place="" if guest else place or "",
        did=words(row.kind, section),
        looked=row.kind in READING,
        request_id=row.request_id,
    )
