"""People with an account: for the administrator, and for the person who owns it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Permission, Role, can
from redbag.models import Account, Invitation, Membership, Organisation, UserSession
from redbag.queries import single_sign_on
from redbag.queries.paging import Page, any_word_starts, one_page
from redbag.security.tokens import sha256_hex


@dataclass(frozen=True)
class RoleHeld:
    """A role in an organisation, as lists of people show it."""

    ref: str
    role: Role
    organisation: str
    organisation_ref: str
    ward: str


@dataclass(frozen=True)
class PersonRow:
    """A person in a list. `joined`: has set a passphrase, or has come by a sign-in service.
    `works_elsewhere`: has roles that are not shown."""

    ref: str
    name: str
    email: str
    joined: bool
    disabled: bool
    link_until: datetime | None
    roles: tuple[RoleHeld, ...]
    works_elsewhere: bool = False


def row(ref: str) -> Account:
    """The account itself. Raises NotFound."""
    found = db.session.scalar(
        select(Account)
        .filter_by(ref=ref)
        .options(selectinload(Account.memberships).joinedload(Membership.organisation))
    )
    if found is None:
        raise NotFound("There is no such person.")
    return found


def get(actor: Actor, ref: str, now: datetime) -> PersonRow:
    """One person, for the administrator. Raises NotFound."""
    if not can(actor, Permission.ADMIN_READ):
        raise NotFound("There is no such person.")
    account = row(ref)
    return _person(account, _open_links([account.id], now), single_sign_on.linked([account.id]))


def listed(actor: Actor, search: str, organisation_ref: str, page: int, now: datetime) -> Page[PersonRow]:
    """People by name, found by the start of any word of their name or by their e-mail address."""
    if not can(actor, Permission.ADMIN_READ):
        raise NotFound("There is no such list.")
    statement = (
        select(Account)
        .options(
            selectinload(Account.memberships).joinedload(Membership.organisation),
            selectinload(Account.memberships).joinedload(Membership.ward),
        )
        .order_by(func.lower(Account.name), Account.id)
    )
    if search.strip():
        statement = statement.where(any_word_starts(search, Account.name, Account.email))
    if organisation_ref:
        here = (
            select(Membership.account_id)
            .join(Organisation, Organisation.id == Membership.organisation_id)
            .where(Organisation.ref == organisation_ref, Membership.ended_at.is_(None))
        )
        statement = statement.where(Account.id.in_(here))
    found = one_page(statement, page)
    ids = [account.id for account in found.rows]
    links, linked = _open_links(ids, now), single_sign_on.linked(ids)
    return Page(tuple(_person(account, links, linked) for account in found.rows), found.number, found.total)


def colleagues(actor: Actor, now: datetime) -> list[PersonRow]:
    """Everybody with a role at the actor's own organisation, by name; no role that they have elsewhere."""
    here = Membership.organisation_id == actor.organisation_id
    if not can(actor, Permission.PEOPLE_MANAGE):
        raise NotFound("There is no such list.")
    rows = db.session.scalars(
        select(Account)
        .where(Account.id.in_(select(Membership.account_id).where(here, Membership.ended_at.is_(None))))
        .options(
            selectinload(Account.memberships).joinedload(Membership.organisation),
            selectinload(Account.memberships).joinedload(Membership.ward),
        )
        .order_by(func.lower(Account.name), Account.id)
    ).all()
    ids = [account.id for account in rows]
    links, linked = _open_links(ids, now), single_sign_on.linked(ids)
    return [_colleague(_person(account, links, linked), actor) for account in rows]


def colleague(actor: Actor, ref: str, now: datetime) -> PersonRow:
    """One person with a role at the actor's own organisation. Raises NotFound."""
    found = next((one for one in colleagues(actor, now) if one.ref == ref), None)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def managers(actor: Actor) -> list[str]:
    """Who manages the actor's own place, by name: whom to ask. Nobody whose account is disabled."""
    rows = db.session.scalars(
        select(Account.name)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.organisation_id == actor.organisation_id,
            Membership.role.in_([Role.HOME_MANAGER.value, Role.HOSPITAL_MANAGER.value]),
            Membership.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
        .order_by(func.lower(Account.name))
    )
    return list(rows)


def _colleague(person: PersonRow, actor: Actor) -> PersonRow:
    here = tuple(role for role in person.roles if role.organisation_ref == actor.organisation_ref)
    return replace(person, roles=here, works_elsewhere=len(here) != len(person.roles))


def by_email(email: str) -> Account | None:
    """The account that signs in with this address."""
    return db.session.scalar(select(Account).filter_by(email=email.strip().lower()))


def _open_links(account_ids: list[int], now: datetime) -> dict[int, datetime]:
    rows = db.session.execute(
        select(Invitation.account_id, Invitation.expires_at).where(
            Invitation.account_id.in_(account_ids), Invitation.used_at.is_(None), Invitation.expires_at > now
        )
    )
    return {one.account_id: one.expires_at for one in rows}


def _person(account: Account, links: dict[int, datetime], linked: frozenset[int]) -> PersonRow:
    held = (
        RoleHeld(m.ref, Role(m.role), m.organisation.name, m.organisation.ref, m.ward.name if m.ward else "")
        for m in account.memberships
        if m.ended_at is None
    )
    return PersonRow(
        ref=account.ref,
        name=account.name,
        email=account.email,
        joined=account.passphrase_hash is not None or account.id in linked,
        disabled=account.disabled_at is not None,
        link_until=links.get(account.id),
        roles=tuple(held),
    )


def own(session_id: int) -> Account:
    """The account of the signed-in person."""
    return db.session.get_one(UserSession, session_id).account


def own_email(session_id: int) -> str:
    """The address that the signed-in person signs in with."""
    return own(session_id).email


def open_invitation(token: str, now: datetime) -> Invitation | None:
    """The invitation behind a one-time link, or None when it is used, expired or no such link."""
    found = db.session.scalar(
        select(Invitation)
        .filter_by(token_hash=sha256_hex(token), used_at=None)
        .where(Invitation.expires_at > now)
        .options(joinedload(Invitation.account))
    )
    return found if found is not None and found.account.disabled_at is None else None


@dataclass(frozen=True)
class Invitee:
    """Whose one-time link it is; `service`: how they sign in, where no passphrase would open anything."""

    name: str
    service: single_sign_on.Offered | None


def invited(token: str, now: datetime) -> Invitee | None:
    """Whose one-time link this is, or None when it does not work. Uses nothing up."""
    found = open_invitation(token, now)
    if found is None:
        return None
    return Invitee(found.account.name, single_sign_on.service_insisted_on(found.account, now))


def who_can_sign_in(emails: Iterable[str]) -> set[str]:
    """Those of these addresses that have a working account with a passphrase."""
    rows = db.session.scalars(
        select(Account.email).where(
            Account.email.in_(list(emails)),
            Account.disabled_at.is_(None),
            Account.passphrase_hash.is_not(None),
        )
    )
    return set(rows)
