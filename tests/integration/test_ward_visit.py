"""A visit without admission: attended and sent back, with the shortest honest form."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import db
from redbag.models import MedicineOutcome, Stay
from redbag.queries import returning_medicines as lists
from tests.cast import Cast
from tests.integration.test_ward_leaving import LEAVING, last_event
from tests.integration.walk import Walk
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
VISIT = {
    **{key: LEAVING[key] for key in ("home_word", "home_word_by", "summary", "bag", "transport")},
    "medicines": "unchanged",
}


@on_sqlite
def test_sent_back_without_admission_is_no_stay(app: Flask, cast: Cast, visit: Visit) -> None:
    way = Walk(app, cast).to("packed", "left", "arrived")
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}/discharge")
    assert page.heading.endswith("Going home without admission")
    nurse.open(nurse.open(f"/ward/transfers/{way.ref}").links()["Going home without admission"])
    nurse.press(VISIT)
    assert last_event(way).action == "send_back"
    assert last_event(way).data["medicines"] == "unchanged"
    assert way.look(lambda: db.session.query(Stay).count()) == 0
    # One act, and every line has its answer and says on whose word.
    outcomes = way.look(
        lambda: [(o.sent.name, o.outcome.value, o.row.source) for o in lists.outcomes(way.way.transfer.id)]
    )
    assert outcomes == [
        (name, "unchanged", "staff") for name in ("Ramipril", "Warfarin", "Morphine sulfate MR")
    ]
    assert "Medicines list still to come" not in nurse.open("/ward").text
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/receive")
    page = carer.press({"bag_came": "yes"})
    assert page.heading == "What changed in the medicines"
    assert "The department’s own word" in page.text


@on_sqlite
def test_a_visit_asks_little_and_says_nothing_of_medicines_by_itself(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    way = Walk(app, cast).to("packed", "left", "arrived")
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}/leave")
    more = page.tree.find(".//main//details")
    assert more is not None
    assert more.get("open") is None
    hidden = {element.get("name") for element in more.iter() if element.get("name")}
    asked = {element.get("name") for element in page.form().iter() if element.get("name")} - hidden
    assert asked == {
        *("csrf_token", "idempotency_key", "at-day", "at-month", "at-year", "at-time"),
        *("home_word", "home_word_by", "conditions", "medicines", "last_doses", "summary", "bag"),
    }
    # The fold says what it hides.
    label = "".join(more.find("summary").itertext())  # type: ignore[union-attr]
    for words in ("new allergy", "new CPR decision", "infection", "skin", "follow-up", "transport"):
        assert words in label
    assert {"transport", "new_allergy", "follow_up"} <= hidden
    page = nurse.press({"home_word": "yes", "at-time": "25:00", "skin": "x" * 501})
    assert page.status == 422
    for sentence in (
        "Write who at the home said so.",
        "Write the time with four figures",
        "Say whether a medicine was changed, or that the list will follow.",
        "Say where the discharge summary is.",
        "Say where the bag goes.",
        "use at most 500 characters",
    ):
        assert sentence in page.text
    assert page.tree.find(".//main//details").get("open") is not None  # type: ignore[union-attr]
    assert way.look(lambda: db.session.query(MedicineOutcome).count()) == 0
    # Something was changed: nothing is answered for them.
    nurse.press({**VISIT, "medicines": "to_follow", "skin": ""})
    assert "or “not known”." in nurse.page.text
    nurse.press({"last_doses": "not known", "at-time": "00:01"})
    assert way.look(lambda: db.session.query(MedicineOutcome).count()) == 0
