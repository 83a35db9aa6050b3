"""Codes of an authenticator app (TOTP, RFC 6238): six digits, thirty seconds, SHA-1, as all apps know them.

The secret is kept sealed: whoever reads the database alone can make no code.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import datetime

import pyotp

from redbag.security import sealing

STEP_SECONDS = 30
TOLERANCE = 1
"""Steps before and after the server's own, for a telephone whose clock is off."""


def new_secret() -> str:
    """A fresh secret of 160 bits in base 32."""
    return pyotp.random_base32()


def step_at(now: datetime) -> int:
    """Which thirty seconds it is, counted from 1970."""
    return int(now.timestamp()) // STEP_SECONDS


def step_of(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The step whose code this is, of those that count now and are later than `after`; None for a wrong code,
    an old one, or one that was taken already."""
    app = pyotp.TOTP(secret)
    here = step_at(now)
    found = None
    for step in range(here - TOLERANCE, here + TOLERANCE + 1):
        # Every step is compared, so that the time taken says nothing.
        if hmac.compare_digest(app.generate_otp(step), code) and step > after and found is None:
            found = step
    return found


def address(secret: str, email: str, issuer: str) -> str:
    """What the app reads from the code on the page: `otpauth://totp/…`."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def seal(secret: str, owner: str, key: bytes) -> str:
    """The secret as it is kept, bound to its owner."""
    return base64.urlsafe_b64encode(sealing.seal(key, secret.encode(), _about(owner))).decode()


def unseal(sealed: str, owner: str, key: bytes) -> str:
    """The secret again; "" where it was sealed for somebody else, under another key, or damaged."""
    try:
        return sealing.unseal(key, base64.urlsafe_b64decode(sealed), _about(owner)).decode()
    except (sealing.Unsealable, binascii.Error):
        return ""


def _about(owner: str) -> bytes:
    return b"authenticator app|" + owner.encode()
