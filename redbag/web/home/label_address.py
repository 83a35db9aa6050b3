"""The address in a label's square, as far as a page may show it: where it leads, never the token."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ShownAddress:
    """`text`: the place that the label opens. `only_here`: no telephone can open it."""

    text: str
    only_here: bool


def shown_address(base_url: str) -> ShownAddress:
    """Where the labels of this installation lead."""
    host = urlsplit(base_url).hostname or ""
    return ShownAddress(f"{base_url}/B/…", host in _THIS_MACHINE)
