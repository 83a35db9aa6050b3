"""Belongings: listed while packing, checked at admission, discharge and return."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain import custody
from redbag.domain.custody import Status, Step
from redbag.domain.errors import IllegalTransition, Invalid, Stale
from redbag.domain.journey import effective, is_time_unknown
from redbag.domain.permissions import Actor, Permission
from redbag.domain.todays_facts import CARRIED
from redbag.domain.transfer_states import Action, State
from redbag.models import ItemCheck, Transfer, TransferEvent, TransferItem
from redbag.queries.recorded import check_stands
from redbag.services import audit, events, journeys, packs
from redbag.services.events import Happening

MOST_ITEMS = 80


@dataclass(frozen=True)
class Packed:
    """One thing ticked while packing. `ref` names it when it was listed before."""

    description: str
    carried: str = "in_bag"
    quantity: int = 1
    valuable: bool = False
    ref: str = ""


def list_for(transfer: Transfer) -> list[TransferItem]:
    """What travels, in the order listed."""
    return list(
        db.session.scalars(
            select(TransferItem).filter_by(transfer_id=transfer.id, removed_at=None).order_by(TransferItem.id)
        )
    )


def print_of(transfer: Transfer) -> str:
    """Stands for the list as it is now, so that a page can say what it was opened on."""
    told = repr([(i.ref, i.description, i.quantity, i.valuable, i.carried) for i in list_for(transfer)])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def pack(
    actor: Actor, ref: str, things: Sequence[Packed], now: datetime, *, seen: str | None = None
) -> Transfer:
    """Sets the list of what travels: what was ticked, and nothing else. Only the home, until arrival.

    `seen`: the list that the page was opened on (print_of). Raises Invalid for a thing without a name or
    an unknown way of carrying, Stale when somebody else changed the list since.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    if State(transfer.state) not in (State.PACKING, State.HANDED_TO_CREW):
        raise IllegalTransition("The bag has arrived: what is found in it now is checked, not listed.")
    if seen is not None and seen != print_of(transfer):
        theirs = {item.ref: item.description for item in list_for(transfer)}
        raise Stale("Somebody else changed the list after you opened it.", theirs)
    if len(things) > MOST_ITEMS:
        raise Invalid({"items": f"List at most {MOST_ITEMS} things."})
    kept = {item.ref: item for item in list_for(transfer)}
    for thing in things:
        _set_item(transfer, kept.pop(thing.ref, None), thing)
    for item in kept.values():
        item.removed_at = now
    db.session.flush()
    details = {"fields": "belongings"}
    audit.append(actor, audit.Note("transfer.changed", ("transfer", transfer.ref), details=details), now)
    packs.changed_after_departure(actor, transfer, now)
    return transfer


def _set_item(transfer: Transfer, item: TransferItem | None, thing: Packed) -> None:
    description = thing.description.strip()[:200]
    if not description:
        raise Invalid({"items": "Each thing needs a name."})
    if thing.carried not in dict(CARRIED):
        raise Invalid({"items": f"{description}: say whether it is worn, in the bag or in hand."})
    if item is None:
        item = TransferItem(transfer_id=transfer.id, added_at_step=Step.PACKING.value)
        db.session.add(item)
    item.description, item.carried = description, thing.carried
    item.quantity, item.valuable = max(1, min(thing.quantity, 99)), thing.valuable


_STEP_STATES = {
    Step.ADMISSION: (State.ARRIVED, State.ADMITTED),
    Step.DISCHARGE: (State.ARRIVED, State.ADMITTED, State.GOING_HOME, State.WENT_ELSEWHERE, State.DIED),
    Step.RETURN: (State.BACK_HOME, State.STAYED_HOME, State.WENT_ELSEWHERE, State.DIED),
}


def refuse_at_another_step(transfer: Transfer, step: Step) -> None:
    """Raises IllegalTransition when the belongings are not checked at `step` as the journey stands."""
    if State(transfer.state) not in _STEP_STATES.get(step, ()):
        raise IllegalTransition("The belongings cannot be checked at this step now.")


