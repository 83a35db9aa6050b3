"""What was typed, checked against the table of questions: answers, or a sentence beside each field.

Everything typed comes as text by field name, several under one name for tick boxes. A blank is no
answer (None); it is never turned into "no".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from redbag.domain.errors import Invalid
from redbag.domain.london_time import from_london
from redbag.domain.record import Field, Kind, Values
from redbag.domain.typed_moment import impossible

GetAll = Callable[[str], Sequence[str]]
MOST_ROWS = 40
DAY_BOXES = ("day", "month", "year")
# As people write a number: float() also reads 1_8 and 1e1, which are slips of the finger.
_DECIMAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)", re.ASCII)
UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
"""Controls, and what cannot be seen but changes the order of what can, or hides a name from a search. The two
joiners (200C, 200D) stay: scripts and pictures are written with them."""


class Typed:
    """A form as it was sent. `first` gives one field's text, trimmed, without control characters."""

    def __init__(self, get_all: GetAll) -> None:
        self.all = get_all

    def first(self, name: str) -> str:
        found = self.all(name)
        return UNSEEN.sub("", found[0].replace("\r\n", "\n")).strip() if found else ""


def read(questions: Iterable[Field], get_all: GetAll) -> Values:
    """The answers to `questions`. Raises Invalid with a sentence for each field that cannot be kept."""
    typed = Typed(get_all)
    values: Values = {}
    errors: dict[str, str] = {}
    for question in questions:
        try:
            values[question.key] = _one(question, question.key, typed)
        except ValueError as problem:
            errors[question.key] = str(problem)
        except Invalid as problems:
            errors.update(problems.errors)
        if question.detail:
            key = f"{question.key}_detail"
            values[key] = typed.first(key) or None
            if len(values[key] or "") > question.longest:
                errors[key] = f"Use at most {question.longest} characters."
        if question.required and values.get(question.key) in (None, [], ""):
            errors.setdefault(question.key, question.required)
    if errors:
        raise Invalid(errors)
    return values


def _one(question: Field, name: str, typed: Typed) -> Any:
    match question.kind:
        case Kind.TEXT | Kind.LONG_TEXT:
            return _text(question, typed.first(name))
        case Kind.CHOICE | Kind.YES_NO:
            return _choice(question, typed.first(name))
        case Kind.CHOICES:
            picked = [value for value in typed.all(name) if value in dict(question.choices)]
            return picked or None
        case Kind.NUMBER:
            return _number(question, typed.first(name))
        case Kind.DATE:
            return _date(name, typed)
        case Kind.MOMENT:
            return _moment(name, typed)
        case Kind.ROWS:
            return _rows(question, typed)


def _text(question: Field, text: str) -> str | None:
    if len(text) > question.longest:
        raise ValueError(
            f"{question.label}: use at most {question.longest:,} characters (now {len(text):,})."
        )
    if question.clock and (problem := impossible(text)):
        raise ValueError(problem)
    return text or None


def _choice(question: Field, text: str) -> str | None:
    if text and text not in dict(question.choices):
        raise ValueError(f"{question.label}: choose one of the answers.")
    return text or None


def _number(question: Field, text: str) -> float | int | None:
    if not text:
        return None
    if not _DECIMAL.fullmatch(written := text.replace(",", ".")):
        raise ValueError(f"{question.label}: write a number.")
    number = float(written)
    unit = f" {question.unit}" if question.unit else ""
    low, high = question.least, question.most
    if not _within(number, low, high):
        raise ValueError(
            f"{question.label}: must be between {_plain(low)} and {_plain(high)}{unit}. Check the number."
        )
    if question.whole and not number.is_integer():
        raise ValueError(f"{question.label}: write a whole number, without decimals.")
    return int(number) if number.is_integer() else number


