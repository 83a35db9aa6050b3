"""Typed text on paper: which letters, in which direction, in lines that fit."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from redbag.documents.text_flow import Style, one_line, run_in, wrap
from redbag.documents.typeface import NO_GLYPH, face_for, printable


def test_a_name_from_the_right_is_drawn_joined_and_from_the_right():
    face = face_for("مريم 12", bold=True)
    runs = [run for run, _width in face.runs("مريم 12")]
    assert runs[0] == "12"  # left of the name, and still read from left to right
    assert len(runs) == 2
    # Letters in their joined forms, the first at the right; one is a glyph without a character.
    letters = runs[1].strip()
    assert (len(letters), letters[-1]) == (4, "ﻣ")
    assert unicodedata.normalize("NFKC", letters[:2]) == "مي"


def test_brackets_turn_in_right_to_left_text_only():
    def shown(text: str) -> str:
        return "".join(run for run, _width in face_for("שרה").runs(text))

    assert shown("Sara (שרה) 5") == "Sara (הרש) 5"
    assert shown("שרה (דוד) א") == "א (דוד) הרש".replace("דוד", "דוד"[::-1])
    assert shown("שרה 07700 900123") == "07700 900123 הרש"
    assert shown("Sara, 12/3, שרה") == "Sara, 12/3, הרש"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("plain", "plain"),
        ("café – “ok” €5", "café – “ok” €5"),
        ("a\u00a0b\u2009c\td", "a b c d"),
        ("a\r\nb\u2028c", "a\nb\nc"),
        ("\x07", NO_GLYPH),
        ("王", NO_GLYPH),
        ("\ud800", NO_GLYPH),
        ("😀", "[grinning face]"),
        ("𝐌𝐚𝐫𝐲", "Mary"),
        ("soft\u00adhyphen\u200e", "softhyphen"),
        ("Żółć", "Żółć"),
    ],
)
def test_what_cannot_be_printed_is_seen(typed, shown):
    assert printable(typed) == shown


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.floats(30, 500), st.sampled_from([6.0, 9.5, 25.0]))
def test_lines_fit_and_hold_every_letter(text, width, size):
    style = Style(size, size * 1.2)
    lines = wrap(text, width, style)
    for line in lines:
        assert line.width <= width + 0.01 or len(line.text) == 1
    kept = "".join(line.text for line in lines)
    assert "".join(kept.split()) == "".join(printable(text).split())
    assert one_line(text, width, style, 5).width <= width + 0.01 or len(text.split()) <= 1


@pytest.mark.parametrize(
    "whole", ["07700 900123", "020 7946 0999", "999 000 0018", "Sun 22 Nov 2026, 07:00", "3 November 1938"]
)
def test_numbers_and_moments_stay_on_one_line_where_there_is_room(whole: str) -> None:
    style = Style(9.5, 12)
    text = f"Ann Carter, daughter ({whole}), after that"
    for width in range(130, 330, 3):
        lines = [line.text for line in wrap(text, width, style)]
        assert any(whole in line for line in lines), lines
        assert " ".join(lines) == text
    narrow = wrap(text, 32, style)
    assert all(line.width <= 32 for line in narrow)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab W\n", max_size=120), st.text(alphabet="ab W\n", max_size=200), st.floats(40, 300))
def test_a_run_in_lead_and_its_text_never_overlap(lead, text, width):
    lines = run_in(lead, text, width, Style(9.5, 12, bold=True), Style(9.5, 12))
    for line, following in pairwise(lines):
        if not line.advance:
            assert following.indent >= line.width
    for line in lines:
        assert line.indent + line.width <= width + 0.01
