"""Why invented residents go to hospital, and what hospitals do to their medicines."""

from __future__ import annotations

from collections.abc import Mapping

from redbag.domain.record import Values
from redbag.services.demo.abilities import OWN_STEPS
from redbag.services.demo.conditions import CONDITIONS, Dose
from redbag.services.demo.dice import Odds

_AM, _BD, _TDS = "08:00", "08:00, 18:00", "08:00, 13:00, 18:00"

# What hospitals start, with why.
STARTED: tuple[tuple[Dose, str], ...] = (
    (
        Dose("Amoxicillin", "capsules", ("500 mg",), "1 capsule", "3 times a day", _TDS, "Chest infection"),
        "Chest infection: 5 days in all",
    ),
    (
        Dose("Doxycycline", "capsules", ("100 mg",), "1 capsule", "once a day", _AM, "Chest infection"),
        "Chest infection: 3 days left",
    ),
    (
        Dose("Trimethoprim", "tablets", ("200 mg",), "1 tablet", "twice a day", _BD, "Urine infection"),
        "Urine infection: 4 days left",
    ),
    (
        Dose("Folic acid", "tablets", ("5 mg",), "1 tablet", "once a day", _AM, "Low folate"),
        "Low folate found in hospital, for 4 months",
    ),
    (
        Dose("Ferrous fumarate", "tablets", ("210 mg",), "1 tablet", "once a day", _AM, "Low iron"),
        "Low iron found in hospital",
    ),
)
# What a replaced opioid is replaced by: the old line stops.
REPLACEMENT = Dose(
    "Longtec",
    "prolonged-release tablets",
    ("5 mg",),
    "1 tablet",
    "twice a day",
    "08:00, 20:00",
    "Pain",
    controlled=True,
    time_critical=True,
)
OPIOIDS = ("Morphine sulfate (Zomorph)", "Butec")

DOSES: dict[str, Dose] = {
    dose.name: dose
    for dose in (
        *(dose for condition in CONDITIONS for dose in condition.medicines),
        *(dose for dose, _ in STARTED),
        REPLACEMENT,
    )
}

CHANGE_REASONS = (
    "Blood pressure low on the ward",
    "Kidney function worse than before",
    "Not enough effect at the old dose",
    "Drowsy at the old dose",
)
STOP_REASONS = (
    "Falls: no longer of benefit",
    "Kidney function",
    "Low sodium",
    "Bleeding risk is higher than the benefit",
    "Reviewed by the care of older people team: not needed",
)
_PAUSES = (
    ("Acute kidney injury", "After the blood test in one week", "GP"),
    ("Low blood pressure", "When the upper number stays above 120", "GP"),
    ("Infection treated first", "When the antibiotics are finished", "GP"),
)


def pauses(indication: str) -> tuple[tuple[str, str, str], ...]:
    """Why a medicine for this is paused, until when, and who decides."""
    for_pressure = indication in ("High blood pressure", "Heart failure")
    return _PAUSES if for_pressure else (_PAUSES[0], _PAUSES[2])


# What must be on the record for a reason to be true: a word of the reason, and the answer that it needs.
_NEEDS_ANSWER = (
    ("Catheter", "needs", "catheter", ("urethral",)),
    ("blood thinner", "alerts", "anticoagulant", ("yes",)),
    ("bathroom", "needs", "mobility", OWN_STEPS),
)


def fits(why: str, answers: Mapping[str, Values]) -> bool:
    """Whether a reason can be true of a person with these answers, by section."""
    return all(
        answers.get(section, {}).get(key) in wanted
        for word, section, key, wanted in _NEEDS_ANSWER
        if word in why
    )


REASONS: Odds[tuple[str, str]] = Odds(
    [
        (("fall", "Found on the floor beside the bed, not seen to fall. Pain in the hip."), 12.0),
        (("fall", "Fell in the bathroom, hit the head. Bleeding stopped."), 9.0),
        (("fall", "Slipped from the chair, cannot put weight on the leg."), 6.0),
        (("breathless", "Short of breath since the evening, worse when lying down."), 11.0),
        (("breathless", "Fast breathing and a new cough, cannot finish a sentence."), 8.0),
        (("confused", "Much more confused than usual since the morning, pulling at clothes."), 10.0),
        (("not_responding", "Hard to wake, answers with one word only."), 6.0),
        (("infection", "Hot and shivering, smelly urine, not drinking."), 13.0),
        (("infection", "Redness of the lower leg, spreading, with fever."), 5.0),
        (("chest_pain", "Pain in the chest since half an hour, pale and sweating."), 5.0),
        (("stroke", "Face drooping on one side, speech not clear."), 4.0),
        (("bleeding", "Dark blood in the stool, twice since midnight."), 3.0),
        (("bleeding", "Nose bleed that does not stop, takes a blood thinner."), 2.0),
        (("other", "Catheter blocked, pain in the belly."), 4.0),
        (("other", "Vomiting since yesterday, cannot keep medicines down."), 5.0),
    ]
)
