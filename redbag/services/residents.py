"""Residents: added, changed, marked as having left. Their journeys stay whatever happens."""

from __future__ import annotations

from datetime import date, datetime

from redbag.database import db
from redbag.domain import identity, name_words
from redbag.domain.errors import Invalid, NotPermitted, Stale
from redbag.domain.london_time import format_day, london_day
from redbag.domain.nhs_number import format_334
from redbag.domain.permissions import Actor, Permission, Subject, can
from redbag.domain.record import Values
from redbag.domain.transfer_states import AWAY, State
from redbag.models import Resident, Transfer
from redbag.queries import residents
from redbag.services import audit, events, packs

_LONGEST_WORDS = 400
_COLUMNS = tuple(q.key for q in identity.IDENTITY if q.key != "nhs_not_known")


def add(actor: Actor, typed: Values, now: datetime) -> Resident:
    """A new resident of the actor's home. Raises Invalid, also for an NHS number that the home has."""
    if not can(actor, Permission.RESIDENT_EDIT):
        raise NotPermitted("Residents are added by the staff of their home.")
    kept = identity.checked(typed, london_day(now))
    _refuse_duplicate(actor.organisation_id, kept.get("nhs_number"), None)
    resident = Resident(home_id=actor.organisation_id, created_at=now, sections=[], medicines=[])
    _write(resident, kept)
    resident.reviewed_at, resident.reviewed_by = now, actor.name
    db.session.add(resident)
    db.session.flush()
    audit.append(actor, audit.Note("resident.created", ("resident", resident.ref)), now)
    return resident


def change(actor: Actor, ref: str, typed: Values, *, version: int, now: datetime) -> Resident:
    """Changes who a resident is. Raises Stale with what stands now, Invalid, NotFound."""
    resident = to_change(actor, ref)
    if resident.version != version:
        raise Stale("Somebody else changed this page after you opened it.", identity_of(resident))
    kept = identity.checked(typed, london_day(now))
    _refuse_duplicate(resident.home_id, kept.get("nhs_number"), resident)
    before = identity_of(resident)
    _write(resident, kept)
    resident.reviewed_at, resident.reviewed_by = now, actor.name
    db.session.flush()
    fields = [key for key in _COLUMNS if before[key] != getattr(resident, key)]
    if "date_of_birth" in fields:
        events.grow_older(resident)
    _note(actor, resident, fields, now)
    packs.record_changed(actor, resident, now)
    return resident


def journey_first(resident: Resident) -> Transfer | None:
    """The journey that must be finished before this resident can leave: being packed for, or away."""
    journey = residents.open_transfer(resident)
    return journey if journey is not None and State(journey.state) in (State.PACKING, *AWAY) else None


def leave(actor: Actor, ref: str, typed: Values, now: datetime) -> Resident:
    """The resident moved away or died: they leave the list, their journeys stay.

    Raises Invalid while they are being packed for or away: that journey says what became of them.
    """
    resident = to_change(actor, ref)
    day, why = identity.check_leaving(typed, resident.date_of_birth, london_day(now))
    if journey_first(resident) is not None:
        raise Invalid({"left_why": "There is an open journey to hospital. Finish it first."})
    mark_left(actor, resident, day, why, now=now)
    return resident


def mark_left(actor: Actor, resident: Resident, day: date, why: str, *, now: datetime) -> None:
    """Takes a resident off the list of those who live in the home.

    `why`: moved, died or mistake. For a journey that ended so, whose own service has asked whether the
    actor may.
    """
    resident.left_on, resident.left_why = day, why
    db.session.flush()
    audit.append(actor, audit.Note("resident.left", ("resident", resident.ref)), now)


def come_back(actor: Actor, ref: str, now: datetime) -> Resident:
    """The resident lives here again, or never left."""
    resident = to_change(actor, ref)
    resident.left_on, resident.left_why = None, ""
    db.session.flush()
    _note(actor, resident, ["left_on"], now)
    return resident


def to_change(actor: Actor, ref: str) -> Resident:
    """The resident, locked until this transaction ends. Raises NotFound, NotPermitted."""
    resident = residents.get(actor, ref, to_change=True)
    if not can(actor, Permission.RESIDENT_EDIT, Subject(home_id=resident.home_id)):
        raise NotPermitted("Records are changed by the staff of the resident’s home.")
    return resident


def identity_of(resident: Resident) -> Values:
    """The answers to IDENTITY as they stand."""
    return {key: getattr(resident, key) for key in _COLUMNS}


def _write(resident: Resident, kept: Values) -> None:
    for key in _COLUMNS:
        value = kept.get(key)
        empty = None if key in ("nhs_number", "usual_news2", "usual_news2_on", "moved_in_on") else ""
        setattr(resident, key, empty if value is None else value)
    names = (resident.given_name, resident.family_name, resident.preferred_name)
    resident.name_words = name_words.index(*names)[:_LONGEST_WORDS]


def _refuse_duplicate(home_id: int, number: str | None, resident: Resident | None) -> None:
    if number is None:
        return
    other = residents.with_nhs_number(home_id, number, but=resident)
    if other is None:
        return
    room = f"room {other.room}" if other.room else "room not recorded"
    who = f"{other.full_name} ({f'left on {format_day(other.left_on)}' if other.left_on else room})"
    raise Invalid({"nhs_number": f"{who} already has {format_334(number)}. Check whose number it is."})


def _note(actor: Actor, resident: Resident, fields: list[str], now: datetime) -> None:
    note = audit.Note("resident.changed", ("resident", resident.ref), details={"fields": fields})
    audit.append(actor, note, now)
