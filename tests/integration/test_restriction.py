"""A restricted record: the manager's alone, until the person must go to hospital."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.custody import Step
from redbag.domain.errors import Invalid, NotFound
from redbag.models import AuditEntry, Resident
from redbag.services import labels, restriction, transfers
from tests.cast import Cast
from tests.integration import household
from tests.integration.attaching import add_photo, stored
from tests.integration.canaries import accept_all
from tests.integration.walk import Walk
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
REASON = "Says that the allergies are wrong"


@pytest.fixture
def walk(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast, hours=30)


def restricted(walk: Walk) -> Walk:
    walk.write(lambda: restriction.restrict(walk.way.resident_ref, REASON, datetime.now(UTC)))
    return walk


def closed(walk: Walk) -> Walk:
    """A whole journey, over."""
    walk.to("packed", "left", "arrived", "admitted", "medicines_listed", "going_home", "received")
    walk.look(lambda: accept_all(walk.way))
    walk.look(lambda: walk.way.checked("carer", Step.RETURN))
    return walk.to("closed")


def test_only_the_manager_opens_it(walk: Walk, visit: Visit) -> None:
    carer, manager = visit("carer"), visit("manager")
    add_photo(carer, walk)
    photo = stored(walk)["photo"]
    ref = closed(walk).ref
    person = f"/residents/{walk.way.resident_ref}"
    paths = (
        person,
        f"{person}/edit",
        f"{person}/record/alerts",
        f"{person}/papers",
        f"/transfers/{ref}",
        f"/transfers/{ref}/custody",
        f"/papers/{photo}/small",
    )
    before = {path: carer.client.get(path).status_code for path in paths}
    assert set(before.values()) <= {200, 404}
    restricted(walk)
    for path in paths:
        if before[path] == 200:
            assert carer.client.get(path).status_code in (403, 404), path
            assert manager.client.get(path).status_code == 200, path
    assert "restricted" in carer.open(person).text
    assert REASON not in carer.page.response.text
    shown = manager.open(person)
    assert "This record is restricted, since" in shown.text
    assert REASON in shown.text
    refused = carer.client.post(f"{person}/edit", data={"family_name": "Changed", "version": "9"})
    assert refused.status_code in (400, 403)


@on_sqlite
def test_whoever_may_not_open_it_reads_whom_to_ask_and_sends_to_hospital_from_there(
    walk: Walk, visit: Visit
) -> None:
    carer = visit("carer")
    person = f"/residents/{walk.way.resident_ref}"
    carer.open(f"{person}/record/wishes")
    restricted(walk)
    page = carer.press({"place_of_care": "At her daughter’s house"}, action=f"{person}/record/wishes")
    assert (page.status, "At her daughter’s house" in page.text) == (403, True), "nothing typed is lost"
    page = carer.open(person)
    assert page.status == 403
    assert page.heading == "Agnes Obi This record is restricted"
    assert "ask Tom Price" in page.text
    assert REASON not in page.response.text
    assert "part of your work" not in page.text
    sent = page.links()["Send to hospital"]
    assert sent == f"{person}/send"
    assert carer.open(sent).status == 200
    carer.press({"situation": "Found on the floor"}, button="reason=fall")
    assert carer.page.path.endswith("/observations")
    assert carer.open(person).status == 200, "open while the journey is"
    told = walk.look(
        lambda: db.session.query(AuditEntry).filter_by(kind="refused", reason="restricted").all()
    )
    assert len(told) == 2


@on_sqlite
def test_lists_say_that_it_is_restricted_and_no_more(walk: Walk, visit: Visit) -> None:
    ref = closed(walk).ref
    carer, manager = visit("carer"), visit("manager")
    restricted(walk)
    page = carer.open("/residents")
    assert "Agnes Obi" in page.text
    assert "Record restricted: the manager opens it" in page.text
    person = f"/residents/{walk.way.resident_ref}"
    assert [link for link in page.links().values() if person in link] == [f"{person}/send"]
    assert "Agnes" not in carer.open("/residents/to-review").text
    for path in ("/transfers/closed", "/transfers", "/lost", "/attention"):
        page = carer.open(path)
        assert "Agnes" not in page.text, path
        assert ref not in page.response.text, path
    assert "Agnes" in manager.open("/transfers/closed").text
    assert "Agnes" in manager.open("/residents/to-review").text


def test_an_emergency_opens_everything_until_the_journey_is_over(
    cast: Cast, walk: Walk, visit: Visit
) -> None:
    restricted(walk)
    carer, nurse = visit("carer"), visit("nurse")
    person = f"/residents/{walk.way.resident_ref}"
    assert carer.open(person).status == 403
    page = carer.open(f"{person}/send")
    assert page.status == 200
    carer.press({"situation": "Found on the floor"}, button="reason=fall")
    journey = carer.page.path.removesuffix("/observations")
    walk.way.ref = journey.removeprefix("/transfers/")
    assert carer.open(person).status == 200
    assert carer.open(f"{journey}/ready").status == 200
    carer_actor, bag = cast.actor("carer"), walk.way.bag_ref
    walk.write(lambda: transfers.take_bag(carer_actor, walk.way.transfer, bag, datetime.now(UTC)))
    walk.way.now = datetime.now(UTC)
    walk.look(walk.way.left)
    token = walk.look(lambda: labels.token_of(labels.current(walk.way.transfer)))  # type: ignore[arg-type]
    pack = nurse.open(f"/b/{token}")
    assert "Agnes Obi" in pack.text
    assert "Warfarin" in pack.text
    walk.way.after(minutes=1)
    walk.look(walk.way.arrived)
    assert nurse.open(f"/ward/transfers/{walk.way.ref}").status == 200
    walk.write(lambda: db.session.execute(db.text("UPDATE transfers SET state = 'closed'")))
    assert carer.open(person).status == 403, "over: restricted as before"
    assert visit("manager").open(person).status == 200


@on_sqlite
def test_the_commands_audit_without_the_reason_and_refuse_what_makes_no_sense(walk: Walk) -> None:
    ref, now = walk.way.resident_ref, datetime.now(UTC)
    with pytest.raises(Invalid):
        walk.write(lambda: restriction.restrict(ref, "  ", now))
    with pytest.raises(Invalid):
        walk.write(lambda: restriction.lift(ref, now))
    with pytest.raises(NotFound):
        walk.write(lambda: restriction.restrict("0" * 16, "x", now))
    restricted(walk)
    with pytest.raises(Invalid):
        restricted(walk)
    walk.write(lambda: restriction.lift(ref, now + timedelta(days=1)))

    def told() -> list[tuple[str, str, str]]:
        rows = db.session.query(AuditEntry).filter(AuditEntry.kind.like("person.%")).order_by(AuditEntry.id)
        return [(row.kind, row.subject_ref, row.reason) for row in rows]

    by = "operator’s command"
    assert walk.look(told) == [("person.restricted", ref, by), ("person.unrestricted", ref, by)]
    row = walk.look(lambda: db.session.query(Resident).filter_by(ref=ref).one())
    assert (row.restricted_at, row.restricted_why) == (None, "")


@on_sqlite
def test_another_home_is_told_nothing_new(walk: Walk, visit: Visit, cast: Cast) -> None:
    restricted(walk)
    outsider = visit("outsider")
    assert outsider.open(f"/residents/{walk.way.resident_ref}").status == 404
    assert outsider.open(f"/residents/{walk.way.resident_ref}/send").status == 404


@on_sqlite
def test_similar_names_are_still_told_apart(app: Flask, walk: Walk, visit: Visit, cast: Cast) -> None:
    with app.app_context():
        other = household.add(cast, "Agnes", "Obie")
    restricted(walk)
    page = visit("carer").open(f"/residents/{other}")
    assert "Agnes Obi" in page.text, "two people who can be mistaken for one another stay a danger"
