"""A pasted discharge list: what is read of each line, and that nothing of it is dropped."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.medicine_line import Line
from redbag.domain.medicine_match import as_texts, contradiction
from redbag.domain.medicine_paste import read_line, read_list
from redbag.domain.medicine_status import reason_said, says_stopped, status_said

Parts = tuple[str, str, str, str, str, str, str]

# The line; then name, strength, form, dose, route, how often, times.
LINES: list[tuple[str, Parts]] = [
    (
        "Amlodipine 5 mg tablets – take ONE tablet once a day by mouth at 08:00",
        ("Amlodipine", "5 mg", "tablets", "ONE tablet", "by mouth", "once a day", "08:00"),
    ),
    ("Paracetamol 500mg tabs 1g QDS PRN", ("Paracetamol", "500mg", "tabs", "1g", "", "QDS PRN", "")),
    ("Furosemide 40mg PO OD", ("Furosemide", "40mg", "", "", "PO", "OD", "")),
    (
        "Apixaban 5mg tablets, 1 tablet twice a day, 08:00 and 20:00",
        ("Apixaban", "5mg", "tablets", "1 tablet", "", "twice a day", "08:00, 20:00"),
    ),
    (
        "Lantus 100 units/ml solution for injection pre-filled pen 12 units at night",
        (
            "Lantus",
            "100 units/ml",
            "solution for injection pre-filled pen",
            "12 units",
            "",
            "at night",
            "",
        ),
    ),
    ("Lantus SoloStar 12 units ON", ("Lantus SoloStar", "", "", "12 units", "", "ON", "")),
    (
        "Oramorph 10mg/5ml oral solution 2.5ml every 4 hours when required for pain",
        ("Oramorph", "10mg/5ml", "oral solution", "2.5ml", "", "every 4 hours when required, for pain", ""),
    ),
    (
        "Matrifen 25 micrograms/hour patches, apply one patch every 72 hours",
        ("Matrifen", "25 micrograms/hour", "patches", "one patch", "", "every 72 hours", ""),
    ),
    (
        "Co-codamol 30/500 tablets two four times a day",
        ("Co-codamol", "30/500", "tablets", "two", "", "four times a day", ""),
    ),
    ("Digoxin 125 mcg 1 od", ("Digoxin", "125 mcg", "", "1", "", "od", "")),
    ("Amlodipine\t5 mg\ttablets\t1\tOD", ("Amlodipine", "5 mg", "tablets", "1", "", "OD", "")),
    ("Amlodipine | 5mg | od", ("Amlodipine", "5mg", "", "", "", "od", "")),
    (
        "Madopar 62.5mg capsules one at 07:00, 11:00, 15:00 and 19:00",
        ("Madopar", "62.5mg", "capsules", "one", "", "", "07:00, 11:00, 15:00, 19:00"),
    ),
    (
        "Hypromellose 0.3% eye drops 1 drop both eyes four times a day",
        ("Hypromellose", "0.3%", "eye drops", "1 drop", "both eyes", "four times a day", ""),
    ),
    (
        "Tegretol 200mg Prolonged-release tablets 400mg bd",
        ("Tegretol", "200mg", "Prolonged-release tablets", "400mg", "", "bd", ""),
    ),
    (
        "Amlodipine 5mg tablet: Take 1 tablet (5mg) once daily",
        ("Amlodipine", "5mg", "tablet", "1 tablet (5mg)", "", "once daily", ""),
    ),
    ("1.25mg bisoprolol tablets one daily", ("bisoprolol", "1.25mg", "tablets", "one", "", "daily", "")),
    # More than ten tablets are a supply, never a dose.
    ("Amlodipine 5mg tablets od 28 tablets", ("Amlodipine", "5mg", "tablets", "", "", "od 28 tablets", "")),
    (
        "Prednisolone 5mg tablets 8 tablets each morning for 5 days, then stop",
        ("Prednisolone", "5mg", "tablets", "8 tablets", "", "each morning for 5 days, then stop", ""),
    ),
    # A new amount is never put aside as a remark.
    (
        "Furosemide 40mg od, increased to 80mg od",
        ("Furosemide", "40mg", "", "", "", "od, increased to 80mg od", ""),
    ),
    # What cannot be read stays in the name, as written.
    ("Warfarin as per yellow book", ("Warfarin as per yellow book", "", "", "", "", "", "")),
    ("Ensure Plus", ("Ensure Plus", "", "", "", "", "", "")),
    (
        "Amlodipine 5mg od and Ramipril 10mg od",
        ("Amlodipine 5mg od and Ramipril 10mg od", "", "", "", "", "", ""),
    ),
    (
        "Paracetamol 500mg and codeine 30mg tablets one qds",
        ("Paracetamol 500mg and codeine 30mg", "", "tablets", "one", "", "qds", ""),
    ),
]


@pytest.mark.parametrize(("written", "parts"), LINES, ids=[written[:30] for written, _ in LINES])
def test_a_line_is_read_as_far_as_it_can_be(written: str, parts: Parts) -> None:
    (pasted,) = read_list(written).medicines
    texts = as_texts(pasted.line, pasted.note)
    order = ("name", "strength", "form", "dose", "route", "frequency", "times")
    assert tuple(texts[part] for part in order) == parts
    assert pasted.written == " ".join(written.split())


@pytest.mark.parametrize(
    "written",
    [
        "Amlodipine 5 mg",
        "- Amlodipine 5 mg",
        "• Amlodipine 5 mg",
        "\uf0b7 Amlodipine 5 mg",
        "1. Amlodipine 5 mg",
        "12) Amlodipine 5 mg",
        "(3) Amlodipine 5 mg",
        "4\tAmlodipine\t5 mg",
        "- 1. Amlodipine 5 mg",
        "[ ] Amlodipine 5 mg",
        "\ufeffAmlodipine\u00a05 mg",
        "  Amlodipine 5 mg \r\n",
        "\r\n\r\n-----\nAmlodipine 5 mg",
        "Amlodipine\r\n5 mg\r\n",
    ],
)
def test_what_only_marks_a_line_of_a_list_is_no_part_of_the_medicine(written: str) -> None:
    reading = read_list(written)
    (pasted,) = reading.medicines
    assert (pasted.line.name, pasted.line.strength) == ("Amlodipine", "5 mg")
    assert reading.unread == ()


def test_a_number_that_is_a_strength_is_no_numbering() -> None:
    (pasted,) = read_list("2.5 mg Ramipril capsules").medicines
    assert (pasted.line.name, pasted.line.strength) == ("Ramipril", "2.5 mg")


@pytest.mark.parametrize(
    "heading",
    [
        "Medication on discharge:",
        "DISCHARGE MEDICATION",
        "Drug\tDose\tRoute\tFrequency",
        "Page 1 of 2",
        "Allergies: penicillin",
        "NHS number: 999 000 0018",
        "Stopped medicines:",
        "28/11/2026",
    ],
)
def test_a_line_that_can_be_no_medicine_is_given_back(heading: str) -> None:
    reading = read_list(f"{heading}\nSenna 7.5 mg tablets")
    assert reading.unread == (" ".join(heading.split()),)
    assert [one.line.name for one in reading.medicines] == ["Senna"]


@pytest.mark.parametrize(
    "doubtful", ["Fortisip", "Oxygen 2 l/min", "Wound dressing", "See GP letter", "Insulin:"]
)
def test_in_doubt_a_line_is_a_medicine(doubtful: str) -> None:
    assert [one.written for one in read_list(doubtful).medicines] == [doubtful]


def test_directions_on_a_line_of_their_own_belong_to_the_medicine_above() -> None:
    reading = read_list(
        "Morphine MR 10mg tablets\nTake one tablet twice a day\nSenna 7.5mg tablets\n2 at night"
    )
    assert [(one.line.name, one.line.dose, one.line.frequency) for one in reading.medicines] == [
        ("Morphine", "one tablet", "twice a day"),
        ("Senna", "2", "at night"),
    ]


def test_the_heading_that_says_what_became_of_a_medicine_goes_with_its_lines() -> None:
    reading = read_list(
        "Medication on discharge:\nSenna 7.5mg\nStopped medicines:\nRamipril 5mg\nPage 2 of 2\nAspirin 75mg"
    )
    assert [(one.line.name, one.under) for one in reading.medicines] == [
        ("Senna", ""),
        ("Ramipril", "Stopped medicines"),
        ("Aspirin", "Stopped medicines"),
    ]


@pytest.mark.parametrize(
    ("written", "note", "stopped"),
    [
        ("Ramipril - STOPPED (low BP)", "STOPPED (low BP)", True),
        ("STOPPED: Ibuprofen 400mg", "STOPPED", True),
        ("NEW Edoxaban 30 mg tablets once daily", "NEW", False),
        ("Bisoprolol 1.25mg tablets one daily (reduced from 2.5mg)", "(reduced from 2.5mg)", False),
        ("Senna two at night for constipation", "for constipation", False),
        ("Amoxicillin 500mg caps TDS for 5 days", "", False),
        ("Prednisolone 5mg od for 5 days then stop", "", False),
    ],
)
def test_what_is_said_beside_the_medicine(written: str, note: str, stopped: bool) -> None:
    pasted = read_line(written)
    assert (pasted.note, says_stopped(pasted.written)) == (note, stopped)


@pytest.mark.parametrize(
    ("written", "name", "said"),
    [
        ("Bisoprolol STOPPED (bradycardia)", "Bisoprolol", "STOPPED"),
        ("Bisoprolol 2.5mg tablets - do not give", "Bisoprolol", "do not give"),
        ("Bisoprolol 2.5mg - no longer needed", "Bisoprolol", "no longer"),
        ("Bisoprolol d/c'd", "Bisoprolol", "d/c'd"),
        ("Bisoprolol, on hold", "Bisoprolol", "on hold"),
        ("Bisoprolol suspended until GP review", "Bisoprolol", "suspended"),
        ("Bisoprolol 2.5mg stopped 12/11/2026", "Bisoprolol", "stopped"),
        ("Bisoprolol 1.25mg one daily (reduced from 2.5mg)", "Bisoprolol", "reduced"),
        ("Bisoprolol 2.5mg one daily, no change", "Bisoprolol", ""),
        ("Prednisolone 5mg od, do not stop suddenly", "Prednisolone", ""),
    ],
)
def test_the_words_against_unchanged_are_quoted(written: str, name: str, said: str) -> None:
    assert (read_line(written).line.name, status_said(written)) == (name, said)


def test_a_line_of_two_medicines_is_split_where_one_takes_the_place_of_the_other() -> None:
    whole = "Metformin 500mg tablets stopped, replaced by Gliclazide 40 mg tablets once daily"
    (one,) = read_list(whole).medicines
    assert (one.written, one.line.name, one.line.strength, one.line.form) == (
        whole,
        "Metformin",
        "500mg",
        "tablets",
    )
    assert one.instead is not None
    new = one.instead.line
    assert (new.name, new.strength, new.form, new.frequency) == (
        "Gliclazide",
        "40 mg",
        "tablets",
        "once daily",
    )
    for only_a_dose in ("Furosemide 40mg od changed to 80mg od", "Morphine MR switched to liquid"):
        assert read_line(only_a_dose).instead is None
    assert read_line("Ramipril 5mg switched to Losartan").instead is not None


@pytest.mark.parametrize(
    ("written", "gone", "new"),
    [
        ("Morphine MR 10 mg tablets → Oxycodone 5 mg capsules one bd", "Morphine", "Oxycodone"),
        ("Morphine 10 mg -> Oxycodone 5 mg", "Morphine", "Oxycodone"),
        ("Apixaban 5 mg bd (replaces warfarin)", "warfarin", "Apixaban"),
        ("Apixaban 5 mg bd - instead of warfarin 3 mg", "warfarin", "Apixaban"),
        ("Ramipril 5 mg → 10 mg od", "Ramipril →", ""),
        ("Ramipril 5 mg → titrate to 10 mg", "Ramipril 5 mg → titrate to 10 mg", ""),
        ("Paracetamol 1 g qds instead of prn", "Paracetamol", ""),
    ],
)
def test_an_arrow_and_replaces_name_the_medicine_that_goes_and_the_one_that_comes(
    written: str, gone: str, new: str
) -> None:
    one = read_line(written)
    assert (one.line.name, one.instead.line.name if one.instead else "") == (gone, new)
    if one.instead:
        assert contradiction(Line(gone), one)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("Amlodipine 5 mg STOPPED (ankle swelling)", "ankle swelling"),
        ("Ramipril withheld - AKI, GP to restart", "AKI, GP to restart"),
        ("Ramipril reduced to 2.5 mg (low BP)", "low BP"),
        ("Metformin 500mg stopped due to kidney injury.", "kidney injury"),
        ("Bisoprolol 5 mg tablets once a day - dose increased", "Dose increased"),
        ("Amlodipine stopped", ""),
        ("Warfarin increased (5 mg)", ""),
        ("Morphine STOPPED - Oxycodone 5 mg bd started", ""),
        ("Ramipril 5 mg tablets (10) one daily", ""),
    ],
)
def test_the_reason_that_a_line_gives_is_read_and_no_dose_is_one(written: str, reason: str) -> None:
    assert reason_said(written) == reason


def test_one_amount_without_a_form_may_be_a_dose() -> None:
    assert read_line("Furosemide 40mg od").amount_alone
    assert not read_line("Furosemide 40mg tablets od").amount_alone
    assert not read_line("Furosemide 40mg 1 od").amount_alone


def test_a_note_of_ten_thousand_characters_stays_whole() -> None:
    note = "Warfarin " + "see the yellow book, then ring the clinic; " * 240
    (pasted,) = read_list(note[:10_000]).medicines
    assert pasted.line.name == " ".join(note[:10_000].split())


# Words that hold a line together and say nothing by themselves, when its parts stand in their fields.
_JOINING = {"and", "at", "take", "give", "use", "apply", "inhale", "inject", "to", "be", "taken", "dose"}
_SCRAPS = (
    "Amlodipine|Senna|morphine|MR|5mg|500|mg|10mg/5ml|tablets|capsules|take|ONE|two|by|mouth|PO|once|a|day|"
    "daily|bd|ON|at|night|08:00|and|-|,|(|)|for|pain|STOPPED|with|food|30/500|units|12|prn|every|4|hours|"
    "Lantus|patch|½|1-2|new|reduced|from|x|28"
)
_PIECES = st.sampled_from(_SCRAPS.split("|"))


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text) if word.lower() not in _JOINING}


@given(st.lists(_PIECES, min_size=1, max_size=14))
def test_no_word_of_a_line_is_dropped(pieces: list[str]) -> None:
    written = " ".join(pieces)
    pasted = read_line(written)
    assert _words(written) <= _words(" ".join(as_texts(pasted.line, pasted.note).values()))


@given(st.text(alphabet="aemstAE 5.,:;-()[]½\t\r\n\x00\u2028\u202e", max_size=120))
def test_no_text_is_refused_and_no_letter_lost(text: str) -> None:
    reading = read_list(text)
    kept = " ".join([*(one.written for one in reading.medicines), *reading.unread])
    assert sorted(re.findall(r"[a-zA-Z]", kept)) == sorted(re.findall(r"[a-zA-Z]", text))
    assert all(one.line.name for one in reading.medicines)
