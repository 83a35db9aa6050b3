"""What was typed, turned into answers or into sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import answers, import_cells, name_words
from redbag.domain.errors import Invalid
from redbag.domain.record import SECTIONS, Field, Kind
from redbag.domain.todays_facts import TODAYS_SECTIONS, contradictions

TEXT = Field("what", "What", longest=10)
NUMBER = Field("rate", "Breaths a minute", Kind.NUMBER, unit="a minute", least=0, most=80)
CHOICE = Field("cpr", "CPR", Kind.CHOICE, (("yes", "Yes"), ("no", "No")), detail="Which")
CHOICES = Field("signs", "Signs", Kind.CHOICES, (("a", "A"), ("b", "B")))
DAY = Field("born", "Date of birth", Kind.DATE)
MOMENT = Field("at", "When", Kind.MOMENT)
ROWS = Field("rows", "Rows", Kind.ROWS, columns=(TEXT, NUMBER, CHOICES))


def read(question: Field, **typed: str | list[str]) -> object:
    return reading((question,), typed)[question.key]


def reading(questions: tuple[Field, ...], typed: dict[str, str | list[str]]) -> dict[str, object]:
    def get_all(name: str) -> list[str]:
        found = typed.get(name.replace("-", "_"), [])
        return found if isinstance(found, list) else [found]

    return answers.read(questions, get_all)


def sentence(question: Field, **typed: str | list[str]) -> str:
    with pytest.raises(Invalid) as problem:
        read(question, **typed)
    return " ".join(problem.value.errors.values())


@pytest.mark.parametrize("question", [TEXT, NUMBER, CHOICE, CHOICES, DAY, MOMENT, ROWS], ids=lambda q: q.key)
def test_a_blank_is_no_answer_and_never_no(question: Field) -> None:
    assert read(question) is None
    assert read(question, **{question.key: "  "}) is None


def test_text_is_trimmed_and_freed_of_control_characters() -> None:
    assert read(TEXT, what="  a\r\nb\x00\x07\u202ec ") == "a\nbc"


@pytest.mark.parametrize("unseen", "\x85\x9b\u061c\u200b\u200e\u200f\u2028\u2029\u2060\u2064\u2067\ufeff")
def test_what_cannot_be_seen_hides_no_name_and_turns_none_round(unseen: str) -> None:
    """“O·bi” was not found by Obi, nor warned of beside another Obi."""
    name = str(read(TEXT, what=f"O{unseen}bi{unseen}"))
    assert name == "Obi"
    assert name_words.index(name) == name_words.index("Obi")
    assert import_cells.clean(f"O{unseen}bi{unseen}") == "Obi", "nor one that comes in a file"


def test_joiners_and_other_scripts_stay() -> None:
    for name in ("Zoë", "Łódź", "क्\u200dष", "علی\u200cرضا", "李小龍"):
        assert read(TEXT, what=name) == name
    assert "at most 10 characters (now 11)" in sentence(TEXT, what="x" * 11)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("16", 16), ("16.5", 16.5), ("16,5", 16.5), (" 16 ", 16), ("0", 0), ("80", 80), ("8.0", 8)],
)
def test_numbers_as_people_write_them(typed: str, kept: float) -> None:
    got = read(NUMBER, rate=typed)
    assert got == kept
    assert type(got) is type(kept)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("fast", "write a number"),
        ("-1", "between 0 and 80 a minute"),
        ("81", "between 0 and 80"),
        ("nan", "write a number"),
        ("inf", "write a number"),
        ("1e1", "write a number"),
        ("1_8", "write a number"),
        ("1,2,3", "write a number"),
        ("9" * 5000, "between 0 and 80"),
        ("١٨", "write a number"),
        ("-inf", "write a number"),
    ],
)
def test_numbers_that_cannot_be(typed: str, says: str) -> None:
    assert says in sentence(NUMBER, rate=typed)


@pytest.mark.parametrize("typed", ["18.5", "18,5", "0.1"])
def test_what_is_counted_has_no_decimals(typed: str) -> None:
    assert "write a whole number" in sentence(replace(NUMBER, whole=True), rate=typed)
    assert read(replace(NUMBER, whole=True), rate="18.0") == 18


def test_a_choice_is_one_of_the_answers() -> None:
    assert read(CHOICE, cpr="yes") == "yes"
    assert "choose one of the answers" in sentence(CHOICE, cpr="maybe")
    assert read(CHOICES, signs=["a", "nonsense", "b"]) == ["a", "b"]
    assert read(CHOICES, signs=["nonsense"]) is None


def test_the_detail_is_kept_beside_the_choice_and_has_its_own_limit() -> None:
    kept = reading((CHOICE,), {"cpr": "yes", "cpr_detail": " Form in the drawer "})
    assert kept == {"cpr": "yes", "cpr_detail": "Form in the drawer"}
    assert reading((CHOICE,), {"cpr_detail": "Only this"})["cpr_detail"] == "Only this"
    with pytest.raises(Invalid) as problem:
        reading((CHOICE,), {"cpr": "yes", "cpr_detail": "x" * 501})
    assert set(problem.value.errors) == {"cpr_detail"}


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("3/4/1938", "1938-04-03"),
        ("3.4.88", "1988-04-03"),
        ("03-04-1938", "1938-04-03"),
        ("3 4 1938", "1938-04-03"),
        ("1938-04-03", "1938-04-03"),
        ("3/4/26", "2026-04-03"),
        ("3/4/49", "2049-04-03"),
        ("3/4/50", "1950-04-03"),
        ("29/2/2024", "2024-02-29"),
    ],
)
def test_days_as_people_write_them(typed: str, iso: str) -> None:
    assert read(DAY, born=typed) == iso


def test_a_day_in_three_boxes() -> None:
    assert read(DAY, born_day="3", born_month="11", born_year="1938") == "1938-11-03"
    assert "day, month and year" in sentence(DAY, born_day="3")
    assert "no such day" in sentence(DAY, born_day="29", born_month="2", born_year="2023")


@pytest.mark.parametrize("typed", ["April", "3/13/1938", "0/1/1938", "3/4", "3/4/938", "1938"])
def test_days_that_cannot_be(typed: str) -> None:
    assert sentence(DAY, born=typed)


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("14:20", time(14, 20)),
        ("1420", time(14, 20)),
        ("14.20", time(14, 20)),
        ("9:05", time(9, 5)),
        ("00:00", time(0)),
        ("14 20", time(14, 20)),
        ("14h20", time(14, 20)),
        ("2.20pm", time(14, 20)),
        ("2:20 a.m.", time(2, 20)),
        ("2 PM", time(14)),
        ("12am", time(0)),
        ("12.30 pm", time(12, 30)),
        ("14:20pm", time(14, 20)),
    ],
)
def test_clock_times_as_people_write_them(typed: str, clock: time) -> None:
    assert answers.parse_time(typed) == clock


@pytest.mark.parametrize(
    "typed", ["24:00", "12:60", "noon", "9", "12:5", "14:20am", "0.20pm", "24pm", "pm", ""]
)
def test_clock_times_that_cannot_be(typed: str) -> None:
    with pytest.raises(ValueError, match="four figures"):
        answers.parse_time(typed)


def test_a_moment_is_a_london_time_kept_in_utc() -> None:
    summer = {"at_day": "1", "at_month": "7", "at_year": "2026"}
    assert read(MOMENT, **summer, at_time="03:10") == datetime(2026, 7, 1, 2, 10, tzinfo=UTC)
    winter = {"at_day": "01", "at_month": "12", "at_year": "26"}
    assert read(MOMENT, **winter, at_time="3.10pm") == datetime(2026, 12, 1, 15, 10, tzinfo=UTC)
    assert "both the day and the time" in sentence(MOMENT, **summer)
    assert "both the day and the time" in sentence(MOMENT, at_time="03:10")
    assert "day, month and year" in sentence(MOMENT, at_day="1", at_time="03:10")
    spring = {"at_day": "29", "at_month": "3", "at_year": "2026"}
    assert "clocks went forward" in sentence(MOMENT, **spring, at_time="01:30")


def test_rows_without_content_are_left_out() -> None:
    assert read(ROWS, rows_0_what="one", rows_2_what="three", rows_2_rate="5") == [
        {"what": "one", "rate": None, "signs": None},
        {"what": "three", "rate": 5, "signs": None},
    ]
    assert read(ROWS, rows_0_rate="0") == [{"what": None, "rate": 0, "signs": None}]


def test_a_wrong_cell_is_named() -> None:
    with pytest.raises(Invalid) as problem:
        read(ROWS, rows_1_rate="fast")
    assert set(problem.value.errors) == {"rows-1-rate"}


def test_rows_beyond_the_most_are_not_read() -> None:
    assert read(ROWS, **{f"rows_{answers.MOST_ROWS}_what": "x"}) is None


def test_what_must_be_answered_says_so_in_its_own_words() -> None:
    needed = Field("name", "Name", required="Write the name.")
    assert sentence(needed, name=" ") == "Write the name."
    ticked = Field("kinds", "Kinds", Kind.CHOICES, (("a", "A"),), required="Tick one.")
    assert sentence(ticked) == "Tick one."
    # A number that was answered with nought is answered.
    count = Field("count", "Count", Kind.NUMBER, required="Count them.")
    assert read(count, count="0") == 0


def test_every_wrong_answer_is_told_at_once() -> None:
    with pytest.raises(Invalid) as problem:
        reading((NUMBER, DAY, CHOICE), {"rate": "x", "born": "y", "cpr": "z"})
    assert set(problem.value.errors) == {"rate", "born", "cpr"}


EVERY_SECTION = [*SECTIONS, *TODAYS_SECTIONS.values()]


@pytest.mark.parametrize("section", EVERY_SECTION, ids=lambda s: s.key)
def test_the_keys_of_a_section_are_unlike_each_other(section: object) -> None:
    names = [q.key for q in section.fields]  # type: ignore[attr-defined]
    names += [f"{q.key}_detail" for q in section.fields if q.detail]  # type: ignore[attr-defined]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("section", EVERY_SECTION, ids=lambda s: s.key)
@given(text=st.text())
def test_any_text_is_kept_or_refused_and_never_breaks(section: object, text: str) -> None:
    try:
        kept = answers.read(section.fields, lambda _name: [text])  # type: ignore[attr-defined]
    except Invalid as problem:
        assert all(problem.errors.values())
    else:
        assert set(kept) >= {q.key for q in section.fields}  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["26:00", "given 12:75 today", "24.00"])
def test_free_text_may_not_name_a_time_that_is_not_on_the_clock(text: str) -> None:
    question = Field("when", "When", clock=True)
    with pytest.raises(Invalid, match="There is no time"):
        answers.read((question,), lambda _name: [text])


@pytest.mark.parametrize("text", ["18:00 yesterday", "23.59", "last night", "3/11/26 07:05"])
def test_free_text_with_a_real_time_stays_as_written(text: str) -> None:
    question = Field("when", "When", clock=True)
    assert answers.read((question,), lambda _name: [text]) == {"when": text}


def test_a_lower_blood_pressure_above_the_upper_one_is_refused() -> None:
    wrong = contradictions("observations", {"systolic_bp": 80, "diastolic_bp": 118})
    assert set(wrong) == {"diastolic_bp"}
    assert contradictions("observations", {"systolic_bp": 118, "diastolic_bp": 80}) == {}
    assert contradictions("today", {"systolic_bp": 80, "diastolic_bp": 118}) == {}
