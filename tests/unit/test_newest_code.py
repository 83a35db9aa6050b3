"""The code on page 1 of a pack that says whether the paper is still the newest."""

from __future__ import annotations

from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from redbag.documents.pack_pdf import pack_pdf
from redbag.domain.pack import TransferPack
from tests.unit.example_packs import CARD, emptiest, fullest

ADDRESS = f"{CARD.url.upper()}/3"


def codes_on_page_1(pack: TransferPack, newest_at: str) -> list[str]:
    document = pypdfium2.PdfDocument(pack_pdf(pack, newest_at=newest_at))
    try:
        image = document[0].render(scale=300 / 72, grayscale=True).to_pil().convert("L")
    finally:
        document.close()
    return [code.text for code in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("pack", [fullest(), emptiest()], ids=["fullest", "emptiest"])
def test_page_1_says_where_the_newest_version_is(pack: TransferPack) -> None:
    assert codes_on_page_1(pack, ADDRESS) == [ADDRESS]


def test_a_page_made_smaller_to_hold_everything_still_scans() -> None:
    gaps = tuple(f"Something that nobody wrote down, number {n}" for n in range(24))
    assert codes_on_page_1(replace(fullest(), gaps=gaps), ADDRESS) == [ADDRESS]


def test_a_pack_without_a_label_has_no_code() -> None:
    assert codes_on_page_1(fullest(), "") == []
