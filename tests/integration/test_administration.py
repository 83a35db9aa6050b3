"""Setting a place up: homes, hospitals, wards, bags, and what is still missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.domain.permissions import OrganisationKind
from redbag.models import AuditEntry, Bag, BagEvent, Organisation, Ward
from tests.cast import Cast
from tests.visitor import Page, Visitor

HOME = {"name": "Elm Court", "ods_code": "vn 103", "phone": "020 7946 0111", "night_phone": "020 7946 0112"}


@pytest.fixture
def admin(visit: Callable[[str], Visitor]) -> Visitor:
    return visit("administrator")


def add_home(admin: Visitor, **typed: str) -> Page:
    admin.open("/admin/organisations/new?kind=care_home")
    return admin.press(HOME | typed)


def lacking(page: Page) -> set[str]:
    """The buttons of what is still missing, on an organisation's page."""
    cards = [e for e in page.tree.iter("div") if e.get("class") == "rb-card"]
    return {"".join(a.itertext()) for card in cards for a in card.iter("a")}


def test_home_is_set_up_step_by_step(admin: Visitor, cast: Cast) -> None:
    page = add_home(
        admin,
        night_phone="",
        address="1 Elm Road\nCombe",
        with_nursing="yes",
        **{"joined_on-day": "3", "joined_on-month": "11", "joined_on-year": "2026"},
    )
    assert page.heading == "Care home Elm Court"
    assert "VN103" in page.text
    assert lacking(page) == {"Add the night phone", "Add bags", "Invite people"}
    path = page.path
    admin.open(f"{path}/edit")
    assert lacking(admin.press({"night_phone": "020 7946 0112"})) == {"Add bags", "Invite people"}
    admin.open(f"{path}/bags")
    page = admin.press()
    assert "8 bags added." in page.text
    assert "001, 002, 003, 004, 005, 006, 007, 008" in page.text
    admin.open(f"{path}/invite")
    admin.press({"name": "May Hill", "email": "may@example.org", "role": "home_manager"})
    assert lacking(admin.open(path)) == set()


def test_numbers_that_are_there_already_stay(admin: Visitor, cast: Cast, app: Flask) -> None:
    path = f"/admin/organisations/{cast.places['home'].ref}/bags"
    admin.open(path)
    admin.press({"first": "2", "last": "4"})
    admin.open(path)
    assert "To number: write a whole number" in admin.press({"first": "1", "last": "5.5"}).text
    assert "2 bags added." in admin.press({"first": "1", "last": "5"}).text
    with app.app_context():
        assert sorted(db.session.scalars(select(Bag.number))) == ["001", "002", "003", "004", "005"]
        assert db.session.scalars(select(BagEvent.state)).all() == ["in_stock"] * 5


def test_new_bags_are_numbered_in_one_way_and_others_stay_as_they_are(
    admin: Visitor, cast: Cast, app: Flask
) -> None:
    with app.app_context():
        begin_write()
        moment = datetime.now(UTC)
        for number in ("1", "02"):
            db.session.add(Bag(home_id=cast.places["home"].id, number=number, state_since=moment))
        db.session.commit()
    admin.open(f"/admin/organisations/{cast.places['home'].ref}/bags")
    assert "1, 02, 003, 004" in admin.press({"first": "1", "last": "4"}).text


