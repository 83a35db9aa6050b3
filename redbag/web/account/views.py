"""The account area: signing in and out, shared devices, joining, where one works, one's own account."""

from redbag.web.account import (
    blueprint,
    devices,
    factors,
    joining,
    own,
    people,
    places,
    sessions,
    showing,
    signing,
    single_sign_on,
    unlocking,
)

__all__ = [
    "blueprint",
    "devices",
    "factors",
    "joining",
    "own",
    "people",
    "places",
    "sessions",
    "showing",
    "signing",
    "single_sign_on",
    "unlocking",
]
