"""When a frozen due time gives way to the times of the MAR."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from redbag.domain.due_passed import by_now, round_now, still_helps, still_to_come

MISSED = "was due Sat 17 Oct, 18:00: ask the home whether it was given; next due Sun 18 Oct, 07:00"


@pytest.mark.parametrize("words", ["due Sun 18 Oct, 07:00", "change due Sun 18 Oct, 07:00", MISSED])
def test_due_words_help_until_a_day_after(words: str) -> None:
    due = date(2026, 10, 18)
    for days in range(-7, 2):
        assert still_helps(words, due + timedelta(days=days))
    for days in (2, 3, 35, 200):
        assert not still_helps(words, due + timedelta(days=days))


def test_nothing_computed_is_nothing_stale() -> None:
    for words in ("", "words that a later version of next_due might write"):
        assert still_helps(words, date(2026, 11, 22))


def test_the_first_of_a_month_is_not_the_eleventh_or_the_next_years() -> None:
    assert not still_helps("due Sun 1 Nov, 07:00", date(2026, 11, 11))
    assert not still_helps("due Sun 1 Nov, 07:00", date(2027, 11, 1))
    assert still_helps("due Fri 1 Jan, 07:00", date(2026, 12, 31))


PHONE = "020 7946 0199"
THREE = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def test_a_dose_is_to_come_until_its_minute() -> None:
    missed = "was due Sun 22 Nov, 07:00: not given; next due Sun 22 Nov, 15:00"
    for words in ("due Sun 22 Nov, 15:00", missed):
        assert still_to_come(words, THREE - timedelta(minutes=1)) == "due Sun 22 Nov, 15:00"
        assert still_to_come(words, THREE) == ""
    assert still_to_come("change due Tue 24 Nov", THREE) == "change due Tue 24 Nov"
    assert still_to_come("", THREE) == still_to_come("due Sun 18 Oct, 07:00", THREE) == ""


def test_before_admission_a_time_that_passed_was_due_and_the_home_is_asked() -> None:
    words = "due Sun 22 Nov, 15:00"
    assert by_now(words, THREE - timedelta(minutes=1), PHONE) == words
    asked = f"ask the home, {PHONE}, whether it was given"
    assert by_now(words, THREE, PHONE) == f"was due Sun 22 Nov, 15:00: {asked}"
    assert "whether it was changed" in by_now("change due Sun 22 Nov, 15:00", THREE, PHONE)
    assert by_now(words, THREE + timedelta(days=5), PHONE) == ""


def test_the_round_that_passed_was_due() -> None:
    words = "Next by the home’s MAR: Sun 22 Nov, 15:00 (5 medicines). Check the hospital chart."
    assert round_now(words, THREE - timedelta(minutes=1), PHONE) == words
    assert round_now(words, THREE, PHONE) == (
        "Medicines were due by the home’s MAR: Sun 22 Nov, 15:00 (5 medicines): "
        f"ask the home, {PHONE}, whether they were given"
    )
    assert round_now(f"Other medicines next{words[4:]}", THREE, PHONE).startswith("Other medicines were due")
    assert "Sun 22 Nov" not in round_now(words, THREE + timedelta(days=4), PHONE)