@pytest.mark.parametrize(
    ("first", "last"), [("5", "1"), ("1", "51"), ("0", "3"), ("1.5", "3"), ("", "3"), ("x", "3")]
)
def test_bag_numbers_that_make_no_row_are_refused(admin: Visitor, cast: Cast, first: str, last: str) -> None:
    admin.open(f"/admin/organisations/{cast.places['home'].ref}/bags")
    page = admin.press({"first": first, "last": last})
    assert page.status == 422
    assert [e.get("value") for e in page.form().iter("input") if e.get("name") in ("first", "last")] == [
        first,
        last,
    ]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"ods_code": "VN-103"}, "ods_code"),
        ({"ods_code": "ABCDEFGHIJ"}, "ods_code"),
        ({"ods_code": "vn101"}, "ods_code"),
        ({"name": "rowan house", "ods_code": ""}, "name"),
        ({"phone": "ring me"}, "phone"),
        ({"night_phone": "12"}, "night_phone"),
        ({"joined_on-day": "31", "joined_on-month": "2", "joined_on-year": "2026"}, "joined_on-day"),
    ],
)
def test_details_that_cannot_be_kept_are_said_beside_the_field(
    admin: Visitor, cast: Cast, typed: dict[str, str], field: str
) -> None:
    page = add_home(admin, **typed)
    assert page.status == 422
    assert [a for a in page.tree.iter("a") if a.get("href") == f"#{field}"], page.text
    sent = {e.get("name"): e.get("value") for e in page.form().iter("input")}
    assert sent["phone"] == typed.get("phone", HOME["phone"])


def test_two_administrators_at_once_see_both_versions(
    admin: Visitor, visit: Callable[[str], Visitor], cast: Cast
) -> None:
    path = f"/admin/organisations/{cast.places['home'].ref}/edit"
    other = visit("administrator")
    admin.open(path)
    other.open(path)
    other.press({"night_phone": "020 7946 0777"})
    page = admin.press({"night_phone": "020 7946 0888"})
    assert page.status == 409
    assert "020 7946 0777" in page.text
    typed = {e.get("name"): e.get("value") for e in page.form().iter("input")}
    assert typed["night_phone"] == "020 7946 0888"
    assert "020 7946 0888" in admin.press().text


def test_changing_nothing_writes_nothing(admin: Visitor, cast: Cast, app: Flask) -> None:
    admin.open(f"/admin/organisations/{cast.places['home'].ref}/edit")
    admin.press()
    with app.app_context():
        assert not db.session.scalars(select(AuditEntry).filter_by(kind="organisation.changed")).all()


def test_audit_names_the_fields_that_changed(admin: Visitor, cast: Cast, app: Flask) -> None:
    admin.open(f"/admin/organisations/{cast.places['home'].ref}/edit")
    admin.press({"night_phone": "020 7946 0888", "name": "Rowan House Care Home"})
    with app.app_context():
        (entry,) = db.session.scalars(select(AuditEntry).filter_by(kind="organisation.changed"))
        assert entry.details == {"fields": ["name", "night_phone"]}


def test_wards_are_added_one_after_another_changed_and_closed(admin: Visitor, cast: Cast, app: Flask) -> None:
    path = f"/admin/organisations/{cast.places['hospital'].ref}"
    admin.open(f"{path}/wards")
    page = admin.press({"name": "Acute Medical Unit", "kind": "assessment_unit", "phone": "020 7946 0123"})
    assert page.heading.endswith("Add a ward")
    assert "There now: Emergency Department, Acute Medical Unit, Poplar, Willow" in page.text
    ward = admin.open(path).links()["Acute Medical Unit"]
    admin.open(ward)
    admin.press({"name": "AMU"}, action=ward)
    admin.open(ward)
    admin.press(action=f"{ward}/close")
    assert "AMU is closed." in admin.page.text
    assert "AMU" not in admin.open(path).links()
    admin.open(f"{path}/wards")
    admin.press({"name": "AMU", "kind": "assessment_unit"})
    with app.app_context():
        rows = db.session.scalars(select(Ward).filter_by(name="AMU")).all()
        assert [row.closed_at for row in rows] == [None]


def test_ward_that_is_there_already_is_refused(admin: Visitor, cast: Cast) -> None:
    admin.open(f"/admin/organisations/{cast.places['hospital'].ref}/wards")
    page = admin.press({"name": "willow", "kind": "ward"})
    assert page.status == 422
    assert "has a ward with this name already" in page.text


