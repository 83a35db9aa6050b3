"""When the next dose is due by the MAR, and where the MAR cannot tell."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import typed_moment
from redbag.domain.medicine_line import Line
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.next_due import LastDose, due_words, fixed_times, stands_first

# Sunday 22 November 2026, 03:10, in the middle of the night.
NIGHT = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FOUR = ("07:00", "11:00", "15:00", "19:00")


def parkinsons(frequency: str = "four times a day", times: tuple[str, ...] = FOUR, **more: object) -> Line:
    return Line("Co-careldopa", "tablets", frequency=frequency, times=times, time_critical=True, **more)  # type: ignore[arg-type]


def patch(frequency: str, times: tuple[str, ...] = ()) -> Line:
    return Line("Butec", "patch", frequency=frequency, times=times, kinds=frozenset({HighRisk.PATCH}))


def said(answer: str, when: str = "", written: datetime = NIGHT) -> LastDose:
    return LastDose(answer, when, written)


@pytest.mark.parametrize(
    ("answer", "when", "as_of", "words"),
    [
        ("given", "19:00", NIGHT, "due Sun 22 Nov, 07:00"),
        ("given", "19:00 yesterday by J. Adeyemi", NIGHT, "due Sun 22 Nov, 07:00"),
        ("given", "", NIGHT, "due Sun 22 Nov, 07:00"),
        # Given early, within the hour: that was the 19:00 dose.
        ("given", "18:20", NIGHT, "due Sun 22 Nov, 07:00"),
        # Given late.
        (
            "given",
            "20:45 last night",
            NIGHT,
            "due Sun 22 Nov, 07:00 (last given Sat 21 Nov, 20:45, not at a time of the MAR)",
        ),
        # A dose has been missed between the last one and now.
        (
            "given",
            "15:00",
            NIGHT,
            "was due Sat 21 Nov, 19:00: ask the home whether it was given; next due Sun 22 Nov, 07:00",
        ),
        # Answered in the night, asked at noon: two have passed since.
        (
            "given",
            "19:00",
            NOON,
            "was due Sun 22 Nov, 11:00: ask the home whether it was given; next due Sun 22 Nov, 15:00",
        ),
        (
            "given",
            "",
            NOON,
            "was due Sun 22 Nov, 11:00: ask the home whether it was given; next due Sun 22 Nov, 15:00",
        ),
        ("not_given", "", NIGHT, "was due Sat 21 Nov, 19:00: not given; next due Sun 22 Nov, 07:00"),
        (
            "not_given",
            "",
            NOON,
            "was due Sun 22 Nov, 11:00: ask the home whether it was given; next due Sun 22 Nov, 15:00",
        ),
        (
            "not_known",
            "",
            NIGHT,
            "was due Sat 21 Nov, 19:00: not known whether given; next due Sun 22 Nov, 07:00",
        ),
        (
            "",
            "",
            NIGHT,
            "was due Sat 21 Nov, 19:00: ask the home whether it was given; next due Sun 22 Nov, 07:00",
        ),
        # Weeks ago: every dose since has been missed.
        (
            "given",
            "1 Oct 2026 19:00",
            NIGHT,
            "was due Sat 21 Nov, 19:00: ask the home whether it was given; next due Sun 22 Nov, 07:00",
        ),
        # What cannot be placed is left to the reader's eye.
        ("given", "with tea", NIGHT, ""),
        ("given", "half at 15:00, half later", NIGHT, ""),
        ("given", "19:00 or 20:00", NIGHT, ""),
        ("given", "yesterday", NIGHT, ""),
        ("given", "tomorrow 07:00", NIGHT, ""),
        ("given", "Mon 21 Nov 19:00", NIGHT, ""),
    ],
)
def test_four_times_a_day(answer: str, when: str, as_of: datetime, words: str) -> None:
    assert due_words(parkinsons(), said(answer, when), as_of) == words


@pytest.mark.parametrize(
    ("frequency", "times"),
    [
        ("four times a day", ("07:00", "11:00")),
        ("twice a day", ("08:00", "evening")),
        ("twice a day", ()),
        ("", ("08:00", "20:00")),
        ("every other day", ("08:00",)),
        ("once a week", ("08:00",)),
        ("once a day on weekdays", ("08:00",)),
        ("twice a day as needed", ("08:00", "20:00")),
        ("once a day", ("monthly 10:00",)),
        ("twice a day", ("08:00", "08:00")),
        ("twice a week", ("Monday 10:00", "10:00")),
        ("every 5 hours", ("08:00", "13:00")),
    ],
)
def test_a_frequency_that_does_not_fix_the_moments_is_never_computed(
    frequency: str, times: tuple[str, ...]
) -> None:
    line = parkinsons(frequency, times)
    assert fixed_times(line) == () or frequency.endswith("needed")
    assert due_words(line, said("given", "19:00"), NIGHT) == ""


@pytest.mark.parametrize(
    ("frequency", "times"),
    [
        ("bd", ("08:00", "20:00")),
        ("twice a day with food", ("8am", "8pm")),
        ("every 12 hours", ("8.00", "2000")),
        ("daily", ("20:00",)),
        ("nocte", ("20:00",)),
    ],
)
def test_the_ways_of_writing_every_day(frequency: str, times: tuple[str, ...]) -> None:
    words = due_words(parkinsons(frequency, times), said("given", "20:00"), NIGHT)
    assert words.startswith("due Sun 22 Nov, ")


def test_summer_time_ends_and_begins_on_the_mars_clock() -> None:
    line = parkinsons("twice a day", ("01:30", "13:30"))
    autumn = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    # The clock shows 01:30 twice: the earlier one, and the name of its zone with it.
    assert due_words(line, said("given", "13:30", autumn), autumn) == "due Sun 25 Oct, 01:30 BST"
    spring = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
    # 01:30 does not happen: an hour later by the clock.
    assert due_words(line, said("given", "13:30", spring), spring) == "due Sun 29 Mar, 02:30"
    morning = parkinsons("once a day", ("07:00",))
    assert due_words(morning, said("given", "07:00", autumn), autumn) == "due Sun 25 Oct, 07:00"


def test_a_medicine_that_starts_today_has_missed_nothing() -> None:
    assert due_words(parkinsons(), said(""), NOON, started_on=date(2026, 11, 22)) == "due Sun 22 Nov, 15:00"
    assert due_words(parkinsons(), said(""), NOON, started_on=date(2026, 11, 24)) == "due Tue 24 Nov, 07:00"


@pytest.mark.parametrize(
    ("line", "answer", "when", "words"),
    [
        (patch("every 72 hours"), "given", "Fri 20 Nov 10:00", "change due Mon 23 Nov, 10:00"),
        (patch("every 3 days"), "given", "20 Nov", "change due Mon 23 Nov"),
        (
            patch("every 72 hours"),
            "given",
            "3 days ago 03:00",
            "change was due Sun 22 Nov, 03:00: ask the home whether it was changed",
        ),
        (
            patch("every 72 hours"),
            "given",
            "17/11/2026",
            "change was due Fri 20 Nov: ask the home whether it was changed",
        ),
        (patch("every 7 days", ("Monday 10:00",)), "given", "Monday 10:00", "change due Mon 23 Nov, 10:00"),
        (patch("once a week", ("Mon at 10:00",)), "given", "Monday", "change due Mon 23 Nov, 10:00"),
        (
            patch("every 7 days", ("Thursday 10:00",)),
            "given",
            "12 Nov 10:00",
            "change was due Thu 19 Nov, 10:00: ask the home whether it was changed; "
            "next due Thu 26 Nov, 10:00",
        ),
        # When it was put on is not known: the MAR's words, never a guess.
        (patch("every 72 hours"), "given", "", ""),
        (patch("every 72 hours"), "not_known", "", ""),
        (patch("every 50 hours"), "given", "20 Nov 10:00", ""),
    ],
)
def test_a_patch_is_changed_so_many_days_after_it_was_put_on(
    line: Line, answer: str, when: str, words: str
) -> None:
    assert due_words(line, said(answer, when), NIGHT) == words


def test_a_patch_of_72_hours_keeps_its_clock_time_over_the_end_of_summer_time() -> None:
    now = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    assert due_words(patch("every 72 hours"), said("given", "24 Oct 10:00", now), now) == (
        "change due Tue 27 Oct, 10:00"
    )


def test_patches_stand_first_beside_what_is_time_critical() -> None:
    assert stands_first(patch("every 72 hours"))
    assert stands_first(parkinsons())
    assert not stands_first(Line("Paracetamol", "tablets"))


@pytest.mark.parametrize(
    ("text", "written", "expected"),
    [
        ("22:00", NIGHT, "2026-11-21T22:00"),
        ("22:00 last night", NIGHT, "2026-11-21T22:00"),
        ("01:00 last night", NIGHT, "2026-11-22T01:00"),
        ("22:00 last night", datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "2026-11-21T22:00"),
        ("8am today", NOON, "2026-11-22T08:00"),
        ("this morning at 8.15", NOON, "2026-11-22T08:15"),
        ("midnight", NIGHT, "2026-11-22T00:00"),
        ("found at 02:50", NIGHT, "2026-11-22T02:50"),
        # A home's clock that runs a little fast.
        ("03:20", NIGHT, "2026-11-22T03:20"),
        ("around 1915 hrs yesterday", NIGHT, "2026-11-21T19:15"),
        ("Sunday 10:00", NIGHT, None),
        ("today 18:00", NIGHT, None),
        ("31 Feb 10:00", NIGHT, None),
        ("12:75", NIGHT, None),
        # Still to come, within hours: a slip for 21:50 or yesterday's, so nothing.
        ("23:50", datetime(2026, 11, 22, 22, 30, tzinfo=UTC), None),
        ("22:00", NOON.replace(hour=10), "2026-11-21T22:00"),
        ("", NIGHT, None),
        ("two tablets", NIGHT, None),
        ("99:99 99/99", NIGHT, None),
    ],
)
def test_moments_as_people_type_them(text: str, written: datetime, expected: str | None) -> None:
    found = typed_moment.read(text, written)
    instant = found.instant if found else None
    assert (instant.strftime("%Y-%m-%dT%H:%M") if instant else None) == expected


@given(
    st.text("0123456789:./ apmondyestrlightjucgv", max_size=30), st.sampled_from(["given", "", "not_given"])
)
def test_nothing_that_is_typed_breaks_it(text: str, answer: str) -> None:
    for line in (parkinsons(), patch("every 72 hours"), parkinsons(text, (text, "08:00"))):
        words = due_words(line, said(answer, text), NIGHT)
        assert words == "" or "due " in words
