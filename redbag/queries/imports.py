"""Files between their preview and being brought in; and a home's records as the plan compares them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from redbag.database import db
from redbag.domain import identity, medicine_fields
from redbag.domain.errors import NotFound
from redbag.domain.import_matching import Known
from redbag.domain.import_medicines import Standing
from redbag.domain.import_plan import Record
from redbag.domain.import_rows import Person
from redbag.domain.london_time import format_day
from redbag.domain.permissions import Actor, Permission, can
from redbag.domain.record import Values
from redbag.models import BroughtIn, Medicine, Resident

NO_SUCH = "There is no such file. A preview is kept for an hour: bring the file in again."
_SECTIONS = ("alerts", "history")


def get(actor: Actor, ref: str, *, to_change: bool = False) -> BroughtIn:
    """A file of the actor's home, done or not. Raises NotFound for another home's."""
    if not can(actor, Permission.RESIDENT_IMPORT):
        raise NotFound(NO_SUCH)
    wanted = select(BroughtIn).filter_by(ref=ref, home_id=actor.organisation_id)
    if to_change:
        wanted = wanted.with_for_update()
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def waiting(actor: Actor, ref: str, now: datetime, *, to_change: bool = False) -> BroughtIn:
    """A file that can be brought in, or was. Raises NotFound for one that is too old or was thrown away."""
    found = get(actor, ref, to_change=to_change)
    if found.done_at is None and (found.expires_at <= now or not found.content):
        raise NotFound(NO_SUCH)
    return found


def records(actor: Actor) -> list[Record]:
    """Everybody of the actor's home, those who have left too, but for those who were added by mistake."""
    rows = db.session.scalars(
        select(Resident)
        .filter_by(home_id=actor.organisation_id)
        .where(Resident.left_why != "mistake", Resident.erased_at.is_(None))
        .options(selectinload(Resident.sections), selectinload(Resident.medicines))
        .order_by(Resident.id)
    )
    return [_record(row) for row in rows]


def _record(row: Resident) -> Record:
    born = row.date_of_birth.isoformat()
    person = Person(row.given_name, row.family_name, born, row.nhs_number)
    kept = {question.key: getattr(row, question.key, None) for question in identity.IDENTITY}
    return Record(
        known=Known(row.ref, person, row.room, row.left_on),
        identity=plain(identity.as_typed(kept)),
        sections={section.key: section.answers for section in row.sections if section.key in _SECTIONS},
        medicines=tuple(_standing(medicine) for medicine in row.medicines),
    )


def _standing(row: Medicine) -> Standing:
    typed = medicine_fields.as_typed({key: getattr(row, key) for key in medicine_fields.COLUMNS})
    stopped = f"stopped {format_day(row.stopped_on)}: {row.stopped_why}" if row.stopped_on else ""
    return Standing(row.ref, plain(typed), stopped)


def plain(typed: Values) -> Values:
    """Answers with their days as a form sends them."""

    def sent(value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    return {key: sent(value) for key, value in typed.items()}


def to_mark(actor: Actor, refs: list[str]) -> list[tuple[Resident, Medicine]]:
    """These medicines of the actor's home with their residents, in the order given by resident and list."""
    rows = db.session.scalars(
        select(Medicine)
        .join(Medicine.resident)
        .where(Resident.home_id == actor.organisation_id, Medicine.ref.in_(refs))
        .options(selectinload(Medicine.resident))
        .order_by(Medicine.id)
    )
    return sorted(((row.resident, row) for row in rows), key=_by_name)


def _by_name(pair: tuple[Resident, Medicine]) -> tuple[str, str, int]:
    return pair[0].family_name, pair[0].given_name, pair[0].id
