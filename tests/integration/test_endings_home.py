"""Every other ending, as the home closes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.custody import Status, Step
from redbag.domain.london_time import format_moment
from redbag.models import Bag, Label, Resident, Transfer, TransferEvent
from tests.cast import Cast
from tests.integration.pathway import Pathway
from tests.integration.sending import begun
from tests.visitor import Visitor, moment

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    with app.app_context():
        return Pathway(cast, datetime.now(UTC) - timedelta(days=2))


def test_not_taken_to_hospital_is_unpacked_and_closed(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/not-taken")
    page = carer.press({"why": ""})
    assert page.status == 422
    assert "Say why they were not taken." in page.text
    page = carer.press({"why": "Treated here"})
    assert page.heading == "Close the journey"
    assert carer.press().status == 422  # where is the bag?
    carer.press({"bag_state": "in_stock"})
    with app.app_context():
        transfer = db.session.query(Transfer).one()
        assert (transfer.state, transfer.bag.state) == ("closed", "in_stock")
        assert db.session.query(Resident).one().left_on is None


def test_opened_in_error_needs_a_reason_and_frees_the_bag(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/opened-in-error")
    assert carer.press().status == 422
    page = carer.press({"why": "Wrong resident"})
    assert "Bag 012 is back in stock." in page.text
    assert "Nobody is out." in page.text
    with app.app_context():
        assert db.session.query(Bag).one().state == "in_stock"
        assert db.session.query(Label).filter_by(revoked_at=None).count() == 0
    assert "Opened in error" in carer.open("/transfers/closed").text


def test_after_departure_it_can_no_longer_be_an_error(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed().left()
    assert visit("carer").open(f"/transfers/{way.ref}/opened-in-error").status == 409


def test_a_death_told_by_telephone_stops_reminders_and_signs_belongings_out(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left().after(minutes=30).admitted()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/tell/died")
    assert carer.page.heading == "They have died"
    page = carer.press({"told_by": "Dr Shah"})
    assert page.status == 422
    assert "next of kin" in page.text
    page = carer.press({"kin_told": "The ward rang the daughter"})
    assert page.status == 422  # the moment is never taken from the clock
    assert "Write the day and the time, as the ward told you." in page.text
    died_at = datetime.now(UTC) - timedelta(hours=5)
    page = carer.press(moment("occurred_at", died_at))
    assert page.heading == "Died"
    assert "Recorded. We are sorry." in page.text
    assert f"Bag 012: in the hospital. Since {format_moment(died_at)}" in page.text
    assert "Ring the ward" not in page.text
    carer.open(f"/transfers/{way.ref}/close")
    page = carer.press({"bag_state": "out"})
    assert page.status == 422
    assert "who has the belongings" in page.text
    carer.press({"signed_out": "Daughter, Ruth Obi"})
    with app.app_context():
        resident = db.session.query(Resident).one()
        assert resident.left_why == "died"
        closing = db.session.query(TransferEvent).filter_by(action="close").one()
        assert closing.data["signed_out"] == "Daughter, Ruth Obi"
    assert "belongings with: Daughter, Ruth Obi" in carer.open(f"/transfers/{way.ref}").text


def test_closing_with_something_missing_asks_and_the_manager_goes_on_seeing_it(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left().after(minutes=30).admitted().after(minutes=9)
        way.checked("nurse", Step.ADMISSION, dentures=Status.MISSING)
    carer, manager = visit("carer"), visit("manager")
    carer.open(f"/transfers/{way.ref}/tell/elsewhere")
    carer.press({"destination": "hospice", "bag": "kept", "told_by": "Sister May"})
    page = carer.open(f"/transfers/{way.ref}/close")
    assert "1 thing is still missing: Dentures, upper" in page.text
    typed = {"signed_out": "With her", "bag_state": "out", "still_lives_here": "yes"}
    page = carer.press(typed)
    assert page.status == 422
    assert "Say whether you keep looking, or accept as lost." in page.text
    assert "not settled" not in manager.open("/transfers").text
    assert "Lost belongings" not in carer.press(button="lost=keep_looking").text
    page = carer.open(f"/transfers/{way.ref}")
    assert "Keep looking; missing: Dentures, upper" in page.text
    assert "Dentures, upper: missing" in page.text
    assert "Lost belongings: 1 not settled" in manager.open("/transfers").text


@pytest.mark.parametrize(("answer", "left"), [("yes", ""), ("no", "moved")])
def test_gone_somewhere_else_asks_whether_they_will_come_back(
    app: Flask, visit: Visit, way: Pathway, answer: str, left: str
) -> None:
    with app.app_context():
        way.packed().left().after(minutes=30).admitted()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/tell/elsewhere")
    carer.press({"destination": "hospice", "to": "St Luke’s", "bag": "kept", "told_by": "Sister May"})
    assert carer.page.heading == "Gone somewhere else"
    carer.open(f"/transfers/{way.ref}/close")
    assert "St Luke’s" in carer.page.text
    typed = {"signed_out": "With her", "bag_state": "out", "still_lives_here": answer}
    assert carer.press(typed).path == "/transfers"
    with app.app_context():
        assert db.session.query(Resident).one().left_why == left


def test_closed_journeys_come_a_page_at_a_time(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/opened-in-error")
    carer.press({"why": "Wrong resident"})
    assert "1 journey, newest first." in carer.open("/transfers/closed").text
    assert "No journey is over yet" in visit("outsider").open("/transfers/closed").text
    assert carer.open(f"/transfers/{way.ref}").heading == "Opened in error"


def test_nothing_is_unpacked_where_nothing_was_packed(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    assert f"{path}/opened-in-error" in carer.page.links().values()  # the way out stands on every page
    carer.open(f"{path}/not-taken")
    page = carer.press({"why": "Treated here"})
    assert page.heading == "Close the journey"
    assert "Unpack" not in page.text


def test_closing_says_all_that_is_missing_at_once(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed().left().after(minutes=30).admitted().after(minutes=9)
        way.checked("nurse", Step.ADMISSION, dentures=Status.MISSING)
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/tell/elsewhere")
    carer.press({"destination": "hospice", "bag": "kept", "told_by": "Sister May"})
    carer.open(f"/transfers/{way.ref}/close")
    page = carer.press()
    assert page.status == 422
    for sentence in (
        "Write who has the belongings, or where they are kept.",
        "Say where the bag is now.",
        "Say whether they will come back to live here.",
        "Say whether you keep looking, or accept as lost.",
    ):
        assert sentence in page.text


def test_a_death_says_all_that_is_missing_at_once(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed().left().after(minutes=30).admitted()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/tell/died")
    page = carer.press()
    for sentence in ("Write who told you.", "next of kin", "Write the day and the time"):
        assert sentence in page.text
