"""The cookie that makes a browser an enrolled device. It holds the device's token and nothing of a person."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, request
from werkzeug.wrappers import Response

from redbag.queries import devices

_LASTS = timedelta(days=400)  # browsers keep none for longer; it is set anew whenever the device is opened


def _name() -> str:
    return "__Host-redbag-device" if current_app.config["SESSION_COOKIE_SECURE"] else "redbag-device"


def token() -> str:
    """The token that this browser shows, or ""."""
    return request.cookies.get(_name(), "")


def device() -> devices.Enrolled | None:
    """The enrolled device that this browser is, or None."""
    shown = token()
    return devices.enrolled(shown) if shown else None


def keep(response: Response, device_token: str) -> Response:
    """Makes the browser that gets this answer a device, or lets it stay one."""
    response.set_cookie(
        _name(),
        device_token,
        max_age=_LASTS,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return response
