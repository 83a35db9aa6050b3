"""Who is signed in, by Flask-Login: the cookie holds a session token, the database the session."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, g, session
from flask_login import LoginManager, UserMixin, current_user

from redbag.domain.permissions import Actor
from redbag.security.tokens import sha256_hex
from redbag.services import guests, sessions
from redbag.web import guards


class Person(UserMixin):  # type: ignore[misc]
    """The signed-in person of this request. `get_id` is the session's token, never an account id."""

    is_guest = False

    def __init__(self, token: str, found: sessions.SignedIn) -> None:
        self.token = token
        self.session_id = found.session_id
        self.account_ref = found.account_ref
        self.name = found.name
        self.actor: Actor | None = found.actor
        self.stale = found.stale
        self.on_device = found.on_device
        self.half_open = found.half_open
        self.shown_at = found.shown_at
        self.by_pin = found.by_pin

    @property
    def session_mark(self) -> str:
        """Tells this session from every other one, for the tablet's own use: nothing is opened with it."""
        return sha256_hex(f"tablet:{self.get_id()}")[:16]

    def get_id(self) -> str:
        return self.token

    def touch(self, now: datetime) -> None:
        """Writes down that the session is in use."""
        sessions.touch(self.session_id, now)

    def end(self, why: str, now: datetime) -> None:
        """Ends the session on the server."""
        sessions.end(self.session_id, self.actor, why, now)


class GuestPerson(UserMixin):  # type: ignore[misc]
    """Somebody without an account whom a bag's access code let in. `until`: when that ends at the latest."""

    is_guest = True
    on_device = False
    half_open = False
    shown_at = None
    account_ref = ""
    session_mark = ""

    def __init__(self, token: str, found: guests.SignedIn) -> None:
        self.token = token
        self.session_id = f"guest {found.guest_id}"  # beside the numbers of other sessions
        self.guest_id = found.guest_id
        self.name = found.actor.name
        self.actor = found.actor
        self.until = found.until
        self.stale = found.stale

    def get_id(self) -> str:
        return self.token

    def touch(self, now: datetime) -> None:
        """Writes down that the session is in use."""
        guests.touch(self.guest_id, now)

    def end(self, why: str, now: datetime) -> None:
        """Ends the session on the server."""
        guests.end(self.guest_id, self.actor, why, now)


class NewPerson(UserMixin):  # type: ignore[misc]
    """Somebody who has just shown who they are; what Flask-Login needs to set the cookie."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get_id(self) -> str:
        return self.token


def renew(token: str) -> None:
    """The session of whoever is signed in has a new token, which the cookie carries from now on."""
    session["_user_id"] = token  # as Flask-Login reads it; the pages that are open stay good
    current_user.token, current_user.shown_at = token, guards.now()


def register(manager: LoginManager) -> None:
    """Loads the person of each request from its session."""
    manager.session_protection = None  # sessions are random, server-side and end there

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(token: str) -> Person | GuestPerson | None:
        limits, now = current_app.config["LIMITS"], guards.now()
        if token.startswith(guests.MARK):
            guest = guests.resume(token, g.origin, limits, now)
            return GuestPerson(token, guest) if guest else None
        found = sessions.resume(token, g.origin, limits, now)
        return Person(token, found) if found else None
