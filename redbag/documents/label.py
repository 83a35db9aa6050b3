"""The label in the red bag's window: a QR code that opens the transfer, and words for who has no phone.

It carries no personal data. Size and level of the code were chosen by `scripts/bench label`
(docs/adr/0009-the-labels-code.md).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from redbag.documents.paper import BLACK, LEFT, TOP, WHITE, new_canvas
from redbag.documents.qr import QUIET_ZONE, draw_code, label_matrix
from redbag.documents.text_flow import Line, Style, height, one_line, wrap

SMALLEST_CODE = 30 * mm
PAPERS = {"62mm": (62 * mm, 114 * mm), "54x101": (54 * mm, 101 * mm), "a4": A4}
FORMATS = tuple(PAPERS)
# One dot of a 203 dpi label printer: whole dots to a module keep its edges straight.
_DOT = 72 / 203
_SMALLEST_MODULE = 4  # dots, half a millimetre

# Sheets of 8 labels, 99.1 × 67.7 mm, two across: the commonest address-parcel sheet sold for A4.
CARD_WIDTH = 99.1 * mm
CARD_HEIGHT = 67.7 * mm
SHEET_POSITIONS = 8
_SHEET_LEFT = 4.65 * mm
_SHEET_TOP = 13.1 * mm
_SHEET_PITCH = 101.6 * mm

STAYS = "Stays with the person"
TO_WRITE = "_____"


@dataclass(frozen=True)
class LabelCard:
    """What the label says. `url`: what the QR opens; `code`: the readable code, grouped, with its check
    character; `return_lines`: the address below the home's name; `phone`: answered at night.

    An empty `bag_number` leaves a line to write it on. `serial`: the number of a label for a drawer, None
    for one that is printed for its journey."""

    url: str
    bag_number: str
    code: str
    home_name: str
    return_lines: tuple[str, ...]
    phone: str
    serial: int | None = None


def label_pdf(card: LabelCard, label_format: str, position: int = 1) -> bytes:
    """One label as a PDF. See labels_pdf()."""
    return labels_pdf([card], label_format, position)


def labels_pdf(cards: Sequence[LabelCard], label_format: str, position: int = 1) -> bytes:
    """Labels as a PDF for a roll 62 mm wide, labels of 54 × 101 mm, or sheets of A4 ("a4").

    `position`: which label of the first A4 sheet is free, from 1, left to right and down; the rest follow
    it, on as many sheets as they need. Raises ValueError for another format or position, for no label, and
    for an address that a label's code cannot hold.
    """
    if label_format not in PAPERS:
        raise ValueError(f"A label's format is one of {', '.join(FORMATS)}.")
    if not cards:
        raise ValueError("There is no label to print.")
    out = io.BytesIO()
    canvas = new_canvas(out, None, PAPERS[label_format])
    canvas.setTitle("Red bag label" if len(cards) == 1 else "Red bag labels")
    if label_format == "a4":
        _draw_sheets(canvas, cards, position)
    else:
        for card in cards:
            _draw_upright(canvas, card, *PAPERS[label_format])
            canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw_sheets(canvas: Canvas, cards: Sequence[LabelCard], position: int) -> None:
    sheet_corner(position)
    for place, card in enumerate(cards, position - 1):
        draw_label(canvas, card, *sheet_corner(place % SHEET_POSITIONS + 1))
        last_of_sheet = place % SHEET_POSITIONS == SHEET_POSITIONS - 1
        if last_of_sheet or place == position - 2 + len(cards):
            canvas.showPage()


def sheet_corner(position: int) -> tuple[float, float]:
    """Lower left corner, in points, of a label on the A4 sheet. ValueError if there is no such label."""
    if not 1 <= position <= SHEET_POSITIONS:
        raise ValueError(f"The sheet has labels 1 to {SHEET_POSITIONS}.")
    down, across = divmod(position - 1, 2)
    return _SHEET_LEFT + across * _SHEET_PITCH, A4[1] - _SHEET_TOP - (down + 1) * CARD_HEIGHT


def draw_label_page(canvas: Canvas, card: LabelCard) -> None:
    """A page of plain A4 with the label to cut out."""
    corner = (LEFT, TOP - CARD_HEIGHT - 24)
    told = wrap("Cut out the label and put it in the window of the bag.", 400, Style(10, 14))
    print_lines(canvas, told, LEFT, TOP)
    canvas.setDash(3, 3)
    canvas.setLineWidth(0.5)
    canvas.rect(*corner, CARD_WIDTH, CARD_HEIGHT, stroke=1, fill=0)
    canvas.setDash()
    draw_label(canvas, card, *corner)


def draw_label(canvas: Canvas, card: LabelCard, x: float, y: float) -> None:
    """The label lying down, 99.1 × 67.7 mm, its lower left corner at (x, y): code left, words right."""
    margin = 3 * mm
    matrix = label_matrix(card.url)
    size = code_size(matrix, CARD_WIDTH - 2 * margin - 35 * mm)
    top = y + CARD_HEIGHT - mm
    draw_code(canvas, matrix, x + mm, top - size, size)
    print_lines(canvas, [_code_line(card, size - 2 * margin)], x + margin + 2 * mm, top - size)
    left = x + mm + size
    width = x + CARD_WIDTH - margin - left
    head = [
        one_line("RED BAG", width, Style(15, 18, bold=True), 8),
        one_line(card.bag_number or TO_WRITE, width, Style(34, 34, bold=True), 10),
    ]
    top = print_lines(canvas, head, left, y + CARD_HEIGHT - 5 * mm)
    top = _draw_band(canvas, left, top - 6, width)
    below = _return_lines(card, width, top - y - margin - 4)
    print_lines(canvas, below, left, y + margin + height(below))


def _draw_upright(canvas: Canvas, card: LabelCard, page_width: float, page_height: float) -> None:
    margin = 2.5 * mm
    width = page_width - 2 * margin
    matrix = label_matrix(card.url)
    # The white around the code may reach the edges of the paper: nothing is printed in it.
    size = code_size(matrix, page_width)
    number = one_line(card.bag_number or TO_WRITE, width * 0.55, Style(32, 34, bold=True), 10)
    top = page_height - margin
    print_lines(canvas, [one_line("RED BAG", width * 0.42, Style(16, 34, bold=True), 8)], margin, top)
    # The number stands right, its foot on the same line; the white around the code begins there.
    top = print_lines(canvas, [number], page_width - margin - number.width, top) + mm
    draw_code(canvas, matrix, (page_width - size) / 2, top - size, size)
    top = print_lines(canvas, [_code_line(card, width)], margin, top - size + mm)
    top = _draw_band(canvas, margin, top - 1, width) - 3
    print_lines(canvas, _return_lines(card, width, top - margin), margin, top)


def _draw_band(canvas: Canvas, x: float, top: float, width: float) -> float:
    lines = wrap(STAYS, width - 8, Style(11, 14, bold=True, white=True))
    tall = height(lines) + 3
    canvas.setFillGray(BLACK)
    canvas.rect(x, top - tall, width, tall, stroke=0, fill=1)
    print_lines(canvas, lines, x + 4, top - 1.5)
    return top - tall


def _code_line(card: LabelCard, width: float) -> Line:
    return one_line(card.code, width, Style(17, 20, bold=True), 7)


def _return_lines(card: LabelCard, width: float, room: float) -> list[Line]:
    """Whom to return to, within the room: smaller first, then with less of the address. The home's name
    and the number to ring are the last to give way."""
    for address in (card.return_lines, card.return_lines[:1], ()):
        for size in (10.0, 9.0, 8.0, 7.0):
            lines = _return_block(card, address, width, size)
            if height(lines) <= room:
                return lines
    name = one_line(card.home_name, width, Style(9, 11, bold=True), 6)
    ring = one_line(f"Ring {card.phone}", width, Style(9, 11, bold=True), 5)
    return [one_line("Return to", width, Style(8, 9.6), 6), name, ring]


def _return_block(card: LabelCard, address: tuple[str, ...], width: float, size: float) -> list[Line]:
    plain = Style(size, size * 1.2)
    bold = Style(size + 1, size * 1.3, bold=True)
    lines = [*wrap("Return to", width, plain), *wrap(card.home_name, width, bold)]
    for text in address:
        lines += wrap(text, width, plain)
    lines += wrap(f"Ring {card.phone}", width, bold) if card.phone else []
    return lines + (wrap(f"Label {card.serial}", width, plain) if card.serial else [])


def print_lines(canvas: Canvas, lines: list[Line], x: float, top: float) -> float:
    """Print lines downwards from `top`; return the bottom of the last."""
    for line in lines:
        canvas.setFillGray(WHITE if line.style.white else BLACK)
        base = top - line.advance / 2 - 0.36 * line.style.size
        start = x
        for run, width in line.face.runs(line.text):
            canvas.setFont(line.face.name, line.style.size)
            canvas.drawString(start, base, run)
            start += width * line.style.size
        top -= line.advance
    return top


def code_size(matrix: list[list[bool]], most: float) -> float:
    """Side of the code with its quiet zone: as large as fits, in whole printer dots a module.

    Raises ValueError where the code would be less than 30 mm across or its modules than half a millimetre.
    """
    modules = len(matrix) + 2 * QUIET_ZONE
    dots = int(most / modules / _DOT)
    if dots < _SMALLEST_MODULE or dots * _DOT * len(matrix) < SMALLEST_CODE:
        raise ValueError("The address is too long for a label: its code would be too fine to scan.")
    return dots * _DOT * modules
