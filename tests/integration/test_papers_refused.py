"""Files that cannot be kept are answered beside their field; a form acts once, and only so much is taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.errors import Invalid
from redbag.domain.papers import MOST_AT_ONCE, MOST_PAPERS
from redbag.models import KeptFile, Paper
from redbag.services import papers as services
from redbag.storage.drawn import Drawn, draw_anew
from tests import papers
from tests.cast import Cast
from tests.integration.attaching import CHART, FACE, add_paper, add_photo, post, resident_path, send, stored
from tests.integration.walk import Walk
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]


@pytest.fixture
def walk(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("chart.pdf", papers.pdf(500), "more than 30 pages"),
        ("chart.pdf", papers.locked_pdf(), "locked"),
        ("chart.pdf", papers.pdf_with_file(), "carries other files"),
        ("photo.png", papers.png_bomb(), "million pixels"),
        ("photo.exe", papers.jpeg(), "does not say photo or PDF"),
        ("photo.jpg", b"<script>alert(1)</script>", "no photo and no PDF"),
        ("photo.jpg", papers.jpeg() + bytes(16 * 2**20), "larger than 15 MB"),
        ("photo.jpg", papers.jpeg() + bytes(40 * 2**20), "too large to send"),
    ],
)
def test_refused_file_is_answered_beside_its_field(
    walk: Walk, visit: Visit, name: str, data: bytes, said: str
) -> None:
    carer = visit("carer")
    page = add_paper(carer, walk, "lpa", (name, data))
    assert page.status == 422
    assert said in page.text
    assert "There is a problem" in page.text
    error = page.tree.find(".//*[@id='file-error']")
    assert error is not None
    assert said in "".join(error.itertext())
    assert stored(walk) == {}
    assert walk.look(lambda: db.session.query(KeptFile).count()) == 0


def test_too_large_a_photo_is_answered_with_the_form_of_the_photo(walk: Walk, visit: Visit) -> None:
    page = add_photo(visit("carer"), walk, ("photo.jpg", papers.jpeg() + bytes(40 * 2**20)))
    assert page.status == 422
    assert page.heading == "Photo"
    assert "larger than 15 MB" in page.text


def test_too_large_a_body_opens_nothing_to_a_stranger_or_an_outsider(
    walk: Walk, visit: Visit, stranger: Visitor
) -> None:
    photo = ("photo.jpg", bytes(40 * 2**20))
    answer = post(visit("outsider").client, f"{resident_path(walk)}/photo", [], photo)
    assert answer.status_code == 404
    assert post(stranger.client, f"{resident_path(walk)}/photo", [], photo).status_code == 413
    answer = post(visit("carer").client, f"{resident_path(walk)}/edit", [], photo)
    assert answer.status_code == 413  # a form that takes no files
    assert "too large" in answer.text


def test_form_without_a_file_or_without_a_kind_says_both(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    carer.open(f"{resident_path(walk)}/papers")
    page = carer.press({}, action=f"{resident_path(walk)}/papers")
    assert "Say which paper it is." in page.text
    assert "Take a photo or choose a file first." in page.text
    page = add_paper(carer, walk, "other", CHART)
    assert "Write what the paper is called." in page.text


def test_several_photos_at_once_but_not_too_many(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    shots = [(f"{n}.jpg", papers.jpeg(60 + n, 80)) for n in range(MOST_AT_ONCE + 1)]
    assert f"at most {MOST_AT_ONCE} files" in add_paper(carer, walk, "lpa", *shots).text
    assert "2 pages added" in add_paper(carer, walk, "lpa", *shots[:2]).text
    page = add_paper(carer, walk, "lpa", shots[0], ("x.exe", b"MZ" + bytes(20)))
    assert "File 2 of 2" in page.text
    assert walk.look(lambda: db.session.query(Paper).count()) == 2


def test_one_person_has_only_so_many_papers(walk: Walk) -> None:
    drawn = draw_anew("a.jpg", papers.jpeg())
    many = [Drawn(drawn.pages, drawn.small)] * MOST_PAPERS
    actor, ref = walk.way.cast.actor("carer"), walk.way.resident_ref
    walk.write(lambda: services.add(actor, ref, "lpa", "", many, walk.way.now))
    # The same bytes are kept once, however often they come.
    assert walk.look(lambda: db.session.query(KeptFile).count()) == len({*drawn.pages, drawn.small})
    with pytest.raises(Invalid, match="at most 30 papers"):
        walk.write(lambda: services.add(actor, ref, "lpa", "", [drawn], walk.way.now))


def test_form_sent_twice_keeps_one_and_with_another_file_is_refused(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    carer.open(f"{resident_path(walk)}/papers")
    page, action = carer.page, f"{resident_path(walk)}/papers"
    send(carer, CHART, typed={"kind": "lpa"}, action=action)
    carer.page = page
    send(carer, CHART, typed={"kind": "lpa"}, action=action)
    assert walk.look(lambda: db.session.query(Paper).count()) == 1
    carer.page = page
    again = send(carer, FACE, typed={"kind": "lpa"}, action=action)
    assert again.status == 422
    assert "already sent with other answers" in again.text
