"""Shared devices: enrolled once by whoever manages the place, opened by a person's PIN, locked when unused.

The PIN is compared as a passphrase is: counted first, so that many at once are counted too, then compared
while nobody waits for the database.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from redbag.database import db, one_at_a_time
from redbag.domain import pin as rules
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Actor, OrganisationKind, Origin
from redbag.domain.second_factor import Factor
from redbag.models import Account, Device, DevicePerson, Membership, Pin, UserSession, Ward
from redbag.queries import devices as queries
from redbag.security import passphrases
from redbag.security.key_ring import KeyRing
from redbag.security.tokens import keyed_hash, random_token, sha256_hex
from redbag.services import audit, sessions, tablets
from redbag.services.sessions import Limits

_PREFERRED = ("ward_staff", "carer", "hospital_manager", "home_manager")


def enrol(actor: Actor, organisation_ref: str, name: str, ward_ref: str, now: datetime) -> str:
    """Makes the browser that asks a device of that place. Returns the token for its cookie.

    Raises Invalid for a hospital's device without a ward: it must know where a person is admitted to.
    """
    organisation = queries.place(actor, organisation_ref)
    name, errors = " ".join(name.split()), {}
    if not name:
        errors["name"] = "Write what the device is called here, for example “Willow Ward tablet 1”."
    elif len(name) > 80:
        errors["name"] = "Use at most 80 characters."
    ward = db.session.scalar(
        select(Ward).filter_by(ref=ward_ref, organisation_id=organisation.id, closed_at=None)
    )
    if ward is None and organisation.kind == OrganisationKind.HOSPITAL.value:
        errors["ward"] = "Choose the ward where the device stays."
    if errors:
        raise Invalid(errors)
    token = random_token()
    device = Device(
        organisation_id=organisation.id,
        ward_id=ward.id if ward else None,
        name=name,
        token_hash=sha256_hex(token),
        enrolled_at=now,
        enrolled_by=actor.account_id,
    )
    db.session.add(device)
    db.session.flush()
    audit.append(actor, audit.Note("device.enrolled", ("device", device.ref)), now)
    return token


def end(actor: Actor, device_ref: str, now: datetime) -> str:
    """Takes a device off the list: whoever has it open is out with the next tap. Returns its name."""
    device = queries.managed(actor, device_ref)
    device.ended_at = now
    db.session.execute(
        update(UserSession)
        .where(UserSession.device_id == device.id, UserSession.ended_at.is_(None))
        .values(ended_at=now, ended_why="device taken off the list")
    )
    audit.append(actor, audit.Note("device.ended", ("device", device.ref)), now)
    tablets.forget_on_device(device.id, actor, "device taken off the list", now)
    return device.name


@dataclass(frozen=True)
class PinTry:
    """A try that has been counted and is not decided yet. `problem`: why nothing is compared."""

    account_id: int = 0
    account_ref: str = ""
    stored: str = ""
    problem: str = ""
    throttled: bool = False


_STOPPED = "Too many wrong PINs. Sign in with your passphrase, on this device: then PINs work again."


def begin_unlock(device: Device, account_ref: str, origin: Origin, now: datetime) -> PinTry:
    """Counts a try at one person's PIN on one device. The caller commits, then compares.

    Raises NotFound for somebody who cannot open this device.
    """
    account = queries.opener(device, account_ref)
    one_at_a_time(f"pin|{device.id}")
    db.session.refresh(device, ["wrong", "ended_at"])
    seen = _seen(device, account)
    if seen.wrong >= rules.GUESSES_AT_A_PERSON or device.wrong >= rules.GUESSES_ON_A_DEVICE:
        _refused(account, "passphrase needed", origin, now)
        return PinTry(problem=_STOPPED, throttled=True)
    opens = rules.open_again_at(seen.wrong, seen.last_wrong_at)
    if opens is not None and now < opens:
        seconds = math.ceil((opens - now).total_seconds())
        _refused(account, "throttled", origin, now)
        return PinTry(problem=f"Wait {seconds} seconds, then try again.", throttled=True)
    seen.wrong, seen.last_wrong_at = seen.wrong + 1, now
    device.wrong += 1
    pin = db.session.get_one(Pin, account.id)
    return PinTry(account.id, account.ref, pin.pin_hash)


@dataclass(frozen=True)
class Compared:
    """`renewed`: what is to be kept of the PIN from now on, "" for what is kept already."""

    right: bool
    renewed: str = ""


def compare(attempt: PinTry, pin: str, keys: KeyRing) -> Compared:
    """Whether the PIN is right; under an older key it is renewed. Touches no database: it is slow on
    purpose."""
    if attempt.problem:
        return Compared(right=False)
    name, _, stored = attempt.stored.rpartition(_UNDER)
    ref, pin = attempt.account_ref, pin.strip()
    for key in keys.every if not name else filter(None, [keys.by_id.get(name)]):
        if passphrases.verify(_peppered(ref, pin, key), stored):
            return Compared(True, hash_pin(ref, pin, keys) if key != keys.newest else "")
    return Compared(right=False)


def end_unlock(
    device: Device, attempt: PinTry, compared: Compared, *, origin: Origin, limits: Limits, now: datetime
) -> sessions.SignIn:
    """Opens the device for the person where the PIN was right. The caller commits whatever the answer.

    A PIN, an account or a device that changed meanwhile opens nothing.
    """
    if attempt.problem:
        return sessions.SignIn(problem=attempt.problem, throttled=attempt.throttled)
    account = db.session.get_one(Account, attempt.account_id)
    pin = db.session.get(Pin, account.id)
    membership = _membership(device, account)
    unchanged = pin is not None and pin.pin_hash == attempt.stored and device.ended_at is None
    opens = compared.right and unchanged and account.disabled_at is None
    if not opens or pin is None or membership is None:
        _refused(account, "pin", origin, now)
        return sessions.SignIn(problem="This PIN is not right.")
    pin.pin_hash = compared.renewed or pin.pin_hash
    seen = _seen(device, account)
    seen.wrong, seen.last_wrong_at, seen.used_at = 0, None, now
    device.wrong, device.used_at = 0, now
    return sessions.SignIn(token=_open(device, membership, origin, limits, now))


def _open(device: Device, membership: Membership, origin: Origin, limits: Limits, now: datetime) -> str:
    """One person at a time: whoever had the device open is signed out."""
    db.session.execute(
        update(UserSession)
        .where(UserSession.device_id == device.id, UserSession.ended_at.is_(None))
        .values(ended_at=now, ended_why="next person on the device")
    )
    token = random_token()
    db.session.add(
        UserSession(
            token_hash=sha256_hex(token),
            account_id=membership.account_id,
            membership_id=membership.id,
            ward_id=device.ward_id,
            device_id=device.id,
            by_pin=True,
            factor=Factor.DEVICE.value,
            created_at=now,
            seen_at=now,
            expires_at=now + limits.absolute,
            address=origin.address,
            browser=origin.browser,
        )
    )
    db.session.flush()
    note = audit.Note("device.opened", ("account", membership.account.ref), details={"device": device.ref})
    audit.append(None, note, now, origin)
    return token


def passphrase_was_shown(device: Device, account_id: int, now: datetime) -> None:
    """Somebody of this place has signed in on the device with their passphrase: PINs count anew."""
    account = db.session.get_one(Account, account_id)
    if _membership(device, account) is None:
        return
    seen = _seen(device, account)
    seen.wrong, seen.last_wrong_at, seen.used_at = 0, None, now
    device.wrong = 0


_UNDER = "|"


def hash_pin(account_ref: str, pin: str, keys: KeyRing) -> str:
    """What is kept of a PIN. Slow on purpose: made while nobody waits for the database. Once there is an
    older key it begins with the name of the newest, so that those that need the older one can be counted."""
    made = passphrases.hash_passphrase(_peppered(account_ref, pin, keys.newest))
    return f"{keys.newest_id}{_UNDER}{made}" if keys.older else made


def pins_under_older(keys: KeyRing) -> int:
    """How many PINs an older key is needed for. Each is renewed when its owner opens a device with it."""
    if not keys.older:
        return 0
    newest = Pin.pin_hash.startswith(f"{keys.newest_id}{_UNDER}", autoescape=True)
    return db.session.scalar(select(func.count()).select_from(Pin).where(~newest)) or 0


def keep_pin(account_id: int, pin_hash: str, now: datetime) -> None:
    """Keeps a PIN that was accepted. Wrong ones typed before count no more."""
    kept = db.session.get(Pin, account_id) or Pin(account_id=account_id)
    kept.pin_hash, kept.set_at = pin_hash, now
    db.session.add(kept)
    db.session.execute(
        update(DevicePerson).where(DevicePerson.account_id == account_id).values(wrong=0, last_wrong_at=None)
    )


def set_pin(session_id: int, pin_hash: str, actor: Actor | None, now: datetime) -> None:
    """Keeps the PIN of whoever is signed in, who has just shown their passphrase."""
    account = db.session.get_one(UserSession, session_id).account
    keep_pin(account.id, pin_hash, now)
    audit.append(actor, audit.Note("account.pin_set", ("account", account.ref)), now)


def forget_pin(account_id: int) -> None:
    """The passphrase was set anew by a link: whoever held the old one no longer opens a device."""
    db.session.execute(delete(Pin).where(Pin.account_id == account_id))


def _peppered(account_ref: str, pin: str, key: bytes) -> str:
    """A PIN has too few digits to be kept as a hash alone: without the key, trying all of them finds none."""
    return keyed_hash(key, "pin", f"{account_ref}|{pin}")


def _seen(device: Device, account: Account) -> DevicePerson:
    found = db.session.scalar(select(DevicePerson).filter_by(device_id=device.id, account_id=account.id))
    if found is None:
        found = DevicePerson(device_id=device.id, account_id=account.id, wrong=0)
        db.session.add(found)
        db.session.flush()
    return found


def _membership(device: Device, account: Account) -> Membership | None:
    """The role by which a person works on the device: the least of those that they have there."""
    held = [
        m for m in account.memberships if m.organisation_id == device.organisation_id and m.ended_at is None
    ]
    return min(held, key=lambda m: _PREFERRED.index(m.role) if m.role in _PREFERRED else 9, default=None)


def _refused(account: Account, why: str, origin: Origin, now: datetime) -> None:
    audit.append(None, audit.Note("session.refused", ("account", account.ref), "refused", why), now, origin)
