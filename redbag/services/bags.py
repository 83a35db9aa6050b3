"""Red bags in the home's keeping: added, and moved from state to state with a history."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain import bag_states
from redbag.domain.bag_states import BAG_ACT_WORDS, BAG_STATE_WORDS, GONE, NEEDS_A_NOTE, BagAct, BagState
from redbag.domain.errors import IllegalTransition, Invalid, NotPermitted, Stale
from redbag.domain.permissions import Actor, Permission, Subject, can
from redbag.domain.transfer_states import AWAY, OPEN_STATES, State
from redbag.models import Bag, BagEvent, BagReport, Transfer
from redbag.queries import bags
from redbag.services import audit, journey_figures, journeys, labels, outbox

LONGEST_NUMBER = 10
LONGEST_NOTE = 300
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z \-]*")


def add(actor: Actor, home_id: int, number: str, now: datetime) -> Bag:
    """Another bag for a home, in stock, its number written in the one way (bag_states.written).

    Raises Invalid for a number that cannot be read or is taken.
    """
    if not can(actor, Permission.BAG_ADD, Subject(home_id=home_id)):
        raise NotPermitted("Bags are added by the home’s manager or the administrator.")
    number = bag_states.written(number)
    if not number:
        raise Invalid({"number": "Write the number that stands on the bag."})
    if len(number) > LONGEST_NUMBER or not _NUMBER.fullmatch(number):
        raise Invalid({"number": f"Use at most {LONGEST_NUMBER} letters and digits, as on the bag."})
    taken = next((b for b in bags.in_home(home_id) if bag_states.same_number(b.number, number)), None)
    if taken is not None:
        raise Invalid({"number": f"There is already a bag {taken.number}. Give this one another number."})
    bag = Bag(home_id=home_id, number=number, state=BagState.IN_STOCK.value, state_since=now)
    db.session.add(bag)
    db.session.flush()
    _note(actor, bag, "", now, None)
    audit.append(actor, audit.Note("bag.created", ("bag", bag.ref), details={"number": number}), now)
    return bag


def change_state(
    actor: Actor,
    bag: Bag,
    state: BagState | str,
    note: str,
    now: datetime,
    *,
    transfer: Transfer | None = None,
    at: datetime | None = None,
) -> None:
    """Sets where a bag is, with its history and the audit entry. `at`: when that was, where it is told later
    than it happened; never before the bag's last known move.

    With `transfer` the journey's own service has already asked whether this actor may; without, the
    bag's home or the administrator may. An open journey goes on without a bag that is lost or destroyed.
    """
    if transfer is None and not can(actor, Permission.BAG_EDIT, Subject(home_id=bag.home_id)):
        raise NotPermitted("This bag is kept by another home.")
    at = max(at or now, bag.state_since)
    if bag.state != BagState(state).value:
        bag.state, bag.state_since = BagState(state).value, at
    bag.note = note[:LONGEST_NOTE]
    db.session.flush()
    _note(actor, bag, note[:LONGEST_NOTE], now, transfer, at)
    audit.append(actor, audit.Note("bag.changed", ("bag", bag.ref), details={"state": bag.state}), now)
    if bag.state != BagState.OUT:
        _said_is_over(actor, bag, now)
        journey_figures.follow_bag(bag)
    if transfer is not None and bag.state in GONE and State(transfer.state) in OPEN_STATES:
        _go_on_without(actor, bag, transfer, now)


def _said_is_over(actor: Actor, bag: Bag, now: datetime) -> None:
    """What others say of a bag is over when the home knows where it is, or has given it up."""
    for report in db.session.scalars(select(BagReport).filter_by(bag_id=bag.id, settled_at=None)):
        report.settled_at, report.settled_by = now, actor.name
    db.session.flush()


def _go_on_without(actor: Actor, bag: Bag, transfer: Transfer, now: datetime) -> None:
    """Before departure another bag can be taken. Later a lost bag's label stops working, and another one
    stands in its place for the home to print or to read out; a destroyed bag's goes on, since the printed
    pack has the same square and nobody else can find it."""
    if State(transfer.state) is State.PACKING:
        labels.revoke(actor, transfer, "replaced", now)
        transfer.bag_id, transfer.bag = None, None
        db.session.flush()
    elif bag.state == BagState.LOST:
        labels.issue(actor, transfer, now)


def say(actor: Actor, ref: str, act: BagAct, *, note: str, version: int, now: datetime) -> Bag:
    """What a person at the home says of a bag: cleaned, lost, found and the like.

    Raises Stale when somebody else moved it meanwhile, IllegalTransition when the act does not follow,
    Invalid when the act needs a word of explanation and has none.
    """
    bag = bags.get(actor, ref)
    if bag.version != version:
        raise Stale("Somebody else has just changed this bag. Look at what stands now.")
    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE:
        raise Invalid({"note": f"Use at most {LONGEST_NOTE} characters."})
    if act in NEEDS_A_NOTE and not note:
        raise Invalid({"note": f"Say in a few words why: {BAG_ACT_WORDS[act].lower()}."})
    journey = bags.open_journeys([bag]).get(bag.id)
    if act is BagAct.BACK_ALONE and journey is not None and State(journey.state) is State.PACKING:
        raise IllegalTransition("It is being packed. Choose another bag on the page of that journey.")
    state = bag_states.after(BagState(bag.state), act, on_a_journey=journey is not None)
    change_state(actor, bag, state, note, now, transfer=journey)
    if act is BagAct.BACK_ALONE and journey is not None and State(journey.state) in AWAY:
        # The label in its window must not open the pack of somebody who is elsewhere.
        labels.issue(actor, journey, now)
        outbox.follow_journey(journey, now)
    return bag


def undo(actor: Actor, ref: str, *, version: int, now: datetime) -> Bag:
    """Takes the latest word on a bag back: it is where it was before. A label that was replaced stays so.

    Raises IllegalTransition for a move that a journey made, Stale when somebody else moved it meanwhile.
    """
    bag = bags.get(actor, ref)
    if bag.version != version:
        raise Stale("Somebody else has just changed this bag. Look at what stands now.")
    before = bags.undoable(bag)
    if before is None:
        raise IllegalTransition("This belongs to a journey: correct it there.")
    journey = bags.open_journeys([bag]).get(bag.id)
    now_is = BAG_STATE_WORDS[BagState(bag.state)].lower()
    change_state(actor, bag, before, f"Taken back: {now_is}", now, transfer=journey)
    return bag


def bag_is(actor: Actor, ref: str, where: str, *, note: str, now: datetime) -> Transfer:
    """Where a bag is that did not arrive, or did not come back: "here" at the home, or "lost"."""
    transfer = journeys.load(actor, ref, Permission.TRANSFER_TELL)
    if transfer.bag is None or transfer.bag.state != "out":
        raise IllegalTransition("This journey has no bag on the way.")
    if where not in ("here", "lost"):
        raise Invalid({"where": "Say whether the bag is here or lost."})
    state = "to_clean" if where == "here" else "lost"
    change_state(actor, transfer.bag, state, note, now, transfer=transfer)
    return transfer


def _note(
    actor: Actor, bag: Bag, note: str, now: datetime, transfer: Transfer | None, at: datetime | None = None
) -> None:
    db.session.add(
        BagEvent(
            bag_id=bag.id,
            transfer_id=transfer.id if transfer else None,
            state=bag.state,
            occurred_at=at or now,
            recorded_at=now,
            account_id=actor.account_id,
            actor_name=actor.name,
            note=note,
        )
    )
    db.session.flush()
