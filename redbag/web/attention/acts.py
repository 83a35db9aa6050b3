"""The one act that clears each kind of line: the page that it is done on, and the words of its button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for

from redbag.domain.attention import SEEN
from redbag.queries.attention import Line

# Pages of a journey, by its reference.
HOME: dict[str, tuple[str, str]] = {
    "packing": ("home.ready", "Print or hand over"),
    "not_scanned": ("home.tell", "Record what the hospital says"),
    "ring_family": ("home.told", "Write down who was told"),
    "emergency_look": ("home.emergency_looks", "See who, and why"),
    "code_used": ("home.ward_code", "See who it was"),
    "code_guessed": ("home.ward_code", "Look at the access code"),
    "handover": ("home.late_handover", "Complete the handover"),
    "unfinished": ("home.finish_pack", "See what is missing"),
    "no_bag": ("home.bag_here", "Say where the bag is"),
    "back_without_bag": ("home.bag_here", "Say where the bag is"),
    "home_contact": ("home.home_contact", "Record the call"),
    "not_received": ("home.receive", "Back home, or record what the ward says"),
    "settle": ("home.settle", "Settle and close"),
    "close": ("home.close_transfer", "Close the journey"),
    "bag_not_back": ("home.bag_here", "Say where the bag is"),
    "missing": ("home.return_belongings", "Settle belongings"),
    "missing_in_hospital": ("home.transfer", "See which thing"),
}
HOSPITAL: dict[str, tuple[str, str]] = {
    "questioned": ("ward.patient", "Ring the home"),
    "missing": ("ward.check_in", "Check the belongings"),
    "no_bag_here": ("ward.where_bag", "Say where the bag is"),
    "bag_left_here": ("ward.where_bag", "Say where the bag is"),
    "estimated_date": ("ward.dates", "Set a new date"),
}
# Pages of a bag, by its reference.
BAG: dict[str, tuple[str, str]] = {
    "bag_held": ("home.bag", "Say that it is back"),
    "bag_put_aside": ("home.bag", "Say what became of it"),
    "bag_not_back": ("home.bag", "Say where it is"),
}
# What the button says where one tap on the list itself is enough.
SEEN_WORDS: dict[tuple[str, str], str] = {
    ("long_stay", "hospital"): "Looked at",
    ("long_stay_home", "home"): "Asked the ward",
    ("bag_alone", "home"): "The ward knows",
    ("bag_alone", "hospital"): "We know",
    ("swap_bags", "hospital"): "Bags swapped",
}


@dataclass(frozen=True)
class Act:
    """A button. `key`: of the line that one tap clears; else `href`, the page on which it is cleared."""

    words: str
    href: str = ""
    key: str = ""


def of_journey(kind: str, who: str, transfer: Any) -> Act:
    """Where a line of this journey is cleared; a task is cleared on the journey's own page."""
    if kind in SEEN:
        return Act("Open the list", url_for("attention.board"))
    pages = HOME if who == "home" else HOSPITAL
    if kind in pages:
        endpoint, words = pages[kind]
        part = "belongings" if kind == "missing_in_hospital" else None
        return Act(words, url_for(endpoint, ref=transfer.ref, _anchor=part))
    return Act("Say who was told", url_for("home.transfer", ref=transfer.ref, _anchor="todo"))


def of_line(line: Line) -> Act:
    """What clears this line."""
    kind, who = line.trouble.kind, line.trouble.who
    if kind in SEEN:
        return Act(SEEN_WORDS[kind, who], key=line.key)
    if line.transfer is not None:
        return of_journey(kind, who, line.transfer)
    if line.bag is not None and who == "home":
        endpoint, words = BAG[kind]
        return Act(words, url_for(endpoint, bag_ref=line.bag.ref))
    return Act("Scan or type its label", url_for("ward.find"))
