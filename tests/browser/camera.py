"""A camera for the browser: a film of our own label that somebody holds up, tilted, blurred and moving."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy
import pypdfium2
from PIL import Image, ImageFilter

from redbag.documents.label import LabelCard, label_pdf

FRAME = (960, 720)
FRAMES = 12
RED = (150, 24, 20)
_Corners = list[tuple[float, float]]


def picture(address: str) -> Image.Image:
    """The label of a roll as it is printed, in black and white."""
    card = LabelCard(
        url=address,
        bag_number="012",
        code="7K2M-9QX4-P",
        home_name="Rowan House",
        return_lines=("1 Test Lane", "Combe"),
        phone="020 7946 0199",
    )
    document = pypdfium2.PdfDocument(label_pdf(card, "62mm"))
    try:
        return document[0].render(scale=2.4).to_pil().convert("RGB")
    finally:
        document.close()


def film(path: Path, address: str) -> None:
    """Writes JPEG pictures one after another, as Chromium plays them for a camera."""
    label = picture(address)
    with path.open("wb") as stream:
        for number in range(FRAMES):
            stream.write(_frame(label, 2 * math.pi * number / FRAMES))


def photo(path: Path, text: str) -> None:
    """One picture of a label that holds `text`."""
    path.write_bytes(_frame(picture(text), 0.7))


def _frame(label: Image.Image, turn: float) -> bytes:
    """The label at one point of its swing, on the red of the bag."""
    wide, high = label.size
    lean, sway = math.radians(14 * math.sin(turn)), 40 * math.cos(turn)
    corners = []
    for x, y in ((0, 0), (wide, 0), (wide, high), (0, high)):
        away = 1 - 0.28 * x / wide - 0.12 * y / high  # its right side is further from the lens
        across, down = (x - wide / 2) * away, (y - high / 2) * away
        corners.append(
            (
                FRAME[0] / 2 + sway + across * math.cos(lean) - down * math.sin(lean),
                FRAME[1] / 2 + sway / 2 + across * math.sin(lean) + down * math.cos(lean),
            )
        )
    where = _perspective(corners, [(0, 0), (wide, 0), (wide, high), (0, high)])
    laid = label.convert("RGBA").transform(
        FRAME, Image.Transform.PERSPECTIVE, where, Image.Resampling.BICUBIC
    )
    seen = Image.new("RGB", FRAME, RED)
    seen.paste(laid, (0, 0), laid)
    out = io.BytesIO()
    seen.filter(ImageFilter.GaussianBlur(1.6)).save(out, "JPEG", quality=55)
    return out.getvalue()


def _perspective(seen: _Corners, printed: _Corners) -> list[float]:
    """The eight numbers that lead from a point of the picture back to one of the label."""
    rows, ends = [], []
    for (x, y), (u, v) in zip(seen, printed, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        ends += [u, v]
    return [float(one) for one in numpy.linalg.solve(rows, ends)]