def _within(number: float, low: float | None, high: float | None) -> bool:
    """False for a number that is not one (nan) or is endless, as well as for one out of range."""
    return abs(number) < float("inf") and (low is None or number >= low) and (high is None or number <= high)


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def parse_date(text: str) -> date:
    """A day as people write it: 3/4/1938, 3.4.26, 2026-04-03. Two-digit years up to 49 are 20xx.

    Raises ValueError with a sentence.
    """
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    if iso:
        year, month, day = (int(part) for part in iso.groups())
    else:
        parts = re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{2}|\d{4})", text)
        if not parts:
            raise ValueError("Write the date as day, month and year, for example 3 11 1938.")
        day, month, year = (int(part) for part in parts.groups())
        if len(parts.group(3)) == 2:
            year += 2000 if year < 50 else 1900
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("There is no such day. Check the date.") from None


def _date(name: str, typed: Typed) -> str | None:
    """ISO text. Three boxes (name-day, name-month, name-year), or one field as a whole."""
    text = typed.first(name) or typed_day(name, typed.first)
    return parse_date(text).isoformat() if text else None


_CLOCK = re.compile(r"(\d{1,2})(?:[:.,h ]?([0-5]\d)(?::[0-5]\d)?)?(?: ?([ap])\.?m\.?)?", re.IGNORECASE)


def parse_time(text: str) -> time:
    """A clock time as people write it: 14:20, 1420, 14.20, 9:05, 2.20pm, 2 pm. Raises ValueError.

    A single figure ("9") is refused without am or pm: it could be morning or evening.
    """
    parts = _CLOCK.fullmatch(text)
    hours = _hours(int(parts[1]), (parts[3] or "").lower()) if parts and (parts[2] or parts[3]) else None
    if parts is None or hours is None:
        raise ValueError("Write the time with four figures, for example 03:10 or 14:20.")
    return time(hours, int(parts[2] or 0))


def _hours(written: int, half: str) -> int | None:
    """Hours of the day; `half`: "a" or "p" of am and pm, "" where none is written. None: no such hour."""
    if not half or (half == "p" and written >= 12):
        return written if written < 24 else None
    if not 1 <= written <= 12:
        return None
    return written % 12 + (12 if half == "p" else 0)


def moment_from(day: str, clock: str) -> datetime:
    """The UTC instant of a London day and clock time, both as typed. Raises ValueError with a sentence."""
    return from_london(parse_date(day), parse_time(clock))


def typed_day(name: str, first: Callable[[str], str]) -> str:
    """What stands in the three boxes of a day, as one text with slashes; "" where all are empty."""
    parts = [first(f"{name}-{part}") for part in DAY_BOXES]
    return "/".join(parts) if any(parts) else ""


def _moment(name: str, typed: Typed) -> datetime | None:
    """A UTC instant from the three boxes of a London day and the box of its clock time."""
    day, clock = typed_day(name, typed.first), typed.first(f"{name}-time")
    if not day and not clock:
        return None
    if not day or not clock:
        raise ValueError("Give both the day and the time.")
    return moment_from(day, clock)


def _rows(question: Field, typed: Typed) -> list[Values] | None:
    rows: list[Values] = []
    errors: dict[str, str] = {}
    for index in range(MOST_ROWS):
        row: Values = {}
        for column in question.columns:
            name = f"{question.key}-{index}-{column.key}"
            try:
                row[column.key] = _one(column, name, typed)
            except ValueError as problem:
                errors[name] = str(problem)
        if any(value not in (None, []) for value in row.values()):
            rows.append(row)
            errors |= _blanks(question, index, row, errors)
    if errors:
        raise Invalid(errors)
    return rows or None


def _blanks(question: Field, index: int, row: Values, wrong: Mapping[str, str]) -> dict[str, str]:
    """What a row that is filled in must say and does not."""
    names = {column: f"{question.key}-{index}-{column.key}" for column in question.columns if column.required}
    return {
        name: column.required
        for column, name in names.items()
        if name not in wrong and row.get(column.key) in (None, [], "")
    }


def filled_rows(question: Field, get_all: GetAll) -> list[int]:
    """Where on the page the rows stand that were read: blank ones between them are left out of the answer.

    For a form whose rows can all be kept. The third answer stands in the row that the third number names.
    """
    typed = Typed(get_all)
    return [
        index
        for index in range(MOST_ROWS)
        if any(
            _one(column, f"{question.key}-{index}-{column.key}", typed) not in (None, [])
            for column in question.columns
        )
    ]
