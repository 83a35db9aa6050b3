"""The bag reaches the hospital before the home has pressed "Handed to crew"."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.london_time import london_day
from redbag.models import MedicineLine, Stay, Task, TransferEvent
from redbag.queries import custody, packs
from redbag.queries import transfers as reads
from redbag.services import belongings, catching_up, corrections, labels, late_handover, stays, transfers
from redbag.services.belongings import Packed
from redbag.services.catching_up import Missed
from redbag.services.stays import Known
from tests.cast import assemble
from tests.integration.pathway import START, Pathway, write

# Late in the evening before the clocks go forward.
TROUBLE = "Arrived; handover to the crew was not recorded: complete it"


@pytest.fixture
def way(app: Flask) -> Pathway:
    """Packed, never handed over."""
    with app.app_context():
        yield Pathway(assemble(), START).packed().after(minutes=20)


def scanned(way: Pathway, *, admit: bool = False) -> None:
    """Arrived, or admitted at once, by the nurse with the bag in hand."""
    nurse = way.cast.actor("nurse")
    label = labels.current(way.transfer)
    known = Known(way.now, way.now, "scan", label.id if label else None)

    def act() -> None:
        if admit:
            ward = stays.ward_place(nurse, way.cast.places["hospital"].wards["Willow"])
            stays.admit(nurse, way.by_label(), ward, known, decided_at=way.now, bed="4", with_bag=True)
        else:
            stays.arrive(nurse, way.by_label(), stays.own_place(nurse), known, with_bag=True)

    write(act)


def told(way: Pathway, **facts: object) -> object:
    carer = way.cast.actor("carer")
    given = {"crew": "B412", "left_at": None, "now": way.now, **facts}
    return write(lambda: late_handover.complete(carer, way.ref, **given))


def troubles_of(way: Pathway, part: str = "carer") -> list[str]:
    return [t.words for row in reads.board(way.cast.actor(part), way.now) for t in row.troubles]


@pytest.mark.parametrize("admit", [False, True])
def test_the_scan_freezes_what_went_along_and_invents_no_departure(way: Pathway, admit: bool) -> None:
    assert packs.latest(way.transfer.id) is None
    scanned(way, admit=admit)
    transfer = way.transfer
    assert (transfer.state, transfer.departed_at) == ("admitted" if admit else "arrived", None)
    assert (transfer.custody, transfer.custody_since) == ("hospital", way.now)
    frozen = packs.latest(transfer.id)
    assert frozen is not None
    assert (frozen.version, frozen.made_at, frozen.made_by) == (1, way.now, "Rowan House")
    assert [item.description for item in frozen.belongings] == ["Glasses", "Dentures, upper"]
    assert db.session.query(MedicineLine).filter_by(side="sent").count() == 3
    step = db.session.query(TransferEvent).filter_by(action="admit" if admit else "arrive").one()
    assert (step.data["version"], step.data["gaps"]) == (1, list(frozen.gaps))
    assert TROUBLE in troubles_of(way)
    assert TROUBLE not in troubles_of(way, "nurse")
    assert db.session.query(Stay).count() == int(admit)


def test_only_the_label_in_hand_opens_a_journey_that_is_still_packed(way: Pathway) -> None:
    carer, where = way.cast.actor("carer"), stays.told_place(way.cast.places["hospital"].ref)
    known = Known(way.now, way.now, source="phone", told_by="Sister May")
    with pytest.raises(IllegalTransition, match="nobody scanned its label"):
        write(lambda: stays.arrive(carer, way.transfer, where, known, with_bag=True))
    with pytest.raises(IllegalTransition, match="nobody scanned its label"):
        write(
            lambda: catching_up.come_home(
                carer,
                way.ref,
                missed=Missed(admitted=False, reached_at=way.now, place=where),
                occurred_at=way.now,
                bag_came=True,
                original_came="none",
                now=way.now,
            )
        )
    assert way.transfer.state == "packing"
    assert packs.latest(way.transfer.id) is None


def test_what_the_home_saves_afterwards_makes_a_new_version_and_the_list_stays(way: Pathway) -> None:
    scanned(way)
    carer = way.cast.actor("carer")
    write(lambda: transfers.save_facts(carer, way.ref, "today", {"bowels": "Friday"}, None, way.now))
    newest = packs.latest(way.transfer.id)
    assert newest is not None
    assert newest.version == 2
    assert newest.changes
    with pytest.raises(IllegalTransition, match="The bag has arrived"):
        write(lambda: belongings.pack(carer, way.ref, [Packed("Slippers")], way.now))
    with pytest.raises(IllegalTransition):
        write(
            lambda: transfers.hand_to_crew(
                carer, way.ref, crew="", infection_told=False, occurred_at=way.now, now=way.now
            )
        )


def test_the_handover_is_completed_with_its_time_before_the_arrival(way: Pathway) -> None:
    scanned(way)
    arrived, left = way.now, way.now - timedelta(minutes=12)
    way.after(hours=1)
    with pytest.raises(Invalid, match="They were in hospital at"):
        told(way, left_at=arrived + timedelta(minutes=1))
    told(way, left_at=left)
    transfer = way.transfer
    assert (transfer.state, transfer.departed_at, transfer.arrived_at) == ("arrived", left, arrived)
    assert transfer.custody == "hospital"
    assert TROUBLE not in troubles_of(way)
    spells = [(s.holder, s.since, s.until) for s in custody.picture(transfer).spells]
    place = "St Brannock’s Hospital, Emergency Department"
    assert [(since, until) for _, since, until in spells] == [
        (START, left),
        (left, arrived),
        (arrived, None),
    ]
    assert spells[1][0] == "crew B412"
    assert spells[2][0] in (place, "St Brannock’s Hospital", "St Brannock’s Hospital, Willow")
    with pytest.raises(IllegalTransition, match="recorded already"):
        told(way, left_at=left)


def test_in_the_minute_of_the_arrival_the_handover_comes_first(way: Pathway) -> None:
    way.after(seconds=40)
    scanned(way, admit=True)
    told(way, left_at=way.now.replace(second=0))
    assert way.transfer.departed_at == way.now.replace(second=0)


def test_a_handover_that_nobody_knows_the_time_of_is_settled_and_can_be_given_it_later(way: Pathway) -> None:
    scanned(way)
    way.after(hours=1)
    told(way)
    assert way.transfer.departed_at is None
    assert TROUBLE not in troubles_of(way)
    assert next(s.holder for s in custody.picture(way.transfer).spells) == "Rowan House"
    event = db.session.query(TransferEvent).filter_by(action="hand_to_crew").one()
    left = START + timedelta(minutes=5)
    write(
        lambda: corrections.correct_time(
            way.cast.actor("carer"), way.ref, event.ref, occurred_at=left, reason="Crew sheet", now=way.now
        )
    )
    assert way.transfer.departed_at == left
    assert way.transfer.state == "arrived"


@pytest.mark.parametrize("late", [False, True])
def test_an_arrival_taken_back_is_as_if_nobody_had_scanned(way: Pathway, late: bool) -> None:
    scanned(way)
    carer, nurse = way.cast.actor("carer"), way.cast.actor("nurse")
    write(lambda: transfers.save_facts(carer, way.ref, "today", {"bowels": "Friday"}, None, way.now))
    if late:
        told(way, left_at=START + timedelta(minutes=5))
    event = db.session.query(TransferEvent).filter_by(action="arrive").one()
    write(lambda: corrections.undo(nurse, way.ref, event.ref, reason="Wrong bag", now=way.now))
    transfer = way.transfer
    assert (transfer.state, transfer.arrived_at) == ("handed_to_crew" if late else "packing", None)
    assert transfer.custody == ("crew" if late else "home")
    assert TROUBLE not in troubles_of(way)
    if not late:
        way.after(minutes=5).left()
        assert way.transfer.departed_at == way.now
        assert db.session.query(MedicineLine).filter_by(side="sent").count() == 3


def test_a_step_that_was_taken_back_is_not_corrected_any_more(way: Pathway) -> None:
    scanned(way)
    nurse = way.cast.actor("nurse")
    way.admitted()
    event = db.session.query(TransferEvent).filter_by(action="admit").one().ref
    write(lambda: corrections.undo(nurse, way.ref, event, reason="Wrong bag", now=way.now))

    def correct() -> None:
        corrections.correct_time(nurse, way.ref, event, occurred_at=way.now, reason="x", now=way.now)

    with pytest.raises(IllegalTransition, match="taken back already"):
        write(correct)
    assert way.transfer.state == "arrived"


def test_an_admission_before_the_journey_was_opened_is_refused(way: Pathway) -> None:
    nurse, before = way.cast.actor("nurse"), START - timedelta(hours=1)
    label = labels.current(way.transfer)
    assert label is not None
    ward = stays.ward_place(nurse, way.cast.places["hospital"].wards["Willow"])
    known = Known(before, way.now, "scan", label.id)
    with pytest.raises(Invalid, match="before the home opened this journey"):
        write(
            lambda: stays.admit(nurse, way.by_label(), ward, known, decided_at=before, bed="", with_bag=True)
        )
    assert packs.latest(way.transfer.id) is None


def test_the_rest_of_the_journey_goes_on_without_a_departure(way: Pathway) -> None:
    scanned(way, admit=True)
    way.after(days=2).medicines_listed().going_home().after(hours=1).received()
    assert TROUBLE in troubles_of(way)
    stay = db.session.query(Stay).one()
    assert (stay.admitted_on, stay.discharged_on) == (
        london_day(START),
        london_day(way.now - timedelta(hours=1)),
    )
    told(way, left_at=START + timedelta(minutes=10))
    assert way.transfer.state == "back_home"
    assert TROUBLE not in troubles_of(way)


def test_a_doubt_about_the_person_stops_the_arrival(way: Pathway) -> None:
    nurse = way.cast.actor("nurse")
    write(lambda: corrections.wrong_person(nurse, way.by_label(), note="", label_id=None, now=way.now))
    with pytest.raises(IllegalTransition, match="not the person"):
        scanned(way)
    assert packs.latest(way.transfer.id) is None
    assert db.session.query(Task).one().kind == "wrong_person"
