"""Every page of this area: importing a module registers its views."""

from redbag.web.custody import blueprint, confirming, photos, record

__all__ = ["blueprint", "confirming", "photos", "record"]