def check(
    actor: Actor,
    transfer: Transfer,
    step: Step,
    found: Mapping[str, Status],
    *,
    notes: Mapping[str, str] | None = None,
    added: Sequence[str] = (),
    valuables: str = "",
    label_id: int | None = None,
    now: datetime,
) -> TransferEvent:
    """What one person found at one handover: a status for every item, by its reference. `valuables`: who
    was told of money and jewellery, or where they are kept.

    Raises Invalid when an item was left out, IllegalTransition when the step does not belong here.
    """
    refuse_at_another_step(transfer, step)
    if step is not Step.RETURN:
        journeys.refuse_while_questioned(transfer)
    items = list_for(transfer)
    left_out = [i.description for i in items if i.ref not in found]
    if left_out:
        raise Invalid({"items": "Say for each thing whether it is here: " + ", ".join(left_out)})
    what = Happening(
        Action.CHECK_BELONGINGS,
        now,
        {
            "step": step.value,
            **_told(transfer, items, found, notes or {}),
            **({"valuables": valuables} if valuables else {}),
        },
        organisation_id=actor.organisation_id,
        ward_id=actor.ward_id,
        place=", ".join(p for p in (actor.organisation_name, actor.ward_name) if p),
        label_id=label_id,
    )
    event = events.record(actor, transfer, what, now)
    for item in items:
        note = (notes or {}).get(item.ref, "")[:300]
        db.session.add(
            ItemCheck(
                item_id=item.id, event_id=event.id, step=step.value, status=found[item.ref].value, note=note
            )
        )
    for description in added:
        _add_found(transfer, event, step, description)
    db.session.flush()
    return event


def _told(
    transfer: Transfer, items: Sequence[TransferItem], found: Mapping[str, Status], notes: Mapping[str, str]
) -> dict[str, list[str]]:
    """What history says of one check: what is missing, damaged (and how), and what turned up again."""
    before = standing(transfer)
    damaged = [i for i in items if found[i.ref] is Status.DAMAGED]
    again = [i for i in items if before.get(i.ref) == Status.MISSING.value and found[i.ref].is_seen]
    told = {
        "damaged": [i.description + (f" ({n[:300]})" if (n := notes.get(i.ref)) else "") for i in damaged],
        "found_again": [i.description for i in again],
    }
    missing = [i.description for i in items if found[i.ref] is Status.MISSING]
    return {"missing": missing, **{key: things for key, things in told.items() if things}}


def _add_found(transfer: Transfer, event: TransferEvent, step: Step, description: str) -> None:
    """Something that nobody had listed is in the bag now."""
    item = TransferItem(
        transfer_id=transfer.id, description=description.strip()[:200], added_at_step=step.value
    )
    db.session.add(item)
    db.session.flush()
    db.session.add(ItemCheck(item_id=item.id, event_id=event.id, step=step.value, status=Status.ADDED.value))


def forget_found(event: TransferEvent, now: datetime) -> None:
    """What a check that was taken back had put on the list leaves it; its findings stay unread."""
    added = select(ItemCheck.item_id).filter_by(event_id=event.id, status=Status.ADDED.value)
    for item in db.session.scalars(select(TransferItem).where(TransferItem.id.in_(added))):
        item.removed_at = now
    db.session.flush()


def standing(transfer: Transfer) -> dict[str, str]:
    """The newest finding of each thing, by its reference; nothing for a thing that was never checked."""
    rows = db.session.execute(
        select(TransferItem.ref, ItemCheck.status)
        .join(ItemCheck, ItemCheck.item_id == TransferItem.id)
        .where(TransferItem.transfer_id == transfer.id, check_stands())
        .order_by(ItemCheck.id)
    )
    return {row.ref: row.status for row in rows}


