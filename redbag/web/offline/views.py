"""Every address of the tablet with no network."""

from redbag.web.offline import blueprint, copy, shell, tablet

__all__ = ["blueprint", "copy", "shell", "tablet"]
