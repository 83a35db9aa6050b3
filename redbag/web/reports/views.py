"""Every page of this area: importing a module registers its views."""

from redbag.web.reports import blueprint, exports, front, length_of_stay, seen

__all__ = ["blueprint", "exports", "front", "length_of_stay", "seen"]
