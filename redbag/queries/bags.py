"""A home's red bags: where each one is, and what happened to it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.bag_states import BagState
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Permission, Subject, can
from redbag.domain.transfer_states import AWAY, OPEN_STATES, State
from redbag.models import Bag, BagEvent, Transfer


def get(actor: Actor, ref: str) -> Bag:
    """One bag that the actor keeps: their own home's, or any for an administrator. Raises NotFound."""
    bag = db.session.scalar(select(Bag).filter_by(ref=ref).options(joinedload(Bag.home)))
    if bag is None or not can(actor, Permission.BAG_EDIT, Subject(home_id=bag.home_id)):
        raise NotFound("There is no such bag.")
    return bag


def in_home(home_id: int) -> list[Bag]:
    """Every bag of a home by its number, 2 before 010; those with letters first."""

    def place(bag: Bag) -> tuple[int, str]:
        digits = bag.number.isascii() and bag.number.isdigit()
        return (int(bag.number) if digits else -1, bag.number)

    return sorted(db.session.scalars(select(Bag).filter_by(home_id=home_id)), key=place)


def of_home(actor: Actor) -> list[Bag]:
    """Every bag of the actor's home by its number."""
    return in_home(actor.organisation_id) if can(actor, Permission.BAG_READ) else []


def in_stock(actor: Actor) -> list[Bag]:
    """The bags that can be packed now."""
    return [bag for bag in of_home(actor) if bag.state == BagState.IN_STOCK]


def open_journeys(bags: Iterable[Bag]) -> dict[int, Transfer]:
    """The open journey that each of these bags is on, by bag id; none where it is on none."""
    rows = db.session.scalars(
        select(Transfer)
        .where(
            Transfer.bag_id.in_([bag.id for bag in bags]),
            Transfer.state.in_([state.value for state in OPEN_STATES]),
        )
        .options(joinedload(Transfer.resident), joinedload(Transfer.hospital), joinedload(Transfer.ward))
        .order_by(Transfer.id)
    )
    return {row.bag_id: row for row in rows if row.bag_id is not None}


def still_with(transfer: Transfer) -> bool:
    """Whether this open journey's bag is its own still, and has not gone out with somebody else since."""
    bag = transfer.bag
    if bag is None:
        return False
    carried = open_journeys([bag]).get(bag.id)
    return carried is None or carried.id == transfer.id


def undoable(bag: Bag) -> str | None:
    """Where the bag was before the latest word on it, if that word can be taken back here: it was said by
    hand, or of a journey that goes on; None where a journey packed it, received it or closed with it."""
    newest = history(bag)[:2]
    if len(newest) < 2 or newest[0].note.startswith("Taken back"):
        return None
    last, before = newest
    by_hand = last.transfer_id is None or (last.state != BagState.OUT and before.state == BagState.OUT)
    if not by_hand or last.state == before.state:
        return None
    if last.transfer_id is not None:
        journey = open_journeys([bag]).get(bag.id)
        if journey is None or journey.id != last.transfer_id or State(journey.state) not in AWAY:
            return None
    return before.state


def history(bag: Bag) -> list[BagEvent]:
    """What happened to a bag, last first."""
    return list(db.session.scalars(select(BagEvent).filter_by(bag_id=bag.id).order_by(BagEvent.id.desc())))
