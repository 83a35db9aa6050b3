"""Papers behind a pack: each page of each as a picture, under the name of the person it belongs to.

What is printed apart from its folder is read apart from it: every page says whose it is, what it is, and
which page of the whole it is.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from redbag.documents.pack_look import edge_words, foot, heading, masthead
from redbag.documents.paper import BOTTOM, FULL, LEFT, RIGHT, Area, Page, draw
from redbag.domain.pack import TransferPack
from redbag.domain.papers import PackFile, papers_of

PAGES = Mapping[str, Sequence[bytes]]


class Sheet(NamedTuple):
    """One page to print: of which file, which page of it, and its JPEG."""

    file: PackFile
    number: int
    jpeg: bytes


def sheets(pack: TransferPack, pages: PAGES) -> list[Sheet]:
    """Every page of the pack's papers, in the pack's order; neither the person's photo nor belongings'."""
    return [
        Sheet(file, number, jpeg)
        for file in papers_of(pack.files)
        for number, jpeg in enumerate(pages.get(file.ref, ()), start=1)
    ]


def draw_sheets(canvas: Canvas, pack: TransferPack, wanted: Sequence[Sheet], *, before: int) -> None:
    """Draw each sheet on a page of its own. `before`: the pages of the pack itself, from which the count
    goes on."""
    total = before + len(wanted)
    edge = edge_words(pack)
    for index, sheet in enumerate(wanted, start=before + 1):
        page = Page()
        top = masthead(page, edge.name, edge.who) - 4
        of = f"page {sheet.number} of {sheet.file.pages}, taken in {sheet.file.added}"
        top = heading(page, Area(LEFT, top, FULL), sheet.file.title, of)
        foot(page, edge.first, edge.second, index, total)
        # The picture first: the name at the top always stands over it.
        _draw_picture(canvas, sheet.jpeg, BOTTOM, top - 2)
        draw(canvas, page)


def _draw_picture(canvas: Canvas, jpeg: bytes, bottom: float, top: float) -> None:
    """The picture as large as the room allows; one that is wider than tall is turned."""
    picture = ImageReader(io.BytesIO(jpeg))
    width, height = picture.getSize()
    tall = top - bottom
    turned = width > height
    across, up = (height, width) if turned else (width, height)
    scale = min((RIGHT - LEFT) / across, tall / up)
    x = LEFT + (RIGHT - LEFT - across * scale) / 2
    y = bottom + tall - up * scale
    canvas.saveState()
    if turned:
        canvas.translate(x + across * scale, y)
        canvas.rotate(90)
        x, y = 0, 0
    canvas.drawImage(picture, x, y, width * scale, height * scale)
    canvas.restoreState()