def noted(transfer: Transfer) -> dict[str, str]:
    """What the newest check of each thing said about it, by its reference; "" where it said nothing."""
    rows = db.session.execute(
        select(TransferItem.ref, ItemCheck.note)
        .join(ItemCheck, ItemCheck.item_id == TransferItem.id)
        .where(TransferItem.transfer_id == transfer.id, check_stands())
        .order_by(ItemCheck.id)
    )
    return {row.ref: row.note or "" for row in rows}


def was_checked(transfer: Transfer, step: Step) -> bool:
    """Whether somebody has looked for the belongings at this step."""
    found = db.session.scalar(
        select(ItemCheck.id)
        .join(TransferItem, TransferItem.id == ItemCheck.item_id)
        .where(TransferItem.transfer_id == transfer.id, ItemCheck.step == step.value, check_stands())
        .limit(1)
    )
    return found is not None


def picture(transfer: Transfer) -> custody.Custody:
    """Where the bag and each item are, and between which moments a missing one was lost."""
    origin = transfer.home.name
    found = custody.custody(origin, transfer.opened_at, _handovers(transfer), _checks(transfer))
    carried = {i.ref for i in list_for(transfer) if transfer.bag is None or i.carried != "in_bag"}
    return custody.carried_by_person(found, carried)


_BAG_MOVES = {
    Action.HAND_TO_CREW,
    Action.ARRIVE,
    Action.ADMIT,
    Action.MOVE_WARD,
    Action.MOVE_HOSPITAL,
    Action.DISCHARGE,
    Action.SEND_BACK,
    Action.DISCHARGE_ELSEWHERE,
    Action.RECEIVE,
}


def _handovers(transfer: Transfer) -> list[custody.Handover]:
    handovers = []
    holder = transfer.home.name
    told = [event for event in effective(events.of(transfer)) if not is_time_unknown(event)]
    # The handover comes first, also where it was written down after the arrival.
    for event in sorted(told, key=lambda one: one.action is not Action.HAND_TO_CREW):
        if event.action not in _BAG_MOVES or not _bag_moved(event.action, event.data, transfer):
            continue
        to = _new_holder(event.action, event.data, event.place, transfer)
        handovers.append(
            custody.Handover(event.occurred_at, holder, to, recorded_at=event.recorded_at, ref=str(event.id))
        )
        holder = to
    return handovers


def _bag_moved(action: Action, data: Mapping[str, object], transfer: Transfer) -> bool:
    if action is Action.RECEIVE:
        return bool(data.get("bag_came", True))
    return transfer.with_bag is not False or action is Action.HAND_TO_CREW


def _new_holder(action: Action, data: Mapping[str, object], place: str, transfer: Transfer) -> str:
    match action:
        case Action.HAND_TO_CREW:
            return f"crew {data.get('crew') or ''}".strip()
        case Action.DISCHARGE | Action.SEND_BACK | Action.DISCHARGE_ELSEWHERE:
            return str(data.get("transport") or "transport")
        case Action.RECEIVE:
            return transfer.home.name
        case _:
            return place


def _checks(transfer: Transfer) -> list[custody.ItemCheck]:
    departed = transfer.departed_at or transfer.opened_at
    found = [
        custody.ItemCheck(
            item.ref, Step.PACKING, Status.PRESENT, departed, transfer.home.name, ref=f"p{item.id}"
        )
        for item in list_for(transfer)
        if item.added_at_step == Step.PACKING.value
    ]
    rows = db.session.execute(
        select(ItemCheck, TransferItem.ref, TransferEvent)
        .join(TransferItem, TransferItem.id == ItemCheck.item_id)
        .join(TransferEvent, TransferEvent.id == ItemCheck.event_id)
        .where(TransferItem.transfer_id == transfer.id, check_stands())
        .order_by(ItemCheck.id)
    )
    found += [
        custody.ItemCheck(
            ref,
            Step(row.step),
            Status(row.status),
            event.occurred_at,
            event.place,
            event.recorded_at,
            f"c{row.id}",
        )
        for row, ref, event in rows
    ]
    return found
