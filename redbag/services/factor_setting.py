"""The second factor, set up by its owner alone: an app, passkeys, recovery codes; and taken away.

Nobody chooses a second factor for somebody else. An administrator can only take it away, so that its owner
has to set up a new one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from redbag.database import db
from redbag.domain import second_factor as rules
from redbag.domain.errors import Invalid, NotFound, NotPermitted
from redbag.domain.permissions import Actor, Permission, can
from redbag.domain.second_factor import Factor
from redbag.models import Account, AuthenticatorApp, Passkey, RecoveryCode, UserSession
from redbag.queries import accounts
from redbag.queries import second_factors as queries
from redbag.security import passkeys, totp
from redbag.security.passkeys import Site
from redbag.services import audit, devices, sessions
from redbag.services.second_factors import Caller, accepted, known_passkeys, locked, recovery_hash

ISSUER = "Red Bag"
_DEVICE_FIRST = (
    "Your second factor is the shared device with your PIN. To sign in elsewhere, set up an app or a passkey "
    "first: on a shared device, under My account. Or ask whoever invited you for a new link."
)


@dataclass(frozen=True)
class AppToSet:
    """A secret that an app is to learn. `sealed`: the same, for keeping until the first code."""

    secret: str
    address: str
    sealed: str


@dataclass(frozen=True)
class Set:
    """What was set up. `token`: the session's new one, "" where it stays as it is; `codes`: recovery codes in
    readable groups, shown this once."""

    token: str = ""
    codes: tuple[str, ...] = ()


def may_set_up(caller: Caller) -> queries.Held:
    """What its person has so far. Raises NotPermitted where a half-open session must show what there is, or
    where the person's second factor is a shared device: whoever knows the passphrase alone sets up nothing.
    """
    row = db.session.get_one(UserSession, caller.session_id)
    found = queries.held(row.account_id)
    if sessions.is_half_open(row, caller.limits):
        if found.any:
            raise NotPermitted("Show your second factor first.")
        if sentence := _device_first(found, caller.limits):
            raise NotPermitted(sentence)
    return found


def device_first(caller: Caller) -> str:
    """Why a half-open session may set up nothing, in a sentence; "" where it may."""
    row = db.session.get_one(UserSession, caller.session_id)
    return _device_first(queries.held(row.account_id), caller.limits)


def _device_first(found: queries.Held, limits: sessions.Limits) -> str:
    """In a demonstration the PIN is shown beside the passphrase: there it keeps nobody from trying this."""
    held_up = found.has_pin and not found.any and not limits.passphrases_shown
    return _DEVICE_FIRST if held_up else ""


def app_to_set(caller: Caller, kept: str) -> AppToSet:
    """The secret that the page shows: the one sealed in `kept` if it is this person's, else a fresh one."""
    may_set_up(caller)
    account, key = db.session.get_one(UserSession, caller.session_id).account, caller.limits.throttle_key
    secret = totp.unseal(kept, account.ref, key) or totp.new_secret()
    sealed = totp.seal(secret, account.ref, key)
    return AppToSet(rules.in_groups(secret), totp.address(secret, account.email, ISSUER), sealed)


def set_app(caller: Caller, kept: str, typed: str) -> Set:
    """Keeps the app, confirmed by its first code, instead of an earlier one. Raises Invalid."""
    row = locked(caller.session_id)
    may_set_up(caller)
    secret = totp.unseal(kept, row.account.ref, caller.limits.throttle_key)
    if not secret:
        raise Invalid({"code": "This page was open for too long. Scan the new code below."})
    code = rules.read_app_code(typed)
    step = totp.step_of(secret, code, caller.now, 0) if code else None
    if step is None:
        raise Invalid({"code": "This code is not right. Type the six digits that the app shows now."})
    app = db.session.get(AuthenticatorApp, row.account_id) or AuthenticatorApp(account_id=row.account_id)
    app.sealed, app.last_step, app.wrong, app.set_at = kept, step, 0, caller.now
    db.session.add(app)
    return _was_set(row, Factor.APP, caller)


def ask_new_passkey(caller: Caller, site: Site) -> str:
    """What the browser is asked to make, as JSON."""
    row = locked(caller.session_id)
    may_set_up(caller)
    row.challenge = passkeys.new_challenge()
    owner = (row.account.ref, row.account.email, row.account.name)
    return passkeys.ask_for_new(site, owner, row.challenge, known_passkeys(row.account_id))


