"""The PIN by which the demonstration's people open an enrolled device."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.models import Account
from redbag.security.key_ring import KeyRing
from redbag.services import devices
from redbag.services.demo.places import NAMED

DEMO_PIN = "482913"


def give(keys: KeyRing, now: datetime) -> None:
    """Gives everybody who is named on the sign-in page the same PIN. `keys`: see services/devices.py."""
    emails = [one.email for one in NAMED.values()]
    for account in db.session.scalars(select(Account).where(Account.email.in_(emails))):
        devices.keep_pin(account.id, devices.hash_pin(account.ref, DEMO_PIN, keys), now)
