"""What is looked at twice when one medicine is typed: times, units, the same one again, an allergy.

What cannot be (25:00, twice a day at four times) is refused with a sentence; what is only unlikely is
asked about once and kept when the person says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from redbag.domain import typed_moment
from redbag.domain.medicine_allergies import met
from redbag.domain.medicine_line import Line, plain_frequency
from redbag.domain.medicine_pairing import WEAK_WORDS
from redbag.domain.medicine_text import ingredients
from redbag.domain.next_due import times_a_day
from redbag.domain.record import Values

_CLOCK_LIKE = re.compile(r"\d{1,2}[:.]\d{2}|\d{4}")
_GRAMS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(?:g|gm|grams?)\b(?!\s*/)", re.IGNORECASE)
_MOST_GRAMS = 4
"""More than this in one dose by mouth is rare: 500 g is then most likely 500 mg (general knowledge)."""
_COUNTED_IN_GRAMS = frozenset({"skin", "vagina", "rectum"})


def impossible(typed: Values) -> dict[str, str]:
    """What is wrong with the times, by field; empty when nothing is."""
    parts = _parts(typed)
    for part in parts:
        if _CLOCK_LIKE.fullmatch(part) and typed_moment.clock_of(part) is None:
            return {"times": f"{part} is not a time of the day. Write it like 08:00."}
    often = str(typed.get("frequency") or "")
    count = times_a_day(plain_frequency(often))
    if count and parts and _all_clocks(parts) and len(parts) != count:
        number = "1 time" if len(parts) == 1 else f"{len(parts)} times"
        return {"times": f"“{often}”, and {number} written here. Which is right?"}
    return {}


def in_order(typed: Values) -> Values:
    """The answers with clock times in the order of the day; any other times stay as written."""
    parts = _parts(typed)
    if not parts or not _all_clocks(parts):
        return typed
    ordered = sorted(parts, key=lambda part: str(typed_moment.clock_of(part)))
    return {**typed, "times": ", ".join(ordered)}


def to_ask(typed: Values, others: Iterable[Line], allergies: Iterable[str]) -> tuple[str, ...]:
    """What to be sure of, in words. `others`: the medicines on the list beside this one."""
    name, form, strength, dose = (str(typed.get(part) or "") for part in ("name", "form", "strength", "dose"))
    line = Line(name, form, strength, dose)
    found = []
    amounts = [m for text in (line.strength, line.dose, line.name) for m in _GRAMS.finditer(text)]
    for amount in amounts:
        if float(amount[1]) > _MOST_GRAMS and line.reading().way not in _COUNTED_IN_GRAMS:
            found.append(f"{line.name}: {amount[0]} is written. Is it mg?")
    names = _names(line)
    for other in others:
        if same := sorted(names & _names(other)):
            directions = ", ".join(part for part in (other.title, other.dose, other.frequency) if part)
            found.append(f"{' and '.join(same).capitalize()} is on the list already: {directions}.")
    if (known := met(line, allergies)) and not typed.get("allergy_conflict"):
        found.append(f"{line.name}: an allergy or reaction is recorded: {' and '.join(known)}.")
    return tuple(found)


def _names(line: Line) -> frozenset[str]:
    words = ingredients(line.reading().words) - WEAK_WORDS
    return frozenset(word for word in words if len(word) > 3 and not word[0].isdigit())


def _parts(typed: Values) -> list[str]:
    return [part.strip() for part in re.split(r"[,;]", str(typed.get("times") or "")) if part.strip()]


def _all_clocks(parts: list[str]) -> bool:
    return all(typed_moment.clock_of(part) is not None for part in parts)
