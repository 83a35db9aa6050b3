"""The account area: signing in and out, shared devices, joining, where one works, one's own account."""

from redbag.web.account import blueprint, devices, joining, own, people, places, sessions, signing, unlocking

__all__ = ["blueprint", "devices", "joining", "own", "people", "places", "sessions", "signing", "unlocking"]
