"""A report's filter: from the address and back, what is not known, what it keeps, and its words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.report_filter import (
    AGE_BANDS,
    BAGS,
    STAY_REASONS,
    WEEKDAYS,
    Places,
    ReportFilter,
    age_band,
    months_to_choose,
    parse,
    weekday,
)

AS_OF = date(2026, 11, 21)
PLACES = Places(homes=(("h1", "Maple House"),), hospitals=(("a1", "St Anselm’s"),), wards=(("w1", "Willow"),))


def test_nothing_chosen_is_the_last_twelve_complete_months() -> None:
    found, errors = parse({}, AS_OF, PLACES)
    assert (found.start, found.end) == (date(2025, 11, 1), date(2026, 10, 31))
    assert (found.is_usual, found.words, found.query(), errors) == (True, "", {}, {})
    assert found.period_words == "November 2025 to October 2026"
    assert (found.months[0], found.months[-1], len(found.months)) == (found.first, found.last, 12)
    assert (found.before.first, found.before.last) == (date(2024, 11, 1), date(2025, 10, 1))


def test_what_is_chosen_is_said_in_words() -> None:
    found, _ = parse({"home": "h1", "reason": "fall", "age": "85_94"}, AS_OF, PLACES)
    assert found.words == "Maple House, falls only, aged 85 to 94"
    asked = {"hospital": "a1", "ward": "w1", "bag": "unknown", "weekday": "fri", "reason": "chest_pain"}
    assert parse(asked, AS_OF, PLACES)[0].words == (
        "St Anselm’s, Willow, chest pain only, not known whether with the red bag, left on a Friday"
    )
    asked = {"age": "under_65", "bag": "without", "reason": "not_recorded"}
    assert parse(asked, AS_OF)[0].words == "reason not recorded, aged under 65, without the red bag"
    assert parse({"age": "not_recorded"}, AS_OF)[0].words == "age not recorded"


def test_the_readers_own_place_narrows_nothing_down_and_is_no_mistake() -> None:
    places = Places(hospitals=(("a", "St Anselm’s"), ("b", "St Bede’s")), own="c")
    chosen, errors = parse({"hospital": "c", "reason": "fall"}, AS_OF, places)
    assert (chosen.hospital_ref, chosen.reason, errors) == ("", "fall", {})


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ({"from": "2026-03"}, date(2026, 3, 1), date(2026, 10, 1)),
        ({"to": "2026-03"}, date(2025, 4, 1), date(2026, 3, 1)),
        ({"from": "2026-02", "to": "2026-02"}, date(2026, 2, 1), date(2026, 2, 1)),
    ],
)
def test_one_end_of_a_period_is_enough(asked: dict[str, str], first: date, last: date) -> None:
    found, errors = parse(asked, AS_OF)
    assert (found.first, found.last, errors) == (first, last, {})
    assert found.query() == {"from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}"}


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"home": "zz"}, "home", "not known here"),
        ({"ward": "h1"}, "ward", "not known here"),
        ({"reason": "drop table"}, "reason", "not known"),
        ({"age": "85"}, "age", "not known"),
        ({"bag": "yes"}, "bag", "Choose"),
        ({"weekday": "1"}, "weekday", "not known"),
        ({"from": "March"}, "from", "2026-03"),
        ({"to": "2026-13"}, "to", "2026-03"),
        ({"to": "2026-11"}, "to", "up to October 2026"),
        ({"from": "1202-01"}, "from", "before 1990"),
        ({"from": "2026-05", "to": "2026-04"}, "from", "ends before"),
        ({"from": "2000-01"}, "from", "ten years"),
    ],
)
def test_what_is_not_known_is_said_beside_its_field_and_left_out(
    asked: dict[str, str], field: str, said: str
) -> None:
    found, errors = parse(asked, AS_OF, PLACES)
    assert list(errors) == [field]
    assert said in errors[field]
    assert found.is_usual


def _maybe(choices: tuple[tuple[str, str], ...]) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *(key for key, _ in choices)])


@given(
    st.fixed_dictionaries(
        {
            "home": _maybe(PLACES.homes),
            "hospital": _maybe(PLACES.hospitals),
            "ward": _maybe(PLACES.wards),
            "reason": _maybe(STAY_REASONS),
            "age": _maybe(AGE_BANDS),
            "bag": _maybe(BAGS),
            "weekday": _maybe(WEEKDAYS),
            "from": _maybe(months_to_choose(AS_OF, None)),
            "to": _maybe(months_to_choose(AS_OF, date(2025, 6, 30))),
        }
    )
)
def test_a_view_comes_back_from_its_address(asked: dict[str, str]) -> None:
    found, errors = parse(asked, AS_OF, PLACES)
    if errors:
        assert list(errors) == ["from"]
        return
    assert parse(found.query(), AS_OF, PLACES) == (found, {})
    assert found.has_factors == bool(found.words)


def test_ages_fall_into_their_bands() -> None:
    ages = {0: "under_65", 64: "under_65", 65: "65_74", 74: "65_74", 75: "75_84", 84: "75_84"}
    ages |= {85: "85_94", 94: "85_94", 95: "95_over", 117: "95_over"}
    assert {age: age_band(age) for age in ages} == ages
    assert age_band(None) == "not_recorded"
    assert {age_band(age) for age in range(120)} | {age_band(None)} == set(dict(AGE_BANDS))


def test_weekdays_and_months_to_choose() -> None:
    assert weekday(date(2026, 11, 22)) == "sun"
    months = months_to_choose(AS_OF, date(2026, 8, 20))
    assert months == (("2026-10", "October 2026"), ("2026-09", "September 2026"), ("2026-08", "August 2026"))
    assert len(months_to_choose(AS_OF, None)) == 120
    assert months_to_choose(AS_OF, AS_OF) == (("2026-10", "October 2026"),)


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        ({}, True),
        ({"reason": "fall"}, True),
        ({"reason": "stroke"}, False),
        ({"reason": "not_recorded"}, False),
        ({"age_band": "75_84"}, True),
        ({"age_band": "not_recorded"}, False),
        ({"bag": "with"}, True),
        ({"bag": "unknown"}, False),
        ({"weekday": "sun"}, True),
        ({"weekday": "sat"}, False),
    ],
)
def test_a_stay_is_kept_by_its_facts(chosen: dict[str, str], kept: bool) -> None:
    one = ReportFilter(date(2026, 1, 1), date(2026, 1, 1), **chosen)  # type: ignore[arg-type]
    assert one.keeps(reason="fall", age=80, bag="with", discharged_on=date(2026, 11, 22)) is kept


def test_what_is_not_recorded_can_be_asked_for() -> None:
    month = date(2026, 1, 1)
    assert ReportFilter(month, month, reason="not_recorded", age_band="not_recorded").keeps(
        reason="", age=None, bag="unknown", discharged_on=None
    )
    assert not ReportFilter(month, month, weekday="mon").keeps(
        reason="", age=None, bag="unknown", discharged_on=None
    )
