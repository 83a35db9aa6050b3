"""Who a resident is and what a file says of them, put together with what the record has.

An empty cell takes nothing away, an allergy that the record has is never dropped, and a name that differs
only in capitals or accents is left as the home wrote it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from redbag.domain.errors import Invalid
from redbag.domain.identity import IDENTITY
from redbag.domain.import_medicines import Change
from redbag.domain.import_rows import Row
from redbag.domain.london_time import format_day
from redbag.domain.name_words import fold
from redbag.domain.nhs_number import format_334
from redbag.domain.record import ALLERGY_STATUS, HISTORY, Kind, Values

NOT_RECORDED = "not recorded"
_SHORT_STATUS = {"none_known": "No known allergies", "not_known": "Not known"}
_QUESTIONS = {question.key: question for question in IDENTITY}


def identity_of(row: Row, before: Values | None) -> tuple[Values, tuple[Change, ...]]:
    """The answers to IDENTITY as their form would send them, and what changes in them.

    `before`: as they stand, None for somebody new; then everything beside name, birth and number counts.
    """
    person = row.person
    given = {key: value for key, value in row.values.items() if key in _QUESTIONS}
    given |= {"given_name": person.given_name, "family_name": person.family_name}
    given["nhs_number"] = person.nhs_number
    if before is None:
        number = [] if person.nhs_number else ["yes"]
        told = [
            Change(_QUESTIONS[key].label, NOT_RECORDED, _shown(key, value))
            for key, value in row.values.items()
            if key in _QUESTIONS
        ]
        return {**given, "date_of_birth": person.born, "nhs_not_known": number}, tuple(told)
    given = {key: value for key, value in given.items() if value and not _same(key, before.get(key), value)}
    typed = {**before, **given}
    typed["nhs_not_known"] = [] if typed.get("nhs_number") else ["yes"]
    changes = [
        Change(_QUESTIONS[key].label, _shown(key, before.get(key)), _shown(key, value))
        for key, value in given.items()
    ]
    return typed, tuple(changes)


def _same(key: str, before: Any, after: Any) -> bool:
    if key.endswith("_name"):
        return fold(str(before or "")) == fold(str(after))
    return str(before or "") == str(after)


def _shown(key: str, value: Any) -> str:
    if not value:
        return "not known" if key == "nhs_number" else NOT_RECORDED
    if key == "nhs_number":
        return format_334(str(value))
    if _QUESTIONS[key].kind is Kind.DATE:
        return format_day(date.fromisoformat(str(value)))
    return str(value)


def sections_of(row: Row, standing: dict[str, Values]) -> tuple[dict[str, Values], tuple[Change, ...]]:
    """The sections that change, each with all its answers, and what changes in them.

    Raises Invalid where the file and the record contradict each other about allergies.
    """
    found: dict[str, Values] = {}
    changes: list[Change] = []
    if "allergies" in row.values:
        before = standing.get("alerts", {})
        after = _with_allergies(before, row.values["allergies"])
        if after is not None:
            found["alerts"] = after
            changes.append(Change("Allergies", words(_told(before)), words(_told(after))))
    conditions = row.values.get("conditions")
    before = standing.get("history", {})
    if conditions and conditions != before.get("conditions"):
        found["history"] = {**before, "conditions": conditions}
        label = HISTORY.field("conditions").label
        changes.append(Change(label, str(before.get("conditions") or NOT_RECORDED), conditions))
    return found, tuple(changes)


def _told(answers: Values) -> dict[str, Any]:
    return {"status": answers.get("allergy_status"), "rows": answers.get("allergies") or []}


def words(told: Any) -> str:
    """Allergies in one line; anything else as text. Nothing reads "not recorded"."""
    if not isinstance(told, dict):
        return str(told or "")
    if told["rows"]:
        return "; ".join(_allergy(row) for row in told["rows"])
    status = told["status"]
    if not status:
        return NOT_RECORDED
    return _SHORT_STATUS.get(status) or dict(ALLERGY_STATUS).get(status, NOT_RECORDED)


def _allergy(row: dict[str, str]) -> str:
    return f"{row['substance']}: {row['reaction']}" if row.get("reaction") else row["substance"]


def _with_allergies(before: Values, told: dict[str, Any]) -> Values | None:
    """The answers with what the file says of allergies, or None where that adds nothing."""
    status, rows = before.get("allergy_status"), before.get("allergies") or []
    if told["status"] != "allergies":
        return _with_statement(before, told["status"], status, rows)
    kept = [dict(row) for row in rows]
    by_name = {fold(row["substance"]).strip(): row for row in kept}
    for row in told["rows"]:
        known = by_name.get(fold(row["substance"]).strip())
        if known is None:
            kept.append(dict(row))
        elif not known.get("reaction") and row.get("reaction"):
            known["reaction"] = row["reaction"]
        elif row.get("reaction") and fold(known["reaction"]) != fold(row["reaction"]):
            raise Invalid(
                {
                    "allergies": f"The record says “{known['substance']}: {known['reaction']}”. "
                    "Settle it in Red Bag, and write the same here or leave the reaction out."
                }
            )
    if kept == rows and status == "allergies":
        return None
    return {**before, "allergy_status": "allergies", "allergies": kept}


def _with_statement(before: Values, said: str, status: Any, rows: list[Any]) -> Values | None:
    if said == status or (said == "not_known" and (status or rows)):
        return None
    if said == "none_known" and (rows or status == "allergies"):
        raise Invalid({"allergies": f"The record has an allergy: {words(_told(before))}. Which is right?"})
    return {**before, "allergy_status": said}
