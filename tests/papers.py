"""Files as they come from tablets, scanners and people who mean no good. All of it is made here."""

from __future__ import annotations

import io
import random
import zlib
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

HEIC = Path(__file__).parent / "files" / "photo.heic"
MARKER = b"GPSMARKER"
BLUE, RED = (20, 20, 200), (200, 30, 30)


def picture(width: int = 96, height: int = 64) -> Image.Image:
    """Red, with a blue corner at the upper left, so that a turned picture can be told."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, 0, width // 4, height // 4))
    return image


def jpeg(width: int = 96, height: int = 64, *, colour: tuple[int, int, int] | None = None) -> bytes:
    image = picture(width, height) if colour is None else Image.new("RGB", (width, height), colour)
    return saved(image, "JPEG", quality=90)


def png(width: int = 96, height: int = 64) -> bytes:
    return saved(picture(width, height), "PNG")


def saved(image: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def jpeg_with_place(orientation: int = 1) -> bytes:
    """A JPEG as a phone writes it: where it was taken, with what, and which way up it was held."""
    exif = Image.Exif()
    exif[0x010F] = "GPSMARKER Phone"
    exif[0x0112] = orientation
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (51.0, 22.0, 5.0)
    return saved(picture(), "JPEG", quality=90, exif=exif, comment=b"GPSMARKER comment")


def png_bomb(side: int = 30_000) -> bytes:
    """A PNG of one byte for a million pixels: it says its size, and nobody must believe it has room."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    row = bytes(side // 8 + 1)
    squeezer = zlib.compressobj(9)
    body = b"".join(squeezer.compress(row) for _ in range(side)) + squeezer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pdf(pages: int = 1, words: str = "Medication chart") -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for number in range(1, pages + 1):
        canvas.drawString(90, 700, f"{words}, page {number}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def filled_form() -> bytes:
    """A PDF whose answer stands in a form's field, as a ReSPECT form that was filled in on a screen."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.acroForm.textfield(
        name="decision", value="XXXXXXXXXXXX", x=60, y=600, width=400, height=60, fontSize=40, borderWidth=0
    )
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def pdf_with_script() -> bytes:
    """It runs when the file is opened, and again when its page is."""
    action = DictionaryObject(
        {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject("app.alert('GPSMARKER');"),
        }
    )

    def change(writer: PdfWriter) -> None:
        writer.root_object[NameObject("/OpenAction")] = action
        writer.pages[0][NameObject("/AA")] = DictionaryObject({NameObject("/O"): action})

    return _changed(change)


def pdf_with_file() -> bytes:
    return _changed(lambda writer: writer.add_attachment("inside.exe", b"MZ GPSMARKER"))


def locked_pdf() -> bytes:
    return _changed(lambda writer: writer.encrypt("a passphrase", algorithm="RC4-128"))


def _changed(change: Callable[[PdfWriter], object]) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    writer.close()
    return out.getvalue()


def noise(width: int, height: int, quality: int = 90) -> bytes:
    """A picture that no compression makes smaller: the same at each run."""
    grey = random.Random(7).randbytes(width * height)  # noqa: S311 - no secret
    return saved(Image.frombytes("L", (width, height), grey), "JPEG", quality=quality)


def pdf_of_noise(pages: int) -> bytes:
    """Small pictures over whole pages: drawn at a reader's size they need many times their bytes."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for _ in range(pages):
        canvas.drawImage(ImageReader(io.BytesIO(noise(300, 420, 20))), 0, 0, 595, 842)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
