"""Tablets that keep a copy for working with no network: what they are told, and a home's list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Permission, can
from redbag.models import Account, Membership, Organisation, Tablet
from redbag.queries.devices import subject_of


def must_forget(tablet: str) -> Sequence[str]:
    """The accounts, by reference, whose copies this browser is to forget: told so, or the account is
    disabled, or its role at the home has ended."""
    return db.session.scalars(
        select(Account.ref)
        .join(Tablet, Tablet.account_id == Account.id)
        .where(Tablet.tablet == tablet, ~_works())
    ).all()


def _works() -> ColumnElement[bool]:
    """Whether a copy still opens: nobody told it to forget, and its owner still works at the home."""
    works_there = exists().where(
        Membership.account_id == Tablet.account_id,
        Membership.organisation_id == Tablet.organisation_id,
        Membership.ended_at.is_(None),
    )
    return Tablet.forgotten_at.is_(None) & Account.disabled_at.is_(None) & works_there


@dataclass(frozen=True)
class TabletRow:
    """A copy in its home's list. `where`: the enrolled device's name, or the kind of browser."""

    ref: str
    whose: str
    where: str
    given_at: datetime
    heard_at: datetime


def listed(home: Organisation) -> list[TabletRow]:
    """Every copy of this home's records that still opens: whose it is, by name, the last heard of first."""
    rows = db.session.execute(
        select(Tablet, Account.name)
        .join(Account, Account.id == Tablet.account_id)
        .where(Tablet.organisation_id == home.id, _works())
        .options(joinedload(Tablet.device))
        .order_by(func.lower(Account.name), Tablet.heard_at.desc(), Tablet.id)
    )
    return [_row(one, whose) for one, whose in rows]


def _row(one: Tablet, whose: str) -> TabletRow:
    where = one.device.name if one.device else one.browser or "A browser of a kind that is not known"
    return TabletRow(one.ref, whose, where, one.given_at, one.heard_at)


def managed(actor: Actor, tablet_ref: str) -> tuple[Organisation, TabletRow]:
    """One copy that the actor may have forgotten, and its home. Raises NotFound."""
    found = db.session.execute(
        select(Tablet, Account.name, Organisation)
        .join(Account, Account.id == Tablet.account_id)
        .join(Organisation, Organisation.id == Tablet.organisation_id)
        .where(Tablet.ref == tablet_ref, Tablet.forgotten_at.is_(None))
        .options(joinedload(Tablet.device))
    ).one_or_none()
    if found is None or not can(actor, Permission.DEVICE_MANAGE, subject_of(found.Organisation)):
        raise NotFound("There is no such tablet.")
    return found.Organisation, _row(found.Tablet, found.name)