def set_passkey(caller: Caller, name: str, answer: str, site: Site) -> Set:
    """Keeps a passkey that the browser has made. Raises Invalid beside the field."""
    row = locked(caller.session_id)
    had = may_set_up(caller)
    name = " ".join(name.split())
    _check_name(name, had)
    challenge, row.challenge = row.challenge, ""
    try:
        made = passkeys.check_new(site, answer, challenge)
        transports = " ".join(passkeys.transports_of(answer))
    except passkeys.RefusedError:
        raise Invalid({"name": "The passkey could not be made. Try again."}) from None
    if db.session.scalar(select(Passkey.id).filter_by(credential_id=made.credential_id)) is not None:
        raise Invalid({"name": "This passkey is set up already."})
    db.session.add(
        Passkey(
            account_id=row.account_id,
            name=name,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            transports=transports[:100],
            set_at=caller.now,
        )
    )
    return _was_set(row, Factor.PASSKEY, caller)


def _check_name(name: str, had: queries.Held) -> None:
    if not name:
        raise Invalid({"name": "Write what you call it, for example “My telephone”."})
    if len(name) > rules.LONGEST_NAME:
        raise Invalid({"name": f"Use at most {rules.LONGEST_NAME} characters."})
    if len(had.passkeys) >= rules.MOST_PASSKEYS:
        raise Invalid({"name": f"There are {rules.MOST_PASSKEYS} passkeys already. Remove one first."})


def _was_set(row: UserSession, factor: Factor, caller: Caller) -> Set:
    """Writes it down; opens a half-open session; makes recovery codes with somebody's first second factor."""
    note = audit.Note(
        "account.second_factor_set", ("account", row.account.ref), details={"what": factor.value}
    )
    audit.append(None, note, caller.now, caller.origin)
    token = "" if row.factor else accepted(row, factor, caller)
    first = db.session.scalar(select(RecoveryCode.id).filter_by(account_id=row.account_id).limit(1)) is None
    return Set(token, _new_codes(row.account, caller) if first else ())


def fresh_codes(caller: Caller) -> tuple[str, ...]:
    """Other recovery codes: those before stop working. Raises NotFound where nothing is set up."""
    row = locked(caller.session_id)
    if not queries.held(row.account_id).any:
        raise NotFound("Set up an app or a passkey first.")
    return _new_codes(row.account, caller)


def _new_codes(account: Account, caller: Caller) -> tuple[str, ...]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = tuple(
        "".join(secrets.choice(rules.RECOVERY_ALPHABET) for _ in range(rules.RECOVERY_LENGTH))
        for _ in range(rules.RECOVERY_CODES)
    )
    db.session.add_all(
        RecoveryCode(
            account_id=account.id,
            code_hash=recovery_hash(account, code, caller.limits.throttle_key),
            made_at=caller.now,
        )
        for code in codes
    )
    audit.append(
        None, audit.Note("account.recovery_codes_made", ("account", account.ref)), caller.now, caller.origin
    )
    return tuple(rules.in_groups(code) for code in codes)


def remove_app(caller: Caller) -> None:
    """Takes one's own app away. Raises Invalid where nothing would be left."""
    row = locked(caller.session_id)
    app = db.session.get(AuthenticatorApp, row.account_id)
    if app is None:
        raise NotFound("No authenticator app is set up.")
    _remove(row, app, Factor.APP, caller)


def remove_passkey(caller: Caller, ref: str) -> str:
    """Takes one of one's own passkeys away. Returns its name. Raises NotFound, and Invalid as above."""
    row = locked(caller.session_id)
    found = db.session.scalar(select(Passkey).filter_by(account_id=row.account_id, ref=ref))
    if found is None:
        raise NotFound("There is no such passkey.")
    _remove(row, found, Factor.PASSKEY, caller)
    return found.name


def _remove(row: UserSession, what: AuthenticatorApp | Passkey, factor: Factor, caller: Caller) -> None:
    if queries.held(row.account_id).only_one and queries.works_with_people(row.account_id):
        raise Invalid({"form": "This is your only one. Set up another first, then remove this one."})
    db.session.delete(what)
    db.session.flush()
    if not queries.held(row.account_id).any:
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == row.account_id))
    note = audit.Note(
        "account.second_factor_removed", ("account", row.account.ref), details={"what": factor.value}
    )
    audit.append(None, note, caller.now, caller.origin)


def reset(actor: Actor | None, account_ref: str, now: datetime) -> int:
    """Takes everything away that somebody has set up, their PIN too, and ends their sessions: they set up a
    new one at their next sign-in, by their passphrase. None is the operator at the command line. Returns how
    many sessions ended.
    """
    if actor is not None and not can(actor, Permission.ADMIN_EDIT):
        raise NotPermitted("Only an administrator may do this.")
    account = accounts.row(account_ref)
    if actor is not None and account.id == actor.account_id:
        raise NotPermitted("Another administrator must do this: you cannot reset your own.")
    for table in (AuthenticatorApp, Passkey, RecoveryCode):
        db.session.execute(delete(table).where(table.account_id == account.id))
    devices.forget_pin(account.id)
    ended = sessions.end_all(account, "second factor reset", now)
    audit.append(actor, audit.Note("account.second_factor_reset", ("account", account.ref)), now)
    return ended
