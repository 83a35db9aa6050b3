"""Typed text to lines that fit a width, whatever was typed.

A text is only ever text: nothing in it is read as markup. Words longer than the line are broken where
the line ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from redbag.documents.typeface import Face, face_for, printable

ELLIPSIS = "…"


@dataclass(frozen=True)
class Style:
    """How a text looks. `size` and `leading` (the height of a line) are in points."""

    size: float
    leading: float
    bold: bool = False
    italic: bool = False
    white: bool = False

    def at(self, size: float) -> Style:
        """The same look at another size, its leading in proportion."""
        return replace(self, size=size, leading=self.leading * size / self.size)


class Line(NamedTuple):
    """One line ready to print. `advance`: how far the next line is below, 0 to print beside it. `tag`:
    not 0 for a line whose words are known only when all pages are laid out."""

    text: str
    style: Style
    face: Face
    indent: float
    advance: float
    width: float
    tag: int = 0


def height(lines: list[Line]) -> float:
    """Points from the top of the first line to the bottom of the last."""
    return sum([line.advance for line in lines])


def wrap(text: str, width: float, style: Style, *, indent: float = 0) -> list[Line]:
    """The lines of a text no wider than `width` points; the first starts `indent` points in.

    Line breaks that were typed stay, several in a row count as two. An empty text has no lines. Telephone
    and NHS numbers, dates and times stay on one line where the width allows it.
    """
    text = printable(text)
    face = face_for(text.replace("\n", " "), bold=style.bold, italic=style.italic)
    advance = style.leading
    if "\n" not in text:
        # Most texts are one short line: no need to measure each word.
        text = text.strip()
        if not text:
            return []
        whole = face.width(text) * style.size
        if whole <= width - indent and "  " not in text:
            return [Line(text, style, face, indent, advance, whole)]
    lines: list[Line] = []
    blank = False
    for paragraph in text.split("\n"):
        words = _words(paragraph, face, width / style.size)
        if not words:
            blank = bool(lines)
            continue
        if blank:
            lines.append(Line("", style, face, 0, advance / 2, 0))
            blank = False
        start = indent if not lines else 0
        for row, extent in _fill(words, face, width / style.size, start / style.size):
            lines.append(Line(row, style, face, 0 if lines else indent, advance, extent * style.size))
    return lines


_TOGETHER = re.compile(
    r"(?<![\d.])(?:\+\d{1,3} )?\(?\d{3,5}\)?(?: \d{3,6}){1,3}(?![\d.])"
    r"|(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"[a-z]*(?: \d{4}\b)?(?:, \d\d:\d\d\b)?"
)
"""What is misread when it is broken: telephone and NHS numbers, days and moments."""


def _words(paragraph: str, face: Face, width: float) -> list[str]:
    """What may be parted at the end of a line; `width` in ems."""
    words = paragraph.split()
    if len(words) < 2 or not any(word[-1:].isdigit() for word in words):
        return words
    text = " ".join(words)
    found: list[str] = []
    done = 0
    for match in _TOGETHER.finditer(text):
        # With what stands before and behind it without a space: brackets, commas.
        start = max(done, text.rfind(" ", 0, match.start()) + 1)
        end = text.find(" ", match.end())
        end = len(text) if end < 0 else end
        if match.start() < done:
            continue
        together = text[start:end]
        found += text[done:start].split()
        found += [together] if face.width(together) <= width else together.split()
        done = end
    return found + text[done:].split()


def _fill(words: list[str], face: Face, width: float, indent: float) -> list[tuple[str, float]]:
    """Greedy filling; `width` and `indent` in ems. The last break of a word too long is a hard one."""
    space = face.width(" ")
    rows: list[tuple[str, float]] = []
    current: list[str] = []
    used = 0.0
    room = width - indent
    for word in words:
        wide = face.width(word)
        if current and used + space + wide <= room:
            current.append(word)
            used += space + wide
            continue
        if current:
            rows.append((" ".join(current), used))
            room = width
        rest, whole = word, wide <= room
        if wide > room and not rows and indent:
            # Beside a run-in heading there may be too little room: start below it.
            rows.append(("", 0))
            room = width
            whole = wide <= room
        while not whole:
            cut = _longest_start(rest, face, room)
            whole = cut == len(rest)
            if not whole:
                rows.append((rest[:cut], face.width(rest[:cut])))
                rest = rest[cut:]
                room = width
        current, used = [rest], wide if rest is word else face.width(rest)
    rows.append((" ".join(current), used))
    return rows


def _longest_start(word: str, face: Face, room: float) -> int:
    """How many characters of a long word fit, at least one."""
    low, high = 1, len(word)
    # No character but a few is narrower than a fifth of an em: do not measure all of a huge word.
    high = min(high, int(room / 0.15) + 1)
    while low < high:
        middle = (low + high + 1) // 2
        if face.width(word[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def run_in(lead: str, text: str, width: float, lead_style: Style, style: Style) -> list[Line]:
    """A bold lead and the text that goes on beside it on the same line, as in a dictionary."""
    leads = wrap(lead, width, lead_style)
    if not leads or not text.strip():
        return leads
    last = leads[-1]
    indent = last.indent + last.width + 0.35 * lead_style.size
    rest = wrap(text, width, style, indent=indent if indent < width * 0.8 else 0)
    if rest and rest[0].indent:
        # Both stand on one baseline, whatever their sizes.
        same_base = style.leading + 0.72 * (style.size - lead_style.size)
        leads[-1] = last._replace(advance=0, style=replace(lead_style, leading=same_base))
    return leads + rest


def one_line(text: str, width: float, style: Style, smallest: float) -> Line:
    """The text on one line: made smaller down to `smallest` points, then ended with an ellipsis."""
    text = " ".join(printable(text).split())
    face = face_for(text, bold=style.bold, italic=style.italic)
    ems = face.width(text)
    size = min(style.size, max(smallest, width / ems if ems else style.size))
    if ems * size > width + 0.01:
        room = width / size - face.width(ELLIPSIS)
        text = text[: _longest_start(text, face, room)].rstrip() + ELLIPSIS
        ems = face.width(text)
    return Line(text, replace(style, size=size), face, 0, style.leading, ems * size)


def fitted(text: str, width: float, style: Style, *, smallest: float, lines: int) -> list[Line]:
    """The text in at most `lines` lines if a size down to `smallest` allows it, else all of it there."""
    size = style.size
    found = wrap(text, width, style)
    while len(found) > lines and size > smallest:
        size = max(smallest, size - 1)
        found = wrap(text, width, style.at(size))
    return found
