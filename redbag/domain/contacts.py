"""The people that a pack names, each with a number that a telephone can dial."""

from __future__ import annotations

import re
from dataclasses import dataclass

from redbag.domain.pack import TransferPack

# Seven figures and more, written in groups or not; a room number or a year is shorter.
_NUMBER = re.compile(r"\+?\d[\d ()\-]{5,}\d")


@dataclass(frozen=True)
class Contact:
    """One line of the pack's contacts. `before` and `after`: its words around `number`, which is as
    written; `dial`: the same without spaces; "" where no number stands there."""

    before: str
    number: str = ""
    after: str = ""
    dial: str = ""


def contacts(pack: TransferPack | None) -> tuple[Contact, ...]:
    """Next of kin and other contacts of a pack, who is called next of kin first."""
    section = pack.section("people") if pack else None
    lines = [
        line.strip()
        for entry in (section.entries if section else ())
        if entry.key == "contacts" and entry.known
        for line in entry.text.split("\n")
        if line.strip()
    ]
    return tuple(_contact(line) for line in sorted(lines, key=lambda line: "kin" not in line.casefold()))


def _contact(line: str) -> Contact:
    found = _NUMBER.search(line)
    if found is None:
        return Contact(line)
    number = found.group()
    return Contact(
        line[: found.start()], number, line[found.end() :], "".join(c for c in number if c in "+0123456789")
    )
