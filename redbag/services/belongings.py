"""Belongings: listed while packing, checked at admission, discharge and return."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain import journey
from redbag.domain.custody import Status, Step
from redbag.domain.errors import IllegalTransition, Invalid, Stale
from redbag.domain.london_time import format_moment
from redbag.domain.permissions import Actor, Permission
from redbag.domain.todays_facts import CARRIED
from redbag.domain.transfer_states import Action, State
from redbag.models import ItemCheck, Transfer, TransferEvent, TransferItem
from redbag.queries.recorded import check_stands, newest_checks
from redbag.services import audit, events, journey_figures, journeys, packs
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
    return print_of_things(list_for(transfer))


def print_of_things(things: Sequence[TransferItem]) -> str:
    """As print_of(), of these things; of none for a journey that has not begun."""
    told = repr([(i.ref, i.description, i.quantity, i.valuable, i.carried) for i in things])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def pack(
    actor: Actor,
    ref: str,
    things: Sequence[Packed],
    now: datetime,
    *,
    seen: str | None = None,
    packed_at: datetime | None = None,
) -> Transfer:
    """Sets the list of what travels: what was ticked, and nothing else. Only the home, until arrival.

    `seen`: the list that the page was opened on (print_of); `packed_at`: when the things went in, where a
    tablet says so later. Raises Invalid for a thing without a name or
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
        item = kept.pop(thing.ref, None) or _new_item(actor, transfer, packed_at or now)
        _set_item(item, thing)
    for item in kept.values():
        item.removed_at = now
    db.session.flush()
    details = {"fields": "belongings"}
    audit.append(actor, audit.Note("transfer.changed", ("transfer", transfer.ref), details=details), now)
    packs.changed_after_departure(actor, transfer, now)
    return transfer


def _new_item(actor: Actor, transfer: Transfer, packed_at: datetime) -> TransferItem:
    item = TransferItem(
        transfer_id=transfer.id, added_at_step=Step.PACKING.value, packed_at=packed_at, packed_by=actor.name
    )
    db.session.add(item)
    return item


def _set_item(item: TransferItem, thing: Packed) -> None:
    description = thing.description.strip()[:200]
    if not description:
        raise Invalid({"items": "Each thing needs a name."})
    if thing.carried not in dict(CARRIED):
        raise Invalid({"items": f"{description}: say whether it is worn, in the bag or in hand."})
    item.description, item.carried = description, thing.carried
    item.quantity, item.valuable = max(1, min(thing.quantity, 99)), thing.valuable


_STEP_STATES = {
    Step.OPENED: (State.ARRIVED, State.ADMITTED, State.GOING_HOME, State.WENT_ELSEWHERE, State.DIED),
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
    witness: str = "",
    why: str = "",
    label_id: int | None = None,
    occurred_at: datetime | None = None,
    now: datetime,
) -> TransferEvent:
    """What one person found at one handover: a status for every item, by its reference. `valuables`: who
    was told of money and jewellery, or where they are kept; `witness`: the second name beside it; `why`
    the bag was opened; `occurred_at`: when somebody looked, where that was earlier than now.

    Raises Invalid when an item was left out or the time cannot be, IllegalTransition when the step does
    not belong here.
    """
    refuse_at_another_step(transfer, step)
    looked_at = _after_earlier_looks(transfer, occurred_at or now)
    _refuse_time(transfer, step, looked_at, now)
    if step is not Step.RETURN:
        journeys.refuse_while_questioned(transfer)
    items = list_for(transfer)
    left_out = [i.description for i in items if i.ref not in found]
    if left_out:
        raise Invalid({"items": "Say for each thing whether it is here: " + ", ".join(left_out)})
    what = Happening(
        Action.CHECK_BELONGINGS,
        looked_at,
        {
            "step": step.value,
            **({"why": why} if why else {}),
            **_told(transfer, items, found, notes or {}),
            **({"valuables": valuables} if valuables else {}),
            **({"witness": witness} if witness else {}),
        },
        organisation_id=actor.organisation_id or None,
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
    journey_figures.follow(transfer)
    return event


def _after_earlier_looks(transfer: Transfer, at: datetime) -> datetime:
    """A typed time has no seconds: what is written down later of the same minute is the later look, so
    that it corrects the earlier one and is not hidden by it."""
    within = TransferEvent.occurred_at >= at, TransferEvent.occurred_at < at + timedelta(minutes=1)
    looks = select(func.max(TransferEvent.occurred_at)).where(
        TransferEvent.transfer_id == transfer.id,
        TransferEvent.action == Action.CHECK_BELONGINGS.value,
        *within,
    )
    last = db.session.scalar(looks) if (at.second, at.microsecond) == (0, 0) else None
    return max(at, last) if last else at


def _refuse_time(transfer: Transfer, step: Step, at: datetime, now: datetime) -> None:
    """Nobody looked before the bag came to where it was looked through, nor in the future."""
    if at > now:
        raise Invalid({"occurred_at": "This time is in the future. Check the date and the time."})
    in_hospital = transfer.arrived_at or transfer.admitted_at
    since = {
        Step.OPENED: transfer.gone_by,
        Step.ADMISSION: in_hospital,
        Step.DISCHARGE: in_hospital,
        Step.RETURN: transfer.received_at,
    }.get(step)
    if since is not None and at + timedelta(minutes=1) <= since:
        raise Invalid(
            {"occurred_at": f"The bag came here {format_moment(since)}: it was looked through after that."}
        )


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
    return {ref: check.status for ref, check in _newest(transfer)}


def noted(transfer: Transfer) -> dict[str, str]:
    """What the newest check of each thing said about it, by its reference; "" where it said nothing."""
    return {ref: check.note or "" for ref, check in _newest(transfer)}


def valuables_told(transfer: Transfer) -> str:
    """What the newest check that spoke of money and valuables said: who was told, or where they are kept; ""
    where none did."""
    past = journey.effective(events.of(transfer))
    said = (e.data.get("valuables") for e in reversed(past) if e.action is Action.CHECK_BELONGINGS)
    return str(next((words for words in said if words), ""))


def _newest(transfer: Transfer) -> list[tuple[str, ItemCheck]]:
    rows = db.session.execute(
        select(TransferItem.ref, ItemCheck)
        .join(ItemCheck, ItemCheck.item_id == TransferItem.id)
        .where(ItemCheck.id.in_(newest_checks(TransferItem.transfer_id == transfer.id)))
    )
    return [(ref, check) for ref, check in rows]


def was_checked(transfer: Transfer, step: Step) -> bool:
    """Whether somebody has looked for the belongings at this step."""
    found = db.session.scalar(
        select(ItemCheck.id)
        .join(TransferItem, TransferItem.id == ItemCheck.item_id)
        .where(TransferItem.transfer_id == transfer.id, ItemCheck.step == step.value, check_stands())
        .limit(1)
    )
    return found is not None
