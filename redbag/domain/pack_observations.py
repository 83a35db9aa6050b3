"""Today's observations as a pack says them: what was measured, when, and NEWS2 with its SpO2 scale."""

from __future__ import annotations

from datetime import datetime

from redbag.domain import news2, next_due, typed_moment
from redbag.domain.london_time import format_day, format_moment
from redbag.domain.pack import Entry, ObservationSet
from redbag.domain.pack_sections import entries
from redbag.domain.pack_source import PackSource
from redbag.domain.record import Values
from redbag.domain.todays_facts import OBSERVATIONS


def observed(source: PackSource) -> ObservationSet:
    """Today's observations beside the usual score."""
    answers = source.today("observations")
    person = source.person
    usual = "Usual NEWS2 score not recorded"
    if person.usual_news2 is not None:
        on = f" ({format_day(person.usual_news2_on)})" if person.usual_news2_on else ""
        usual = f"Usual NEWS2 score {person.usual_news2}{on}"
    measured = [answers.get(key) for key in _NEWS2_FIELDS]
    if all(value is None for value in measured):
        return ObservationSet(
            _measured(answers), None, False, "No observations recorded", usual, _taken(answers)
        )
    result = score(answers)
    return ObservationSet(
        entries=_measured(answers),
        news2=result.total,
        news2_complete=result.complete,
        news2_words=result.sentence,
        usual_words=usual,
        taken=_taken(answers),
        scale_words=news2.scale_words(answers.get("spo2_scale")) if answers.get("spo2") is not None else "",
    )


def _measured(answers: Values) -> tuple[Entry, ...]:
    """What was measured; blood pressure as one fact, as it is read: 98/61 mmHg. When stands beside it."""
    found = entries((f for f in OBSERVATIONS.fields if f.key != "taken_at"), answers)
    upper, lower = answers.get("systolic_bp"), answers.get("diastolic_bp")
    if upper is None or lower is None:
        return found
    pressure = Entry("Blood pressure", f"{upper:g}/{lower:g} mmHg", key="systolic_bp")
    return tuple(pressure if e.key == "systolic_bp" else e for e in found if e.key != "diastolic_bp")


def _taken(answers: Values) -> str:
    """When they were taken: day and clock time; else as typed, and when that was written down, since a clock
    time alone goes stale."""
    typed, saved = str(answers.get("taken_at") or ""), answers.get("saved_at")
    if not saved:
        return typed
    written_at = datetime.fromisoformat(saved)
    said = typed_moment.read(typed, written_at) if typed else None
    if said is not None and said.instant is not None and not typed_moment.says_more(typed):
        return next_due.short_moment(said.instant)
    return ", ".join(part for part in (typed, f"written {format_moment(written_at)}") if part)


def taken_words(seen: ObservationSet) -> str:
    """When the observations were taken, as a sentence without its stop: it is said where nobody wrote it."""
    taken = seen.taken
    if not taken or taken.startswith("written "):
        return ", ".join(part for part in ("Time taken not recorded", taken) if part)
    return taken if taken.casefold().startswith("taken") else f"Taken {taken}"


_NEWS2_FIELDS = ("respiratory_rate", "spo2", "systolic_bp", "pulse", "consciousness", "temperature")


def score(answers: Values) -> news2.Score:
    """NEWS2 of today's observations. Air or oxygen unanswered leaves that part unscored."""
    on_oxygen = {"yes": True, "no": False}.get(str(answers.get("on_oxygen")))
    return news2.score(
        respiratory_rate=answers.get("respiratory_rate"),
        spo2=answers.get("spo2"),
        on_oxygen=on_oxygen,
        systolic_bp=answers.get("systolic_bp"),
        pulse=answers.get("pulse"),
        consciousness=answers.get("consciousness"),
        temperature=answers.get("temperature"),
        scale=2 if answers.get("spo2_scale") == "2" else 1,
    )
