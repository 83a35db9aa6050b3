"""Copies on tablets are forgotten: told so by the home's manager, and with a role, an account or a device."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.domain.permissions import OrganisationKind, Role
from redbag.models import AuditEntry, Device, Membership, Tablet
from redbag.services import accounts, devices
from redbag.services.accounts import RoleAt
from tests.cast import Cast
from tests.integration.tablet import copied
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MINE = str(uuid.UUID("7" * 32))


@pytest.fixture
def write(app: Flask) -> Callable[[Callable[[], Any]], Any]:
    """One committed act beside the application."""

    def written(act: Callable[[], Any]) -> Any:
        with app.app_context():
            begin_write()
            found = act()
            db.session.commit()
            return found

    return written


def kept(app: Flask) -> list[tuple[str, str]]:
    """The keys that still stand, shortened, and why the others do not."""
    with app.app_context():
        rows = db.session.scalars(select(Tablet).order_by(Tablet.id))
        return [("a key" if row.key else "", row.forgotten_why) for row in rows]


def asks(client: FlaskClient) -> int:
    """What the tablet gets when it asks for its key again."""
    token = client.get("/offline/who").get_json().get("csrf", "")
    return client.post("/offline/key", data={"csrf_token": token, "tablet": MINE}).status_code


def test_the_manager_has_a_copy_forgotten(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        copied(cast)
    manager, carer = visit("manager"), visit("carer")
    page = manager.open("/devices")
    assert "Joy Adeyemi on A browser of a kind that is not known" in page.text
    assert asks(carer.client) == 200
    link = next(path for words, path in page.links().items() if words.startswith("Forget the copy of Joy"))
    page = manager.open(link)
    assert "What was not sent is lost" in page.text
    assert kept(app) == [("a key", "")], "nothing is done by looking"
    page = manager.press()
    assert "opens no more" in page.text
    assert "No tablet keeps a copy." in page.text
    assert kept(app) == [("", "told to forget")]
    who = carer.client.get("/offline/who", headers={"Red-Bag-Tablet": MINE}).get_json()
    assert (who["signed_in"], who["forget"]) == (False, True)
    again = visit("carer")
    assert asks(again.client) == 403
    assert asks(again.client) == 403, "for good"
    with app.app_context():
        entry = db.session.scalars(select(AuditEntry).filter_by(kind="tablet.forgotten")).one()
        assert (entry.account_id, entry.reason) == (cast.actor("manager").account_id, "told to forget")


@on_sqlite
def test_whoever_has_the_tablet_comes_by_no_other_copy(
    app: Flask, cast: Cast, visit: Visit, write: Callable[[Callable[[], Any]], Any]
) -> None:
    """Stolen while its person was signed in: it was told to forget, gave itself another number, and had
    another key and another copy by it."""
    with app.app_context():
        copied(cast)
    elsewhere = RoleAt(cast.places["other_home"].ref, Role.CARER)
    write(lambda: accounts.add_role(None, cast.actor("carer").account_ref, elsewhere, datetime.now(UTC)))
    thief, manager = visit("carer").client, visit("manager")
    other_home = visit("carer").client
    for client, home in ((thief, "home"), (other_home, "other_home")):
        place = write(partial(_membership, cast, home))
        token = client.get("/offline/who").get_json()["csrf"]
        assert client.post("/account/place", data={"csrf_token": token, "place": place}).status_code == 303
    assert asks(thief) == 200
    page = manager.open("/devices")
    link = next(path for words, path in page.links().items() if words.startswith("Forget the copy of Joy"))
    assert "is signed out on it" in manager.open(link).text
    manager.press()
    assert thief.get("/offline/copy").status_code == 302
    assert thief.get("/residents").status_code == 302
    told = {"csrf_token": "", "tablet": str(uuid.uuid4())}
    assert thief.post("/offline/key", data=told).status_code in (400, 401)
    assert other_home.get("/residents").status_code == 200, "their work at another home goes on"
    assert manager.client.get("/devices").status_code == 200
    with app.app_context():
        why = {"why": "tablet told to forget"}
        ended = db.session.scalars(select(AuditEntry).filter_by(kind="session.ended")).all()
        assert [row.details for row in ended] == [why]


def _membership(cast: Cast, home: str) -> str:
    wanted = select(Membership.ref).filter_by(
        account_id=cast.actor("carer").account_id, organisation_id=cast.places[home].id
    )
    return db.session.scalars(wanted).one()


@on_sqlite
def test_nobody_elses_copies_are_on_the_page(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = copied(cast, "outsider")
    assert "Ann Lowe" not in visit("manager").open("/devices").text
    assert visit("manager").client.get(f"/devices/tablets/{ref}/forget").status_code == 404
    assert visit("carer").client.get(f"/devices/tablets/{ref}/forget").status_code == 403
    assert "no network" not in visit("hospital_manager").open("/devices").text


@on_sqlite
def test_the_end_of_a_role_is_the_end_of_its_copies(
    app: Flask, cast: Cast, write: Callable[[Callable[[], Any]], Any]
) -> None:
    with app.app_context():
        copied(cast)
    carer, manager, now = cast.actor("carer"), cast.actor("manager"), datetime.now(UTC)
    at = accounts.RoleAt(cast.places["home"].ref, Role.HOME_MANAGER)
    write(lambda: accounts.add_role(manager, carer.account_ref, at, now))
    roles = select(Membership.ref).filter_by(account_id=carer.account_id).order_by(Membership.id)
    first, second = write(lambda: list(db.session.scalars(roles)))
    write(lambda: accounts.end_role(manager, carer.account_ref, first, now))
    assert kept(app) == [("a key", "")], "they work there still"
    write(lambda: accounts.end_role(manager, carer.account_ref, second, now))
    assert kept(app) == [("", "role ended")]


@on_sqlite
def test_a_disabled_account_has_none(
    app: Flask, cast: Cast, write: Callable[[Callable[[], Any]], Any]
) -> None:
    with app.app_context():
        copied(cast)
    admin, carer = cast.actor("administrator"), cast.actor("carer")
    write(lambda: accounts.disable(admin, carer.account_ref, datetime.now(UTC)))
    assert kept(app) == [("", "account disabled")]
    write(lambda: accounts.enable(admin, carer.account_ref, datetime.now(UTC)))
    assert asks(cast.browser(app, "carer")) == 403, "it does not come back with the account"


def test_a_device_that_is_taken_off_the_list_takes_its_copies_along(
    app: Flask, cast: Cast, visit: Visit, write: Callable[[Callable[[], Any]], Any]
) -> None:
    manager, carer = cast.actor("manager"), visit("carer")
    token = write(lambda: devices.enrol(manager, "", "Night tablet", "", datetime.now(UTC)))
    carer.client.set_cookie("redbag-device", token)
    assert asks(carer.client) == 200
    assert "Joy Adeyemi on Night tablet" in visit("manager").open("/devices").text
    device = write(lambda: db.session.scalars(select(Device.ref)).one())
    write(lambda: devices.end(manager, device, datetime.now(UTC)))
    assert kept(app) == [("", "device taken off the list")]
    assert asks(carer.client) == 403


@on_sqlite
def test_a_device_of_another_place_is_not_taken_for_the_homes(
    app: Flask, cast: Cast, visit: Visit, write: Callable[[Callable[[], Any]], Any]
) -> None:
    theirs = cast.actor("hospital_manager")
    ward = cast.places["hospital"].wards["Willow"]
    assert cast.places["hospital"].kind is OrganisationKind.HOSPITAL
    token = write(lambda: devices.enrol(theirs, "", "Ward tablet", ward, datetime.now(UTC)))
    carer = visit("carer")
    carer.client.set_cookie("redbag-device", token)
    assert asks(carer.client) == 200
    assert write(lambda: db.session.scalars(select(Tablet.device_id)).one()) is None
