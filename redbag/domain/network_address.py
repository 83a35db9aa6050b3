"""Where a request came from, as it is kept and as guesses are counted by it."""

from __future__ import annotations

import ipaddress


def plain(text: str) -> str:
    """The address alone, as one writes it: without a port, brackets or a zone, which some proxies add and
    which change from one connection to the next. "unknown" for what is none, so that whoever can send words
    of their own in place of an address is not somebody else with each of them."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return "unknown" if bare else ""
    inside = getattr(found, "ipv4_mapped", None)
    return str(inside or found)


def network(address: str) -> str:
    """An address as one household or hospital has it: of IPv6 the first 64 bits, within which anybody has as
    many addresses as they like. What is no address stays as it is."""
    try:
        at = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((at, 64), strict=False)) if at.version == 6 else str(at)
