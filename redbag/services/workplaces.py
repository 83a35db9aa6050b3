"""Where a signed-in person works now: a role in an organisation, and on a ward's device the ward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Origin, Role
from redbag.models import Membership, UserSession, Ward
from redbag.services import audit, sessions


@dataclass(frozen=True)
class Place:
    """Somewhere a person may work: a role in an organisation."""

    ref: str
    organisation: str
    role: Role
    now: bool


def places(session_id: int) -> list[Place]:
    """Where the signed-in person may say that they are working."""
    row = db.session.get(UserSession, session_id)
    if row is None:
        return []
    return [
        Place(m.ref, m.organisation.name, Role(m.role), m.id == row.membership_id)
        for m in row.account.memberships
        if m.ended_at is None and m.organisation.closed_at is None
        if not row.by_pin or m.id == row.membership_id
    ]


def choose_place(session_id: int, membership_ref: str, origin: Origin, now: datetime) -> None:
    """Sets the role that the session works in. Raises NotFound for a role that is not theirs; a PIN opens
    one place only."""
    row = db.session.get(UserSession, session_id)
    membership = db.session.scalar(select(Membership).filter_by(ref=membership_ref, ended_at=None))
    if row is None or membership is None or membership.account_id != row.account_id or row.by_pin:
        raise NotFound("There is no such place of work.")
    row.membership_id, row.ward_id = membership.id, membership.ward_id
    note = audit.Note("session.place_chosen", ("account", row.account.ref))
    audit.append(sessions.actor_behind(row, origin), note, now, origin)


def choose_ward(actor: Actor, ward_ref: str, now: datetime) -> None:
    """Sets the ward that this session works on. Raises NotFound for another hospital's ward."""
    ward = db.session.scalar(
        select(Ward).filter_by(ref=ward_ref, organisation_id=actor.organisation_id, closed_at=None)
    )
    row = db.session.get(UserSession, actor.session_id)
    if ward is None or row is None:
        raise NotFound("There is no such ward.")
    row.ward_id = ward.id
    note = audit.Note("session.place_chosen", ("ward", ward.ref), details={"ward": ward.ref})
    audit.append(actor, note, now)
