"""The label: what two independent decoders read from it at a label printer's resolution, and its words."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from redbag.documents.label import FORMATS, SHEET_POSITIONS, label_pdf, labels_pdf, sheet_corner
from redbag.documents.printer_test import ANSWERS, printer_test_pdf
from redbag.documents.qr import QUIET_ZONE, label_matrix, qr_matrix
from tests.unit.example_packs import CARD

THERMAL_DPI = 203
MM = THERMAL_DPI / 25.4


def render(pdf: bytes, dpi: int = THERMAL_DPI) -> Any:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return document[0].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    finally:
        document.close()


def words(pdf: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


@pytest.mark.parametrize("label_format", FORMATS)
def test_two_decoders_read_the_address_in_capitals_at_203_dpi(label_format, tmp_path):
    image = render(label_pdf(CARD, label_format))
    found = zxingcpp.read_barcodes(image)
    assert [code.text for code in found] == [CARD.url.upper()]
    assert found[0].ec_level == "Q"
    if shutil.which("zbarimg") is None:
        pytest.skip("zbarimg is not installed: apt install zbar-tools")
    image.save(tmp_path / "label.png")
    command = ["zbarimg", "--quiet", "--raw", str(tmp_path / "label.png")]
    read = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own file
    assert read.stdout.strip() == CARD.url.upper()


@pytest.mark.parametrize("label_format", FORMATS)
def test_the_code_is_30_mm_or_more_and_the_quiet_zone_is_white(label_format):
    image = render(label_pdf(CARD, label_format), dpi=600)
    corners = zxingcpp.read_barcodes(image)[0].position
    left, right = corners.top_left.x, corners.top_right.x
    top, bottom = corners.top_left.y, corners.bottom_left.y
    assert (right - left) / 600 * 25.4 >= 30
    module = (right - left) / len(qr_matrix(CARD.url))
    quiet = int(QUIET_ZONE * module) - 2
    edge = 3
    for box in (
        (left - quiet, top - quiet, left - edge, bottom + quiet),
        (right + edge, top - quiet, right + quiet, bottom + quiet),
        (left - quiet, top - quiet, right + quiet, top - edge),
        (left - quiet, bottom + edge, right + quiet, bottom + quiet),
    ):
        assert image.crop(box).getextrema() == (255, 255)


def test_every_label_of_the_sheet_lies_on_it_and_decodes():
    corners = {sheet_corner(position) for position in range(1, SHEET_POSITIONS + 1)}
    assert len(corners) == SHEET_POSITIONS
    for position in range(1, SHEET_POSITIONS + 1):
        found = zxingcpp.read_barcodes(render(label_pdf(CARD, "a4", position)))
        assert [code.text for code in found] == [CARD.url.upper()]


@pytest.mark.parametrize("label_format", FORMATS)
def test_says_what_a_person_without_a_phone_needs(label_format):
    said = words(label_pdf(CARD, label_format))
    for text in (
        "RED BAG",
        "012",
        CARD.code,
        "Stays with the person",
        "Return to",
        "Maple House",
        CARD.phone,
    ):
        assert text in said
    assert CARD.return_lines[0] in said


@pytest.mark.parametrize("label_format", FORMATS)
@pytest.mark.parametrize(
    "name",
    [
        "The Worshipful Company of Apothecaries’ Almshouses and Residential Home of Sutton " * 3,
        "W" * 300,
        "مأوى " * 30,
    ],
)
def test_a_long_home_name_stays_on_the_label_and_the_number_to_ring_stays_whole(label_format, name):
    pdf = label_pdf(replace(CARD, home_name=name), label_format)
    assert CARD.phone in words(pdf)
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    image = render(pdf)
    assert zxingcpp.read_barcodes(image)[0].text == CARD.url.upper()
    # Nothing reaches the edges of the paper (of the label's own card on a sheet).
    width, height = image.size
    right = width if label_format != "a4" else int((4.65 + 99.1) * MM)
    foot = height if label_format != "a4" else int((13.1 + 67.7) * MM)
    assert page.mediabox.width > 0
    assert image.crop((right - int(MM), 0, right, foot)).getextrema() == (255, 255)
    assert image.crop((0, foot - int(MM), right, foot)).getextrema() == (255, 255)


def test_the_code_is_vector_and_small_and_the_same_each_time():
    pdf = label_pdf(CARD, "62mm")
    assert pdf == label_pdf(CARD, "62mm")
    assert not PdfReader(io.BytesIO(pdf)).pages[0].images
    assert len(pdf) < 8_000


def test_lower_case_and_upper_case_addresses_are_one_code_in_alphanumeric_mode():
    assert qr_matrix(CARD.url) == qr_matrix(CARD.url.upper())
    # A byte-mode code for the same length would be at least a version larger.
    assert len(qr_matrix("HTTPS://REDBAG.EXAMPLE.NHS.UK/B/" + "A" * 26)) == 33


def test_refuses_what_a_label_cannot_hold():
    with pytest.raises(ValueError, match="capital letters"):
        label_pdf(replace(CARD, url="https://example.org/b/x?y=1"), "62mm")
    with pytest.raises(ValueError, match="format"):
        label_pdf(CARD, "80mm")
    for position in (0, SHEET_POSITIONS + 1):
        with pytest.raises(ValueError, match="labels 1 to 8"):
            label_pdf(CARD, "a4", position)
    with pytest.raises(ValueError, match="too long"):
        label_pdf(replace(CARD, url="HTTPS://EXAMPLE.ORG/B/" + "A" * 1000), "54x101")


def test_the_level_is_the_highest_that_needs_no_more_modules_than_q():
    for host, level in (("RED.EXAMPLE.UK", "Q"), ("RB.NHS.UK", "Q"), ("BAG.NHS.UK/X", "H")):
        address = f"HTTPS://{host}/B/" + "A" * 26
        [code] = zxingcpp.read_barcodes(render(label_pdf(replace(CARD, url=address), "62mm")))
        assert (code.text, code.ec_level) == (address, level)
        assert len(label_matrix(address)) == len(qr_matrix(address))


def test_labels_for_a_drawer_leave_room_for_the_bags_number_and_bear_their_own():
    cards = [replace(CARD, bag_number="", serial=serial) for serial in (17, 18)]
    for label_format in ("62mm", "54x101"):
        pages = PdfReader(io.BytesIO(labels_pdf(cards, label_format))).pages
        said = [" ".join(page.extract_text().split()) for page in pages]
        for words_on_it, serial in zip(said, (17, 18), strict=True):
            assert f"Label {serial}" in words_on_it
            assert "012" not in words_on_it
    sheets = PdfReader(io.BytesIO(labels_pdf(cards, "a4", SHEET_POSITIONS))).pages
    assert ["Label 17" in page.extract_text() for page in sheets] == [True, False]
    with pytest.raises(ValueError, match="no label"):
        labels_pdf([], "a4")


@pytest.mark.parametrize(("label_format", "millimetres"), [("62mm", 100), ("54x101", 90), ("a4", 100)])
def test_the_test_prints_ruler_is_as_long_as_it_says(label_format, millimetres):
    pdf = printer_test_pdf("https://redbag.example.nhs.uk", label_format)
    image = render(pdf, dpi=600)
    [code] = zxingcpp.read_barcodes(image)
    assert code.text == f"HTTPS://REDBAG.EXAMPLE.NHS.UK/B/{ANSWERS}"
    assert len(ANSWERS) == len(CARD.url.rsplit("/", 1)[1])
    left = image.crop((0, 0, int(code.position.top_left.x) - 200, image.height))
    _, top, _, bottom = left.point(lambda grey: 255 * (grey < 128)).getbbox()
    assert abs((bottom - top) / 600 * 25.4 - millimetres) < 0.5
    assert f"{millimetres // 10} cm" in words(pdf)
