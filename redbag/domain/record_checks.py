"""What the answers of one section must hold to together, beyond what each field checks alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from redbag.domain.errors import Invalid
from redbag.domain.medicine_allergies import conflict_words, met
from redbag.domain.medicine_line import Line
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.record import Section, Values
from redbag.domain.reviews import interval

_NOT_IN_THE_FUTURE = {
    "cpr_date": "This day is in the future. Check the date of the decision.",
    "catheter_changed": "This day is in the future. Check the date.",
    "weight_date": "This day is in the future. Check the date.",
    "written_on": "This day is in the future. Check the date.",
}


def checked(typed: Values, today: date) -> Values:
    """The answers as they are kept: only what was answered. Raises Invalid where two contradict."""
    errors: dict[str, str] = {}
    kept = {key: value for key, value in typed.items() if value not in (None, "", [])}
    _check_allergies(kept, errors)
    _check_infections(kept, today, errors)
    for key, sentence in _NOT_IN_THE_FUTURE.items():
        if key in kept and date.fromisoformat(kept[key]) > today:
            errors[key] = sentence
    if kept.get("cpr_date") and kept.get("cpr_review_date", "9999") < kept["cpr_date"]:
        errors["cpr_review_date"] = "The review is before the decision. Check both dates."
    if kept.get("catheter") == "none" and (kept.get("catheter_size") or kept.get("catheter_changed")):
        errors["catheter"] = "You chose no catheter, and gave its size or a day of change. Which is right?"
    if errors:
        raise Invalid(errors)
    return kept


def against_medicines(alerts: Values, medicines: Iterable[Line]) -> tuple[str, ...]:
    """What the alerts and the medicines on the list say against each other, in words; nothing is refused.

    A warfarin that is on the list is given whatever the box says; an allergy recorded after the medicine was
    is nobody's decision yet.
    """
    lines = tuple(medicines)
    found = []
    if alerts.get("anticoagulant") == "no":
        found += [
            f"Anticoagulant: “No” is recorded, yet {line.title} is on the list of medicines. Which is right?"
            for line in lines
            if HighRisk.ANTICOAGULANT in line.kinds_or_suggested()
        ]
    found += [
        f"{line.title}: {words}. Ask the prescriber." for line in lines if (words := _met(alerts, line))
    ]
    return tuple(found)


def _met(alerts: Values, line: Line) -> str:
    known = met(line, [row["substance"] for row in alerts.get("allergies") or [] if row.get("substance")])
    return conflict_words(known) if known else ""


def _check_allergies(kept: Values, errors: dict[str, str]) -> None:
    rows = kept.get("allergies") or []
    if rows and kept.get("allergy_status") == "none_known":
        errors["allergy_status"] = "You chose “no known allergies” and listed one below. Which is right?"
    elif rows and kept.get("allergy_status") != "allergies":
        # A list is an answer of its own: it says that there are allergies.
        kept["allergy_status"] = "allergies"
    for index, row in enumerate(rows):
        if not row.get("substance"):
            errors[f"allergies-{index}-substance"] = "Write what the person reacts to."


def _check_infections(kept: Values, today: date, errors: dict[str, str]) -> None:
    rows = kept.get("infections") or []
    if rows and kept.get("infection") == "no":
        errors["infection"] = "You chose no infection risk and listed one below. Which is right?"
    elif rows:
        kept["infection"] = "yes"
    for index, row in enumerate(rows):
        if row.get("date") and date.fromisoformat(row["date"]) > today:
            errors[f"infections-{index}-date"] = "This day is in the future. Check the date of the infection."


def review_due_on(section: Section, reviewed_on: date, thresholds: dict[str, object]) -> date:
    """The day by which the section is to be looked through again.

    A home sets its own interval in days under `review_days_<section>` of its thresholds.
    """
    return reviewed_on + timedelta(days=interval(section, thresholds))


def changed_fields(section: Section, before: Values, after: Values) -> list[str]:
    """The keys of the answers that differ, in the section's order; a detail counts as its field."""
    keys = []
    for question in section.fields:
        names = (question.key, f"{question.key}_detail")
        if any((before.get(name) or None) != (after.get(name) or None) for name in names):
            keys.append(question.key)
    return keys
