"""Sign-in services set up by the operator, at the command line. Their secrets stay in the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, true, update

from redbag.database import db
from redbag.domain.errors import Invalid, NotFound
from redbag.models import (
    Account,
    LinkedIdentity,
    Membership,
    Organisation,
    SignInPlace,
    SignInService,
    UserSession,
)
from redbag.queries import accounts
from redbag.queries import single_sign_on as queries
from redbag.security import single_sign_on as mechanism
from redbag.services import audit, organisations

MOST_HOURS = 72
_KEY = re.compile(r"[a-z][a-z0-9]{1,29}")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True)
class Listed:
    """A service in use; `places`: organisations, and whether each insists."""

    key: str
    name: str
    issuer: str
    domains: tuple[str, ...]
    places: tuple[tuple[str, bool], ...]


def listed() -> list[Listed]:
    """Every service in use, by key."""
    rows = db.session.scalars(select(SignInService).filter_by(ended_at=None).order_by(SignInService.key))
    return [
        Listed(
            one.key,
            one.name,
            one.issuer,
            tuple(one.domains),
            tuple((place.organisation.name, place.insists) for place in one.places),
        )
        for one in rows
    ]


def add(
    key: str,
    name: str,
    issuer: str,
    client_id: str,
    domains: Iterable[str],
    places: Iterable[str],
    classes: Iterable[str],
    now: datetime,
    *,
    plain_http: bool,
) -> SignInService:
    """A service, and the organisations (name or ODS code) whose people it signs in.

    Raises Invalid with everything that is wrong, and NotFound for an organisation that is not there.
    """
    service = SignInService(
        key=key,
        name=name.strip(),
        issuer=issuer,
        client_id=client_id.strip(),
        domains=sorted({domain.strip().lower().removeprefix("@") for domain in domains}),
        classes=sorted(set(classes)),
        added_at=now,
    )
    _check(service, plain_http=plain_http)
    db.session.add(service)
    db.session.flush()
    audit.append(None, audit.Note("sign_in_service.added", ("sign_in_service", key)), now)
    for place in places:
        sign_in_at(key, place, now)
    return service


def _check(service: SignInService, *, plain_http: bool) -> None:
    errors: dict[str, str] = {}
    if not _KEY.fullmatch(service.key):
        errors["key"] = "The key is 2 to 30 small letters and digits, for example nhsmail."
    elif db.session.scalar(select(SignInService.id).filter_by(key=service.key)):
        errors["key"] = f"There is, or was, a service with the key {service.key}. Choose another."
    if not 0 < len(service.name) <= 80:
        errors["name"] = "Say what people call the service, in at most 80 characters."
    if not mechanism.is_acceptable(service.issuer, plain_http=plain_http) or len(service.issuer) > 300:
        errors["issuer"] = "The issuer is an https:// address, without a question mark behind it."
    elif db.session.scalar(select(SignInService.id).filter_by(issuer=service.issuer)):
        errors["issuer"] = "There is, or was, a service of this issuer."
    if not 0 < len(service.client_id) <= 200:
        errors["client_id"] = "Say what the service calls this installation (its client id)."
    if not service.domains or not all(_DOMAIN.fullmatch(domain) for domain in service.domains):
        errors["domains"] = "Say of which e-mail domains the service may vouch, for example nhs.net."
    if errors:
        raise Invalid(errors)


def sign_in_at(key: str, place: str, now: datetime, *, insists: bool = False) -> int:
    """Signs an organisation's people in by this service; `insists`: by nothing else. Says how many people of
    the place have an address that the service cannot vouch for.

    Who is signed in there by passphrase goes on where the place does not insist, and is out where it does.
    """
    service, organisation = queries.service(key), _organisation(place)
    row = _place(service, organisation)
    if row is None:
        row = SignInPlace(service_id=service.id, organisation_id=organisation.id)
        db.session.add(row)
    row.insists = insists
    db.session.flush()
    _changed(service, organisation, "insists" if insists else "signs in", now)
    people = _people_of(organisation)
    if insists:
        for account in people:
            _end_where_closed(account, now)
    return sum(account.email.rpartition("@")[2] not in service.domains for account in people)


def leave(key: str, place: str, now: datetime) -> None:
    """The service no longer signs this organisation's people in. Raises NotFound where it never did."""
    service, organisation = queries.service(key), _organisation(place)
    row = _place(service, organisation)
    if row is None:
        raise NotFound(f"{service.name} signs in nobody of {organisation.name}.")
    db.session.delete(row)
    db.session.flush()
    _changed(service, organisation, "left", now)
    for account in _people_of(organisation):
        _end_sessions(account, service.id, "sign-in service left", now)


