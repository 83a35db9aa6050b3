"""What comes home beside medicines, and the ways a journey can end (domain: medicines; data standards)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redbag.domain.record import YES_NO_UNKNOWN, Choices, Field, Kind, Section

# National code for the discharge method (NHS Data Dictionary).
METHODS: Choices = (
    ("1", "On clinical advice"),
    ("6", "Left by their own choice"),
    ("7", "At the wish of a relative or advocate"),
    ("9", "Not known"),
)
ATTACHED = "attached"
SUMMARY: Choices = (
    (ATTACHED, "Attached here, as PDF or photos"),
    ("in_bag", "Printed, in the bag"),
    ("sent", "Sent to the home and the GP"),
    ("to_follow", "To follow"),
    ("not_given", "Not given"),
)
HOME_WORD: Choices = (
    ("yes", "Yes, it can"),
    ("conditions", "Yes, with conditions"),
    ("no", "No, it cannot"),
    ("not_asked", "Not asked"),
)
ELSEWHERE: Choices = (
    ("another_home", "Another care home"),
    ("own_home", "Own or family home"),
    ("hospice", "Hospice"),
    ("other", "Somewhere else"),
)
# National code for the discharge destination, where the words above settle it.
DESTINATION_CODES = {"own_home": "19", "hospice": "88", "other": "98", "died": "79"}
BAG_AFTER: Choices = (
    ("with_person", "It goes with the person"),
    ("sent_back", "It is sent back to the home"),
    ("kept", "It stays here until it is fetched"),
    ("not_seen", "It is not here"),
)
BAG_STATES: Choices = (
    ("in_stock", "Cleaned, back on its hook"),
    ("to_clean", "Still to be cleaned"),
    ("quarantined", "Contaminated: put aside"),
    ("destroyed", "Contaminated: destroyed"),
    ("lost", "Lost"),
    ("out", "Not back yet"),
)
ORIGINAL_BACK: Choices = (
    ("yes", "Yes, it is here"),
    ("no", "No, it is missing"),
    ("none", "No original travelled"),
)

PAPERS_MISSING: Choices = (
    ("summary", "No discharge summary came"),
    ("all", "No papers came at all"),
)
"""What the home found missing as the person came in; what the ward said of its summary stays beside it."""

HANDOVER_HOME = Section(
    "handover_home",
    "What the home needs to know",
    (
        Field(
            "last_doses",
            "Last doses in hospital, and next due",
            Kind.LONG_TEXT,
            hint="Which medicine, when it was given last, when the next is due. “Not known” is an answer.",
            longest=10000,
        ),
        Field("days_supplied", "Days of medicine supplied"),
        Field(
            "new_allergy",
            "New allergy or reaction",
            Kind.CHOICE,
            YES_NO_UNKNOWN,
            detail="To what, what happened",
        ),
        Field(
            "new_cpr", "New resuscitation decision", Kind.CHOICE, YES_NO_UNKNOWN, detail="What was decided"
        ),
        Field("infection", "Infection", hint="Result, date, what to do"),
        Field("skin", "Skin and pressure areas"),
        Field("catheter", "Catheter", hint="Put in or taken out, size, date"),
        Field("diet", "Food and drink", hint="IDDSI levels if changed"),
        Field("equipment", "Equipment needed"),
        Field(
            "follow_up",
            "Follow-up",
            Kind.LONG_TEXT,
            hint="Appointments, tests, who arranges them",
            longest=10000,
        ),
        Field("needs", "What else has changed", Kind.LONG_TEXT, longest=10000),
    ),
)


LAST_DOSES_UNSAID = "Write the last doses in hospital and when the next are due, or “not known”."
_TO_WHAT = {
    "new_allergy": "Write to what, and what happened. “Not known” is an answer.",
    "new_cpr": "Write what was decided. “Not known” is an answer.",
}


NEW_ALLERGY = "new_allergy"


def new_reaction(answers: Mapping[str, Any]) -> str:
    """What the person newly reacts to, as the ward wrote it; "" where it said no such thing."""
    return (
        str(answers.get(f"{NEW_ALLERGY}_detail") or "").strip() if answers.get(NEW_ALLERGY) == "yes" else ""
    )


def unsaid(answers: Mapping[str, Any]) -> dict[str, str]:
    """A sentence for each "yes" that says nothing by itself: a new allergy, a new decision (domain §4)."""
    return {
        f"{key}_detail": sentence
        for key, sentence in _TO_WHAT.items()
        if answers.get(key) == "yes" and not str(answers.get(f"{key}_detail") or "").strip()
    }


def destination_code(destination: str, with_nursing: bool | None) -> str:
    """The national destination code; a care home is 55 with nursing, 56 without, 99 where not known."""
    if destination in ("home", "another_home"):
        if destination == "another_home" or with_nursing is None:
            return "99"
        return "55" if with_nursing else "56"
    return DESTINATION_CODES.get(destination, "99")


# What the home says of things that are still missing when a journey closes.
LOST: Choices = (("keep_looking", "Keep looking"), ("accepted", "Accepted as lost"))
# What the manager says of such a thing afterwards, as the history words it.
ANSWER_WORDS = {"found": "found", "settled": "settled", "missing": "missing after all"}
