"""Photos and scanned pages in a PDF: each JPEG as it is, as large as its place allows."""

from __future__ import annotations

import io
from typing import NamedTuple

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas


class _OurJpeg(ImageReader):
    """A JPEG that goes into the PDF as it is. The canvas asks for its pixels only to tell pictures apart: its
    bytes tell as much, and ten megabytes a page are not unpacked for it."""

    def __init__(self, jpeg: bytes) -> None:
        super().__init__(io.BytesIO(jpeg))
        self._jpeg = jpeg
        self._dataA = None  # nothing of it is transparent

    def getRGBData(self) -> bytes:  # noqa: N802 - ReportLab's name
        return self._jpeg


class Picture(NamedTuple):
    """A JPEG on a page, its lower left corner at (x, y)."""

    x: float
    y: float
    width: float
    height: float
    jpeg: bytes


def fitted_size(jpeg: bytes, width: float, height: float) -> tuple[float, float]:
    """Width and height in points of this picture, as large as a place of this size holds."""
    across, up = _OurJpeg(jpeg).getSize()
    scale = min(width / across, height / up)
    return across * scale, up * scale


def draw_picture(canvas: Canvas, picture: Picture) -> None:
    """Draw a picture where it stands."""
    canvas.drawImage(_OurJpeg(picture.jpeg), picture.x, picture.y, picture.width, picture.height)


def draw_page_picture(
    canvas: Canvas, jpeg: bytes, left: float, right: float, span: tuple[float, float]
) -> None:
    """The picture of a whole page as large as the room allows; one that is wider than tall is turned.

    `span`: the bottom and the top of the room.
    """
    picture = _OurJpeg(jpeg)
    width, height = picture.getSize()
    bottom, top = span
    turned = width > height
    across, up = (height, width) if turned else (width, height)
    scale = min((right - left) / across, (top - bottom) / up)
    x = left + (right - left - across * scale) / 2
    y = top - up * scale
    canvas.saveState()
    if turned:
        canvas.translate(x + across * scale, y)
        canvas.rotate(90)
        x, y = 0, 0
    canvas.drawImage(picture, x, y, width * scale, height * scale)
    canvas.restoreState()
