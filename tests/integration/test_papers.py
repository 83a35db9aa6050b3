"""Photos and papers: taken in by the home, frozen in packs, read by the ward, and nobody else's."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pypdf
import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.errors import Invalid
from redbag.domain.pack import TransferPack
from redbag.domain.papers import MOST_AT_ONCE, MOST_PAPERS
from redbag.models import AuditEntry, KeptFile, Paper
from redbag.queries import packs
from redbag.services import papers as services
from redbag.storage.drawn import Drawn, draw_anew
from tests import papers
from tests.cast import Cast
from tests.integration.attaching import post, send
from tests.integration.counting import counted
from tests.integration.walk import Walk
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]
FACE = ("face.jpg", papers.jpeg_with_place())
OTHER_FACE = ("face2.jpg", papers.jpeg(120, 160, colour=(10, 120, 10)))
CHART = ("chart.pdf", papers.pdf(2))


@pytest.fixture
def walk(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast)


def resident_path(walk: Walk) -> str:
    return f"/residents/{walk.way.resident_ref}"


def add_paper(carer: Visitor, walk: Walk, kind: str, *files: tuple[str, bytes], **typed: str) -> Any:
    carer.open(f"{resident_path(walk)}/papers")
    return send(carer, *files, typed={"kind": kind, **typed}, action=f"{resident_path(walk)}/papers")


def add_photo(carer: Visitor, walk: Walk, face: tuple[str, bytes] = FACE) -> Any:
    carer.open(f"{resident_path(walk)}/photo")
    return send(carer, face)


def stored(walk: Walk) -> dict[str, str]:
    """The references of what stands, by kind."""
    return walk.look(
        lambda: {row.kind: row.ref for row in db.session.query(Paper).filter_by(removed_at=None)}
    )


def pack_of(walk: Walk) -> TransferPack:
    found = walk.look(lambda: packs.latest(walk.way.transfer.id))
    assert found is not None
    return found


def test_photo_is_kept_and_shown_wherever_the_person_must_be_known(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    page = add_photo(carer, walk)
    assert "The photo is kept" in page.text
    address = f"/papers/{stored(walk)['photo']}/small.jpg"
    assert address in page.response.text
    assert address in carer.open("/residents").response.text
    walk.to("packed")
    assert address in carer.open(f"/transfers/{walk.ref}/belongings").response.text
    assert address in carer.open(f"/transfers/{walk.ref}/ready").response.text
    assert address in carer.open(f"/transfers/{walk.ref}/handover").response.text
    picture = carer.client.get(address)
    assert picture.mimetype == "image/jpeg"
    assert papers.MARKER not in picture.data


def test_hospital_sees_photo_and_papers_with_the_bag_in_hand_and_on_its_board(
    walk: Walk, visit: Visit
) -> None:
    carer, nurse = visit("carer"), visit("nurse")
    add_photo(carer, walk)
    add_paper(carer, walk, "cpr", CHART)
    walk.to("packed", "left")
    kept = stored(walk)
    page = nurse.open(f"/b/{walk.token}")
    assert f"/b/{walk.token}/papers/{kept['photo']}/small.jpg" in page.response.text
    assert f"/b/{walk.token}/papers/{kept['cpr']}" in page.response.text
    paper = nurse.open(f"/b/{walk.token}/papers/{kept['cpr']}")
    assert "ReSPECT or DNACPR form" in paper.heading
    assert "Agnes Obi" in paper.heading
    assert nurse.client.get(f"/b/{walk.token}/papers/{kept['cpr']}/page-2.jpg").status_code == 200
    assert nurse.client.get(f"/b/{walk.token}/papers/{kept['cpr']}/page-3.jpg").status_code == 404
    assert f"/b/{walk.token}/papers/{kept['photo']}" in nurse.open(f"/b/{walk.token}/admit").response.text
    walk.to("arrived", "admitted")
    page = nurse.open(f"/ward/transfers/{walk.ref}")
    assert f"/ward/transfers/{walk.ref}/papers/{kept['photo']}/small.jpg" in page.response.text
    assert nurse.client.get(f"/ward/transfers/{walk.ref}/papers/{kept['cpr']}/page-1.jpg").status_code == 200
    assert ("paper.read", kept["cpr"]) in [("paper.read", ref) for ref, _ in walk.audited("paper.read")]


def test_photo_that_is_replaced_later_leaves_the_older_version_as_it_was(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    add_photo(carer, walk)
    add_paper(carer, walk, "lpa", ("lpa.jpg", papers.jpeg()))
    walk.to("packed", "left")
    before = pack_of(walk)
    add_photo(carer, walk, OTHER_FACE)
    after = pack_of(walk)
    assert after.version == before.version + 1
    assert any("Photo" in line for line in after.changes)
    old, new = before.files[0], after.files[0]
    assert (old.kind, new.kind) == ("photo", "photo")
    assert old.ref != new.ref
    assert old.sha256 != new.sha256
    first = walk.look(lambda: packs.version(walk.way.transfer.id, before.version))
    assert first.files == before.files
    nurse = visit("nurse")
    assert nurse.client.get(f"/b/{walk.token}/papers/{new.ref}/small.jpg").status_code == 200
    assert nurse.client.get(f"/b/{walk.token}/papers/{old.ref}/small.jpg").status_code == 404
    assert carer.client.get(f"/papers/{old.ref}").status_code == 404
    printed = carer.client.get(f"/transfers/{walk.ref}/pack.pdf?version={before.version}&papers=yes")
    assert printed.status_code == 200


def test_paper_of_somebody_else_that_is_taken_away_is_gone_for_the_ward(walk: Walk, visit: Visit) -> None:
    carer, nurse = visit("carer"), visit("nurse")
    add_paper(carer, walk, "care_plan", CHART)
    walk.to("packed", "left")
    ref = stored(walk)["care_plan"]
    assert nurse.client.get(f"/b/{walk.token}/papers/{ref}").status_code == 200
    carer.open(f"{resident_path(walk)}/papers")
    assert "taken away" in carer.press(action=f"/papers/{ref}/remove").text
    assert nurse.client.get(f"/b/{walk.token}/papers/{ref}").status_code == 404
    assert pack_of(walk).files == ()
    assert ref in [subject for subject, _ in walk.audited("paper.removed")]


def test_printed_pack_has_its_papers_behind_it_when_asked_for(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    add_photo(carer, walk)
    add_paper(carer, walk, "cpr", CHART)
    add_paper(carer, walk, "other", ("wide.png", papers.png(400, 100)), title="Letter of the clinic")
    walk.to("packed", "left")
    address = f"/transfers/{walk.ref}/pack.pdf"
    plain = pypdf.PdfReader(io.BytesIO(carer.client.get(address).data))
    full = pypdf.PdfReader(io.BytesIO(carer.client.get(f"{address}?papers=yes&label=a4").data))
    assert len(full.pages) == len(plain.pages) + 3 + 1
    for offset, title in enumerate(
        ("ReSPECT or DNACPR form", "ReSPECT or DNACPR form", "Letter of the clinic")
    ):
        number = len(plain.pages) + offset
        text = full.pages[number].extract_text()
        assert "Agnes Obi" in text
        assert title in text
        assert f"Page {number + 1} of {len(plain.pages) + 3}" in text
        assert len(full.pages[number].images) == 1
    assert full.trailer["/Root"].get("/OpenAction") is None
    assert walk.audited("pack.printed")[-1][1] == {"version": 1, "papers": True}


def test_chart_of_the_day_belongs_to_one_journey(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    carer.open(f"{resident_path(walk)}/papers")
    assert "MAR chart" not in carer.page.text
    walk.to("packed")
    add_paper(carer, walk, "mar", CHART)
    assert walk.look(lambda: db.session.query(Paper).one().transfer_id) == walk.fact("id")
    carer.open(f"/transfers/{walk.ref}/opened-in-error")
    carer.press({"why": "Opened for the wrong person"})
    carer.open(f"{resident_path(walk)}/papers")
    assert "MAR chart" not in carer.page.text


def test_original_copy_or_not_in_the_bag_is_said_at_packing(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    add_paper(carer, walk, "lpa", ("lpa.jpg", papers.jpeg()))
    walk.to("packed")
    page = carer.open(f"/transfers/{walk.ref}/papers")
    assert f"/papers/{stored(walk)['lpa']}" in page.response.text
    carer.press({"cpr": "original", "lpa": "copy", "mar": "no"})
    walk.to("left")
    assert [(e.label, e.text) for e in pack_of(walk).papers] == [
        ("MAR chart", "Not in the bag"),
        ("ReSPECT or DNACPR form", "Original"),
        ("LPA", "Copy"),
    ]


def test_photo_of_a_belonging_travels_with_the_pack(walk: Walk, visit: Visit) -> None:
    carer, nurse = visit("carer"), visit("nurse")
    walk.to("packed")
    page = carer.open(f"/transfers/{walk.ref}/belongings/photos")
    carer.open(next(path for words, path in page.links().items() if words.startswith("Glasses")))
    page = send(carer, ("glasses.jpg", papers.jpeg()))
    assert "Glasses: the photo is kept" in page.text
    walk.to("left")
    (file,) = pack_of(walk).files
    assert (file.kind, file.title) == ("item", "Photo: Glasses")
    assert f"/papers/{file.ref}" in nurse.open(f"/b/{walk.token}").response.text


def test_summary_goes_back_with_the_person(walk: Walk, visit: Visit) -> None:
    carer, nurse = visit("carer"), visit("nurse")
    walk.to("packed", "left", "arrived", "admitted")
    assert (
        f"/ward/transfers/{walk.ref}/summary"
        in nurse.open(f"/ward/transfers/{walk.ref}/discharge").links().values()
    )
    nurse.open(f"/ward/transfers/{walk.ref}/summary")
    page = send(
        nurse,
        ("summary.pdf", papers.pdf(2, "Discharge summary")),
        action=f"/ward/transfers/{walk.ref}/summary",
    )
    assert "attached" in page.text
    ref = stored(walk)["summary"]
    assert nurse.client.get(f"/ward/transfers/{walk.ref}/papers/{ref}/page-2.jpg").status_code == 200
    assert f"/papers/{ref}" in carer.open(f"/transfers/{walk.ref}").links().values()
    assert carer.open(f"/papers/{ref}").heading == "Discharge summary"
    assert all(file.kind != "summary" for file in pack_of(walk).files)
    assert "Attached here" in nurse.open(f"/ward/transfers/{walk.ref}/leave").text
    # It is the hospital's: the home cannot take it away, another hospital sees nothing of it.
    carer.open(f"{resident_path(walk)}/papers")
    token = carer.page.response.text.split('name="csrf_token" value="')[1].split('"')[0]
    assert carer.client.post(f"/papers/{ref}/remove", data={"csrf_token": token}).status_code == 404
    assert visit("other_nurse").client.get(f"/ward/transfers/{walk.ref}/papers/{ref}").status_code == 404
    nurse.open(f"/ward/transfers/{walk.ref}/summary")
    nurse.press(action=f"/ward/transfers/{walk.ref}/summary/{ref}/remove")
    assert "summary" not in stored(walk)


def test_another_organisation_sees_nothing(walk: Walk, visit: Visit) -> None:
    carer, outsider = visit("carer"), visit("outsider")
    add_photo(carer, walk)
    add_paper(carer, walk, "cpr", CHART)
    walk.to("packed", "left")
    kept = stored(walk)
    for path in (
        f"/papers/{kept['photo']}",
        f"/papers/{kept['photo']}/small.jpg",
        f"/papers/{kept['cpr']}/page-1.jpg",
        f"{resident_path(walk)}/papers",
        f"{resident_path(walk)}/photo",
    ):
        assert outsider.client.get(path).status_code == 404, path
    for part in ("nurse", "oversight", "administrator"):
        assert visit(part).client.get(f"/papers/{kept['photo']}/small.jpg").status_code == 403
    # Without the label, and before arrival, no hospital has a way to them.
    for part in ("nurse", "other_nurse"):
        address = f"/ward/transfers/{walk.ref}/papers/{kept['cpr']}"
        assert visit(part).client.get(address).status_code == 404


def test_nothing_is_shown_while_it_is_in_doubt_whose_bag_it_is(walk: Walk, visit: Visit) -> None:
    carer, nurse = visit("carer"), visit("nurse")
    add_photo(carer, walk)
    walk.to("packed", "left")
    nurse.open(f"/b/{walk.token}")
    nurse.press(action=f"/b/{walk.token}/not-this-person")
    ref = stored(walk)["photo"]
    assert nurse.client.get(f"/b/{walk.token}/papers/{ref}/small.jpg").status_code == 409


def test_pictures_are_kept_nowhere_and_guessed_to_be_nothing_else(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    add_photo(carer, walk)
    for name in ("small.jpg", "page-1.jpg"):
        answer = carer.client.get(f"/papers/{stored(walk)['photo']}/{name}")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Disposition"] == 'inline; filename="red-bag-paper.jpg"'
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


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


def test_audit_says_who_added_what_and_nothing_that_was_on_it(walk: Walk, visit: Visit) -> None:
    add_paper(visit("carer"), walk, "other", CHART, title="Letter about Agnes")
    ref = stored(walk)["other"]
    assert walk.audited("paper.added") == [(ref, {"what": "other"})]
    told = walk.look(lambda: [str(row.details) for row in db.session.query(AuditEntry)])
    assert not any("Letter" in one for one in told)


def test_reads_of_the_residents_list_do_not_grow_with_photos(app: Flask, walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    carer.open("/residents")
    with counted(app) as without:
        carer.open("/residents")
    add_photo(carer, walk)
    carer.open("/residents")
    with counted(app) as with_photo:
        carer.open("/residents")
    assert len(with_photo) == len(without)