def end(key: str, now: datetime) -> None:
    """Signs nobody in by it any more, and whoever is signed in by it, out. It stays in the records."""
    service = queries.service(key)
    service.ended_at = now
    ids = select(LinkedIdentity.account_id).filter_by(service_id=service.id)
    for account in db.session.scalars(select(Account).where(Account.id.in_(ids))):
        _end_sessions(account, service.id, "sign-in service ended", now)
    audit.append(None, audit.Note("sign_in_service.ended", ("sign_in_service", key)), now)


def link(key: str, email: str, subject: str, now: datetime) -> None:
    """Links by hand, where the service does not say that it has verified addresses."""
    service, account = queries.service(key), _account(email)
    subject = subject.strip()
    if not 0 < len(subject) <= 255:
        raise Invalid({"subject": "Say what the service calls the person (sub), in at most 255 characters."})
    there = select(LinkedIdentity).where(
        LinkedIdentity.service_id == service.id,
        (LinkedIdentity.subject == subject) | (LinkedIdentity.account_id == account.id),
    )
    if db.session.scalars(there).first() is not None:
        raise Invalid({"subject": "This account, or this subject, is linked already: unlink it first."})
    db.session.add(
        LinkedIdentity(service_id=service.id, subject=subject, account_id=account.id, linked_at=now)
    )
    _noted("account.linked", account, service, now)


def unlink(key: str, email: str, now: datetime) -> None:
    """Forgets whom the service meant by this account: the address has passed to somebody else, or the
    service names people anew. Raises NotFound."""
    service, account = queries.service(key), _account(email)
    row = db.session.scalar(select(LinkedIdentity).filter_by(service_id=service.id, account_id=account.id))
    if row is None:
        raise NotFound(f"{account.name} is not linked with {service.name}.")
    db.session.delete(row)
    _end_sessions(account, service.id, "sign-in service unlinked", now)
    _noted("account.unlinked", account, service, now)


def let_passphrase_in(email: str, hours: int, now: datetime) -> datetime | None:
    """Lets one person in by their passphrase for some hours, though their organisation insists on its
    service: the service is away, and somebody must work. 0 hours takes that back."""
    if not 0 <= hours <= MOST_HOURS:
        raise Invalid({"hours": f"Choose 0 to {MOST_HOURS} hours."})
    account = _account(email)
    account.passphrase_until = now + timedelta(hours=hours) if hours else None
    if not hours:
        _end_where_closed(account, now)
    note = audit.Note("account.passphrase_let_in", ("account", account.ref), details={"hours": hours})
    audit.append(None, note, now)
    return account.passphrase_until


def _organisation(place: str) -> Organisation:
    return db.session.scalars(select(Organisation).filter_by(ref=organisations.named(place))).one()


def _place(service: SignInService, organisation: Organisation) -> SignInPlace | None:
    return db.session.scalar(
        select(SignInPlace).filter_by(service_id=service.id, organisation_id=organisation.id)
    )


def _people_of(organisation: Organisation) -> list[Account]:
    here = select(Membership.account_id).filter_by(organisation_id=organisation.id, ended_at=None)
    return list(db.session.scalars(select(Account).where(Account.id.in_(here)).order_by(Account.id)))


def _account(email: str) -> Account:
    found = accounts.by_email(email)
    if found is None:
        raise NotFound("Nobody has an account with this e-mail address.")
    return found


def _end_where_closed(account: Account, now: datetime) -> None:
    """Ends a person's sessions by passphrase wherever none is taken now; who works elsewhere too goes on
    there."""
    opened = [one.id for one in queries.open_roles(account, None, now)]
    outside = UserSession.membership_id.not_in(opened) if opened else true()
    _end_sessions(account, None, "sign-in service insisted on", now, outside)


def _end_sessions(
    account: Account,
    service_id: int | None,
    why: str,
    now: datetime,
    which: ColumnElement[bool] | None = None,
) -> None:
    """Ends a person's sessions of one way in: by this service, or by passphrase (None). A PIN stays."""
    db.session.execute(
        update(UserSession)
        .where(UserSession.account_id == account.id, UserSession.ended_at.is_(None))
        .where(UserSession.service_id.is_not_distinct_from(service_id), UserSession.by_pin.is_(False))
        .where(true() if which is None else which)
        .values(ended_at=now, ended_why=why)
    )


def _changed(service: SignInService, organisation: Organisation, how: str, now: datetime) -> None:
    details = {"organisation": organisation.ref, "how": how}
    subject = ("sign_in_service", service.key)
    audit.append(None, audit.Note("sign_in_service.changed", subject, details=details), now)


def _noted(kind: str, account: Account, service: SignInService, now: datetime) -> None:
    audit.append(None, audit.Note(kind, ("account", account.ref), details={"service": service.key}), now)
