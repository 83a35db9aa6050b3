"""Needs attention: one list for each place, cleared by one act a line, counted where it costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain import clocks
from redbag.domain.errors import Invalid, NotFound, Stale
from redbag.domain.permissions import OrganisationKind
from redbag.models import Organisation, Seen, SiteChange
from redbag.queries import attention
from redbag.queries.attention import Place
from redbag.services import labels, site_settings
from redbag.services import transfers as transfer_services
from tests.cast import Cast
from tests.integration.counting import counted
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
NOW = datetime.now(UTC)


def kinds(cast: Cast, part: str, now: datetime = NOW) -> list[str]:
    return [line.trouble.kind for line in attention.standing(attention.place_of(cast.actor(part)), now)]


def test_each_place_has_its_own_list_and_the_act_that_clears_each_line(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        way = Pathway(cast, NOW - timedelta(days=8, hours=1)).packed().left().after(hours=1).admitted()
        path = f"/transfers/{way.ref}"
    carer, nurse = visit("carer"), visit("nurse")
    page = carer.open("/attention")
    assert "Needs attention 3 to do" in " ".join(page.links())
    assert page.text.index("Ring the ward: overdue") < page.text.index("Ask the ward for its plan")
    assert page.links()["Record the call: Agnes Obi"] == f"{path}/home-contact"
    assert page.links()["See what is missing: Agnes Obi"] == f"{path}/finish"
    # One tap where no step of the journey says it; it can be put back.
    page = carer.press(action="/attention/seen", button=f"key={_key(app, cast, 'long_stay_home')}")
    assert "Ask the ward for its plan: 8 days in hospital: off the list." in page.text
    assert "Needs attention 2 to do" in " ".join(page.links())
    assert "Joy Adeyemi" in page.text.split("Dealt with in the last 14 days (1)")[1]
    with app.app_context():
        back = db.session.query(Seen.ref).scalar()
    page = carer.press(action=f"/attention/seen/{back}/put-back")
    assert "Needs attention 3 to do" in " ".join(page.links())
    # The ward sees its own line of the same person, and no line of the home.
    page = nurse.open("/attention")
    assert "In hospital 8 days" in page.text
    assert "Ring the ward" not in page.text
    assert "Nothing needs anybody here now." in visit("outsider").open("/attention").text


def _key(app: Flask, cast: Cast, kind: str) -> str:
    with app.app_context():
        lines = attention.standing(attention.place_of(cast.actor("carer")), datetime.now(UTC))
        return next(line.key for line in lines if line.trouble.kind == kind)


def test_a_line_that_a_step_clears_is_not_waved_away(app: Flask, cast: Cast, visit: Visit) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        Pathway(cast, NOW - timedelta(days=8)).packed().left().after(hours=1).admitted()
        key = _key(app, cast, "home_contact")
    assert cast.browser(app, "carer").post("/attention/seen", data={"key": key}).status_code == 404


def test_what_is_coming_is_told_to_the_hospital_without_a_name(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        _on_the_way(cast, NOW - timedelta(hours=7))
        assert "not_scanned" in kinds(cast, "carer")
    page = visit("nurse").open("/attention")
    assert (
        "Bag 012 of Rowan House left 6 hours ago or more, not scanned here: ring 020 7946 0199" in page.text
    )
    assert "Obi" not in page.text


def _on_the_way(cast: Cast, start: datetime) -> None:
    way = Pathway(cast, start).packed().left()
    begin_write()
    transfer_services.set_hospital(cast.actor("carer"), way.ref, cast.places["hospital"].ref, way.now)
    db.session.commit()


def test_a_bag_of_no_journey_and_one_put_aside_come_to_the_list_in_time(app: Flask, cast: Cast) -> None:
    with app.app_context():
        way = Pathway(cast, NOW - timedelta(days=30)).packed()
        begin_write()
        transfer_services.stay_home(
            cast.actor("carer"), way.ref, why="Better", occurred_at=way.now, now=way.now
        )
        transfer_services.close(cast.actor("carer"), way.ref, bag_state="out", note="", now=way.now)
        db.session.commit()
        assert kinds(cast, "carer", way.now + timedelta(days=6, hours=23)) == []
        assert kinds(cast, "carer", way.now + timedelta(days=7)) == ["bag_not_back"]
        begin_write()
        way.transfer.bag.state = "quarantined"  # type: ignore[union-attr]
        db.session.commit()
        assert kinds(cast, "carer", way.now + timedelta(days=1)) == []
        assert kinds(cast, "carer", way.now + timedelta(days=2)) == ["bag_put_aside"]


def test_the_count_is_kept_a_moment_and_never_drawn_on_a_scanned_label(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        way = Pathway(cast, NOW - timedelta(days=3)).packed().left().after(hours=1).admitted()
        label = labels.current(way.transfer)
        assert label is not None
        address = f"/b/{labels.token_of(label)}"
    nurse, carer = visit("nurse"), visit("carer")
    for visitor, path in ((nurse, "/ward"), (carer, "/bags")):
        with counted(app, navigation=True) as first:
            visitor.open(path)
        with counted(app, navigation=True) as second:
            visitor.open(path)
        asked = [one for one in first if "attention_seen" in one]
        assert asked
        assert len([one for one in second if "attention_seen" in one]) < len(asked)
    visit("hospital_manager")
    app.extensions["attention"].clear()
    with counted(app, navigation=True) as scanned:
        assert "Agnes Obi" in nurse.open(address).text
    assert not [one for one in scanned if "attention_seen" in one]


def test_reads_do_not_grow_with_lines(app: Flask, cast: Cast) -> None:
    with app.app_context():
        Pathway(cast, NOW - timedelta(days=8)).packed().left().after(hours=1).admitted()
        with counted(app) as few:
            assert kinds(cast, "carer")
        begin_write()
        bags = [bag.id for bag in _more_journeys(cast, 6)]
        db.session.commit()
        assert len(bags) == 6
        with counted(app) as many:
            assert len(kinds(cast, "carer")) > 6
    assert len(many) == len(few)


def _more_journeys(cast: Cast, number: int) -> list[Organisation]:
    from redbag.models import Bag, Resident, Transfer

    home, hospital = cast.places["home"], cast.places["hospital"]
    made = []
    for one in range(number):
        resident = db.session.query(Resident).first()
        bag = Bag(home_id=home.id, number=f"1{one:02}", state="out", state_since=NOW)
        db.session.add(bag)
        db.session.flush()
        assert resident is not None
        db.session.add(
            Transfer(
                home_id=home.id,
                resident_id=resident.id,
                bag_id=bag.id,
                state="admitted",
                opened_at=NOW - timedelta(days=8),
                departed_at=NOW - timedelta(days=8),
                admitted_at=NOW - timedelta(days=8),
                hospital_id=hospital.id,
                facts={},
            )
        )
        made.append(bag)
    return made  # type: ignore[return-value]


def test_a_site_sets_its_clocks_and_sees_who_changed_them(app: Flask, cast: Cast, visit: Visit) -> None:
    manager = visit("manager")
    page = manager.open("/settings/clocks")
    assert 'value="48"' in page.response.text
    page = manager.press({"home_contact_hours": "80"})
    assert page.status == 422
    assert "This must come after" in page.text
    page = manager.press({"home_contact_hours": "12.5"})
    assert page.status == 422
    assert "write a whole number" in page.text
    page = manager.press({"home_contact_hours": "12", "packing_hours": "2"})
    assert page.path == "/attention"
    text = manager.open("/settings/clocks").text
    assert "Tom Price" in text
    assert "Still being packed: 4 hours, now 2" in text
    with app.app_context():
        home = db.session.get_one(Organisation, cast.places["home"].id)
        assert clocks.limits(home.thresholds)["home_contact_hours"] == 12
        assert db.session.query(SiteChange).count() == 1
        begin_write()
        with pytest.raises(Stale):
            site_settings.save_clocks(
                cast.actor("manager"), home.ref, clocks.limits({}), version=home.version - 1, now=NOW
            )
        with pytest.raises(NotFound):
            site_settings.save_clocks(
                cast.actor("hospital_manager"), home.ref, clocks.limits({}), version=home.version, now=NOW
            )
        db.session.rollback()
    # The hospital's own clocks, by its manager, and by the administrator.
    hospital = cast.places["hospital"].ref
    boss = visit("hospital_manager")
    assert "A bag on its way here" in boss.open("/settings/clocks").text
    assert "Still being packed" not in boss.page.text
    page = visit("administrator")
    page.open(f"/admin/sites/{hospital}/clocks")
    page.press({"coming_hours": "3"})
    assert "Ada Quinn" in boss.open("/settings/clocks").text
    assert visit("carer").open("/settings/clocks").status == 403
    with app.app_context():
        place = Place(cast.places["hospital"].id, OrganisationKind.HOSPITAL)
        _on_the_way(cast, NOW - timedelta(hours=4))
        assert [line.trouble.kind for line in attention.standing(place, NOW)] == ["coming"]


def test_where_a_site_is_told_by_e_mail(app: Flask, cast: Cast, visit: Visit) -> None:
    manager = visit("manager")
    page = manager.open("/settings/mail")
    assert "No e-mail leaves this installation yet." in page.text
    assert "Something at Rowan House needs a look" in page.text
    page = manager.press({"address": "office at rowan", "kinds": ["bag"]})
    assert page.status == 422
    assert "Write one e-mail address" in page.text
    page = manager.press({"address": "office@rowan.example", "kinds": []})
    assert "Choose at least one" in page.text
    page = manager.press({"address": "office@rowan.example", "kinds": ["bag", "person"]})
    assert "Saved. E-mail goes to office@rowan.example." in page.text
    assert "Address: none, now office@rowan.example" in page.text
    page = manager.press({"address": "", "kinds": ["bag"]})
    assert "Saved. No e-mail is sent." in page.text
    assert "Off: Nobody may know where the person is" in page.text
    with app.app_context(), pytest.raises(Invalid):
        site_settings.save_mail(
            cast.actor("manager"),
            cast.places["home"].ref,
            "a@b.example\nBcc: x@y.example",
            ["bag"],
            version=2,
            now=NOW,
        )
