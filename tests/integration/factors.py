"""People who set up and show a second factor, in an installation that asks for one."""

from __future__ import annotations

import json
import time
from typing import Any

import pyotp
from flask import Flask
from sqlalchemy import select, update

from redbag.database import begin_write, db
from redbag.models import AuditEntry, AuthenticatorApp
from redbag.security import totp
from tests.authenticator import Authenticator
from tests.cast import PASSPHRASE, Cast
from tests.visitor import Page, Visitor

SITE = "http://localhost"
"""Where a test client is: no passkey is made for an address that is a number."""


class App:
    """A telephone's authenticator app. `code()` is the newest of its half minutes that may still be typed."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def code(self, off: int = 0) -> str:
        return pyotp.TOTP(self.secret).generate_otp(int(time.time()) // totp.STEP_SECONDS + off)


def type_passphrase(visitor: Visitor, cast: Cast, part: str, wanted: str = "/account") -> Page:
    visitor.open(f"/sign-in?next={wanted}")
    return visitor.press({"email": cast.people[part].email, "passphrase": PASSPHRASE})


def learn_app(visitor: Visitor, wanted: str = "/account") -> tuple[App, list[str]]:
    """Sets up an app from the page that offers it. Returns it with the recovery codes that came with it."""
    page = visitor.open(f"/account/second-factor/app?next={wanted}")
    shown = next("".join(e.itertext()) for e in page.tree.iter("p") if e.get("class") == "rb-secret")
    app = App(shown.replace(" ", ""))
    page = visitor.press({"code": app.code(-1)})  # the one before stays for the first sign-in of a test
    assert page.status == 200, page.text
    return app, ["".join(e.itertext()) for e in page.tree.iter("li") if _in_codes(page, e)]


def _in_codes(page: Page, item: Any) -> bool:
    return any(item in list(one) for one in page.tree.iter("ol") if one.get("class") == "rb-codes")


def with_app(app: Flask, cast: Cast, part: str) -> tuple[App, list[str]]:
    """A person of the cast who has set an app up at their first sign-in."""
    visitor = Visitor(app.test_client())
    type_passphrase(visitor, cast, part)
    return learn_app(visitor)


def with_passkey(visitor: Visitor, key: Authenticator, name: str = "My telephone") -> Page:
    """Makes a passkey on the page that offers it."""
    visitor.open("/account/second-factor/passkey?next=/account")
    answer = key.make(options(visitor, "/account/second-factor/passkey/options"))
    return visitor.press({"name": name, "credential": answer})


def options(visitor: Visitor, address: str) -> dict[str, Any]:
    """What the browser is asked, for the form that stands on the page."""
    token = next(i.get("value", "") for i in visitor.page.tree.iter("input") if i.get("name") == "csrf_token")
    response = visitor.client.post(address, data={"csrf_token": token})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = json.loads(response.text)
    return found


def audited(app: Flask, kind: str) -> list[tuple[str, str, Any]]:
    """Outcome, reason and details of every entry of this kind."""
    with app.app_context():
        rows = db.session.scalars(select(AuditEntry).filter_by(kind=kind).order_by(AuditEntry.id))
        return [(row.outcome, row.reason, row.details) for row in rows]


def forget_newest(app: Flask) -> None:
    """As if no code had been typed for a while."""
    with app.app_context():
        begin_write()
        db.session.execute(update(AuthenticatorApp).values(last_step=0))
        db.session.commit()


def show(visitor: Visitor, code: str) -> Page:
    """Types a code of the app on the page that asks for one."""
    return visitor.press({"code": code}, action="/account/show/code")
