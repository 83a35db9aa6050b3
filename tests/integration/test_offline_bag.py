"""A bag that a tablet named and that cannot be taken: what was typed beside it is kept, and the bag stays
asked about until its person, or the home, has said which one it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import db
from redbag.domain.bag_states import BagState
from redbag.models import Bag, BagEvent, Label, Transfer, TransferItem
from redbag.queries import packs
from redbag.services import bags, blank_labels, labels
from tests.cast import Cast
from tests.integration import household
from tests.integration.tablet import Sender
from tests.integration.walk import Walk
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOT_KNOWN = "Red bag: not known yet which one it is"
THING = {"lines": "1", "thing-0-name": "Glasses", "thing-0-on": "yes", "thing-0-carried": "worn"}


@pytest.fixture
def walk(app: Flask, cast: Cast) -> Walk:
    made = Walk(app, cast, hours=70 * 24)
    with app.app_context():
        household.bag(cast, "101")
        household.bag(cast, "102")
    return made


@pytest.fixture
def tablet(app: Flask, cast: Cast) -> Sender:
    return Sender(cast.browser(app, "carer"))


@pytest.fixture
def path(walk: Walk, tablet: Sender) -> str:
    return tablet.sends_off(walk.way.resident_ref)


def the_transfer() -> Transfer:
    return db.session.scalars(select(Transfer)).one()


def bag_of(walk: Walk) -> str | None:
    return walk.look(lambda: the_transfer().bag and the_transfer().bag.number)


def gaps(walk: Walk) -> tuple[str, ...]:
    """What the pack as the hospital sees it says is missing."""
    newest = walk.look(lambda: packs.latest(the_transfer().id))
    assert newest is not None
    return newest.gaps


def say_of(cast: Cast, number: str, state: BagState) -> None:
    """What the home wrote down of a bag."""
    bag = db.session.scalars(select(Bag).filter_by(number=number)).one()
    bags.change_state(cast.actor("manager"), bag, state, "", datetime.now(UTC))


def leaves_with(tablet: Sender, path: str, number: str) -> dict[str, object]:
    """What the tablet was told of its belongings; then the crew takes them."""
    (agnes,) = tablet.client.get("/offline/copy").get_json()["residents"]
    things = THING | {"seen": agnes["journey"]["seen"]["belongings"], "bag": number}
    told = tablet.send(f"{path}/belongings", things, minutes_ago=105)
    assert tablet.send(f"{path}/handover", {"identity": "yes", "crew": "B412"}, minutes_ago=100)["done"]
    return told


def test_the_belongings_do_not_wait_for_a_bag_that_is_refused(walk: Walk, tablet: Sender, path: str) -> None:
    told = leaves_with(tablet, path, "777")
    assert (told["done"], told["bag"], told["which"]) == (
        True,
        "777",
        "Which red bag: Agnes Obi. Bag 777",
    )
    assert walk.look(lambda: db.session.scalars(select(TransferItem.description)).all()) == ["Glasses"]
    assert NOT_KNOWN in gaps(walk)
    page = tablet.client.get(path).text
    assert "Bag not known yet" in page
    assert "Bag 777 was typed on a tablet" in page
    asked = tablet.send(f"{path}/bag", {"bag": "777"}, key="k1-bag", minutes_ago=105)
    assert (asked["status"], asked["conflict"]) == (
        422,
        [{"label": "Red bag", "now": "No bag", "typed": "Bag 777"}],
    )
    assert "Your home has no bag 777" in str(asked["problems"])


def test_it_is_settled_once_they_have_left_and_the_label_on_it_stays(
    walk: Walk, cast: Cast, tablet: Sender, path: str
) -> None:
    code = walk.write(
        lambda: labels.code_of(blank_labels.make(cast.actor("carer"), 1, "", datetime.now(UTC))[0])
    )
    assert tablet.send(f"{path}/label", {"label_code": code, "identity": "yes"})["done"]
    leaves_with(tablet, path, "777")
    typed = {"bag": "777"}
    tablet.send(f"{path}/bag", typed, key="k1-bag", minutes_ago=105)
    visitor = Visitor(tablet.client)
    elsewhere = f"/offline/settled?key=of-nobody&bag_of={path.rsplit('/', maxsplit=1)[-1]}"
    assert tablet.client.get(elsewhere).get_json()["answered"] is False
    fields = typed | tablet.beside(105, "k1-bag") | {"settling": "1"}
    visitor.post(f"{path}/bag", list(fields.items()))
    assert (visitor.page.status, visitor.page.heading) == (422, "Which red bag went along?")
    visitor.press(button="bag_choice=101")
    assert visitor.page.path == path
    assert "Bag 101 went along." in visitor.page.text
    assert bag_of(walk) == "101"
    assert NOT_KNOWN not in gaps(walk)
    assert tablet.client.get("/offline/settled?key=k1-bag").get_json()["answered"] is True
    assert tablet.client.get(elsewhere).get_json() == {"answered": True, "location": path}
    assert tablet.client.get("/offline/settled?key=of-nobody&bag_of=none").get_json()["answered"] is False
    moved = walk.look(
        lambda: db.session.scalars(
            select(BagEvent.occurred_at).where(BagEvent.state == "out", BagEvent.transfer_id.is_not(None))
        ).one()
    )
    assert 100 < (datetime.now(UTC) - moved).total_seconds() / 60 < 110 or moved == walk.look(
        lambda: db.session.scalars(select(BagEvent.occurred_at).order_by(BagEvent.id)).first()
    ), "when it was taken, never before it was there"
    (label,) = walk.look(lambda: db.session.scalars(select(Label).where(Label.revoked_at.is_(None))).all())
    assert (label.serial, label.bag_id is not None) == (1, True)


@on_sqlite
def test_anybody_of_the_home_can_say_which_bag_it_was_or_that_there_was_none(
    walk: Walk, cast: Cast, app: Flask, tablet: Sender, path: str
) -> None:
    leaves_with(tablet, path, "777")
    manager = Visitor(cast.browser(app, "manager"))
    manager.open(f"{path}/finish")
    assert manager.page.links()[NOT_KNOWN] == f"{path}/bag?then=finish"
    manager.open(f"{path}/bag")
    manager.press({"bag": "778"})
    assert manager.page.status == 422
    assert "Your home has no bag 778" in manager.page.text
    manager.press(button="bag_choice=none")
    assert "No bag went along." in manager.page.text
    assert bag_of(walk) is None
    assert NOT_KNOWN not in gaps(walk)
    assert "Bag not known yet" not in tablet.client.get(path).text
    assert tablet.client.get(f"{path}/bag").headers["Location"] == path, "nobody is asked twice"


@on_sqlite
def test_while_they_are_still_here_the_bag_of_ready_answers_it(walk: Walk, tablet: Sender, path: str) -> None:
    told = tablet.send(f"{path}/ready", {"hospital": "", "bag": "777"}, minutes_ago=101)
    assert (told["done"], told["bag"]) == (True, "777")
    assert tablet.client.get(f"{path}/bag").headers["Location"] == f"{path}/ready"
    told = tablet.send(f"{path}/ready", {"hospital": "", "bag": "101"}, minutes_ago=100)
    assert told["done"] and "bag" not in told
    assert bag_of(walk) == "101"


@on_sqlite
def test_a_known_bag_is_never_changed_by_a_late_word(walk: Walk, tablet: Sender, path: str) -> None:
    assert tablet.send(f"{path}/ready", {"hospital": "", "bag_choice": "101"})["done"]
    assert tablet.send(f"{path}/handover", {"identity": "yes", "crew": ""}, minutes_ago=100)["done"]
    told = tablet.send(f"{path}/bag", {"bag": "102"}, minutes_ago=99)
    assert (told["status"], told["conflict"][0]["now"]) == (422, "Bag 101")
    assert tablet.send(f"{path}/bag", {"bag": "101"}, minutes_ago=98)["done"]
    taken = select(Bag.number).where(Bag.state == "out")
    assert walk.look(lambda: db.session.scalars(taken).all()) == ["101"]


@on_sqlite
def test_an_older_program_is_refused_as_before(walk: Walk, tablet: Sender, path: str) -> None:
    """It would take "done" for the whole, and nobody would ask about the bag again."""
    told = tablet.send(f"{path}/ready", {"hospital": "", "bag": "777"}, program="1")
    assert (told["done"], told["status"]) == (False, 422)


@on_sqlite
def test_a_bag_that_went_though_it_was_to_be_cleaned_is_asked_about_once(
    walk: Walk, cast: Cast, tablet: Sender, path: str
) -> None:
    """It is in the ambulance, whatever the list says: nobody is left with "no bag" to press."""
    walk.write(lambda: say_of(cast, "101", BagState.TO_CLEAN))
    assert leaves_with(tablet, path, "101")["bag"] == "101"
    visitor = Visitor(tablet.client)
    visitor.open(f"{path}/bag")
    visitor.press({"bag": "101"})
    assert visitor.page.status == 422
    asked = "Bag 101 is written down as: to be cleaned. If it did go along, save once more."
    assert asked in visitor.page.text
    assert bag_of(walk) is None
    visitor.press({"bag": "101"})
    assert "Bag 101 went along." in visitor.page.text
    assert bag_of(walk) == "101"
    assert walk.look(lambda: db.session.scalars(select(Bag.state).filter_by(number="101")).one()) == "out"


@on_sqlite
def test_another_number_after_the_question_is_asked_about_anew(
    walk: Walk, cast: Cast, tablet: Sender, path: str
) -> None:
    for number in ("101", "102"):
        walk.write(lambda number=number: say_of(cast, number, BagState.QUARANTINED))
    leaves_with(tablet, path, "777")
    visitor = Visitor(tablet.client)
    visitor.open(f"{path}/bag")
    visitor.press({"bag": "101"})
    visitor.press({"bag": "102"})
    assert "Bag 102 is written down as: quarantined." in visitor.page.text
    assert bag_of(walk) is None


@on_sqlite
def test_a_bag_that_is_out_with_somebody_else_is_refused_however_often(
    walk: Walk, cast: Cast, tablet: Sender, path: str
) -> None:
    walk.write(lambda: say_of(cast, "102", BagState.OUT))
    leaves_with(tablet, path, "777")
    visitor = Visitor(tablet.client)
    visitor.open(f"{path}/bag")
    for _ in range(2):
        visitor.press({"bag": "102"})
        assert "Bag 102 is not in stock: it is out with somebody else." in visitor.page.text
    assert bag_of(walk) is None
