"""What a nurse could overlook: a time-critical medicine, a new dose, valuables, a namesake."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import db
from redbag.models import Medicine, TransferEvent, TransferItem
from redbag.services import belongings
from tests.cast import Cast
from tests.integration.found import the
from tests.integration.test_list_confirmed import boxes
from tests.integration.test_ward_board import joined
from tests.integration.test_ward_leaving import LEAVING, answers, sent_lines
from tests.integration.walk import Walk
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Admitted to Willow, with a ring among the things."""
    walk = Walk(app, cast).to("packed", "left", "arrived", "admitted")

    def mark() -> None:
        the(Medicine, name="Ramipril").time_critical = True
        ring = {"description": "Wedding ring", "carried": "worn", "valuable": True}
        db.session.add(TransferItem(transfer_id=walk.way.transfer.id, **ring))

    walk.write(mark)
    return walk


def test_a_time_critical_medicine_not_mentioned_is_said_until_they_leave(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/medicines")
    line = sent_lines(way)["Ramipril"]
    nurse.press({**answers(way), f"line-{line}-outcome": "not_mentioned"})
    nurse.press({"confirmed": boxes(nurse.page)})
    for page in ("discharge", "leave"):
        text = nurse.open(f"/ward/transfers/{way.ref}/{page}").text
        assert "Ramipril 5 mg tablets, time-critical: not mentioned." in text
        assert "Ask the doctor, or ring Rowan House before they leave: 020 7946 0199" in text
        assert 'href="tel:02079460199"' in nurse.page.response.text
        assert "Done: 4 lines answered" not in text
    typed = {key: value for key, value in LEAVING.items() if key != "medicines"}
    nurse.press({**typed, "last_doses": "Not known"})
    assert nurse.page.status == 422
    assert "Ramipril: write when it was last given, or “not known”." in nurse.page.text
    names = [str(field.get("name")) for field in nurse.page.form().iter("input")]
    nurse.press({name: "today 08:00" for name in names if name.startswith("last_given-")})
    assert "Rowan House was told on its board" in nurse.page.text
    left = way.look(lambda: db.session.query(TransferEvent).order_by(TransferEvent.id.desc()).first())
    assert left.data["handover"]["last_doses"].startswith("Ramipril: last given today 08:00\n")


def test_a_change_says_from_what_to_what_and_a_new_medicine_its_dose(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/medicines")
    without = {"started-0-name": "Edoxaban", "started-0-strength": "60 mg", "started-0-dose": ""}
    nurse.press({**answers(way), **without})
    assert nurse.page.links()["Edoxaban: write the dose, or “see the summary”."] == "#started-0-dose"
    assert "Anticoagulant (blood thinner)" in nurse.page.text.split("New medicine 1")[1][:120]
    nurse.press({"started-0-dose": "1 tablet, as directed", "started-0-frequency": ""})
    text = nurse.press({"confirmed": boxes(nurse.page)}).text
    assert "changed (INR too low). Dose: 1 tablet → 2 tablets" in text
    assert "Now: 1 tablet, as directed. Time-critical by its name: Anticoagulant (blood thinner)" in text


def test_who_was_told_of_valuables_stands_above_all_here_and_is_carried_on(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}/check-in")
    assert page.text.index("Wedding ring: who was told, or where is it kept? (needed)") < page.text.index(
        "All 3 here"
    )
    nurse.press({"valuables": "Worn"}, button="all=1")
    assert "3 of 3 things here" in nurse.page.text
    page = nurse.open(f"/ward/transfers/{way.ref}/check-out")
    assert page.form().find(".//input[@id='valuables']").get("value") == "Worn"  # type: ignore[union-attr]
    assert way.look(lambda: belongings.valuables_told(way.way.transfer)) == "Worn"


def test_everybody_of_one_surname_on_the_ward_is_named(way: Walk, visit: Visit) -> None:
    joined(way, "Agnes Obi", ward="Poplar")
    joined(way, "Leslie Obi")
    text = visit("nurse").open("/ward").text
    assert "Same name: Agnes Obi, born" in text  # of the other ward
    assert "Same surname: Leslie Obi, born" in text
