"""Residents of the actor's own home, with their standing record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from redbag.database import db
from redbag.domain import name_words, restriction
from redbag.domain.errors import NotFound, Restricted
from redbag.domain.permissions import Actor, Permission, can
from redbag.domain.transfer_states import OPEN_STATES
from redbag.models import Medicine, RecordSection, Resident, Transfer
from redbag.queries import set_aside

NO_SUCH = "There is no such resident."


def get(actor: Actor, ref: str, *, to_change: bool = False, in_emergency: bool = False) -> Resident:
    """One resident with home, sections and medicines; also one who has left, for their journeys.

    `to_change` locks the row, so that two changes of one record follow each other. `in_emergency`: to send
    them to hospital, which a restriction does not stop. Raises NotFound for another home's, Restricted for
    one whose record is not this actor's to read now.
    """
    if not can(actor, Permission.RESIDENT_READ):
        raise NotFound(NO_SUCH)
    wanted = (
        select(Resident)
        .filter_by(ref=ref, home_id=actor.organisation_id, erased_at=None)
        .options(joinedload(Resident.home), selectinload(Resident.sections), selectinload(Resident.medicines))
    )
    if to_change:
        wanted = wanted.with_for_update(of=Resident).execution_options(populate_existing=True)
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound(NO_SUCH)
    if not in_emergency and closed_to(actor, found):
        raise Restricted(restriction.REFUSED, ref)
    return found


def closed_to(actor: Actor, resident: Resident) -> bool:
    """Whether this record of the actor's own home is restricted, and not the actor's to read now."""
    if resident.restricted_at is None:
        return False
    away = open_transfer(resident) is not None
    return not restriction.reads(actor, resident.home_id, restricted=True, away=away)


def find(actor: Actor) -> list[Resident]:
    """The residents who live in the home now, by name; restricted ones too: somebody may have to send them to
    hospital."""
    if not can(actor, Permission.RESIDENT_READ):
        return []
    wanted = select(Resident).filter_by(home_id=actor.organisation_id, left_on=None)
    # By the folded name, as people look for it: databases put É after Z.
    return sorted(db.session.scalars(wanted), key=_by_name)


def matching(everybody: Sequence[Resident], words: str) -> list[Resident]:
    """Those whose every word starts a word of a name, or whose room it is; everybody for no words.

    Names may be sealed in the database (ADR 23): they are compared after they were read.
    """
    asked = words.strip().casefold()
    starts = [f" {word}" for word in name_words.words(words)]
    if not asked:
        return list(everybody)
    return [
        one
        for one in everybody
        if starts
        and (all(start in one.name_words for start in starts) or one.room.strip().casefold() == asked)
    ]


def _by_name(resident: Resident) -> tuple[str, str, int]:
    return name_words.fold(resident.family_name), name_words.fold(resident.given_name), resident.id


def left(actor: Actor) -> list[Resident]:
    """Who has left the home or died there, last first; their journeys stay."""
    if not can(actor, Permission.RESIDENT_READ):
        return []
    gone = db.session.scalars(
        select(Resident)
        .filter_by(home_id=actor.organisation_id)
        .where(Resident.left_on.is_not(None), Resident.id.not_in(set_aside.of(actor)))
    )
    return sorted(sorted(gone, key=_by_name), key=_left_on, reverse=True)


def _left_on(resident: Resident) -> date:
    return resident.left_on or date.min


def sections_of(resident: Resident) -> dict[str, RecordSection]:
    """The sections of the record that somebody has written, by key."""
    return {section.key: section for section in resident.sections}


def current_medicines(resident: Resident) -> list[Medicine]:
    """The medicines that the person takes now, paused ones included, in the order they were written."""
    return [medicine for medicine in resident.medicines if medicine.stopped_on is None]


def stopped_medicines(resident: Resident) -> list[Medicine]:
    """The medicines that were stopped, last first."""
    stopped = [medicine for medicine in resident.medicines if medicine.stopped_on is not None]
    return sorted(stopped, key=lambda m: (m.stopped_on, m.id), reverse=True)


def medicine(resident: Resident, ref: str) -> Medicine:
    """One medicine of this resident, stopped ones included. Raises NotFound."""
    for row in resident.medicines:
        if row.ref == ref:
            return row
    raise NotFound("There is no such medicine on this list.")


def open_transfers(actor: Actor) -> dict[int, Transfer]:
    """The open journey of each resident of the home who has one, by resident id."""
    if not can(actor, Permission.TRANSFER_READ):
        return {}
    rows = db.session.scalars(
        select(Transfer)
        .filter_by(home_id=actor.organisation_id)
        .where(Transfer.state.in_([state.value for state in OPEN_STATES]))
        .options(joinedload(Transfer.hospital), joinedload(Transfer.ward))
        .order_by(Transfer.id)
    )
    return {row.resident_id: row for row in rows}


def open_transfer(resident: Resident) -> Transfer | None:
    """The open journey of one resident, if there is one."""
    return db.session.scalar(
        select(Transfer)
        .filter_by(resident_id=resident.id)
        .where(Transfer.state.in_([state.value for state in OPEN_STATES]))
        .options(joinedload(Transfer.hospital), joinedload(Transfer.ward))
        .order_by(Transfer.id.desc())
        .limit(1)
    )


def over_since(resident: Resident, at: datetime) -> Transfer | None:
    """The last journey of a resident that was still open at this moment, and is over."""
    return db.session.scalar(
        select(Transfer)
        .where(Transfer.resident_id == resident.id, Transfer.closed_at > at)
        .order_by(Transfer.closed_at.desc())
        .limit(1)
    )


def alert_sections(residents: list[Resident]) -> dict[int, RecordSection]:
    """The alerts section of each of these residents, by resident id: one read for a whole list."""
    rows = db.session.scalars(
        select(RecordSection).where(
            RecordSection.key == "alerts", RecordSection.resident_id.in_([r.id for r in residents])
        )
    )
    return {row.resident_id: row for row in rows}


def medicines_of(residents: list[Resident]) -> dict[int, list[Medicine]]:
    """The current medicines of these residents, by resident id: one read for a whole list."""
    rows = db.session.scalars(
        select(Medicine)
        .where(Medicine.resident_id.in_([r.id for r in residents]), Medicine.stopped_on.is_(None))
        .order_by(Medicine.id)
    )
    found: defaultdict[int, list[Medicine]] = defaultdict(list)
    for row in rows:
        found[row.resident_id].append(row)
    return dict(found)


def with_nhs_number(home_id: int, number: str, *, but: Resident | None = None) -> Resident | None:
    """Somebody of this home, living there or not, who has this NHS number.

    `but` is left out, and so is anybody who was added by mistake.
    """
    wanted = (
        select(Resident)
        .filter_by(home_id=home_id)
        .where(Resident.has_nhs_number(number), Resident.left_why != "mistake")
    )
    if but is not None:
        wanted = wanted.where(Resident.id != but.id)
    return db.session.scalar(wanted.order_by(Resident.left_on.is_not(None), Resident.id).limit(1))
