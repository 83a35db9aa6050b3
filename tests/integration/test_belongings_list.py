"""The home's own list of usual belongings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.belongings import DEFAULT_BELONGINGS
from redbag.domain.errors import NotPermitted, Stale
from redbag.models import UsualBelonging
from redbag.queries import belongings_list
from redbag.services import belongings_list as services
from tests.cast import Cast
from tests.integration.household import QUIET_MORNING, SCRIPT
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def names(cast: Cast, place: str = "home") -> list[str]:
    return [item.name for item in belongings_list.usual(cast.places[place].id)]


@on_sqlite
def test_a_home_starts_with_the_usual_list_and_makes_it_its_own(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        assert belongings_list.usual(cast.places["home"].id) == list(DEFAULT_BELONGINGS)
    visitor = visit("manager")
    page = visitor.open("/belongings-list")
    assert "Until you save, every home starts with this list." in page.text
    page = visitor.press(
        {
            "items-0-name": "Reading glasses",
            "items-1-name": "",
            "items-22-name": "Rosary",
            "items-22-place": "0",
            "items-22-valuable": ["yes"],
        }
    )
    assert "The list is saved" in page.text
    with app.app_context():
        kept = names(cast)
        assert kept[:3] == ["Rosary", "Reading glasses", "Dentures, lower"]
        assert len(kept) == len(DEFAULT_BELONGINGS)
        assert belongings_list.usual(cast.places["home"].id)[0].valuable
        assert names(cast, "other_home") == [item.name for item in DEFAULT_BELONGINGS]


@on_sqlite
def test_renaming_keeps_the_line_and_removing_leaves_a_trace(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit("manager")
    visitor.open("/belongings-list")
    visitor.press()
    with app.app_context():
        before = {item.name: item.ref for item in belongings_list.usual(cast.places["home"].id)}
    visitor.open("/belongings-list")
    visitor.press({"items-0-name": "Spectacles", "items-2-name": ""})
    with app.app_context():
        after = {item.name: item.ref for item in belongings_list.usual(cast.places["home"].id)}
        assert after["Spectacles"] == before["Glasses"]
        assert "Dentures, lower" not in after
        removed = db.session.query(UsualBelonging).filter_by(ref=before["Dentures, lower"]).one()
        assert removed.removed_at is not None


@on_sqlite
def test_more_rows_keep_what_was_typed_and_save_nothing(app: Flask, cast: Cast, visit: Visit) -> None:
    visitor = visit("manager")
    visitor.open("/belongings-list")
    page = visitor.press({"items-22-name": "Rosary"}, button="more_rows=items")
    assert page.status == 200
    assert 'value="Rosary"' in page.response.text
    assert 'name="items-24-name"' in page.response.text
    with app.app_context():
        assert db.session.query(UsualBelonging).count() == 0
    page = visitor.press({"items-23-name": "Hymn book"})
    assert "The list is saved" in page.text
    with app.app_context():
        assert names(cast)[-2:] == ["Rosary", "Hymn book"]


@on_sqlite
def test_a_name_twice_is_pointed_at(visit: Visit) -> None:
    visitor = visit("manager")
    visitor.open("/belongings-list")
    page = visitor.press({"items-4-name": " glasses ", "items-5-place": "first"})
    assert page.status == 422
    assert "Place: write a number." in page.text
    page = visitor.press({"items-5-place": "6"})
    assert page.status == 422
    assert "“glasses” stands on the list twice." in page.text
    assert page.links()["“glasses” stands on the list twice. Take one out."] == "#items-4-name"


@on_sqlite
def test_the_second_of_two_managers_sees_both_lists(app: Flask, cast: Cast, visit: Visit) -> None:
    one, other = visit("manager"), visit("manager")
    one.open("/belongings-list")
    other.open("/belongings-list")
    other.press({"items-0-name": "Spectacles"})
    page = one.press({"items-0-name": "Eyeglasses"})
    assert page.status == 409
    assert "Somebody else saved this list after you opened it" in page.text
    assert "Spectacles;" in page.text
    assert 'value="Eyeglasses"' in page.response.text
    assert "The list is saved" in one.press().text
    with app.app_context():
        assert names(cast)[0] == "Eyeglasses"
        assert "Spectacles" not in names(cast)


def test_only_the_manager_keeps_the_list(app: Flask, cast: Cast) -> None:
    with app.app_context():
        opened = services.fingerprint(belongings_list.usual(cast.places["home"].id))
        rows = [{"name": "Rosary"}]
        for part in ("carer", "nurse", "administrator", "oversight"):
            with pytest.raises(NotPermitted):
                services.save(cast.actor(part), rows, version=opened, now=QUIET_MORNING)
        saved = services.save(cast.actor("manager"), rows, version=opened, now=QUIET_MORNING)
        assert [item.name for item in saved] == ["Rosary"]
        with pytest.raises(Stale):
            services.save(cast.actor("manager"), rows, version=opened, now=QUIET_MORNING)


@on_sqlite
def test_a_script_in_a_name_comes_out_as_text(visit: Visit) -> None:
    visitor = visit("manager")
    visitor.open("/belongings-list")
    page = visitor.press({"items-0-name": SCRIPT})
    assert SCRIPT not in page.response.text
    assert "&lt;script&gt;" in page.response.text
