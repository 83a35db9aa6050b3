"""Signing in and out: server-side sessions, throttled guesses, the place a person works in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from redbag.database import db
from redbag.domain import pin
from redbag.domain.permissions import Actor, OrganisationKind, Origin, Role
from redbag.domain.second_factor import HALF_OPEN_LASTS, Factor
from redbag.models import Account, Device, Membership, Organisation, SignInService, UserSession, Ward
from redbag.queries import second_factors, single_sign_on
from redbag.security import passphrases
from redbag.security.key_ring import KeyRing
from redbag.security.tokens import random_token, sha256_hex
from redbag.services import audit
from redbag.services.guessing import TOO_MANY, Guesser, count_guess, forget, may_guess

GUESSES_FROM_ONE_PLACE = 200
"""At any account: a whole hospital may stand behind one address."""
SEEN_EVERY = timedelta(seconds=60)
SEEN_EVERY_ON_DEVICE = timedelta(seconds=20)
"""A device locks after three minutes: a minute more or less would be a third of them."""


@dataclass(frozen=True)
class Limits:
    """How long a session lasts unused, and at all. `shared_idle`: unused on a ward's shared device;
    `device_idle`: on an enrolled one, which a PIN opens again. `throttle_key` hides the subjects of failed
    guesses; `older_keys`: what PINs, apps and recovery codes may still be kept under. `second_factor`:
    whether a passphrase alone leaves a session half open. `passphrases_shown`: a demonstration, whose
    passphrase stands on the page: that somebody knows it says nothing."""

    idle: timedelta
    shared_idle: timedelta
    absolute: timedelta
    throttle_key: bytes
    device_idle: timedelta = pin.IDLE
    second_factor: bool = False
    passphrases_shown: bool = False
    older_keys: tuple[bytes, ...] = ()

    @property
    def secret_keys(self) -> KeyRing:
        """What PINs, apps and recovery codes are kept under: not in the database."""
        return KeyRing(self.throttle_key, self.older_keys)


@dataclass(frozen=True)
class SignIn:
    """How a sign-in ended: with the token of a new session, or with a sentence that says why not.

    A refusal is an answer and not an error, because what was written with it (the counted guess, the
    audit entry) must be committed.
    """

    token: str = ""
    problem: str = ""
    throttled: bool = False


@dataclass(frozen=True)
class Attempt:
    """A try at signing in that has been counted, and is not decided yet. `stored`: the hash to compare
    with, None where nobody can sign in; `counted`: the guesses that stay unless it was right."""

    account_id: int | None
    stored: str | None
    counted: tuple[int, ...] = ()
    throttled: bool = False


def begin_sign_in(email: str, origin: Origin, limits: Limits, now: datetime, lane: str = "") -> Attempt:
    """Counts the try before it is decided, so that many at once are counted too; forgets this guesser's
    older ones. The caller commits, and compares the passphrase while nobody waits for the database.

    `lane`: what it is counted by in place of its address, which strangers share: a browser that the person
    has signed in with, an enrolled device, or whoever is signed in."""
    email, place = email.strip().lower(), lane or origin.address
    guesser, anybody = Guesser(email, place), Guesser("*", place)
    account = db.session.scalar(select(Account).filter_by(email=email))
    account_id, key = account.id if account else None, limits.throttle_key
    if not may_guess(guesser, key, now) or not may_guess(anybody, key, now, GUESSES_FROM_ONE_PLACE):
        _refused(account, "throttled", origin, now)
        return Attempt(account_id, None, throttled=True)
    counted = tuple(count_guess(one, key, now).id for one in (guesser, anybody))
    known = account is not None and account.disabled_at is None
    return Attempt(account_id, account.passphrase_hash if account and known else None, counted)


_comparing = BoundedSemaphore(2)  # in one process: the others' pages are answered meanwhile
_PATIENCE = 3.0  # seconds


@dataclass(frozen=True)
class Compared:
    """Whether the passphrase was right; `renewed`: its hash by today's cost, "" where it stands; `busy`:
    nothing was compared, because too many are signing in at once."""

    right: bool
    renewed: str = ""
    busy: bool = False


def compare(attempt: Attempt, passphrase: str) -> Compared:
    """Compares the passphrase, in the same time for nobody's. Touches no database: it takes a tenth of a
    second on purpose, and everybody else would wait for it."""
    if attempt.throttled:
        return Compared(right=False)
    if not _comparing.acquire(timeout=_PATIENCE):
        return Compared(right=False, busy=True)
    try:
        if not passphrases.verify(passphrase, attempt.stored) or attempt.stored is None:
            return Compared(right=False)
        old = passphrases.needs_rehash(attempt.stored)
        return Compared(right=True, renewed=passphrases.hash_passphrase(passphrase) if old else "")
    finally:
        _comparing.release()


def end_sign_in(
    attempt: Attempt,
    compared: Compared,
    origin: Origin,
    limits: Limits,
    now: datetime,
    device: Device | None = None,
) -> SignIn:
    """Starts a session where the passphrase was right; the token is not stored.

    An unknown person, a disabled account and a wrong passphrase get one and the same answer. The caller
    commits whatever the answer. An account that was disabled or changed meanwhile is not signed in.
    """
    if attempt.throttled:
        return SignIn(problem=TOO_MANY, throttled=True)
    if compared.busy:
        forget(attempt.counted)
        return SignIn(problem="Many people are signing in just now. Try again in a minute.", throttled=True)
    account = db.session.get(Account, attempt.account_id) if attempt.account_id else None
    unchanged = account is not None and account.disabled_at is None
    if not compared.right or account is None or not unchanged or account.passphrase_hash != attempt.stored:
        _refused(account, "", origin, now)
        return SignIn(problem="The e-mail address or the passphrase is not right.")
    forget(attempt.counted)
    elsewhere = single_sign_on.service_insisted_on(account, now)
    if elsewhere is not None:
        _refused(account, "passphrase not taken here", origin, now)
        return SignIn(problem=f"Where you work, people sign in with {elsewhere.name}: use its button.")
    if compared.renewed:
        account.passphrase_hash = compared.renewed
    return SignIn(token=start(account, origin, limits, now, device))


def end_confirm(
    attempt: Attempt, compared: Compared, account: Account, actor: Actor | None, now: datetime
) -> str:
    """Whether somebody who is signed in has shown their passphrase again: "", or the sentence that says why
    not. The caller commits whatever the answer, because a wrong guess stays counted."""
    if attempt.throttled:
        return TOO_MANY
    if compared.busy:
        forget(attempt.counted)
        return "Many people are signing in just now. Try again in a minute."
    if not compared.right or account.passphrase_hash != attempt.stored:
        wrong = audit.Note("session.refused", ("account", account.ref), "refused", "current passphrase")
        audit.append(actor, wrong, now)
        return "This is not your current passphrase."
    forget(attempt.counted)
    return ""


def _refused(account: Account | None, why: str, origin: Origin, now: datetime) -> None:
    subject = ("account", account.ref) if account else ("", "")
    audit.append(None, audit.Note("session.refused", subject, "refused", why), now, origin)


def start(
    account: Account,
    origin: Origin,
    limits: Limits,
    now: datetime,
    device: Device | None = None,
    *,
    factor: Factor = Factor.NONE,
    fresh: bool = True,
    service: SignInService | None = None,
) -> str:
    """Starts a session for an account whose identity has been shown. Returns the token. `device`: the
    enrolled one that this is; a ward's device names the ward of its own hospital's staff.

    `factor`: what was shown beside it; without one the session is half open where one is asked for (see
    `resume`). An enrolled device of a place where the person works is one. `fresh`: it was shown just now.
    `service`: the sign-in service that says so; none for a passphrase.
    """
    token = random_token()
    current = single_sign_on.open_roles(account, service.id if service else None, now)
    only = current[0] if len(current) == 1 else None
    if device is not None and any(m.organisation_id == device.organisation_id for m in current):
        factor = factor or Factor.DEVICE
    session = UserSession(
        token_hash=sha256_hex(token),
        account_id=account.id,
        membership_id=only.id if only else None,
        ward_id=_ward_of(only, device),
        device_id=device.id if device else None,
        created_at=now,
        seen_at=now,
        expires_at=now + limits.absolute,
        address=origin.address,
        factor=factor.value,
        shown_at=now if fresh else None,
        browser=origin.browser,
        service_id=service.id if service else None,
    )
    db.session.add(session)
    db.session.flush()
    how = {"factor": factor.value} if factor else {}
    how |= {"service": service.key} if service else {}
    audit.append(None, audit.Note("session.started", ("account", account.ref), details=how), now, origin)
    return token


def _ward_of(membership: Membership | None, device: Device | None) -> int | None:
    if membership is None:
        return None
    here = device is not None and device.organisation_id == membership.organisation_id
    return (device.ward_id if device and here else None) or membership.ward_id


@dataclass(frozen=True)
class SignedIn:
    """A live session: its actor, or None while the person has still to say where they work.

    `half_open`: the passphrase was right, and the second factor has still to be shown: no actor, whatever
    the person is. `shown_at`: when they last showed who they are, otherwise than by a PIN.
    """

    session_id: int
    account_ref: str
    name: str
    actor: Actor | None
    stale: bool
    on_device: bool = False
    half_open: bool = False
    shown_at: datetime | None = None
    by_pin: bool = False


def resume(token: str, origin: Origin, limits: Limits, now: datetime) -> SignedIn | None:
    """The session behind a cookie's token, or None when it has ended, lapsed or been disabled.

    Reads only. `stale`: its last use should be written down (see `touch`).
    """
    row = db.session.connection().execute(_RESUMED, {"token_hash": sha256_hex(token)}).one_or_none()
    if row is None or row.ended_at is not None or row.disabled_at is not None:
        return None
    if now >= row.expires_at or now >= row.seen_at + idle_limit(row, limits):
        return None
    on_device = row.device_id is not None
    stale = now - row.seen_at >= (SEEN_EVERY_ON_DEVICE if on_device else SEEN_EVERY)
    half_open = is_half_open(row, limits)
    if half_open and now >= row.created_at + HALF_OPEN_LASTS:
        return None
    actor = None if half_open else _actor(row, origin)
    return SignedIn(
        row.id,
        row.account_ref,
        row.account_name,
        actor,
        stale,
        on_device,
        half_open,
        row.shown_at,
        row.by_pin,
    )


# Asked on every request: columns rather than objects, in one statement that is built once.
_RESUMED = (
    select(
        UserSession.id,
        UserSession.account_id,
        UserSession.ended_at,
        UserSession.expires_at,
        UserSession.seen_at,
        UserSession.ward_id,
        UserSession.device_id,
        UserSession.by_pin,
        UserSession.created_at,
        UserSession.factor,
        UserSession.shown_at,
        Account.ref.label("account_ref"),
        Account.name.label("account_name"),
        Account.disabled_at,
        Membership.role,
        Membership.ended_at.label("role_ended_at"),
        Organisation.id.label("organisation_id"),
        Organisation.ref.label("organisation_ref"),
        Organisation.name.label("organisation_name"),
        Organisation.kind.label("organisation_kind"),
        Organisation.closed_at.label("organisation_closed_at"),
        Ward.name.label("ward_name"),
    )
    .join(Account, Account.id == UserSession.account_id)
    .outerjoin(Membership, Membership.id == UserSession.membership_id)
    .outerjoin(Organisation, Organisation.id == Membership.organisation_id)
    .outerjoin(Ward, Ward.id == UserSession.ward_id)
    .where(UserSession.token_hash == bindparam("token_hash"))
)


def is_half_open(row: UserSession | Row[*tuple[Any, ...]], limits: Limits) -> bool:
    """Whether a second factor has still to be shown, where one is asked for."""
    return limits.second_factor and not row.factor and second_factors.must_show(row.account_id)


def idle_limit(row: Row[*tuple[Any, ...]], limits: Limits) -> timedelta:
    """A ward's device is shared and lies about: it forgets sooner. An enrolled one soonest."""
    if row.device_id is not None:
        return min(limits.idle, limits.device_idle)
    on_a_ward = row.role == Role.WARD_STAFF.value
    return min(limits.idle, limits.shared_idle) if on_a_ward else limits.idle


