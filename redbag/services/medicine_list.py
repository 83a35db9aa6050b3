"""A resident's standing medicines: added, changed, stopped. A stopped one stays, with day and reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from redbag.database import db, new_ref
from redbag.domain import medicine_fields
from redbag.domain.errors import Invalid, Stale
from redbag.domain.london_time import london_day
from redbag.domain.medicine_risk import HighRisk, high_risk_kind
from redbag.domain.permissions import Actor
from redbag.domain.record import Values
from redbag.models import Medicine, Resident
from redbag.queries import residents
from redbag.services import audit, packs
from redbag.services.residents import to_change


def add(actor: Actor, ref: str, typed: Values, now: datetime) -> Medicine:
    """Another medicine on a resident's list. Raises Invalid, NotFound."""
    resident = to_change(actor, ref)
    kept = medicine_fields.checked(typed)
    row = Medicine(resident=resident, changed_at=now, changed_by=actor.name, **kept)
    db.session.add(row)
    db.session.flush()
    _done(actor, resident, audit.Note("medicine.added", ("medicine", row.ref)), now)
    return row


def bring_in(
    actor: Actor, ref: str, medicines: Sequence[tuple[str, Values]], now: datetime
) -> list[Medicine]:
    """Adds or changes several at once, as a file says: each is audited by itself, and somebody who is away
    gets one new version of the pack.

    `medicines`: the reference of the one to change, "" for another, and its answers. To be called in the
    transaction in which it was worked out what changes. Raises Invalid, NotFound.
    """
    resident = to_change(actor, ref)
    rows, notes = [], []
    for medicine_ref, typed in medicines:
        kept = medicine_fields.checked(typed)
        if medicine_ref:
            row = residents.medicine(resident, medicine_ref)
            kept = _kept(row, typed)
            kind, fields = "medicine.changed", [k for k, value in kept.items() if getattr(row, k) != value]
        else:
            row = Medicine(ref=new_ref(), resident=resident)
            db.session.add(row)
            kind, fields = "medicine.added", []
        for key, value in kept.items():
            setattr(row, key, value)
        row.changed_at, row.changed_by = now, actor.name
        details = {"fields": fields} if medicine_ref else None
        notes.append((actor, audit.Note(kind, ("medicine", row.ref), details=details), now))
        rows.append(row)
    db.session.flush()
    audit.append_all(notes)
    packs.record_changed(actor, resident, now)
    return rows


def change(
    actor: Actor, ref: str, medicine_ref: str, typed: Values, *, version: int, now: datetime
) -> Medicine:
    """Changes a medicine as written on the MAR. Raises Stale with what stands now, Invalid, NotFound."""
    resident = to_change(actor, ref)
    row = _standing(resident, medicine_ref, version)
    kept = _kept(row, typed)
    fields = [key for key, value in kept.items() if getattr(row, key) != value]
    _write(actor, row, kept, now)
    note = audit.Note("medicine.changed", ("medicine", row.ref), details={"fields": fields})
    _done(actor, resident, note, now)
    return row


def mark(
    actor: Actor,
    ref: str,
    medicine_ref: str,
    *,
    kinds: Sequence[HighRisk],
    time_critical: bool,
    version: int,
    now: datetime,
) -> Medicine:
    """Adds high-risk kinds, and the mark of a time-critical medicine, that a person has confirmed.

    `kinds` may be empty: "none of these" is an answer too, and the question is not asked again.
    """
    resident = to_change(actor, ref)
    row = _standing(resident, medicine_ref, version)
    together = [*row.high_risk.split(","), *(kind.value for kind in kinds)]
    marked = medicine_fields.kinds_text(together)
    if not set(high_risk_kind(row.name, row.form)) <= {HighRisk(part) for part in marked.split(",") if part}:
        marked = medicine_fields.looked_at(marked)
    kept = {
        "high_risk": marked,
        "time_critical": row.time_critical or time_critical,
    }
    fields = [key for key, value in kept.items() if getattr(row, key) != value]
    if fields:
        _write(actor, row, kept, now)
        note = audit.Note("medicine.changed", ("medicine", row.ref), details={"fields": fields})
        _done(actor, resident, note, now)
    return row


def stop(
    actor: Actor, ref: str, medicine_ref: str, typed: Values, *, version: int, now: datetime
) -> Medicine:
    """Stops a medicine, with the day, the reason and who decided. Raises Stale, Invalid, NotFound."""
    resident = to_change(actor, ref)
    row = _standing(resident, medicine_ref, version)
    day, why = medicine_fields.check_stopping(typed, row.started_on, london_day(now))
    _write(actor, row, {"stopped_on": day, "stopped_why": why}, now)
    _done(actor, resident, audit.Note("medicine.stopped", ("medicine", row.ref)), now)
    return row


def restart(actor: Actor, ref: str, medicine_ref: str, now: datetime) -> Medicine:
    """Puts a stopped medicine back on the list: it was stopped by mistake, or is given again."""
    resident = to_change(actor, ref)
    row = residents.medicine(resident, medicine_ref)
    if row.stopped_on is not None:
        _write(actor, row, {"stopped_on": None, "stopped_why": ""}, now)
        fields = ["stopped_on"]
        note = audit.Note("medicine.changed", ("medicine", row.ref), details={"fields": fields})
        _done(actor, resident, note, now)
    return row


def columns_of(row: Medicine) -> dict[str, Any]:
    """The answers of a medicine as they stand, by column."""
    return {key: getattr(row, key) for key in medicine_fields.COLUMNS}


def _kept(row: Medicine, typed: Values) -> dict[str, Any]:
    """The answers as columns. What somebody said of the name's suggestions holds while the name does."""
    kept = medicine_fields.checked(typed)
    answered = medicine_fields.LOOKED_AT in row.high_risk.split(",")
    if answered and (kept["name"], kept["form"]) == (row.name, row.form):
        kept["high_risk"] = medicine_fields.looked_at(kept["high_risk"])
    return kept


def _standing(resident: Resident, medicine_ref: str, version: int) -> Medicine:
    row = residents.medicine(resident, medicine_ref)
    if row.version != version:
        raise Stale("Somebody else changed this medicine after you opened it.", columns_of(row))
    if row.stopped_on is not None:
        raise Invalid({"form": "This medicine was stopped. Put it back on the list first."})
    return row


def _write(actor: Actor, row: Medicine, kept: dict[str, Any], now: datetime) -> None:
    for key, value in kept.items():
        setattr(row, key, value)
    row.changed_at, row.changed_by = now, actor.name
    db.session.flush()


def _done(actor: Actor, resident: Resident, note: audit.Note, now: datetime) -> None:
    audit.append(actor, note, now)
    packs.record_changed(actor, resident, now)
