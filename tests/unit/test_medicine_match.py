"""A pasted list beside the sent one: places, questions, differences, and what is written from them."""

import pytest

from redbag.domain.medicine_line import Line
from redbag.domain.medicine_match import (
    LEFT_OUT,
    NEW,
    contradiction,
    differing,
    match,
    to_write,
)
from redbag.domain.medicine_paste import Pasted, read_line, read_list

AMLODIPINE = Line("Amlodipine", "tablets", "5 mg", "1 tablet", "by mouth", "once a day", ("08:00",))
BY_AMOUNT = Line("Amlodipine", "tablets", "5 mg", "5 mg", "by mouth", "once a day", ("08:00",))
WARFARIN = Line("Warfarin", "tablets", "3 mg", "1 tablet", "", "once a day", ("18:00",))
WARFARIN_1 = Line("Warfarin", "tablets", "1 mg", "1 tablet", "", "once a day", ("18:00",))
MORPHINE = Line("Morphine sulfate MR", "tablets", "10 mg", "1 tablet", "", "twice a day", ("08:00", "20:00"))


def pasted(*lines: str) -> tuple[Pasted, ...]:
    return read_list("\n".join(lines)).medicines


def test_the_same_medicine_however_written_is_found_and_the_rest_is_new_or_missing() -> None:
    found = match([AMLODIPINE, WARFARIN], pasted("Senna two at night", "Amlodipine 2.5mg tabs one daily"), {})
    assert (dict(found.beside), found.asked, found.new) == ({0: 1}, (), (0,))


def test_one_opioid_beside_another_is_asked_and_never_placed() -> None:
    lines = pasted("Oxycodone MR 5 mg tablets one twice a day")
    found = match([MORPHINE], lines, {})
    assert (dict(found.beside), found.new) == ({}, ())
    assert (found.asked[0].sent, found.asked[0].why) == (
        (0,),
        "Both may be of one kind (Opioid). Was one replaced by the other?",
    )
    assert match([MORPHINE], lines, {0: 0}).beside == {0: 0}
    assert match([MORPHINE], lines, {0: NEW}).new == (0,)
    left_out = match([MORPHINE], lines, {0: LEFT_OUT})
    assert (dict(left_out.beside), left_out.asked, left_out.new) == ({}, (), ())


def test_the_same_medicine_twice_with_two_strengths_finds_both_and_asks_about_a_third() -> None:
    lines = pasted("Warfarin 1mg tablets", "Warfarin 3mg tablets", "Warfarin 5mg tablets")
    found = match([WARFARIN, WARFARIN_1], lines, {})
    assert found.beside == {0: 1, 1: 0}
    assert [(one.pasted, one.sent) for one in found.asked] == [(2, (0, 1))]
    doubled = match([WARFARIN], lines[1:], {0: 0, 1: 0})
    assert dict(doubled.beside) in ({}, {0: 0})
    assert {one.pasted for one in doubled.asked} | set(doubled.beside.values()) == {0, 1}


