"""Arrived, admitted, belongings in, and the bag that is somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.errors import NotPermitted
from redbag.domain.london_time import to_london
from redbag.models import Stay, Task, TransferEvent, TransferItem
from redbag.queries import transfers
from redbag.services import belongings, corrections
from tests.cast import Cast
from tests.integration.found import the
from tests.integration.walk import Walk
from tests.visitor import Visitor, day, filled, moment

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Left the home with the bag."""
    return Walk(app, cast).to("packed", "left")


def test_two_taps_from_the_label_to_the_ward_and_one_for_belongings(way: Walk, visit: Visit) -> None:
    """On both databases: arrived, admitted with everything as it stands, all here."""
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}")
    nurse.press(action=f"/b/{way.token}/arrive")
    assert nurse.page.status == 200
    assert "home is told. Arrived less than a minute ago. Rowan House, bag 012." in nurse.page.text
    nurse.open(nurse.page.links()["Admit to this ward"])
    assert "Agnes Obi" in nurse.page.text
    assert "3 November 1938" in nurse.page.text
    nurse.press()
    assert nurse.page.heading == "Belongings in: Agnes Obi"
    nurse.press(button="all=1")
    assert nurse.page.path == f"/ward/transfers/{way.ref}"
    assert "2 of 2 things here" in nurse.page.text
    assert (way.fact("state"), way.fact("with_bag"), way.fact("custody")) == ("admitted", True, "hospital")
    assert way.look(lambda: way.way.transfer.ward.name) == "Willow"
    stay = way.look(lambda: db.session.query(Stay).one())
    assert stay.admission_source == "scan"


@on_sqlite
def test_the_decision_can_be_earlier_and_the_stay_counts_from_it(way: Walk, visit: Visit) -> None:
    way.to("arrived")
    arrived = way.fact("arrived_at")
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}/admit")
    nurse.press({**moment("decided_at", arrived + timedelta(minutes=10)), "bed": "12"})
    decided, admitted = way.fact("decision_to_admit_at"), way.fact("admitted_at")
    assert timedelta(0) <= decided - arrived < timedelta(minutes=11)
    assert admitted > decided
    assert way.fact("bed") == "12"


@on_sqlite
def test_arrived_and_admitted_in_one_minute(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}")
    nurse.press(action=f"/b/{way.token}/arrive")
    nurse.open(f"/b/{way.token}/admit")
    nurse.press()
    assert nurse.page.status == 200
    assert way.fact("admitted_at") >= way.fact("arrived_at")


@on_sqlite
def test_a_decision_before_the_tap_of_arrival_sets_the_arrival_right(way: Walk, visit: Visit) -> None:
    way.to("arrived")
    decided = way.fact("arrived_at") - timedelta(minutes=10)
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}/admit")
    nurse.press({**moment("decided_at", decided), "bed": "4"})
    assert nurse.page.heading == "Belongings in: Agnes Obi"
    assert (
        way.fact("arrived_at") == way.fact("decision_to_admit_at") == decided.replace(second=0, microsecond=0)
    )
    page = nurse.open(f"/ward/transfers/{way.ref}")
    assert "Recorded late" in page.text


@on_sqlite
def test_times_that_contradict_each_other_keep_what_was_typed(way: Walk, visit: Visit) -> None:
    way.to("arrived")
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}/admit")
    early = way.fact("departed_at") - timedelta(hours=3)
    nurse.press({**moment("decided_at", early), "bed": "Bay <7>"})
    assert nurse.page.status == 422
    assert (
        next(at for words, at in nurse.page.links().items() if words.startswith("The decision to admit is"))
        == "#decided_at-day"
    )
    assert "Bay &lt;7&gt;" in nurse.page.response.text
    assert way.fact("state") == "arrived"


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "box"),
    [
        ({"admitted_at-time": "half two"}, "time"),
        ({"admitted_at-time": ""}, "time"),
        ({"admitted_at-month": "13"}, "day"),
    ],
)
def test_a_time_that_cannot_be_read_is_kept_and_its_own_box_is_named(
    way: Walk, visit: Visit, typed: dict[str, str], box: str
) -> None:
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}/admit")
    page = nurse.press(typed)
    assert page.status == 422
    assert f"#admitted_at-{box}" in page.links().values()
    form = page.form(f"/b/{way.token}/admit")
    fields = {name: value for name, value in filled(form, {}) if name in typed}
    assert fields == typed
    wrong = [e.get("id") for e in form.iter("input") if "nhsuk-input--error" in e.get("class", "")]
    assert wrong == (
        ["admitted_at-time"] if box == "time" else [f"admitted_at-{p}" for p in ("day", "month", "year")]
    )


