"""Which line of a resident's list a medicine of the file is: added, changed, or there already.

The text decides, as it is written. A medicine that the list may have in other words, or that was stopped,
is asked about and never added twice in silence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from redbag.domain import medicine_fields
from redbag.domain.errors import Invalid
from redbag.domain.import_columns import MEDICINE_COLUMNS
from redbag.domain.import_rows import Fault, Row
from redbag.domain.london_time import format_day
from redbag.domain.medicine_fields import MARKS
from redbag.domain.medicine_line import Line
from redbag.domain.medicine_pairing import Link, link
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.name_words import fold
from redbag.domain.record import Values

_HEADINGS = {column.key: column.heading for column in MEDICINE_COLUMNS}
_MARKS = tuple(mark for mark, _ in MARKS)
_DAYS = ("started_on", "review_on")
_DIRECTIONS = ("dose", "route", "frequency", "times")
_ALIKE = frozenset({Link.CODE, Link.SAME, Link.INGREDIENT, Link.ASK})
_SAME = frozenset({Link.CODE, Link.SAME})


@dataclass(frozen=True)
class Change:
    """One answer, as it stands and as it would be. What was not recorded reads so."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Doubt:
    """Something that a person has to confirm before anything is brought in."""

    key: str
    words: str


@dataclass(frozen=True)
class Standing:
    """A medicine of the record: its answers as its form gives them. `stopped`: when and why, else ""."""

    ref: str
    typed: Values
    stopped: str = ""

    @property
    def line(self) -> Line:
        return line_of(self.typed)


@dataclass(frozen=True)
class Brought:
    """A medicine to be added (no `ref`) or changed, as its form would send it."""

    ref: str
    row: int
    title: str
    directions: str
    typed: Values
    changes: tuple[Change, ...] = ()


@dataclass
class Outcome:
    """What the rows of one resident come to."""

    brought: list[Brought] = field(default_factory=list)
    unchanged: int = 0
    not_in_file: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def line_of(typed: Values) -> Line:
    """The medicine as the rules for lists read it."""

    def text(key: str) -> str:
        return str(typed.get(key) or "")

    return Line(
        name=text("name"),
        form=text("form"),
        strength=text("strength"),
        dose=text("dose"),
        route=text("route"),
        frequency=text("frequency"),
        code=text("code") or None,
    )


def compare(rows: Sequence[Row], standing: Sequence[Standing]) -> Outcome:
    """Every row of one resident against their list."""
    outcome = Outcome()
    current = [medicine for medicine in standing if not medicine.stopped]
    pairs, new = _matched(rows, current, outcome.faults)
    for row, medicine in pairs:
        _take(row, medicine, outcome)
    paired = {medicine.ref for _, medicine in pairs}
    others = [medicine for medicine in current if medicine.ref not in paired]
    outcome.not_in_file = [medicine.line.title for medicine in others]
    stopped = [medicine for medicine in standing if medicine.stopped]
    for row in new:
        _take(row, None, outcome)
        outcome.doubts += _doubts(row, others, stopped)
    return outcome


_Pairs = list[tuple[Row, Standing]]


def _matched(
    rows: Sequence[Row], current: Sequence[Standing], faults: list[Fault]
) -> tuple[_Pairs, list[Row]]:
    """Rows with the line that they are, and rows that are new, in the file's order."""
    by_text: defaultdict[tuple[str, ...], list[Standing]] = defaultdict(list)
    for medicine in current:
        by_text[_text(medicine.typed)].append(medicine)
    groups: defaultdict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[_text(row.values)].append(row)
    pairs: _Pairs = []
    new: list[Row] = []
    for text, group in groups.items():
        pairs += _by_directions(group, by_text[text])
        done = {row.number for row, _ in pairs}
        used = {medicine.ref for _, medicine in pairs}
        left = [row for row in group if row.number not in done]
        free = [medicine for medicine in by_text[text] if medicine.ref not in used]
        if not free:
            new += left
        elif len(left) == 1 and len(free) == 1:
            pairs.append((left[0], free[0]))
        else:
            faults += [_several(row, by_text[text]) for row in left]
    return pairs, sorted(new, key=lambda row: row.number)


