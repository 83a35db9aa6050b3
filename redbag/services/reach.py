"""How hospital staff come to a person's journey: by the label of the bag in hand, or by its reference.

The bag in hand is reach enough to read the pack and to say that the person is here, in whichever
hospital that happens. Once they are here, their hospital's staff come back to them by reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from redbag.domain.errors import NotFound, NotPermitted
from redbag.domain.permissions import Actor, Permission, Role, can
from redbag.domain.scanning import Next, next_step, opens_the_pack
from redbag.domain.transfer_states import TERMINAL, State
from redbag.models import Label, Transfer
from redbag.queries import sights, transfers
from redbag.queries.sights import Sight
from redbag.services import journeys, labels


@dataclass(frozen=True)
class Reach:
    """A journey and how it was reached. `address`: what names it in the pages' addresses."""

    transfer: Transfer
    label: Label | None = None
    address: dict[str, Any] = field(default_factory=dict)

    @property
    def label_id(self) -> int | None:
        """The label that was scanned, for the event that follows."""
        return self.label.id if self.label else None

    @property
    def source(self) -> str:
        """How the step that follows is known."""
        return "scan" if self.label else "page"


def label_of(token: str) -> Label:
    """The label with this token, also a revoked one. Raises NotFound for no such label."""
    try:
        label = labels.by_token(token)
    except ValueError:
        label = None
    if label is None:
        raise NotFound("This is not the address of a red bag label.")
    return label


def sight_of(token: str) -> Sight:
    """What stands behind this token, for the page of a scanned label. Raises NotFound for no such label."""
    try:
        found = sights.of_token(labels.token_hash(token))
    except ValueError:
        found = None
    if found is None:
        raise NotFound("This is not the address of a red bag label.")
    return found


def next_for(actor: Actor | None, found: Sight) -> Next:
    """What this label opens to the actor; None for somebody who has not signed in. To a guest every label
    but their own is a stranger's."""
    journey = found.journey
    return next_step(
        actor if _of_this_label(actor, found.label_ref) else None,
        found.home_id,
        journey.state if journey else None,
        journey.subject if journey else None,
        replaced=found.replaced,
        questioned=journey is not None and journey.questioned,
    )


def behind(actor: Actor, label: Label) -> Transfer | None:
    """The journey that the label opens to hospital staff and its guests, for a page that acts on it; None
    for none."""
    transfer = transfers.of_label(label)
    if transfer is None or not _of_this_label(actor, label.ref):
        return None
    opens = opens_the_pack(actor, State(transfer.state), transfers.subject(transfer))
    return transfer if opens else None


def _of_this_label(actor: Actor | None, label_ref: str) -> bool:
    """Whether it matters not which label it is, or it is the one that a guest's code belongs to."""
    return actor is None or actor.role is not Role.GUEST or actor.label_ref == label_ref


def for_reading(actor: Actor, token: str, ref: str) -> Reach:
    """A journey to look at. Raises NotFound, or NotPermitted for somebody who is no hospital staff."""
    if ref:
        transfer = transfers.get(actor, ref)
        _refuse_others(actor, transfer)
        return Reach(transfer, address={"ref": ref})
    label = label_of(token)
    found = behind(actor, label)
    if found is None:
        raise NotFound("This label no longer works: ring the home.")
    return Reach(found, label, {"token": token})


def for_writing(actor: Actor, token: str, ref: str) -> Reach:
    """A journey to act on, held until the transaction ends. Raises NotFound or NotPermitted."""
    if ref:
        return Reach(journeys.load(actor, ref, Permission.STAY_RECORD), address={"ref": ref})
    label = label_of(token)
    held = transfers.of_label(label, for_update=True)
    if held is None or behind(actor, label) is None:
        raise NotFound("This label no longer works: ring the home.")
    return Reach(held, label, {"token": token})


def instead_of(actor: Actor, token: str) -> Reach | None:
    """The journey of a label that was replaced while a page lay open, by its reference, held until the
    transaction ends; None where it is not with the actor's own hospital."""
    label = label_of(token)
    if label.revoked_at is None or label.transfer_id is None:
        return None
    try:
        found = for_writing(actor, "", transfers.ref_of(label.transfer_id))
    except (NotFound, NotPermitted):
        return None
    here = found.transfer.hospital_id == actor.organisation_id
    return found if here and State(found.transfer.state) not in TERMINAL else None


def for_recording(actor: Actor, token: str, ref: str) -> Reach:
    """As for_writing(), for a step of the stay. A guest records arrival, admission, belongings in, and that
    the bag was opened, at a hospital that is set up here; a move from another hospital is its staff's to
    record.

    Raises NotPermitted for everything else of a guest.
    """
    found = for_writing(actor, token, ref)
    if actor.role is not Role.GUEST:
        return found
    home = found.transfer.home
    ring = f"Ring the home, {home.night_phone or home.phone}: it records the rest."
    if not actor.organisation_id:
        raise NotPermitted(f"Your hospital is not set up here: you can read the pack. {ring}")
    admitted = State(found.transfer.state) is State.ADMITTED
    if admitted and found.transfer.hospital_id != actor.organisation_id:
        raise NotPermitted(f"They are admitted in another hospital. {ring}")
    return found


def _refuse_others(actor: Actor, transfer: Transfer) -> None:
    """The home's own staff have pages of their own."""
    if not can(actor, Permission.STAY_RECORD, transfers.subject(transfer)):
        raise NotPermitted("This page is for the hospital’s staff.")
