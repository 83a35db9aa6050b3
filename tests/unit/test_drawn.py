"""Files from outside: what is drawn anew, what is refused, and that nothing hidden comes through."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from redbag.domain import papers as rules
from redbag.domain.papers import MOST_BYTES, MOST_PAGES, PAGE_SIDE, PHOTO_SIDE, SMALL_SIDE, Refused
from redbag.storage import opening
from redbag.storage.drawn import Drawn, draw_anew, environment
from tests import papers


def opened(page: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(page), formats=("JPEG",))
    image.load()
    return image


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 25 for a, b in zip(one, other, strict=True))


def has(drawn: Drawn, marker: bytes) -> bool:
    return any(marker in part for part in (*drawn.pages, drawn.small))


def refusal(name: str, data: bytes, **how: object) -> str:
    with pytest.raises(Refused) as caught:
        draw_anew(name, data, **how)  # type: ignore[arg-type]
    assert str(caught.value) == rules.REASONS[caught.value.reason]
    return caught.value.reason


def test_photo_loses_its_place_and_stands_upright() -> None:
    sent = papers.jpeg_with_place(orientation=6)  # held upright: to be turned by a quarter
    assert papers.MARKER in sent
    drawn = draw_anew("IMG_0001.JPG", sent)
    image = opened(drawn.pages[0])
    assert image.size == (64, 96)
    assert near(image.getpixel((60, 4)), papers.BLUE)  # the corner is now at the upper right
    assert near(image.getpixel((5, 90)), papers.RED)
    assert not image.getexif()
    assert not has(drawn, papers.MARKER)
    assert not has(drawn, b"Exif")


def test_heic_becomes_a_jpeg_without_its_place() -> None:
    sent = papers.HEIC.read_bytes()
    assert papers.MARKER in sent
    drawn = draw_anew("IMG_0002.HEIC", sent)
    assert near(opened(drawn.pages[0]).getpixel((5, 5)), papers.BLUE)
    assert not has(drawn, papers.MARKER)


@pytest.mark.parametrize(
    ("form", "name", "mode"),
    [
        ("PNG", "scan.png", "RGBA"),
        ("PNG", "scan.png", "P"),
        ("PNG", "scan.png", "I;16"),
        ("WEBP", "photo.webp", "RGB"),
        ("JPEG", "photo.jpeg", "L"),
        ("JPEG", "photo.jpg", "CMYK"),
        ("PNG", "renamed-by-a-phone.jpg", "RGB"),
    ],
)
def test_every_kind_of_picture_is_kept_as_plain_jpeg(form: str, name: str, mode: str) -> None:
    image = papers.picture().convert("I") if mode == "I;16" else papers.picture()
    drawn = draw_anew(name, papers.saved(image.convert(mode), form))
    assert opened(drawn.pages[0]).mode == "RGB"


def test_what_is_transparent_is_white_as_paper_is() -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    page = opened(draw_anew("form.png", papers.saved(clear, "PNG")).pages[0])
    assert near(page.getpixel((20, 20)), (255, 255, 255))


def test_large_picture_becomes_smaller_and_a_small_one_stays() -> None:
    drawn = draw_anew("a.jpg", papers.jpeg(4000, 3000), side=PHOTO_SIDE)
    assert opened(drawn.pages[0]).size == (PHOTO_SIDE, PHOTO_SIDE * 3 // 4)
    assert max(opened(drawn.small).size) == SMALL_SIDE
    assert opened(draw_anew("b.jpg", papers.jpeg(96, 64)).pages[0]).size == (96, 64)
    assert len(drawn.small) < 15_000


def test_pdf_becomes_its_pages() -> None:
    drawn = draw_anew("chart.PDF", papers.pdf(3))
    assert len(drawn.pages) == 3
    first = opened(drawn.pages[0])
    assert max(first.size) == PAGE_SIDE
    assert len({bytes(page) for page in drawn.pages}) == 3
    assert first.convert("L").getextrema()[0] < 60  # there is ink on the page


def test_answers_in_a_filled_form_are_on_the_page() -> None:
    ink = (
        opened(draw_anew("respect.pdf", papers.filled_form()).pages[0])
        .convert("L")
        .point(lambda level: 255 if level < 80 else 0)
    )
    box = ink.getbbox()
    assert box is not None
    assert box[2] - box[0] > 200  # twelve large letters


def test_script_in_a_pdf_does_not_come_through() -> None:
    sent = papers.pdf_with_script()
    assert b"/JavaScript" in sent
    drawn = draw_anew("form.pdf", sent)
    assert len(drawn.pages) == 1
    for marker in (b"JavaScript", papers.MARKER, b"%PDF"):
        assert not has(drawn, marker)


def test_second_file_glued_to_a_picture_does_not_come_through() -> None:
    glued = papers.jpeg() + b"PK\x03\x04" + b"<script>alert('GPSMARKER')</script>" + papers.pdf_with_script()
    drawn = draw_anew("photo.jpg", glued)
    for marker in (papers.MARKER, b"<script", b"PK\x03\x04", b"%PDF"):
        assert not has(drawn, marker)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("photo.jpg", b"", "empty"),
        ("photo.jpg", b"GIF89a" + bytes(100), "kind"),
        ("page.pdf", b"<html><script>alert(1)</script>", "kind"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'>", "kind"),
        ("photo.jpg", b"\0\0%PDF-1.7", "kind"),
        ("photo.exe", papers.jpeg(), "name"),
        ("photo", papers.jpeg(), "name"),
        ("photo.jpg.html", papers.jpeg(), "name"),
        ("chart.pdf", papers.jpeg(), "mismatch"),
        ("photo.jpg", papers.pdf(), "mismatch"),
        ("photo.jpg", papers.jpeg()[:200], "damaged"),
        ("photo.heic", papers.HEIC.read_bytes()[:200], "damaged"),
        ("chart.pdf", b"%PDF-1.7\nnothing more", "damaged"),
        ("chart.pdf", papers.locked_pdf(), "locked"),
        ("chart.pdf", papers.pdf_with_file(), "files_inside"),
        ("chart.pdf", papers.pdf(MOST_PAGES + 1), "too_many_pages"),
        ("chart.pdf", papers.pdf(500), "too_many_pages"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_reason(name: str, data: bytes, reason: str) -> None:
    assert refusal(name, data) == reason


def test_pdf_is_no_photo_of_a_person() -> None:
    assert refusal("photo.pdf", papers.pdf(), pictures_only=True) == "not_picture"


def test_forty_megabytes_are_refused_before_anything_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redbag.storage.drawn._ask", lambda *_: pytest.fail("opened"))
    assert refusal("photo.jpg", papers.jpeg() + bytes(40 * 2**20)) == "too_large"
    assert refusal("photo.jpg", papers.jpeg() + bytes(MOST_BYTES)) == "too_large"


def test_picture_that_expands_without_end_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bomb = papers.png_bomb()
    assert len(bomb) < 1_000_000
    assert refusal("photo.png", bomb) == "too_many_pixels"
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("decoded"))
    with pytest.raises(Refused):
        opening.draw(bomb, rules.Content.PNG, PAGE_SIDE, SMALL_SIDE)
    with pytest.raises(Refused):
        opening.draw(papers.png_bomb(8_000), rules.Content.PNG, PAGE_SIDE, SMALL_SIDE)


def test_decoder_that_is_ended_by_its_limits_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redbag.storage.drawn._MODULE", "tests.unit.drawn_without_end")
    assert refusal("photo.jpg", papers.jpeg()) == "too_slow"


def test_decoder_that_falls_over_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redbag.storage.drawn._MODULE", "tests.unit.no_such_module")
    assert refusal("photo.jpg", papers.jpeg()) == "damaged"


def test_decoder_is_told_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDBAG_SECRET_KEY", "REDBAG_LABEL_KEY", "REDBAG_AUDIT_KEY", "DATABASE_URL"):
        monkeypatch.setenv(name, "0123456789abcdef")
    assert "0123456789abcdef" not in environment().values()


def test_same_file_gives_the_same_bytes() -> None:
    assert draw_anew("a.jpg", papers.jpeg()) == draw_anew("b.jpg", papers.jpeg())