@on_sqlite
def test_times_are_typed_as_people_write_them(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}/admit")
    at = to_london(way.fact("departed_at") + timedelta(minutes=10))
    typed = {name: f"{at:%I.%M%p}".lower() for name in ("decided_at-time", "admitted_at-time")}
    nurse.press({**day("decided_at", at.date()), **day("admitted_at", at.date()), **typed, "bed": "4"})
    assert to_london(way.fact("decision_to_admit_at")).strftime("%H:%M") == at.strftime("%H:%M")


@on_sqlite
def test_nobody_was_admitted_before_they_left_home(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}/admit")
    page = nurse.press(moment("decided_at", way.fact("departed_at") - timedelta(days=300)))
    assert page.status == 422
    assert "The decision to admit is before the bag left the home" in page.text
    assert way.fact("state") == "handed_to_crew"


@on_sqlite
def test_times_left_as_they_stood_are_now_however_long_the_page_lay_open(way: Walk, visit: Visit) -> None:
    way.to("arrived")
    nurse = visit("nurse")
    page = nurse.open(f"/b/{way.token}/admit")
    assert "A time that you leave as it stands is taken as now." in page.text
    mains = [b for b in page.form().iter("button") if "secondary" not in b.get("class", "")]
    assert [" ".join("".join(b.itertext()).split()) for b in mains] == ["This is the person: admit"]
    early = "1/1/2026 00:01"
    boxes = {f"{key}-{part}": text for key in ("decided_at", "admitted_at") for part, text in BOXES.items()}
    nurse.press({**boxes, "shown_decided_at": early, "shown_admitted_at": early, "bed": "4"})
    assert nurse.page.heading == "Belongings in: Agnes Obi"
    assert datetime.now(UTC) - way.fact("decision_to_admit_at") < timedelta(minutes=5)
    assert way.fact("bed") == "4"


BOXES = {"day": "1", "month": "1", "year": "2026", "time": "00:01"}


@on_sqlite
def test_a_colleagues_arrival_is_not_rewritten_by_an_admission(way: Walk, visit: Visit) -> None:
    way.to("arrived")
    arrived = way.fact("arrived_at")
    other = visit("hospital_manager")
    other.open(f"/b/{way.token}/admit")
    early = moment("decided_at", arrived - timedelta(minutes=5))
    page = other.press({**early, "ward": way.cast.places["hospital"].wards["Willow"]})
    assert page.status == 422
    assert "recorded by Priya Nair: correct the arrival first, or give a later time." in page.text
    assert way.fact("arrived_at") == arrived
    other.open(page.links()["Correct the time of the arrival"])
    other.press({**moment("at", arrived - timedelta(minutes=10)), "reason": "The clerk’s note says so"})
    other.open(f"/b/{way.token}/admit")
    other.press({**early, "ward": way.cast.places["hospital"].wards["Willow"]})
    assert way.fact("state") == "admitted"


@on_sqlite
def test_a_future_time_is_refused(way: Walk, visit: Visit) -> None:
    way.to("arrived")
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}/admit")
    nurse.press(moment("admitted_at", datetime.now(UTC) + timedelta(hours=5)))
    assert nurse.page.status == 422
    assert "This time is in the future" in nurse.page.text


@on_sqlite
def test_a_ward_must_be_the_hospitals_own(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}/admit")
    nurse.press({"ward": way.cast.places["other_hospital"].wards["Emergency Department"]})
    assert nurse.page.status == 422
    assert way.fact("state") == "handed_to_crew"


@on_sqlite
def test_a_second_admission_says_that_it_is_done(way: Walk, visit: Visit) -> None:
    nurse, colleague = visit("nurse"), visit("nurse")
    for person in (nurse, colleague):
        person.open(f"/b/{way.token}/admit")
    nurse.press()
    colleague.press({"bed": "Bay 3"})
    assert colleague.page.status == 409
    assert colleague.page.heading == "Already admitted"
    assert "(by Priya Nair, St Brannock’s Hospital, Willow, as “Admitted”)" in colleague.page.text
    assert "Bay 3" in colleague.page.text


