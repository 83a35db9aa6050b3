"""The pages of a bag that reaches the hospital before the home has pressed "Handed to crew"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.models import TransferEvent
from redbag.services import transfers
from tests.cast import Cast
from tests.integration.walk import Walk
from tests.visitor import Visitor, moment

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
TROUBLE = "Arrived; handover to the crew was not recorded: complete it"


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Packed, neither printed nor handed over."""
    return Walk(app, cast).to("packed")


def printed(way: Walk) -> None:
    carer = way.cast.actor("carer")
    way.write(lambda: transfers.ready_to_print(carer, way.ref, way.way.now))


def arrival(way: Walk, visit: Visit) -> datetime:
    """The nurse's scan and tap."""
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}")
    nurse.press(action=f"/b/{way.token}/arrive")
    return way.fact("arrived_at")


def test_the_nurse_records_the_arrival_at_that_minute(way: Walk, visit: Visit) -> None:
    printed(way)
    nurse = visit("nurse")
    page = nurse.open(f"/b/{way.token}")
    assert page.heading == "Agnes Obi"
    assert "The home has not pressed “Handed to crew” yet. If they are here, record it now" in page.text
    assert "This is the person: arrived" in page.text
    assert "Not this person" in page.text
    assert page.links()["Admit"] == f"/b/{way.token}/admit"
    page = nurse.press(action=f"/b/{way.token}/arrive")
    assert page.text.startswith("Arrived")
    assert "Admit to this ward" in page.text
    assert way.fact("departed_at") is None


def test_the_nurse_admits_at_that_minute(way: Walk, cast: Cast, visit: Visit) -> None:
    printed(way)
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}/admit")
    page = nurse.press({"ward": cast.places["hospital"].wards["Willow"]}, button="at_once=1")
    assert "Admitted. The home sees it on its board." in page.text
    assert (way.fact("state"), way.fact("departed_at")) == ("admitted", None)


def test_without_a_pack_the_arrival_shows_who_it_is_and_claims_no_check(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    page = nurse.open(f"/b/{way.token}")
    assert page.heading == "Rowan House has not made the pack yet"
    assert "Agnes" not in page.text
    page = nurse.press(action=f"/b/{way.token}/arrive", button="unseen=1")
    assert page.heading == "Agnes Obi"
    assert "Not this person" in page.text
    data = way.look(lambda: db.session.query(TransferEvent).filter_by(action="arrive").one().data)
    assert data["version"] == 1
    assert "identity" not in data


def test_the_home_completes_the_handover(way: Walk, visit: Visit) -> None:
    arrived = arrival(way, visit)
    carer = visit("carer")
    page = carer.open("/transfers")
    assert TROUBLE in page.text
    address = page.links()["Complete the handover: Agnes Obi"]
    page = carer.open(address)
    assert page.heading == "When did the crew take them?"
    page = carer.press({"crew": "B412"})
    assert page.status == 422
    assert "Write the day and the time, or say that the time is not known." in page.text
    page = carer.press(moment("occurred_at", arrived + timedelta(days=1)))
    assert page.status == 422
    assert "the crew took them before that" in page.text
    page = carer.press(moment("occurred_at", arrived - timedelta(minutes=12)))
    assert page.status == 200
    assert "The handover is complete." in page.text
    assert "crew B412" in page.text
    assert "Left the homeNot recorded" not in page.text
    assert TROUBLE not in page.text
    assert carer.open(address).path == f"/transfers/{way.ref}"  # nothing left to complete


def test_the_home_says_that_nobody_knows_when(way: Walk, visit: Visit) -> None:
    arrival(way, visit)
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/late-handover")
    page = carer.press({"crew": "B412"}, button="not_known=yes")
    assert TROUBLE not in page.text
    assert "Left the homeNot recorded" in page.text
    assert "time not known" in page.text


def test_a_handover_page_that_stood_open_loses_nothing(way: Walk, visit: Visit) -> None:
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/handover")
    arrived = arrival(way, visit)
    page = carer.press({"crew": "B412"}, button="identity=yes")
    assert page.status == 409
    assert page.heading == "When did the crew take them?"
    assert "They have arrived already." in page.text
    page = carer.press(moment("occurred_at", arrived - timedelta(minutes=5)))
    assert "crew B412" in page.text
    assert way.fact("state") == "arrived"


def test_an_arrival_taken_back_returns_to_packing(way: Walk, visit: Visit) -> None:
    arrival(way, visit)
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}")
    event = way.look(lambda: db.session.query(TransferEvent).filter_by(action="arrive").one().ref)
    page = nurse.press(action=f"/ward/transfers/{way.ref}/steps/{event}/undo")
    assert page.status == 200
    assert "They are now “Being packed”." in page.text
    page = visit("carer").open(f"/transfers/{way.ref}")
    assert page.heading == "Being packed"
    assert TROUBLE not in page.text
    assert "They are here" not in page.text
    assert "This is the person: arrived" in nurse.open(f"/b/{way.token}").text


def test_the_home_itself_tells_no_arrival_while_it_packs(way: Walk, visit: Visit) -> None:
    carer = visit("carer")
    page = carer.open(f"/transfers/{way.ref}")
    assert "Record what the hospital told you" not in page.text
    assert "Back home" not in page.links()
    assert carer.open(f"/transfers/{way.ref}/tell/arrived").status == 409
