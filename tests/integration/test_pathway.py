"""The verbs of the pathway on a real database: the whole loop, every ending, every correction."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.custody import Status, Step
from redbag.domain.errors import Invalid, NotFound
from redbag.domain.medicines import Outcome
from redbag.models import Bag, Medicine, Stay, Task, TransferEvent
from redbag.queries import custody, packs
from redbag.queries import returning_medicines as lists
from redbag.queries import transfers as reads
from redbag.services import audit, corrections, labels, returning_medicines, stays, transfers
from redbag.services import packs as pack_service
from redbag.services.stays import Known, Leaving
from tests.cast import assemble
from tests.integration.pathway import START, Pathway, write

# Late in the evening before the clocks go forward: the stay that follows crosses that night.


@pytest.fixture
def way(app: Flask) -> Pathway:
    with app.app_context():
        yield Pathway(assemble(), START)


def test_the_whole_loop_closes_with_its_stay_its_bag_and_its_label(way: Pathway) -> None:
    way.packed().after(minutes=10).left().after(minutes=25).arrived().after(hours=3).admitted()
    way.after(hours=1).checked("nurse", Step.ADMISSION)
    way.after(days=3).medicines_listed().checked("nurse", Step.DISCHARGE, dentures=Status.MISSING)
    way.going_home().after(hours=2).received().checked("carer", Step.RETURN, dentures=Status.MISSING)
    assert way.transfer.state == "back_home"
    with pytest.raises(Invalid, match="not been accepted"):
        write(
            lambda: transfers.close(
                way.cast.actor("carer"), way.ref, bag_state="in_stock", note="", now=way.now
            )
        )
    accept_all(way)
    way.closed()

    stay = db.session.query(Stay).one()
    assert (stay.admitted_on, stay.discharged_on) == (date(2026, 3, 29), date(2026, 4, 1))
    assert (stay.ended_as, stay.with_bag) == ("home", True)
    assert db.session.query(Bag).one().state == "in_stock"
    assert labels.current(way.transfer) is None
    [lost] = custody.picture(way.transfer).lost
    assert lost.last_seen.step is Step.ADMISSION
    assert lost.first_missing.step is Step.DISCHARGE
    key = {"a1": b"audit key of the tests 222222222"}
    assert all(whole for _, whole in audit.verify(key))


def accept_all(way: Pathway) -> None:
    current = lists.outcomes(way.transfer.id)
    unmentioned = next(one for one in current if one.outcome is Outcome.NOT_MENTIONED)
    write(
        lambda: returning_medicines.accept(
            way.cast.actor("carer"),
            way.transfer,
            witness="Tom Price",
            against="summary",
            settled_as={unmentioned.row.ref: Outcome.UNCHANGED},
            settled_why={unmentioned.row.ref: "Ward pharmacist, by telephone"},
            acknowledged=frozenset(one.row.ref for one in current),
            now=way.now,
        )
    )


def test_accepting_brings_the_standing_record_in_line(way: Pathway) -> None:
    way.packed().left().after(hours=1).arrived().admitted().after(days=1).medicines_listed()
    way.going_home().after(hours=1).received()
    accept_all(way)
    rows = {m.name: m for m in db.session.query(Medicine)}
    assert {name for name, m in rows.items() if m.stopped_on is None} == {
        "Ramipril",
        "Warfarin",
        "Oxycodone MR",
        "Senna",
    }
    assert rows["Morphine sulfate MR"].stopped_why == "Drowsy on morphine"
    assert rows["Oxycodone MR"].high_risk == "opioid"
    assert {one.row.witnessed_by for one in lists.outcomes(way.transfer.id)} == {"Tom Price"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"witness": ""}, "witness"),
        ({"witness": "Joy Adeyemi"}, "witness"),
        ({"against": ""}, "against"),
        ({"acknowledged": frozenset()}, "line-"),
        ({"settled_as": {}}, "line-"),
    ],
)
def test_nothing_is_accepted_by_half(way: Pathway, changes: dict[str, object], field: str) -> None:
    way.packed().left().after(hours=1).arrived().admitted().medicines_listed().going_home().received()
    current = lists.outcomes(way.transfer.id)
    unmentioned = next(one for one in current if one.outcome is Outcome.NOT_MENTIONED)
    full: dict[str, object] = {
        "witness": "Tom Price",
        "against": "summary",
        "settled_as": {unmentioned.row.ref: Outcome.UNCHANGED},
        "settled_why": {unmentioned.row.ref: "Ward"},
        "acknowledged": frozenset(one.row.ref for one in current),
    }
    with pytest.raises(Invalid) as refusal:
        write(
            lambda: returning_medicines.accept(
                way.cast.actor("carer"), way.transfer, now=way.now, **{**full, **changes}
            )
        )
    assert any(name.startswith(field) for name in refusal.value.errors)
    assert all(one.row.accepted_at is None for one in lists.outcomes(way.transfer.id))


def test_every_line_of_the_sent_list_must_be_answered(way: Pathway) -> None:
    way.packed().left().after(hours=1).arrived().admitted()
    with pytest.raises(Invalid) as refusal:
        write(
            lambda: returning_medicines.record_list(
                way.cast.actor("nurse"), way.transfer, said=[], started=[], source="summary", now=way.now
            )
        )
    assert len([name for name in refusal.value.errors if name.startswith("line-")]) == 3


def test_a_pack_is_frozen_at_departure_and_a_change_makes_a_new_version(way: Pathway) -> None:
    way.packed().left()
    assert packs.latest(way.transfer.id).version == 1
    carer = way.cast.actor("carer")
    doses = {"ordinary": "all_given", "ordinary_upto": "08:00"}
    write(lambda: transfers.save_facts(carer, way.ref, "doses", doses, None, way.now))
    newest = packs.latest(way.transfer.id)
    assert newest.version == 2
    assert any("Ramipril: last dose now" in line for line in newest.changes)
    assert packs.version(way.transfer.id, 1).medicines[0].answered is False
    [task] = db.session.query(Task)
    assert (task.kind, task.done_at) == ("ring_ward", None)
    write(lambda: corrections.do_task(carer, way.ref, task.ref, told="Sister Bell", now=way.now))
    assert reads.open_tasks(way.transfer) == []


def test_saving_what_stands_already_makes_no_new_version(way: Pathway) -> None:
    way.packed().left()
    carer = way.cast.actor("carer")
    write(lambda: transfers.save_facts(carer, way.ref, "papers", {}, None, way.now))
    assert packs.latest(way.transfer.id).version == 1


def test_a_record_that_changes_while_the_person_is_away_reaches_the_hospital(way: Pathway) -> None:
    way.packed().left()

    def change() -> None:
        section = way.transfer.resident.sections[0]
        section.answers = {**section.answers, "allergy_status": "not_known"}
        pack_service.record_changed(way.cast.actor("carer"), way.transfer.resident, way.now)

    write(change)
    assert packs.latest(way.transfer.id).alerts[0].title == "Allergies not known"


def test_printing_twice_prints_the_same_version_and_the_same_label(way: Pathway) -> None:
    way.packed()
    carer = way.cast.actor("carer")
    write(lambda: transfers.ready_to_print(carer, way.ref, way.now))
    first = labels.token_of(labels.current(way.transfer))
    write(lambda: transfers.ready_to_print(carer, way.ref, way.now + timedelta(minutes=1)))
    assert packs.latest(way.transfer.id).version == 1
    assert labels.token_of(labels.current(way.transfer)) == first
    assert labels.by_token(first.lower()).id == labels.current(way.transfer).id
    assert labels.by_code(labels.code_of(labels.current(way.transfer))).transfer_id == way.transfer.id


def test_not_taken_to_hospital_leaves_no_stay(way: Pathway) -> None:
    way.packed()
    write(
        lambda: transfers.stay_home(
            way.cast.actor("carer"), way.ref, why="Treated by the crew", occurred_at=way.now, now=way.now
        )
    )
    way.closed()
    assert db.session.query(Stay).count() == 0
    assert db.session.query(Bag).one().state == "in_stock"


def test_opened_in_error_puts_the_bag_back_and_kills_the_label(way: Pathway) -> None:
    way.packed()
    token = labels.token_of(labels.current(way.transfer))
    write(lambda: transfers.cancel(way.cast.actor("carer"), way.ref, why="Wrong person chosen", now=way.now))
    assert way.transfer.state == "cancelled"
    assert db.session.query(Bag).one().state == "in_stock"
    assert labels.by_token(token).revoked_at == way.now
    assert reads.of_label(labels.by_token(token)) is None


def test_sent_back_without_admission_is_no_stay(way: Pathway) -> None:
    way.packed().left().after(hours=1).arrived().after(hours=4).going_home()
    assert way.transfer.state == "going_home"
    assert db.session.query(Stay).count() == 0


def test_death_ends_the_stay_and_stops_the_reminders(way: Pathway) -> None:
    way.packed().left().after(hours=1).arrived().admitted().after(days=3, hours=22)
    nurse = way.cast.actor("nurse")
    with pytest.raises(Invalid, match="next of kin"):
        write(lambda: stays.died(nurse, way.transfer, way.known, kin_told="", home_told="Joy"))
    write(lambda: stays.died(nurse, way.transfer, way.known, kin_told="Daughter", home_told="Joy Adeyemi"))
    stay = db.session.query(Stay).one()
    assert (stay.ended_as, (stay.discharged_on - stay.admitted_on).days) == ("died", 4)
    row = reads.row_of(way.cast.actor("carer"), way.transfer, way.now + timedelta(days=3))
    assert {t.kind for t in row.troubles} == {"close", "bag_left_here"}, "things to do, no reminder"


def test_another_home_ends_the_stay_and_the_bag_travels(way: Pathway) -> None:
    way.packed().left().after(hours=1).arrived().admitted().after(days=2)
    nurse = way.cast.actor("nurse")
    leaving = Leaving(method="1", bag="sent_back")
    write(
        lambda: stays.go_elsewhere(
            nurse, way.transfer, way.known, destination="another_home", place="Larch Lodge", leaving=leaving
        )
    )
    assert way.transfer.state == "went_elsewhere"
    assert db.session.query(Stay).one().ended_as == "elsewhere"
    way.closed("out")
    assert db.session.query(Bag).one().state == "out"


def test_another_hospital_goes_on_with_the_same_stay(way: Pathway) -> None:
    way.packed().left().after(hours=1).arrived().admitted().after(days=2)
    place = stays.told_place(way.cast.places["other_hospital"].ref)
    write(lambda: stays.move_hospital(way.cast.actor("nurse"), way.transfer, place, way.known))
    with pytest.raises(NotFound):
        reads.get(way.cast.actor("nurse"), way.ref)
    assert reads.get(way.cast.actor("other_nurse"), way.ref).id == way.transfer.id
    stay = db.session.query(Stay).one()
    assert (stay.hospital_id, stay.discharged_on) == (way.cast.places["other_hospital"].id, None)


def test_the_home_records_what_it_was_told_and_it_is_marked_so(way: Pathway) -> None:
    way.packed().left().after(hours=5)
    carer = way.cast.actor("carer")
    place = stays.told_place(way.cast.places["hospital"].ref)
    told = Known(way.now, way.now, source="phone", told_by="Ward clerk")
    write(lambda: stays.admit(carer, way.transfer, place, told, decided_at=way.now, bed="", with_bag=None))
    stay = db.session.query(Stay).one()
    assert (stay.admission_source, stay.with_bag) == ("phone", None)
    event = db.session.query(TransferEvent).filter_by(action="admit").one()
    assert (event.source, event.data["told_by"]) == ("phone", "Ward clerk")
