"""NEWS2 against the published chart (Royal College of Physicians, 2017), band by band."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.news2 import PART_NAMES, Score, confusion, scale_words, score

WELL: dict[str, Any] = {
    "respiratory_rate": 16,
    "spo2": 97,
    "on_oxygen": False,
    "systolic_bp": 120,
    "pulse": 70,
    "consciousness": "A",
    "temperature": 37.0,
}


def with_(**changes: Any) -> Score:
    return score(**{**WELL, **changes})


# The chart, every band from its first to its last value: (first, last, score).
RESPIRATORY_RATE = [(0, 8, 3), (9, 11, 1), (12, 20, 0), (21, 24, 2), (25, 80, 3)]
SPO2_SCALE_1 = [(50, 91, 3), (92, 93, 2), (94, 95, 1), (96, 100, 0)]
SPO2_SCALE_2_AIR = [(50, 83, 3), (84, 85, 2), (86, 87, 1), (88, 92, 0), (93, 100, 0)]
SPO2_SCALE_2_OXYGEN = [
    (50, 83, 3),
    (84, 85, 2),
    (86, 87, 1),
    (88, 92, 0),
    (93, 94, 1),
    (95, 96, 2),
    (97, 100, 3),
]
SYSTOLIC_BP = [(30, 90, 3), (91, 100, 2), (101, 110, 1), (111, 219, 0), (220, 300, 3)]
PULSE = [(10, 40, 3), (41, 50, 1), (51, 90, 0), (91, 110, 1), (111, 130, 2), (131, 250, 3)]
TEMPERATURE_TENTHS = [(250, 350, 3), (351, 360, 1), (361, 380, 0), (381, 390, 1), (391, 450, 2)]


@pytest.mark.parametrize(
    ("field", "chart"),
    [("respiratory_rate", RESPIRATORY_RATE), ("systolic_bp", SYSTOLIC_BP), ("pulse", PULSE)],
)
def test_every_value_of_every_band(field: str, chart: list[tuple[int, int, int]]) -> None:
    for first, last, points in chart:
        for value in range(first, last + 1):
            result = with_(**{field: value})
            assert result.parts[field] == points, value
            assert result.total == points


@pytest.mark.parametrize("on_oxygen", [False, True])
@pytest.mark.parametrize("scale", [1, 2])
def test_every_saturation_on_both_scales_on_air_and_on_oxygen(on_oxygen: bool, scale: int) -> None:
    chart = SPO2_SCALE_1
    if scale == 2:
        chart = SPO2_SCALE_2_OXYGEN if on_oxygen else SPO2_SCALE_2_AIR
    for first, last, points in chart:
        for value in range(first, last + 1):
            result = with_(spo2=value, on_oxygen=on_oxygen, scale=scale)
            assert result.parts["spo2"] == points, value
            assert result.parts["on_oxygen"] == (2 if on_oxygen else 0)
            assert result.total == points + (2 if on_oxygen else 0)


def test_every_tenth_of_a_degree() -> None:
    for first, last, points in TEMPERATURE_TENTHS:
        for tenths in range(first, last + 1):
            for written in (tenths / 10, Decimal(tenths) / 10, tenths * 0.1):
                assert with_(temperature=written).parts["temperature"] == points, written


@pytest.mark.parametrize(
    ("written", "points"),
    [(35.04, 3), (35.05, 1), (36.04, 1), (36.05, 0), (38.04, 0), (38.05, 1), (39.05, 2)],
)
def test_a_thermometer_with_two_decimals_is_read_to_one(written: float, points: int) -> None:
    assert with_(temperature=written).parts["temperature"] == points


@pytest.mark.parametrize(("level", "points"), [("A", 0), ("C", 3), ("V", 3), ("P", 3), ("U", 3)])
def test_consciousness(level: str, points: int) -> None:
    assert with_(consciousness=level).parts["consciousness"] == points


def test_scale_1_is_the_default() -> None:
    assert with_(spo2=90) == with_(spo2=90, scale=1) != with_(spo2=90, scale=2)


def test_parts_stand_by_the_arguments_names() -> None:
    assert list(with_().parts) == list(WELL) == list(PART_NAMES)


@pytest.mark.parametrize(
    ("changes", "total", "response"),
    [
        ({}, 0, "Low"),
        ({"pulse": 95}, 1, "Low"),
        ({"respiratory_rate": 22, "systolic_bp": 95}, 4, "Low"),
        ({"consciousness": "C"}, 3, "Low–medium"),
        ({"consciousness": "V", "pulse": 95}, 4, "Low–medium"),
        ({"respiratory_rate": 22, "systolic_bp": 95, "pulse": 95}, 5, "Medium"),
        ({"consciousness": "C", "on_oxygen": True}, 5, "Medium"),
        ({"consciousness": "C", "respiratory_rate": 25}, 6, "Medium"),
        ({"consciousness": "C", "respiratory_rate": 25, "pulse": 95}, 7, "High"),
        (
            {
                "respiratory_rate": 40,
                "spo2": 60,
                "on_oxygen": True,
                "systolic_bp": 60,
                "pulse": 160,
                "consciousness": "U",
                "temperature": 34,
            },
            20,
            "High",
        ),
    ],
)
def test_the_published_response(changes: dict[str, Any], total: int, response: str) -> None:
    result = with_(**changes)
    assert (result.total, result.response, result.complete, result.missing) == (total, response, True, ())


def test_a_partial_score_is_a_lower_bound_and_never_low() -> None:
    result = with_(temperature=None)
    assert (result.total, result.complete, result.missing) == (0, False, ("temperature",))
    assert result.parts["temperature"] is None
    assert result.response == "Incomplete"
    assert result.words == "at least 0, incomplete"
    five = with_(temperature=None, consciousness="C", on_oxygen=True)
    assert (five.total, five.response) == (5, "At least medium")
    assert five.words == "at least 5, incomplete"
    seven = with_(temperature=None, consciousness="C", on_oxygen=True, respiratory_rate=22)
    assert (seven.total, seven.response) == (7, "High")


def test_scale_2_waits_to_know_of_oxygen_where_it_depends_on_it() -> None:
    unknown = with_(spo2=97, on_oxygen=None, scale=2)
    assert (unknown.total, unknown.parts["spo2"], unknown.missing) == (0, None, ("on_oxygen",))
    assert with_(spo2=92, on_oxygen=None, scale=2).parts["spo2"] == 0
    assert with_(spo2=84, on_oxygen=None, scale=2).parts["spo2"] == 2
    assert with_(spo2=97, on_oxygen=None, scale=1).parts["spo2"] == 0


def test_nothing_taken() -> None:
    result = score(None, None, None, None, None, None, None)
    assert (result.total, result.response, result.complete) == (0, "Incomplete", False)
    assert result.missing == tuple(WELL)
    assert result.sentence == "NEWS2 not known: no observations taken."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "NEWS2 0: low risk."),
        (
            {"consciousness": "C"},
            "NEWS2 3: low–medium risk. Consciousness scores 3 by itself: urgent review.",
        ),
        ({"consciousness": "C", "on_oxygen": True}, "NEWS2 5: medium risk."),
        ({"consciousness": "C", "on_oxygen": True, "respiratory_rate": 22}, "NEWS2 7: high risk."),
        (
            {"consciousness": "C", "on_oxygen": True, "temperature": None, "pulse": None},
            "NEWS2 at least 5, incomplete: at least medium risk. Not taken: pulse and temperature.",
        ),
        (
            {"temperature": None, "pulse": None, "spo2": None},
            "NEWS2 at least 0, incomplete. Not taken: oxygen saturation, pulse and temperature.",
        ),
        (
            {"systolic_bp": 80, "temperature": None},
            "NEWS2 at least 3, incomplete. Systolic blood pressure scores 3 by itself: urgent review. "
            "Not taken: temperature.",
        ),
    ],
)
def test_the_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert with_(**changes).sentence == sentence


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("respiratory_rate", -1),
        ("respiratory_rate", 101),
        ("respiratory_rate", 16.5),
        ("respiratory_rate", float("nan")),
        ("respiratory_rate", True),
        ("spo2", 101),
        ("spo2", 5),
        ("spo2", float("inf")),
        ("systolic_bp", 0),
        ("systolic_bp", 1200),
        ("pulse", -5),
        ("pulse", 700),
        ("temperature", 98.6),
        ("temperature", 3.7),
        ("temperature", float("nan")),
        ("temperature", True),
        ("consciousness", "X"),
        ("consciousness", ""),
        ("consciousness", "a"),
        ("on_oxygen", 2),
        ("scale", 3),
        ("scale", True),
    ],
)
def test_the_impossible_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        with_(**{field: value})


def test_whole_numbers_may_come_as_floats() -> None:
    assert with_(pulse=70.0) == with_(pulse=70)


def test_confusion_counts_as_new_unless_known_to_be_usual() -> None:
    assert confusion(True, None) == "C"
    assert confusion(True, False) == "C"
    assert confusion(True, True) == "A"
    assert confusion(False, None) == "A"


possible = st.fixed_dictionaries(
    {
        "respiratory_rate": st.integers(0, 80),
        "spo2": st.integers(50, 100),
        "on_oxygen": st.booleans(),
        "systolic_bp": st.integers(30, 300),
        "pulse": st.integers(10, 250),
        "consciousness": st.sampled_from("ACVPU"),
        "temperature": st.integers(250, 450).map(lambda t: t / 10),
        "scale": st.sampled_from([1, 2]),
    }
)


@given(possible, st.sets(st.sampled_from(sorted(WELL))))
def test_leaving_something_out_never_raises_the_score_nor_calls_it_low(
    observed: dict[str, Any], left_out: set[str]
) -> None:
    full = score(**observed)
    assert full.total == sum(part for part in full.parts.values() if part is not None)
    partial = score(**{**observed, **dict.fromkeys(left_out)})
    assert partial.total <= full.total
    assert partial.missing == tuple(name for name in WELL if name in left_out)
    if left_out:
        assert not partial.complete
        assert "low" not in partial.response.lower()
        assert "low" not in partial.sentence.lower()
    else:
        assert partial == full


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        ("1", "SpO2 scale 1"),
        ("2", "SpO2 scale 2 (a clinician’s decision)"),
        (None, "SpO2 scale not recorded: scored on scale 1"),
        ("", "SpO2 scale not recorded: scored on scale 1"),
    ],
)
def test_the_scale_that_was_scored_is_said(recorded: str | None, words: str) -> None:
    assert scale_words(recorded) == words
