"""Enrolled devices: the one that asks, who opens it, and a place's list of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Permission, Subject, can
from redbag.models import Account, Device, DevicePerson, Membership, Organisation, Pin, UserSession
from redbag.queries.paging import any_word_starts
from redbag.security.tokens import sha256_hex

Enrolled: TypeAlias = Device
ManagedPlace: TypeAlias = Organisation

RECENTLY = timedelta(days=14)
_MOST_RECENT = 8
_MOST_FOUND = 20


@dataclass(frozen=True)
class OpensIt:
    """A person who can open a device with their PIN."""

    ref: str
    name: str


def enrolled(token: str) -> Device | None:
    """The device behind a device cookie, or None when it was taken off the list or its place has closed."""
    device = db.session.scalar(
        select(Device)
        .filter_by(token_hash=sha256_hex(token), ended_at=None)
        .options(joinedload(Device.organisation), joinedload(Device.ward))
    )
    return device if device is not None and device.organisation.closed_at is None else None


def _can_open(device: Device) -> ColumnElement[bool]:
    """People with a PIN and a role at the device's place now."""
    here = select(Membership.account_id).where(
        Membership.organisation_id == device.organisation_id, Membership.ended_at.is_(None)
    )
    return Account.id.in_(here) & Account.disabled_at.is_(None) & Account.id.in_(select(Pin.account_id))


def people(device: Device, search: str, now: datetime) -> list[OpensIt]:
    """Who can open the device: with nothing typed, whoever did so in the last two weeks, the last first, or
    on a new device the first by name; else everybody with a word of their name that begins so, by name."""
    by_name = (
        select(Account.ref, Account.name)
        .where(_can_open(device))
        .order_by(func.lower(Account.name), Account.id)
        .limit(_MOST_FOUND)
    )
    if search.strip():
        return _names(by_name.where(any_word_starts(search, Account.name)))
    recent = (
        select(Account.ref, Account.name)
        .join(DevicePerson, DevicePerson.account_id == Account.id)
        .where(_can_open(device), DevicePerson.device_id == device.id)
        .where(DevicePerson.used_at > now - RECENTLY)
        .order_by(DevicePerson.used_at.desc())
        .limit(_MOST_RECENT)
    )
    return _names(recent) or _names(by_name)


def _names(statement: Select[str, str]) -> list[OpensIt]:
    return [OpensIt(ref, name) for ref, name in db.session.execute(statement)]


def opener(device: Device, account_ref: str) -> Account:
    """The account of somebody who can open the device. Raises NotFound."""
    found = db.session.scalar(select(Account).where(Account.ref == account_ref, _can_open(device)))
    if found is None:
        raise NotFound("Nobody with a PIN has this name here.")
    return found


def locked_for(device: Device) -> str:
    """The reference of whoever left the device open, so that it locked itself; "" after a sign-out."""
    row = db.session.execute(
        select(Account.ref, UserSession.ended_at)
        .join(UserSession, UserSession.account_id == Account.id)
        .where(UserSession.device_id == device.id, _can_open(device))
        .order_by(UserSession.id.desc())
        .limit(1)
    ).one_or_none()
    return row.ref if row is not None and row.ended_at is None else ""


def was_here(token: str) -> str:
    """The reference of whoever a session's token belongs to, also one that has lapsed; "" for nobody."""
    found = db.session.scalar(
        select(Account.ref)
        .join(UserSession, UserSession.account_id == Account.id)
        .where(UserSession.token_hash == sha256_hex(token))
    )
    return found or ""


def has_pin(account_id: int) -> bool:
    """Whether this person has set a PIN."""
    return db.session.get(Pin, account_id) is not None


def pin_set_at(session_id: int) -> datetime | None:
    """When the signed-in person last set their PIN; None for no PIN."""
    return db.session.scalar(
        select(Pin.set_at)
        .join(UserSession, UserSession.account_id == Pin.account_id)
        .where(UserSession.id == session_id)
    )


@dataclass(frozen=True)
class DeviceRow:
    """A device in its place's list."""

    ref: str
    name: str
    ward: str
    enrolled_at: datetime
    enrolled_by: str
    used_at: datetime | None


def place(actor: Actor, organisation_ref: str) -> Organisation:
    """The place whose devices the actor may manage: their own, or for an administrator any. NotFound else."""
    found = db.session.scalar(
        select(Organisation).where(
            Organisation.ref == (organisation_ref or actor.organisation_ref), Organisation.closed_at.is_(None)
        )
    )
    if found is None or not can(actor, Permission.DEVICE_MANAGE, subject_of(found)):
        raise NotFound("There is no such place.")
    return found


def subject_of(organisation: Organisation) -> Subject:
    """A device concerns the place that it belongs to, whichever end of the journey that is."""
    return Subject(home_id=organisation.id, hospital_id=organisation.id)


def listed(organisation: Organisation) -> list[DeviceRow]:
    """The enrolled devices of a place, by name."""
    rows = db.session.execute(
        select(Device, Account.name)
        .join(Account, Account.id == Device.enrolled_by)
        .where(Device.organisation_id == organisation.id, Device.ended_at.is_(None))
        .options(joinedload(Device.ward))
        .order_by(func.lower(Device.name), Device.id)
    )
    return [
        DeviceRow(one.ref, one.name, one.ward.name if one.ward else "", one.enrolled_at, by, one.used_at)
        for one, by in rows
    ]


def managed(actor: Actor, device_ref: str) -> Device:
    """One device that the actor may take off the list. Raises NotFound."""
    device = db.session.scalar(
        select(Device)
        .where(Device.ref == device_ref, Device.ended_at.is_(None))
        .options(joinedload(Device.organisation), joinedload(Device.ward))
    )
    if device is None or not can(actor, Permission.DEVICE_MANAGE, subject_of(device.organisation)):
        raise NotFound("There is no such device.")
    return device
