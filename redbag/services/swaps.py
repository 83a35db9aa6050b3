"""Two bags changed places: both journeys are named, and put right in one step.

Either the two people have each other's bag: then the records are right, and whoever is with the people swaps
the bags. Or the home wrote each number beside the wrong person: then the numbers change places.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain.bag_states import BagState
from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.permissions import Actor, Permission
from redbag.domain.transfer_states import AWAY, Action, State
from redbag.models import Label, Task, Transfer
from redbag.queries import transfers
from redbag.services import audit, bags, events, journeys, outbox
from redbag.services.events import Happening

SWAP_STATES = frozenset({*AWAY, State.PACKING})


def candidates(actor: Actor, transfer: Transfer) -> list[Transfer]:
    """The other journeys of this home that may have this one's bag, those who left nearest in time first."""
    rows = db.session.scalars(
        transfers.whole().where(
            Transfer.home_id == actor.organisation_id,
            Transfer.id != transfer.id,
            Transfer.bag_id.is_not(None),
            Transfer.state.in_([state.value for state in SWAP_STATES]),
        )
    )
    left = transfer.gone_by or transfer.opened_at
    return sorted(rows, key=lambda other: abs((other.gone_by or other.opened_at) - left))


def swap(
    actor: Actor, ref: str, other_ref: str, how: str, told: str, now: datetime
) -> tuple[Transfer, Transfer]:
    """`how`: people (they have each other's bag), numbers (our records name the wrong bags), or back (it was
    no swap: the hospital need not do anything). `told`: who at the hospital was told.

    Clears "not this person" of both. Raises Invalid, IllegalTransition where one has no bag or is home.
    """
    if ref == other_ref or not other_ref:
        raise Invalid({"other": "Choose the other person."})
    # Always in the same order, so that two people who press at once do not wait for each other.
    first, second = (journeys.load(actor, one, Permission.TRANSFER_TELL) for one in sorted((ref, other_ref)))
    for transfer in (first, second):
        if (
            State(transfer.state) not in SWAP_STATES
            or transfer.bag is None
            or transfer.bag.state != BagState.OUT
        ):
            raise IllegalTransition("Bags are swapped while both people are away and both bags are out.")
    if how not in ("people", "numbers", "back"):
        raise Invalid({"how": "Say which of the two happened."})
    told = " ".join(told.split())[:200]
    if not told and how != "numbers":
        raise Invalid({"told": "Write who at the hospital you told."})
    _end_tasks(actor, (first, second), told or "Numbers put right at the home", now)
    if how == "numbers":
        _swap_numbers(actor, first, second, now)
    for transfer, other in ((first, second), (second, first)):
        _record(actor, transfer, other, how, told, now)
    audit.append(actor, audit.Note("bags.swapped", ("transfer", first.ref)), now)
    return (first, second) if first.ref == ref else (second, first)


def _number(transfer: Transfer) -> str:
    return transfer.bag.number if transfer.bag else ""


def _record(actor: Actor, transfer: Transfer, other: Transfer, how: str, told: str, now: datetime) -> None:
    """In each journey's history, without the other person's name: it may be shown where that one may not."""
    words = {
        "people": f"bags {_number(transfer)} and {_number(other)} are each with the other’s person",
        "numbers": f"bag {_number(transfer)} went with them; {_number(other)} had been written down",
        "back": f"no swap after all: bag {_number(transfer)} is theirs",
    }[how]
    # Which two, for the custody record: it says who may have held the other bag, never whose it was.
    facts = {"note": words, "swap": how, "other": other.ref, "other_bag": _number(other)}
    if told:
        facts["told"] = told
    events.record(actor, transfer, Happening(Action.SWAP_BAGS, now, facts), now)
    if how == "people" and transfer.hospital_id is not None:
        mine, theirs = transfer.resident.full_name, other.resident.full_name
        detail = f"Swap two bags: {mine}’s is bag {_number(transfer)}, {theirs}’s is bag {_number(other)}"
        db.session.add(
            Task(
                organisation_id=transfer.hospital_id,
                transfer_id=transfer.id,
                kind="swap_bags",
                detail=detail[:500],
                due_at=now,
                created_at=now,
            )
        )
        outbox.follow_journey(transfer, now)


def _end_tasks(actor: Actor, both: tuple[Transfer, ...], told: str, now: datetime) -> None:
    """Neither is in doubt any more, and what was asked of the hospital before is over."""
    rows = db.session.scalars(
        select(Task).where(
            Task.transfer_id.in_([transfer.id for transfer in both]),
            Task.kind.in_(("wrong_person", "swap_bags")),
            Task.done_at.is_(None),
        )
    )
    for task in rows:
        task.done_at, task.done_by, task.told = now, actor.name, told
        audit.append(actor, audit.Note("task.done", details={"kind": task.kind}), now)
    db.session.flush()


def _swap_numbers(actor: Actor, first: Transfer, second: Transfer, now: datetime) -> None:
    one, other = first.bag, second.bag
    if one is None or other is None:
        return
    first.bag, second.bag = other, one
    db.session.flush()
    for transfer in (first, second):
        for label in db.session.scalars(select(Label).filter_by(transfer_id=transfer.id, revoked_at=None)):
            label.bag_id = transfer.bag_id
        if transfer.bag is not None:
            words = "The number had been written beside somebody else"
            bags.change_state(actor, transfer.bag, BagState.OUT, words, now, transfer=transfer)
    db.session.flush()
