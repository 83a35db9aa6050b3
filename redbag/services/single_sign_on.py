"""Signing in by an organisation's own sign-in service: whose account it is that comes back from there.

An account is found by the service and its name for the person (the subject), never by e-mail address. The
first time, it is linked to an account that was invited with the very address that the service has verified.
No account is made from nothing, and no role is taken from what a service says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from redbag.database import db, one_at_a_time
from redbag.domain.permissions import Actor, Origin
from redbag.domain.second_factor import Factor, is_fresh
from redbag.models import Account, Device, Invitation, LinkedIdentity, SignInService, SpentSignIn, UserSession
from redbag.queries import single_sign_on as queries
from redbag.security.single_sign_on import Shown
from redbag.security.tokens import sha256_hex
from redbag.services import accounts, audit, devices, second_factors, sessions
from redbag.services.guessing import TOO_MANY, Guesser, count_guess, forget, may_guess
from redbag.services.sessions import Limits, SignIn

LASTS = timedelta(minutes=15)
"""From the button to the way back: a second factor on a telephone that lies in the locker included."""
FROM_ONE_PLACE = 200
"""Ways back in five minutes: a whole hospital may stand behind one address."""

_ANEW = "Sign out there, then try again."
_ASK = "Ask whoever looks after Red Bag where you work"


@dataclass(frozen=True)
class WayBack:
    """Somebody who came back with an answer that fits. `counted`: their guess; `problem`: why it is not
    looked at."""

    counted: tuple[int, ...] = ()
    problem: str = ""
    throttled: bool = False


def take(
    service: SignInService, state: str, origin: Origin, limits: Limits, now: datetime, lane: str = ""
) -> WayBack:
    """Uses the answer up, so that it is looked at once, and counts it. The caller commits, then asks the
    service while nobody waits for the database. `lane`: what it is counted by in place of its address
    (sessions.begin_sign_in)."""
    guesser = Guesser(f"service {service.key}", lane or origin.address)
    if not may_guess(guesser, limits.throttle_key, now, FROM_ONE_PLACE):
        refused(None, service, "throttled", origin, now)
        return WayBack(problem=TOO_MANY, throttled=True)
    counted = (count_guess(guesser, limits.throttle_key, now).id,)
    spent = sha256_hex(state)
    one_at_a_time(f"way back|{spent}")
    db.session.execute(delete(SpentSignIn).where(SpentSignIn.at <= now - 2 * LASTS))
    if db.session.get(SpentSignIn, spent) is not None:
        refused(None, service, "answer used before", origin, now)
        return WayBack(problem="This sign-in has been used already.")
    db.session.add(SpentSignIn(state_hash=spent, at=now))
    return WayBack(counted)


def sign_in(
    service_key: str,
    way: WayBack,
    shown: Shown,
    origin: Origin,
    limits: Limits,
    now: datetime,
    device: Device | None = None,
) -> SignIn:
    """Starts a session for whom the service has named; else a sentence that says what to do. The caller
    commits whatever the answer."""
    service = queries.service(service_key)
    identity = _identity(service, shown)
    account = identity.account if identity else _invited(service, shown)
    if account is None:
        why = "nobody invited" if shown.email_verified else "address not verified"
        refused(None, service, why, origin, now)
        return SignIn(problem=_who_is_it(service, shown))
    if account.disabled_at is not None or not queries.open_roles(account, service.id, now):
        refused(account, service, "disabled" if account.disabled_at else "no role", origin, now)
        return SignIn(problem=_who_is_it(service, shown))
    if device is not None and not is_fresh(shown.at, now):
        refused(account, service, "not asked anew on a shared device", origin, now)
        return SignIn(problem=f"This device is shared, and {service.name} did not ask who you are. {_ANEW}")
    if identity is None:
        identity = _link(service, account, shown.subject, origin, now)
    identity.used_at = now
    forget(way.counted)
    if device is not None:
        devices.passphrase_was_shown(device, account.id, now)
    factor = Factor.PROVIDER if shown.second_factor else Factor.NONE
    token = sessions.start(
        account,
        origin,
        limits,
        now,
        device,
        factor=factor,
        fresh=is_fresh(shown.at, now),
        service=service,
    )
    return SignIn(token=token)


def confirm(
    service_key: str, way: WayBack, shown: Shown, session_id: int, actor: Actor | None, now: datetime
) -> SignIn:
    """Somebody who is signed in has shown their service once more who they are: the session's new token, or
    a sentence that says why that does not count. The caller commits whatever the answer."""
    service, session = queries.service(service_key), db.session.get_one(UserSession, session_id)
    identity = _identity(service, shown)
    if identity is None or identity.account_id != session.account_id or session.service_id != service.id:
        why = "sign-in service: somebody else came back"
        note = audit.Note("session.refused", ("account", session.account.ref), "refused", why)
        audit.append(actor, note, now)
        return SignIn(problem=f"{service.name} says that this was somebody else. Nothing was done.")
    if not is_fresh(shown.at, now):
        return SignIn(problem=f"{service.name} did not ask you anew. {_ANEW}")
    forget(way.counted)
    return SignIn(token=second_factors.was_shown(session_id, Factor.PROVIDER.value, actor, now))


def refused(account: Account | None, service: SignInService, why: str, origin: Origin, now: datetime) -> None:
    """Writes down that somebody came back from a service in vain. Who is not linked is not named."""
    subject = ("account", account.ref) if account else ("", "")
    note = audit.Note(
        "session.refused", subject, "refused", f"sign-in service: {why}", {"service": service.key}
    )
    audit.append(None, note, now, origin)


def _identity(service: SignInService, shown: Shown) -> LinkedIdentity | None:
    return db.session.scalar(select(LinkedIdentity).filter_by(service_id=service.id, subject=shown.subject))


def _invited(service: SignInService, shown: Shown) -> Account | None:
    """The account that was invited with the verified address, and that nobody of this service has yet.

    An address that has passed to a colleague does not open the account of whoever had it before: the
    operator unlinks that one first.
    """
    domain = shown.email.rpartition("@")[2]
    if not shown.email_verified or domain not in service.domains:
        return None
    account = db.session.scalar(select(Account).filter_by(email=shown.email))
    if account is None:
        return None
    was_invited = db.session.scalar(select(Invitation.id).filter_by(account_id=account.id).limit(1))
    taken = select(LinkedIdentity.id).filter_by(service_id=service.id, account_id=account.id)
    return account if was_invited is not None and db.session.scalar(taken) is None else None


def _link(
    service: SignInService, account: Account, subject: str, origin: Origin, now: datetime
) -> LinkedIdentity:
    """From now on this is their account. They have joined: a one-time link that is still open is used up."""
    identity = LinkedIdentity(service_id=service.id, subject=subject, account_id=account.id, linked_at=now)
    db.session.add(identity)
    db.session.flush()
    accounts.spend_links(account, now)
    note = audit.Note("account.linked", ("account", account.ref), details={"service": service.key})
    audit.append(None, note, now, origin)
    return identity


def _who_is_it(service: SignInService, shown: Shown) -> str:
    if not shown.email_verified:
        return (
            f"{service.name} has not checked your e-mail address, so Red Bag cannot tell which account is "
            f"yours. {_ASK}."
        )
    return (
        f"{service.name} has confirmed who you are, and there is no account here that you may open with it. "
        f"{_ASK} to invite you with the e-mail address that {service.name} knows you by."
    )
