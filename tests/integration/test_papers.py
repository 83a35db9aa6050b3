"""Photos and papers: taken in by the home, frozen in packs, read by the ward, and nobody else's."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdf
import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.pack import TransferPack
from redbag.models import AuditEntry, Paper
from redbag.queries import packs
from tests import papers
from tests.cast import Cast
from tests.integration import household
from tests.integration.attaching import (
    CHART,
    OTHER_FACE,
    add_paper,
    add_photo,
    resident_path,
    send,
    stored,
)
from tests.integration.counting import counted
from tests.integration.walk import Walk
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]


@pytest.fixture
def walk(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast)


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
    assert address in carer.open(f"{resident_path(walk)}/send").response.text
    walk.to("packed")
    assert address in carer.open(f"/transfers/{walk.ref}/belongings").response.text
    assert address in carer.open(f"/transfers/{walk.ref}/ready").response.text
    assert address in carer.open(f"/transfers/{walk.ref}/handover").response.text
    picture = carer.client.get(address)
    assert picture.mimetype == "image/jpeg"
    assert papers.MARKER not in picture.data


def test_who_may_be_mistaken_for_another_is_shown_with_their_photo(
    walk: Walk, cast: Cast, visit: Visit
) -> None:
    carer = visit("carer")
    add_photo(carer, walk)
    other = walk.look(lambda: household.add(cast, "Agnes", "Obie"))
    address = f"/papers/{stored(walk)['photo']}/small.jpg"
    assert address in carer.open(f"/residents/{other}").response.text
    assert address in carer.open("/residents?q=obie").response.text


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
    assert "Care plan summary: removed." in carer.press(action=f"/papers/{ref}/remove").text
    assert nurse.client.get(f"/b/{walk.token}/papers/{ref}").status_code == 404
    assert pack_of(walk).files == ()
    assert ref in [subject for subject, _ in walk.audited("paper.removed")]
    assert nurse.client.post(f"/papers/{ref}/put-back").status_code in (400, 403, 404)
    assert "Care plan summary: put back." in carer.press(action=f"/papers/{ref}/put-back").text
    assert nurse.client.get(f"/b/{walk.token}/papers/{ref}").status_code == 200
    assert [file.ref for file in pack_of(walk).files] == [ref]
    assert ref in [subject for subject, _ in walk.audited("paper.put_back")]


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
        ("Lasting power of attorney", "Copy"),
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
    nurse.press(action=f"/ward/transfers/{walk.ref}/summary/{ref}/put-back")
    assert stored(walk)["summary"] == ref


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