def test_sixty_lines_find_sixty_lines() -> None:
    names = [f"Medicine{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(60)]
    sent = [Line(name, "tablets", "5 mg", "1 tablet") for name in names]
    found = match(sent, pasted(*(f"{name} 5mg tablets one daily" for name in reversed(names))), {})
    assert found.beside == {n: 59 - n for n in range(60)}
    assert (found.asked, found.new) == ((), ())


@pytest.mark.parametrize(
    ("sent", "written", "differs", "write"),
    [
        (AMLODIPINE, "Amlodipine 5mg tablets one daily", (), {}),
        (AMLODIPINE, "Amlodipine", (), {}),
        (
            AMLODIPINE,
            "Amlodipine 10mg tablets, 1 tablet once a day",
            ("strength 5 mg → 10mg",),
            {"strength": "10mg", "dose": "1 tablet"},
        ),
        # The one amount is the dose where the dose is an amount, else the strength.
        (BY_AMOUNT, "Amlodipine 2.5 mg od", ("dose 5 mg → 2.5 mg",), {"dose": "2.5 mg"}),
        (AMLODIPINE, "Amlodipine 2.5 mg od", ("strength 5 mg → 2.5 mg",), {"strength": "2.5 mg"}),
        (
            AMLODIPINE,
            "Amlodipine 5mg tablets 2 tablets bd",
            ("dose 1 tablet → 2 tablets", "times once a day, 08:00 → bd"),
            {"dose": "2 tablets", "frequency": "bd"},
        ),
        (WARFARIN, "Warfarin 3mg tablets one daily", (), {}),
        (
            MORPHINE,
            "Oxycodone MR 5 mg tablets one twice a day",
            ("medicine Morphine sulfate MR → Oxycodone", "strength 10 mg → 5 mg"),
            {
                "name": "Oxycodone",
                "form": "MR tablets",
                "strength": "5 mg",
                "dose": "one",
                "frequency": "twice a day",
            },
        ),
    ],
)
def test_what_differs_is_said_and_only_that_is_written(
    sent: Line, written: str, differs: tuple[str, ...], write: dict[str, str]
) -> None:
    line = read_line(written)
    assert differing(sent, line) == differs
    assert to_write(sent, line) == write


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        (
            Line("Salbutamol", "inhaler", "100 micrograms/dose", "2 puffs", "inhaled", "as needed"),
            "Salbutamol 100mcg inh 2 puffs PRN",
        ),
        (
            Line("Tiotropium", "inhaler", "2.5 micrograms", "2 puffs", "", "od"),
            "Tiotropium 2.5 mcg 2 puffs OD",
        ),
        (Line("Salbutamol", "nebules", "2.5 mg", "", "nebulised", "qds"), "Salbutamol 2.5mg neb QDS"),
        (Line("Hydrocortisone", "cream", "1%", "", "on the skin", "bd"), "Hydrocortisone 1% top BD"),
        (Line("Dalteparin", "injection", "5000 units", "", "", "od"), "Dalteparin 5000 units subcut OD"),
        (Line("Glycerin", "suppositories", "4 g", "", "", "prn"), "Glycerin 4g PR PRN"),
        (Line("GTN", "spray", "400 micrograms/dose", "", "", "prn"), "GTN 400mcg SL PRN"),
        (Line("Estriol", "pessary", "", "", "", "at night"), "Estriol PV at night"),
        (Line("Rotigotine", "patch", "2 mg", "", "", "od"), "Rotigotine 2 mg patch TD od"),
        (Line("Paracetamol", "tablets", "500 mg", "", "by mouth", "qds"), "Paracetamol 500mg PO QDS"),
    ],
)
def test_the_same_way_of_giving_is_known_by_its_short_words(sent: Line, written: str) -> None:
    found = match([sent], pasted(written), {})
    assert (dict(found.beside), found.asked) == ({0: 0}, ())
    assert contradiction(sent, read_line(written)) == ""


def test_another_route_is_another_way_of_giving() -> None:
    swallowed = Line("Lorazepam", "tablets", "1 mg", "1 tablet", "by mouth", "prn")
    found = match([swallowed], pasted("Lorazepam 1mg tablets SL PRN"), {})
    assert (dict(found.beside), [one.sent for one in found.asked]) == ({}, [(0,)])
    inhaled = Line("Salbutamol", "inhaler", "100 micrograms", "2 puffs")
    assert match([inhaled], pasted("Salbutamol 2.5mg neb QDS"), {}).beside == {}


def test_unchanged_is_contradicted_by_what_both_state() -> None:
    assert contradiction(BY_AMOUNT, read_line("Amlodipine 2.5 mg od")) == "Dose: 5 mg → 2.5 mg"
    assert contradiction(BY_AMOUNT, read_line("Amlodipine 5 mg od")) == ""
    ordinary = read_line("Morphine sulfate 10mg tablets")
    assert contradiction(MORPHINE, ordinary) == "Form: modified tablet → tablet"
    assert contradiction(Line("Epilim"), read_line("Episenta")) == "The brand matters, and the names differ."
