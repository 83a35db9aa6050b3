"""What the home's manager says of things that never came back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.custody import Status, Step
from redbag.domain.errors import IllegalTransition, NotFound, NotPermitted
from redbag.models import ItemCheck, Stay, TransferEvent, TransferItem
from redbag.queries import custody, lost
from redbag.services import lost_things, stays
from redbag.services.stays import Leaving
from tests.cast import Cast
from tests.integration.found import the
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    """Went somewhere else without their dentures; closed, and nobody asked any more."""
    with app.app_context():
        made = Pathway(cast, datetime.now(UTC) - timedelta(days=200))
        made.packed().left().after(minutes=30).admitted().after(minutes=9)
        made.checked("nurse", Step.ADMISSION, dentures=Status.MISSING)
        begin_write()
        made.after(days=2)
        away = Leaving(bag="kept")
        stays.go_elsewhere(
            cast.actor("nurse"), made.transfer, made.known, destination="hospice", place="", leaving=away
        )
        db.session.commit()
        return made.after(days=1).closed("lost")


def _dentures() -> TransferItem:
    return the(TransferItem, description="Dentures, upper")


def test_it_stays_on_the_list_however_long_ago_until_it_is_found(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    manager = visit("manager")
    page = manager.open("/lost-belongings")
    assert "Dentures, upper, Agnes Obi" in page.text
    assert "Glasses" not in page.text
    page = manager.press({"note": "In the laundry"}, button="said=found")
    assert "Nothing is lost that is not settled." in page.text
    assert "Found: In the laundry" in page.text
    assert "Tom Price" in page.text
    assert "Dentures, upper: found after the journey" in manager.open(f"/transfers/{way.ref}").text
    assert "Found: Dentures, upper" in manager.page.text
    assert "In the laundry" in manager.page.text
    assert "Missing belonging" not in manager.page.text
    assert "missing: Dentures, upper" in manager.page.text  # what was recorded on the way stays


def test_settling_says_what_happened_and_the_loss_stays_in_the_history(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    manager = visit("manager")
    manager.open("/lost-belongings")
    page = manager.press({"note": " "}, button="said=settled")
    assert page.status == 422
    assert "Write what happened" in page.text
    page = manager.press({"note": "The hospital paid for new ones"}, button="said=settled")
    assert "Settled: The hospital paid for new ones" in page.text
    with app.app_context():
        picture = custody.picture(way.transfer)
        item = next(one for one in picture.items if one.item == _dentures().ref)
        assert item.status is Status.SETTLED
        assert item.lost is not None
        assert way.transfer.state == "closed"
        assert db.session.query(Stay).count() == 1
    page = manager.press({}, button="said=missing")
    assert "Back on the list of lost things." in page.text
    with app.app_context():
        assert [one.item.description for one in lost.standing(cast.actor("manager"))] == ["Dentures, upper"]
        assert db.session.query(ItemCheck).filter_by(step="afterwards").count() == 2
        assert db.session.query(TransferEvent).filter_by(action="settle_lost").count() == 2


def test_only_the_homes_manager_and_each_thing_once(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    for part in ("carer", "nurse", "hospital_manager", "outsider"):
        assert visit(part).open("/lost-belongings").status == 403
    with app.app_context():
        ref, now = _dentures().ref, datetime.now(UTC)
        manager = cast.actor("manager")

        def say(said: str, part: str = "manager", item: str = ref) -> None:
            begin_write()
            lost_things.answer(cast.actor(part), way.ref, item, said, note="So", now=now)
            db.session.commit()

        with pytest.raises(NotPermitted):
            say("found", "carer")
        with pytest.raises(NotFound):
            say("found", "outsider")
        with pytest.raises(NotFound):
            say("present")
        with pytest.raises(IllegalTransition):
            say("missing")  # it has not been answered yet
        say("found")
        with pytest.raises(IllegalTransition):
            say("settled")
        assert lost.standing(manager) == []


def test_a_second_manager_is_told_that_it_was_answered(app: Flask, visit: Visit, way: Pathway) -> None:
    one, other = visit("manager"), visit("manager")
    one.open("/lost-belongings")
    other.open("/lost-belongings")
    one.press({"note": "Paid"}, button="said=settled")
    page = other.press({"note": ""}, button="said=found")
    assert "somebody else has answered meanwhile" in page.text
    assert "Settled: Paid" in page.text


def test_nothing_can_be_said_while_the_journey_is_open(app: Flask, cast: Cast) -> None:
    with app.app_context():
        open_way = Pathway(cast, datetime.now(UTC) - timedelta(days=2))
        open_way.packed().left().after(minutes=30).admitted().after(minutes=9)
        open_way.checked("nurse", Step.ADMISSION, dentures=Status.MISSING)
        assert lost.standing(cast.actor("manager")) == []
        begin_write()
        with pytest.raises(IllegalTransition):
            lost_things.answer(
                cast.actor("manager"), open_way.ref, _dentures().ref, "found", note="", now=open_way.now
            )
        db.session.rollback()


def test_each_line_says_between_which_checks_and_who_held_the_bag(visit: Visit, way: Pathway) -> None:
    text = visit("manager").open("/lost-belongings").text
    tally, line = text.split("Dentures, upper", 1)
    assert "Where things get lost Between " in tally
    assert tally.rstrip().endswith(": 1")
    assert "Lost between " in line
    assert "St Brannock’s" in line
    assert "was with: " in line
    assert "Missing for 200 days." in line or "Missing for 199 days." in line
