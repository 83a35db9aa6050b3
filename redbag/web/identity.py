"""Who is signed in, by Flask-Login: the cookie holds a session token, the database the session."""

from __future__ import annotations

from flask import current_app, g
from flask_login import LoginManager, UserMixin

from redbag.domain.permissions import Actor
from redbag.services import sessions
from redbag.web import guards


class Person(UserMixin):  # type: ignore[misc]
    """The signed-in person of this request. `get_id` is the session's token, never an account id."""

    def __init__(self, token: str, found: sessions.SignedIn) -> None:
        self.token = token
        self.session_id = found.session_id
        self.account_ref = found.account_ref
        self.name = found.name
        self.actor: Actor | None = found.actor
        self.stale = found.stale

    def get_id(self) -> str:
        return self.token


class NewPerson(UserMixin):  # type: ignore[misc]
    """Somebody who has just shown who they are; what Flask-Login needs to set the cookie."""

    def __init__(self, token: str) -> None:
        self.token = token

    def get_id(self) -> str:
        return self.token


def register(manager: LoginManager) -> None:
    """Loads the person of each request from its session."""
    manager.session_protection = None  # sessions are random, server-side and end there

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(token: str) -> Person | None:
        found = sessions.resume(token, g.origin, current_app.config["LIMITS"], guards.now())
        return Person(token, found) if found else None
