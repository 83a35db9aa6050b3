"""A record restricted, lifted and erased on pages: by the manager of the home, and by the administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import db
from redbag.domain.custody import Step
from redbag.domain.errors import NotFound
from redbag.models import AuditEntry, Resident
from redbag.services import erasure, restriction
from tests.cast import PASSPHRASE, Cast
from tests.integration.canaries import accept_all
from tests.integration.walk import Walk
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
REASON = "Says that the allergies are wrong"
ERASE = {"why": "asked", "figures": "keep", "sure": "yes"}


@pytest.fixture
def walk(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast, hours=30)


def told(walk: Walk) -> list[tuple[str, str, dict[str, object]]]:
    """What the log says was decided of the record: the kind, by whom in which role, with which details."""

    def read() -> list[tuple[str, str, dict[str, object]]]:
        kinds = AuditEntry.kind.in_(["person.restricted", "person.unrestricted", "person.erased"])
        rows = db.session.scalars(select(AuditEntry).where(kinds).order_by(AuditEntry.id))
        return [(row.kind, row.role, row.details) for row in rows]

    return walk.look(read)


def restricted_at(walk: Walk) -> datetime | None:
    ref = walk.way.resident_ref
    return walk.look(lambda: db.session.scalars(select(Resident.restricted_at).filter_by(ref=ref)).one())


@on_sqlite
def test_the_manager_restricts_a_record_and_lifts_that(walk: Walk, visit: Visit) -> None:
    manager, carer = visit("manager"), visit("carer")
    person = f"/residents/{walk.way.resident_ref}"
    page = manager.open(person)
    manager.open(page.links()["Restrict this record: keep it and do not use it"])
    page = manager.press({"reason": " "})
    assert page.status == 422
    assert "Say why." in page.text
    page = manager.press({"reason": REASON})
    assert page.path == person
    assert REASON in page.text
    assert carer.open(person).heading.endswith("This record is restricted")
    manager.open(page.links()["Lift the restriction"])
    assert "Tell the person before you lift it" in manager.page.text
    page = manager.press()
    assert page.path == person
    assert carer.open(person).status == 200
    assert told(walk) == [
        ("person.restricted", "home_manager", {}),
        ("person.unrestricted", "home_manager", {}),
    ]
    assert REASON not in str(told(walk))


def test_the_manager_reads_what_goes_and_stays_and_erases_for_good(
    walk: Walk, visit: Visit, cast: Cast
) -> None:
    walk.to("packed", "left", "arrived", "admitted", "medicines_listed", "going_home", "received")
    manager = visit("manager")
    person = f"/residents/{walk.way.resident_ref}"
    page = manager.open(f"{person}/erase")
    assert "This cannot be done now. This person is on a journey to hospital" in page.text
    assert not [e for e in page.tree.iter("button") if "Erase" in "".join(e.itertext())]
    walk.look(lambda: accept_all(walk.way))
    walk.look(lambda: walk.way.checked("carer", Step.RETURN))
    walk.to("closed")
    page = manager.open(manager.open(person).links()["Erase this record: see what would go"])
    assert "Medicines that travelled: " in page.text
    assert "Who looked and who did (audit log)" in page.text
    assert told(walk) == []
    page = manager.press({"why": "asked"})
    assert page.status == 422
    assert "Tick this once you have looked." in page.text
    page = manager.press(ERASE)
    assert page.path == "/residents"
    assert "rows are gone" in page.response.text
    assert "Agnes" not in manager.open("/residents").text
    assert manager.open(person).status == 404
    (entry,) = told(walk)
    assert entry[:2] == ("person.erased", "home_manager")
    assert (entry[2]["figures"], entry[2]["why"]) == ("kept", "asked")


@on_sqlite
def test_each_asks_once_more_who_it_is(app: Flask, cast: Cast, walk: Walk) -> None:
    person = f"/residents/{walk.way.resident_ref}"
    record = f"/admin/records/{walk.way.resident_ref}"
    for part, base in (("manager", person), ("administrator", record)):
        stale = Visitor(cast.browser(app, part, fresh=False))
        for act in ("restrict", "lift-restriction", "erase"):
            assert stale.client.get(f"{base}/{act}").location.startswith("/account/confirm?next="), act
        stale.open(f"{base}/restrict")
        page = stale.press({"current_passphrase": PASSPHRASE}, action="/account/show/passphrase")
        assert page.path == f"{base}/restrict"
        other = cast.browser(app, part, fresh=False)
        app.config["WTF_CSRF_ENABLED"] = False
        for act in ("restrict", "lift-restriction", "erase"):
            answer = other.post(f"{base}/{act}", data={"reason": REASON, **ERASE})
            assert answer.location.startswith("/account/confirm?next="), act
        app.config["WTF_CSRF_ENABLED"] = True
    assert told(walk) == []


@on_sqlite
def test_the_administrator_decides_without_a_name(app: Flask, walk: Walk, visit: Visit) -> None:
    ref, admin = walk.way.resident_ref, visit("administrator")
    admin.open(
        admin.open("/admin/organisations").links()[
            "A person’s record, by its reference: restrict, lift, erase"
        ]
    )
    assert admin.open("/admin/records?ref=nobody").status == 404
    page = admin.open(f"/admin/records?ref=+{ref}+")
    assert page.path == f"/admin/records/{ref}"
    seen = [page.response.text]
    admin.open(page.links()["Restrict this record"])
    seen.append(admin.page.response.text)
    seen.append(admin.press({"reason": REASON}).response.text)
    assert restricted_at(walk) is not None
    assert (
        "This cannot be done now. This record is restricted" in admin.open(f"/admin/records/{ref}/erase").text
    )
    seen.append(admin.page.response.text)
    admin.open(admin.open(f"/admin/records/{ref}").links()["Lift the restriction"])
    seen.append(admin.press().response.text)
    admin.open(f"/admin/records/{ref}/erase")
    seen.append(admin.page.response.text)
    page = admin.press({**ERASE, "figures": "remove"})
    seen.append(page.response.text)
    assert page.path == "/admin/records"
    assert admin.open(f"/admin/records/{ref}").status == 404
    for text in seen:
        assert "Agnes" not in text
        assert "Obi" not in text
        assert REASON not in text
    assert [entry[:2] for entry in told(walk)] == [
        (kind, "administrator") for kind in ("person.restricted", "person.unrestricted", "person.erased")
    ]


@on_sqlite
def test_nobody_else_decides_of_a_record(app: Flask, cast: Cast, walk: Walk, visit: Visit) -> None:
    """Also not by a service of its own: another home's manager, a carer, a hospital, oversight."""
    ref, now = walk.way.resident_ref, datetime.now(UTC)
    for part in ("carer", "outsider", "nurse", "hospital_manager", "oversight"):
        actor = cast.actor(part)
        with pytest.raises(NotFound):
            walk.write(lambda who=actor: restriction.restrict(ref, REASON, now, who))
        with pytest.raises(NotFound):
            walk.write(lambda who=actor: erasure.erase(ref, now, actor=who))
        for address in ("restrict", "erase"):
            assert visit(part).open(f"/residents/{ref}/{address}").status in (403, 404), (part, address)
            assert visit(part).open(f"/admin/records/{ref}/{address}").status == 403, (part, address)
    assert restricted_at(walk) is None
