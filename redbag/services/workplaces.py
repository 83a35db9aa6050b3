"""Where a signed-in person works now: a role in an organisation, and on a ward's device the ward."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Origin, Role
from redbag.models import Membership, UserSession, Ward
from redbag.queries import single_sign_on
from redbag.services import audit, sessions


@dataclass(frozen=True)
class Place:
    """Somewhere a person may work: a role in an organisation."""

    ref: str
    organisation: str
    role: Role
    now: bool


def places(session_id: int, now: datetime) -> list[Place]:
    """Where the signed-in person may say that they are working. A PIN opens one place only; a sign-in service
    its own places, and a passphrase those that do not insist on a service."""
    row = db.session.get(UserSession, session_id)
    if row is None:
        return []
    return [
        Place(m.ref, m.organisation.name, Role(m.role), m.id == row.membership_id)
        for m in _open_roles(row, now)
    ]


def _open_roles(row: UserSession, now: datetime) -> list[Membership]:
    if row.by_pin:
        current = [m for m in row.account.memberships if m.ended_at is None and not m.organisation.closed_at]
        return [m for m in current if m.id == row.membership_id]
    return single_sign_on.open_roles(row.account, row.service_id, now)


def choose_place(session_id: int, membership_ref: str, origin: Origin, now: datetime) -> None:
    """Sets the role that the session works in. Raises NotFound for one that is not among their places."""
    row = db.session.get(UserSession, session_id)
    chosen = [m for m in _open_roles(row, now) if m.ref == membership_ref] if row is not None else []
    if row is None or not chosen or row.by_pin:
        raise NotFound("There is no such place of work.")
    membership = chosen[0]
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
