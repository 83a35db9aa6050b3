"""The copy that a home's tablet takes along: what the pages say, of this home alone, for its staff alone."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from redbag.database import db
from redbag.models import AuditEntry, Medicine, RecordSection, Resident
from redbag.services import restriction
from tests.cast import Cast
from tests.integration.counting import counted
from tests.integration.sending import begun
from tests.integration.walk import Walk
from tests.visitor import Visitor, filled

Visit = Callable[[str], Visitor]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CANARY = "kestrelmarrow"


@pytest.fixture
def walk(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast, hours=1)


def fetched(client: FlaskClient, have: str = "") -> dict[str, Any]:
    answer = client.get(f"/offline/copy?have={have}")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = json.loads(answer.data)
    return found


def neighbour(cast: Cast, place: str = "home", number: int = 1) -> Resident:
    """Somebody else, with a record, all of it with the canary in it."""
    resident = Resident(
        home_id=cast.places[place].id,
        given_name=f"Bertha{number} {CANARY}",
        family_name="Okafor",
        preferred_name=CANARY,
        date_of_birth=date(1941, 2, 3),
        room=str(number),
        name_words=" bertha okafor",
        gp_practice=CANARY,
        created_at=datetime.now(UTC),
        sections=[RecordSection(key="alerts", answers={"allergies": [{"to": CANARY}], "infection": "no"})],
        medicines=[
            Medicine(name=CANARY, frequency="once a day", times="08:00", changed_at=datetime.now(UTC))
        ],
    )
    db.session.add(resident)
    return resident


def test_it_holds_the_home_its_words_and_its_people(walk: Walk, visit: Visit) -> None:
    found = fetched(visit("carer").client)
    assert found["home"]["name"] == "Rowan House"
    assert found["home"]["night_phone"] == "020 7946 0199"
    assert abs((datetime.fromisoformat(found["made_at"]) - datetime.now(UTC)).total_seconds()) < 60
    assert ["fall", "Fall"] in found["words"]["reasons"]
    pulse = next(one for one in found["words"]["observations"] if one["key"] == "pulse")
    assert (pulse["kind"], pulse["unit"], pulse["least"], pulse["most"]) == ("number", "a minute", 10, 250)
    assert pulse["whole"] is True
    assert len(found["bags"]) == 1
    assert {one["name"] for one in found["hospitals"]} == {"St Brannock’s Hospital", "Combe General Hospital"}
    (agnes,) = found["residents"]
    assert (agnes["name"], agnes["born_iso"], agnes["nhs_number"]) == (
        "Agnes Obi",
        "1938-11-03",
        "999 000 0018",
    )
    assert agnes["cpr"]["decision"] == "attempt"
    assert agnes["sections"][0]["key"] == "who"
    assert {one["title"].split()[0] for one in agnes["medicines"]} == {"Ramipril", "Warfarin", "Morphine"}
    assert [one["alone"] for one in agnes["medicines"]] == [True, True, False], "as the page has them"
    assert agnes["medicines"][-1]["next"].startswith("MAR: once a day")
    assert "Infection risk not recorded" in agnes["gaps"]
    assert not any("Last dose" in gap or "observations" in gap for gap in agnes["gaps"]), (
        "of the record alone"
    )
    assert agnes["journey"] is None


@on_sqlite
def test_a_new_journey_finds_what_its_pages_would(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    (before,) = fetched(carer.client)["residents"]
    path = begun(carer, walk.way)
    for page in ("observations", "doses", "belongings"):
        fields = dict(filled(carer.open(f"{path}/{page}").form(), {}))
        assert fields["seen"] == before["seen"][page], page
    names = [value for name, value in filled(carer.page.form(), {}) if name.endswith("-name") and value]
    assert [line["name"] for line in before["belongings"]] == names
    assert not any(line["ticked"] for line in before["belongings"])


@on_sqlite
def test_a_journey_that_has_begun_is_in_it_as_its_pages_have_it(walk: Walk, visit: Visit) -> None:
    carer = visit("carer")
    path = begun(carer, walk.way)
    carer.open(f"{path}/observations")
    carer.press({"pulse": "92", "soft_signs": ["sleepier", "skin"]})
    carer.open(f"{path}/belongings")
    carer.press({"thing-0-on": "yes"})
    (agnes,) = fetched(carer.client)["residents"]
    journey = agnes["journey"]
    assert (journey["ref"], journey["state"], journey["packing"]) == (path.rsplit("/", 1)[1], "packing", True)
    assert (journey["reason"], journey["hospital"], journey["bag"]) == ("Fall", "", "")
    assert journey["typed"]["why_now"]["situation"] == "Found on the floor"
    assert journey["typed"]["why_now"]["reason"] == "fall"
    assert journey["typed"]["observations"]["soft_signs"] == "sleepier\nskin"
    for page in ("why_now", "observations", "doses", "belongings"):
        fields = dict(filled(carer.open(f"{path}/{page.removesuffix('_now')}").form(), {}))
        assert fields["seen"] == journey["seen"][page], page
    assert [line["ticked"] for line in journey["belongings"]][:2] == [True, False]
    assert journey["belongings"][0]["ref"]


@on_sqlite
def test_the_same_copy_is_not_sent_again_and_nothing_is_written_for_it(walk: Walk, visit: Visit) -> None:
    client = visit("carer").client
    first = fetched(client)

    def told() -> list[dict[str, object]]:
        return [row.details for row in db.session.scalars(select(AuditEntry).filter_by(kind="tablet.copied"))]

    assert walk.look(told) == [{"count": 1}]
    again = client.get(f"/offline/copy?have={first['sha']}")
    assert (again.status_code, again.data) == (204, b"")
    assert walk.look(told) == [{"count": 1}]
    walk.write(lambda: setattr(db.session.query(Resident).one(), "room", "14"))
    other = fetched(client, first["sha"])
    assert (other["residents"][0]["room"], other["sha"] != first["sha"]) == ("14", True)


@on_sqlite
def test_it_goes_packed_to_whoever_can_read_that(walk: Walk, visit: Visit) -> None:
    client = visit("carer").client
    smaller = client.get("/offline/copy", headers={"Accept-Encoding": "gzip, br"})
    assert json.loads(brotli.decompress(smaller.data))["residents"][0]["name"] == "Agnes Obi"
    packed = client.get("/offline/copy", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) * 3 < len(client.get("/offline/copy").data)
    assert json.loads(gzip.decompress(packed.data))["residents"][0]["name"] == "Agnes Obi"


def test_nobody_of_another_home_is_in_it(walk: Walk, cast: Cast, visit: Visit) -> None:
    walk.write(lambda: neighbour(cast, "other_home"))
    assert CANARY not in visit("carer").client.get("/offline/copy").text
    theirs = visit("outsider").client.get("/offline/copy")
    assert theirs.text.count(CANARY) > 4
    assert theirs.headers["Cache-Control"] == "no-store"
    assert "Agnes" not in theirs.text


@on_sqlite
@pytest.mark.parametrize("part", ["nurse", "hospital_manager", "other_nurse", "administrator", "oversight"])
def test_nobody_but_a_homes_staff_gets_one(walk: Walk, visit: Visit, part: str) -> None:
    answer = visit(part).client.get("/offline/copy")
    assert answer.status_code == 403
    assert "Agnes" not in answer.text


@on_sqlite
def test_of_a_restricted_record_the_name_and_the_room_are_all(walk: Walk, cast: Cast, visit: Visit) -> None:
    walk.write(lambda: neighbour(cast))
    ref = walk.look(
        lambda: db.session.scalars(select(Resident.ref).filter_by(date_of_birth=date(1941, 2, 3))).one()
    )
    walk.write(lambda: restriction.restrict(ref, "In dispute", datetime.now(UTC)))
    found = fetched(visit("carer").client)["residents"]
    closed = next(one for one in found if one["ref"] == ref)
    assert closed == {"ref": ref, "name": f"Bertha1 {CANARY} Okafor", "room": "1", "closed": True}
    managers = fetched(visit("manager").client)["residents"]
    assert next(one for one in managers if one["ref"] == ref)["closed"] is False


@on_sqlite
def test_reads_do_not_grow_with_the_residents(app: Flask, walk: Walk, cast: Cast, visit: Visit) -> None:
    carer = visit("carer")
    begun(carer, walk.way)
    with counted(app) as few:
        fetched(carer.client)
    walk.write(lambda: [neighbour(cast, number=number) for number in range(2, 12)])
    with counted(app) as many:
        assert len(fetched(carer.client)["residents"]) == 11
    assert len(many) == len(few)
