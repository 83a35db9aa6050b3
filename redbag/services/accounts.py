"""People who sign in: invited by a one-time link, given roles, disabled.

Nobody ever types another person's passphrase.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from redbag.database import db, one_at_a_time
from redbag.domain.errors import Invalid, NotFound, NotPermitted
from redbag.domain.permissions import (
    ROLE_WORDS,
    ROLES_BY_KIND,
    Actor,
    OrganisationKind,
    Origin,
    Permission,
    Role,
    can,
)
from redbag.models import Account, Invitation, Membership, Organisation, UserSession, Ward
from redbag.queries import accounts as queries
from redbag.queries import single_sign_on
from redbag.security import passphrases
from redbag.security.tokens import random_token, sha256_hex
from redbag.services import audit, devices, sessions, tablets

INVITATION_LASTS = timedelta(days=7)
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
"""As browsers read one in a field for e-mail (HTML, “valid e-mail address”), in small letters: no letter that
only looks like another, nothing that cannot be seen."""


@dataclass(frozen=True)
class Invited:
    """A fresh one-time link's token. It is not stored: whoever made it sees it once."""

    account_ref: str
    name: str
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class RoleAt:
    """What somebody is to be where; `ward_ref`: where hospital staff usually work, or ""."""

    organisation_ref: str
    role: Role
    ward_ref: str = ""


def invite(actor: Actor | None, email: str, name: str, at: RoleAt, now: datetime) -> Invited:
    """A new account with its first role, and the link by which its owner joins.

    `actor` is None for the operator's command. Raises Invalid for an address that has an account.
    """
    _may_staff(actor, at.organisation_ref)
    email, name = email.strip().lower(), name.strip()
    _check_new(email, name)
    account = Account(email=email, name=name, created_at=now)
    db.session.add(account)
    db.session.flush()
    membership = _give(account, at)
    details = {"role": membership.role, "organisation": membership.organisation.ref}
    audit.append(actor, audit.Note("account.created", ("account", account.ref), details=details), now)
    return _link(actor, account, now)


def take_on(actor: Actor, email: str, name: str, at: RoleAt, now: datetime) -> Invited | None:
    """Somebody new at the actor's organisation: by a link, or where the address has an account, by a role
    more for that one (None). Whoever works in two homes, or comes back, keeps their account and passphrase.
    """
    account = queries.by_email(email)
    if account is None:
        return invite(actor, email, name, at, now)
    if account.disabled_at is not None:
        raise Invalid({"email": "The account with this address is disabled. Ask the administrator."})
    add_role(actor, account.ref, at, now)
    joined = account.passphrase_hash is not None
    if joined or queries.colleague(actor, account.ref, now).works_elsewhere:
        return None
    return new_link(actor, account.ref, now)


def _check_new(email: str, name: str) -> None:
    errors: dict[str, str] = {}
    if not name:
        errors["name"] = "Write the person’s name."
    elif len(name) > 120:
        errors["name"] = "Use at most 120 characters for the name."
    if not _EMAIL.fullmatch(email) or len(email) > 254:
        errors["email"] = "Write a whole e-mail address, for example joy.adeyemi@example.org."
    elif db.session.scalar(select(Account.id).filter_by(email=email)):
        errors["email"] = (
            "This e-mail address has an account. Find the person in the list and add a role there."
        )
    if errors:
        raise Invalid(errors)


def add_role(actor: Actor | None, account_ref: str, at: RoleAt, now: datetime) -> None:
    """Another role for somebody who has an account. Raises Invalid for one that they hold already."""
    _may_staff(actor, at.organisation_ref)
    account = queries.row(account_ref)
    if actor is not None and account.id == actor.account_id:
        raise Invalid({"organisation": "Nobody gives a role to themself: ask another administrator."})
    membership = _give(account, at)
    details = {"role": membership.role, "organisation": membership.organisation.ref}
    audit.append(actor, audit.Note("account.role_added", ("account", account.ref), details=details), now)


