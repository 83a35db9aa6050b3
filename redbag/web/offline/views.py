"""Every address of the tablet with no network."""

from redbag.web.offline import blueprint, shell, tablet

__all__ = ["blueprint", "shell", "tablet"]
