"""Signing in and out: server-side sessions, throttled guesses, the place a person works in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import Actor, OrganisationKind, Origin, Role
from redbag.models import Account, Membership, SignInAttempt, UserSession, Ward
from redbag.security import passphrases
from redbag.security.tokens import keyed_hash, random_token, sha256_hex
from redbag.services import audit

GUESSES = 10
GUESS_WINDOW = timedelta(minutes=5)
SEEN_EVERY = timedelta(seconds=60)


@dataclass(frozen=True)
class Limits:
    """How long a session lasts unused, and at all. `throttle_key` hides the subjects of failed guesses."""

    idle: timedelta
    absolute: timedelta
    throttle_key: bytes


@dataclass(frozen=True)
class Throttled:
    """Who is guessing: the account from this address. A stranger elsewhere cannot lock a person out."""

    email: str
    address: str

    def subject(self, key: bytes) -> str:
        return keyed_hash(key, "sign-in", f"{self.email}|{self.address}")


def sign_in(email: str, passphrase: str, origin: Origin, limits: Limits, now: datetime) -> str:
    """Checks the passphrase and starts a session. Returns its token, which is not stored.

    Raises Invalid with one and the same sentence for an unknown person and a wrong passphrase.
    The caller commits also when this raises: the failed guess must stay counted.
    """
    email = email.strip().lower()
    subject = Throttled(email, origin.address).subject(limits.throttle_key)
    recent = db.session.scalar(
        select(func.count())
        .select_from(SignInAttempt)
        .where(SignInAttempt.subject == subject, SignInAttempt.at > now - GUESS_WINDOW)
    )
    if (recent or 0) >= GUESSES:
        raise Invalid({"passphrase": "Too many tries from here. Wait five minutes, then try again."})
    account = db.session.scalar(select(Account).filter_by(email=email))
    known = account if account is not None and account.disabled_at is None else None
    if not passphrases.verify(passphrase, known.passphrase_hash if known else None) or known is None:
        db.session.add(SignInAttempt(subject=subject, at=now))
        audit.append(None, audit.Note("session.refused", outcome="refused"), now, origin)
        raise Invalid({"passphrase": "The e-mail address or the passphrase is not right."})
    if passphrases.needs_rehash(known.passphrase_hash or ""):
        known.passphrase_hash = passphrases.hash_passphrase(passphrase)
    return start(known, origin, limits, now)


def start(account: Account, origin: Origin, limits: Limits, now: datetime) -> str:
    """Starts a session for an account whose identity has been shown. Returns the token."""
    token = random_token()
    current = [m for m in account.memberships if m.ended_at is None]
    only = current[0] if len(current) == 1 else None
    session = UserSession(
        token_hash=sha256_hex(token),
        account_id=account.id,
        membership_id=only.id if only else None,
        ward_id=only.ward_id if only else None,
        created_at=now,
        seen_at=now,
        expires_at=now + limits.absolute,
        address=origin.address,
    )
    db.session.add(session)
    db.session.flush()
    audit.append(None, audit.Note("session.started", ("account", account.ref)), now, origin)
    return token


@dataclass(frozen=True)
class SignedIn:
    """A live session: its actor, or None while the person has still to say where they work."""

    session_id: int
    account_ref: str
    name: str
    actor: Actor | None
    stale: bool


def resume(token: str, origin: Origin, limits: Limits, now: datetime) -> SignedIn | None:
    """The session behind a cookie's token, or None when it has ended, lapsed or been disabled.

    Reads only. `stale`: its last use should be written down (see `touch`).
    """
    row = db.session.scalar(
        select(UserSession)
        .filter_by(token_hash=sha256_hex(token))
        .options(
            joinedload(UserSession.account),
            joinedload(UserSession.membership).joinedload(Membership.organisation),
            joinedload(UserSession.ward),
        )
    )
    if row is None or row.ended_at is not None or row.account.disabled_at is not None:
        return None
    if now >= row.expires_at or now >= row.seen_at + limits.idle:
        return None
    stale = now - row.seen_at >= SEEN_EVERY
    return SignedIn(row.id, row.account.ref, row.account.name, _actor(row, origin), stale)


def _actor(row: UserSession, origin: Origin) -> Actor | None:
    membership = row.membership
    if membership is None or membership.ended_at is not None:
        return None
    organisation = membership.organisation
    if organisation.closed_at is not None:
        return None
    return Actor(
        account_id=row.account_id,
        account_ref=row.account.ref,
        name=row.account.name,
        role=Role(membership.role),
        organisation_id=organisation.id,
        organisation_ref=organisation.ref,
        organisation_name=organisation.name,
        organisation_kind=OrganisationKind(organisation.kind),
        ward_id=row.ward_id,
        ward_name=row.ward.name if row.ward else "",
        session_id=row.id,
        origin=origin,
    )


def touch(session_id: int, now: datetime) -> None:
    """Writes down that the session is in use, which moves its idle limit."""
    row = db.session.get(UserSession, session_id)
    if row is not None:
        row.seen_at = now


def end(session_id: int, actor: Actor | None, why: str, now: datetime) -> None:
    """Ends a session: signed out, or ended by somebody who may."""
    row = db.session.get(UserSession, session_id)
    if row is None or row.ended_at is not None:
        return
    row.ended_at, row.ended_why = now, why
    audit.append(actor, audit.Note("session.ended", ("account", row.account.ref), details={"why": why}), now)


@dataclass(frozen=True)
class Place:
    """Somewhere a person may work: a role in an organisation."""

    ref: str
    organisation: str
    role: Role


def places(session_id: int) -> list[Place]:
    """Where the signed-in person may say that they are working."""
    row = db.session.get(UserSession, session_id)
    if row is None:
        return []
    return [
        Place(m.ref, m.organisation.name, Role(m.role))
        for m in row.account.memberships
        if m.ended_at is None and m.organisation.closed_at is None
    ]


def choose_place(session_id: int, membership_ref: str, now: datetime) -> None:
    """Sets the role that the session works in. Raises NotFound for a role that is not theirs."""
    row = db.session.get(UserSession, session_id)
    membership = db.session.scalar(select(Membership).filter_by(ref=membership_ref, ended_at=None))
    if row is None or membership is None or membership.account_id != row.account_id:
        raise NotFound("There is no such place of work.")
    row.membership_id, row.ward_id = membership.id, membership.ward_id
    audit.append(None, audit.Note("session.place_chosen", ("account", row.account.ref)), now)


def choose_ward(actor: Actor, ward_ref: str, now: datetime) -> None:
    """Sets the ward that this session works on. Raises NotFound for another hospital's ward."""
    ward = db.session.scalar(
        select(Ward).filter_by(ref=ward_ref, organisation_id=actor.organisation_id, closed_at=None)
    )
    row = db.session.get(UserSession, actor.session_id)
    if ward is None or row is None:
        raise NotFound("There is no such ward.")
    row.ward_id = ward.id
    audit.append(actor, audit.Note("session.place_chosen", ("ward", ward.ref), details={"ward": ward.ref}), now)