_BY_PIN = {Role.HOME_MANAGER: Role.CARER, Role.HOSPITAL_MANAGER: Role.WARD_STAFF}
"""Who manages works as the others do where a PIN let them in: a manager's pages ask for the passphrase."""


def _role(row: Row[*tuple[Any, ...]]) -> Role:
    role = Role(row.role)
    return _BY_PIN.get(role, role) if row.by_pin else role


def _actor(row: Row[*tuple[Any, ...]], origin: Origin) -> Actor | None:
    """The person at work, or None where their role or its organisation has ended."""
    if row.role is None or row.role_ended_at is not None or row.organisation_closed_at is not None:
        return None
    return Actor(
        account_id=row.account_id,
        account_ref=row.account_ref,
        name=row.account_name,
        role=_role(row),
        organisation_id=row.organisation_id,
        organisation_ref=row.organisation_ref,
        organisation_name=row.organisation_name,
        organisation_kind=OrganisationKind(row.organisation_kind),
        ward_id=row.ward_id,
        ward_name=row.ward_name or "",
        session_id=row.id,
        origin=origin,
    )


def actor_behind(session: UserSession, origin: Origin) -> Actor | None:
    """The person at work whom a session stands for now, read anew."""
    db.session.flush()
    return _actor(db.session.execute(_RESUMED, {"token_hash": session.token_hash}).one(), origin)


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


def end_others(session_id: int, actor: Actor | None, now: datetime) -> int:
    """Ends every other session of the same person. Returns how many there were."""
    row = db.session.get_one(UserSession, session_id)
    ended = end_all(row.account, "signed out elsewhere", now, keep=session_id)
    if ended:
        why = {"why": "signed out elsewhere"}
        audit.append(actor, audit.Note("session.ended", ("account", row.account.ref), details=why), now)
    return ended


def end_all(account: Account, why: str, now: datetime, keep: int | None = None) -> int:
    """Ends a person's sessions, all but the one to keep. Returns how many there were."""
    live = select(UserSession.id).where(
        UserSession.account_id == account.id, UserSession.ended_at.is_(None), UserSession.expires_at > now
    )
    ids = [session_id for session_id in db.session.scalars(live) if session_id != keep]
    db.session.execute(update(UserSession).where(UserSession.id.in_(ids)).values(ended_at=now, ended_why=why))
    return len(ids)
