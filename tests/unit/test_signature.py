"""Strokes of a signature: what is kept, what is refused, what is drawn again."""

import json

import pytest

from redbag.domain.errors import Invalid
from redbag.domain.signature import HEIGHT, MOST_POINTS, MOST_STROKES, WIDTH, from_kept, parse, path


def test_strokes_are_kept_within_the_box_and_drawn_from_numbers_alone() -> None:
    strokes = parse(json.dumps([[[10, 10], [10, 10], [900, -5]], [[50, 60]]]))
    assert strokes == (((10, 10), (WIDTH, 0)), ((50, 60),))
    assert path(strokes) == f"M10 10 L{WIDTH} 0 M50 60 l1 0"
    assert from_kept(json.loads(json.dumps(strokes))) == strokes


@pytest.mark.parametrize("nothing", ["", "[]", "[[]]", "[[[5,5]]]", "[[[5,5],[9,9]]]"])
def test_nothing_or_a_touch_of_the_palm_is_no_signature(nothing: str) -> None:
    assert parse(nothing) == ()


@pytest.mark.parametrize(
    "sent",
    [
        "M10 10",
        "{}",
        "7",
        "null",
        '[[["<script>", 1]]]',
        "[[[1.5, 2]]]",
        "[[[true, 2]]]",
        "[[[1, 2, 3]]]",
        "[[1, 2]]",
        "[" * 9000,
        json.dumps([[[1, 2]]] * (MOST_STROKES + 1)),
        json.dumps([[[n % WIDTH, n % HEIGHT] for n in range(MOST_POINTS + 1)]]),
        json.dumps([[[1, 2]]] * 40) + " " * 24_000,
    ],
)
def test_what_our_page_does_not_send_is_refused_in_words(sent: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(sent)
    assert "Clear it and sign again" in refused.value.errors["signature"]