def test_closing_a_ward_leaves_its_staff_at_the_hospital(
    admin: Visitor, visit: Callable[[str], Visitor], cast: Cast
) -> None:
    nurse = visit("nurse")
    assert "Willow" in nurse.open("/account").text
    ward = f"/admin/wards/{cast.places['hospital'].wards['Willow']}"
    admin.open(ward)
    admin.press(action=f"{ward}/close")
    page = nurse.open("/account")
    assert "Ward staff, St Brannock’s Hospital" in page.text
    assert "Not chosen" in page.text


@pytest.mark.parametrize(("place", "part"), [("home", "wards"), ("hospital", "bags"), ("borough", "bags")])
def test_homes_have_no_wards_and_hospitals_no_bags(admin: Visitor, cast: Cast, place: str, part: str) -> None:
    assert admin.open(f"/admin/organisations/{cast.places[place].ref}/{part}").status == 404


def test_operator_organisation_cannot_be_made_on_a_page(admin: Visitor, cast: Cast, app: Flask) -> None:
    assert admin.open("/admin/organisations/new?kind=operator").heading == "What do you want to add?"
    admin.open("/admin/organisations/new?kind=care_home")
    page = admin.press({"name": "Another operator", "kind": "operator"})
    assert page.status == 404
    with app.app_context():
        assert len(db.session.scalars(select(Organisation).filter_by(kind="operator")).all()) == 1


def test_checklist_names_what_is_missing_and_where(admin: Visitor, cast: Cast) -> None:
    page = admin.open("/admin")
    assert "2 care homes are not ready" in page.text
    assert "hospitals are not ready" not in page.text
    assert page.links()["red bags"].endswith("/bags")
    assert "which only this computer can reach" in page.text
    for part in ("home", "other_home"):
        admin.open(f"/admin/organisations/{cast.places[part].ref}/bags")
        admin.press()
    page = admin.open("/admin")
    assert "The first journey can begin: 2 homes are ready, and 2 hospitals." in page.text
    assert "not ready" not in page.text


def test_checklist_of_an_empty_installation_says_what_to_do_first(
    admin: Visitor, cast: Cast, app: Flask
) -> None:
    with app.app_context():
        begin_write()
        moment = datetime.now(UTC)
        for row in db.session.scalars(select(Organisation).where(Organisation.kind != "operator")):
            row.closed_at = moment
        db.session.commit()
    links = admin.open("/admin").links()
    assert links["Add a care home"] == "/admin/organisations/new?kind=care_home"
    assert links["Add a hospital"] == "/admin/organisations/new?kind=hospital"


def test_organisations_are_found_by_name_code_and_kind(admin: Visitor, cast: Cast) -> None:
    for query, expected in (
        ("q=rowan", {"Rowan House"}),
        ("q=hou", {"Rowan House"}),
        ("q=vn10", {"Rowan House", "Larch Lodge"}),
        ("kind=hospital", {"St Brannock’s Hospital", "Combe General Hospital"}),
        ("kind=nonsense&q=combe", {"Combe General Hospital", "Combe Borough Partnership"}),
        ("q=nowhere", set()),
    ):
        page = admin.open(f"/admin/organisations?{query}")
        assert set(page.links()) & {place.name for place in cast.places.values()} == expected, query


def test_eighty_homes_take_as_many_queries_as_two(admin: Visitor, cast: Cast, app: Flask) -> None:
    from sqlalchemy import event

    def count(path: str) -> int:
        asked: list[str] = []
        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", listener := lambda *a: asked.append(a[2]))
        admin.open(path)
        event.remove(engine, "before_cursor_execute", listener)
        return len(asked)

    pages = ("/admin", "/admin/organisations", "/admin/people", "/admin/people/where")
    before = [count(path) for path in pages]
    with app.app_context():
        begin_write()
        for number in range(80):
            db.session.add(Organisation(kind=OrganisationKind.CARE_HOME.value, name=f"Home {number}"))
        db.session.commit()
    assert [count(path) for path in pages] == before
    assert "These are the first 20 of 82." in admin.open("/admin").text
