"""Opens one file from outside and draws it anew. Runs as a process of its own: see drawn.py.

`python -m redbag.storage.opening '{"content": "pdf", "side": 2200, "small": 240}'` reads the file from its
standard input and writes, to its standard output, a line of JSON and then the JPEGs that it names by
length: `{"lengths": [page, page, …, small]}`, or `{"refused": reason}` (domain/papers.py: REASONS).

What comes in is never passed on: pixels are, in JPEGs that this module writes. So nothing that hides beside
or behind the pixels survives: places and names in EXIF, scripts and links in a PDF, a second file glued to
the first. A file that expands without end meets the limits that the process sets itself first.
"""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from PIL import Image, ImageOps

from redbag.domain.papers import (
    MOST_BYTES,
    MOST_KEPT_BYTES,
    MOST_PAGE_BYTES,
    MOST_PAGES,
    MOST_PIXELS,
    MOST_SMALL_BYTES,
    Content,
    Refused,
)

SECONDS = 15  # for all files of one form
MEMORY = 1536 * 1024 * 1024
QUALITY = 80
# Coarser ones, and how much of the bytes of QUALITY they need. Below the last, print can no longer be told
# from handwriting, and the picture is made smaller instead.
COARSER = ((65, 0.68), (50, 0.55))
_FORMATS = {Content.JPEG: "JPEG", Content.PNG: "PNG", Content.WEBP: "WEBP", Content.HEIF: "HEIF"}
_WHITE = (255, 255, 255)


def confine() -> None:
    """From here on: so much time, so much memory, and no file of any size."""
    import resource

    for limit, value in (
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # A system that knows a limit but does not let it be set still has the clock of drawn.py.
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


def draw(data: bytes, content: Content, side: int, small: int) -> tuple[list[bytes], bytes]:
    """The pages as JPEGs whose longer side is at most `side` pixels, and the first one small.

    Raises Refused, and whatever a decoder raises at a damaged file.
    """
    pages: list[bytes] = []
    first: Image.Image | None = None
    drawn = (
        _pages_of_pdf(data, side) if content is Content.PDF else iter([(_picture(data, content, side), 1)])
    )
    left = MOST_KEPT_BYTES
    for image, pages_left in drawn:
        first = first or _fitted(image, small)
        # What plain pages leave over goes to those that come after them.
        pages.append(_jpeg(image, min(MOST_PAGE_BYTES, left // pages_left)))
        left -= len(pages[-1])
    if first is None:
        raise Refused("damaged")
    return pages, _jpeg(first, MOST_SMALL_BYTES)


def _picture(data: bytes, content: Content, side: int) -> Image.Image:
    if content is Content.HEIF:
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False)
    try:
        # Only the decoder for what the first bytes say; the size is read before a pixel is decoded.
        image = Image.open(io.BytesIO(data), formats=(_FORMATS[content],))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("too_many_pixels") from None
    if image.width * image.height > MOST_PIXELS:
        raise Refused("too_many_pixels")
    # A JPEG can be decoded at a half, a quarter or an eighth of its size: so much less memory.
    image.draft("RGB", (side, side))
    return _fitted(_on_white(ImageOps.exif_transpose(image)), side)


def _on_white(image: Image.Image) -> Image.Image:
    """Plain RGB; what was transparent is white, as paper is."""
    if image.has_transparency_data:
        with_alpha = image.convert("RGBA")
        paper = Image.new("RGB", image.size, _WHITE)
        paper.paste(with_alpha, mask=with_alpha.getchannel("A"))
        return paper
    return image.convert("RGB")


def _fitted(image: Image.Image, side: int) -> Image.Image:
    """The picture, made smaller where its longer side is longer than this."""
    if max(image.size) <= side:
        return image
    ratio = side / max(image.size)
    size = (max(1, round(image.width * ratio)), max(1, round(image.height * ratio)))
    # In two steps, the first a quick one: a fifth of the time for a picture that is far too large.
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _pages_of_pdf(data: bytes, side: int) -> Iterator[tuple[Image.Image, int]]:
    """Each page as a reader sees it, filled-in forms included, and how many are left with it; scripts are
    not run, links lead nowhere."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused("locked" if "password" in str(error).lower() else "damaged") from None
    try:
        if len(pdf) > MOST_PAGES:
            raise Refused("too_many_pages")
        if pdf.count_attachments() > 0:
            raise Refused("files_inside")
        if pdf.get_formtype() in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND):
            raise Refused("live_form")
        pdf.init_forms()
        for index in range(len(pdf)):
            page = pdf[index]
            scale = side / max(1.0, *page.get_size())
            yield page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB"), len(pdf) - index
            page.close()
    finally:
        pdf.close()


def _jpeg(image: Image.Image, most: int) -> bytes:
    """The pixels alone, in at most so many bytes: coarser where they need more, and then smaller.

    What will fit is reckoned from the first try: each try of a full page takes a tenth of a second.
    """
    written = _written(image, QUALITY)
    for quality, share in COARSER:
        if len(written) > most >= len(written) * share:
            written = _written(image, quality)
    coarsest, needs = COARSER[-1]
    while len(written) > most:
        ratio = min(0.9, 0.95 * math.sqrt(most / len(written) / needs))
        image, needs = _fitted(image, int(max(image.size) * ratio)), 1.0
        written = _written(image, coarsest)
    return written


def _written(image: Image.Image, quality: int) -> bytes:
    """A JPEG of these pixels: nothing of the picture's own properties is written."""
    out = io.BytesIO()
    Image.frombytes("RGB", image.size, image.tobytes()).save(out, "JPEG", quality=quality)
    return out.getvalue()


def main(asked: dict[str, Any]) -> None:
    """One file, from standard input to standard output."""
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    confine()
    try:
        pages, small = draw(data, Content(asked["content"]), int(asked["side"]), int(asked["small"]))
        head: dict[str, Any] = {"lengths": [len(part) for part in (*pages, small)]}
    except Refused as refused:
        pages, small, head = [], b"", {"refused": refused.reason}
    except MemoryError:
        pages, small, head = [], b"", {"refused": "too_many_pixels"}
    except Exception:  # a decoder at a damaged file raises anything at all
        pages, small, head = [], b"", {"refused": "damaged"}
    out = sys.stdout.buffer
    out.write(json.dumps(head).encode() + b"\n")
    for part in (*pages, small):
        out.write(part)
    out.flush()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
