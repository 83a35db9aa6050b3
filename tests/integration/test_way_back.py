"""What must not get lost between ward and home: a new reaction, a time-critical mark, missing papers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.models import Medicine, TransferEvent
from redbag.queries import returning_medicines as lists
from redbag.services import stays
from redbag.services.stays import Leaving
from tests.cast import Cast
from tests.integration.found import the
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    """In hospital; ramipril is marked as time-critical, warfarin and morphine are not."""
    with app.app_context():
        found = Pathway(cast, datetime.now(UTC) - timedelta(days=3))
        begin_write()
        the(Medicine, name="Ramipril").time_critical = True
        db.session.commit()
        return found.packed().left().after(minutes=30).admitted().after(days=2).medicines_listed()


def test_a_new_reaction_is_held_against_the_medicines_at_the_ward_and_at_home(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/leave")
    typed = {
        "home_word": "yes",
        "home_word_by": "Tom Price",
        "last_doses": "Oxycodone and ramipril: not known",
        "method": "1",
        "summary": "not_given",
        "bag": "with_person",
        "new_allergy": "yes",
        "new_allergy_detail": "Oxycodone, itching",
    }
    page = nurse.press(typed)
    assert page.status == 422
    assert "The medicines were listed from a discharge summary, so there is one" in page.text
    page = nurse.press({"summary": "in_bag"})
    assert page.status == 422
    met = (
        "Oxycodone MR 5 mg tablets will be given, and an allergy or reaction is recorded: Oxycodone, itching."
    )
    assert met in page.text
    assert nurse.press({"confirmed": met}).heading.endswith("Going home")

    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/receive")
    page = carer.press({"bag_came": "yes", "papers_missing": ["summary"]})
    assert page.heading == "What changed in the medicines"
    assert "No discharge summary cameThe ward had said of the summary: printed, in the bag." in page.text
    assert (
        "Listed by the ward from its discharge summary; no copy came with the person, entered by" in page.text
    )
    assert met in page.text
    assert "Recorded before this journey: No known allergies" in page.text
    with app.app_context():
        refs = {one.title.split()[0]: one.row.ref for one in lists.outcomes(way.transfer.id)}
        missing = db.session.query(TransferEvent).filter_by(action="receive").one().data["papers_missing"]
    assert missing == "summary"
    assert page.text.index("Time-critical by its name: Opioid") < page.text.index("Started: Senna")
    assert "Time-critical: Ramipril 5 mg tablets" in page.text
    carer.press(
        {
            "witness": "Tom Price",
            "against": "dispensed_label",
            f"line-{refs['Morphine']}": "read",
            f"line-{refs['Senna']}": "read",
            f"line-{refs['Warfarin']}": "unchanged",
            f"why-{refs['Warfarin']}": "Pharmacist Lee",
        }
    )
    with app.app_context():
        rows = {row.name: row for row in db.session.query(Medicine)}
        assert rows["Oxycodone MR"].time_critical
        assert "Oxycodone, itching" in rows["Oxycodone MR"].allergy_conflict
        assert not rows["Senna"].time_critical
    assert "no discharge summary came" in carer.open(f"/transfers/{way.ref}").text


def test_not_known_is_neither_no_nor_nothing(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        begin_write()
        leaving = Leaving(
            method="1", home_word="yes", handover={"new_allergy": "not_known", "skin": "Healed"}
        )
        stays.go_home(way.cast.actor("nurse"), way.transfer, way.known, leaving)
        db.session.commit()
        way.received()
    carer = visit("carer")
    assert "New allergy or reaction: not known" in carer.open(f"/transfers/{way.ref}/return/medicines").text
    page = carer.open(f"/transfers/{way.ref}/close")
    assert "New resuscitation decisionNot recorded" in page.text
