"""Sign-in services: which there are, whom they sign in, and by which roles a person may work then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.models import Account, LinkedIdentity, Membership, SignInPlace, SignInService, UserSession

Service: TypeAlias = SignInService


@dataclass(frozen=True)
class Offered:
    """A service as the sign-in page names it."""

    key: str
    name: str


def offered() -> list[Offered]:
    """Every service in use that somebody signs in by, by name."""
    rows = db.session.execute(
        select(SignInService.key, SignInService.name)
        .where(SignInService.ended_at.is_(None), SignInService.id.in_(select(SignInPlace.service_id)))
        .order_by(func.lower(SignInService.name), SignInService.id)
    )
    return [Offered(key, name) for key, name in rows]


def service(key: str) -> SignInService:
    """The service in use with this key. Raises NotFound."""
    found = db.session.scalar(select(SignInService).filter_by(key=key, ended_at=None))
    if found is None:
        raise NotFound("There is no such sign-in service.")
    return found


def places_of(service_id: int) -> frozenset[int]:
    """The organisations whose people a service signs in, by id."""
    return frozenset(db.session.scalars(select(SignInPlace.organisation_id).filter_by(service_id=service_id)))


def insisting() -> dict[int, Offered]:
    """The organisations whose people do not sign in by passphrase, with their service."""
    rows = db.session.execute(
        select(SignInPlace.organisation_id, SignInService.key, SignInService.name)
        .join(SignInService, SignInService.id == SignInPlace.service_id)
        .where(SignInPlace.insists.is_(True), SignInService.ended_at.is_(None))
    )
    return {row.organisation_id: Offered(row.key, row.name) for row in rows}


def open_roles(account: Account, service_id: int | None, now: datetime) -> list[Membership]:
    """The roles by which somebody may work who has signed in by this service, or by passphrase (None).

    A service vouches for its own organisations alone: it opens nothing of another home, whoever it says that
    somebody is. A passphrase opens the rest, and all while the operator lets it in.
    """
    current = [m for m in account.memberships if m.ended_at is None and m.organisation.closed_at is None]
    if service_id is not None:
        here = places_of(service_id)
        return [m for m in current if m.organisation_id in here]
    if not current or (account.passphrase_until is not None and now < account.passphrase_until):
        return current
    closed = insisting()
    return [m for m in current if m.organisation_id not in closed]


def service_insisted_on(account: Account, now: datetime) -> Offered | None:
    """The service by which this person must sign in, because all their organisations insist; None where a
    passphrase will do."""
    current = [m for m in account.memberships if m.ended_at is None and m.organisation.closed_at is None]
    if not current or open_roles(account, None, now):
        return None
    return insisting()[current[0].organisation_id]


def of_session(session_id: int) -> Offered | None:
    """The service that let this session's person in; None for a passphrase or a PIN."""
    row = db.session.execute(
        select(SignInService.key, SignInService.name)
        .join(UserSession, UserSession.service_id == SignInService.id)
        .where(UserSession.id == session_id)
    ).one_or_none()
    return Offered(row.key, row.name) if row else None


def linked(account_ids: list[int]) -> frozenset[int]:
    """Those of these accounts that a service in use signs in."""
    return frozenset(
        db.session.scalars(
            select(LinkedIdentity.account_id)
            .join(SignInService, SignInService.id == LinkedIdentity.service_id)
            .where(LinkedIdentity.account_id.in_(account_ids), SignInService.ended_at.is_(None))
        )
    )