def _give(account: Account, at: RoleAt) -> Membership:
    organisation = db.session.scalar(select(Organisation).filter_by(ref=at.organisation_ref, closed_at=None))
    if organisation is None:
        raise Invalid({"organisation": "Choose the organisation."})
    if at.role not in ROLES_BY_KIND[OrganisationKind(organisation.kind)]:
        raise Invalid({"role": f"Choose a role that people have at {organisation.name}."})
    ward = None
    if at.ward_ref:
        ward = db.session.scalar(
            select(Ward).filter_by(ref=at.ward_ref, organisation_id=organisation.id, closed_at=None)
        )
        if ward is None:
            raise Invalid({"ward": f"Choose a ward of {organisation.name}."})
    held = db.session.scalar(
        select(Membership).filter_by(
            account_id=account.id, organisation_id=organisation.id, role=at.role.value
        )
    )
    if held is not None and held.ended_at is None:
        raise Invalid({"role": f"{account.name} has this role at {organisation.name} already."})
    membership = held or Membership(account=account, organisation=organisation, role=at.role.value)
    membership.ended_at, membership.ward = None, ward
    db.session.add(membership)
    db.session.flush()
    return membership


def end_role(actor: Actor, account_ref: str, membership_ref: str, now: datetime) -> None:
    """Ends a role. It stops counting with the person's next request.

    Raises NotPermitted for the role by which one acts: somebody must be left who can undo it. NotFound for
    a role at another organisation than the manager's own.
    """
    _may_staff(actor, actor.organisation_ref)
    _still_works(actor)
    account = queries.row(account_ref)
    membership = next((m for m in account.memberships if m.ref == membership_ref), None)
    if membership is None or not _staffs(actor, membership.organisation.ref):
        raise NotFound("There is no such role.")
    if account.id == actor.account_id and membership.role == actor.role:
        raise NotPermitted(
            f"Another {ROLE_WORDS[actor.role].lower()} must end this role: you cannot end your own."
        )
    if membership.ended_at is None:
        membership.ended_at = now
        details = {"role": membership.role, "organisation": membership.organisation.ref}
        audit.append(actor, audit.Note("account.role_ended", ("account", account.ref), details=details), now)
        place = membership.organisation_id
        if not any(m.organisation_id == place and m.ended_at is None for m in account.memberships):
            tablets.forget_at(account.id, place, actor, "role ended", now)


def disable(actor: Actor, account_ref: str, now: datetime) -> None:
    """Stops an account: its sessions end, its links stop working, its passphrase opens nothing."""
    _may_administer(actor)
    _still_works(actor)
    account = queries.row(account_ref)
    if account.id == actor.account_id:
        raise NotPermitted("Another administrator must disable this account: you cannot disable your own.")
    if account.disabled_at is None:
        account.disabled_at = now
        sessions.end_all(account, "account disabled", now)
        spend_links(account, now)
        audit.append(actor, audit.Note("account.disabled", ("account", account.ref)), now)
        tablets.forget_of_account(account.id, actor, "account disabled", now)


def enable(actor: Actor, account_ref: str, now: datetime) -> None:
    """Lets a disabled account sign in again, with the passphrase that it had."""
    _may_administer(actor)
    account = queries.row(account_ref)
    if account.disabled_at is not None:
        account.disabled_at = None
        audit.append(actor, audit.Note("account.enabled", ("account", account.ref)), now)


def new_link(actor: Actor | None, account_ref: str, now: datetime) -> Invited:
    """Another one-time link: the first was lost or has expired, or the passphrase is forgotten.

    Earlier links stop working. The old passphrase goes on working until the new one is set. A manager
    makes none for somebody who works elsewhere as well: whoever opens it could act for that place.
    """
    if actor is not None and not can(actor, Permission.ADMIN_EDIT):
        _may_renew(actor, account_ref, now)
    account = queries.row(account_ref)
    if account.disabled_at is not None:
        raise Invalid({"form": f"{account.name}’s account is disabled. Enable it first."})
    return _link(actor, account, now)


