"""The standing record: its sections and fields, as one table.

Headings follow the professional-records standard "urgent transfer from care home to hospital" and
the paper red bag forms. Forms, pages, packs and prints are all drawn from this table, so that a field
that exists in one exists in every one. Values are plain JSON: text, ISO dates, numbers, lists of
choices, lists of rows. A field that is absent or None was never answered: "not recorded", which is
not "no".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Values = dict[str, Any]


class Kind(StrEnum):
    """What may be typed in a field."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    MOMENT = "moment"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    ROWS = "rows"


Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Field:
    """One question. `detail` adds a free line beside a choice, kept under `<key>_detail`.

    `required`: the sentence for a blank answer; "" where a blank is an answer too. `clock`: free text
    that names a time, in which 26:00 and 31/2 are refused. `whole`: a number that has no decimals.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    choices: Choices = ()
    hint: str = ""
    detail: str = ""
    columns: tuple[Field, ...] = ()
    unit: str = ""
    least: float | None = None
    most: float | None = None
    longest: int = 500
    required: str = ""
    clock: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the record that is reviewed as one. `review_days`: the default review interval."""

    key: str
    title: str
    fields: tuple[Field, ...]
    review_days: int = 90
    hint: str = ""

    def field(self, key: str) -> Field:
        """The field with this key. Raises KeyError."""
        for candidate in self.fields:
            if candidate.key == key:
                return candidate
        raise KeyError(key)


YES_NO: Choices = (("yes", "Yes"), ("no", "No"))
YES_NO_UNKNOWN: Choices = (*YES_NO, ("not_known", "Not known"))

# domain: usual needs, and today's. One scale for both.
NEED_LEVELS: Choices = (
    ("independent", "Independent"),
    ("slight", "Slight difficulty"),
    ("moderate", "Moderate difficulty"),
    ("moderately_severe", "Moderately severe difficulty"),
    ("severe", "Severe difficulty"),
)

IDDSI_FOOD: Choices = (
    ("7", "7 Regular"),
    ("7ec", "7 Regular, easy to chew"),
    ("6", "6 Soft and bite-sized"),
    ("5", "5 Minced and moist"),
    ("4", "4 Pureed"),
    ("3", "3 Liquidised"),
)
IDDSI_DRINK: Choices = (
    ("0", "0 Thin"),
    ("1", "1 Slightly thick"),
    ("2", "2 Mildly thick"),
    ("3", "3 Moderately thick"),
    ("4", "4 Extremely thick"),
)
FRAILTY: Choices = (
    ("1", "1 Very fit"),
    ("2", "2 Fit"),
    ("3", "3 Managing well"),
    ("4", "4 Living with very mild frailty"),
    ("5", "5 Living with mild frailty"),
    ("6", "6 Living with moderate frailty"),
    ("7", "7 Living with severe frailty"),
    ("8", "8 Living with very severe frailty"),
    ("9", "9 Terminally ill"),
)
PRESSURE_CATEGORIES: Choices = (
    ("1", "Category 1"),
    ("2", "Category 2"),
    ("3", "Category 3"),
    ("4", "Category 4"),
    ("unstageable", "Unstageable"),
    ("deep_tissue", "Deep tissue injury"),
    ("moisture", "Moisture damage"),
)
ALLERGY_STATUS: Choices = (
    ("allergies", "Has allergies or reactions (list them below)"),
    ("none_known", "No known allergies"),
    ("not_known", "Not known (asked, nobody could say)"),
)
CPR_DECISIONS: Choices = (
    ("attempt", "Attempt CPR"),
    ("not_recommended", "CPR not recommended"),
    ("none_known", "No decision known"),
)
CPR_ONLY = "This is about CPR only: other treatment continues"

