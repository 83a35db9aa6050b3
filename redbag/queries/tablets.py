"""Tablets that keep a copy for working with no network: what they are told, and a home's list of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select

from redbag.database import db
from redbag.models import Account, Membership, Tablet


def must_forget(tablet: str) -> Sequence[str]:
    """The accounts, by reference, whose copies this browser is to forget: told so, or the account is
    disabled, or its role at the home has ended."""
    works_there = exists().where(
        Membership.account_id == Tablet.account_id,
        Membership.organisation_id == Tablet.organisation_id,
        Membership.ended_at.is_(None),
    )
    return db.session.scalars(
        select(Account.ref)
        .join(Tablet, Tablet.account_id == Account.id)
        .where(Tablet.tablet == tablet)
        .where(Tablet.forgotten_at.is_not(None) | Account.disabled_at.is_not(None) | ~works_there)
    ).all()
