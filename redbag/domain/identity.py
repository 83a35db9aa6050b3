"""Who a resident is: the questions, and what their answers must hold to.

An NHS number is never a condition: "not known" is an answer, and a blank is neither.
"""

from __future__ import annotations

from datetime import date

from redbag.domain import nhs_number
from redbag.domain.errors import Invalid
from redbag.domain.london_time import age_on
from redbag.domain.record import Field, Kind, Values

OLDEST = 120

IDENTITY: tuple[Field, ...] = (
    Field("given_name", "First name", longest=120),
    Field(
        "family_name",
        "Family name",
        hint="For a person with one name only, write it here",
        longest=120,
        required="Write the family name. For a person with one name only, write it here.",
    ),
    Field("preferred_name", "Likes to be called", hint="Leave empty if it is the first name", longest=120),
    Field(
        "date_of_birth",
        "Date of birth",
        Kind.DATE,
        hint="For example 3 11 1938",
        required="Write the date of birth as day, month and year.",
    ),
    Field("nhs_number", "NHS number", hint="Ten digits, for example 999 123 4519", longest=40),
    Field("nhs_not_known", "", Kind.CHOICES, (("yes", "NHS number not known"),)),
    Field(
        "gender",
        "Gender",
        Kind.CHOICE,
        (("Female", "Female"), ("Male", "Male"), ("Another gender", "Another gender")),
    ),
    Field("room", "Room", longest=20),
    Field("gp_practice", "GP practice", longest=200),
    Field("first_language", "First language", longest=60),
    Field(
        "interpreter",
        "Interpreter",
        Kind.CHOICE,
        (("Needed", "Needed"), ("Not needed", "Not needed")),
    ),
    Field(
        "usual_news2",
        "Usual NEWS2 score when well",
        Kind.NUMBER,
        hint="Only if a nurse or GP has settled it",
        least=0,
        most=20,
    ),
    Field("usual_news2_on", "Day the usual score was settled", Kind.DATE),
    Field("moved_in_on", "Moved in on", Kind.DATE),
)

LEAVING: tuple[Field, ...] = (
    Field(
        "left_why",
        "What happened",
        Kind.CHOICE,
        (("moved", "Moved away"), ("died", "Died"), ("mistake", "Added by mistake")),
        required="Say what happened.",
    ),
    Field("left_on", "On which day", Kind.DATE, required="Write the day."),
)


def checked(typed: Values, today: date) -> Values:
    """The answers to IDENTITY as they are kept, after everything that one field cannot check alone.

    Raises Invalid with a sentence for each field.
    """
    errors: dict[str, str] = {}
    kept = {key: value for key, value in typed.items() if key != "nhs_not_known"}
    for key in ("date_of_birth", "usual_news2_on", "moved_in_on"):
        kept[key] = date.fromisoformat(typed[key]) if typed.get(key) else None
    _check_birth(kept["date_of_birth"], today, errors)
    try:
        text = str(typed.get("nhs_number") or "")
        kept["nhs_number"] = read_number(text, not_known=bool(typed.get("nhs_not_known")))
    except ValueError as problem:
        errors["nhs_number"] = str(problem)
    _check_usual(kept, today, errors)
    if kept["moved_in_on"] and kept["date_of_birth"] and kept["moved_in_on"] < kept["date_of_birth"]:
        errors["moved_in_on"] = "This is before the date of birth. Check both."
    if errors:
        raise Invalid(errors)
    return kept


def as_typed(kept: Values) -> Values:
    """The kept answers as the form shows them: a missing number reads "not known"."""
    return {**kept, "nhs_not_known": [] if kept.get("nhs_number") else ["yes"]}


def check_leaving(typed: Values, born: date, today: date) -> tuple[date, str]:
    """The day and the reason of leaving. Raises Invalid."""
    day = date.fromisoformat(typed["left_on"])
    if day > today:
        raise Invalid({"left_on": "This day is in the future. Come back to it when it has happened."})
    if day < born:
        raise Invalid({"left_on": "This is before the date of birth. Check the year."})
    return day, str(typed["left_why"])


def read_number(text: str, *, not_known: bool) -> str | None:
    """The NHS number that was typed, or None for "not known". Raises ValueError with a sentence."""
    if text and not_known:
        raise ValueError("There is a number and a tick at “not known”. Take one of them out.")
    return None if not_known else nhs_number.parse(text)


def _check_birth(born: date | None, today: date, errors: dict[str, str]) -> None:
    if born is None:
        return
    if born > today:
        errors["date_of_birth"] = "This day is in the future. Check the year."
    elif age_on(born, today) > OLDEST:
        errors["date_of_birth"] = f"This makes them {age_on(born, today)} years old. Check the year."


def _check_usual(kept: Values, today: date, errors: dict[str, str]) -> None:
    score, day = kept.get("usual_news2"), kept["usual_news2_on"]
    if score is not None and not isinstance(score, int):
        errors["usual_news2"] = "A NEWS2 score is a whole number."
    if score is not None and day is None:
        errors["usual_news2_on"] = "Write the day on which the usual score was settled."
    if day is not None and day > today:
        errors["usual_news2_on"] = "This day is in the future. Check the date."
    if day is not None and score is None:
        errors["usual_news2"] = "Write the score, or take the day out."
