"""Papers behind a pack: each page of each as a picture, under the name of the person it belongs to.

What is printed apart from its folder is read apart from it: every page says whose it is, what it is, and
which page of the whole it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from redbag.documents.pack_look import edge_words, foot, heading, masthead
from redbag.documents.paper import BOTTOM, FULL, LEFT, RIGHT, Area, Page, draw
from redbag.domain.pack import TransferPack
from redbag.domain.papers import PackFile, Print


@dataclass(frozen=True)
class Behind:
    """What is printed behind a pack. `read`: the JPEG of each page of a file, read when it is drawn: the
    canvas holds them all, and nobody else need."""

    papers: Print
    read: Callable[[PackFile], Iterable[bytes]]

    @property
    def pages(self) -> int:
        """How many pages that makes."""
        return sum(file.pages for file in self.papers.within)


def draw_sheets(canvas: Canvas, pack: TransferPack, behind: Behind, *, before: int = 0) -> None:
    """Draw each page of the papers on a page of its own. `before`: the pages of the pack itself, from which
    the count goes on."""
    index, total = before, before + behind.pages
    edge = edge_words(pack)
    for file in behind.papers.within:
        for number, jpeg in enumerate(behind.read(file), start=1):
            index += 1
            page = Page()
            top = masthead(page, edge.name, edge.who) - 4
            of = f"page {number} of {file.pages}, taken in {file.added}"
            top = heading(page, Area(LEFT, top, FULL), file.title, of)
            foot(page, edge.first, edge.second, index, total)
            # The picture first: the name at the top always stands over it.
            _draw_picture(canvas, jpeg, BOTTOM, top - 2)
            draw(canvas, page)


class _OurJpeg(ImageReader):
    """A JPEG that goes into the PDF as it is. The canvas asks for its pixels only to tell pictures apart: its
    bytes tell as much, and ten megabytes a page are not unpacked for it."""

    def __init__(self, jpeg: bytes) -> None:
        super().__init__(io.BytesIO(jpeg))
        self._jpeg = jpeg
        self._dataA = None  # nothing of it is transparent

    def getRGBData(self) -> bytes:  # noqa: N802 - ReportLab's name
        return self._jpeg


def _draw_picture(canvas: Canvas, jpeg: bytes, bottom: float, top: float) -> None:
    """The picture as large as the room allows; one that is wider than tall is turned."""
    picture = _OurJpeg(jpeg)
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
