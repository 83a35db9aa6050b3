"""Packs: frozen when printed and when the bag leaves; a later change makes a new version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, select

from redbag.database import db
from redbag.domain import pack_build
from redbag.domain.errors import NotFound
from redbag.domain.pack import TransferPack, to_json
from redbag.domain.pack_changes import differences
from redbag.domain.pack_source import PackSource
from redbag.domain.permissions import Actor
from redbag.domain.transfer_states import AWAY, Action, State
from redbag.models import MedicineLine, MedicineOutcome, PackVersion, Resident, Task, Transfer
from redbag.queries import packs
from redbag.services import audit, events
from redbag.services.events import Happening


def draft(transfer: Transfer, made_by: str, now: datetime) -> TransferPack:
    """The pack as it would be frozen now, with the number it would get."""
    return _next(packs.source(transfer), packs.latest(transfer.id), made_by, now)


def _next(source: PackSource, newest: TransferPack | None, made_by: str, now: datetime) -> TransferPack:
    number = newest.version + 1 if newest else 1
    made = pack_build.build(source, version=number, made_at=now, made_by=made_by)
    return replace(made, changes=differences(newest, _then(source, newest))) if newest else made


def _then(source: PackSource, newest: TransferPack) -> TransferPack:
    """What is known now, said as of when the newest version was made: that a dose has come due since, or a
    birthday, is not a change that anybody made."""
    return pack_build.build(source, version=newest.version, made_at=newest.made_at, made_by=newest.made_by)


def freeze(actor: Actor, transfer: Transfer, now: datetime, made_by: str = "") -> TransferPack:
    """The newest version, after freezing a new one if anything has changed since it was made.

    Paper that is printed and the page that is shown thus always carry the number of a kept version.
    `made_by`: whose words it is, where the actor's act froze what others wrote.
    """
    made_by = made_by or actor.name
    source, newest = packs.source(transfer), packs.latest(transfer.id)
    if newest is not None and _same(newest, _then(source, newest)):
        return newest
    made = _next(source, newest, made_by, now)
    content = to_json(made)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    db.session.add(
        PackVersion(
            transfer_id=transfer.id,
            number=made.version,
            made_at=now,
            made_by=made_by,
            content=content,
            sha256=digest,
        )
    )
    db.session.flush()
    details = {"version": made.version}
    audit.append(actor, audit.Note("pack.versioned", ("transfer", transfer.ref), details=details), now)
    return made


def _same(one: TransferPack, other: TransferPack) -> bool:
    """Whether a reader would find the same facts: everything but the changes told."""
    return replace(one, changes=()) == replace(other, changes=())


def bag_leaves(actor: Actor, transfer: Transfer, now: datetime, made_by: str = "") -> TransferPack:
    """Freezes what goes with the bag, whatever is missing from it: the pack and the list of medicines.

    At the handover to the crew; or at the arrival, where the home had not recorded one. `made_by`: as for
    freeze().
    """
    freeze_sent_list(transfer)
    frozen = freeze(actor, transfer, now, made_by)
    transfer.finished_at = now if not frozen.gaps else None
    return frozen


def freeze_sent_list(transfer: Transfer) -> None:
    """Writes the sent side of the medicines, as the pack has them, for settling on the way back."""
    db.session.execute(delete(MedicineLine).filter_by(transfer_id=transfer.id, side="sent"))
    bring_sent_list_up_to_date(transfer)


_AS_WRITTEN = ("name", "form", "strength", "dose", "route", "frequency", "times", "code")


def bring_sent_list_up_to_date(transfer: Transfer) -> None:
    """Takes into the sent list what the home added or changed after departure.

    Nothing leaves it: what went with the bag is answered on the way back, also when the home has stopped
    it meanwhile. Once the hospital has answered the list it stays as it was answered.
    """
    answered = select(MedicineOutcome.id).filter_by(transfer_id=transfer.id).limit(1)
    if db.session.scalar(answered) is not None:
        return
    kept = {
        line.medicine_id: line
        for line in db.session.scalars(select(MedicineLine).filter_by(transfer_id=transfer.id, side="sent"))
    }
    doses = transfer.facts.get("doses") or {}
    for row in packs.current_medicines(transfer.resident_id):
        line = kept.get(row.id)
        if line is None:
            line = MedicineLine(transfer_id=transfer.id, medicine_id=row.id, side="sent", position=len(kept))
            kept[row.id] = line
            db.session.add(line)
        for name in _AS_WRITTEN:
            setattr(line, name, getattr(row, name))
        line.supplied = str((doses.get(row.ref) or {}).get("sent") or "")
    db.session.flush()


def changed_after_departure(actor: Actor, transfer: Transfer, now: datetime) -> TransferPack | None:
    """Makes the new version that a change calls for once the bag has left; None where nothing changed.

    A changed alert, CPR decision or medicine makes a "ring the ward" task: somebody must be told.
    """
    if State(transfer.state) not in AWAY:
        return None
    before = packs.latest(transfer.id)
    after = freeze(actor, transfer, now)
    if before is None or after.version == before.version:
        return None
    if before.medicines != after.medicines:
        bring_sent_list_up_to_date(transfer)
    events.record(actor, transfer, Happening(Action.CHANGE_PACK, now, {"version": after.version}), now)
    urgent = urgent_changes(before, after)
    if urgent:
        _ask_to_ring(transfer, urgent, now)
    return after


def urgent_changes(before: TransferPack, after: TransferPack) -> list[str]:
    """What somebody at the hospital must be told of, each in a few words; the pack has the rest."""
    told = []
    for line in after.changes:
        if line.startswith("Alert: "):
            told.append(line.removeprefix("Alert: ").split(": now ")[0].split(" added")[0])
        elif line.startswith("Wishes: Treatment limits"):
            told.append("Treatment limits")
        elif line.startswith("Resuscitation"):
            told.append(after.resuscitation.words)
        elif line.startswith("Medicine"):
            told.append(line.split(",")[0])
        elif ": last dose now" in line:
            told.append(line.split(": last dose now")[0] + ": last dose")
    if before.observations != after.observations and after.observations.news2 is not None:
        told.append(
            f"NEWS2 {after.observations.news2}{'' if after.observations.news2_complete else ' at least'}"
        )
    return list(dict.fromkeys(told))


def _ask_to_ring(transfer: Transfer, urgent: list[str], now: datetime) -> None:
    """One task until somebody has been told: what changes meanwhile is added to it, newest first."""
    task = db.session.scalar(select(Task).filter_by(transfer_id=transfer.id, kind="ring_ward", done_at=None))
    if task is None:
        task = Task(
            organisation_id=transfer.home_id,
            transfer_id=transfer.id,
            kind="ring_ward",
            due_at=now,
            created_at=now,
        )
        db.session.add(task)
    earlier = [part for part in (task.detail or "").split("; ") if part and part not in urgent]
    earlier = [part for part in earlier if not part.startswith("NEWS2") or not urgent[-1].startswith("NEWS2")]
    told = "; ".join([*urgent, *earlier])
    task.detail = told if len(told) <= 500 else f"{told[:480].rsplit('; ', 1)[0]}; and more"
    db.session.flush()


def record_changed(actor: Actor, resident: Resident, now: datetime) -> None:
    """To be called after any change of a standing record: a person who is away gets a new version."""
    away = db.session.scalar(
        select(Transfer).where(
            Transfer.resident_id == resident.id, Transfer.state.in_([state.value for state in AWAY])
        )
    )
    if away is not None:
        db.session.flush()
        changed_after_departure(actor, away, now)


def operator_copy(ref: str, now: datetime) -> TransferPack:
    """The newest kept version, for the operator's command, which sees every home. Audited without an actor.

    Raises NotFound for no such transfer, and for one whose pack was never printed or handed over.
    """
    transfer_id = db.session.scalar(select(Transfer.id).filter_by(ref=ref))
    newest = packs.latest(transfer_id) if transfer_id is not None else None
    if newest is None:
        raise NotFound(f"There is no transfer {ref}, or its pack was not printed or handed over yet.")
    details = {"version": newest.version}
    note = audit.Note("pack.printed", ("transfer", ref), reason="operator’s command", details=details)
    audit.append(None, note, now)
    return newest
