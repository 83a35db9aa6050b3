"""Names in one home that may be mistaken for each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.similar_names import Reason, Similar, similar


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Joan Smith", "JOAN SMITH", Reason.SAME_NAME),
        ("Joan Smith", "Mrs Joan Mary Smith", Reason.SAME_NAME),
        ("Séan O’Brien", "Sean OBrien", Reason.SAME_NAME),
        ("Dr. Anne-Marie Lloyd", "Anne-Marie Lloyd", Reason.SAME_NAME),
        ("Anne-Marie Lloyd", "Anne Marie Lloyd", Reason.SAME_SURNAME),
        ("James Henry", "Henry James", Reason.OTHER_WAY_ROUND),
        ("Joan Smith", "Peter Smith", Reason.SAME_SURNAME),
        ("Joan Smith-Jones", "Peter Jones", Reason.PART_OF_SURNAME),
        ("Joan Smith–Jones", "Peter Smith-Brown", Reason.PART_OF_SURNAME),
        ("Margaret Hill", "Margaret Hughes", Reason.FIRST_NAME_AND_INITIAL),
        ("Joan Smith", "Peter Smyth", Reason.SOUNDS_ALIKE),
        ("Joan Stephens", "Peter Stevens", Reason.SOUNDS_ALIKE),
        ("Joan Philips", "Peter Filipps", Reason.SOUNDS_ALIKE),
        ("Joan Carr-Clark", "Peter Karr-Clarke", Reason.SOUNDS_ALIKE),
        ("Joan Harris", "Peter Hartis", Reason.LOOKS_ALIKE),
        ("Joan Marsh", "Peter Amrsh", Reason.LOOKS_ALIKE),
        ("Joan Wellington", "Peter Bellingtom", Reason.LOOKS_ALIKE),
        ("Cher", "cher", Reason.SAME_NAME),
    ],
)
def test_alike_and_why(one: str, other: str, reason: Reason) -> None:
    assert [s.reason for s in similar(one, [other])] == [reason]
    assert [s.reason for s in similar(other, [one])] == [reason]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Joan Smith", "Peter Green"),
        ("Joan Smith", "Joan Green"),
        ("Joan Lee", "Peter Low"),
        ("Joan Kay", "Peter Day"),
        ("Joan Harris", "Peter Norris"),
        ("Joan Brown", "Peter Drawn"),
        ("", ""),
        ("Joan Smith", ""),
        ("🙂", "🙂"),
        ("Joan Smith--Hill", "Peter Green--Wood"),
        ("李 伟", "王 芳"),
    ],
)
def test_not_alike(one: str, other: str) -> None:
    assert similar(one, [other]) == ()


def test_the_most_alike_come_first_with_their_places() -> None:
    others = ["Peter Smyth", "Ann Green", "Peter Smith", "Joan Smith", "Joan Stone"]
    assert similar("Joan Smith", others) == (
        Similar(3, "Joan Smith", Reason.SAME_NAME),
        Similar(2, "Peter Smith", Reason.SAME_SURNAME),
        Similar(4, "Joan Stone", Reason.FIRST_NAME_AND_INITIAL),
        Similar(0, "Peter Smyth", Reason.SOUNDS_ALIKE),
    )


def test_every_reason_has_its_words() -> None:
    assert len({reason.label for reason in Reason}) == len(Reason)


names = st.text(max_size=30) | st.lists(st.sampled_from(["joan", "smith", "O'Neil", "Li"]), max_size=3).map(
    " ".join
)


@given(names, names)
def test_the_warning_goes_both_ways(one: str, other: str) -> None:
    assert [s.reason for s in similar(one, [other])] == [s.reason for s in similar(other, [one])]


@given(names)
def test_a_name_is_like_itself_when_there_is_any_letter_in_it(name: str) -> None:
    found = similar(name, [name.upper().casefold()])
    assert found == () or found[0].reason is Reason.SAME_NAME
    if any("a" <= letter <= "z" for letter in name):
        assert found
