"""The second factor, shown: at sign-in, and once more before something grave.

What is shown is counted before it is decided, one after another for each person, so that a code is taken once
however often it is sent at once. Whatever was accepted gives the session a new token (ASVS 7.2.4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from redbag.database import db, one_at_a_time
from redbag.domain import second_factor as rules
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Origin
from redbag.domain.second_factor import Factor
from redbag.models import Account, AuthenticatorApp, Passkey, RecoveryCode, UserSession
from redbag.queries import second_factors as queries
from redbag.security import passkeys, totp
from redbag.security.key_ring import KeyRing
from redbag.security.passkeys import Known, Site
from redbag.security.tokens import keyed_hash, random_token, sha256_hex
from redbag.services import audit
from redbag.services.guessing import TOO_MANY, Guesser, count_guess, forget, may_guess
from redbag.services.sessions import Limits

WRONG_CODE = "This code is not right. Type the one that the app shows now: each code works once."
WRONG_RECOVERY_CODE = "This is none of your recovery codes, or it was used already."
WRONG_PASSKEY = "This passkey was not accepted. Try again, or show something else."
BY_PIN = "This device was opened with a PIN: type your passphrase."
STOPPED = (
    "Too many wrong codes were typed for your account, so no code of the app is taken now. Use a recovery "
    "code or a passkey, or ask your administrator. Then change your passphrase: whoever typed them knows it."
)


@dataclass(frozen=True)
class Caller:
    """Whoever asks: in which session, from where, when. `limits` holds the key."""

    session_id: int
    origin: Origin
    limits: Limits
    now: datetime


@dataclass(frozen=True)
class Shown:
    """How showing something ended: with the session's new token, or with a sentence that says why not.

    A refusal is an answer and not an error: the counted guess and the audit entry must be committed.
    """

    token: str = ""
    problem: str = ""
    throttled: bool = False


def locked(session_id: int) -> UserSession:
    """The session, while nobody else changes what its person has."""
    row = db.session.get_one(UserSession, session_id)
    one_at_a_time(f"second factor|{row.account_id}")
    return row


def held(session_id: int) -> queries.Held:
    """What whoever is signed in has set up."""
    return queries.held(db.session.get_one(UserSession, session_id).account_id)


def show_app_code(caller: Caller, typed: str) -> Shown:
    """Takes a code of the authenticator app, each once. The caller commits whatever the answer."""
    row = locked(caller.session_id)
    app = db.session.get(AuthenticatorApp, row.account_id, populate_existing=True)
    if app is None:
        raise NotFound("No authenticator app is set up.")
    if app.wrong >= rules.MOST_WRONG:
        _refuse(row, "too many wrong codes", caller)
        return Shown(problem=STOPPED, throttled=True)

    def right() -> bool:
        code = rules.read_app_code(typed)
        secret = secret_of(app.sealed, row.account.ref, caller.limits.secret_keys)
        step = totp.step_of(secret, code, caller.now, app.last_step) if code and secret else None
        if step is None:
            app.wrong += 1
            return False
        app.last_step = step
        return True

    return _decide(row, Factor.APP, WRONG_CODE, right, caller)


def show_recovery_code(caller: Caller, typed: str) -> Shown:
    """Takes a recovery code, each once. The caller commits whatever the answer."""
    row = locked(caller.session_id)

    def right() -> bool:
        code = rules.read_recovery_code(typed)
        kept = [recovery_hash(row.account, code, key) for key in caller.limits.secret_keys.every]
        found = db.session.scalar(
            select(RecoveryCode)
            .filter_by(account_id=row.account_id, used_at=None)
            .where(RecoveryCode.code_hash.in_(kept))
            .execution_options(populate_existing=True)
        )
        if found is None:
            return False
        found.used_at = caller.now
        return True

    return _decide(row, Factor.RECOVERY, WRONG_RECOVERY_CODE, right, caller)


def secret_of(sealed: str, owner: str, keys: KeyRing) -> str:
    """What an app and we know, under whichever key it is sealed; "" where it opens with none."""
    return next((found for key in keys.every if (found := totp.unseal(sealed, owner, key))), "")


def recovery_hash(account: Account, code: str, key: bytes) -> str:
    """How a recovery code is kept: without the key, nobody finds one by trying."""
    return keyed_hash(key, "recovery code", f"{account.ref}|{code}")


def known_passkeys(account_id: int) -> list[Known]:
    """The person's passkeys, as a browser has them named."""
    rows = db.session.execute(
        select(Passkey.credential_id, Passkey.transports).filter_by(account_id=account_id)
    )
    return [Known(name, tuple(transports.split())) for name, transports in rows]


