"""Taking back, correcting, questioning: what was recorded stays, and a new record says otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from redbag.database import db
from redbag.domain import journey
from redbag.domain.errors import IllegalTransition, Invalid, NotFound, NotPermitted
from redbag.domain.permissions import Actor, Permission, Role
from redbag.domain.transfer_states import Action, State
from redbag.models import Task, Transfer, TransferEvent
from redbag.services import audit, bags, belongings, events, journeys, outbox
from redbag.services.events import Happening


def do_task(actor: Actor, ref: str, task_ref: str, *, told: str, now: datetime) -> Transfer:
    """Clears a task by naming who was told."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_TELL)
    task = db.session.scalar(
        select(Task).filter_by(ref=task_ref, transfer_id=transfer.id, organisation_id=actor.organisation_id)
    )
    if task is None:
        raise NotFound("There is no such task.")
    if not told:
        raise Invalid({"told": "Write who you told."})
    task.done_at, task.done_by, task.told = now, actor.name, told
    details = {"kind": task.kind}
    audit.append(actor, audit.Note("task.done", ("transfer", transfer.ref), details=details), now)
    return transfer


def wrong_person(actor: Actor, transfer: Transfer, *, note: str, label_id: int | None, now: datetime) -> None:
    """ "Not this person": nothing more is written until the home has said whose bag it is."""
    data = {"note": note} if note else {}
    events.record(actor, transfer, Happening(Action.WRONG_PERSON, now, data, label_id=label_id), now)
    db.session.add(
        Task(
            organisation_id=transfer.home_id,
            transfer_id=transfer.id,
            kind="wrong_person",
            detail=actor.organisation_name,
            due_at=now,
            created_at=now,
        )
    )
    outbox.follow_journey(transfer, now)
    db.session.flush()


def questioned_by(transfer: Transfer) -> TransferEvent | None:
    """The latest "not this person": who said so, and when."""
    return db.session.scalar(
        select(TransferEvent)
        .filter_by(transfer_id=transfer.id, action=Action.WRONG_PERSON.value)
        .order_by(TransferEvent.id.desc())
        .limit(1)
    )


def is_theirs(actor: Actor, event: TransferEvent) -> bool:
    """Whether the actor recorded this step; a guest, in the session that they have now."""
    if actor.role is Role.GUEST:
        return event.data.get("guest") == actor.account_ref
    return event.account_id == actor.account_id


def right_person(actor: Actor, transfer: Transfer, now: datetime) -> None:
    """Whoever said "not this person" by mistake takes it back.

    Raises NotPermitted for anybody else: then the home says whose bag it is.
    """
    task = db.session.scalar(
        select(Task).filter_by(transfer_id=transfer.id, kind="wrong_person", done_at=None)
    )
    if task is None:
        return
    said = questioned_by(transfer)
    if said is None or not is_theirs(actor, said):
        raise NotPermitted("Somebody else said that this is not the person: ring the home.")
    task.done_at, task.done_by, task.told = now, actor.name, "Taken back: pressed by mistake"
    details = {"kind": task.kind}
    audit.append(actor, audit.Note("task.done", ("transfer", transfer.ref), details=details), now)


def undo(actor: Actor, ref: str, event_ref: str, *, reason: str, now: datetime) -> Transfer:
    """Takes the latest step or the newest check of belongings back, by a new event.

    Raises IllegalTransition for any other step.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_READ)
    if actor.organisation_id != transfer.home_id:
        journeys.refuse_while_questioned(transfer)  # for the hospital all writing stops
    event = _own_event(actor, transfer, event_ref)
    events.correct(actor, transfer, event, reason=reason, withdrawn=True, now=now)
    _after_undo(actor, transfer, event, now)
    return transfer


def state_without(transfer: Transfer, event_ref: str) -> State:
    """Where the journey stands once this step has been taken back.

    Raises NotFound for a step of another journey, IllegalTransition for one that cannot be taken back.
    """
    event = db.session.scalar(select(TransferEvent).filter_by(ref=event_ref, transfer_id=transfer.id))
    if event is None:
        raise NotFound("There is no such step.")
    recorded = events.of(transfer)
    if event.id not in {one.id for one in journey.effective(recorded)}:
        raise IllegalTransition("That step was taken back already.")
    journey.withdrawal_allowed(recorded, event.id)
    return journey.replay(one for one in recorded if event.id not in (one.id, one.corrects)).state


def may_undo(transfer: Transfer, event_ref: str) -> bool:
    """Whether it can be taken back, and what was recorded after it still makes sense without it."""
    event = db.session.scalar(select(TransferEvent).filter_by(ref=event_ref, transfer_id=transfer.id))
    recorded = events.of(transfer)
    if event is None or event.id not in [one.id for one in journey.withdrawable(recorded)]:
        return False
    try:
        journey.replay(one for one in recorded if event.id not in (one.id, one.corrects))
    except IllegalTransition:
        return False
    return True


def correct_time(
    actor: Actor,
    ref: str,
    event_ref: str,
    *,
    occurred_at: datetime,
    reason: str,
    decided_at: datetime | None = None,
    now: datetime,
) -> Transfer:
    """Gives a step another time, by a new event. `decided_at`: of an admission, the decision to admit,
    where it was another moment."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_READ)
    if actor.organisation_id != transfer.home_id:
        journeys.refuse_while_questioned(transfer)  # for the hospital all writing stops
    event = _own_event(actor, transfer, event_ref)
    if not reason:
        raise Invalid({"reason": "Say why the time is corrected."})
    admission = event.action == Action.ADMIT.value
    facts: dict[str, Any] = {}
    if admission:
        facts["decision_to_admit_at"] = (decided_at or occurred_at).isoformat()
    if event.data.get("time_known") is False:
        facts["time_known"] = True
    events.correct(actor, transfer, event, reason=reason, occurred_at=occurred_at, facts=facts, now=now)
    return transfer


def _own_event(actor: Actor, transfer: Transfer, event_ref: str) -> TransferEvent:
    """A step that the actor's own organisation recorded: nobody corrects another's words."""
    event = db.session.scalar(select(TransferEvent).filter_by(ref=event_ref, transfer_id=transfer.id))
    if event is None:
        raise NotFound("There is no such step.")
    if event.actor_organisation_id != actor.organisation_id:
        raise NotPermitted("Another organisation recorded this: ask them to correct it.")
    return event


def _after_undo(actor: Actor, transfer: Transfer, event: TransferEvent, now: datetime) -> None:
    """What the step had done to the bag, or added to its list, is taken back with it."""
    undone = Action(event.action)
    if undone is Action.CHECK_BELONGINGS:
        belongings.forget_found(event, now)
    if undone is Action.RECEIVE and transfer.bag is not None and transfer.bag.state == "to_clean":
        bags.change_state(actor, transfer.bag, "out", "Taken back", now, transfer=transfer)
