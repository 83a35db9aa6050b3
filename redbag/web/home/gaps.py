"""What a pack is missing, each with the page on which it can be put right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from redbag.domain.record import SECTIONS


@dataclass(frozen=True)
class Gap:
    """One thing that is missing. `href`: where to add it; `record`: in the standing record, not today's."""

    words: str
    href: str
    record: bool


_TODAY = (
    ("Why the person", "home.why"),
    ("Last dose not answered", "home.doses"),
    ("Time of last dose", "home.doses"),
    ("No observations", "home.observations"),
    ("Observations incomplete", "home.observations"),
    ("Papers:", "home.papers"),
    ("How they are today", "home.today"),
    ("Belongings", "home.belongings"),
    ("Red bag:", "home.which_bag"),
)
_RECORD = (
    ("Allergies", "alerts"),
    ("CPR", "alerts"),
    ("Infection", "alerts"),
    ("Not recorded:", "alerts"),
    *((f"{section.title}:", section.key) for section in SECTIONS),
)


def with_links(transfer: Any, gaps: tuple[str, ...], then: str = "ready") -> list[Gap]:
    """The gaps in the pack's own order, most dangerous first. `then`: the page that a save comes back to,
    "ready" or "finish"."""
    return [_gap(transfer, words, then) for words in gaps]


def _gap(transfer: Any, words: str, then: str) -> Gap:
    resident_ref = transfer.resident.ref
    for start, endpoint in _TODAY:
        if words.startswith(start):
            return Gap(words, url_for(endpoint, ref=transfer.ref, then=then), record=False)
    for start, key in _RECORD:
        if words.startswith(start):
            return Gap(
                words,
                url_for("home.section", resident_ref=resident_ref, key=key, journey=transfer.ref),
                record=True,
            )
    if words.startswith("NHS number"):
        return Gap(words, url_for("home.resident_edit", resident_ref=resident_ref), record=True)
    return Gap(words, url_for("home.resident", resident_ref=resident_ref), record=True)