def ask_passkey(session_id: int, site: Site) -> str:
    """What the browser is asked, as JSON: one of the person's own passkeys. Raises NotFound without any."""
    row = locked(session_id)
    known = known_passkeys(row.account_id)
    if not known:
        raise NotFound("No passkey is set up.")
    row.challenge = passkeys.new_challenge()
    return passkeys.ask_for_known(site, row.challenge, known)


def show_passkey(caller: Caller, answer: str, site: Site) -> Shown:
    """Takes a passkey's answer to what was asked last, once. The caller commits whatever the answer."""
    row = locked(caller.session_id)
    challenge, row.challenge = row.challenge, ""

    def right() -> bool:
        try:
            found = _passkey(row.account_id, passkeys.named_in(answer))
            if found is None:
                return False
            found.sign_count = passkeys.check_known(
                site, answer, challenge, found.public_key, found.sign_count
            )
        except passkeys.RefusedError:
            return False
        found.used_at = caller.now
        return True

    return _decide(row, Factor.PASSKEY, WRONG_PASSKEY, right, caller)


def _passkey(account_id: int, credential_id: str) -> Passkey | None:
    return db.session.scalar(
        select(Passkey)
        .filter_by(account_id=account_id, credential_id=credential_id)
        .execution_options(populate_existing=True)
    )


def _decide(row: UserSession, factor: Factor, wrong: str, right: Callable[[], bool], caller: Caller) -> Shown:
    """Counts, compares, and lets through or not. By account and address: nobody elsewhere is slowed down."""
    if row.by_pin:
        return Shown(problem=BY_PIN)
    key = caller.limits.throttle_key
    guesser = Guesser(f"second factor|{row.account.ref}", caller.origin.address)
    if not may_guess(guesser, key, caller.now):
        _refuse(row, "throttled", caller)
        return Shown(problem=TOO_MANY, throttled=True)
    counted = count_guess(guesser, key, caller.now)
    if not right():
        _refuse(row, factor.value, caller)
        return Shown(problem=wrong)
    forget((counted.id,))
    return Shown(accepted(row, factor, caller))


def accepted(row: UserSession, factor: Factor, caller: Caller) -> str:
    """Opens a half-open session, or keeps that its person has just shown who they are. Returns its new token:
    the one before opens nothing any more."""
    token = random_token()
    opened = not row.factor
    row.token_hash, row.shown_at = sha256_hex(token), caller.now
    if opened:
        row.factor = factor.value
    db.session.execute(
        update(AuthenticatorApp).where(AuthenticatorApp.account_id == row.account_id).values(wrong=0)
    )
    kind = "session.factor_shown" if opened else "session.confirmed"
    note = audit.Note(kind, ("account", row.account.ref), details={"how": factor.value})
    audit.append(None, note, caller.now, caller.origin)
    return token


def passphrase_was_shown(session_id: int, actor: Actor | None, now: datetime) -> str:
    """Keeps that somebody who is signed in has shown their passphrase again. Returns the new token."""
    return was_shown(session_id, "passphrase", actor, now)


def was_shown(session_id: int, how: str, actor: Actor | None, now: datetime) -> str:
    """Keeps that somebody who is signed in has shown again who they are, and how. Returns the new token."""
    row = locked(session_id)
    token = random_token()
    row.token_hash, row.shown_at = sha256_hex(token), now
    note = audit.Note("session.confirmed", ("account", row.account.ref), details={"how": how})
    audit.append(actor, note, now)
    return token


def _refuse(row: UserSession, why: str, caller: Caller) -> None:
    note = audit.Note("session.refused", ("account", row.account.ref), "refused", f"second factor: {why}")
    audit.append(None, note, caller.now, caller.origin)