ALERTS = Section(
    "alerts",
    "Alerts",
    (
        Field("allergy_status", "Allergies and reactions", Kind.CHOICE, ALLERGY_STATUS),
        Field(
            "allergies",
            "Each allergy or reaction",
            Kind.ROWS,
            columns=(
                Field("substance", "To what", longest=120),
                Field("reaction", "What happened", hint="For example: rash, swelling, could not breathe"),
            ),
        ),
        Field("cpr_decision", "Resuscitation (CPR)", Kind.CHOICE, CPR_DECISIONS, hint=CPR_ONLY),
        Field(
            "cpr_form",
            "Recorded on",
            Kind.CHOICE,
            (("respect", "ReSPECT form"), ("dnacpr", "DNACPR form"), ("other", "Another paper")),
        ),
        Field("cpr_date", "Date of the decision", Kind.DATE),
        Field("cpr_review_date", "Review date of the decision", Kind.DATE),
        Field("cpr_clinician", "Clinician who signed"),
        Field("cpr_original", "Where the signed original is", hint="The original travels with the person"),
        Field(
            "adrt",
            "Advance decision to refuse treatment",
            Kind.CHOICE,
            YES_NO_UNKNOWN,
            detail="Which treatment, and where the paper is",
        ),
        Field("infection", "Infection risk", Kind.CHOICE, YES_NO_UNKNOWN, hint="If yes, list each below"),
        Field(
            "infections",
            "Each infection",
            Kind.ROWS,
            columns=(
                Field(
                    "kind",
                    "Infection",
                    Kind.CHOICE,
                    (
                        ("mrsa", "MRSA"),
                        ("cdiff", "C. difficile"),
                        ("respiratory", "Respiratory (for example COVID-19, flu)"),
                        ("other", "Other"),
                    ),
                ),
                Field("date", "Date", Kind.DATE),
                Field("note", "Note"),
            ),
        ),
        Field("choking", "Choking or swallowing risk", Kind.CHOICE, YES_NO_UNKNOWN, detail="What to do"),
        Field(
            "diabetes",
            "Diabetes",
            Kind.CHOICE,
            (
                ("no", "No"),
                ("diet", "Yes, by diet"),
                ("tablets", "Yes, tablets"),
                ("insulin", "Yes, insulin"),
                ("not_known", "Not known"),
            ),
        ),
        Field("anticoagulant", "Anticoagulant (blood thinner)", Kind.CHOICE, YES_NO_UNKNOWN, detail="Which"),
        Field("falls", "Falls risk", Kind.CHOICE, YES_NO_UNKNOWN, detail="Last fall, what helps"),
        Field(
            "wandering", "Walks off or becomes distressed", Kind.CHOICE, YES_NO_UNKNOWN, detail="What helps"
        ),
        Field("oxygen", "Oxygen at home", Kind.CHOICE, YES_NO_UNKNOWN, detail="Flow and hours"),
        Field("implant", "Pacemaker or implant", Kind.CHOICE, YES_NO_UNKNOWN, detail="Which"),
        Field(
            "refuses_blood",
            "Refuses blood products",
            Kind.CHOICE,
            YES_NO_UNKNOWN,
            detail="Where this is written",
        ),
        Field(
            "dols",
            "Deprivation of liberty authorisation at the home",
            Kind.CHOICE,
            YES_NO_UNKNOWN,
            detail="Until when",
            hint="It does not cover the hospital",
        ),
        Field(
            "ring_first",
            "Ring the home before sharing information or discharge",
            Kind.CHOICE,
            YES_NO,
            hint="Choose yes for a safeguarding concern. The reason is never printed.",
        ),
    ),
    review_days=30,
    hint="These stand on the first screen and the first page.",
)


def _need(key: str, label: str, detail: str, none: str = "Independent") -> Field:
    return Field(key, label, Kind.CHOICE, (("independent", none), *NEED_LEVELS[1:]), detail=detail)


CARE_ACTIVITIES: tuple[Field, ...] = (
    _need("mobility", "Walking and moving about", "Aids, how many people help"),
    _need("transfers", "Getting in and out of bed or chair", "Hoist, stand aid, how many people help"),
    _need("continence", "Using the toilet, continence", "Products, routine"),
    _need("washing", "Washing and dressing", "What they do themselves"),
    _need("eating", "Eating and drinking", "Help needed, likes, special cup"),
    _need("sleep", "Sleep", "Usual pattern, what helps"),
    _need("breathing", "Breathing", "Usual breathlessness, inhalers, sitting up"),
    _need("cognition", "Memory and thinking", "Usual confusion: what is normal for them"),
    _need("communication", "Communication", "How to ask, how they answer"),
    _need("hearing", "Hearing", "Hearing aids, better side"),
    _need("vision", "Sight", "Glasses, what they can see"),
    _need("behaviour", "Behaviour that worries them or others", "What sets it off, what calms them", "None"),
)

