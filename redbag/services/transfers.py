"""The home's verbs: send, pack, hand to the crew, receive, settle, close; and every other ending."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from redbag.database import db
from redbag.domain.errors import IllegalTransition, Invalid, NotFound, NotPermitted, Stale
from redbag.domain.permissions import Actor, Permission, can
from redbag.domain.transfer_states import AWAY, Action, State, next_state
from redbag.models import Bag, Organisation, Resident, Transfer
from redbag.queries import transfers
from redbag.services import audit, bags, events, journeys, labels, packs, returning_medicines
from redbag.services.events import Happening


def open_(
    actor: Actor,
    resident_ref: str,
    *,
    reason: str,
    journey_type: str,
    why_now: Mapping[str, Any],
    now: datetime,
) -> Transfer:
    """Send to hospital. A person who already has an open journey gets that one.

    The hospital is the one that this home used last, until somebody says another.
    """
    resident = db.session.scalar(select(Resident).filter_by(ref=resident_ref, home_id=actor.organisation_id))
    if resident is None or resident.left_on is not None:
        raise NotFound("There is no such resident.")
    if not can(actor, Permission.TRANSFER_OPEN):
        raise NotPermitted("Only the home's staff can send to hospital.")
    existing = transfers.open_for(resident.id)
    if existing is not None:
        return existing
    usual = transfers.usual_hospital(actor.organisation_id)
    transfer = Transfer(
        home_id=actor.organisation_id,
        resident_id=resident.id,
        journey_type=journey_type,
        reason=reason,
        facts={"why_now": dict(why_now)},
        hospital_id=usual.id if usual else None,
        opened_at=now,
    )
    db.session.add(transfer)
    db.session.flush()
    events.record(actor, transfer, Happening(Action.OPEN, now, {"reason": reason}), now)
    return transfer


def save_facts(
    actor: Actor, ref: str, key: str, answers: Mapping[str, Any], version: int | None, now: datetime
) -> Transfer:
    """Keeps today's answers of one kind (why_now, observations, today, doses, papers, told).

    After departure this makes a new version of the pack. Raises Stale when somebody else changed the
    same answers meanwhile; a change of other answers does not matter.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    _refuse_when_over(transfer)
    kept = transfer.facts.get(key)
    if version is not None and version != transfer.version and kept != _plain(answers):
        raise Stale("Somebody else changed this transfer after you opened it.", kept or {})
    transfer.facts = {**transfer.facts, key: _plain(answers)}
    _note_change(actor, transfer, key, now)
    packs.changed_after_departure(actor, transfer, now)
    return transfer


def _plain(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in answers.items() if v not in (None, "", [])}


def _refuse_when_over(transfer: Transfer) -> None:
    if State(transfer.state) not in (*AWAY, State.PACKING):
        raise IllegalTransition("This journey is over: its pack can no longer be changed.")


def _note_change(actor: Actor, transfer: Transfer, fields: str, now: datetime) -> None:
    db.session.flush()
    details = {"fields": fields}
    audit.append(actor, audit.Note("transfer.changed", ("transfer", transfer.ref), details=details), now)


def set_reason(actor: Actor, ref: str, reason: str, now: datetime) -> Transfer:
    """Why they go, as one of the common reasons."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    _refuse_when_over(transfer)
    transfer.reason = reason
    _note_change(actor, transfer, "reason", now)
    packs.changed_after_departure(actor, transfer, now)
    return transfer


def set_hospital(actor: Actor, ref: str, hospital_ref: str, now: datetime) -> Transfer:
    """Where they go, as the home knows it now."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    hospital = db.session.scalar(select(Organisation).filter_by(ref=hospital_ref, kind="hospital"))
    if hospital is None:
        raise Invalid({"hospital": "Choose the hospital from the list."})
    if State(transfer.state) not in (State.PACKING, State.HANDED_TO_CREW):
        raise IllegalTransition("The person has arrived: the hospital says where they are.")
    transfer.hospital_id = hospital.id
    _note_change(actor, transfer, "hospital", now)
    return transfer


def take_bag(actor: Actor, transfer: Transfer, bag_ref: str, now: datetime) -> None:
    """Binds one of the home's bags in stock to the journey, and issues its label.

    Another bag, chosen before departure, puts the first one back in stock. Raises Invalid.
    """
    if State(transfer.state) is not State.PACKING:
        raise IllegalTransition("The bag has left: its number can no longer be changed.")
    bag = db.session.scalar(select(Bag).filter_by(ref=bag_ref, home_id=transfer.home_id).with_for_update())
    if bag is None:
        raise Invalid({"bag": "Choose one of your home's bags."})
    if transfer.bag_id == bag.id:
        return
    if bag.state != "in_stock":
        raise Invalid({"bag": f"Bag {bag.number} is not in stock. Choose another one."})
    _put_back(actor, transfer, "Another bag was taken", now)
    transfer.bag_id, transfer.bag = bag.id, bag
    bags.change_state(actor, bag, "out", "", now, transfer=transfer)
    labels.issue(actor, transfer, now)


