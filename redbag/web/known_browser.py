"""The cookie by which a browser that somebody has signed in with before is told from a stranger's.

Whoever types wrong passphrases for somebody else, from behind the same address (a hospital's, its guests'
Wi-Fi), stops strangers' browsers there and not this one: its guesses are counted by themselves. It opens
nothing, and holds a random number and what a key makes of it and an e-mail address: it names nobody.
"""

from __future__ import annotations

from datetime import timedelta
from hmac import compare_digest

from flask import g, request
from werkzeug.wrappers import Response

from redbag.config import Settings
from redbag.security.tokens import keyed_hash, random_token
from redbag.web import device_cookie

MOST_PEOPLE = 12
"""A ward's computer is used by many: those who signed in there last are known."""
_LASTS = timedelta(days=180)
_LONGEST = 1000
_TAG = 22


def lane(email: str) -> str:
    """What guesses at this account are counted by beside it: this browser, where its owner has signed in with
    it, or the enrolled device that it is; "" for a stranger's, which is counted by its address."""
    mark, tags = _kept()
    if mark and any(compare_digest(_tag(mark, email).encode(), tag.encode()) for tag in tags):
        return f"browser {mark}"
    device = device_cookie.device()
    return f"device {device.id}" if device is not None else ""


def remember(response: Response, email: str) -> Response:
    """Keeps that somebody with this e-mail address has signed in with the browser that gets this answer."""
    mark, tags = _kept()
    mark = mark or random_token()
    tag = _tag(mark, email)
    tags = [tag, *(one for one in tags if one != tag)][:MOST_PEOPLE]
    secure = _settings().secure_cookies
    response.set_cookie(
        _name(), ".".join((mark, *tags)), max_age=_LASTS, secure=secure, httponly=True, samesite="Lax"
    )
    return response


def _kept() -> tuple[str, list[str]]:
    mark, *tags = request.cookies.get(_name(), "")[:_LONGEST].split(".")
    return mark, tags


def _tag(mark: str, email: str) -> str:
    return keyed_hash(_settings().secret_key, "known browser", f"{mark}|{email.strip().lower()}")[:_TAG]


def _name() -> str:
    return "__Host-redbag-known" if _settings().secure_cookies else "redbag-known"


def _settings() -> Settings:
    found: Settings = g.settings
    return found
