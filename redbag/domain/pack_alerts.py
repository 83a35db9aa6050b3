"""Which alerts a person's record, medicines and day give rise to (domain: what a pack holds, alerts).

Red is for what can harm this person now; what was never recorded is said, because it is not "no".
"""

from __future__ import annotations

from datetime import date

from redbag.domain.london_time import format_day
from redbag.domain.pack import Alert, Resuscitation
from redbag.domain.record import ALERTS, Kind, Values, choice_label

_CPR_WORDS = {
    "attempt": "Attempt CPR",
    "not_recommended": "CPR not recommended",
    "none_known": "No CPR decision known",
}

WHICH_INFECTION = "The home has not recorded which: ring the home"

# Each: field, level when "yes", title. The detail typed beside it becomes the text.
_YES_ALERTS: tuple[tuple[str, str, str], ...] = (
    ("choking", "danger", "Choking or swallowing risk"),
    ("anticoagulant", "danger", "Takes an anticoagulant"),
    ("refuses_blood", "danger", "Refuses blood products"),
    ("oxygen", "caution", "Oxygen at home"),
    ("implant", "caution", "Pacemaker or implant"),
    ("falls", "caution", "Falls risk"),
    ("wandering", "caution", "Walks off or becomes distressed"),
)


def dates_in_words(alerts: Values) -> dict[str, str]:
    """The dates among the alerts, as words, by field (and by row and column for infections)."""
    found = {}
    for question in ALERTS.fields:
        if question.kind is Kind.DATE and alerts.get(question.key):
            found[question.key] = format_day(date.fromisoformat(alerts[question.key]))
    for index, row in enumerate(alerts.get("infections") or []):
        if row.get("date"):
            found[f"infections.{index}.date"] = format_day(date.fromisoformat(row["date"]))
    return found


def resuscitation(alerts: Values, day_words: dict[str, str], limits: str = "") -> Resuscitation:
    """The CPR decision in words. `day_words` gives the recorded dates as words, by field; `limits` the
    treatment limits, as they stand among the wishes."""
    decision = str(alerts.get("cpr_decision") or "")
    if not decision:
        return Resuscitation("", "CPR decision not recorded", "Ring the home if it matters now", "", limits)
    form = choice_label(ALERTS.field("cpr_form"), alerts["cpr_form"]) if alerts.get("cpr_form") else ""
    parts = [form, day_words.get("cpr_date", "")]
    if alerts.get("cpr_clinician"):
        parts.append(f"signed by {alerts['cpr_clinician']}")
    if alerts.get("cpr_review_date"):
        parts.append(f"review {day_words.get('cpr_review_date', '')}")
    if decision == "not_recommended" and not form:
        parts.append("form not recorded")
    original = str(alerts.get("cpr_original") or "")
    if decision == "not_recommended" and not original:
        original = "Not recorded where the signed original is"
    return Resuscitation(decision, _CPR_WORDS[decision], ", ".join(p for p in parts if p), original, limits)


def allergy_alert(alerts: Values) -> Alert:
    """Allergies: recorded, none known, not known, and not recorded are four different answers."""
    rows = [row for row in alerts.get("allergies") or [] if row.get("substance")]
    status = alerts.get("allergy_status")
    if rows:
        text = "; ".join(
            row["substance"]
            + (f" ({row['reaction']})" if row.get("reaction") else " (reaction not recorded)")
            for row in rows
        )
        return Alert("allergies", "danger", "Allergies and reactions", text)
    if status == "allergies":
        return Alert(
            "allergies", "danger", "Has allergies", "The home has not recorded to what: ring the home"
        )
    if status == "none_known":
        return Alert("allergies", "calm", "No known allergies", "")
    if status == "not_known":
        return Alert("allergies", "missing", "Allergies not known", "The home asked and nobody could say")
    return Alert(
        "allergies", "missing", "Allergies not recorded", "Not the same as none: ask before you give"
    )


def alerts_for(
    alerts: Values,
    time_critical: tuple[str, ...],
    insulin: bool,
    day_words: dict[str, str],
    *,
    infection_told: bool = False,
) -> tuple[Alert, ...]:
    """Every alert, most dangerous first.

    `time_critical`: one line for each time-critical medicine. `insulin`: the list holds one.
    `infection_told`: the home said at the handover that it had told the crew of an infection.
    """
    found = [allergy_alert(alerts)]
    if alerts.get("adrt") == "yes":
        found.append(
            Alert(
                "adrt",
                "danger",
                "Advance decision to refuse treatment",
                _detail(alerts, "adrt") or "Stands on its own beside CPR: read the paper",
            )
        )
    if time_critical:
        found.append(Alert("time_critical", "danger", "Time-critical medicine", "; ".join(time_critical)))
    found += _infection_alerts(alerts, day_words, infection_told)
    diabetes = alerts.get("diabetes")
    if insulin or diabetes == "insulin":
        found.append(Alert("diabetes", "danger", "Diabetes: takes insulin", ""))
    elif diabetes in ("diet", "tablets"):
        found.append(
            Alert("diabetes", "caution", "Diabetes", choice_label(ALERTS.field("diabetes"), diabetes))
        )
    for key, level, title in _YES_ALERTS:
        if alerts.get(key) == "yes":
            found.append(Alert(key, level, title, _detail(alerts, key)))
    if alerts.get("dols") == "yes":
        text = ". ".join(p for p in (_detail(alerts, "dols"), "Does not cover the hospital") if p)
        found.append(Alert("dols", "caution", "Deprivation of liberty authorisation at the home", text))
    if alerts.get("ring_first") == "yes":
        found.append(Alert("ring_first", "danger", "Ring the home before sharing or discharge", ""))
    rank = {"danger": 0, "missing": 1, "caution": 2, "calm": 3}
    # Allergies stay first whatever their level: it is what every reader looks for.
    return (found[0], *sorted(found[1:], key=lambda a: rank[a.level]))


def _detail(alerts: Values, key: str) -> str:
    return str(alerts.get(f"{key}_detail") or "")


def _infection_alerts(alerts: Values, day_words: dict[str, str], told: bool) -> list[Alert]:
    """Each infection listed; else what is said instead of a list, which is never silence."""
    listed = _infections(alerts, day_words)
    said = alerts.get("infection")
    if listed:
        return [Alert("infection", "danger", "Infection risk", text) for text in listed]
    if told:
        text = "Not recorded which: ring the home"
        return [Alert("infection", "danger", "Infection: the crew was told of one", text)]
    if said == "yes":
        return [Alert("infection", "danger", "Infection risk", WHICH_INFECTION)]
    if said == "not_known":
        return [
            Alert("infection", "missing", "Infection risk not known", "The home asked and nobody could say")
        ]
    if said == "no":
        return []
    return [
        Alert("infection", "missing", "Infection risk not recorded", "Not the same as none: ask the home")
    ]


def _infections(alerts: Values, day_words: dict[str, str]) -> list[str]:
    column = ALERTS.field("infections").columns[0]
    lines = []
    for index, row in enumerate(alerts.get("infections") or []):
        kind = choice_label(column, row["kind"]) if row.get("kind") else "Infection"
        when = day_words.get(f"infections.{index}.date", "date not recorded")
        note = f": {row['note']}" if row.get("note") else ""
        lines.append(f"{kind} ({when}){note}")
    return lines
