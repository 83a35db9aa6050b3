"""A pack without the bag in hand ("break-glass"): what is asked, for how long, and how the home answers.

The person is named by NHS number and date of birth, both exact, so that nobody can look around; a reason is
typed; the look ends by itself; the home is told at once and its manager reviews each one.
"""

from __future__ import annotations

from datetime import timedelta

from redbag.domain.record import Field, Kind

LOOK_LASTS = timedelta(minutes=60)
SHORTEST_REASON = 10

NOBODY = (
    "No pack is on its way for this NHS number and date of birth. Check both against the wristband. If they "
    "are right, ask the crew or the family which home it is, and ring the home."
)
REASON_TOO_SHORT = "Say in a few words why you need it now: the home reads this."

QUESTIONS = (
    Field(
        "nhs_number",
        "NHS number",
        hint="From the wristband, for example 999 000 1235",
        longest=20,
        required="Type the NHS number: the whole of it is needed.",
    ),
    Field("date_of_birth", "Date of birth", Kind.DATE, required="Type the date of birth."),
    Field(
        "reason",
        "Why you need the pack without the bag",
        Kind.LONG_TEXT,
        hint="For example: arrived without the bag, unconscious",
        longest=300,
        required=REASON_TOO_SHORT,
    ),
)

RIGHT, ASKED = "right", "asked"
REVIEWS: tuple[tuple[str, str], ...] = (
    (RIGHT, "It was right: they needed it"),
    (ASKED, "I do not know why: I am asking the hospital"),
)