def _put_back(actor: Actor, transfer: Transfer, note: str, now: datetime) -> None:
    if transfer.bag is not None:
        bags.change_state(actor, transfer.bag, "in_stock", note, now, transfer=transfer)
        transfer.bag_id, transfer.bag = None, None


def ready_to_print(actor: Actor, ref: str, now: datetime) -> Transfer:
    """Freezes the pack as it is, so that the paper carries the number of a kept version, and makes sure
    that there is a label."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    packs.freeze(actor, transfer, now)
    if labels.current(transfer) is None and State(transfer.state) in (*AWAY, State.PACKING):
        labels.issue(actor, transfer, now)
    return transfer


def hand_to_crew(
    actor: Actor, ref: str, *, crew: str, infection_told: bool, occurred_at: datetime, now: datetime
) -> Transfer:
    """The bag leaves with the crew: the pack is frozen, whatever is missing from it.

    The carer has said that this is the person (name, date of birth, photo).
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_DISPATCH)
    next_state(State(transfer.state), Action.HAND_TO_CREW)
    journeys.refuse_while_questioned(transfer)
    packs.freeze_sent_list(transfer)
    frozen = packs.freeze(actor, transfer, now)
    label = labels.current(transfer) or labels.issue(actor, transfer, now)
    transfer.finished_at = now if not frozen.gaps else None
    data = {
        "crew": crew,
        "identity": "confirmed",
        "infection_told": infection_told,
        "version": frozen.version,
        "gaps": list(frozen.gaps),
    }
    place = f"{actor.organisation_name} to {crew or 'ambulance crew'}"
    what = Happening(Action.HAND_TO_CREW, occurred_at, data, place=place, label_id=label.id)
    events.record(actor, transfer, what, now)
    return transfer


def finish(actor: Actor, ref: str, now: datetime) -> Transfer:
    """The home says that the pack is as complete as it will be; the reminder goes."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    transfer.finished_at = now
    _note_change(actor, transfer, "finished", now)
    return transfer


def stay_home(actor: Actor, ref: str, *, why: str, occurred_at: datetime, now: datetime) -> Transfer:
    """Not taken to hospital: treated at home. The bag is unpacked; closing is a step of its own."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_DISPATCH)
    if not why:
        raise Invalid({"why": "Say why they were not taken."})
    events.record(actor, transfer, Happening(Action.STAY_HOME, occurred_at, {"why": why}), now)
    return transfer


def cancel(actor: Actor, ref: str, *, why: str, now: datetime) -> Transfer:
    """Opened in error. The bag goes back in stock and the label stops working."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_DISPATCH)
    if not why:
        raise Invalid({"why": "Say why it was opened in error."})
    events.record(actor, transfer, Happening(Action.CANCEL, now, {"why": why}), now)
    if transfer.bag is not None:
        bags.change_state(actor, transfer.bag, "in_stock", "Opened in error", now, transfer=transfer)
    labels.revoke(actor, transfer, "cancelled", now)
    return transfer


def receive(
    actor: Actor,
    ref: str,
    *,
    occurred_at: datetime,
    bag_came: bool,
    original_came: str,
    now: datetime,
) -> Transfer:
    """Back home: the person is here. Belongings and medicines are settled after this."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_RECEIVE)
    data = {"bag_came": bag_came, "original_came": original_came}
    events.record(actor, transfer, Happening(Action.RECEIVE, occurred_at, data), now)
    if transfer.bag is not None and bag_came:
        bags.change_state(actor, transfer.bag, "to_clean", "", now, transfer=transfer)
    return transfer


def close(actor: Actor, ref: str, *, bag_state: str, note: str, now: datetime) -> Transfer:
    """Closes a journey that has ended: the label stops working, the bag gets its place.

    `bag_state`: in_stock (cleaned, back on its hook), to_clean, quarantined, destroyed, lost or out
    (still away). Raises Invalid while something must be settled first.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_RECEIVE)
    problems = what_stops_closing(transfer)
    if problems:
        raise Invalid({"form": " ".join(problems)})
    events.record(actor, transfer, Happening(Action.CLOSE, now, {"bag": bag_state, "note": note}), now)
    if transfer.bag is not None and bag_state and bag_state != transfer.bag.state:
        bags.change_state(actor, transfer.bag, bag_state, note, now, transfer=transfer)
    labels.revoke(actor, transfer, "closed", now)
    for task in transfers.open_tasks(transfer):
        task.done_at, task.done_by = now, actor.name
    return transfer


def what_stops_closing(transfer: Transfer) -> list[str]:
    """Why a journey cannot be closed yet, in words; empty when it can."""
    if State(transfer.state) is not State.BACK_HOME:
        return []
    return returning_medicines.unsettled(transfer)


def home_contact(
    actor: Actor, ref: str, *, told: str, note: str, occurred_at: datetime, now: datetime
) -> Transfer:
    """The home's manager or deputy spoke to, or visited, the ward."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_TELL)
    if not told:
        raise Invalid({"told": "Write who you spoke to."})
    what = Happening(Action.HOME_CONTACT, occurred_at, {"told": told, "note": note}, source="phone")
    events.record(actor, transfer, what, now)
    return transfer
