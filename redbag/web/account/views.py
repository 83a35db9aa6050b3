"""The account area: signing in and out, joining, where one works, one's own account."""

from redbag.web.account import blueprint, joining, own, people, places, signing

__all__ = ["blueprint", "joining", "own", "people", "places", "signing"]
