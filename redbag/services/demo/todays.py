"""Today's facts of an invented journey: why, what was measured, the last doses; each fits the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from redbag.domain.london_time import format_time, to_london
from redbag.domain.medicine_line import answered_alone
from redbag.domain.next_due import is_patch
from redbag.domain.record import Values
from redbag.services.demo.abilities import INDEPENDENT, worse
from redbag.services.demo.dice import Dice
from redbag.services.demo.lines import source_medicine
from redbag.services.demo.residents import Person
from redbag.services.demo.writer import Row

# The least and the most that is measured, where a reason says something about it.
_MEASURED: dict[str, dict[str, tuple[int, int]]] = {
    "breathless": {"respiratory_rate": (24, 32), "spo2": (86, 92), "pulse": (92, 124)},
    "infection": {"respiratory_rate": (18, 28), "spo2": (91, 97), "pulse": (96, 128)},
    "bleeding": {"systolic_bp": (84, 108), "pulse": (98, 128)},
    "not_responding": {"respiratory_rate": (10, 24)},
}
_USUALLY = {
    "respiratory_rate": (14, 22),
    "spo2": (93, 98),
    "systolic_bp": (104, 168),
    "pulse": (58, 104),
}
_AWAKE = {
    "confused": ("C",),
    "not_responding": ("V", "V", "P"),
    "stroke": ("A", "C"),
    "infection": ("A", "C"),
}
_HOT = (38.1, 38.4, 38.9)
_NOT_HOT = (36.1, 36.4, 36.8, 37.2, 37.6)
_SITES = ("Left upper arm", "Right upper arm", "Upper back, left", "Upper back, right")


def facts(
    dice: Dice, person: Person, sent: Sequence[Row], at: datetime, why: str, reason: str
) -> dict[str, Values]:
    """Everything that was answered on the day, kept at `at` (UTC)."""
    clock = format_time(at)[:5]
    people, alerts = person.answers.get("people"), person.answers.get("alerts", {})
    kin = people["contacts"][0]["name"] if people else "Next of kin"
    papers = {"mar": "copy", "care_plan": "copy", "this_is_me": "copy"}
    if alerts.get("cpr_form"):
        papers["cpr"] = "original"
    found: dict[str, Values] = {
        "why_now": {
            "situation": why,
            "started": _started(dice, clock, why),
            "request": "Please assess and treat; tell us before any discharge",
            "called": ["999", "family"] if dice.happens(0.8) else ["111", "gp", "family"],
        },
        "observations": _observations(dice, reason, clock, oxygen=alerts.get("oxygen") == "yes"),
        "doses": _doses(dice, person, sent, at),
        "today": _today(dice, person, people),
        "papers": papers,
        "told": {"rows": [{"who": kin, "when": f"told at {clock}"}]},
    }
    return {**found, "saved_at": dict.fromkeys(found, at.isoformat())}


def _started(dice: Dice, clock: str, why: str) -> str:
    # What happened says it already.
    if any(word in why for word in ("since", "Since", "hours")):
        return ""
    if any(word in why for word in ("Found", "Fell", "Slipped")):
        return f"Found at {clock}"
    return dice.pick(("In the last hour", "Over the day", "Suddenly"))


def _observations(dice: Dice, reason: str, clock: str, *, oxygen: bool) -> Values:
    spans = {**_USUALLY, **_MEASURED.get(reason, {})}
    found: Values = {key: dice.whole(*span) for key, span in spans.items()}
    found |= {
        "on_oxygen": "yes" if oxygen else "no",
        "diastolic_bp": found["systolic_bp"] - dice.whole(30, 62),
        "consciousness": dice.pick(_AWAKE.get(reason, ("A",))),
        "temperature": dice.pick(_HOT if reason == "infection" else _NOT_HOT),
        "taken_at": clock,
        # Whoever is on oxygen at home may be for scale 2: nobody has said, and the pack says so.
        "spo2_scale": None if oxygen else "1",
        "soft_signs": dice.some(("less_well", "sleepier", "not_eating", "less_mobile"), 2),
    }
    if dice.happens(0.15):
        for key in dice.some(("temperature", "systolic_bp", "respiratory_rate"), 1):
            del found[key]
            if key == "systolic_bp":
                del found["diastolic_bp"]
    return found


def _today(dice: Dice, person: Person, people: Values | None) -> Values:
    """Worse than usual, by one level; nobody comes along who is not on the record."""
    usual = person.answers.get("needs", {})
    family = [str(one["relation"]).split(" (")[0] for one in people["contacts"]] if people else []
    company = ("Nobody", *(f"{relation} follows by car" for relation in family[:1]), "A carer goes along")
    return {
        "mobility": worse(usual.get("mobility", INDEPENDENT)),
        "eating": worse(usual.get("eating", INDEPENDENT)),
        "last_ate": dice.pick(("Tea at 17:00", "Breakfast", "Sips only since lunch")),
        "bowels": dice.pick(("Yesterday", "Today", "Two days ago")),
        "companion": dice.pick(company),
    }


def _doses(dice: Dice, person: Person, sent: Sequence[Row], at: datetime) -> Values:
    clock = to_london(at).strftime("%H:%M")
    doses: Values = {"ordinary": "all_given", "ordinary_upto": "22:00" if clock < "09:00" else "08:00"}
    for row in sent:
        line = source_medicine(row).line
        if not answered_alone(line):
            continue
        answer: Values = {"answer": "given", "when": _last_time(line.times, clock)}
        if is_patch(line):
            answer["note"] = dice.pick(_SITES)
        elif dice.happens(0.08):
            answer = {"answer": "not_given", "note": "Would not wake enough to swallow"}
        if row["controlled"] or row["time_critical"]:
            answer["sent"] = "In the bag, 3 days"
        if row["controlled"]:
            names = sorted({worker.name for worker in person.home.staff})[:2]
            answer["counted"] = " and ".join(names)
        doses[row["ref"]] = answer
    return doses


def _last_time(times: Sequence[str], clock: str) -> str:
    """The newest of the MAR's times before now: today's, else yesterday's last."""
    if not times:
        return "22:00 yesterday"
    passed = [time for time in times if time < clock]
    return passed[-1] if passed else f"{times[-1]} yesterday"
