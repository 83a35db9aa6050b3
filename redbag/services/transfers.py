"""The home's verbs: send, pack, hand to the crew, receive, settle, close; and every other ending."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from redbag.database import db
from redbag.domain.bag_states import BagState, same_number, why_not_taken
from redbag.domain.custody import Step
from redbag.domain.errors import IllegalTransition, Invalid, NotFound, NotPermitted, Stale
from redbag.domain.going_home import LOST
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor, Permission, can
from redbag.domain.transfer_states import AWAY, STATE_WORDS, Action, State
from redbag.models import Bag, Organisation, Resident, Transfer
from redbag.queries import bags as bag_queries
from redbag.queries import transfers
from redbag.services import (
    audit,
    bags,
    belongings,
    events,
    journey_figures,
    journeys,
    labels,
    packs,
    residents,
    returning_medicines,
    signatures,
)
from redbag.services.events import Happening
from redbag.services.signatures import NOT_ASKED, Signed


def open_(
    actor: Actor,
    resident_ref: str,
    *,
    reason: str,
    journey_type: str,
    why_now: Mapping[str, Any],
    now: datetime,
    opened_at: datetime | None = None,
) -> Transfer:
    """Send to hospital. A person who already has an open journey gets that one. `opened_at`: when it was
    decided, where a tablet says so later.

    The hospital is the one that this home usually sends to, until somebody says another.
    """
    # Locked, so that two people who send one resident at the same moment open one journey.
    resident = db.session.scalar(
        select(Resident).filter_by(ref=resident_ref, home_id=actor.organisation_id).with_for_update()
    )
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
        opened_at=opened_at or now,
    )
    db.session.add(transfer)
    db.session.flush()
    events.record(actor, transfer, Happening(Action.OPEN, opened_at or now, {"reason": reason}), now)
    return transfer


def print_of(transfer: Transfer, key: str) -> str:
    """Stands for today's answers of one kind as they are now: what a page was opened on."""
    return print_of_answers(transfer.facts.get(key) or {})


def print_of_answers(answers: Mapping[str, Any]) -> str:
    """As print_of(), of these answers; of none for a journey that has not begun."""
    return hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()[:16]


def save_facts(
    actor: Actor,
    ref: str,
    key: str,
    answers: Mapping[str, Any],
    seen: str | None,
    now: datetime,
    written_at: datetime | None = None,
) -> Transfer:
    """Keeps today's answers of one kind (why_now, observations, today, doses, papers, told, valuables).

    After departure this makes a new version of the pack. `seen`: the answers that the page was opened
    on (print_of). Raises Stale when somebody else changed these answers since; a change of other
    answers does not matter. `written_at`: when they were written, where a tablet says so later.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    _refuse_when_over(transfer)
    kept = transfer.facts.get(key) or {}
    if seen is not None and seen != print_of(transfer, key) and kept != _plain(answers):
        raise Stale("Somebody else changed this page after you opened it.", kept)
    if kept == _plain(answers):
        return transfer
    saved_at = {**(transfer.facts.get("saved_at") or {}), key: (written_at or now).isoformat()}
    transfer.facts = {**transfer.facts, key: _plain(answers), "saved_at": saved_at}
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
    if transfer.reason == reason:
        return transfer
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
    if transfer.hospital_id == hospital.id:
        return transfer
    transfer.hospital_id, transfer.hospital = hospital.id, hospital
    _note_change(actor, transfer, "hospital", now)
    journey_figures.follow(transfer)
    return transfer


def choose_bag(actor: Actor, ref: str, number: str, now: datetime, at: datetime | None = None) -> Transfer:
    """Binds the bag with this number, however it is typed (12 and 012 are one). Raises Invalid."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    bag = next((b for b in bag_queries.of_home(actor) if same_number(b.number, number)), None)
    if bag is None:
        raise Invalid({"bag": f"Your home has no bag {number}. Read the number on the bag again."})
    take_bag(actor, transfer, bag.ref, now, at)
    return transfer


def take_bag(actor: Actor, transfer: Transfer, ref: str, now: datetime, at: datetime | None = None) -> None:
    """Binds one of the home's bags in stock to the journey, and issues its label. `at`: when it was taken, if
    that is told later.

    Another bag, chosen before departure, puts the first one back in stock. A label from the drawer with
    no bag's number on it, bound before the bag was known, stays: it is on this bag. Raises Invalid.
    """
    if State(transfer.state) is not State.PACKING:
        raise IllegalTransition("The bag has left: its number can no longer be changed.")
    label = labels.current(transfer)
    drawn = label if label is not None and label.serial is not None and label.bag_id is None else None
    if not hold_bag(actor, transfer, ref, now, at):
        return
    if drawn is None:
        labels.issue(actor, transfer, now)
    else:
        drawn.bag_id = transfer.bag_id


