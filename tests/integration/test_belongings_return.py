"""Belongings on return: valuables are answered one by one, and what was worn was with the person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.custody import Status, Step
from redbag.models import TransferItem
from redbag.queries import custody
from redbag.services import belongings
from tests.cast import Cast
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    """Packed ten hours ago: glasses worn, dentures in the bag, and a ring among the things."""
    with app.app_context():
        found = Pathway(cast, datetime.now(UTC) - timedelta(hours=10)).packed()
        begin_write()
        ring = {"description": "Wedding ring", "carried": "worn", "valuable": True}
        db.session.add(TransferItem(transfer_id=found.transfer.id, **ring))
        db.session.commit()
        return found


def test_all_here_does_not_answer_for_a_valuable(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.after(minutes=30).left()
        way.after(hours=1).admitted().going_home()
        way.after(hours=1).received()
        refs = {i.description: i.ref for i in belongings.list_for(way.transfer)}
    carer = visit("carer")
    page = carer.open(f"/transfers/{way.ref}/return/belongings")
    assert "Valuables are answered one by one: Wedding ring." in page.text
    assert "Then press “All here, or the rest is here”." in page.text
    page = carer.press(button="all_here=yes")
    assert page.status == 422
    assert "Wedding ring: Valuable: look for it, and say whether it is here." in page.text
    assert "Glasses: " not in page.text
    page = carer.press({f"item-{refs['Wedding ring']}": "present"}, button="all_here=yes")
    assert "nothing is missing" in page.text


def test_who_had_the_person_had_what_they_wore(app: Flask, way: Pathway) -> None:
    with app.app_context():
        way.after(minutes=30).left()
        missing = {"glasses": Status.MISSING, "dentures": Status.MISSING}
        way.after(hours=1).admitted().checked("nurse", Step.ADMISSION, **missing)
        names = {i.ref: i.description for i in belongings.list_for(way.transfer)}
        lost = {names[one.item]: one.sentence for one in custody.picture(way.transfer).lost}
    assert "The person was with: " in lost["Glasses"]
    assert "The bag was with: " in lost["Dentures, upper"]


def test_a_slip_of_the_ward_is_corrected_everywhere(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.after(minutes=30).left()
        way.after(hours=1).admitted()
        way.after(seconds=59 - way.now.second).checked(
            "nurse", Step.ADMISSION, dentures=Status.KEPT_BY_FAMILY
        )
        transfer, typed = way.transfer, way.now.replace(second=0, microsecond=0)
        found = {item.ref: Status.PRESENT for item in belongings.list_for(transfer)}
        dentures = next(i.ref for i in belongings.list_for(transfer) if i.description.startswith("Dentures"))
        begin_write()
        belongings.check(
            way.cast.actor("nurse"),
            transfer,
            Step.ADMISSION,
            {**found, dentures: Status.MISSING},
            occurred_at=typed,
            now=way.after(minutes=5).now,
        )
        db.session.commit()
        way.after(hours=1).going_home()
    carer = visit("carer")
    page = carer.open(f"/transfers/{way.ref}")
    assert "Dentures, upper: missing" in page.text
    assert "1 thing missing at the last check: look when they come" in page.text
    with app.app_context():
        way.after(hours=1).received()
        ring = next(i.ref for i in belongings.list_for(way.transfer) if i.valuable)
    page = carer.open(f"/transfers/{way.ref}/return/belongings")
    assert "Lost between packing" in page.text
    page = carer.press({f"item-{ring}": "present"}, button="all_here=yes")
    assert page.status == 422
    assert "Dentures, upper: It was missing before. Is it here?" in page.text
