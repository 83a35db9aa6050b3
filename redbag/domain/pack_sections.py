"""Answers to words: a section of the record, or of today's facts, as the entries a reader sees."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from redbag.domain.london_time import format_day, format_moment
from redbag.domain.pack import NOT_RECORDED, Entry
from redbag.domain.record import ALERTS, CARE_ACTIVITIES, YES_NO, Field, Kind, Values, choice_label
from redbag.domain.todays_facts import TODAY

NOT_ASSESSED = "Not assessed for any of these"


def words(question: Field, value: object) -> str:
    """One answer in words; "" where there is none."""
    if value in (None, "", []):
        return ""
    match question.kind:
        case Kind.CHOICE | Kind.YES_NO:
            return choice_label(question, value)
        case Kind.CHOICES:
            assert isinstance(value, list)  # noqa: S101 - answers.read gives lists for these
            return ", ".join(choice_label(question, v) for v in value)
        case Kind.DATE:
            return format_day(value if isinstance(value, date) else date.fromisoformat(str(value)))
        case Kind.MOMENT:
            return format_moment(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))
        case Kind.NUMBER:
            # "Breaths a minute: 22" has said its unit.
            unit = "" if question.label.endswith(question.unit) else question.unit
            return f"{value:g} {unit}".strip() if isinstance(value, int | float) else str(value)
        case Kind.ROWS:
            assert isinstance(value, list)  # noqa: S101 - as above
            return "\n".join(_row(question, row) for row in value)
        case _:
            return f"{value} {question.unit}".strip()


def _row(question: Field, row: Values) -> str:
    parts = []
    for column in question.columns:
        text = words(column, row.get(column.key))
        if text:
            # "Yes" alone says nothing in the middle of a line.
            parts.append(f"{column.label.lower()}: {text.lower()}" if column.choices == YES_NO else text)
    return ", ".join(parts)


def entry(question: Field, answers: Values, *, keep_blank: bool = False) -> Entry | None:
    """One question and its answer with the detail beside it; None for a blank, unless it is kept."""
    text = words(question, answers.get(question.key))
    detail = str(answers.get(f"{question.key}_detail") or "") if question.detail else ""
    text = ": ".join(part for part in (text, detail) if part)
    if not text:
        return Entry(question.label, NOT_RECORDED, known=False, key=question.key) if keep_blank else None
    return Entry(question.label, text, key=question.key)


def entries(questions: Iterable[Field], answers: Values, *, keep_blank: bool = False) -> tuple[Entry, ...]:
    """Every question that has an answer (or every question) as an entry."""
    found = (entry(question, answers, keep_blank=keep_blank) for question in questions)
    return tuple(e for e in found if e is not None)


def alert_entries(answers: Values) -> tuple[Entry, ...]:
    """Every alert question; a blank is "not recorded", unless another answer leaves nothing to ask."""
    found = entries(ALERTS.fields, answers, keep_blank=True)
    return tuple(e for e in found if e.known or not _needless(e.key, answers))


_SAID_BY = {"allergies": "allergy_status", "infections": "infection"}
"""Lists, each with the question that says whether there is anything to list."""


def _needless(key: str, answers: Values) -> bool:
    if key in ("allergies", "infections"):
        return answers.get(_SAID_BY[key]) not in ("allergies", "yes")
    if key in ("allergy_status", "infection"):
        return any(answers.get(rows) for rows, asked in _SAID_BY.items() if asked == key)
    if key.startswith("cpr_") and key != "cpr_decision":
        return answers.get("cpr_decision") != "not_recommended"
    # Nobody is asked for a safeguarding concern: it is said when there is one.
    return key == "ring_first"


def needs_entries(questions: Iterable[Field], usual: Values, today: Values) -> tuple[Entry, ...]:
    """Usual needs, with today's beside them where somebody assessed it; what nobody did is said once.

    Today starts as "not assessed" and is never carried forward.
    """
    activities = {activity.key for activity in CARE_ACTIVITIES}
    found: list[Entry] = []
    unseen: list[str] = []
    for question in questions:
        usual_text = entry(question, usual)
        if question.key not in activities:
            found += [usual_text] if usual_text else []
            continue
        today_text = entry(TODAY.field(question.key), today)
        if today_text is None:
            unseen.append(question.label)
        usually = f"Usually: {usual_text.text}" if usual_text else "Usually: not recorded"
        if today_text:
            found.append(Entry(question.label, f"{usually}. Today: {today_text.text}", key=question.key))
        elif usual_text:
            found.append(Entry(question.label, usually, key=question.key))
        else:
            found.append(Entry(question.label, NOT_RECORDED, known=False, key=question.key))
    if len(unseen) == len(activities):
        return (Entry("Today", NOT_ASSESSED, key="today"), *found)
    if unseen:
        found.append(Entry("Not assessed today", ", ".join(unseen), key="today"))
    return tuple(found)
