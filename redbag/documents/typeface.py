"""Which typeface prints a text, and how wide it is.

Helvetica is in every printer and every reader, costs nothing to embed and has the letters of western
Europe. A text that needs more (Polish, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Thai and others) is
printed whole in FiraGO, shaped by HarfBuzz. What neither has is shown as words or as a visible mark,
never left out. See docs/adr/0005-text-on-paper.md.
"""

from __future__ import annotations

import io
import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont, shapeStr

NO_GLYPH = "▯"
NO_GLYPH_NOTE = f"{NO_GLYPH} stands for a character that this printout cannot show: see it on screen."

# One shaping call at a time: ReportLab adds glyphs without a character of their own to the shared font.
_SHAPING = threading.Lock()
_SIMPLE = re.compile(r"[ -~]*\Z")
# Joiners that change how letters are shaped, and the Arabic signs that enclose numbers.
_SHAPING_MARKS = "\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd"
# Scripts whose letters join, reorder, stack or run from right to left.
_COMPLEX = re.compile("[\u0300-\u036f\u0590-\u08ff\u0900-\u0e7f\ufb1d-\ufdff\ufe70-\ufeff]")
_ENGLISH_LINE = str.maketrans({"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\v": "\n", "\f": "\n", "\t": " "})


@dataclass(frozen=True)
class Face:
    """One typeface in one weight. `widths`: each character it can print, in ems."""

    name: str
    widths: dict[str, float]
    wide: bool = False

    def width(self, text: str) -> float:
        """The width of the text at one point, in points. The text must come from `printable`."""
        if self.wide and _COMPLEX.search(text):
            return sum(width for _run, width in self.runs(text))
        widths = self.widths
        return sum([widths[character] for character in text])

    def runs(self, text: str) -> list[tuple[str, float]]:
        """The pieces of one line from left to right, ready to draw, each with its width at one point."""
        if not (self.wide and _COMPLEX.search(text)):
            return [(text, self.width(text))]
        return [_shaped(run, self.name) for run in _visual_runs(text)]


@lru_cache(maxsize=4096)
def _shaped(run: str, face: str) -> tuple[str, float]:
    # Kept for a while: each word is measured several times before it is printed.
    with _SHAPING:
        shaped = shapeStr(run, face, 1000, force=True)
    return shaped, sum(glyph.x_advance for glyph in shaped.__shapeData__) / 1000


@cache
def _base(name: str) -> Face:
    widths = pdfmetrics.getFont(name).widths
    table = {}
    for code in range(32, 256):
        character = bytes([code]).decode("cp1252", "ignore")
        if character and character != "\x7f":
            table[character] = widths[code] / 1000
    return Face(name, table)


@cache
def _wide(bold: bool) -> Face | None:
    """FiraGO, or None where its package is not installed: the pack must print all the same."""
    try:
        import pymupdf_fonts
    except ImportError:
        return None
    name = "FiraGO-Bold" if bold else "FiraGO"
    font = TTFont(name, io.BytesIO(pymupdf_fonts.myfont("figbo" if bold else "figo")))
    pdfmetrics.registerFont(font)
    widths = {chr(code): font.face.charWidths[code] / 1000 for code in font.face.charToGlyph}
    return Face(name, widths, wide=True)


def face_for(text: str, *, bold: bool = False, italic: bool = False) -> Face:
    """The typeface for a text that came from `printable`: one for the whole text, so that it looks one."""
    slanted = "Oblique" if italic else ""
    weight = ("Bold" if bold else "") + slanted
    base = _base(f"Helvetica-{weight}" if weight else "Helvetica")
    if _SIMPLE.match(text) or all(character in base.widths for character in text):
        return base
    return _wide(bold) or base


@cache
def _can_print(character: str) -> bool:
    wide = _wide(bold=False)
    return character in _base("Helvetica").widths or (wide is not None and character in wide.widths)


def printable(text: str) -> str:
    """The text with every character that has no glyph replaced by something that can be seen.

    Line breaks stay; control characters and unknown scripts become a mark, emoji become their name in
    brackets. What is nothing by itself (direction marks, joiners that no font needs, emoji tints) goes.
    """
    if _SIMPLE.match(text):
        return text
    text = text.replace("\r\n", "\n").translate(_ENGLISH_LINE)
    text = unicodedata.normalize("NFC", text)
    # Most English text is in Helvetica whole: one look, no walk.
    base = _base("Helvetica").widths
    if all(character in base for character in text if character != "\n") and "\u00ad" not in text:
        return text.replace("\u00a0", " ")
    return "".join([character if character == "\n" else _shown(character) for character in text])


