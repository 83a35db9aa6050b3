"""A clock time without its day that comes within the next hours: asked about, never taken for yesterday's."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from redbag.domain.doses import last_dose_words
from redbag.domain.london_time import from_london
from redbag.domain.medicine_line import Line
from redbag.domain.todays_facts import STILL_TO_COME, why_not_yet
from redbag.domain.todays_facts import dated as dated_answers
from redbag.domain.todays_facts import still_to_come as wrong_times
from redbag.domain.typed_moment import dated, soon, still_to_come
from tests.unit.typed_soon import DAYS, STILL_SAID, TAKEN

LATE = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)


def typed_at(day: date, clock: str) -> datetime:
    return from_london(day, time.fromisoformat(clock))


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(("clock", "typed", "said"), STILL_SAID)
def test_a_bare_time_within_six_hours_is_asked_about(day: date, clock: str, typed: str, said: str) -> None:
    now = typed_at(day, clock)
    assert why_not_yet(typed, now) == (
        f"{said} is still to come today. Write “{said} yesterday” if you mean yesterday."
    )
    assert still_to_come(typed, now)
    assert dated(typed, now) == typed, "words stay words: no day is guessed"
    meant = f"{said} yesterday"
    assert why_not_yet(meant, now) == ""
    assert dated(meant, now).endswith(f", {said}"), "what is offered is taken"


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize(("clock", "typed"), TAKEN)
def test_every_other_time_is_taken_as_before(day: date, clock: str, typed: str) -> None:
    now = typed_at(day, clock)
    assert soon(typed, now) is None
    assert not still_to_come(typed, now)
    assert why_not_yet(typed, now) == ""


def test_the_night_shift_still_means_last_night() -> None:
    night = LATE.replace(hour=2, minute=50)
    assert dated("20:00", night) == "Sat 21 Nov, 20:00"
    assert dated("22:00", night) == "Sat 21 Nov, 22:00"
    assert dated("22:35", LATE) == "Sun 22 Nov, 22:35"  # a clock that runs fast
    assert dated("00:10", LATE.replace(hour=23, minute=50)) == "Mon 23 Nov, 00:10"


def test_a_day_that_is_named_keeps_its_own_sentence() -> None:
    for typed in ("23:50 today", "tonight 23:50", "tomorrow 08:00"):
        assert why_not_yet(typed, LATE) == STILL_TO_COME, typed


def test_answers_are_refused_by_field_and_the_rest_gets_its_day() -> None:
    answers = {"taken_at": "23:50", "pulse": 88}
    assert wrong_times(answers, LATE) == {
        "taken_at": "23:50 is still to come today. Write “23:50 yesterday” if you mean yesterday."
    }
    assert dated_answers(answers, LATE) == answers


def test_what_was_kept_while_the_crew_waited_reads_as_it_was_typed() -> None:
    doses = {"saved_at": LATE.isoformat(), "m": {"answer": "given", "when": "23:50"}}
    words, _ = last_dose_words(Line("Morphine", controlled=True), "m", doses, LATE)
    assert words == "Given 23:50 (written Sun 22 Nov 2026, 22:30)"
