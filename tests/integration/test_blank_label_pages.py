"""Labels for a drawer and the label page, as a carer meets them; and what their squares answer."""

from __future__ import annotations

import io
from collections.abc import Callable
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from flask import Flask

from redbag.queries import blank_labels as reads
from redbag.services import labels
from tests.cast import Cast
from tests.integration.test_blank_labels import made, the
from tests.integration.walk import Walk
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast).to("packed")


def addresses(pdf: bytes) -> list[list[str]]:
    """Where the squares of each page lead, sorted."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        pages = [page.render(scale=203 / 72, grayscale=True).to_pil() for page in document]
        return [sorted(urlsplit(code.text).path for code in zxingcpp.read_barcodes(page)) for page in pages]
    finally:
        document.close()


def token(way: Walk, ref: str) -> str:
    return way.look(lambda: labels.token_of(the(ref)))


def test_a_stranger_reads_of_a_blank_label_whose_it_is_and_no_more(way: Walk, stranger: Visitor) -> None:
    page = stranger.open(f"/b/{token(way, made(way)[0])}")
    assert page.heading == "This red bag belongs to Rowan House."
    assert "020 7946 0199" in page.text
    assert "code from inside the bag" not in page.text
    assert stranger.open("/").links()["Confirm a custody record"] == "/custody-record"
    assert "Agnes" not in page.response.text


def test_a_scanned_blank_label_goes_on_the_bag_that_is_being_packed(way: Walk, visit: Visit) -> None:
    [ref] = made(way)
    carer, address = visit("carer"), f"/b/{token(way, ref)}"
    page = carer.open(address)
    assert "This label is not in use" in page.text
    page = carer.open(page.links()["Put it on this bag, Agnes Obi"])
    assert page.heading == "Label 1: is this the person?"
    for words in ("Agnes Obi", "3 November 1938", "stops working"):
        assert words in page.text
    carer.press(button="identity=yes")
    assert "The label is on this journey." in carer.page.text
    assert way.token.lower() in address.lower()


def test_outside_packing_it_says_to_put_it_on_a_bag_while_packing(way: Walk, visit: Visit) -> None:
    [ref] = made(way)
    way.to("left")
    page = visit("carer").open(f"/b/{token(way, ref)}")
    assert "This label is not in use" in page.text
    assert "Put it on a bag while you pack" in page.text
    assert "Agnes" not in page.response.text
    assert "This label is not in use" not in visit("outsider").open(f"/b/{token(way, ref)}").text


def test_a_typed_code_asks_for_the_person_and_no_binds_nothing(way: Walk, visit: Visit) -> None:
    [ref] = made(way)
    carer, path, before = visit("carer"), f"/transfers/{way.ref}/label", way.token
    carer.open(path)
    carer.press({"label_code": "0000-0000-T"})
    assert carer.page.status == 422
    assert "No label of your home has this code" in carer.page.text
    carer.press({"label_code": way.look(lambda: labels.code_of(the(ref))).lower()})
    assert carer.page.path == f"{path}/{ref}"
    carer.press(button="identity=no")
    assert carer.page.path == f"/transfers/{way.ref}/not-this-person"
    assert way.token == before
    assert way.look(lambda: len(reads.unused(way.cast.actor("carer")))) == 1


@pytest.mark.parametrize(("position", "squares"), [(1, [3]), (7, [2, 1])])
def test_the_drawers_labels_fill_the_sheet_from_the_first_free_place(
    way: Walk, visit: Visit, position: int, squares: list[int]
) -> None:
    carer = visit("carer")
    form = carer.open("/labels").form("/labels")
    token = next(e.get("value") for e in form.iter("input") if e.get("name") == "csrf_token")
    data = {"csrf_token": token, "idempotency_key": "k" * 20, "count": 3, "bag": "any", "format": "a4"}
    answer = carer.client.post("/labels", data={**data, "position": position}, follow_redirects=True)
    assert answer.mimetype == "application/pdf"
    pages = addresses(answer.data)
    assert [len(page) for page in pages] == squares
    tokens = way.look(lambda: [f"/B/{labels.token_of(row)}" for row in reads.unused(way.cast.actor("carer"))])
    assert sorted(path for page in pages for path in page) == sorted(tokens)
    assert "Labels 1 to 3" in carer.open("/labels").text


def test_what_is_printed_again_leaves_out_what_is_used_or_thrown_away(way: Walk, visit: Visit) -> None:
    first, second, _ = made(way, 3)
    carer = visit("carer")
    carer.open("/labels")
    carer.press(action=f"/labels/{first}/throw-away")
    assert "Label 1 no longer works." in carer.page.text
    carer.open(f"/transfers/{way.ref}/label/{second}")
    carer.press(button="identity=yes")
    [page] = addresses(carer.client.get("/labels/1-3-a4.pdf").data)
    assert len(page) == 1
    assert carer.open("/labels/1-2-a4.pdf").status == 404


def test_the_journeys_label_stands_at_the_place_of_the_sheet_that_was_tapped(way: Walk, visit: Visit) -> None:
    carer = visit("carer")
    links = carer.open(f"/transfers/{way.ref}/label").links()
    answer = carer.client.get(links["Print at label 6"])
    assert addresses(answer.data) == [[f"/B/{way.token}"]]
    assert carer.client.get(links["Print at label 6"].replace("=6", "=9")).status_code == 404


def test_a_test_print_answers_whoever_scans_it(way: Walk, visit: Visit, stranger: Visitor) -> None:
    for label_format in ("62mm", "54x101", "a4"):
        answer = visit("carer").client.get(f"/labels/test-{label_format}.pdf")
        [[path]] = addresses(answer.data)
        for written in (path, path.lower()):
            assert stranger.open(written).heading == "Test print: good"


def test_the_page_says_where_the_square_leads_and_warns(way: Walk, visit: Visit) -> None:
    page = visit("carer").open(f"/transfers/{way.ref}/label")
    assert "The square on the label opens http" in page.text
    assert "works on this computer only" in page.text
