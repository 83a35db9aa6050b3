"""When a frozen due time gives way to the times of the MAR."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from redbag.domain.due_passed import still_helps

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
