"""A person's whole record, as it is handed to them: chapters of entries, each with questions and answers.

The same value is drawn as a page to read and stands as data beside it, so that the two cannot drift.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from redbag.domain.identity import IDENTITY, LEAVING
from redbag.domain.london_time import format_birth_date, format_day, format_moment
from redbag.domain.nhs_number import format_334
from redbag.domain.pack_sections import entries
from redbag.domain.record import SECTIONS, Field, choice_label
from redbag.domain.reviews import MEDICINES
from redbag.domain.todays_facts import CARRIED, JOURNEY_TYPES, PAPER_KINDS, REASONS, TODAYS_SECTIONS
from redbag.domain.transfer_states import ACTION_WORDS, STATE_WORDS

Line = tuple[str, str]

INTERNAL = frozenset(
    {"id", "version", "sha256", "token_hash", "code_hash", "key_id", "nonce", "name_words", "position", "key"}
    | {
        "ref",
        "account_id",
        "nhs_number_index",
        "takes_back",
        "history_key",
        "person_key",
        "small_id",
        "file_id",
        "size",
        "strokes",
        "answers",
        "facts",
        "content",
    }
)
"""Columns that are codes of this installation, or are drawn by a rule of their own."""

SWAPPED = "Swap two bags (the other person is not named in this record)"
"""In place of what a ward was told: that names two people."""

_LABELS = {
    "nhs_number": "NHS number",
    "usual_news2": "Usual NEWS2 score when well",
    "news2": "NEWS2",
    "with_bag": "With the red bag",
    "gp_practice": "GP practice",
    "restricted_at": "Record restricted since",
    "restricted_why": "Why it is restricted",
    "kept_until": "Kept until",
    "kept_why": "Why it is kept",
    "actor_name": "Who",
    "actor_role": "Role",
    "at": "When",
}
_CODES: dict[str, Mapping[str, str]] = {
    "action": {action.value: words for action, words in ACTION_WORDS.items()},
    "state": {state.value: words for state, words in STATE_WORDS.items()},
    "reason": dict(REASONS),
    "journey_type": dict(JOURNEY_TYPES),
    "carried": dict(CARRIED),
    "left_why": dict(LEAVING[0].choices),
}
_FIELDS: dict[str, Field] = {
    one.key: one
    for one in (*(f for s in (*SECTIONS, *TODAYS_SECTIONS.values()) for f in s.fields), *IDENTITY)
}
_SECTIONS = {section.key: section for section in (*SECTIONS, MEDICINES, *TODAYS_SECTIONS.values())}


@dataclass(frozen=True)
class Entry:
    """One thing of a chapter. `file`: the file of the export that belongs to it, "" for none."""

    title: str
    lines: tuple[Line, ...]
    file: str = ""


@dataclass(frozen=True)
class Chapter:
    """One table of the record, in words. `what`: what it is, for whoever never saw this system."""

    title: str
    entries: tuple[Entry, ...]
    what: str = ""


@dataclass(frozen=True)
class Picture:
    """An image of the export: where it goes, and which kept file it is."""

    name: str
    file_id: int


@dataclass(frozen=True)
class WholeRecord:
    """Everything. `data`: every row as it is kept, by table. `packs`: frozen packs by file name, as JSON."""

    person: str
    home: str
    made_at: datetime
    chapters: tuple[Chapter, ...]
    data: Mapping[str, list[dict[str, Any]]]
    pictures: tuple[Picture, ...]
    packs: Mapping[str, dict[str, Any]]
    left_out: tuple[Line, ...] = ()


def label(name: str) -> str:
    """A column's or key's name as a person reads it."""
    if name in _LABELS:
        return _LABELS[name]
    if name in _FIELDS and _FIELDS[name].label:
        return _FIELDS[name].label
    words = name.removesuffix("_id").replace("_", " ")
    for ending, said in ((" at", ""), (" on", " on"), (" by", " by")):
        if words.endswith(ending):
            words = words.removesuffix(ending) + said
    return words[:1].upper() + words[1:]


def answer(name: str, value: object) -> str:
    """One value in words; "" where there is none."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return format_moment(value)
    if isinstance(value, date):
        return format_birth_date(value) if name == "date_of_birth" else format_day(value)
    if isinstance(value, list):
        return "; ".join(filter(None, (answer(name, one) for one in value)))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {text}" for key, text in flat(value))
    return _text(name, str(value))


def _text(name: str, text: str) -> str:
    if name in _CODES:
        return _CODES[name].get(text, text)
    if name == "nhs_number" and text.isdigit() and len(text) == 10:
        return format_334(text)
    if name in _FIELDS and _FIELDS[name].choices:
        return choice_label(_FIELDS[name], text)
    if name.endswith("_at") or name == "at":
        try:
            return format_moment(datetime.fromisoformat(text))
        except ValueError:
            return text
    return text


def flat(values: Mapping[str, Any]) -> Iterator[Line]:
    """Every answer of a JSON value, with its question."""
    for name, value in values.items():
        text = answer(name, value)
        if text:
            yield label(name), text


def section(key: str, answers: Mapping[str, Any]) -> tuple[str, tuple[Line, ...]]:
    """A section of the record or of a journey's facts: its title, and every answer of it."""
    known = _SECTIONS.get(key)
    if known is None:
        return label(key), tuple(flat(answers))
    lines = [(one.label, one.text) for one in entries(known.fields, dict(answers))]
    asked = {name for one in known.fields for name in (one.key, f"{one.key}_detail")}
    lines += flat({name: value for name, value in answers.items() if name not in asked})
    return known.title, tuple(lines)


def paper_kind(kind: str) -> str:
    """What kind of photo or paper it is."""
    return dict(PAPER_KINDS).get(kind, label(kind))
