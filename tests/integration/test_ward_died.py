"""A death on the ward: whom to ring, what is written down, and the page afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.models import Bag, RecordSection, Resident, Stay
from tests.cast import Cast
from tests.integration.walk import Walk
from tests.visitor import Visitor, moment

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Admitted to Willow."""
    return Walk(app, cast).to("packed", "left", "arrived", "admitted")


@on_sqlite
def test_died_after_both_have_been_told(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}/died")
    assert "Rowan House: 020 7946 0199" in page.text
    arrived = way.fact("admitted_at")
    nurse.press({**moment("at", arrived), "at-time": ""})
    assert nurse.page.status == 422
    nurse.press(moment("at", arrived))
    assert nurse.page.status == 422
    assert "Ring the home, then write who you spoke to, or why not yet." in nurse.page.text
    told = {"kin_told": "Ann Obi, by Dr Khan", "home_told": "No answer yet: the next shift rings"}
    nurse.press({**told, **moment("at", arrived - timedelta(days=1))})
    assert nurse.page.status == 422
    assert "The death is before the" in nurse.page.text
    assert "discharge" not in nurse.page.text
    nurse.press(moment("at", arrived))
    assert "Thank you for looking after them." in nurse.page.text
    assert way.fact("state") == "died"
    nurse.open(nurse.page.links()["Sign the belongings out"])
    assert nurse.page.heading == "Belongings out: Agnes Obi"
    assert "All 2 here" not in nurse.page.text
    nurse.press()
    assert nurse.page.status == 200
    stay = way.look(lambda: db.session.query(Stay).one())
    assert stay.ended_as == "died"
    assert way.look(lambda: db.session.query(Bag).one().state) == "out"


@on_sqlite
def test_whom_to_ring_stands_on_the_page_of_a_death(app: Flask, cast: Cast, visit: Visit) -> None:
    way = Walk(app, cast)
    contacts = [
        {"name": "Joe Obi", "relation": "nephew"},
        {
            "name": "Ann Obi",
            "relation": "daughter (next of kin)",
            "phone": "07700 900123",
            "note": "not at night",
        },
    ]

    def name_them() -> None:
        resident = db.session.query(Resident).one()
        db.session.add(
            RecordSection(
                resident_id=resident.id, key="people", answers={"contacts": contacts}, reviewed_at=way.way.now
            )
        )

    way.write(name_them)
    way.to("packed", "left", "arrived", "admitted")
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}/died")
    assert "Ann Obi, daughter (next of kin), 07700 900123, not at night Joe Obi, nephew" in page.text
    assert page.links()["07700 900123"] == "tel:07700900123"
    assert page.links()["020 7946 0199"] == "tel:02079460199"


@on_sqlite
def test_after_a_death_the_page_says_so_first_and_folds_the_rest(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}/died")
    assert "The pack names no next of kin." in page.text
    page = nurse.press(
        {"kin_told": "Ann Obi, by Dr Khan", "home_told": "Joy", **moment("at", way.fact("admitted_at"))}
    )
    assert page.text.index("Agnes Obi") < page.text.index("Died ") < page.text.index("Ann Obi, by Dr Khan")
    folded = page.tree.find(".//main//details")
    assert folded is not None
    assert folded.get("open") is None
    hidden = " ".join("".join(folded.itertext()).split())
    for words in ("Their stay", "Ramipril", "What was recorded"):
        assert words in hidden
        assert page.text.count(words) == hidden.count(words)
