"""What invented residents and their families say of themselves: about me, people, history and wishes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from redbag.domain.record import Values
from redbag.services.demo import names
from redbag.services.demo.dice import Dice
from redbag.services.demo.subject import Subject

_MATTERS = (
    "That my family is told at once. My rosary is always with me.",
    "To have the radio on low, and to know what time it is.",
    "To be asked before anybody touches me. I was a nurse for thirty years.",
    "My cup of tea before anything else. Milk first, no sugar.",
    "My wedding ring stays on. Please talk to me about my garden.",
    "To see out of a window. I drove buses and like to watch the road.",
)
_MATTERS_TO = {
    "Female": (
        "To keep my head covered, and to be washed by women only.",
        "The photograph of my late husband on the table beside me.",
    ),
    "Male": (
        "To be shaved every morning, and to be washed by men if there are any.",
        "The photograph of my late wife on the table beside me.",
    ),
}
_DO = (
    "Say who you are each time, and come from the front.",
    "Give me time: I answer, but slowly.",
    "Sit me up well before I eat or drink.",
    "Speak to my face, in good light.",
    "Ask me whether I need the toilet.",
)
_DONT = (
    "Do not hurry me, or take my things away.",
    "Do not talk over my head.",
    "Do not put the rails up without telling me why.",
    "Do not use straws.",
    "Do not switch off the night light.",
)
# What a plan says beside the decision about CPR, and the limit that goes with it.
_PLANS = {
    "attempt": (
        ("Wants every treatment that may help.", ""),
        ("Hospital for fractures and bleeding.", ""),
    ),
    "not_recommended": (
        ("Comfort first. Hospital only for what cannot be treated here.", "Not for intensive care"),
        ("Would want antibiotics and fluids; not intensive care.", "Not for intensive care"),
        ("Hospital for fractures and bleeding.", ""),
    ),
}


def about_me(dice: Dice, who: Subject, today: date, contacts: list[Values]) -> Values:
    """In the person's own words; who helped is among the people on the record."""
    kin = contacts[0]
    relation = _relation(kin)
    visits = dice.pick(("on Sundays", "on Fridays", "most days"))
    answers_in = "" if who.language == "English" else f"I may answer in {who.language}. "
    return {
        "matters": dice.pick(_MATTERS + _MATTERS_TO[who.gender]),
        "people": f"My {relation} {kin['name'].split()[0]}, who comes {visits}.",
        "communicate": f"Call me {who.called}. {answers_in}Short sentences, one thing at a time.",
        "wellness": dice.pick(
            ("I sing when I am well.", "I like company and a biscuit.", "I sleep after lunch.")
        ),
        "please_do": "Put my hearing aids in before you explain." if who.has("hearing") else dice.pick(_DO),
        "please_dont": dice.pick(_DONT),
        "support": dice.pick(("Mornings are slow: let me wake first.", "Evenings are the hardest.")),
        "helped_by": f"{kin['name']} ({relation}) and the home",
        "written_on": (today - timedelta(days=dice.whole(30, 500))).isoformat(),
    }


def _relation(contact: Values) -> str:
    return str(contact["relation"]).split(" (")[0].lower()


def people(dice: Dice, who: Subject) -> Values:
    """Next of kin first; an attorney for health decides where the person cannot."""
    contacts: list[Values] = []
    for place in range(2 if dice.happens(0.55) else 1):
        name, relation = names.relative(dice, who.family)
        label = f"{relation} (next of kin)" if place == 0 else relation
        note = "Not at night" if place and dice.happens(0.4) else ""
        contacts.append({"name": name, "relation": label, "phone": names.mobile(dice), "note": note})
    answers: dict[str, Any] = {"contacts": contacts}
    kind = ""
    if dice.happens(0.45):
        kind = dice.pick(("health", "property", "both"))
        answers["attorneys"] = [
            {
                "name": contacts[0]["name"],
                "kind": kind,
                "phone": contacts[0]["phone"],
                "copy": dice.pick(("yes", "no")),
            }
        ]
    answers["consent"] = "consents"
    if who.has("dementia"):
        answers["consent"] = "attorney" if kind in ("health", "both") else "best_interest"
        answers["consent_detail"] = "Reviewed with the family and the GP"
    return answers


def history(dice: Dice, who: Subject) -> Values:
    """Conditions are those whose medicines are on the list; operations those that left an implant, and
    others that left none."""
    return {
        "conditions": "\n".join(condition.words for condition in who.conditions),
        "operations": who.implant or dice.pick(("", "Cataracts, both eyes", "Gall bladder taken out")),
        "immunisations": "Flu and COVID-19, every autumn",
    }


def wishes(dice: Dice, alerts: Values) -> Values:
    """In keeping with the decision about CPR and with any advance refusal."""
    plan, limits = dice.pick(_PLANS.get(alerts.get("cpr_decision", ""), _PLANS["attempt"]))
    if alerts.get("adrt") == "yes":
        limits = ". ".join(part for part in (limits, "No feeding tube") if part)
    return {
        "care_plan": plan,
        "place_of_care": "Here, in my own room",
        "place_of_death": dice.pick(("Here, in my own room", "Here", "Hospice", "Not talked about yet")),
        "limits": limits,
        "papers": "Office, filing cabinet; a copy in the red folder",
    }
