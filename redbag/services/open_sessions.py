"""Where a person is signed in, for themselves and for whoever answers for them; and the end of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Permission, can
from redbag.models import Account, Device, Membership, Organisation, SignInService, UserSession, Ward
from redbag.queries import accounts
from redbag.services import sessions
from redbag.services.sessions import Limits


@dataclass(frozen=True)
class OpenSession:
    """One live session. `browser`: its kind in a few words, "" unknown; `device`: the enrolled device's
    name, "" elsewhere; `place`: organisation and ward; `service`: the sign-in service that let them in;
    `here`: the one that asks."""

    ref: str
    started: datetime
    seen: datetime
    browser: str
    device: str
    place: str
    by_pin: bool
    service: str = ""
    here: bool = False

    @property
    def where(self) -> str:
        """What the person knows it by: the shared device's own name, or the kind of browser."""
        return self.device or self.browser or "A browser of a kind that is not known"

    @property
    def how(self) -> str:
        """What let the person in."""
        return self.service or ("PIN" if self.by_pin else "passphrase")


def own(session_id: int, limits: Limits, now: datetime) -> list[OpenSession]:
    """The live sessions of whoever this session belongs to: this one first, then the last used."""
    asking = db.session.get_one(UserSession, session_id)
    found = _live(asking.account_id, limits, now, asking=session_id)
    return sorted(found, key=lambda one: not one.here)


def of_person(actor: Actor, account_ref: str, limits: Limits, now: datetime) -> list[OpenSession]:
    """The live sessions of somebody whom the actor answers for, the last used first. Raises NotFound.

    The administrator sees all; a manager those at their own place, and of somebody who works nowhere else
    also those where no place has been chosen yet.
    """
    account, only = _answers_for(actor, account_ref, now)
    return _live(account.id, limits, now, only=only, asking=actor.session_id)


def end_own(session_id: int, ref: str, actor: Actor | None, now: datetime) -> bool:
    """Ends one of one's own other sessions; False where it has ended already."""
    asking = db.session.get_one(UserSession, session_id)
    row = _named(asking.account_id, ref)
    if row.id == session_id:
        raise NotFound("This is the session in use: sign out instead.")
    return _end(row, actor, "signed out elsewhere", now)


def end_of_person(actor: Actor, account_ref: str, ref: str, now: datetime) -> bool:
    """Ends a session of somebody whom the actor answers for; False where it has ended already.

    Raises NotFound for a session that the actor does not see, and for the one in use.
    """
    account, only = _answers_for(actor, account_ref, now)
    row = _named(account.id, ref)
    if row.id == actor.session_id or (only is not None and _organisation_of(row) not in only):
        raise NotFound("There is no such session.")
    by = "an administrator" if can(actor, Permission.ADMIN_EDIT) else "a manager"
    return _end(row, actor, f"ended by {by}", now)


Places = frozenset[int | None]
"""Organisations by their id; None stands for a session without one."""


def _answers_for(actor: Actor, account_ref: str, now: datetime) -> tuple[Account, Places | None]:
    """The person, and the places whose sessions the actor sees: None for all. Raises NotFound."""
    if can(actor, Permission.ADMIN_READ):
        return accounts.row(account_ref), None
    colleague = accounts.colleague(actor, account_ref, now)
    nowhere: Places = frozenset() if colleague.works_elsewhere else frozenset({None})
    return accounts.row(account_ref), frozenset({actor.organisation_id}) | nowhere


def _live(
    account_id: int, limits: Limits, now: datetime, *, only: Places | None = None, asking: int | None = None
) -> list[OpenSession]:
    rows = db.session.execute(
        select(
            UserSession.id,
            UserSession.created_at,
            UserSession.seen_at,
            UserSession.expires_at,
            UserSession.browser,
            UserSession.by_pin,
            UserSession.device_id,
            Membership.role,
            Device.name.label("device_name"),
            Organisation.id.label("organisation_id"),
            Organisation.name.label("organisation_name"),
            Ward.name.label("ward_name"),
            SignInService.name.label("service_name"),
        )
        .outerjoin(Membership, Membership.id == UserSession.membership_id)
        .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
        .outerjoin(Ward, Ward.id == UserSession.ward_id)
        .outerjoin(Device, Device.id == UserSession.device_id)
        .outerjoin(SignInService, SignInService.id == UserSession.service_id)
        .where(UserSession.account_id == account_id, UserSession.ended_at.is_(None))
        .where(UserSession.expires_at > now)
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
    )
    return [
        OpenSession(
            ref=str(row.id),
            started=row.created_at,
            seen=row.seen_at,
            browser=row.browser,
            device=row.device_name or "",
            place=", ".join(part for part in (row.organisation_name, row.ward_name) if part),
            by_pin=row.by_pin,
            service=row.service_name or "",
            here=row.id == asking,
        )
        for row in rows
        if now < row.seen_at + sessions.idle_limit(row, limits)
        if only is None or row.organisation_id in only
    ]


def _named(account_id: int, ref: str) -> UserSession:
    """One session of this account. Raises NotFound."""
    row = db.session.get(UserSession, int(ref)) if ref.isascii() and ref.isdigit() and len(ref) < 10 else None
    if row is None or row.account_id != account_id:
        raise NotFound("There is no such session.")
    return row


def _organisation_of(row: UserSession) -> int | None:
    return row.membership.organisation_id if row.membership else None


def _end(row: UserSession, actor: Actor | None, why: str, now: datetime) -> bool:
    if row.ended_at is not None or row.expires_at <= now:
        return False
    sessions.end(row.id, actor, why, now)
    return True
