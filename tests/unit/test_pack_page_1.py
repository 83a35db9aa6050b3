"""What page 1 of the paper shows beside the frozen value: a face, and what changed since the bag left."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pypdfium2
from pypdf import PdfReader

from redbag.documents.pack_pdf import lay_out_pack, pack_pdf
from redbag.documents.paper import BOTTOM
from redbag.documents.papers import Behind
from redbag.documents.pictures import Picture
from redbag.domain.papers import ITEM, PackFile, Print
from redbag.domain.record import CPR_ONLY
from tests.papers import jpeg
from tests.unit.example_packs import MADE_AT, emptiest, fullest
from tests.unit.test_pack_pdf import LONG, pages_of, squeeze

FACE = jpeg(180, 240)


def faces(page: object) -> list[Picture]:
    return [mark for mark in page.marks if isinstance(mark, Picture)]  # type: ignore[attr-defined]


def test_the_face_stands_beside_the_name_and_pushes_nothing_off_page_1() -> None:
    for pack in (fullest(), emptiest()):
        without, page = pages_of(pack_pdf(pack))[0], lay_out_pack(pack, photo=FACE)[0]
        assert pages_of(pack_pdf(pack, photo=FACE))[0] == without
        [face] = faces(page)
        assert face.y > 650
        assert face.height <= 66
        assert abs(face.width / face.height - 180 / 240) < 0.01
        for x, y, line in page.words:
            apart = x + line.width <= face.x or x >= face.x + face.width
            assert apart or y >= face.y + face.height or y + line.style.size <= face.y, line.text


def test_the_face_gives_way_before_a_word_does() -> None:
    alerts = tuple(replace(alert, text=LONG[:900]) for alert in fullest().alerts)
    pack = replace(fullest(), alerts=alerts)
    assert faces(lay_out_pack(pack, photo=FACE)[0]) == []
    assert pages_of(pack_pdf(pack, photo=FACE)) == pages_of(pack_pdf(pack))


def test_paper_says_what_changed_since_the_bag_left_version_by_version() -> None:
    earlier = replace(
        fullest(), version=2, made_at=MADE_AT - timedelta(hours=1), changes=("Falls risk added: since May",)
    )
    first = pages_of(pack_pdf(fullest(), since=(fullest(), earlier)))[0]
    words = [
        "Version 3: what changed since the bag left",
        "Version 3, Sun 22 Nov 2026, 03:41",
        "Infection risk added",
        "Version 2, Sun 22 Nov 2026, 02:41",
        "Falls risk added: since May",
        "Allergies and reactions",
    ]
    places = [first.index(squeeze(text)) for text in words]
    assert places == sorted(places)
    assert CPR_ONLY in PdfReader(io.BytesIO(pack_pdf(fullest()))).pages[0].extract_text()


def test_a_hundred_changes_leave_room_for_the_dangers() -> None:
    many = tuple(f"Change number {n}: {LONG[:200]}" for n in range(100))
    pack = replace(fullest(), changes=many)
    pages = pages_of(pack_pdf(pack, since=(pack,)))
    for alert in pack.alerts:
        assert squeeze(alert.title) in pages[0]
    assert "Changenumber99" in "".join(pages)


def test_photos_of_belongings_share_pages_each_with_its_caption() -> None:
    photos = tuple(
        PackFile(f"i{n}", ITEM, f"Photo: thing {n}", "0" * 64, 1, "3 Nov 2026", f"item{n}") for n in range(8)
    )
    paper = PackFile("p", "mar", "MAR chart", "0" * 64, 2, "3 Nov 2026")
    shapes = {"p": (jpeg(), jpeg())}
    behind = Behind(Print((paper, *photos)), lambda file: shapes.get(file.ref, (jpeg(300, 90),)))
    assert behind.pages == 4
    pack = fullest()
    own = len(lay_out_pack(pack, behind=behind))
    pages = pages_of(pack_pdf(pack, None, behind))
    assert len(pages) == own + 4
    assert [sum(f"Photothing{n}" in page for n in range(8)) for page in pages[own:]] == [0, 0, 6, 2]
    assert "Photosofbelongings" in pages[-1]
    assert squeeze(pack.person.name) in pages[-1]
    document = pypdfium2.PdfDocument(pack_pdf(pack, None, behind))
    try:
        objects = list(document[own + 2].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))
        assert len(objects) == 6
        assert all(one.get_bounds()[1] > BOTTOM for one in objects)
    finally:
        document.close()
