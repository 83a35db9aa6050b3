"""Red bags in the home's keeping."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from redbag.database import begin_write, db
from redbag.domain.bag_states import BagAct
from redbag.domain.errors import IllegalTransition, Invalid, NotFound, NotPermitted, Stale
from redbag.models import Bag, BagEvent, Resident, Transfer
from redbag.queries import bags
from redbag.services import bags as services
from redbag.services import labels, transfers
from tests.cast import Cast
from tests.integration import household
from tests.integration.household import QUIET_MORNING, SCRIPT
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def add(cast: Cast, number: str, state: str = "in_stock", *, place: str = "home") -> str:
    begin_write()
    bag = services.add(cast.actor("administrator"), cast.places[place].id, number, QUIET_MORNING)
    if state != "in_stock":
        services.change_state(cast.actor("administrator"), bag, state, "", QUIET_MORNING)
    ref = bag.ref
    db.session.commit()
    return ref


def test_a_bag_is_added_once_by_those_who_may(app: Flask, cast: Cast) -> None:
    home = cast.places["home"].id
    with app.app_context():
        begin_write()
        services.add(cast.actor("manager"), home, " 012 ", QUIET_MORNING)
        services.add(cast.actor("administrator"), home, "A7", QUIET_MORNING)
        for number, sentence in (
            ("12", "There is already a bag 012."),
            ("a7", "There is already a bag A7."),
            ("", "Write the number"),
            ("12345678901", "at most 10"),
            ("<b>", "letters and digits"),
        ):
            with pytest.raises(Invalid, match=sentence):
                services.add(cast.actor("manager"), home, number, QUIET_MORNING)
        for part in ("carer", "outsider", "nurse", "oversight"):
            with pytest.raises(NotPermitted):
                services.add(cast.actor(part), home, "99", QUIET_MORNING)
        # Another home may have the same number.
        services.add(cast.actor("administrator"), cast.places["other_home"].id, "12", QUIET_MORNING)
        assert [b.number for b in bags.in_stock(cast.actor("carer"))] == ["A7", "012"]


def test_every_move_leaves_its_history(app: Flask, cast: Cast) -> None:
    carer = cast.actor("carer")
    with app.app_context():
        ref = add(cast, "012", "to_clean")
        begin_write()
        for act, note, state in (
            (BagAct.CLEANED, "", "in_stock"),
            (BagAct.QUARANTINE, "C. difficile", "quarantined"),
            (BagAct.CLEANED, "", "in_stock"),
            (BagAct.LOSE, "Not seen since Willow", "lost"),
            (BagAct.FIND, "", "to_clean"),
            (BagAct.DESTROY, "Torn", "destroyed"),
            (BagAct.FIND, "It was another one", "to_clean"),
        ):
            version = bags.get(carer, ref).version
            bag = services.say(carer, ref, act, note=note, version=version, now=QUIET_MORNING)
            assert (bag.state, bag.note) == (state, note)
        told = [(e.state, e.note, e.actor_name) for e in bags.history(bag)]
        assert told[0] == ("to_clean", "It was another one", "Joy Adeyemi")
        assert told[-1] == ("in_stock", "", "Ada Quinn")
        assert len(told) == 9


def test_a_move_that_does_not_follow_is_refused(app: Flask, cast: Cast) -> None:
    carer = cast.actor("carer")
    with app.app_context():
        ref = add(cast, "012")
        version = bags.get(carer, ref).version
        with pytest.raises(IllegalTransition, match="this bag is now “In stock”"):
            services.say(carer, ref, BagAct.CLEANED, note="", version=version, now=QUIET_MORNING)
        with pytest.raises(Invalid, match="Say in a few words why"):
            services.say(carer, ref, BagAct.LOSE, note=" ", version=version, now=QUIET_MORNING)
        with pytest.raises(Stale):
            services.say(carer, ref, BagAct.LOSE, note="x", version=version + 1, now=QUIET_MORNING)


def test_a_bag_on_a_journey_comes_home_by_it(app: Flask, cast: Cast) -> None:
    carer = cast.actor("carer")
    with app.app_context():
        ref = add(cast, "012", "out")
        _journey(cast, ref)
        bag = bags.get(carer, ref)
        with pytest.raises(IllegalTransition):
            services.say(carer, ref, BagAct.FIND, note="", version=bag.version, now=QUIET_MORNING)
        services.say(carer, ref, BagAct.LOSE, note="Not on the ward", version=bag.version, now=QUIET_MORNING)
        services.say(carer, ref, BagAct.FIND, note="", version=bag.version, now=QUIET_MORNING)
        assert bag.state == "out"


@on_sqlite
def test_the_page_says_where_each_bag_is(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        out = add(cast, "10", "out")
        add(cast, "2", "to_clean")
        add(cast, "3")
        add(cast, "77", place="other_home")
        journey = _journey(cast, out)
    visitor = visit("carer")
    page = visitor.open("/bags")
    # First what is out, then what waits for somebody, then what hangs on its hook.
    assert page.text.index("Bag 010") < page.text.index("Bag 002") < page.text.index("Bag 003")
    assert "Out: 1. To be cleaned: 1. On their hooks: 1." in page.text
    assert "No day of return yet" in page.text
    assert "77" not in page.text
    assert "Joan Smith: admitted, St Brannock’s Hospital" in page.text
    assert page.links()["Joan Smith: admitted, St Brannock’s Hospital"] == f"/transfers/{journey}"
    # A carer cannot add one, a manager can; the next number is proposed.
    assert "Add the bag" not in page.text
    manager = visit("manager")
    page = manager.open("/bags")
    assert 'value="011"' in page.response.text
    page = manager.press({"number": "12"}, action="/bags")
    assert "Bag 012: added, in stock." in page.text


@on_sqlite
def test_since_is_when_it_came_to_that_state(app: Flask, cast: Cast) -> None:
    carer, later = cast.actor("carer"), QUIET_MORNING + timedelta(days=1)
    with app.app_context():
        ref = add(cast, "012", "to_clean")
        begin_write()
        bag = bags.get(carer, ref)
        services.change_state(carer, bag, "to_clean", "Still wet", later)
        assert (bag.state_since, bag.note) == (QUIET_MORNING, "Still wet")
        services.change_state(carer, bag, "in_stock", "", later)
        assert bag.state_since == later
        db.session.commit()


@on_sqlite
def test_a_person_who_is_back_home_is_in_no_hospital(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = add(cast, "012", "out")
        _journey(cast, ref, state="back_home")
    carer = visit("carer")
    for path in ("/bags", f"/bags/{ref}"):
        page = carer.open(path)
        assert "Joan Smith: back home" in page.text
        assert "St Brannock’s" not in page.text


@on_sqlite
@pytest.mark.parametrize(("act", "word"), [("lose", "lost"), ("destroy", "destroyed")])
def test_a_journey_goes_on_without_a_bag_that_is_gone(
    app: Flask, cast: Cast, visit: Visit, act: str, word: str
) -> None:
    with app.app_context():
        way = Pathway(cast, datetime.now(UTC) - timedelta(days=2)).packed().left().admitted()
        bag, journey = way.transfer.bag, way.ref
        assert bag is not None
        bag_ref, number, label = bag.ref, bag.number, labels.current(way.transfer)
        assert label is not None
        address = f"/b/{labels.token_of(label)}"
    carer, nurse = visit("carer"), visit("nurse")
    assert "With Agnes Obi: admitted" in carer.open(f"/bags/{bag_ref}").text
    assert "It went with Agnes Obi." in carer.open(f"/bags/{bag_ref}/say/{act}").text
    page = carer.press({"note": "Left in the ambulance"})
    assert "The journey of Agnes Obi goes on without it." in page.text
    assert "Went with Agnes Obi: admitted" in page.text
    said = re.compile(rf"Bag {number}: {word} on \w{{3}} \d+ \w{{3}} \d{{4}}")
    for path in ("/transfers", f"/transfers/{journey}"):
        assert said.search(carer.open(path).text)
    # A lost bag may be found by anybody: its label opens nothing now, and another one stands by.
    assert ("Agnes Obi" in nurse.open(address).text) is (act == "destroy")
    with app.app_context():
        assert labels.current(db.session.query(Transfer).filter_by(ref=journey).one()) is not None
    assert "Is the red bag here?" not in carer.open(f"/transfers/{journey}/receive").text


@on_sqlite
@pytest.mark.parametrize(("act", "kept"), [(BagAct.LOSE, "lost"), (BagAct.DESTROY, "destroyed")])
def test_closing_and_cancelling_do_not_bring_a_bag_back(
    app: Flask, cast: Cast, visit: Visit, act: BagAct, kept: str
) -> None:
    with app.app_context():
        way = Pathway(cast, datetime.now(UTC) - timedelta(days=2)).packed().left()
        bag = way.transfer.bag
        assert bag is not None
        begin_write()
        services.say(cast.actor("carer"), bag.ref, act, note="Torn", version=bag.version, now=way.now)
        begun = transfers.stay_home(
            cast.actor("carer"), way.ref, why="Better", occurred_at=way.now, now=way.now
        )
        db.session.commit()
        bag_ref, journey = bag.ref, begun.ref
    carer = visit("carer")
    page = carer.open(f"/transfers/{journey}/close")
    assert f"{kept} on" in page.text
    assert ("Where is the bag now?" in page.text) is (kept == "lost")
    carer.press()
    with app.app_context():
        assert db.session.query(Bag).filter_by(ref=bag_ref).one().state == kept


@on_sqlite
def test_a_bag_destroyed_while_it_is_packed_gives_way_to_another(app: Flask, cast: Cast) -> None:
    carer = cast.actor("carer")
    with app.app_context():
        way = Pathway(cast, QUIET_MORNING).packed()
        bag = way.transfer.bag
        assert bag is not None
        begin_write()
        services.say(carer, bag.ref, BagAct.DESTROY, note="Torn", version=bag.version, now=way.now)
        assert way.transfer.bag is None
        assert labels.current(way.transfer) is None
        transfers.cancel(carer, way.ref, why="Wrong person", now=way.now)
        db.session.commit()
        assert bags.get(carer, bag.ref).state == "destroyed"


@on_sqlite
def test_cleaned_is_one_tap(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = add(cast, "012", "to_clean")
    visitor = visit("carer")
    visitor.open("/bags")
    page = visitor.press(action=f"/bags/{ref}", button="act=cleaned")
    assert "Bag 012: in stock." in page.text


@on_sqlite
def test_a_bag_page_keeps_the_note_when_something_is_wrong(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = add(cast, "012")
    visitor = visit("carer")
    visitor.open(f"/bags/{ref}/say/lose")
    page = visitor.press({"note": SCRIPT + "x" * 300})
    assert page.status == 422
    assert "Use at most 300 characters." in page.text
    assert "&lt;script&gt;" in page.response.text
    page = visitor.press({"note": ""})
    assert page.status == 422
    assert "Say in a few words why: lost." in page.text
    page = visitor.press({"note": SCRIPT})
    assert page.path == "/bags"
    for shown in (page, visitor.open(f"/bags/{ref}")):
        assert SCRIPT not in shown.response.text
        assert "&lt;script&gt;" in shown.response.text


@on_sqlite
def test_another_homes_bag_is_not_found(app: Flask, cast: Cast) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        ref = add(cast, "012", "to_clean")
        with pytest.raises(NotFound):
            bags.get(cast.actor("outsider"), ref)
    for part, status in {"outsider": 404, "nurse": 403, "administrator": 403, "oversight": 403}.items():
        client = cast.browser(app, part)
        assert client.get(f"/bags/{ref}").status_code == status
        sent = {"act": "cleaned", "version": "2"}
        assert client.post(f"/bags/{ref}", data=sent).status_code == status
    assert cast.browser(app, "carer").post("/bags", data={"number": "5"}).status_code == 403
    with app.app_context():
        assert db.session.query(Bag).one().state == "to_clean"
        assert db.session.query(BagEvent).count() == 2


def _journey(cast: Cast, bag_ref: str, state: str = "admitted") -> str:
    ref = household.add(cast, "Joan", "Smith")
    resident = db.session.query(Resident).filter_by(ref=ref).one()
    bag = db.session.query(Bag).filter_by(ref=bag_ref).one()
    transfer = Transfer(
        home_id=resident.home_id,
        resident_id=resident.id,
        bag_id=bag.id,
        state=state,
        opened_at=QUIET_MORNING,
        hospital_id=cast.places["hospital"].id,
    )
    db.session.add(transfer)
    db.session.commit()
    return transfer.ref


def test_blank_packs_for_a_power_cut_are_offered_and_name_the_home(visit: Visit) -> None:
    carer = visit("carer")
    links = carer.open("/bags").links()
    paper = carer.client.get(links["Print blank packs for a power cut, opens in a new window"])
    assert paper.mimetype == "application/pdf"
    assert "Rowan House" in PdfReader(io.BytesIO(paper.data)).pages[0].extract_text()
    assert visit("nurse").open("/bags/blank-pack.pdf").status == 403
