"""A home's labels for a drawer: those that no journey has used yet."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Permission, Subject, can
from redbag.domain.transfer_states import State
from redbag.models import Label, Transfer


def unused(actor: Actor) -> list[Label]:
    """The labels of the actor's home that wait in a drawer, by their numbers."""
    if not can(actor, Permission.BAG_READ):
        return []
    return list(
        db.session.scalars(
            select(Label)
            .where(
                Label.home_id == actor.organisation_id,
                Label.serial.is_not(None),
                Label.transfer_id.is_(None),
                Label.revoked_at.is_(None),
            )
            .options(joinedload(Label.bag), joinedload(Label.home))
            .order_by(Label.serial)
        )
    )


def between(actor: Actor, first: int, last: int) -> list[Label]:
    """The unused labels numbered `first` to `last`. Raises NotFound where none of them is unused."""
    found = [label for label in unused(actor) if first <= (label.serial or 0) <= last]
    if not found:
        raise NotFound("None of these labels is unused any more. Print new ones.")
    return found


def get(actor: Actor, ref: str) -> Label:
    """One label of the actor's home, used or not. Raises NotFound."""
    label = db.session.scalar(
        select(Label)
        .filter_by(ref=ref, home_id=actor.organisation_id)
        .options(joinedload(Label.bag), joinedload(Label.home))
    )
    if label is None or not can(actor, Permission.BAG_READ):
        raise NotFound("Your home has no such label.")
    return label


def packing_now(actor: Actor) -> list[Transfer]:
    """The journeys of the actor's home whose bags are being packed, the latest first."""
    if not can(actor, Permission.TRANSFER_PACK, Subject(home_id=actor.organisation_id)):
        return []
    return list(
        db.session.scalars(
            select(Transfer)
            .filter_by(home_id=actor.organisation_id, state=State.PACKING.value)
            .options(joinedload(Transfer.resident), joinedload(Transfer.bag))
            .order_by(Transfer.opened_at.desc(), Transfer.id.desc())
        )
    )
