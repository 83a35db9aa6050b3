"""Every page of this area: importing a module registers its views."""

from redbag.web.reports import blueprint, length_of_stay, seen

__all__ = ["blueprint", "length_of_stay", "seen"]
