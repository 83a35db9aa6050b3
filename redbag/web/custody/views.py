"""Every page of this area: importing a module registers its views."""

from redbag.web.custody import blueprint, confirming, record

__all__ = ["blueprint", "confirming", "record"]
