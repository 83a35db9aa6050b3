"""Last doses in words: the day, and for each medicine the MAR's time that the answer covers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from redbag.domain.doses import last_dose_words, offered_upto, planned_time_missing
from redbag.domain.medicine_line import Line
from redbag.domain.typed_moment import dated, impossible, still_to_come

# Sunday 22 November 2026, 03:10, in the middle of the night.
NIGHT = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
MORNING = ("once a day", ("08:00",))


def planned(
    upto: str, frequency: str = "once a day", times: tuple[str, ...] = ("08:00",), **more: Any
) -> str:
    doses = {"ordinary": "all_given", "ordinary_upto": upto, "saved_at": NIGHT.isoformat()}
    words, answered = last_dose_words(
        Line("Ramipril", frequency=frequency, times=times), "r", doses, NIGHT, **more
    )
    assert answered
    return words


@pytest.mark.parametrize(
    ("upto", "frequency", "times", "words"),
    [
        # Due at 08:00: given as planned up to 22:00 never reads as given at 22:00.
        ("22:00", *MORNING, "Given as planned, last due Sat 21 Nov, 08:00"),
        ("22:00 last night", *MORNING, "Given as planned, last due Sat 21 Nov, 08:00"),
        ("Sun 22 Nov 2026, 03:10", *MORNING, "Given as planned, last due Sat 21 Nov, 08:00"),
        ("08:00 yesterday", *MORNING, "Given as planned, last due Sat 21 Nov, 08:00"),
        ("07:59 yesterday", *MORNING, "Given as planned, last due Fri 20 Nov, 08:00"),
        ("22:00", "twice a day", ("08:00", "22:00"), "Given as planned, last due Sat 21 Nov, 22:00"),
        ("22:00", "once a week", ("Monday 08:00",), "Given as planned, last due Mon 16 Nov, 08:00"),
        ("22:00", "once a day", (), "Given as planned up to Sat 21 Nov, 22:00; MAR times not recorded"),
        (
            "22:00",
            "twice a day",
            ("08:00",),
            "Given as planned up to Sat 21 Nov, 22:00; MAR: twice a day, 08:00",
        ),
        ("", *MORNING, "Given as planned, time not recorded"),
        (
            "yesterday",
            *MORNING,
            "Given as planned up to Sat 21 Nov, time not recorded; MAR: once a day, 08:00",
        ),
    ],
)
def test_all_given_as_planned_names_the_last_dose_of_each(
    upto: str, frequency: str, times: tuple[str, ...], words: str
) -> None:
    assert planned(upto, frequency, times) == words


def test_a_medicine_that_began_that_day_is_not_given_a_time() -> None:
    words = planned("22:00", started_on=date(2026, 11, 21))
    assert words == "Given as planned up to Sat 21 Nov, 22:00; started Sat 21 Nov 2026"
    assert planned("22:00", started_on=date(2026, 11, 20)) == "Given as planned, last due Sat 21 Nov, 08:00"


def test_a_paused_medicine_is_not_said_to_be_given() -> None:
    assert planned("22:00", paused="until bloods") == "Paused: until bloods; last dose not recorded"


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("21:30", "Given Sat 21 Nov, 21:30"),
        ("02:00 today", "Given Sun 22 Nov, 02:00"),
        ("19:00 yesterday by Joy", "Given 19:00 yesterday by Joy (Sat 21 Nov, 19:00)"),
        ("yesterday", "Given Sat 21 Nov, time not recorded"),
        ("after her tea", "Given after her tea (written Sun 22 Nov 2026, 03:10)"),
        ("", "Given, time not recorded"),
    ],
)
def test_what_is_answered_by_itself_carries_its_day(when: str, words: str) -> None:
    doses = {"s": {"answer": "given", "when": when}, "saved_at": NIGHT.isoformat()}
    assert last_dose_words(Line("Salbutamol", as_needed=True), "s", doses, NIGHT) == (words, True)


def test_some_missed_says_which_and_up_to_when() -> None:
    doses = {"ordinary": "some_missed", "ordinary_upto": "22:00", "ordinary_note": "no senna"}
    words, _ = last_dose_words(Line("Senna"), "s", doses, NIGHT)
    assert words == "Some ordinary medicines were not given up to Sat 21 Nov, 22:00: no senna"


def test_each_that_was_ticked_was_not_given_and_the_others_were() -> None:
    doses = {
        "ordinary": "some_missed",
        "ordinary_upto": "22:00",
        "ordinary_missed": ["s", "r"],
        "s": {"note": "refused"},
    }
    line = Line("Senna", frequency="once a day", times=("08:00",))
    assert last_dose_words(line, "s", doses, NIGHT) == ("Not given: refused", True)
    assert last_dose_words(line, "r", doses, NIGHT) == ("Not given: reason not recorded", True)
    assert last_dose_words(line, "other", doses, NIGHT)[0] == "Given as planned, last due Sat 21 Nov, 08:00"
    assert not planned_time_missing(line, "s", {**doses, "ordinary_upto": ""}, NIGHT)
    assert planned_time_missing(line, "other", {**doses, "ordinary_upto": ""}, NIGHT)


def test_a_dose_that_is_still_to_come_is_known_from_one_of_the_past() -> None:
    early = datetime(2026, 11, 22, 6, 21, tzinfo=UTC)
    assert still_to_come("18:00 today", early)
    for text in ("23:50", "18:00 yesterday", "05:00 today", "18:00 last night", "with her tea", ""):
        assert not still_to_come(text, early)
    for text in ("tomorrow 08:00", "24/11", "24 Nov 08:00", "3/1", "22/11/2027", "23 Nov 2026"):
        assert still_to_come(text, early), text
    for text in ("21/11", "22 Nov", "24/11/2025", "25 May", "1/2 tablet at 05:00"):
        assert not still_to_come(text, early), text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("23:50", "Sat 21 Nov, 23:50"),
        ("06:10", "Sun 22 Nov, 06:10"),
        ("22:00 last night", "Sat 21 Nov, 22:00"),
        ("18:00 yesterday", "Sat 21 Nov, 18:00"),
        ("19:00 yesterday by Joy", "19:00 yesterday by Joy"),
        ("21/11 23:50", "21/11 23:50"),
        ("after her tea", "after her tea"),
        ("18:00 today", "18:00 today"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_time_without_its_day_gets_the_day_that_was_meant(typed: str, kept: str) -> None:
    assert dated(typed, datetime(2026, 11, 22, 6, 21, tzinfo=UTC)) == kept


def test_a_day_or_a_time_that_does_not_exist_is_named() -> None:
    for text in ("26:00", "08:75", "31/2", "31/2 08:00", "30 Feb", "12/13", "29/2/2026"):
        assert impossible(text).startswith("There is no "), text
    for text in ("29/2", "31/1", "08:00 3/11", "1/2 tablet", "BP 120/80", ""):
        assert impossible(text) == "", text


def test_all_given_is_offered_up_to_the_last_planned_time_before_they_fell_ill() -> None:
    morning = Line("Ramipril", frequency="once a day", times=("08:00",))
    both = Line("Senna", frequency="twice a day", times=("08:00", "22:00"))
    at = NIGHT.replace(hour=14)
    told = (
        ((morning, both), None, NIGHT.replace(day=22, hour=8, minute=0)),  # 22:00 is still to come
        ((morning, both), NIGHT, NIGHT.replace(day=21, hour=22, minute=0)),  # fell ill in the night
        ((morning, both), NIGHT.replace(day=19), NIGHT.replace(hour=8, minute=0)),  # ill for days
        ((Line("Senna"),), None, None),  # no times on the MAR
    )
    for lines, fell_ill, upto in told:
        assert offered_upto(lines, fell_ill, at) == upto
