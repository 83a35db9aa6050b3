"""Labels for a drawer: numbered and printed in advance, bound to a journey while its bag is packed.

For the night when the printer fails. Such a label opens nothing and names nobody until it is bound; then
it is the journey's label like any other, and the one before it stops working.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain import bag_code
from redbag.domain.bag_states import same_number
from redbag.domain.errors import IllegalTransition, Invalid, NotFound, NotPermitted
from redbag.domain.permissions import Actor, Permission, Subject, can
from redbag.domain.transfer_states import AWAY, State
from redbag.models import Bag, Label, Organisation, Transfer
from redbag.queries import bags as bag_queries
from redbag.queries import blank_labels
from redbag.security import tokens
from redbag.services import audit, journeys, labels, transfers

MOST_AT_ONCE = 24
MOST_UNUSED = 200


def make(actor: Actor, count: int, bag_number: str, now: datetime) -> list[Label]:
    """New labels for the drawer of the actor's home, numbered on from its last one.

    `bag_number`: the bag that they are for; "" leaves room to write its number by hand. Raises Invalid
    (fields `count`, `bag`).
    """
    if not can(actor, Permission.BAG_EDIT, Subject(home_id=actor.organisation_id)):
        raise NotPermitted("Labels are printed by the home that owns the bags.")
    if not 1 <= count <= MOST_AT_ONCE:
        raise Invalid({"count": f"Print 1 to {MOST_AT_ONCE} labels at a time."})
    bag = _bag(actor, bag_number)
    # Held, so that two people who print at the same moment get different numbers.
    db.session.scalar(select(Organisation).filter_by(id=actor.organisation_id).with_for_update())
    if len(blank_labels.unused(actor)) + count > MOST_UNUSED:
        raise Invalid({"count": f"Your home has {MOST_UNUSED} unused labels or nearly. Use those first."})
    last = db.session.scalar(select(func.max(Label.serial)).filter_by(home_id=actor.organisation_id)) or 0
    made = [_make_one(actor, last + step, bag, now) for step in range(1, count + 1)]
    db.session.flush()
    return made


def _make_one(actor: Actor, serial: int, bag: Bag | None, now: datetime) -> Label:
    label = Label(
        home_id=actor.organisation_id,
        bag_id=bag.id if bag else None,
        serial=serial,
        issued_at=now,
        **labels.secrets_for(tokens.new_nonce()),
    )
    db.session.add(label)
    db.session.flush()
    audit.append(actor, audit.Note("label.made", ("label", label.ref), details={"serial": serial}), now)
    return label


def _bag(actor: Actor, number: str) -> Bag | None:
    if not number:
        return None
    bag = next((b for b in bag_queries.of_home(actor) if same_number(b.number, number)), None)
    if bag is None:
        raise Invalid({"bag": f"Your home has no bag {number}."})
    return bag


def throw_away(actor: Actor, label_ref: str, now: datetime) -> Label:
    """A label from the drawer that is lost or spoilt: nobody can bind it any more."""
    label = _held(actor, label_ref)
    if label.transfer_id is not None:
        raise IllegalTransition("This label is on a bag by now.")
    if label.revoked_at is None:
        label.revoked_at, label.revoked_why = now, "thrown away"
        audit.append(
            actor, audit.Note("label.revoked", ("label", label.ref), details={"why": "thrown away"}), now
        )
    return label


def typed(actor: Actor, text: str) -> Label:
    """The label with this code, or this address, for binding it. Raises Invalid (field `label_code`) for
    what is no label of the actor's home from the drawer that can still be bound."""
    try:
        scanned = "/" in text or len(bag_code.normalise(text)) > bag_code.READABLE_LENGTH
        label = labels.by_token(text) if scanned else labels.by_code(bag_code.parse_readable(text))
    except ValueError as problem:
        raise Invalid({"label_code": str(problem)}) from None
    if label is None or label.home_id != actor.organisation_id:
        raise Invalid({"label_code": "No label of your home has this code. Look at the label again."})
    _refuse_used(label)
    return label


def _refuse_used(label: Label) -> None:
    if label.revoked_at is not None:
        raise Invalid({"label_code": "This label no longer works. Take another one from the drawer."})
    if label.transfer_id is not None:
        raise Invalid({"label_code": "This label is on a journey already. Take another one from the drawer."})


def bind(actor: Actor, ref: str, label_ref: str, now: datetime, *, on_the_bag: bool = False) -> Transfer:
    """Makes a label from the drawer the label of this journey; the one before it stops working.

    The carer has said that this is the person (domain rule "the right person"). A label with a bag's number
    on it takes that bag for the journey. Twice the same is once. Raises Invalid (field `label_code`).
    `on_the_bag`: it went with the bag, and a tablet says so later: bound also while they are away.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_PACK)
    if State(transfer.state) not in ((State.PACKING, *AWAY) if on_the_bag else (State.PACKING,)):
        raise IllegalTransition("The bag has left: its label can no longer be changed here.")
    label = _held(actor, label_ref)
    if label.transfer_id == transfer.id and label.revoked_at is None:
        return transfer
    _refuse_used(label)
    if label.bag is not None and label.bag_id != transfer.bag_id:
        _take_its_bag(actor, transfer, label.bag, now)
    labels.put_on(actor, transfer, label, now)
    return transfer


def _take_its_bag(actor: Actor, transfer: Transfer, bag: Bag, now: datetime) -> None:
    if transfer.bag is not None:
        taken = (
            f"This label is for bag {bag.number}, and bag {transfer.bag.number} is taken for this journey."
        )
        raise Invalid({"label_code": f"{taken} Choose bag {bag.number}, or take another label."})
    try:
        transfers.hold_bag(actor, transfer, bag.ref, now, None)
    except Invalid as problem:
        raise Invalid({"label_code": problem.errors["bag"]}) from None


def _held(actor: Actor, label_ref: str) -> Label:
    """A label of the actor's home, held until the transaction ends. Raises NotFound."""
    label = db.session.scalar(
        select(Label).filter_by(ref=label_ref, home_id=actor.organisation_id).with_for_update()
    )
    if label is None:
        raise NotFound("Your home has no such label.")
    return label
