"""What is decided of a record: to restrict it, to lift that, to keep it longer (domain/restriction.py,
domain/retention.py). `actor`: None for the operator's command."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain import restriction as rules
from redbag.domain.errors import Invalid, NotFound
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor
from redbag.domain.restriction import LONGEST_REASON
from redbag.models import Resident
from redbag.services import audit


def restrict(ref: str, reason: str, now: datetime, actor: Actor | None = None) -> Resident:
    """Sets the record aside. The reason stands with the record, not in the audit log: it may tell of the
    person. Raises NotFound, Invalid for no reason, or where it is restricted already."""
    resident = _to_change(ref, actor)
    if resident.restricted_at is not None:
        raise Invalid({"ref": "This record is restricted already: lift that first to write another reason."})
    resident.restricted_at, resident.restricted_why = now, _reason(reason)
    _note("person.restricted", resident, now, actor)
    return resident


def lift(ref: str, now: datetime, actor: Actor | None = None) -> Resident:
    """The record is used again. Raises NotFound, Invalid where it is not restricted."""
    resident = _to_change(ref, actor)
    if resident.restricted_at is None:
        raise Invalid({"ref": "This record is not restricted."})
    resident.restricted_at, resident.restricted_why = None, ""
    _note("person.unrestricted", resident, now, actor)
    return resident


def keep_longer(ref: str, until: date, reason: str, now: datetime) -> Resident:
    """What a review after the end of retention decided. Raises NotFound, Invalid for a day that is past or
    for no reason."""
    resident = _to_change(ref, None)
    if until <= london_day(now):
        raise Invalid({"until": "Name a day to come."})
    resident.kept_until, resident.kept_why = until, _reason(reason)
    details = {"until": until.isoformat()}
    _note("person.kept_longer", resident, now, None, details)
    return resident


def _to_change(ref: str, actor: Actor | None) -> Resident:
    wanted = select(Resident).filter_by(ref=ref, erased_at=None).with_for_update()
    found = db.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None or (actor is not None and not rules.decides(actor, found.home_id)):
        raise NotFound(f"There is no resident {ref}, or they were erased.")
    return found


def _reason(typed: str) -> str:
    reason = " ".join(typed.split())
    if not reason:
        raise Invalid({"reason": "Say why."})
    if len(reason) > LONGEST_REASON:
        raise Invalid({"reason": f"Say it in {LONGEST_REASON} letters or fewer."})
    return reason


def _note(
    kind: str,
    resident: Resident,
    now: datetime,
    actor: Actor | None,
    details: Mapping[str, object] | None = None,
) -> None:
    db.session.flush()
    by = "" if actor else "operator’s command"
    audit.append(actor, audit.Note(kind, ("resident", resident.ref), reason=by, details=details), now)