def _link(actor: Actor | None, account: Account, now: datetime) -> Invited:
    spend_links(account, now)
    token = random_token()
    invitation = Invitation(
        account_id=account.id,
        token_hash=sha256_hex(token),
        invited_by=actor.account_id if actor else None,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    db.session.add(invitation)
    db.session.flush()
    audit.append(actor, audit.Note("account.invited", ("account", account.ref)), now)
    return Invited(account.ref, account.name, token, invitation.expires_at)


def spend_links(account: Account, now: datetime) -> None:
    """One-time links of this account stop working."""
    db.session.execute(
        update(Invitation)
        .where(Invitation.account_id == account.id, Invitation.used_at.is_(None))
        .values(used_at=now)
    )


def join(token: str, passphrase: str, origin: Origin, now: datetime) -> str:
    """Sets the first or a new passphrase by a one-time link, which is used up. Returns the e-mail address.

    Raises NotFound for a link that is used, expired or unknown, Invalid for a passphrase that will not do,
    and where the person signs in by a service and no passphrase would open anything.
    """
    one_at_a_time(f"link|{sha256_hex(token)}")
    invitation = queries.open_invitation(token, now)
    if invitation is None:
        raise NotFound("This link does not work any more.")
    account = invitation.account
    service = single_sign_on.service_insisted_on(account, now)
    if service is not None:
        raise Invalid({"passphrase": f"Sign in with {service.name}: no passphrase is set here."})
    account.passphrase_hash = new_hash(account, passphrase)
    devices.forget_pin(account.id)
    spend_links(account, now)
    sessions.end_all(account, "passphrase set", now)
    audit.append(None, audit.Note("account.joined", ("account", account.ref)), now, origin)
    return account.email


def new_hash(account: Account, passphrase: str) -> str:
    """What is kept of a new passphrase. Slow on purpose. Raises Invalid for one that will not do."""
    words = [account.name, *account.name.split(), *re.split(r"[@.]", account.email)]
    words += [m.organisation.name for m in account.memberships]
    problem = passphrases.problem_with(passphrase, tuple(words))
    if problem:
        raise Invalid({"passphrase": problem})
    return passphrases.hash_passphrase(passphrase)


def change_passphrase(session_id: int, new: str, actor: Actor | None, now: datetime) -> None:
    """Sets the passphrase of whoever is signed in, who has just shown the current one, to the one whose
    hash is `new`. Every other session ends."""
    account = db.session.get_one(UserSession, session_id).account
    account.passphrase_hash = new
    sessions.end_all(account, "passphrase changed", now, keep=session_id)
    audit.append(actor, audit.Note("account.passphrase_changed", ("account", account.ref)), now)


def _may_renew(actor: Actor, account_ref: str, now: datetime) -> None:
    _may_staff(actor, actor.organisation_ref)
    if queries.colleague(actor, account_ref, now).works_elsewhere:
        raise Invalid({"form": "They work somewhere else as well: only the administrator makes a new link."})


def _staffs(actor: Actor, organisation_ref: str) -> bool:
    """Whether the actor says who works there: an administrator anywhere, a manager at their own place."""
    if can(actor, Permission.ADMIN_EDIT):
        return True
    return can(actor, Permission.PEOPLE_MANAGE) and organisation_ref == actor.organisation_ref


def _may_staff(actor: Actor | None, organisation_ref: str) -> None:
    """None is the operator at the command line."""
    if actor is not None and not _staffs(actor, organisation_ref):
        raise NotPermitted("Only the manager of this place, or an administrator, may do this.")


def _still_works(actor: Actor) -> None:
    """Of two who take each other's role away in the same moment, one does: somebody must be left who can undo
    it. Who was asked before the transaction began may have lost theirs since. Raises NotPermitted."""
    one_at_a_time("who works where")
    role = (
        select(Membership.id)
        .join(Account, Account.id == Membership.account_id)
        .where(
            Membership.account_id == actor.account_id,
            Membership.organisation_id == actor.organisation_id,
            Membership.role == actor.role.value,
            Membership.ended_at.is_(None),
            Account.disabled_at.is_(None),
        )
    )
    if db.session.scalar(role) is None:
        raise NotPermitted("Your own role was ended a moment ago.")


def _may_administer(actor: Actor | None) -> None:
    """None is the operator at the command line, who holds the keys and the database."""
    if actor is not None and not can(actor, Permission.ADMIN_EDIT):
        raise NotPermitted("Only an administrator may do this.")
