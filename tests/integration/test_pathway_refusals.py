"""Corrections, clashes, and what others may not see or do, on a real database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.errors import IllegalTransition, Invalid, NotFound, NotPermitted, Stale
from redbag.models import Label, Resident, Stay, TransferEvent
from redbag.queries import on_the_way
from redbag.queries import transfers as reads
from redbag.services import corrections, labels, transfers
from tests.cast import assemble
from tests.integration.pathway import START, Pathway, write

# Late in the evening before the clocks go forward: the stay that follows crosses that night.


@pytest.fixture
def way(app: Flask) -> Pathway:
    with app.app_context():
        yield Pathway(assemble(), START)


def test_the_latest_step_is_taken_back_by_a_new_event(way: Pathway) -> None:
    way.packed().left().after(hours=1).arrived().admitted()
    event = db.session.query(TransferEvent).filter_by(action="admit").one()
    nurse = way.cast.actor("nurse")
    write(lambda: corrections.undo(nurse, way.ref, event.ref, reason="Wrong ward", now=way.now))
    assert way.transfer.state == "arrived"
    assert db.session.query(Stay).count() == 0
    assert db.session.query(TransferEvent).filter_by(action="admit").count() == 1


def test_nobody_corrects_another_organisations_words(way: Pathway) -> None:
    way.packed().left().after(hours=1).arrived().admitted()
    event = db.session.query(TransferEvent).filter_by(action="admit").one()
    with pytest.raises(NotPermitted):
        write(lambda: corrections.undo(way.cast.actor("carer"), way.ref, event.ref, reason="No", now=way.now))


def test_a_corrected_admission_moves_the_stay(way: Pathway) -> None:
    way.packed().left().after(hours=1).arrived().after(hours=6).admitted()
    event = db.session.query(TransferEvent).filter_by(action="admit").one()
    assert db.session.query(Stay).one().admitted_on == date(2026, 3, 29)
    earlier = START + timedelta(hours=1, minutes=5)
    write(
        lambda: corrections.correct_time(
            way.cast.actor("nurse"),
            way.ref,
            event.ref,
            occurred_at=earlier,
            reason="Read it wrong",
            now=way.now,
        )
    )
    assert db.session.query(Stay).one().admitted_on == date(2026, 3, 28)
    assert db.session.query(Stay).one().admission_source == "correction"


def test_not_this_person_stops_every_step_until_the_home_has_settled_it(way: Pathway) -> None:
    way.packed().left().after(hours=1)
    nurse, carer = way.cast.actor("nurse"), way.cast.actor("carer")
    write(lambda: corrections.wrong_person(nurse, way.by_label(), note="", label_id=None, now=way.now))
    with pytest.raises(IllegalTransition, match="020 7946 0199"):
        way.arrived()
    [task] = reads.open_tasks(way.transfer)
    write(lambda: corrections.do_task(carer, way.ref, task.ref, told="Sister Bell", now=way.now))
    way.arrived()
    assert way.transfer.state == "arrived"


def test_while_it_is_in_doubt_whose_bag_it_is_the_hospital_corrects_nothing(way: Pathway) -> None:
    way.packed().left().after(hours=1).arrived().after(hours=1)
    nurse = way.cast.actor("nurse")
    arrival = db.session.query(TransferEvent).filter_by(action="arrive").one().ref
    earlier = way.now - timedelta(minutes=50)
    write(lambda: corrections.wrong_person(nurse, way.by_label(), note="", label_id=None, now=way.now))
    with pytest.raises(IllegalTransition, match="020 7946 0199"):
        write(lambda: corrections.undo(nurse, way.ref, arrival, reason="", now=way.now))
    with pytest.raises(IllegalTransition, match="020 7946 0199"):
        write(
            lambda: corrections.correct_time(
                nurse, way.ref, arrival, occurred_at=earlier, reason="Read it wrong", now=way.now
            )
        )
    assert way.transfer.state == "arrived"


def test_a_person_already_on_a_journey_gets_that_one(way: Pathway) -> None:
    way.packed()
    carer = way.cast.actor("carer")
    again = write(
        lambda: transfers.open_(
            carer, way.resident_ref, reason="other", journey_type="emergency", why_now={}, now=way.now
        )
    )
    assert again.ref == way.ref


def test_a_bag_that_is_out_is_not_taken_twice(way: Pathway) -> None:
    way.packed()
    first = way.transfer
    second = Resident(
        home_id=first.home_id,
        given_name="Bert",
        family_name="Lund",
        date_of_birth=date(1940, 1, 1),
        created_at=way.now,
    )
    carer = way.cast.actor("carer")
    write(lambda: db.session.add(second))
    other = write(
        lambda: transfers.open_(
            carer, second.ref, reason="fall", journey_type="emergency", why_now={}, now=way.now
        )
    )
    with pytest.raises(Invalid, match="not in stock"):
        write(lambda: transfers.take_bag(carer, other, way.bag_ref, way.now))


def test_another_home_sees_nothing(way: Pathway) -> None:
    way.packed().left()
    with pytest.raises(NotFound):
        reads.get(way.cast.actor("outsider"), way.ref)
    assert reads.board(way.cast.actor("outsider"), way.now) == []


def test_a_hospital_sees_a_person_only_from_arrival(way: Pathway) -> None:
    way.packed().left()
    nurse = way.cast.actor("nurse")
    begin_write()
    way.transfer.hospital_id = way.cast.places["hospital"].id
    db.session.commit()
    with pytest.raises(NotFound):
        reads.get(nurse, way.ref)
    assert [bag.bag_number for bag in on_the_way.on_the_way(nurse)] == ["012"]
    way.after(hours=1).arrived()
    assert reads.get(nurse, way.ref).id == way.transfer.id


def test_a_clash_of_two_people_on_the_same_answers_is_refused(way: Pathway) -> None:
    way.packed()
    carer = way.cast.actor("carer")
    seen = transfers.print_of(way.transfer, "today")
    write(lambda: transfers.save_facts(carer, way.ref, "today", {"last_ate": "noon"}, seen, way.now))
    with pytest.raises(Stale) as clash:
        write(lambda: transfers.save_facts(carer, way.ref, "today", {"last_ate": "six"}, seen, way.now))
    assert clash.value.theirs == {"last_ate": "noon"}


def test_history_can_be_neither_changed_nor_deleted(way: Pathway) -> None:
    way.packed().left()
    event = db.session.query(TransferEvent).first()
    event.place = "elsewhere"
    with pytest.raises(RuntimeError, match="never changed"):
        db.session.flush()
    db.session.rollback()
    db.session.delete(db.session.query(TransferEvent).first())
    with pytest.raises(RuntimeError, match="never changed"):
        db.session.flush()
    db.session.rollback()


def test_a_label_is_kept_as_a_hash_only(way: Pathway) -> None:
    way.packed()
    label = db.session.query(Label).one()
    token, code = labels.token_of(label), labels.code_of(label)
    kept = " ".join(str(getattr(label, column.key)) for column in Label.__table__.columns)
    assert token not in kept
    assert code not in kept
    assert len(token) == 26
