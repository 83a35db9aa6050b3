"""A check of belongings that was taken back: its findings stay written, and count nowhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.custody import Status, Step
from redbag.domain.errors import IllegalTransition
from redbag.models import ItemCheck, TransferEvent
from redbag.queries import custody, lost
from redbag.queries import transfers as reads
from redbag.services import belongings, corrections, stays
from tests.cast import Cast, assemble
from tests.integration.pathway import START, Pathway
from tests.integration.walk import Walk
from tests.visitor import Visitor


@pytest.fixture
def way(app: Flask) -> Pathway:
    """Admitted, and nothing has been looked for yet."""
    with app.app_context():
        yield Pathway(assemble(), START).packed().left().after(hours=1).admitted()


def checks() -> list[TransferEvent]:
    """Every check that was recorded, the newest first."""
    found = db.session.query(TransferEvent).filter_by(action="check_belongings")
    return found.order_by(TransferEvent.id.desc()).all()


def take_back(way: Pathway, part: str = "nurse", which: int = 0) -> None:
    begin_write()
    try:
        corrections.undo(
            way.cast.actor(part), way.ref, checks()[which].ref, reason="Another bag", now=way.now
        )
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def found(way: Pathway) -> dict[str, str]:
    """The newest finding of each thing, by its name."""
    names = {item.ref: item.description for item in belongings.list_for(way.transfer)}
    return {names[ref]: status for ref, status in belongings.standing(way.transfer).items() if ref in names}


def test_what_it_found_counts_nowhere_and_stays_written(way: Pathway) -> None:
    way.after(hours=1).checked("nurse", Step.ADMISSION, dentures=Status.MISSING)
    looked, transfer = way.now, way.transfer
    assert reads.missing_things([transfer.id])[transfer.id] == ["Dentures, upper"]
    for part in ("carer", "nurse"):
        # Since somebody looked, not since the arrival.
        (row,) = reads.board(way.cast.actor(part), way.now)
        assert [t.since for t in row.troubles if "missing" in t.kind] == [looked]
    take_back(way)
    transfer = way.transfer
    assert found(way) == {}
    assert belongings.noted(transfer) == {}
    assert not belongings.was_checked(transfer, Step.ADMISSION)
    assert transfer.id not in reads.missing_things([transfer.id])
    picture = custody.picture(transfer)
    assert picture.lost == ()
    assert picture.counts.arrived is None
    for part in ("carer", "nurse"):
        (row,) = reads.board(way.cast.actor(part), way.now)
        assert [t.kind for t in row.troubles if "missing" in t.kind] == []
    assert db.session.query(ItemCheck).count() == 2


def test_the_check_before_it_counts_again(way: Pathway) -> None:
    way.after(hours=1).checked("nurse", Step.ADMISSION)
    way.after(hours=1).checked("nurse", Step.ADMISSION, glasses=Status.MISSING)
    take_back(way)
    assert found(way) == {"Glasses": "present", "Dentures, upper": "present"}
    assert belongings.was_checked(way.transfer, Step.ADMISSION)
    take_back(way, which=1)
    assert found(way) == {}


def test_only_the_newest_check_is_taken_back(way: Pathway) -> None:
    way.checked("nurse", Step.ADMISSION)
    way.after(hours=1).checked("nurse", Step.ADMISSION)
    with pytest.raises(IllegalTransition):
        take_back(way, which=1)
    assert len(found(way)) == 2


def test_what_it_had_added_leaves_the_list(way: Pathway) -> None:
    begin_write()
    status = {item.ref: Status.PRESENT for item in belongings.list_for(way.transfer)}
    nurse = way.cast.actor("nurse")
    belongings.check(nurse, way.transfer, Step.ADMISSION, status, added=["Walking stick"], now=way.now)
    db.session.commit()
    assert [item.description for item in belongings.list_for(way.transfer)][-1] == "Walking stick"
    take_back(way)
    assert [i.description for i in belongings.list_for(way.transfer)] == ["Glasses", "Dentures, upper"]


def test_the_step_before_it_can_still_be_taken_back(way: Pathway) -> None:
    way.checked("nurse", Step.ADMISSION)
    begin_write()
    way.after(minutes=5)
    event = db.session.query(TransferEvent).filter_by(action="admit").one()
    assert not corrections.may_undo(way.transfer, event.ref)  # nobody checks a bag that is on its way
    db.session.rollback()
    take_back(way)
    assert corrections.may_undo(way.transfer, event.ref)


def test_a_return_check_taken_back_must_be_made_again(way: Pathway) -> None:
    way.after(days=1).going_home().after(hours=1).received()
    way.checked("carer", Step.RETURN, dentures=Status.MISSING)
    take_back(way, "carer")
    assert not belongings.was_checked(way.transfer, Step.RETURN)
    assert found(way) == {}


def test_nothing_is_lost_by_a_check_that_was_taken_back(way: Pathway) -> None:
    way.after(hours=1).checked("nurse", Step.ADMISSION, glasses=Status.MISSING)
    take_back(way)
    begin_write()
    nurse = way.cast.actor("nurse")
    stays.died(nurse, way.transfer, way.known, kin_told="Daughter, by Dr Ray", home_told="Joy")
    db.session.commit()
    way.closed()
    assert lost.standing(way.cast.actor("manager")) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ward_and_home_take_their_checks_back_on_their_pages(
    app: Flask, cast: Cast, visit: Callable[[str], Visitor]
) -> None:
    walk = Walk(app, cast).to("packed", "left", "admitted")
    walk.look(lambda: walk.way.checked("nurse", Step.ADMISSION, dentures=Status.MISSING))
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{walk.ref}")
    ref = walk.look(lambda: checks()[0].ref)
    page = nurse.press(action=f"/ward/transfers/{walk.ref}/steps/{ref}/undo")
    assert "Taken back." in page.text
    walk.to("going_home", "received")
    walk.look(lambda: walk.way.checked("carer", Step.RETURN, dentures=Status.MISSING))
    carer = visit("carer")
    assert "Dentures, upper: missing" in carer.open(f"/transfers/{walk.ref}").text
    page = carer.open(f"/transfers/{walk.ref}/steps/{walk.look(lambda: checks()[0].ref)}")
    assert "Correct the time" not in page.text
    page = carer.press({"reason": "Found in the coat"}, button="what=undo")
    assert "Dentures, upper: packed" in page.text
