"""The pack and the label as PDF, against a bare canvas and a bare code."""

from __future__ import annotations

import io

import qrcode
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from benches.measure import Row, race
from redbag.documents.label import label_pdf
from redbag.documents.pack_pdf import lay_out_pack, pack_pdf
from redbag.documents.paper import Box, Code, Page, Rule, Shape
from tests.unit.example_packs import CARD, typical

ROUNDS = 60


def pack() -> Row:
    """12 medicines and 15 belongings, against the same words and rules drawn where we put them."""
    value = typical()
    newest_at = f"{CARD.url}/1".upper()
    pages = lay_out_pack(value, newest_at=newest_at)
    ours, bare = race(lambda: pack_pdf(value, newest_at=newest_at), lambda: _straight(pages), ROUNDS)
    lines = sum(len(page.words) for page in pages)
    note = f"{len(pages)} pages, {lines} lines; limit: the same on a bare canvas"
    return Row("pack PDF", ours, bare, 2, note)


def _straight(pages: list[Page]) -> bytes:
    """What is on the pages drawn with the canvas's plain calls, no wrapping, no measuring."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1)
    for page in pages:
        for mark in page.marks:
            if isinstance(mark, Box):
                canvas.setFillGray(1 if mark.fill is None else mark.fill)
                canvas.setLineWidth(mark.line)
                canvas.rect(mark.x, mark.y, mark.width, mark.height, mark.line > 0, mark.fill is not None)
            elif isinstance(mark, Rule):
                canvas.setLineWidth(mark.line)
                canvas.line(mark.x1, mark.y1, mark.x2, mark.y2)
            elif isinstance(mark, Code):
                _square(canvas, mark)
            elif isinstance(mark, Shape):
                path = canvas.beginPath()
                path.moveTo(*mark.points[0])
                for point in mark.points[1:]:
                    path.lineTo(*point)
                path.close()
                canvas.setFillGray(mark.fill)
                canvas.drawPath(path, stroke=0, fill=1)
        for x, y, line in page.words:
            canvas.setFillGray(1 if line.style.white else 0)
            canvas.setFont(line.face.name, line.style.size)
            canvas.drawString(x, y, line.text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _square(canvas: Canvas, mark: Code) -> None:
    matrix = _matrix(mark.url, qrcode.constants.ERROR_CORRECT_M)
    side = mark.size / (len(matrix) + 8)
    canvas.setFillGray(0)
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            if dark:
                x, y = mark.x + (column + 4) * side, mark.y + mark.size - (row + 5) * side
                canvas.rect(x, y, side, side, 0, 1)


def label() -> Row:
    """A label 62 mm wide, against the matrix of its code alone."""
    ours, bare = race(lambda: label_pdf(CARD, "62mm"), lambda: _matrix(CARD.url.upper()), ROUNDS)
    return Row("label PDF", ours, bare, 2, "limit: the matrix from qrcode")


def _matrix(url: str, level: int = qrcode.constants.ERROR_CORRECT_Q) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=level, border=0)
    code.add_data(url)
    code.make(fit=True)
    matrix: list[list[bool]] = code.get_matrix()
    return matrix
