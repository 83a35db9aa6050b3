"""What is looked at twice when a medicine is typed."""

from __future__ import annotations

import pytest

from redbag.domain.medicine_line import Line
from redbag.domain.medicine_plausible import impossible, in_order, to_ask


@pytest.mark.parametrize(
    ("frequency", "times", "sentence"),
    [
        ("twice a day", "08:00, 25:00", "25:00 is not a time of the day. Write it like 08:00."),
        ("twice a day", "08:00, 12:00, 18:00, 22:00", "“twice a day”, and 4 times written here."),
        ("5 times a day", "08:00, 20:00", "“5 times a day”, and 2 times written here."),
    ],
)
def test_times_that_cannot_be_are_refused(frequency: str, times: str, sentence: str) -> None:
    assert sentence in impossible({"frequency": frequency, "times": times})["times"]


@pytest.mark.parametrize(
    ("frequency", "times"),
    [
        ("twice a day", "08:00, 20:00"),
        ("", "08:00"),
        ("bd", ""),
        ("every 72 hours", "Mon 10:00"),
        ("bd", "am"),
    ],
)
def test_times_that_can_be_are_kept(frequency: str, times: str) -> None:
    assert impossible({"frequency": frequency, "times": times}) == {}


def test_times_stand_in_the_order_of_the_day() -> None:
    assert in_order({"times": "20:00, 08:00"})["times"] == "08:00, 20:00"
    assert in_order({"times": "tea time, 08:00"})["times"] == "tea time, 08:00"


def test_units_the_same_again_and_allergies_are_asked_about() -> None:
    typed = {"name": "Paracetamol", "strength": "500 g", "form": "tablets"}
    others = [Line("Paracetamol", "tablets", "500 mg", "2 tablets"), Line("Senna")]
    assert to_ask(typed, others, []) == (
        "Paracetamol: 500 g is written. Is it mg?",
        "Paracetamol is on the list already: Paracetamol 500 mg tablets, 2 tablets.",
    )
    cream = {"name": "Diprobase cream", "strength": "500 g"}
    assert to_ask(cream, others, []) == ()
    amoxicillin = {"name": "Amoxicillin", "strength": "500 mg"}
    assert "an allergy or reaction is recorded: Penicillin" in to_ask(amoxicillin, [], ["Penicillin"])[0]
    assert to_ask({**amoxicillin, "allergy_conflict": "Dr Lee decided"}, [], ["Penicillin"]) == ()
