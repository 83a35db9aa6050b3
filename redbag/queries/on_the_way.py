"""What is coming to a hospital: bags and homes, and no person before the bag is scanned."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.permissions import Actor
from redbag.domain.transfer_states import State
from redbag.models import Transfer


@dataclass
class OnTheWay:
    """Bags that have left a home for this hospital; no person is named before the bag is scanned."""

    home_name: str
    bag_number: str
    departed_at: datetime | None
    phone: str = field(default="")


def on_the_way(actor: Actor) -> list[OnTheWay]:
    """What is coming to the actor's hospital."""
    rows = db.session.execute(
        select(Transfer)
        .where(Transfer.hospital_id == actor.organisation_id, Transfer.state == State.HANDED_TO_CREW.value)
        .options(joinedload(Transfer.home), joinedload(Transfer.bag))
        .order_by(Transfer.departed_at.desc())
        .limit(50)
    ).scalars()
    return [
        OnTheWay(
            t.home.name, t.bag.number if t.bag else "", t.departed_at, t.home.night_phone or t.home.phone
        )
        for t in rows
    ]