def hold_bag(
    actor: Actor, transfer: Transfer, ref: str, now: datetime, at: datetime | None, *, went: bool = False
) -> bool:
    """As take_bag(), without a label, also once it has left (`went`); whether this was another bag before."""
    bag = db.session.scalar(select(Bag).filter_by(ref=ref, home_id=transfer.home_id).with_for_update())
    if bag is None:
        raise Invalid({"bag": "Choose one of your home's bags."})
    if transfer.bag_id == bag.id:
        return False
    if refused := why_not_taken(bag.number, BagState(bag.state), went=went):
        raise Invalid({"bag": refused})
    _put_back(actor, transfer, "Another bag was taken", now)
    transfer.bag_id, transfer.bag = bag.id, bag
    bags.change_state(actor, bag, "out", "", now, transfer=transfer, at=at)
    return True


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
    actor: Actor,
    ref: str,
    *,
    crew: str,
    infection_told: bool,
    occurred_at: datetime,
    now: datetime,
    signed: Signed = NOT_ASKED,
) -> Transfer:
    """The bag leaves with the crew: the pack is frozen, whatever is missing from it, signed for or not.

    The carer has said that this is the person (name, date of birth, photo). Once they have arrived, the
    handover is recorded by services/late_handover.py.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_DISPATCH)
    if State(transfer.state) is not State.PACKING:
        raise IllegalTransition(f"“Handed to crew” follows “{STATE_WORDS[State.PACKING]}” only.")
    journeys.refuse_while_questioned(transfer)
    frozen = packs.bag_leaves(actor, transfer, now)
    label = labels.current(transfer) or labels.issue(actor, transfer, now)
    data: dict[str, object] = {"crew": crew, "identity": "confirmed", "infection_told": infection_told}
    data |= {"version": frozen.version, "gaps": list(frozen.gaps), **signed.fact}
    place = f"{actor.organisation_name} to {crew or 'ambulance crew'}"
    what = Happening(Action.HAND_TO_CREW, occurred_at, data, place=place, label_id=label.id)
    signatures.keep(events.record(actor, transfer, what, now), signed)
    return transfer


def not_this_person(actor: Actor, ref: str, now: datetime) -> Transfer:
    """The home's own "Not this person" before the bag leaves: kept in the history, nothing handed over.

    No task: the question is asked again at the next handover, and only a yes to it lets the bag go.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_DISPATCH)
    if State(transfer.state) is not State.PACKING:
        raise IllegalTransition("The bag has left: ring the hospital.")
    events.record(actor, transfer, Happening(Action.WRONG_PERSON, now), now)
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
    if transfer.bag is not None and transfer.bag.state == "out":
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
    papers_missing: str = "",
    brought_by: str = "",
    signed: Signed = NOT_ASKED,
) -> Transfer:
    """Back home: the person is here. Belongings and medicines are settled after this.

    `papers_missing`: "summary" or "all" (none at all); `brought_by`: who handed it over, `signed` by them.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_RECEIVE)
    said = {"papers_missing": papers_missing, "brought_by": brought_by}
    data = {"bag_came": bag_came, "original_came": original_came, **_plain(said), **signed.fact}
    signatures.keep(events.record(actor, transfer, Happening(Action.RECEIVE, occurred_at, data), now), signed)
    if transfer.bag is not None and bag_came and bag_queries.still_with(transfer):
        bags.change_state(actor, transfer.bag, "to_clean", "", now, transfer=transfer)
    return transfer


def close(
    actor: Actor,
    ref: str,
    *,
    bag_state: str,
    note: str,
    now: datetime,
    signed_out: str = "",
    moved_away: bool = False,
    lost: str = "",
) -> Transfer:
    """Closes a journey that has ended: the label stops working, the bag gets its place.

    `bag_state`: in_stock (cleaned, back on its hook), to_clean, quarantined, destroyed, lost or out
    (still away). `signed_out`: who has the belongings of a person who died or went elsewhere.
    A person who died, or who `moved_away`, leaves the list of residents. `lost`: what about things that
    are still missing, keep_looking or accepted; nothing stands for an answer. Raises Invalid while
    something must be settled first.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_RECEIVE)
    problems = what_stops_closing(transfer)
    if problems:
        raise Invalid({"form": " ".join(problems)})
    missing = transfers.missing_things([transfer.id])[transfer.id]
    refuse_unanswered_loss(missing, lost)
    ended_as = State(transfer.state)
    data = {"bag": bag_state, "note": note, "signed_out": signed_out}
    facts: dict[str, Any] = {key: value for key, value in data.items() if value}
    if missing:
        facts |= {"lost": lost, "missing": missing}
    ours = bag_queries.still_with(transfer)
    events.record(actor, transfer, Happening(Action.CLOSE, now, facts), now)
    if transfer.bag is not None and ours and bag_state and bag_state != transfer.bag.state:
        bags.change_state(actor, transfer.bag, bag_state, note, now, transfer=transfer)
    labels.revoke(actor, transfer, "closed", now)
    for task in transfers.open_tasks(transfer):
        task.done_at, task.done_by = now, actor.name
    _leave_the_list(actor, transfer, ended_as, moved_away, now)
    return transfer


def refuse_unanswered_loss(missing: Sequence[str], lost: str) -> None:
    """Raises Invalid where things are missing and nobody said whether to go on looking."""
    if missing and lost not in dict(LOST):
        raise Invalid({"lost": "Say whether you keep looking, or accept as lost."})


def _leave_the_list(
    actor: Actor, transfer: Transfer, ended_as: State, moved_away: bool, now: datetime
) -> None:
    resident = transfer.resident
    if resident.left_on is not None:
        return
    if ended_as is State.DIED and transfer.died_at is not None:
        residents.mark_left(actor, resident, london_day(transfer.died_at), "died", now=now)
    elif ended_as is State.WENT_ELSEWHERE and moved_away:
        residents.mark_left(actor, resident, london_day(transfer.ended_at or now), "moved", now=now)


def what_stops_closing(transfer: Transfer) -> list[str]:
    """Why a journey cannot be closed yet, in words; empty when it can."""
    if State(transfer.state) is not State.BACK_HOME:
        return []
    problems = returning_medicines.unsettled(transfer)
    if belongings.list_for(transfer) and not belongings.was_checked(transfer, Step.RETURN):
        problems.append("The belongings have not been checked.")
    return problems


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
