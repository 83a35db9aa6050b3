"""The standing record of an invented resident: written by what they live with, mostly complete.

One in eight has gaps, one in five is stale: as in life, and so that the pages have something to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from redbag.domain.london_time import format_day
from redbag.domain.record import Values
from redbag.services.demo import names
from redbag.services.demo.conditions import Condition
from redbag.services.demo.dice import Dice


@dataclass(frozen=True)
class Subject:
    """Whom a record is about."""

    given: str
    family: str
    called: str
    born: date
    language: str
    conditions: tuple[Condition, ...]

    def has(self, *keys: str) -> bool:
        """Whether they live with any of these."""
        return any(condition.key in keys for condition in self.conditions)


@dataclass(frozen=True)
class Written:
    """One section as it stands: its answers and how many days ago it was looked through."""

    key: str
    answers: Values
    days_ago: int


_ALLERGIES = (
    ("Penicillin", "Rash"),
    ("Penicillin", "Swelling of the face"),
    ("Codeine", "Sickness"),
    ("Trimethoprim", "Rash"),
    ("Latex", "Itching"),
    ("Eggs", "Swelling of the lips"),
    ("Ibuprofen", "Wheezing"),
    ("Plasters", "Blisters"),
)
_MATTERS = (
    "That my family is told at once. My rosary is always with me.",
    "To have the radio on low, and to know what time it is.",
    "To be asked before anybody touches me. I was a nurse for thirty years.",
    "My cup of tea before anything else. Milk first, no sugar.",
    "My wedding ring stays on. Please talk to me about my garden.",
    "To keep my head covered, and to be washed by women only.",
    "The photograph of my late husband on the table beside me.",
    "To see out of a window. I drove buses and like to watch the road.",
)
_DO = (
    "Say who you are each time, and come from the front.",
    "Give me time: I answer, but slowly.",
    "Sit me up well before I eat or drink.",
    "Put my hearing aids in before you explain.",
    "Offer the toilet every two hours.",
)
_DONT = (
    "Do not hurry me, or take my handbag away.",
    "Do not talk over my head.",
    "Do not put the rails up without telling me why.",
    "Do not use straws.",
    "Do not switch off the night light.",
)
_CALMS = (
    "A cup of tea and a slow walk",
    "Looking at photographs",
    "Music from the fifties",
    "Her doll",
    "Quiet",
)


def write(dice: Dice, who: Subject, today: date) -> list[Written]:
    """Every section that somebody wrote. `today` dates what is in it."""
    gaps, stale = dice.happens(0.12), dice.happens(0.2)
    made = [
        ("alerts", _alerts(dice, who, today, gaps), 30),
        ("needs", _needs(dice, who, today), 90),
        ("about_me", _about_me(dice, who, today), 180),
        ("people", _people(dice, who), 90),
        ("history", _history(dice, who, today), 180),
        ("wishes", _wishes(dice), 180),
    ]
    if gaps:
        # The alerts stay: an empty one among them is gap enough.
        made = made[:1] + dice.some(made[1:], 3)
    kept = []
    for key, answers, every in made:
        late = stale and dice.happens(0.5)
        days = every + dice.whole(3, 120) if late else dice.whole(0, every - 2)
        kept.append(Written(key, {k: v for k, v in answers.items() if v not in (None, "", [])}, days))
    return kept


def _alerts(dice: Dice, who: Subject, today: date, gaps: bool) -> Values:
    answers: dict[str, Any] = {
        "choking": "yes" if who.has("stroke") and dice.happens(0.5) else "no",
        "diabetes": _diabetes(who),
        "anticoagulant": "yes" if who.has("anticoagulant") else "no",
        "anticoagulant_detail": "Apixaban" if who.has("anticoagulant") else "",
        "falls": "yes" if dice.happens(0.6) else "no",
        "wandering": "yes" if who.has("dementia") and dice.happens(0.35) else "no",
        "oxygen": "yes" if who.has("copd") and dice.happens(0.15) else "no",
        "implant": "yes" if dice.happens(0.07) else "no",
        "refuses_blood": "yes" if dice.happens(0.01) else "no",
        "dols": "yes" if who.has("dementia") and dice.happens(0.5) else "no",
        "adrt": "yes" if dice.happens(0.02) else "no",
        "ring_first": "yes" if dice.happens(0.02) else "no",
    }
    if answers["choking"] == "yes":
        answers["choking_detail"] = "Sit upright, small sips, stay for half an hour after meals"
    if answers["falls"] == "yes":
        answers["falls_detail"] = dice.pick(
            ("Sensor mat at night", "Low bed", "Walks with a frame and one person")
        )
    if answers["wandering"] == "yes":
        answers["wandering_detail"] = dice.pick(_CALMS)
    if answers["oxygen"] == "yes":
        answers["oxygen_detail"] = "1 litre a minute, 16 hours a day"
    if answers["implant"] == "yes":
        answers["implant_detail"] = dice.pick(
            ("Pacemaker, 2021", "Hip replacement, right", "Pacemaker, 2018")
        )
    if answers["dols"] == "yes":
        answers["dols_detail"] = f"Until {format_day(today + timedelta(days=dice.whole(20, 300)))}"
    if answers["adrt"] == "yes":
        answers["adrt_detail"] = "No feeding tube: signed paper in the front of the care plan"
    answers |= _allergies(dice) | _cpr(dice, today)
    if dice.happens(0.06):
        answers["infections"] = [
            {"kind": dice.pick(("mrsa", "cdiff", "respiratory")), "date": _ago(today, dice.whole(3, 90))}
        ]
    if gaps:
        for key in dice.some(
            ("allergy_status", "cpr_decision", "falls", "diabetes", "choking"), dice.whole(1, 2)
        ):
            answers.pop(key)
        if "allergy_status" not in answers:
            answers.pop("allergies", None)
        if "cpr_decision" not in answers:
            answers = {k: v for k, v in answers.items() if not k.startswith("cpr_")}
    return answers


def _diabetes(who: Subject) -> str:
    if who.has("diabetes_insulin"):
        return "insulin"
    return "tablets" if who.has("diabetes_tablets") else "no"


def _allergies(dice: Dice) -> Values:
    if dice.happens(0.66):
        return {"allergy_status": "none_known"}
    found = dice.some(_ALLERGIES, 2 if dice.happens(0.2) else 1)
    rows = {substance: {"substance": substance, "reaction": reaction} for substance, reaction in found}
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
        "cpr_clinician": f"Dr {names.worker(dice).split()[-1]}, GP",
        "cpr_original": dice.pick(
            ("Front of the care plan, in the office", "In the red folder in the room", "Travels in the bag")
        ),
    }


def _level(dice: Dice, worst: int = 5) -> str:
    levels = ("independent", "slight", "moderate", "moderately_severe", "severe")
    return levels[min(dice.whole(0, worst - 1), 4)]


def _needs(dice: Dice, who: Subject, today: date) -> Values:
    dementia = who.has("dementia")
    answers: dict[str, Any] = {
        "mobility": _level(dice),
        "mobility_detail": dice.pick(
            (
                "Frame and one person",
                "Wheelchair",
                "Walks alone with a stick",
                "Two people",
                "In bed most of the day",
            )
        ),
        "transfers": _level(dice),
        "transfers_detail": dice.pick(
            ("One person", "Two people and stand aid", "Full hoist, medium sling", "Alone")
        ),
        "continence": _level(dice),
        "continence_detail": dice.pick(
            ("Pads day and night", "Pads at night", "Reminded every two hours", "Alone")
        ),
        "washing": _level(dice),
        "eating": _level(dice, 4),
        "eating_detail": dice.pick(
            ("Needs prompting", "Cup with two handles", "Eats alone, cut up small", "Fed")
        ),
        "sleep": _level(dice, 3),
        "breathing": _level(dice, 4) if who.has("copd") else "independent",
        "cognition": _level(dice) if dementia else _level(dice, 2),
        "communication": _level(dice, 4),
        "hearing": "moderate" if who.has("hearing") else "independent",
        "hearing_detail": "Hearing aids in both ears" if who.has("hearing") else "",
        "vision": "moderately_severe" if who.has("sight") else "slight",
        "vision_detail": "Glasses for reading",
        "behaviour": _level(dice, 4) if dementia else "independent",
        "behaviour_detail": dice.pick(_CALMS) if dementia else "",
        "pain": dice.pick(
            ("Says so when asked", "Frowns and holds the hip", "Becomes quiet and will not eat")
        ),
        "iddsi_food": dice.pick(("7", "7", "7ec", "6", "5", "4")),
        "iddsi_drink": dice.pick(("0", "0", "0", "0", "1", "2")),
        "skin": dice.pick(("Skin like paper: no plasters", "Dry, cream twice a day", "Intact")),
        "frailty": dice.pick(("5", "6", "6", "7", "7", "7", "8")),
        "weight": dice.whole(38, 92),
        "weight_date": _ago(today, dice.whole(1, 40)),
        "equipment": dice.pick(("Pressure mattress and cushion", "Frame, raised seat", "Profiling bed", "")),
    }
    if dementia:
        answers["cognition_detail"] = dice.pick(
            (
                "Knows her family, not the day. Asks for her mother when tired",
                "Usually chatty, forgets within minutes",
                "Does not know where he is; calm when told",
            )
        )
    if who.language != "English":
        answers["communication_detail"] = f"Speaks {who.language}, some English; less when unwell"
    if dice.happens(0.09):
        answers |= {
            "catheter": "urethral",
            "catheter_size": str(dice.pick((12, 14, 16))),
            "catheter_changed": _ago(today, dice.whole(3, 80)),
        }
    else:
        answers["catheter"] = "none"
    if dice.happens(0.1):
        answers["pressure_areas"] = [
            {
                "site": dice.pick(("Sacrum", "Left heel", "Right heel")),
                "category": dice.pick(("1", "2", "2", "3")),
            }
        ]
    return answers


def _about_me(dice: Dice, who: Subject, today: date) -> Values:
    relative, relation = names.relative(dice, who.family)
    visits = dice.pick(("on Sundays", "on Fridays", "most days"))
    answers_in = "" if who.language == "English" else f"I may answer in {who.language}. "
    return {
        "matters": dice.pick(_MATTERS),
        "people": f"My {relation.lower()} {relative.split()[0]}, who comes {visits}.",
        "communicate": f"Call me {who.called}. {answers_in}Short sentences, one thing at a time.",
        "wellness": dice.pick(
            ("I sing when I am well.", "I like company and a biscuit.", "I sleep after lunch.")
        ),
        "please_do": dice.pick(_DO),
        "please_dont": dice.pick(_DONT),
        "support": dice.pick(
            ("Help me with meals; I will say that I have eaten.", "Evenings are the hardest.")
        ),
        "helped_by": f"{relative} ({relation.lower()}) and the home",
        "written_on": _ago(today, dice.whole(30, 500)),
    }


def _people(dice: Dice, who: Subject) -> Values:
    contacts = []
    for place in range(2 if dice.happens(0.55) else 1):
        name, relation = names.relative(dice, who.family)
        label = f"{relation} (next of kin)" if place == 0 else relation
        note = "Not at night" if place and dice.happens(0.4) else ""
        contacts.append({"name": name, "relation": label, "phone": names.mobile(dice), "note": note})
    answers: dict[str, Any] = {"contacts": contacts}
    if dice.happens(0.45):
        answers["attorneys"] = [
            {
                "name": contacts[0]["name"],
                "kind": dice.pick(("health", "property", "both")),
                "phone": contacts[0]["phone"],
                "copy": dice.pick(("yes", "no")),
            }
        ]
    answers["consent"] = "best_interest" if who.has("dementia") else "consents"
    answers["consent_detail"] = "Reviewed with the family and the GP" if who.has("dementia") else ""
    return answers


def _history(dice: Dice, who: Subject, today: date) -> Values:
    return {
        "conditions": "\n".join(condition.words for condition in who.conditions),
        "operations": dice.pick(
            (
                "",
                "Left hip replaced 2019",
                "Cataracts, both eyes",
                "Gall bladder taken out",
                "Right hip pinned 2022",
            )
        ),
        "immunisations": f"Flu and COVID-19, autumn {today.year - (1 if today.month < 10 else 0)}",
    }


def _wishes(dice: Dice) -> Values:
    return {
        "care_plan": dice.pick(
            (
                "Comfort first. Hospital only for what cannot be treated here.",
                "Would want antibiotics and fluids; not intensive care.",
                "Wants every treatment that may help.",
                "Hospital for fractures and bleeding.",
            )
        ),
        "place_of_care": "Here, in my own room",
        "place_of_death": dice.pick(("Here, in my own room", "Here", "Hospice", "Not talked about yet")),
        "limits": dice.pick(("Not for intensive care", "", "No feeding tube")),
        "papers": "Office, filing cabinet; a copy in the red folder",
    }


def _ago(today: date, days: int) -> str:
    return (today - timedelta(days=days)).isoformat()
