"""A print that tries the printer: a line to lay a ruler on, and a code to scan that answers "good"."""

from __future__ import annotations

import io

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from redbag.documents.label import PAPERS, code_size, print_lines
from redbag.documents.paper import BLACK, new_canvas
from redbag.documents.qr import draw_code, label_matrix
from redbag.documents.text_flow import Style, height, wrap

ANSWERS = "TEST-PRINT-OF-A-LABEL-GOOD"
"""What stands in a test print's address for a label's token: as many characters, so that its code is as
fine as a label's."""
# Centimetres of the line; a label 101 mm long has no room for ten within what a printer reaches.
_RULERS = {"62mm": 10, "54x101": 9, "a4": 10}
_EDGE = 5 * mm


def printer_test_pdf(base_url: str, label_format: str) -> bytes:
    """The test print on the paper of this format, as a PDF.

    Raises ValueError for another format, or for an address that a label's code cannot hold.
    """
    if label_format not in PAPERS:
        raise ValueError(f"A label's format is one of {', '.join(PAPERS)}.")
    width, tall = PAPERS[label_format]
    out = io.BytesIO()
    canvas = new_canvas(out, None, (width, tall))
    canvas.setTitle("Red bag test print")
    edge = _EDGE * 4 if label_format == "a4" else _EDGE
    centimetres = _RULERS[label_format]
    _draw_ruler(
        canvas,
        edge,
        tall - (edge if label_format == "a4" else (tall - centimetres * 10 * mm) / 2),
        centimetres,
    )
    left = edge + 5 * mm
    matrix = label_matrix(f"{base_url}/B/{ANSWERS}")
    size = code_size(matrix, min(width - left, 62 * mm))
    top = print_lines(
        canvas, wrap("TEST PRINT", width - left, Style(13, 17, bold=True)), left + 2 * mm, tall - edge
    )
    draw_code(canvas, matrix, left, top - size, size)
    said = [
        line
        for text in (
            f"1. Lay a ruler on the line: it is {centimetres} cm long, with a mark at each centimetre.",
            "2. Scan the square: it answers “Test print: good”.",
            "Too short or too long? Print at 100 %, not “fit to page”.",
        )
        for line in wrap(text, min(width - left - 5 * mm, 100 * mm), Style(8.5, 10.5))
    ]
    print_lines(canvas, said, left + 2 * mm, max(top - size - mm, edge + height(said)))
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw_ruler(canvas: Canvas, x: float, top: float, centimetres: int) -> None:
    """A line down from `top` with a mark at each centimetre, longer at its ends and its middle."""
    canvas.setStrokeGray(BLACK)
    canvas.setLineWidth(0.6)
    canvas.line(x, top, x, top - centimetres * 10 * mm)
    for mark in range(centimetres + 1):
        y = top - mark * 10 * mm
        canvas.line(x, y, x + (4 if mark in (0, 5, centimetres) else 2.5) * mm, y)
