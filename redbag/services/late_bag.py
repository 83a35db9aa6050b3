"""Which red bag went along, where the one that was named could not be taken: the journey goes on without
it, and the question stays open until somebody answers it (ADR 28)."""

from __future__ import annotations

from datetime import datetime

from redbag.domain.bag_states import BAG_STATE_WORDS, BagState, same_number
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Actor, Permission
from redbag.domain.transfer_states import State
from redbag.models import Transfer
from redbag.queries import bags
from redbag.services import journeys, labels, packs, transfers

_TYPED = "bag_typed"
"""Among today's answers: the number that somebody typed and that could not be taken."""


def leave_open(actor: Actor, ref: str, number: str, now: datetime, at: datetime) -> None:
    """Keeps the number that was named. The pack says from now on that nobody knows the bag yet."""
    transfers.save_facts(actor, ref, _TYPED, {"number": number}, None, now, at)


def typed(transfer: Transfer) -> str:
    """The number that was named, while no bag is known; "" where nobody is asked."""
    said = transfer.facts.get(_TYPED) or {}
    return str(said.get("number") or "") if transfer.bag is None else ""


def answer(
    actor: Actor, ref: str, number: str, now: datetime, at: datetime, *, sure: bool = False
) -> Transfer:
    """Says which bag goes, or went, along; "" for none. `at`: when it was taken, where that was earlier.

    Once they have left, the label on the bag stays what it is, and a bag that is known is never changed.
    One that was written down as somewhere else by then is asked about, and taken where they are `sure`: it is
    gone, whatever stands there. Raises Invalid (field `bag`).
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    if number and State(transfer.state) is State.PACKING:
        transfers.choose_bag(actor, ref, number, now, at)
    elif number:
        _went_along(actor, transfer, number, now, at, sure=sure)
    transfers.save_facts(actor, ref, _TYPED, {}, None, now, at)
    packs.changed_after_departure(actor, transfer, now)
    return transfer


def _went_along(
    actor: Actor, transfer: Transfer, number: str, now: datetime, at: datetime, *, sure: bool
) -> None:
    if transfer.bag is not None:
        if same_number(transfer.bag.number, number):
            return
        stands = transfer.bag.number
        raise Invalid({"bag": f"Bag {stands} is written down for this journey, not bag {number}."})
    bag = next((one for one in bags.of_home(actor) if same_number(one.number, number)), None)
    if bag is None:
        raise Invalid({"bag": f"Your home has no bag {number}. Which one is missing from its hook?"})
    if not sure and BagState(bag.state) not in (BagState.IN_STOCK, BagState.OUT):
        written = BAG_STATE_WORDS[BagState(bag.state)].lower()
        raise Invalid(
            {"bag": f"Bag {bag.number} is written down as: {written}. If it did go along, save once more."}
        )
    transfers.hold_bag(actor, transfer, bag.ref, now, at, went=True)
    label = labels.current(transfer)
    if label is not None and label.bag_id is None:
        label.bag_id = transfer.bag_id
