"""What differs between two lines of one medicine, and which last doses are answered alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.medicine_line import Line, answered_alone, differences, is_as_needed
from redbag.domain.medicine_risk import HighRisk

PLAIN = Line(
    "Ramipril", "tablets", "5mg", dose="1 tablet", route="oral", frequency="once a day", times=("08:00",)
)


def whats(before: Line, after: Line) -> list[str]:
    return [d.what for d in differences(before, after)]


def test_nothing_differs_from_itself() -> None:
    assert differences(PLAIN, PLAIN) == ()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"dose": "2 tablets"}, "dose"),
        ({"strength": "10mg"}, "strength"),
        ({"strength": ""}, "strength"),
        ({"form": "capsules"}, "form"),
        ({"form": "MR tablets"}, "form"),
        ({"route": "PEG"}, "route"),
        ({"frequency": "twice a day"}, "times"),
        ({"frequency": "once a week"}, "times"),
        ({"times": ("20:00",)}, "times"),
        ({"as_needed": True}, "times"),
        ({"frequency": "once a day as needed"}, "times"),
    ],
)
def test_each_difference_is_named(change: dict[str, object], what: str) -> None:
    assert whats(PLAIN, replace(PLAIN, **change)) == [what]  # type: ignore[arg-type]


def test_all_that_differs_is_listed_in_one_order() -> None:
    other = Line("Ramipril", "capsules", "10mg", "2 capsules", "by tube", "twice a day", ("08:00", "20:00"))
    assert whats(PLAIN, other) == ["dose", "strength", "form", "route", "times"]


def test_before_and_after_read_as_written() -> None:
    (difference,) = differences(PLAIN, replace(PLAIN, strength="10 mg"))
    assert (difference.before, difference.after) == ("5mg", "10 mg")
    assert difference.sentence == "Strength: 5mg → 10 mg"
    assert difference.stated_on_both
    (missing,) = differences(PLAIN, replace(PLAIN, dose=""))
    assert missing.after == "not stated"
    assert not missing.stated_on_both


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 tablet", "ONE tab"),
        ("½ tablet", "0.5 tablets"),
        ("half a tablet", "0.5 tablet"),
        ("500mg", "0.5 g"),
        ("take 2 tablets", "Two tablets"),
        ("10ml", "10 mls"),
        ("8 units", "8units"),
        ("1-2 tablets", "1 - 2 tabs"),
    ],
)
def test_the_same_dose_in_other_words(one: str, other: str) -> None:
    assert whats(replace(PLAIN, dose=one), replace(PLAIN, dose=other)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 tablet", "1 capsule"),
        ("1 tablet", "5mg"),
        ("500mg", "500 micrograms"),
        ("2 x 500mg", "1g"),
        ("1-2 tablets", "2 tablets"),
        ("8 units", "80 units"),
        ("1.5 tablets", "15 tablets"),
        ("5ml", "5mg"),
    ],
)
def test_doses_that_are_not_the_same(one: str, other: str) -> None:
    assert whats(replace(PLAIN, dose=one), replace(PLAIN, dose=other)) == ["dose"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("oral", "PO"), ("by mouth", "p.o."), ("subcut", "s/c"), ("inhaled", "by inhalation"), ("PR", "rectal")],
)
def test_the_same_route_in_other_words(one: str, other: str) -> None:
    assert whats(replace(PLAIN, route=one), replace(PLAIN, route=other)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("once a day", "OD"),
        ("once daily", "daily"),
        ("b.d.", "twice daily"),
        ("BD", "two times a day"),
        ("tds", "three times daily"),
        ("QDS", "4 times a day"),
        ("nocte", "at night"),
        ("in the morning", "mane"),
        ("weekly", "once a week"),
        ("every 4 hours", "4 hourly"),
        ("q6h", "every six hours"),
        ("as needed", "PRN"),
        ("when required", "p.r.n."),
    ],
)
def test_the_same_frequency_in_other_words(one: str, other: str) -> None:
    bare = replace(PLAIN, times=())
    assert whats(replace(bare, frequency=one), replace(bare, frequency=other)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("daily", "weekly"), ("od", "bd"), ("every 4 hours", "4 times a day"), ("om", "on"), ("bd", "bd prn")],
)
def test_frequencies_that_are_not_the_same(one: str, other: str) -> None:
    bare = replace(PLAIN, times=())
    assert whats(replace(bare, frequency=one), replace(bare, frequency=other)) == ["times"]


def test_clock_times_are_read_however_they_are_written() -> None:
    one = replace(PLAIN, times=("08:00", "20:00"))
    for times in (("8am", "8pm"), ("0800", "2000"), ("20.00", "8:00")):
        assert whats(one, replace(PLAIN, times=times)) == []
    assert whats(one, replace(PLAIN, times=("08:00", "21:00"))) == ["times"]


def test_unstated_clock_times_matter_only_where_the_hour_does() -> None:
    assert whats(PLAIN, replace(PLAIN, times=())) == []
    critical = replace(PLAIN, time_critical=True)
    assert whats(critical, replace(critical, times=())) == ["times"]
    levodopa = replace(PLAIN, name="Co-careldopa", strength="25/100")
    assert whats(levodopa, replace(levodopa, times=())) == ["times"]
    assert whats(replace(PLAIN, frequency=""), replace(PLAIN, frequency="", times=())) == ["times"]


def test_a_weekly_medicine_made_daily_is_seen_though_its_hour_is_the_same() -> None:
    methotrexate = Line("Methotrexate", "tablets", "2.5mg", "4 tablets", "oral", "once a week", ("08:00",))
    assert whats(methotrexate, replace(methotrexate, frequency="daily")) == ["times"]


def test_title_says_each_thing_once() -> None:
    assert PLAIN.title == "Ramipril 5mg tablets"
    assert Line("Ramipril 5mg tablets", "Tablets", "5mg").title == "Ramipril 5mg tablets"
    assert Line("Ramipril").title == "Ramipril"


@pytest.mark.parametrize(
    "line",
    [
        replace(PLAIN, time_critical=True),
        replace(PLAIN, controlled=True),
        replace(PLAIN, as_needed=True),
        replace(PLAIN, frequency="when required"),
        replace(PLAIN, kinds=frozenset({HighRisk.OPIOID})),
        Line("Lantus"),
        Line("Warfarin 1mg tablets"),
        Line("Zomorph 10mg capsules"),
        Line("Rivastigmine", form="patches"),
        Line("Madopar"),
    ],
)
def test_answered_alone(line: Line) -> None:
    assert answered_alone(line)


def test_ordinary_medicines_are_covered_by_all_given_as_planned() -> None:
    assert not answered_alone(PLAIN)
    assert not answered_alone(Line("Paracetamol 500mg tablets", frequency="four times a day"))
    assert not is_as_needed(PLAIN)


texts = st.text(max_size=20) | st.sampled_from(["1 tablet", "po", "bd", "08:00", "5mg", "prn", "½"])
lines = st.builds(Line, texts, texts, texts, texts, texts, texts, st.tuples(texts) | st.just(()))


@given(lines, lines)
def test_differences_are_the_same_both_ways_and_none_from_oneself(one: Line, other: Line) -> None:
    assert differences(one, one) == ()
    assert [(d.what, d.before, d.after) for d in differences(one, other)] == [
        (d.what, d.after, d.before) for d in differences(other, one)
    ]