def _by_directions(rows: Sequence[Row], standing: Sequence[Standing]) -> _Pairs:
    """Of several lines of one medicine, those that agree in every direction that the row gives."""
    pairs: _Pairs = []
    free = list(standing)
    for row in rows:
        given = [key for key in _DIRECTIONS if key in row.values]
        fitting = [m for m in free if all(_plain(m.typed.get(k)) == _plain(row.values[k]) for k in given)]
        if len(fitting) == 1:
            pairs.append((row, fitting[0]))
            free.remove(fitting[0])
    return pairs


def _several(row: Row, standing: Sequence[Standing]) -> Fault:
    lines = "; ".join(f"{m.line.title}, {directions(m.typed) or 'no directions'}" for m in standing)
    return row.fault(
        _HEADINGS["name"],
        str(row.values["name"]),
        f"Red Bag has this more than once, or the file has: {lines}. Which line it is cannot be told: "
        "change it in Red Bag, and take the row out.",
    )


def _take(row: Row, medicine: Standing | None, outcome: Outcome) -> None:
    before = dict(medicine.typed) if medicine else {}
    typed = merged(before, row.values)
    try:
        medicine_fields.checked(typed)
    except Invalid as problem:
        outcome.faults += [_fault(row, key, message) for key, message in problem.errors.items()]
        return
    changes = _changes(before, typed, row.values) if medicine else ()
    if medicine and not changes:
        outcome.unchanged += 1
        return
    title, ref = line_of(typed).title, medicine.ref if medicine else ""
    outcome.brought.append(Brought(ref, row.number, title, directions(typed), typed, changes))


def _fault(row: Row, key: str, message: str) -> Fault:
    key = "as_needed_rules" if key == "marks" else key
    return row.fault(_HEADINGS.get(key, "Whole row"), str(row.values.get(key, "")), message)


def merged(before: Values, values: dict[str, Any]) -> Values:
    """The answers as they stand, with what the row gives. A cell that is empty takes nothing away."""
    typed = before | {key: value for key, value in values.items() if key not in (*_MARKS, "high_risk")}
    marks = set(before.get("marks") or [])
    for mark in _MARKS:
        if mark in values:
            marks = marks | {mark} if values[mark] else marks - {mark}
    typed["marks"] = [mark for mark in _MARKS if mark in marks]
    kinds = {*(before.get("high_risk") or []), *values.get("high_risk", [])}
    typed["high_risk"] = [kind.value for kind in HighRisk if kind.value in kinds]
    return typed


def _changes(before: Values, after: Values, values: dict[str, Any]) -> tuple[Change, ...]:
    found = []
    for key in values:
        if key in _MARKS:
            one, other = (_yes_no(key in (side.get("marks") or [])) for side in (before, after))
        else:
            one, other = (_words(key, side.get(key)) for side in (before, after))
        if one != other:
            found.append(Change(_HEADINGS[key], one, other))
    return tuple(found)


def _yes_no(ticked: bool) -> str:
    return "yes" if ticked else "no"


def _words(key: str, value: Any) -> str:
    if not value:
        return "not recorded"
    if key in _DAYS:
        return format_day(date.fromisoformat(str(value)))
    if key == "high_risk":
        return ", ".join(HighRisk(kind).label for kind in value)
    return str(value)


def directions(typed: Values) -> str:
    """Dose, route, how often and times in one line."""
    return ", ".join(str(typed[key]) for key in _DIRECTIONS if typed.get(key))


def _doubts(row: Row, others: Iterable[Standing], stopped: Iterable[Standing]) -> list[Doubt]:
    line = line_of(row.values)
    doubts = []
    for medicine in others:
        how, why = link(line, medicine.line)
        if how in _ALIKE:
            there = f"{medicine.line.title}, {directions(medicine.typed) or 'no directions'}"
            because = f" {why}" if how is Link.ASK else ""
            words = f"{line.title} is given as well as {there}, which is on the list already.{because}"
            doubts.append(Doubt(f"m{row.number}-{medicine.ref}", words))
    for medicine in stopped:
        if link(line, medicine.line)[0] in _SAME:
            words = f"{line.title} is given again. On the list it is: {medicine.stopped}"
            doubts.append(Doubt(f"m{row.number}-{medicine.ref}", words))
    return doubts


def _text(typed: Values) -> tuple[str, ...]:
    """What makes two lines the same text: name, strength and form, without case and spare spaces."""
    return tuple(_plain(typed.get(key)) for key in ("name", "strength", "form"))


def _plain(value: object) -> str:
    return " ".join(fold(str(value or "")).split())
