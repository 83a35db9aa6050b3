"""Somebody invited to Rowan House, whose people sign in with the service of their county."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.domain.permissions import Role
from redbag.models import AuditEntry
from redbag.services import accounts, sign_in_services
from redbag.services.accounts import RoleAt
from tests.cast import Cast
from tests.sign_in_service import Service, Walker
from tests.visitor import Page, Visitor

JOY = "joy.adeyemi@nhs.example"
OUT = "/sign-in/with/test"


def invite_joy(app: Flask, cast: Cast, service: Service) -> str:
    """The service set up, and Joy invited with an address of its domain; her account's reference."""
    with app.app_context():
        begin_write()
        set_up(service)
        at = RoleAt(cast.places["home"].ref, Role.CARER)
        ref = accounts.invite(None, JOY, "Joy Adeyemi", at, datetime.now(UTC)).account_ref
        db.session.commit()
    return ref


def set_up(service: Service) -> None:
    places, domains = ("Rowan House",), ("nhs.example",)
    now = datetime.now(UTC)
    sign_in_services.add(
        "test", "County Login", service.issuer, "redbag", domains, places, (), now, plain_http=True
    )


def out(visitor: Visitor, wanted: str = "/account") -> str:
    """Presses the button; the service's address that the browser is sent to."""
    answer = visitor.client.get(f"{OUT}?next={wanted}")
    assert answer.status_code == 303, answer.text
    return answer.location or ""


def come_by(visitor: Visitor, name: str, wanted: str = "/account", walker: Walker | None = None) -> Page:
    """The whole way: out, through the service as this person, and back."""
    return visitor.open((walker or Walker()).through(out(visitor, wanted), name))


def rows(app: Flask, kind: str) -> list[AuditEntry]:
    with app.app_context():
        return list(db.session.scalars(select(AuditEntry).filter_by(kind=kind).order_by(AuditEntry.id)))


def reasons(app: Flask) -> list[str]:
    return [row.reason for row in rows(app, "session.refused")]


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return len(db.session.scalars(select(model)).all())
