"""For whom a passkey is: the host of this installation's own address."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from flask import g, request

from redbag.config import Mode, Settings
from redbag.domain.errors import NotFound
from redbag.security.passkeys import Site

_BY_NAME = "localhost"


def site() -> Site | None:
    """The public address, whatever a request says it asked for; on this machine alone also `localhost`.
    Browsers make no passkey for a number: None there."""
    settings: Settings = g.settings
    origin = settings.base_url
    on_this_machine = settings.mode is not Mode.PRODUCTION and not settings.behind_proxy
    if on_this_machine and urlsplit(request.host_url).hostname == _BY_NAME:
        origin = request.host_url.rstrip("/")
    host = urlsplit(origin).hostname or ""
    return None if _is_number(host) else Site(host, origin)


def needed_site() -> Site:
    """The same where a passkey is at work already. Raises NotFound."""
    found = site()
    if found is None:
        raise NotFound("Passkeys need an address with a name, not a number.")
    return found


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