@cache
def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if (category == "Cf" and character not in _SHAPING_MARKS) or "\ufe00" <= character <= "\ufe0f":
        return ""  # direction marks, soft hyphens, emoji variation: there is nothing of them to see
    if _can_print(character):
        return character
    compatible = unicodedata.normalize("NFKC", character)
    if compatible != character and all(_can_print(part) for part in compatible):
        return compatible
    if "\U0001f3fb" <= character <= "\U0001f3ff":
        return ""  # a skin tone: it only tints the emoji before it
    if category in ("So", "Sk"):
        return f"[{unicodedata.name(character, 'symbol').lower()}]"
    return _mark(character)


def _mark(character: str) -> str:
    return NO_GLYPH if _wide(bold=False) else f"[U+{ord(character):04X}]"


def _visual_runs(text: str) -> list[str]:
    """One line cut into runs of one direction, in the order in which they stand on paper.

    The Unicode bidirectional algorithm without explicit embedding: letters give the direction, numbers
    read left to right within right-to-left text, and what stands between takes its neighbours' side.
    HarfBuzz turns each right-to-left run and mirrors its brackets.
    """
    levels = _levels(text)
    runs = [
        (level, "".join(character for _level, character in group))
        for level, group in groupby(zip(levels, text, strict=True), key=lambda pair: pair[0])
    ]
    for level in range(max(levels), 0, -1):
        runs = _reversed_from(runs, level)
    return [run for _level, run in runs]


def _reversed_from(runs: list[tuple[int, str]], level: int) -> list[tuple[int, str]]:
    turned: list[tuple[int, str]] = []
    for inside, group in groupby(runs, key=lambda run: run[0] >= level):
        stretch = list(group)
        turned += reversed(stretch) if inside else stretch
    return turned


def _levels(text: str) -> list[int]:
    kinds = [unicodedata.bidirectional(character) for character in text]
    strong = [_STRONG.get(kind) for kind in kinds]
    base = next((direction for direction in strong if direction), "L")
    sides: list[str | None] = []
    last = base
    for kind, direction in zip(kinds, strong, strict=True):
        last = direction or last
        if kind in ("EN", "AN"):
            sides.append("N" if last == "R" or base == "R" else "L")
        elif kind == "NSM":
            sides.append(sides[-1] if sides else base)
        else:
            sides.append(direction)
    _settle_brackets(sides, text, base)
    _settle_neutrals(sides, kinds, base)
    if base == "R":
        return [{"R": 1, "L": 2, "N": 2}[side or base] for side in sides]
    return [{"L": 0, "R": 1, "N": 2}[side or base] for side in sides]


_STRONG = {"L": "L", "R": "R", "AL": "R"}
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def _settle_brackets(sides: list[str | None], text: str, base: str) -> None:
    """A pair of brackets takes the line's direction if anything in it has that, or what stands before
    the pair has; else the direction of what it holds (rule N0)."""
    open_at: list[int] = []
    for index, character in enumerate(text):
        if character in _BRACKETS:
            open_at.append(index)
        elif character in _BRACKETS.values() and open_at and _BRACKETS[text[open_at[-1]]] == character:
            start = open_at.pop()
            inside = {_as_letter(side) for side in sides[start + 1 : index] if side}
            if not inside:
                continue
            before = next((_as_letter(side) for side in reversed(sides[:start]) if side), base)
            side = base if base in inside or before == base else before
            sides[start] = sides[index] = side


def _as_letter(side: str) -> str:
    return "R" if side == "N" else side


def _settle_neutrals(sides: list[str | None], kinds: list[str], base: str) -> None:
    """Spaces and signs: within a number its own, between two of one side theirs, else the line's."""
    position = 0
    while position < len(sides):
        if sides[position] is not None:
            position += 1
            continue
        end = position
        while end < len(sides) and sides[end] is None:
            end += 1
        before = sides[position - 1] if position else base
        after = sides[end] if end < len(sides) else base
        if before == after == "N" and end - position == 1 and kinds[position] in ("CS", "ES", "WS"):
            # Beyond the algorithm: a phone number typed with spaces must not be turned group by group.
            side = "N"
        else:
            # A number in right-to-left text counts as right to left for what stands beside it.
            ends = {_as_letter(one) for one in (before, after) if one}
            side = ends.pop() or base if len(ends) == 1 else base
        sides[position:end] = [side] * (end - position)
        position = end
