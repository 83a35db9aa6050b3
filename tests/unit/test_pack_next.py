"""The next round of medicines in one line, and whom to ring beside the home."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from redbag.domain.medicine_line import Line
from redbag.domain.pack_next import next_by_mar, next_of_kin
from redbag.domain.pack_source import SourceMedicine

NIGHT = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)


def medicine(name: str, *times: str, frequency: str = "once a day", **more: Any) -> SourceMedicine:
    line = {key: more.pop(key) for key in ("as_needed", "time_critical") if key in more}
    return SourceMedicine(name, Line(name, frequency=frequency, times=times, **line), **more)


FIVE = tuple(medicine(name, "08:00") for name in ("Ramipril", "Senna", "Sertraline", "Iron", "Folic acid"))


def test_five_of_six_at_eight_are_one_calm_line() -> None:
    said = next_by_mar((*FIVE, medicine("Atorvastatin", "22:00")), NIGHT)
    assert said == "Next by the home’s MAR: Sun 22 Nov, 08:00 (5 medicines). Check the hospital chart."


def test_what_has_a_line_of_its_own_or_no_next_time_is_not_counted() -> None:
    others = (
        medicine("Co-careldopa", "07:00", time_critical=True),
        medicine("Paracetamol", "06:00", as_needed=True),
        medicine("Furosemide", "06:00", paused="until bloods"),
        medicine("Amoxicillin", "06:00", started_on=date(2026, 11, 24)),
        medicine("Lactulose"),
    )
    assert next_by_mar((*FIVE, *others), NIGHT) == (
        "Other medicines next by the home’s MAR: Sun 22 Nov, 08:00 (5 medicines); no clear times for 1 more. "
        "Check the hospital chart."
    )


def test_a_time_that_has_come_is_not_next() -> None:
    at_eight = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert "Mon 23 Nov, 08:00 (1 medicine)" in next_by_mar(FIVE[:1], at_eight)


def test_where_nothing_can_be_said_it_is_said_or_left() -> None:
    assert next_by_mar((), NIGHT) == ""
    assert next_by_mar((medicine("Paracetamol", as_needed=True),), NIGHT) == ""
    assert next_by_mar((medicine("Lactulose"),), NIGHT) == (
        "Next by the home’s MAR: no clear times for 1 medicine. Check the hospital chart."
    )


ANN = {"name": "Ann Carter", "relation": "daughter (next of kin)", "phone": "07700 900123"}
LEO = {"name": "Leo", "relation": "grandson", "phone": "07700 900124"}


@pytest.mark.parametrize(
    ("contacts", "words"),
    [
        ([], ""),
        ([LEO, ANN], "Next of kin: Ann Carter, daughter, 07700 900123"),
        ([{**ANN, "relation": "Next of kin, daughter"}], "Next of kin: Ann Carter, daughter, 07700 900123"),
        (
            [{**ANN, "relation": "NOK", "note": "not at night"}],
            "Next of kin: Ann Carter, 07700 900123 (not at night)",
        ),
        ([LEO], "First contact: Leo, grandson, 07700 900124"),
        ([{"name": "Leo"}], "First contact: Leo, number not recorded"),
        ([{"phone": "07700 900124"}], "First contact: name not recorded, 07700 900124"),
        ([{"note": "nobody"}], ""),
    ],
)
def test_next_of_kin_else_the_first_contact(contacts: list[dict[str, str]], words: str) -> None:
    assert next_of_kin({"contacts": contacts}) == words
