"""The address in a label's square, as far as a page may show it: where it leads, never the token."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

_NAMES_OF_THIS_MACHINE = ("localhost", "localhost.localdomain")
# Names that only a house's own network knows (RFC 6762, RFC 8375).
_NAMES_AT_HOME = (".local", ".lan", ".internal", ".home.arpa", ".localhost")


@dataclass(frozen=True)
class ShownAddress:
    """`text`: the place that the label opens. `fault`: why a telephone in the hospital may not open it, as a
    heading; "" where nothing speaks against it. `advice`: what to do about it."""

    text: str
    fault: str = ""
    advice: str = ""


_ASK = (
    "The paper pack works. Whoever looks after Red Bag here sets the real address before the first journey."
)


def shown_address(base_url: str, read_at: str) -> ShownAddress:
    """Where the labels of this installation lead. `read_at`: the host that this page is being read at."""
    text, host = f"{base_url}/B/…", urlsplit(base_url).hostname or ""
    if _is_this_machine(host):
        fault = "The label’s address works on this computer only"
        return ShownAddress(text, fault, f"A telephone in the hospital cannot open it. {_ASK}")
    if _is_private(host):
        fault = "The label’s address works inside this building only"
        return ShownAddress(text, fault, f"A telephone in the hospital cannot open it. {_ASK}")
    here = urlsplit(f"//{read_at}").hostname or ""
    if here != host:
        advice = (
            f"You are reading this at {here}, and the label opens {host}. If that is another Red Bag, its "
            f"labels open nothing there. {_ASK}"
        )
        return ShownAddress(text, "The label opens another address than this one", advice)
    return ShownAddress(text)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_this_machine(host: str) -> bool:
    number = _number(host)
    return host in _NAMES_OF_THIS_MACHINE or (
        number is not None and (number.is_loopback or number.is_unspecified)
    )


def _is_private(host: str) -> bool:
    """A number of a network of one's own, or a name that no other network knows."""
    number = _number(host)
    if number is not None:
        return not number.is_global
    return host.endswith(_NAMES_AT_HOME) or "." not in host