NEEDS = Section(
    "needs",
    "Usual needs",
    (
        *CARE_ACTIVITIES,
        Field("pain", "Pain, and how the person shows it", Kind.LONG_TEXT),
        Field("iddsi_food", "Food (IDDSI level)", Kind.CHOICE, IDDSI_FOOD),
        Field("iddsi_drink", "Drinks (IDDSI level)", Kind.CHOICE, IDDSI_DRINK),
        Field(
            "catheter",
            "Catheter",
            Kind.CHOICE,
            (
                ("none", "None"),
                ("urethral", "Urethral"),
                ("suprapubic", "Suprapubic"),
                ("not_known", "Not known"),
            ),
        ),
        Field("catheter_size", "Catheter size", unit="Ch"),
        Field("catheter_changed", "Catheter last changed", Kind.DATE),
        Field("skin", "Skin", Kind.LONG_TEXT, hint="Frail skin, dressings, creams"),
        Field(
            "pressure_areas",
            "Pressure areas",
            Kind.ROWS,
            columns=(
                Field("site", "Where on the body", longest=120),
                Field("category", "Category", Kind.CHOICE, PRESSURE_CATEGORIES),
                Field("note", "Note"),
            ),
        ),
        Field("equipment", "Equipment used", Kind.LONG_TEXT),
        Field("frailty", "Clinical Frailty Scale", Kind.CHOICE, FRAILTY),
        Field("weight", "Weight", Kind.NUMBER, unit="kg", least=20, most=300),
        Field("weight_date", "Weighed on", Kind.DATE),
    ),
)

ABOUT_ME = Section(
    "about_me",
    "About me",
    (
        Field("matters", "What matters most to me", Kind.LONG_TEXT, longest=10000),
        Field("people", "People important to me", Kind.LONG_TEXT, longest=10000),
        Field(
            "communicate", "How I communicate and how to communicate with me", Kind.LONG_TEXT, longest=10000
        ),
        Field("wellness", "My wellness", Kind.LONG_TEXT, longest=10000),
        Field("please_do", "Please do", Kind.LONG_TEXT, longest=10000),
        Field("please_dont", "Please don’t", Kind.LONG_TEXT, longest=10000),
        Field("support", "How and when to support me", Kind.LONG_TEXT, longest=10000),
        Field("also", "Also worth knowing about me", Kind.LONG_TEXT, longest=10000),
        Field("helped_by", "Who helped write this"),
        Field("written_on", "When it was written", Kind.DATE),
    ),
    review_days=180,
)

PEOPLE = Section(
    "people",
    "People",
    (
        Field(
            "contacts",
            "Next of kin and other contacts",
            Kind.ROWS,
            columns=(
                Field("name", "Name", longest=120),
                Field("relation", "Relation", hint="For example: daughter (next of kin)", longest=120),
                Field("phone", "Phone", longest=40),
                Field("note", "Note", hint="For example: not at night"),
            ),
        ),
        Field(
            "attorneys",
            "Lasting power of attorney",
            Kind.ROWS,
            columns=(
                Field("name", "Name", longest=120),
                Field(
                    "kind",
                    "Kind",
                    Kind.CHOICE,
                    (
                        ("health", "Health and welfare"),
                        ("property", "Property and financial affairs"),
                        ("both", "Both"),
                    ),
                ),
                Field("phone", "Phone", longest=40),
                Field("copy", "A copy travels", Kind.CHOICE, YES_NO),
            ),
        ),
        Field(
            "consent",
            "Capacity and consent to share",
            Kind.CHOICE,
            (
                ("consents", "Has capacity and agrees to share"),
                ("declines", "Has capacity and does not agree"),
                ("attorney", "Health and welfare attorney agrees"),
                ("best_interest", "Lacks capacity: shared by a best-interest decision"),
            ),
            detail="Who decided, and when",
            hint="Next of kin cannot consent for someone. "
            "Missing consent never blocks sharing in an emergency.",
        ),
    ),
)

HISTORY = Section(
    "history",
    "Past history",
    (
        Field("conditions", "Conditions", Kind.LONG_TEXT, longest=10000),
        Field("operations", "Operations", Kind.LONG_TEXT, longest=10000),
        Field("admissions", "Recent admissions", Kind.LONG_TEXT, longest=10000),
        Field("immunisations", "Immunisations", Kind.LONG_TEXT, longest=10000),
    ),
    review_days=180,
)

WISHES = Section(
    "wishes",
    "Wishes",
    (
        Field("care_plan", "Advance care plan", Kind.LONG_TEXT, longest=10000),
        Field("place_of_care", "Preferred place of care"),
        Field("place_of_death", "Preferred place of death"),
        Field("limits", "Treatment limits", Kind.LONG_TEXT, longest=10000),
        Field("papers", "Where the papers are"),
    ),
    review_days=180,
)

SECTIONS: tuple[Section, ...] = (ALERTS, NEEDS, ABOUT_ME, PEOPLE, HISTORY, WISHES)
SECTION_BY_KEY: dict[str, Section] = {s.key: s for s in SECTIONS}


def choice_label(question: Field, value: object) -> str:
    """The words for a stored choice; the stored text itself where the list has changed since."""
    return dict(question.choices).get(str(value), str(value))