@on_sqlite
def test_admitted_at_another_hospital_meanwhile_is_said_before_the_stay_moves(
    way: Walk, visit: Visit
) -> None:
    nurse, other = visit("nurse"), visit("other_nurse")
    for person in (nurse, other):
        person.open(f"/b/{way.token}/admit")
    nurse.press()
    other.press({"bed": "3"})
    assert other.page.status == 409
    assert "They were admitted by Priya Nair" in other.page.text
    assert way.fact("hospital_id") == way.cast.places["hospital"].id
    other.press()
    assert way.fact("hospital_id") == way.cast.places["other_hospital"].id


@on_sqlite
def test_by_reference_the_bag_is_asked_for_once(way: Walk, visit: Visit) -> None:
    """Somebody without the bag in hand admits a person of whom nobody said whether the bag came."""
    way.to("arrived")
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/admit")
    assert "Did the red bag come with them?" not in nurse.page.text
    nurse.press()
    assert way.fact("state") == "admitted"


@on_sqlite
def test_another_hospital_has_no_way_by_reference_but_by_the_bag(way: Walk, visit: Visit) -> None:
    other = visit("other_nurse")
    way.to("arrived")
    for page in ("", "/admit", "/check-in", "/discharge", "/leave", "/dates"):
        assert other.client.get(f"/ward/transfers/{way.ref}{page}").status_code == 404
    other.open(f"/b/{way.token}")
    assert other.page.heading == "Agnes Obi"
    other.open(f"/b/{way.token}/admit")
    other.press()
    assert way.fact("hospital_id") == way.cast.places["other_hospital"].id
    assert way.fact("state") == "admitted"
    assert visit("nurse").client.get(f"/ward/transfers/{way.ref}").status_code == 404


@on_sqlite
def test_an_admitted_person_who_turns_up_elsewhere_goes_on_with_one_stay(way: Walk, visit: Visit) -> None:
    way.to("arrived", "admitted")
    decided = way.fact("decision_to_admit_at")
    other = visit("other_nurse")
    other.open(f"/b/{way.token}/admit")
    assert other.page.heading == "They are here now to Emergency Department"
    assert "decided to admit" not in other.page.text
    other.press({"bed": "3"})
    assert way.fact("hospital_id") == way.cast.places["other_hospital"].id
    assert way.fact("decision_to_admit_at") == decided
    assert way.fact("bed") == "3"
    assert way.look(lambda: db.session.query(Stay).count()) == 1


@on_sqlite
def test_not_this_person_stops_everything_and_tells_the_home(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}/admit")
    nurse.press(action=f"/b/{way.token}/admit")  # leave the form used: what follows must be refused
    nurse.open(f"/ward/transfers/{way.ref}")
    nurse.press(action=f"/ward/transfers/{way.ref}/not-this-person")
    assert nurse.page.heading == "Stop: this pack may be somebody else’s"
    assert "020 7946 0199" in nurse.page.text
    assert "Warfarin" not in nurse.page.response.text
    task = way.look(lambda: db.session.query(Task).one())
    assert (task.kind, task.done_at) == ("wrong_person", None)
    for part in ("nurse", "hospital_manager"):
        assert "Not this person, somebody said: ring the home" in visit(part).open("/ward").text
    for page in ("check-in", "check-out", "dates", "move", "leave", "medicines", "died"):
        assert nurse.client.get(f"/ward/transfers/{way.ref}/{page}").status_code == 409
    assert "may be somebody else’s" in nurse.open(f"/b/{way.token}").heading
    home = way.cast.actor("carer")
    way.write(lambda: corrections.do_task(home, way.ref, task.ref, told="Sister Nair", now=datetime.now(UTC)))
    assert nurse.open(f"/b/{way.token}").heading == "Agnes Obi"


@on_sqlite
def test_pressed_by_mistake_is_taken_back_by_the_same_person_only(way: Walk, visit: Visit) -> None:
    nurse, manager = visit("nurse"), visit("hospital_manager")
    nurse.open(f"/b/{way.token}")
    nurse.press(action=f"/b/{way.token}/not-this-person")
    page = manager.open(f"/b/{way.token}")
    said = way.look(lambda: db.session.query(TransferEvent).filter_by(action="wrong_person").one())
    assert f"{said.actor_name} ({said.place}) said so" in page.text
    assert "It is this person after all" not in page.text
    manager_actor = way.cast.actor("hospital_manager")
    with pytest.raises(NotPermitted):
        way.write(lambda: corrections.right_person(manager_actor, way.way.transfer, datetime.now(UTC)))
    nurse.open(f"/b/{way.token}")
    nurse.press()
    assert nurse.page.heading == "Agnes Obi"
    nurse.press(action=f"/b/{way.token}/arrive")
    assert way.fact("state") == "arrived"


