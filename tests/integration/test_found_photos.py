"""Photos of a belonging as it was found, on the ward and at home: on the custody record, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.domain import custody_record as rules
from redbag.domain.papers import MOST_FOUND
from redbag.queries import custody_record, papers
from redbag.services import belongings
from tests.cast import Cast
from tests.integration.attaching import FACE, OTHER_FACE, send
from tests.integration.guest import let_in
from tests.integration.walk import Walk
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_both_ends_photograph_what_they_find_and_the_record_says_when_and_who(
    app: Flask, cast: Cast, visit: Callable[[str], Visitor]
) -> None:
    walk = Walk(app, cast).to("packed", "left", "admitted")
    item = walk.look(lambda: belongings.list_for(walk.way.transfer)[0].ref)
    record, address = f"/transfers/{walk.ref}/custody", f"/transfers/{walk.ref}/custody/things/{item}/photo"
    nurse, carer = visit("nurse"), visit("carer")
    assert carer.open(address).status == 409  # the bag is not with the home
    guest, _ = let_in(app, cast, walk.token)
    assert guest.get(address).status_code == 403
    assert 'target="_blank"' not in Visitor(guest).open(f"/b/{walk.token}/check-in").response.text
    page = nurse.open(f"/ward/transfers/{walk.ref}/check-in")
    words = next(words for words in page.links() if words.startswith("Photo of "))
    assert page.links()[words] == address
    before = walk.look(lambda: custody_record.of(walk.way.transfer))
    nurse.open(address)
    assert send(nurse, ("notes.txt", b"no picture")).status == 422
    send(nurse, FACE)
    assert "the photo is kept with the custody record" in nurse.page.text
    assert walk.look(lambda: papers.for_pack(walk.way.transfer)) == ()
    assert walk.look(lambda: papers.of_items(walk.way.transfer.id)) == {}
    slip = walk.look(lambda: custody_record.of(walk.way.transfer)).photos[0].ref
    assert "Undo: the wrong photo" not in carer.open(record).text  # whoever took it, and nobody else
    nurse.open(record)
    nurse.press(action=f"/transfers/{walk.ref}/custody/photos/{slip}/undo")
    assert "the photo is taken back" in nurse.page.text
    assert walk.look(lambda: custody_record.of(walk.way.transfer)).photos == ()
    nurse.open(address)
    send(nurse, FACE)
    walk.to("going_home", "received")
    assert nurse.open(address).status == 409
    carer.open(address)
    send(carer, OTHER_FACE)
    now = walk.look(lambda: custody_record.of(walk.way.transfer))
    assert [one.by.partition(", ")[2] for one in now.photos] == [
        "St Brannock’s Hospital, Willow",
        "Rowan House",
    ]
    assert (before.photos, before.fingerprint() == now.fingerprint()) == ((), False)
    assert rules.from_json(now.as_json()) == now
    kept = {key: value for key, value in before.as_json().items() if key != "photos"}
    assert rules.from_json(kept) == before  # records that were issued before there were photos
    for shot in now.photos:
        picture = carer.client.get(f"{record}/photos/{shot.ref}.jpg")
        assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
    assert guest.get(f"{record}/photos/{now.photos[0].ref}.jpg").status_code == 403
    assert visit("outsider").client.get(f"{record}/photos/{now.photos[0].ref}.jpg").status_code == 404
    app.config["WTF_CSRF_ENABLED"] = False
    assert carer.client.post(f"/papers/{now.photos[0].ref}/remove").status_code == 404
    carer.open(record)
    carer.press(action=None)
    assert "SHA-256 " + now.photos[0].sha256 in carer.client.get(f"{carer.page.path}/record.csv").text
    assert carer.client.get(f"{carer.page.path}/record.pdf").data.startswith(b"%PDF-")
    for _ in range(MOST_FOUND - len(now.photos)):
        carer.open(address)
        assert send(carer, FACE).status == 200
    carer.open(address)
    assert "photos of it already" in send(carer, FACE).text
