"""A pasted list beside the sent one: which line is which, what differs, and what can be written from it.

Nothing here says what happened to a medicine: it only lays two lines side by side for a person, and
asks wherever more than one place is possible. See medicine_pairing for what counts as one medicine.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from redbag.domain.medicine_line import NOT_STATED, Difference, Line, differences, plain_frequency
from redbag.domain.medicine_pairing import Link, link, never_same, pair
from redbag.domain.medicine_paste import Pasted
from redbag.domain.medicine_status import status_said
from redbag.domain.medicine_text import plain

NEW = -1
LEFT_OUT = -2
"""What a person may say of a pasted line instead of the position of a sent one."""


@dataclass(frozen=True)
class Asked:
    """A pasted line that only a person can place. `sent`: the lines that it may be."""

    pasted: int
    sent: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Matched:
    """Where each pasted line belongs. `beside`: the pasted line of each sent one that has one."""

    beside: Mapping[int, int]
    asked: tuple[Asked, ...]
    new: tuple[int, ...]


def match(sent: Sequence[Line], pasted: Sequence[Pasted], chosen: Mapping[int, int]) -> Matched:
    """Places every pasted line. `chosen`: what a person said of lines that were asked about.

    A sent line that was chosen for two pasted ones takes neither: both are asked again.
    """
    places = [place for place in chosen.values() if place >= 0]
    kept = {n: place for n, place in chosen.items() if place < 0 or places.count(place) == 1}
    found_beside = {place: n for n, place in kept.items() if place >= 0}
    open_sent = [n for n in range(len(sent)) if n not in found_beside]
    open_pasted = [n for n in range(len(pasted)) if n not in kept]
    found = pair([sent[n] for n in open_sent], [pasted[n].line for n in open_pasted])
    for proposal in found.proposals:
        found_beside[open_sent[proposal.sent]] = open_pasted[proposal.returned]
    asked: dict[int, Asked] = {}
    for question in found.questions:
        may_be = tuple(open_sent[n] for n in question.sent)
        for n in question.returned:
            position = open_pasted[n]
            asked[position] = Asked(position, may_be or _alike(sent, pasted[position].line), question.why)
    placed = {*found_beside.values(), *asked, *kept}
    new = [n for n in range(len(pasted)) if n not in placed or kept.get(n) == NEW]
    return Matched(found_beside, tuple(asked[n] for n in sorted(asked)), tuple(new))


def _alike(sent: Sequence[Line], line: Line) -> tuple[int, ...]:
    """The sent lines of the same medicine, for a line that is one more of it."""
    same = (Link.CODE, Link.SAME, Link.INGREDIENT)
    return tuple(n for n, one in enumerate(sent) if link(one, line)[0] in same)


_AN_AMOUNT = re.compile(r"\d\s*(?:(?:micro|nano|milli)?g(?:rams?)?|mg|mcg|units?|iu)(?!\w)")
_ONE_PIECE = re.compile(r"tablet|capsule|sachet|patch|puff|drop")


def beside(sent: Line, pasted: Pasted) -> Line:
    """The pasted line as it is to be read beside this sent one.

    "Furosemide 40 mg od" may say a strength or a dose. Beside a dose that is itself an amount (5 mg, not
    one tablet) it is the dose: read as a strength, the old dose would seem to stand. Where the line says
    that another medicine took its place, that one is read.
    """
    pasted = pasted.instead or pasted
    if pasted.amount_alone and _AN_AMOUNT.search(plain(sent.dose)):
        return replace(pasted.line, strength="", dose=pasted.line.strength)
    return pasted.line


def differing(sent: Line, pasted: Pasted) -> tuple[str, ...]:
    """What differs, in words; a part that the pasted line does not state is no difference."""
    line = beside(sent, pasted)
    found = [f"{d.what} {d.before} → {d.after}" for d in _stated(sent, line)]
    if sent.reading().words != line.reading().words:
        found.insert(0, f"medicine {sent.name.strip()} → {line.name}")
    return tuple(found)


def to_write(sent: Line, pasted: Pasted) -> dict[str, str]:
    """What belongs in the fields "as it is now", by the part of the line; unread parts are not there.

    For one medicine only what differs; for another one, or another kind of it, all that is stated.
    """
    line = beside(sent, pasted)
    texts = as_texts(line)
    if sent.reading().words != line.reading().words or never_same(sent, line):
        return {part: text for part, text in texts.items() if text}
    parts = {d.what for d in _stated(sent, line)}
    if "times" in parts:
        parts.add("frequency")
    if parts & {"strength", "form"}:
        parts.add("dose")  # of another tablet, the same number is another dose: it is said again
    return {part: text for part, text in texts.items() if text and part in parts}


def says(pasted: Pasted) -> str:
    """The words of the line, or of its heading, that speak against "unchanged": "STOPPED"; "" for none."""
    return status_said(pasted.written) or status_said(pasted.under)


def states_a_dose(pasted: Pasted) -> bool:
    """Whether the line states a strength or a dose, so that it can be the same one."""
    line = (pasted.instead or pasted).line
    return bool(line.strength or line.dose or re.search(r"\d", line.name))


def contradiction(sent: Line, pasted: Pasted) -> str:
    """Why "unchanged" cannot stand beside this pasted line without a reason; "" where it can."""
    if said := says(pasted):
        return f"it says “{said}”"
    if pasted.instead:
        return f"it names another in its place: {pasted.instead.written}"
    line = beside(sent, pasted)
    both = [d.sentence for d in _stated(sent, line) if d.stated_on_both]
    return "; ".join(both) or never_same(sent, line)


def _stated(sent: Line, line: Line) -> list[Difference]:
    """The differences that the pasted line itself states."""
    found = []
    for one in differences(sent, line):
        if one.what == "times":
            same_often = plain_frequency(sent.frequency) == plain_frequency(line.frequency)
            silent = not line.times and (same_often or not line.frequency)
        else:
            silent = one.after == NOT_STATED or not one.after
        if not silent and not (one.what == "dose" and _same_count(one.before, one.after)):
            found.append(one)
    return found


def _same_count(before: str, after: str) -> bool:
    """Whether "one" stands for "1 tablet"."""
    counts = [_ONE_PIECE.split(plain(text), maxsplit=1)[0].strip() for text in (before, after)]
    bare = any(re.fullmatch(r"[a-z]+|[\d.]+", plain(text)) for text in (before, after))
    return bare and not differences(Line("", dose=counts[0]), Line("", dose=counts[1]))


def as_texts(line: Line, note: str = "") -> dict[str, str]:
    """A line as the fields of a page; `note` goes with how often, so that nothing pasted is dropped."""
    often = ", ".join(part for part in (line.frequency, note) if part)
    return {
        "name": line.name,
        "form": line.form,
        "strength": line.strength,
        "dose": line.dose,
        "route": line.route,
        "frequency": often,
        "times": ", ".join(line.times),
    }