@on_sqlite
def test_belongings_one_missing_the_rest_here(way: Walk, visit: Visit) -> None:
    way.to("arrived", "admitted")
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/check-in")
    glasses = way.look(lambda: the(TransferItem, description="Glasses").ref)
    nurse.press(
        {f"item-{glasses}": "missing", f"note-{glasses}": "Not in the case", "added": "Blue scarf\n\nComb"}
    )
    assert "1 of 2 things here. Glasses missing. The home sees it now." in nurse.page.text
    found = way.look(lambda: belongings.standing(way.way.transfer))
    assert sorted(found.values()) == ["added", "added", "missing", "present"]
    carer = way.cast.actor("carer")
    rows = way.look(lambda: transfers.board(carer, datetime.now(UTC)))
    assert "missing_in_hospital" in {trouble.kind for trouble in rows[0].troubles}


@on_sqlite
def test_all_here_beside_a_missing_thing_is_asked_again(way: Walk, visit: Visit) -> None:
    way.to("arrived", "admitted")
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/check-in")
    glasses = way.look(lambda: the(TransferItem, description="Glasses").ref)
    nurse.press({f"item-{glasses}": "damaged"}, button="all=1")
    assert nurse.page.status == 422
    assert "You marked 1 and pressed “All here”. Which is right?" in nurse.page.text
    assert 'value="damaged" checked' in nurse.page.response.text
    assert way.look(lambda: belongings.standing(way.way.transfer)) == {}


@on_sqlite
def test_a_missing_or_damaged_thing_is_carried_forward_to_the_next_check(way: Walk, visit: Visit) -> None:
    way.to("arrived", "admitted")
    nurse = visit("nurse")
    glasses, dentures = way.look(
        lambda: [the(TransferItem, description=name).ref for name in ("Glasses", "Dentures, upper")]
    )
    nurse.open(f"/ward/transfers/{way.ref}/check-in")
    nurse.press(
        {f"item-{glasses}": "damaged", f"note-{glasses}": "Lens cracked", f"item-{dentures}": "missing"}
    )
    assert "Missing: Dentures, upper. Damaged: Glasses (Lens cracked)" in (
        nurse.open(f"/ward/transfers/{way.ref}").text
    )
    page = nurse.open(f"/ward/transfers/{way.ref}/check-out")
    assert "All 2 here" not in page.text
    assert "at the last check: missing" in page.text
    for button in ("", "all=1"):
        nurse.open(f"/ward/transfers/{way.ref}/check-out")
        nurse.press(button=button)
        assert nurse.page.status == 422
        link = "Dentures, upper: missing at the last check. Say whether it is here now."
        assert nurse.page.links()[link] == f"#item-{dentures}"
    nurse.open(f"/ward/transfers/{way.ref}/check-out")
    nurse.press({f"item-{dentures}": "present"})
    assert "2 of 2 things here. Glasses damaged." in nurse.page.text
    assert way.look(lambda: belongings.standing(way.way.transfer))[glasses] == "damaged"
    text = nurse.open(f"/ward/transfers/{way.ref}").text
    assert "Damaged: Glasses (Lens cracked). Found again: Dentures, upper" in text


@on_sqlite
def test_valuables_say_who_was_told(way: Walk, visit: Visit) -> None:
    def list_a_ring() -> None:
        the(TransferItem, description="Glasses").valuable = True

    way.write(list_a_ring)
    way.to("arrived", "admitted")
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/check-in")
    assert "not responsible for money and jewellery unless they are handed in" in nurse.page.text
    nurse.press(button="all=1")
    assert nurse.page.status == 422
    link = "Glasses: write who was told, or where it is kept. “Worn” is an answer."
    assert nurse.page.links()[link] == "#valuables"
    nurse.press({"valuables": "Handed in to the safe, slip 44"}, button="all=1")
    assert "Valuables: Handed in to the safe, slip 44" in nurse.page.text
