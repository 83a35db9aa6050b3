"""The questions asked about one standing medicine (domain: medicines), and how answers become a line.

The text stays what was written on the MAR; a code is welcome beside it and never a condition.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from redbag.domain.errors import Invalid
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.record import Field, Kind, Values

MARKS: tuple[tuple[str, str], ...] = (
    ("time_critical", "Time-critical: a late or missed dose does harm"),
    ("controlled", "Controlled drug"),
    ("as_needed", "As needed (PRN)"),
)

MEDICINE: tuple[Field, ...] = (
    Field(
        "name",
        "Medicine",
        hint="As it is written on the MAR",
        longest=300,
        required="Write the medicine’s name.",
    ),
    Field("strength", "Strength", hint="For example 500 mg", longest=120),
    Field("form", "Form", hint="For example tablets, patch, liquid", longest=120),
    Field("dose", "Dose", hint="For example 2 tablets, 10 units", longest=200),
    Field("route", "Route", hint="For example by mouth, on the skin", longest=80),
    Field("frequency", "How often", hint="For example twice a day, every 72 hours", longest=200),
    Field("times", "Times", hint="For example 08:00, 20:00", longest=200),
    Field("indication", "What it is for", longest=300),
    Field("marks", "Tick what applies", Kind.CHOICES, MARKS),
    Field(
        "as_needed_rules",
        "Rules for “as needed”",
        hint="When to give it, the most in 24 hours, how far apart",
        longest=500,
    ),
    Field(
        "high_risk",
        "Is it one of these?",
        Kind.CHOICES,
        tuple((kind.value, kind.label) for kind in HighRisk),
        hint="Tick every one that fits. Its last dose is then always asked for by itself.",
    ),
    Field(
        "allergy_conflict",
        "Allergy conflict",
        hint="If it is given in spite of an allergy: who decided, and why",
        longest=300,
    ),
    Field("started_on", "Started on", Kind.DATE),
    Field("review_on", "Review or stop date", Kind.DATE),
    Field(
        "paused_until",
        "Paused until",
        hint="Only while it is paused: until when, and who decides",
        longest=200,
    ),
    Field("code", "dm+d code", hint="Only if you have it", longest=40),
)

STOPPING: tuple[Field, ...] = (
    Field("stopped_on", "On which day", Kind.DATE, required="Write the day on which it was stopped."),
    Field(
        "stopped_why",
        "Why, and who decided",
        longest=300,
        required="Say why it was stopped, and who decided.",
    ),
)

_TEXTS = tuple(q.key for q in MEDICINE if q.kind is Kind.TEXT)
_DAYS = ("started_on", "review_on")
_LONGEST_KINDS = 40
LOOKED_AT = "-"
"""Stands among the kinds once a person has answered what the name suggests, be it "none of these"."""
COLUMNS = (*_TEXTS, *_DAYS, *(mark for mark, _ in MARKS), "high_risk", "code_system")


def checked(typed: Values) -> dict[str, Any]:
    """The answers to MEDICINE as the columns of a medicine. Raises Invalid.

    A mark that is not ticked means no: the whole row of marks stands before the person who types.
    """
    kept: dict[str, Any] = {key: typed.get(key) or "" for key in _TEXTS}
    for key in _DAYS:
        kept[key] = date.fromisoformat(typed[key]) if typed.get(key) else None
    marks = typed.get("marks") or []
    kept |= {mark: mark in marks for mark, _ in MARKS}
    kept["high_risk"] = kinds_text(typed.get("high_risk") or [])
    kept["code_system"] = "dm+d" if kept["code"] else ""
    errors = {}
    if kept["started_on"] and kept["review_on"] and kept["review_on"] < kept["started_on"]:
        errors["review_on"] = "The review is before the start. Check both dates."
    if kept["as_needed_rules"] and not kept["as_needed"]:
        errors["marks"] = "You wrote rules for “as needed”: tick “As needed” too, or take the rules out."
    if len(kept["high_risk"]) > _LONGEST_KINDS:
        errors["high_risk"] = "No medicine is all of these. Tick only what fits."
    if errors:
        raise Invalid(errors)
    return kept


def as_typed(kept: dict[str, Any]) -> Values:
    """The columns of a medicine as the form shows them."""
    shown = {key: kept[key] for key in (*_TEXTS, *_DAYS)}
    shown["marks"] = [mark for mark, _ in MARKS if kept[mark]]
    shown["high_risk"] = [part for part in str(kept["high_risk"]).split(",") if part and part != LOOKED_AT]
    return shown


def kinds_text(kinds: list[str]) -> str:
    """High-risk kinds as one column keeps them, in the order of HighRisk: "opioid,patch"."""
    return ",".join(kind.value for kind in HighRisk if kind.value in kinds)


def looked_at(kinds: str) -> str:
    """The kinds with the mark that a person has answered what the name suggests; as they are where the
    column is full, which only costs the question once more."""
    marked = ",".join(part for part in (kinds, LOOKED_AT) if part)
    return marked if len(marked) <= _LONGEST_KINDS else kinds


def check_stopping(typed: Values, started: date | None, today: date) -> tuple[date, str]:
    """The day and the reason of stopping. Raises Invalid."""
    day = date.fromisoformat(typed["stopped_on"])
    if day > today:
        raise Invalid({"stopped_on": "This day is in the future. Stop it when it has happened."})
    if started and day < started:
        raise Invalid({"stopped_on": "This is before it was started. Check both dates."})
    return day, str(typed["stopped_why"])
