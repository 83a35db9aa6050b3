"""Draws the icons of a tablet's home screen from the mark of static/icons/redbag.svg. They are in git: run
this again when the mark has changed: .venv/bin/python scripts/icons.py"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw

ICONS = Path(__file__).resolve().parents[1] / "static" / "icons"
_FINE = 4  # drawn so many times larger, then made small: its edges are smooth
_RED, _DARK, _WHITE, _PAPER = "#d5281b", "#212b32", "#ffffff", "#f0f4f5"
_MARK = 32.0  # the mark's own measure, as in the drawing


def drawn(size: int, share: float) -> bytes:
    """The mark as a PNG of `size` pixels. `share`: the part of the width that the mark takes."""
    large = size * _FINE
    scale = large * share / _MARK
    inset = large * (1 - share) / 2
    image = Image.new("RGB", (large, large), _PAPER)
    pen = ImageDraw.Draw(image)

    def at(*points: float) -> tuple[float, ...]:
        return tuple(inset + point * scale for point in points)

    # The handle: an arch of radius 5 about (16, 8), on legs that end in the bag.
    half = 1.25
    pen.arc(at(11 - half, 3 - half, 21 + half, 13 + half), 180, 360, _DARK, round(2 * half * scale))
    for x in (11, 21):
        pen.rectangle(at(x - half, 8, x + half, 11), _DARK)
    pen.rounded_rectangle(at(3, 10, 29, 29), 3 * scale, _RED)
    pen.rectangle(at(14.5, 14, 17.5, 25), _WHITE)
    pen.rectangle(at(10.5, 18, 21.5, 21), _WHITE)
    out = io.BytesIO()
    small = image.resize((size, size), Image.Resampling.LANCZOS)
    small.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def files() -> dict[str, bytes]:
    """Every icon by its file. A maskable one keeps the mark inside the circle that some tablets cut out."""
    return {
        "redbag-192.png": drawn(192, 0.9),
        "redbag-512.png": drawn(512, 0.9),
        "redbag-maskable-512.png": drawn(512, 0.56),
    }


if __name__ == "__main__":
    for name, content in files().items():
        (ICONS / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")
