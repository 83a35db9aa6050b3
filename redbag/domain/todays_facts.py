"""What is new about a person today: why they go, what was measured, how they are against usual.

The same kind of table as the standing record; these answers belong to one transfer.
"""

from __future__ import annotations

from datetime import datetime

from redbag.domain import typed_moment
from redbag.domain.record import CARE_ACTIVITIES, Choices, Field, Kind, Section, Values

REASONS: Choices = (
    ("fall", "Fall"),
    ("breathless", "Breathless"),
    ("confused", "Confused more than usual"),
    ("not_responding", "Not responding"),
    ("infection", "Infection"),
    ("chest_pain", "Chest pain"),
    ("stroke", "Stroke signs"),
    ("bleeding", "Bleeding"),
    ("other", "Something else"),
)
JOURNEY_TYPES: Choices = (
    ("emergency", "Emergency"),
    ("planned", "Planned"),
    ("outpatient", "Outpatient"),
)
SOFT_SIGNS: Choices = (
    ("less_well", "Not themselves"),
    ("sleepier", "Sleepier than usual"),
    ("not_eating", "Eating or drinking less"),
    ("less_mobile", "Moving less or unsteady"),
    ("withdrawn", "Withdrawn or agitated"),
    ("toilet", "Change in bladder or bowels"),
    ("skin", "Skin pale, blue, mottled or hot"),
    ("shivering", "Shivering or cold hands"),
)
CALLED: Choices = (
    ("999", "999"),
    ("111", "NHS 111"),
    ("gp", "GP"),
    ("family", "Family"),
    ("district_nurse", "District nurse"),
)

WHY_NOW = Section(
    "why_now",
    "Why now",
    (
        Field("situation", "What happened", Kind.LONG_TEXT, longest=10000, hint="One line is enough"),
        Field("started", "When it started", hint="For example: found at 02:50", clock=True),
        Field("last_seen_well", "Last seen well", clock=True),
        Field("background", "Background that matters now", Kind.LONG_TEXT, longest=10000),
        Field("assessment", "What you think is going on", Kind.LONG_TEXT, longest=10000),
        Field("request", "What you ask the hospital to do", Kind.LONG_TEXT, longest=10000),
        Field("called", "Who was called", Kind.CHOICES, CALLED),
        Field("wishes_today", "What the person and the family want", Kind.LONG_TEXT, longest=10000),
    ),
)


def _counted(key: str, label: str, unit: str, least: int, most: int) -> Field:
    """What the NEWS2 chart reads in whole numbers."""
    return Field(key, label, Kind.NUMBER, unit=unit, least=least, most=most, whole=True)


OBSERVATIONS = Section(
    "observations",
    "Observations",
    (
        _counted("respiratory_rate", "Breaths a minute", "a minute", 0, 80),
        _counted("spo2", "Oxygen saturation (SpO2)", "%", 50, 100),
        Field(
            "spo2_scale",
            "SpO2 scale",
            Kind.CHOICE,
            (("1", "Scale 1 (usual)"), ("2", "Scale 2 (a clinician decided this)")),
            hint="Scale 1, unless a clinician decided scale 2 for this person",
        ),
        Field("on_oxygen", "Breathing", Kind.CHOICE, (("no", "Air"), ("yes", "Oxygen"))),
        _counted("systolic_bp", "Blood pressure, upper number", "mmHg", 30, 300),
        _counted("diastolic_bp", "Blood pressure, lower number", "mmHg", 10, 200),
        _counted("pulse", "Pulse", "a minute", 10, 250),
        Field(
            "consciousness",
            "Awake and alert?",
            Kind.CHOICE,
            (
                ("A", "Alert"),
                ("C", "New confusion, or not sure if it is new"),
                ("V", "Responds to voice"),
                ("P", "Responds to pain"),
                ("U", "Does not respond"),
            ),
        ),
        Field("temperature", "Temperature", Kind.NUMBER, unit="°C", least=25, most=45),
        Field("glucose", "Blood glucose", Kind.NUMBER, unit="mmol/L", least=0.5, most=50),
        Field("taken_at", "Taken at", hint="For example: 03:05", clock=True),
        Field("soft_signs", "What else is different", Kind.CHOICES, SOFT_SIGNS),
    ),
)

# Most of a person's needs are as ever: two answers for that, and the five levels where they are not.
_MOSTLY: Choices = (("as_usual", "As usual"), ("worse", "Worse than usual"))

TODAY = Section(
    "today",
    "Today",
    (
        *(Field(f.key, f.label, f.kind, (*_MOSTLY, *f.choices), detail="Today") for f in CARE_ACTIVITIES),
        Field("last_ate", "Last ate and drank"),
        Field("bowels", "Bowels last opened"),
        Field("companion", "Who comes along"),
    ),
    hint="Only what you saw today. What you leave blank reads “not assessed”.",
)


def contradictions(key: str, answers: Values) -> dict[str, str]:
    """Answers of one kind that cannot both be true: a sentence by field, to be put right before saving."""
    upper, lower = answers.get("systolic_bp"), answers.get("diastolic_bp")
    if key == "observations" and upper is not None and lower is not None and lower >= upper:
        return {"diastolic_bp": "The lower number must be below the upper one. Check both."}
    return {}


STILL_TO_COME = "That is still to come: yesterday? Write the day too."


_CLOCKS = tuple(f.key for section in (WHY_NOW, OBSERVATIONS, TODAY) for f in section.fields if f.clock)


def why_not_yet(text: str, now: datetime) -> str:
    """Why a time as typed cannot have been yet, in a sentence; "" where it can."""
    clock = typed_moment.soon(text, now)
    if clock is not None:
        return f"{clock:%H:%M} is still to come today. Write “{clock:%H:%M} yesterday” if you mean yesterday."
    return STILL_TO_COME if typed_moment.still_to_come(text, now) else ""


def still_to_come(answers: Values, now: datetime) -> dict[str, str]:
    """A sentence for each time that has not come yet, by field."""
    said = {key: why_not_yet(str(answers[key]), now) for key in _CLOCKS if answers.get(key)}
    return {key: sentence for key, sentence in said.items() if sentence}


def dated(answers: Values, now: datetime) -> Values:
    """The same answers, each clock time with its day: 23:50 typed at 06:21 was yesterday, and is read on
    another day."""
    times = {key: typed_moment.dated(str(answers[key]), now) for key in _CLOCKS if answers.get(key)}
    return {**answers, **times}


PAPER_KINDS: Choices = (
    ("mar", "MAR chart"),
    ("cpr", "ReSPECT or DNACPR form"),
    ("care_plan", "Care plan summary"),
    ("this_is_me", "This is me"),
    ("lpa", "Lasting power of attorney"),
    ("gp_summary", "GP summary"),
    ("other", "Another paper"),
)
PAPER_TRAVELS: Choices = (("original", "Original"), ("copy", "Copy"), ("no", "Not in the bag"))
CARRIED: Choices = (("worn", "Worn"), ("in_bag", "In the bag"), ("in_hand", "In hand"))

TODAYS_SECTIONS: dict[str, Section] = {s.key: s for s in (WHY_NOW, OBSERVATIONS, TODAY)}

SBAR = {
    "situation": "S",
    "started": "S",
    "last_seen_well": "S",
    "called": "S",
    "background": "B",
    "assessment": "A",
    "request": "R",
    "wishes_today": "R",
}
"""The part of a handover that an answer of "Why now" belongs to, in the order in which it is told:
situation, background, assessment, request."""
