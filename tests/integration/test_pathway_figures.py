"""What journeys say of the pathway, as it is kept: after any step and slip, and beside another count."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from redbag.database import begin_write, db
from redbag.domain.bag_states import BagAct
from redbag.domain.custody import Status, Step
from redbag.domain.lost_counts import LostThing
from redbag.domain.pathway import LeftOut
from redbag.domain.stay_counts import ALL, Cells
from redbag.models import Bag, BagEvent, JourneyFigures, Transfer, TransferEvent, TransferItem
from redbag.queries import figures as reads
from redbag.queries.pathway import LOST, things
from redbag.services import bags, corrections, figures, journey_figures, lost_things, stays, transfers
from redbag.services.stays import Known
from tests.cast import Cast
from tests.integration.found import the
from tests.integration.pathway import START, Pathway, write

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def kept() -> Cells:
    """Everything that is kept of the pathway, whatever is folded of it."""
    found: Cells = Counter()
    for facet in (ALL, "span", "kind"):
        for series, values in reads.read_all(journey_figures.SERIES, facet).items():
            for value, months in values.items():
                for month, numbers in months.items():
                    for number, n in numbers.items():
                        found[series, facet, value, month, number] += n
    return found


def rows() -> list[dict[str, object]]:
    table = JourneyFigures.__table__
    found = db.session.execute(select(*(c for c in table.c if c.name != "id")).order_by(table.c.transfer_id))
    return [dict(row) for row in found.mappings()]


def agrees() -> dict[str, object]:
    """Measures everything anew, takes that back, and holds it against what the steps had kept."""
    before, counted = rows(), kept()
    begin_write()
    ids = list(db.session.scalars(select(Transfer.id)))
    assert journey_figures.refill_all(ids) == counted
    assert rows() == before
    db.session.rollback()
    return before[0] if before else {}


def scanned(cast: Cast, way: Pathway) -> None:
    """Arrived, by scanning the label."""
    nurse, known = cast.actor("nurse"), Known(way.now, way.now, source="scan")
    stays.arrive(nurse, way.by_label(), stays.own_place(nurse), known, with_bag=True)


def test_every_step_and_every_slip_is_followed(app: Flask, cast: Cast) -> None:
    carer, manager = cast.actor("carer"), cast.actor("manager")
    with app.app_context():
        way = Pathway(cast, START)

        def act(what: Callable[[], object]) -> dict[str, object]:
            write(what)
            return agrees()

        def undo(action: str, part: str) -> dict[str, object]:
            newest = select(TransferEvent).filter_by(action=action).order_by(TransferEvent.id.desc()).limit(1)
            ref = db.session.scalars(newest).one().ref
            return act(lambda: corrections.undo(cast.actor(part), way.ref, ref, reason="Slip", now=way.now))

        way.packed()
        assert agrees() == {}
        act(lambda: transfers.ready_to_print(carer, way.ref, way.after(minutes=20).now))
        way.after(minutes=10).left()
        row = agrees()
        assert (row["decision_to_pack"], row["pack_complete"]) == (20, 0)
        other = cast.places["other_hospital"]
        row = act(lambda: transfers.set_hospital(carer, way.ref, other.ref, way.now))
        assert row["hospital_id"] == other.id
        way.after(minutes=40)
        assert act(lambda: scanned(cast, way))["dispatch_to_scan"] == 40
        way.after(minutes=100).admitted()
        assert agrees()["arrival_to_admission"] == 100
        assert undo("admit", "nurse")["admitted_on"] is None
        way.after(minutes=5).admitted().checked("nurse", Step.ADMISSION, dentures=Status.MISSING)
        missing = agrees()
        assert things(missing["lost"]) == (  # type: ignore[arg-type]
            LostThing(date(2026, 3, 29), "packing-admission", "Dentures, upper"),
        )
        assert undo("check_belongings", "nurse")["lost"] is None
        way.after(hours=3).checked("nurse", Step.ADMISSION)
        act(
            lambda: transfers.home_contact(
                carer, way.ref, told="Sister Nair", note="", occurred_at=way.now, now=way.now
            )
        )
        way.after(hours=80).medicines_listed().checked("nurse", Step.DISCHARGE).going_home()
        assert agrees()["summary_given"] == 1
        way.after(hours=2).received()
        row = agrees()
        assert (row["medicines_settled"], row["label_to_return"], row["home_contact"]) == (0, 4, 1)
        way.checked("carer", Step.RETURN, glasses=Status.MISSING)
        assert agrees()["lost"] == [["2026-04-01", "discharge-return", "Glasses"]]
        bag = db.session.scalars(select(Bag)).one()
        assert act(lambda: bags.change_state(manager, bag, "in_stock", "", way.now))["bag_turnaround"] == 4
        bag = db.session.scalars(select(Bag)).one()
        act(lambda: bags.undo(manager, bag.ref, version=bag.version, now=way.now))
        row = agrees()
        assert row["bag_turnaround"] is None
        bag = db.session.scalars(select(Bag)).one()
        act(
            lambda: bags.say(
                manager, bag.ref, BagAct.CLEANED, note="", version=bag.version, now=way.after(days=2).now
            )
        )
        assert agrees()["bag_turnaround"] == 6
        assert write(lambda: figures.rebuild([journey_figures.SOURCE], lambda _: None)) == len(kept())
        agrees()


@on_sqlite
def test_a_thing_found_afterwards_is_not_lost_and_one_that_was_given_up_is(app: Flask, cast: Cast) -> None:
    manager = cast.actor("manager")
    with app.app_context():
        way = Pathway(cast, START).packed().left().after(minutes=30).arrived()
        way.after(hours=2).going_home().after(hours=1).received()
        assert agrees()["label_to_return"] == 1
        write(lambda: db.session.execute(text("DELETE FROM medicine_lines")))
        write(lambda: journey_figures.follow(way.transfer))
        way.checked("carer", Step.RETURN, dentures=Status.MISSING).closed()
        row = agrees()
        assert row["medicines_settled"] == LeftOut.NO_MEDICINES
        assert row["lost"] == [["2026-03-29", "packing-return", "Dentures, upper"]]
        item = the(TransferItem, description="Dentures, upper")
        later = way.now + timedelta(days=3)
        for said, note, lost in (("settled", "Paid for", 1), ("missing", "", 1), ("found", "", 0)):
            write(lambda s=said, n=note: lost_things.answer(manager, way.ref, item.ref, s, note=n, now=later))
            assert len(agrees()["lost"] or []) == lost, said  # type: ignore[arg-type]
        assert reads.read(LOST, "span") == {}


@on_sqlite
def test_bag_of_the_next_journey_ends_what_is_known_of_this_one(app: Flask, cast: Cast) -> None:
    carer = cast.actor("carer")
    with app.app_context():
        way = Pathway(cast, START).packed().left().after(minutes=30).arrived()
        way.after(hours=2).going_home().after(hours=1).received().checked("carer", Step.RETURN)
        write(lambda: db.session.execute(text("DELETE FROM medicine_lines")))
        way.after(hours=20).closed()
        assert agrees()["bag_turnaround"] == 1
        way.after(days=5).packed().after(minutes=9).left()
        first, second = (agrees(), rows()[1])
        assert (first["bag_turnaround"], second["bag_turnaround"]) == (1, None)
        write(lambda: bags.bag_is(carer, way.ref, "lost", note="Gone", now=way.after(days=1).now))
        agrees()
        assert [row["bag_turnaround"] for row in rows()] == [1, LeftOut.BAG_GONE]
        assert rows()[1]["stocked_on"] == date(2026, 4, 4)


def test_changes_while_everything_is_counted_anew_lose_nothing(app: Flask, cast: Cast) -> None:
    with app.app_context():
        way = Pathway(cast, START).packed().left().after(minutes=30).arrived()
        ref, later = way.ref, way.now + timedelta(days=2)
    failed: list[BaseException] = []

    def moved(state: str) -> None:
        """The bag's state changes, as somebody at the home says it."""
        transfer = db.session.query(Transfer).filter_by(ref=ref).one()
        bag = {"bag_id": transfer.bag_id, "transfer_id": transfer.id}
        db.session.add(BagEvent(**bag, state=state, occurred_at=later, recorded_at=later))
        db.session.flush()
        journey_figures.follow(transfer)

    def work(number: int) -> None:
        try:
            with app.app_context():
                for turn in range(5):
                    if number == 0:
                        write(lambda: figures.rebuild([journey_figures.SOURCE], lambda _: None))
                    else:
                        state = "in_stock" if (turn + number) % 2 else "to_clean"
                        write(lambda s=state: moved(s))
        except BaseException as problem:
            failed.append(problem)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with app.app_context():
        agrees()
