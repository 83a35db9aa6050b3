"""What the pages of a pack share: styles, panels by danger, headings, and the words at their edges.

Black and white only: what must be seen is heavy, never coloured.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from redbag.documents.paper import (
    BLACK,
    BOTTOM,
    FULL,
    HEIGHT,
    LEFT,
    PALE,
    RIGHT,
    WHITE,
    Area,
    Box,
    Page,
    Rule,
    Shape,
)
from redbag.documents.text_flow import Line, Style, height, one_line, wrap
from redbag.documents.typeface import NO_GLYPH, NO_GLYPH_NOTE
from redbag.domain.london_time import format_moment
from redbag.domain.nhs_number import format_334
from redbag.domain.pack import Entry, Person, TransferPack

LABEL = Style(8, 10)
BODY = Style(9.5, 12)
STRONG = Style(9.5, 12, bold=True)
FACT = Style(12, 15, bold=True)
SMALL = Style(8, 10)
NOTE = Style(8.5, 11, italic=True)
HEADING = Style(11, 15, bold=True)
BAND = Style(11, 15, bold=True, white=True)
TITLE = Style(10.5, 13, bold=True)
WHITE_TITLE = Style(10.5, 13, bold=True, white=True)
EDGE = Style(7.5, 9.5)

MAST_TOP = HEIGHT - 26
"""Where the black band across the top of each page begins."""
_SYMBOL = 15.0
CHECK_CHART = "Times are by the home’s MAR: check the hospital chart."


def nhs_words(digits: str) -> str:
    """An NHS number as it is always shown, or that it is not known; other text as it stands."""
    if not digits:
        return "Not known"
    try:
        return format_334(digits.replace(" ", ""))
    except ValueError:
        return digits


def born_words(person: Person) -> str:
    """Date of birth and age."""
    born = person.date_of_birth or "Not recorded"
    return born if person.age is None else f"{born} (age {person.age})"


def panel(page: Page, area: Area, title: str, body: Sequence[Line], kind: str) -> float:
    """A framed panel; returns its bottom.

    `kind`: danger (black strip, "!"), missing (heavy frame and "?": as loud, since it is not "no"),
    plain (thin frame).
    """
    tall = panel_height(area.width, title, body)
    return panel_of_height(page, area, tall, title=title, body=body, kind=kind)


def panel_height(width: float, title: str, body: Sequence[Line]) -> float:
    """How tall a panel is that holds this."""
    strip = height(wrap(title, width - _SYMBOL - 12, TITLE)) + 4
    return strip + (height(list(body)) + 5 if body else 0)


def panel_of_height(
    page: Page, area: Area, tall: float, *, title: str, body: Sequence[Line], kind: str
) -> float:
    """A panel of a given height, so that two side by side end together."""
    x, y, width = area
    style = WHITE_TITLE if kind == "danger" else TITLE
    titles = wrap(title, width - _SYMBOL - 12, style)
    strip = height(titles) + 4 if body else tall
    down = (strip - height(titles)) / 2
    fill = {"danger": BLACK, "missing": PALE}.get(kind)
    if fill is not None:
        page.marks.append(Box(x, y - strip, width, strip, fill))
    page.marks.append(Box(x, y - tall, width, tall, None, {"danger": 1.4, "missing": 2.2}.get(kind, 0.7)))
    indent = 5.0
    if kind in ("danger", "missing"):
        _symbol(page, x + 5, y - down, kind)
        indent = _SYMBOL + 7
    page.put(titles, x + indent, y - down)
    page.put(body, x + 6, y - strip - 2)
    return y - tall


def _symbol(page: Page, x: float, top: float, kind: str) -> None:
    if kind == "danger":
        page.marks.append(Shape(((x, top - 12), (x + 13, top - 12), (x + 6.5, top - 0.5)), WHITE))
        page.put([one_line("!", 12, Style(9.5, 13, bold=True), 8)], x + 5, top - 1.2)
    else:
        page.marks.append(Box(x, top - 12.5, 13, 12, BLACK))
        page.put([one_line("?", 12, Style(10.5, 13, bold=True, white=True), 8)], x + 3.4, top)


def heading(page: Page, area: Area, text: str, aside: str = "", style: Style = HEADING) -> float:
    """A heading over a heavy rule, with a small aside at its right; returns where the text may start."""
    x, y, width = area
    page.put([one_line(text, width, style, 8)], x, y)
    if aside:
        line = one_line(aside, width * 0.6, NOTE, 6)
        page.put_right(line, x + width, y - 3)
    y -= style.leading
    page.marks.append(Rule(x, y, x + width, y, 1.2))
    return y - 3


def black_heading(page: Page, area: Area, text: str) -> float:
    """As heading(), in white on black: what must be found before anything else on its part of the page."""
    x, y, width = area
    page.marks.append(Box(x, y - HEADING.leading - 2, width, HEADING.leading + 2, BLACK))
    page.put([one_line(text, width - 12, BAND, 8)], x + 6, y - 1)
    return y - HEADING.leading - 5


def split_known(entries: Sequence[Entry]) -> tuple[list[Entry], list[tuple[str, str]]]:
    """Facts that are known, and for each way of not knowing its labels on one line."""
    known: list[Entry] = []
    unknown: dict[str, list[str]] = {}
    for entry in entries:
        if entry.known:
            known.append(entry)
        else:
            unknown.setdefault(entry.text or "Not recorded", []).append(entry.label)
    return known, [(text, ", ".join(labels)) for text, labels in unknown.items()]


def version_words(pack: TransferPack) -> str:
    """Which version this is, when it was made, and by whom."""
    maker = f" by {pack.made_by}" if pack.made_by else ""
    return f"Version {pack.version}, made {format_moment(pack.made_at)}{maker}"


class Edges(NamedTuple):
    """What stands at the edges of every page: the band across the top and the two lines at the foot."""

    name: str
    who: str
    first: str
    second: str


def edge_words(pack: TransferPack) -> Edges:
    """The words at the edges of every page of this pack."""
    person = pack.person
    name = person.name or "Name not recorded"
    born = born_words(person) if person.date_of_birth else "date not recorded"
    number = nhs_words(person.nhs_number) if person.nhs_number else "number not known"
    bag = f"Bag {pack.bag_number}" if pack.bag_number else "No bag number"
    return Edges(
        name,
        f"Born {born}  ·  NHS {number}",
        "  ·  ".join((name, bag, pack.home.name)),
        f"{version_words(pack)}  ·  Transfer {pack.transfer_ref}",
    )


def foot(page: Page, first: str, second: str, number: int, pages: int) -> None:
    """Two lines at the foot of a page, with its number."""
    y = BOTTOM - 6
    page.marks.append(Rule(LEFT, y, RIGHT, y, 0.8))
    count = one_line(f"Page {number} of {pages}", 90, Style(9.5, 11, bold=True), 7)
    page.put([one_line(first, FULL - 100, Style(8, 10, bold=True), 5.5)], LEFT, y - 2)
    page.put([one_line(second, FULL - 100, EDGE, 5.5)], LEFT, y - 12)
    page.put_right(count, RIGHT, y - 2)
    if any(NO_GLYPH in words.line.text for words in page.words):
        page.put([one_line(NO_GLYPH_NOTE, FULL, EDGE, 6)], LEFT, y - 22)


def masthead(page: Page, left: str, right: str, width: float = FULL) -> float:
    """The black band across the top of a page; returns its bottom."""
    page.marks.append(Box(LEFT, MAST_TOP - 19, width, 19, BLACK))
    words = one_line(right, width * 0.55, BAND, 7)
    page.put([one_line(left, width - words.width - 28, BAND, 7)], LEFT + 7, MAST_TOP - 2)
    page.put_right(words, LEFT + width - 7, MAST_TOP - 2)
    return MAST_TOP - 19
