"""The standing record of an invented resident: written by what they live with, mostly complete.

One in eight has gaps, one in five is stale: as in life, and so that the pages have something to say. No
answer contradicts another: levels and their words go together (abilities.py), and nothing is taken that
they are allergic to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from redbag.domain.london_time import format_day
from redbag.domain.record import Values
from redbag.services.demo import abilities, names, voices
from redbag.services.demo.abilities import INDEPENDENT, LEVELS, MODERATE, MODERATELY_SEVERE, SLIGHT
from redbag.services.demo.dice import Dice
from redbag.services.demo.subject import Subject


@dataclass(frozen=True)
class Written:
    """One section as it stands: its answers and how many days ago it was looked through."""

    key: str
    answers: Values
    days_ago: int


# Each with the reaction, and the words in a medicine's name that rule it out.
_ALLERGIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Penicillin", "Rash", ("amoxicillin",)),
    ("Penicillin", "Swelling of the face", ("amoxicillin",)),
    ("Codeine", "Sickness", ("morph", "butec", "longtec")),
    ("Trimethoprim", "Rash", ("trimethoprim",)),
    ("Latex", "Itching", ()),
    ("Nuts", "Swelling of the lips", ()),
    ("Ibuprofen", "Wheezing", ("ibuprofen",)),
    ("Plasters", "Blisters", ("butec",)),
)
NOT_WITH = {substance.casefold(): words for substance, _, words in _ALLERGIES}
"""For each allergy, the words in the names of medicines that contradict it."""

_CALMS = (
    "A cup of tea and a slow walk",
    "Looking at photographs",
    "Music from the fifties",
    "Folding napkins",
    "Quiet",
)
_IMPLANTS = ("Pacemaker, 2021", "Pacemaker, 2018", "Left hip replaced 2019", "Right hip pinned 2022")


def write(dice: Dice, who: Subject, today: date) -> list[Written]:
    """Every section that somebody wrote. `today` dates what is in it."""
    gaps, stale = dice.happens(0.12), dice.happens(0.2)
    who = replace(who, implant=dice.pick(_IMPLANTS) if dice.happens(0.14) else "")
    walking = abilities.level(dice, abilities.WALKING)
    alerts = _alerts(dice, who, today, walking)
    people = voices.people(dice, who)
    made = [
        ("alerts", _with_gaps(dice, alerts) if gaps else alerts, 30),
        ("needs", _needs(dice, who, today, walking, alerts), 90),
        ("about_me", voices.about_me(dice, who, today, people["contacts"]), 180),
        ("people", people, 90),
        ("history", voices.history(dice, who), 180),
        ("wishes", voices.wishes(dice, alerts), 180),
    ]
    if gaps:
        # The alerts stay: an empty one among them is gap enough.
        made = made[:1] + dice.some(made[1:], 3)
    kept = []
    for key, answers, every in made:
        late = stale and dice.happens(0.5)
        days = every + dice.whole(3, 120) if late else dice.whole(1, every - 2)
        kept.append(Written(key, {k: v for k, v in answers.items() if v not in (None, "", [])}, days))
    return kept


def _yes(happens: bool) -> str:
    return "yes" if happens else "no"


def _alerts(dice: Dice, who: Subject, today: date, walking: str) -> Values:
    walks = walking in abilities.OWN_STEPS
    answers: dict[str, Any] = {
        "choking": _yes(who.has("stroke") and dice.happens(0.5)),
        "diabetes": _diabetes(who),
        "anticoagulant": _yes(who.has("anticoagulant")),
        "anticoagulant_detail": "Apixaban" if who.has("anticoagulant") else "",
        "falls": _yes(dice.happens(0.6)),
        "wandering": _yes(who.has("dementia") and walks and dice.happens(0.5)),
        "oxygen": _yes(who.has("copd") and dice.happens(0.15)),
        "implant": _yes(bool(who.implant)),
        "implant_detail": who.implant,
        "refuses_blood": _yes(dice.happens(0.01)),
        "dols": _yes(who.has("dementia") and dice.happens(0.5)),
        "adrt": _yes(dice.happens(0.02)),
        "ring_first": _yes(dice.happens(0.02)),
    }
    details = {
        "choking": "Sit upright, small sips, stay for half an hour after meals",
        "falls": dice.pick(abilities.FALLS),
        "wandering": dice.pick(_CALMS),
        "oxygen": "1 litre a minute, 16 hours a day",
        "dols": f"Until {format_day(today + timedelta(days=dice.whole(20, 300)))}",
        "adrt": "No feeding tube: signed paper in the front of the care plan",
    }
    answers |= {f"{key}_detail": words for key, words in details.items() if answers[key] == "yes"}
    answers |= _allergies(dice, who) | _cpr(dice, today)
    answers["infection"] = _yes(dice.happens(0.06))
    if answers["infection"] == "yes":
        answers["infections"] = [
            {"kind": dice.pick(("mrsa", "cdiff", "respiratory")), "date": _ago(today, dice.whole(3, 90))}
        ]
    return answers


def _with_gaps(dice: Dice, answers: Values) -> Values:
    """What nobody has answered: never what a medicine on the list says plainly."""
    able = ["allergy_status", "cpr_decision", "falls", "choking"]
    able += ["diabetes"] if answers["diabetes"] == "no" else []
    gone = set(dice.some(able, dice.whole(1, 2)))
    if "cpr_decision" in gone:
        gone |= {key for key in answers if key.startswith("cpr_")}
    if "allergy_status" in gone:
        gone.add("allergies")
    gone |= {f"{key}_detail" for key in gone}
    return {key: value for key, value in answers.items() if key not in gone}


def _diabetes(who: Subject) -> str:
    if who.has("diabetes_insulin"):
        return "insulin"
    return "tablets" if who.has("diabetes_tablets") else "no"


def _allergies(dice: Dice, who: Subject) -> Values:
    if dice.happens(0.66):
        return {"allergy_status": "none_known"}
    able = [one for one in _ALLERGIES if not who.takes(*one[2])]
    found = dice.some(able, 2 if dice.happens(0.2) else 1)
    rows = {substance: {"substance": substance, "reaction": reaction} for substance, reaction, _ in found}
    return {"allergy_status": "allergies", "allergies": list(rows.values())}


def _cpr(dice: Dice, today: date) -> Values:
    chance = dice.chance()
    if chance < 0.17:
        return {"cpr_decision": "attempt"}
    if chance < 0.25:
        return {"cpr_decision": "none_known"}
    decided = today - timedelta(days=dice.whole(20, 900))
    return {
        "cpr_decision": "not_recommended",
        "cpr_form": dice.pick(("respect", "respect", "dnacpr")),
        "cpr_date": decided.isoformat(),
        "cpr_review_date": _next_year_day(decided, today).isoformat(),
        "cpr_clinician": f"Dr {names.worker(dice).split()[-1]}, GP",
        "cpr_original": dice.pick(
            ("Red folder, which travels in the bag", "Clear pocket of the care plan, which goes along")
        ),
    }


def _next_year_day(decided: date, today: date) -> date:
    """When a decision that is looked at once a year is looked at next."""
    return decided + timedelta(days=365 * (1 + (today - decided).days // 365))


def _needs(dice: Dice, who: Subject, today: date, walking: str, alerts: Values) -> Values:
    dementia = who.has("dementia")
    able = {
        "mobility": (walking, abilities.WALKING),
        "transfers": (walking, abilities.TRANSFERS),
        "continence": (abilities.level(dice, abilities.TOILET), abilities.TOILET),
        "eating": (abilities.level(dice, abilities.EATING), abilities.EATING),
    }
    if dementia:
        able["cognition"] = (abilities.level(dice, abilities.MEMORY), abilities.MEMORY)
    answers: dict[str, Any] = {key: level for key, (level, _) in able.items()}
    answers |= {f"{key}_detail": dice.pick(words[level]) for key, (level, words) in able.items()}
    answers.setdefault("cognition", INDEPENDENT)
    answers |= {
        "washing": answers["transfers"],
        "sleep": dice.pick((INDEPENDENT, SLIGHT)),
        "breathing": dice.pick((SLIGHT, MODERATE)) if who.has("copd") else INDEPENDENT,
        "communication": dice.pick((SLIGHT, MODERATE)) if dementia else INDEPENDENT,
        "hearing": MODERATE if who.has("hearing") else INDEPENDENT,
        "hearing_detail": "Hearing aids in both ears" if who.has("hearing") else "",
        "vision": MODERATELY_SEVERE if who.has("sight") else SLIGHT,
        "vision_detail": "Sees shapes and light" if who.has("sight") else "Glasses for reading",
        "behaviour": dice.pick(LEVELS[1:4]) if dementia else INDEPENDENT,
        "behaviour_detail": dice.pick(_CALMS) if dementia else "",
        "pain": dice.pick(
            ("Says so when asked", "Frowns and holds the place", "Becomes quiet and will not eat")
        ),
        "iddsi_food": dice.pick(("4", "5", "6") if alerts["choking"] == "yes" else ("7", "7", "7ec")),
        "iddsi_drink": dice.pick(("1", "2")) if alerts["choking"] == "yes" else "0",
        "frailty": dice.pick(abilities.FRAILTY[walking]),
        "weight": dice.whole(38, 92),
        "weight_date": _ago(today, dice.whole(1, 40)),
        "equipment": dice.pick(abilities.EQUIPMENT[walking]),
    }
    if who.language != "English":
        answers["communication"] = MODERATE
        answers["communication_detail"] = f"Speaks {who.language}, some English; less when unwell"
    return answers | _body(dice, today)


def _body(dice: Dice, today: date) -> Values:
    """Catheter, skin and pressure areas."""
    answers: dict[str, Any] = {"catheter": "none"}
    if dice.happens(0.09):
        answers |= {
            "catheter": "urethral",
            "catheter_size": str(dice.pick((12, 14, 16))),
            "catheter_changed": _ago(today, dice.whole(3, 80)),
        }
    sore = dice.happens(0.1)
    if sore:
        answers["pressure_areas"] = [
            {
                "site": dice.pick(("Sacrum", "Left heel", "Right heel")),
                "category": dice.pick(("1", "2", "2", "3")),
            }
        ]
    skin = ("Skin like paper: no plasters", "Dry, cream twice a day")
    answers["skin"] = dice.pick(skin if sore else (*skin, "Intact"))
    return answers


def _ago(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()
