"""What stands in one cell of a file of earlier stays, read as its column asks for.

Every reader returns the answer, or raises ValueError with a sentence for the table of errors
(domain/import_cells.py has what all files share).
"""

from __future__ import annotations

import re
from datetime import datetime

from redbag.domain import import_cells as cells
from redbag.domain.history_columns import ADMISSION_KINDS, ENDED
from redbag.domain.identity import OLDEST
from redbag.domain.import_cells import Cell, CellKind
from redbag.domain.import_columns import plain
from redbag.domain.london_time import london_day
from redbag.domain.todays_facts import REASONS

_STILL_IN = frozenset({"still in hospital", "in hospital", "still in", "open"})
_CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
_ZONED = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})")


def stay_day(cell: Cell) -> cells.Read:
    """The day of a stay: a day as people write it, or a moment, of which the London day counts."""
    if cell.kind is CellKind.TEXT and _ZONED.fullmatch(cell.text):
        return cells.Read(london_day(datetime.fromisoformat(cell.text)))
    if cell.kind is CellKind.TEXT:
        return cells.day(Cell(_CLOCK.sub("", cell.text)))
    return cells.day(cell)


def end(cell: Cell) -> cells.Read | None:
    """The day a stay ended; None where the cell says that it has not."""
    return None if cell.text.casefold() in _STILL_IN else stay_day(cell)


# What a file says for a reason of our list. Only words that mean no more and no less.
_ALSO = {
    "fall": "fell|falls|slip|found on floor|collapse and fall",
    "breathless": "breathlessness|shortness of breath|short of breath|sob|difficulty breathing|dyspnoea",
    "confused": "confusion|delirium|acute confusion|increased confusion",
    "not_responding": "unresponsive|unconscious|loss of consciousness|reduced consciousness",
    "infection": "sepsis|uti|urinary tract infection|pneumonia|chest infection|cellulitis|covid|covid 19",
    "chest_pain": "chest pains|heart attack|myocardial infarction",
    "stroke": "cva|tia|stroke tia",
    "bleeding": "bleed|haemorrhage|gi bleed",
    "other": "other|something else",
}
REASON_WORDS = {
    plain(word): value for value, words in REASONS for word in (value, words, *_ALSO[value].split("|"))
}


def reason(cell: Cell) -> str:
    """A reason of our list; "other" for words that are not on it."""
    text = cells.text(cell, 200)
    return REASON_WORDS.get(plain(text), "other")


def age(cell: Cell) -> int:
    """Whole years, up to the oldest that can be."""
    cells.refuse_what_is_no_text(cell)
    if cell.kind is CellKind.DATE or not re.fullmatch(r"\d{1,4}", cell.text):
        raise ValueError("Write the age in whole years, for example 84.")
    if int(cell.text) > OLDEST:
        raise ValueError(f"An age over {OLDEST} cannot be right. Check it, or leave it empty.")
    return int(cell.text)


_BAG_WORDS = {"with": "yes", "without": "no", "with bag": "yes", "without bag": "no"}
_NOT_KNOWN = frozenset({"not known", "unknown", "n/k", "nk", "-"})


def bag(cell: Cell) -> bool | None:
    """Whether a red bag travelled along; None where the cell says that nobody knows."""
    word = cell.text.casefold()
    if word in _NOT_KNOWN:
        return None
    return cells.yes_no(Cell(_BAG_WORDS.get(word, cell.text), cell.kind))


_ENDED_WORDS = {
    "discharged": "home",
    "back home": "home",
    "returned": "home",
    "returned to home": "home",
    "alive": "home",
    "left": "home",
    "died in hospital": "died",
    "deceased": "died",
    "dead": "died",
    "rip": "died",
    "moved": "elsewhere",
    "another home": "elsewhere",
    "transferred": "elsewhere",
}
_KIND_WORDS = {"elective": "planned", "unplanned": "emergency", "non-elective": "emergency"}


def ended(cell: Cell) -> str | None:
    """How a stay ended; None where the cell says that nobody knows."""
    if cell.text.casefold() in _NOT_KNOWN:
        return None
    return cells.choice(cell, ENDED, _ENDED_WORDS)


def kind(cell: Cell) -> str | None:
    """Emergency or planned; None where the cell says that nobody knows."""
    if cell.text.casefold() in _NOT_KNOWN:
        return None
    return cells.choice(cell, ADMISSION_KINDS, _KIND_WORDS)


_LOOKS_LIKE_NHS = re.compile(r"\d{3}[ -]?\d{3}[ -]?\d{4}")


def person(cell: Cell) -> str:
    """A reference of another system. Raises ValueError for an NHS number."""
    text = cells.text(cell, 100)
    if _LOOKS_LIKE_NHS.fullmatch(text):
        raise ValueError("This looks like an NHS number. Use the person’s number in the other system.")
    return text
