"""The board, a person who is here, moves and dates, and putting right what was recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.custody import Status, Step
from redbag.domain.london_time import format_day, london_day
from redbag.models import Organisation, Stay, TransferEvent
from redbag.services import corrections, stays
from redbag.services.stays import Known
from tests.cast import Cast
from tests.integration.walk import Walk
from tests.visitor import Visitor, moment

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Admitted to Willow."""
    return Walk(app, cast).to("packed", "left", "arrived", "admitted")


def day(name: str, on: datetime) -> dict[str, str]:
    local = london_day(on)
    return {f"{name}-day": str(local.day), f"{name}-month": str(local.month), f"{name}-year": str(local.year)}


def steps(way: Walk, action: str) -> list[TransferEvent]:
    return way.look(lambda: db.session.query(TransferEvent).filter_by(action=action).all())


def test_an_empty_board_says_what_to_do(app: Flask, cast: Cast, visit: Visit) -> None:
    page = visit("nurse").open("/ward")
    assert "Nobody from a care home is on Willow now" in page.text
    assert page.links()["scan its label"] == "/scan"
    assert "No bag is on its way." in page.text


def test_on_the_way_names_the_bag_and_no_person(app: Flask, cast: Cast, visit: Visit) -> None:
    way = Walk(app, cast).to("packed")
    hospital = cast.places["hospital"].id
    way.write(lambda: setattr(way.way.transfer, "hospital_id", hospital))
    way.to("left")
    page = visit("nurse").open("/ward")
    assert "Rowan House, bag 012. Left 3 hours ago" in page.text
    assert "Agnes" not in page.response.text
    assert "Rowan House" not in visit("other_nurse").open("/ward").text


def test_my_ward_stands_first_and_the_whole_hospital_is_a_tap_away(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    board = nurse.open("/ward")
    assert board.links()["Agnes Obi"] == f"/ward/transfers/{way.ref}"
    assert "1 person on Willow. What needs doing first" in board.text
    assert "0 days" in board.text or "1 day " in board.text
    assert "Show all" not in board.text
    nurse.open(f"/ward/transfers/{way.ref}/move")
    nurse.press({"ward": way.cast.places["hospital"].wards["Poplar"], "bed": "2"})
    board = nurse.open("/ward")
    assert "Nobody from a care home is on Willow now" in board.text
    assert "Agnes" not in board.text
    board = nurse.open(board.links()["Show all 1 in St Brannock’s Hospital"])
    assert "Poplar, bed 2" in board.text
    assert "Agnes" not in visit("other_nurse").open("/ward").text


def test_the_hospital_manager_without_a_ward_sees_everybody(way: Walk, visit: Visit) -> None:
    page = visit("hospital_manager").open("/ward")
    assert "Say which ward you work on" in page.text
    assert "Agnes Obi" in page.text


def test_the_carer_has_no_ward_pages(way: Walk, visit: Visit) -> None:
    carer = visit("carer").client
    for address in ("/ward", f"/ward/transfers/{way.ref}", f"/ward/transfers/{way.ref}/leave"):
        assert carer.get(address).status_code == 403


def test_the_person_the_stay_and_the_pack_on_one_page(way: Walk, visit: Visit) -> None:
    page = visit("nurse").open(f"/ward/transfers/{way.ref}")
    assert page.heading == "Agnes Obi"
    for words in (
        "Willow, bed 4",
        "No known allergies",
        "Check belongings in",
        "Estimated to go home",
        "What was recorded",
    ):
        assert words in page.text
    assert (way.ref, {"version": 1}) in way.audited("pack.read")


def test_the_two_dates_and_taking_one_out_again(way: Walk, visit: Visit) -> None:
    nurse, today = visit("nurse"), datetime.now(UTC)
    nurse.open(f"/ward/transfers/{way.ref}/dates")
    nurse.press({**day("estimated", today + timedelta(days=5)), **day("ready", today)})
    assert "Dates saved" in nurse.page.text
    assert way.fact("estimated_discharge_on") == london_day(today + timedelta(days=5))
    assert way.look(lambda: db.session.query(Stay).one().discharge_ready_on) == london_day(today)
    nurse.open(f"/ward/transfers/{way.ref}/dates")
    nurse.press({"ready-day": "", "ready-month": "", "ready-year": ""})
    assert way.fact("discharge_ready_on") is None
    assert len(steps(way, "set_estimated_discharge")) == 1


def test_a_date_that_a_colleague_set_meanwhile_is_not_overwritten_unseen(way: Walk, visit: Visit) -> None:
    nurse, colleague, today = visit("nurse"), visit("hospital_manager"), datetime.now(UTC)
    for person in (nurse, colleague):
        person.open(f"/ward/transfers/{way.ref}/dates")
    colleague.press(day("estimated", today + timedelta(days=9)))
    nurse.press(day("ready", today))  # the other date: nothing is in the way
    assert nurse.page.status == 200
    assert way.fact("estimated_discharge_on") == london_day(today + timedelta(days=9))
    colleague.open(f"/ward/transfers/{way.ref}/dates")
    nurse.open(f"/ward/transfers/{way.ref}/dates")
    colleague.press(day("estimated", today + timedelta(days=11)))
    nurse.press(day("estimated", today + timedelta(days=3)))
    assert nurse.page.status == 409
    assert "A colleague set this meanwhile" in nurse.page.text
    assert way.fact("estimated_discharge_on") == london_day(today + timedelta(days=11))
    nurse.press()
    assert way.fact("estimated_discharge_on") == london_day(today + timedelta(days=3))


@pytest.mark.parametrize(
    ("name", "shift", "sentence"),
    [
        ("estimated", -400, "They were admitted on"),
        ("ready", -400, "They were admitted on"),
        ("ready", 2, "This day is in the future. Set it when it has come."),
    ],
)
def test_dates_that_cannot_be(way: Walk, visit: Visit, name: str, shift: int, sentence: str) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/dates")
    nurse.press(day(name, datetime.now(UTC) + timedelta(days=shift)))
    assert nurse.page.status == 422
    assert sentence in nurse.page.text
    assert way.fact("discharge_ready_on") is None


@pytest.mark.parametrize(
    ("year", "sentence"),
    [(100, "This is more than a year ahead. Check the year."), ("62", "Write the year in four digits.")],
)
def test_a_year_that_cannot_be_meant(way: Walk, visit: Visit, year: int | str, sentence: str) -> None:
    nurse, today = visit("nurse"), datetime.now(UTC)
    nurse.open(f"/ward/transfers/{way.ref}/dates")
    written = str(today.year + year) if isinstance(year, int) else year
    page = nurse.press({"estimated-day": "24", "estimated-month": "11", "estimated-year": written})
    assert page.status == 422
    assert page.links()[sentence] == "#estimated-day"
    assert way.fact("estimated_discharge_on") is None


def test_an_empty_form_of_dates_says_that_nothing_was_changed(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/dates")
    page = nurse.press()
    assert "Nothing was changed." in page.text
    assert "Dates saved" not in page.text


def test_what_is_missing_is_named_and_marked_in_the_list(way: Walk, visit: Visit) -> None:
    way.look(lambda: way.way.checked("nurse", Step.ADMISSION, glasses=Status.MISSING))
    page = visit("nurse").open(f"/ward/transfers/{way.ref}")
    assert page.links()["Missing: Glasses. Look on the ward"] == "#belongings"
    assert "Glasses Missing at the last check" in page.text
    assert page.text.index("Agnes Obi") < page.text.index("Undo “Admitted”") < page.text.index("Next steps")


def test_no_such_day_keeps_what_was_typed(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/dates")
    nurse.press({"estimated-day": "31", "estimated-month": "2", "estimated-year": "2027"})
    assert nurse.page.status == 422
    assert "There is no such day" in nurse.page.text
    assert 'value="31"' in nurse.page.response.text


def test_the_home_rang(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/spoke")
    nurse.press({"who": ""})
    assert nurse.page.status == 422
    nurse.press({"who": "Tom Price", "note": "Visits tomorrow"})
    assert way.fact("home_contact_at") is not None
    assert "With Tom Price. Visits tomorrow" in nurse.page.text


def test_moved_to_another_hospital_is_seen_there(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/move-hospital")
    assert "the bag goes with them" in nurse.page.text
    nurse.press({"hospital": way.cast.places["other_hospital"].ref})
    assert nurse.page.status == 422
    name = way.look(lambda: db.session.get(Organisation, way.cast.places["other_hospital"].id).name)
    assert f"They leave your board, and only {name} can act then." in nurse.page.text
    assert steps(way, "move_hospital") == []
    nurse.press()
    assert nurse.page.path == "/ward"
    assert "Agnes" not in nurse.page.text
    assert "Agnes Obi" in visit("other_nurse").open("/ward").text


def test_no_bag_goes_along_where_none_came(app: Flask, cast: Cast, visit: Visit) -> None:
    way = Walk(app, cast).to("packed", "left", "arrived", "admitted")
    way.write(lambda: setattr(way.way.transfer, "with_bag", False))
    page = visit("nurse").open(f"/ward/transfers/{way.ref}/move-hospital")
    assert "The stay goes on there. You will no longer see them here." in page.text


@pytest.mark.parametrize("page", ["move", "move-hospital"])
def test_a_move_before_the_admission_is_refused(way: Walk, visit: Visit, page: str) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/{page}")
    early = moment("at", way.fact("admitted_at") - timedelta(hours=1))
    if page == "move":
        nurse.press({"ward": way.cast.places["hospital"].wards["Poplar"], **early})
    else:
        nurse.press({"hospital": way.cast.places["other_hospital"].ref, **early})
        nurse.press()
    assert nurse.page.status == 422
    [link] = [words for words in nurse.page.links() if words.startswith("The move is before the admission")]
    assert nurse.page.links()[link] == "#at-day"


def test_a_bed_is_left_behind_with_its_ward_and_named_once(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/move")
    assert "Now: 4" in nurse.page.text
    nurse.press()
    assert nurse.page.links()["Write the new bed or bay, or choose another ward."] == "#bed"
    nurse.press({"bed": "Bay 2 bed 4"})
    assert "Willow, Bay 2 bed 4" in nurse.page.text
    assert "Bay 2 bed 4" in nurse.open("/ward").text
    nurse.open(f"/ward/transfers/{way.ref}/move")
    nurse.press({"ward": way.cast.places["hospital"].wards["Poplar"]})
    assert way.fact("bed") == ""


def test_the_page_begins_with_its_parts_and_the_latest_step_s_undo(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}")
    ids = {element.get("id") for element in page.tree.iter()}
    here = next(nav for nav in page.tree.iter("nav") if nav.get("aria-label") == "On this page")
    parts = {" ".join("".join(a.itertext()).split()): a.get("href", "") for a in here.iter("a")}
    assert list(parts) == [
        "Dates",
        "Belongings",
        "Medicines",
        "Next steps, going home",
        "History: correct a mistake",
    ]
    assert {at.removeprefix("#") for at in parts.values()} <= ids
    assert page.text.index("Undo “Admitted”") < page.text.index("Dates")
    [admitted] = steps(way, "admit")
    nurse.press(action=f"/ward/transfers/{way.ref}/steps/{admitted.ref}/undo")
    assert "Taken back." in nurse.page.text
    assert "Undo “Admitted”" not in nurse.page.text


def test_undo_takes_the_latest_own_step_back(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    nurse.open(f"/ward/transfers/{way.ref}/move")
    nurse.press({"ward": way.cast.places["hospital"].wards["Poplar"]})
    [moved] = steps(way, "move_ward")
    nurse.press(action=f"/ward/transfers/{way.ref}/steps/{moved.ref}/undo")
    assert "Taken back. They are now “Admitted”." in nurse.page.text
    assert way.look(lambda: way.way.transfer.ward.name) == "Willow"
    assert "Moved ward, taken back" in nurse.page.text
    [admitted] = steps(way, "admit")
    nurse.press(action=f"/ward/transfers/{way.ref}/steps/{admitted.ref}/undo")
    assert way.fact("state") == "arrived"
    [arrived] = steps(way, "arrive")
    nurse.press(action=f"/ward/transfers/{way.ref}/steps/{arrived.ref}/undo")
    assert nurse.page.path == "/ward"
    assert way.fact("state") == "handed_to_crew"


def test_an_earlier_or_anothers_step_cannot_be_undone(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    page = nurse.open(f"/ward/transfers/{way.ref}")
    [arrived], [left] = steps(way, "arrive"), steps(way, "hand_to_crew")
    assert f"/steps/{arrived.ref}/undo" not in page.response.text
    token = [("csrf_token", "")]
    for form in page.tree.iter("input"):
        if form.get("name") == "csrf_token":
            token = [("csrf_token", form.get("value", ""))]
    assert nurse.post(f"/ward/transfers/{way.ref}/steps/{arrived.ref}/undo", token).status == 409
    assert nurse.post(f"/ward/transfers/{way.ref}/steps/{left.ref}/undo", token).status == 403
    assert way.fact("state") == "admitted"


def test_the_time_of_admission_and_of_the_decision_are_corrected_apart(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    [admitted] = steps(way, "admit")
    before = way.fact("admitted_at")
    nurse.open(f"/ward/transfers/{way.ref}/steps/{admitted.ref}/time")
    nurse.press({**moment("decided_at", before - timedelta(minutes=20)), "reason": ""})
    assert nurse.page.status == 422
    assert "Say why the time is corrected." in nurse.page.text
    nurse.press({"reason": "The clerk’s note says so"})
    assert "Corrected. The first record stays in the history." in nurse.page.text
    assert "The clerk’s note says so" in nurse.page.text
    gap = way.fact("admitted_at") - way.fact("decision_to_admit_at")
    assert timedelta(minutes=19) < gap < timedelta(minutes=21)
    assert way.look(lambda: db.session.query(Stay).one().admission_source) == "correction"


def test_a_correction_must_keep_the_order_of_times(way: Walk, visit: Visit) -> None:
    nurse = visit("nurse")
    [arrived] = steps(way, "arrive")
    nurse.open(f"/ward/transfers/{way.ref}/steps/{arrived.ref}/time")
    nurse.press({**moment("at", way.fact("departed_at") - timedelta(hours=2)), "reason": "Typed wrongly"})
    assert nurse.page.status == 422
    [link] = [w for w in nurse.page.links() if w.startswith("The arrival is before the bag left the home (")]
    assert nurse.page.links()[link] == "#at-day"


def test_late_things_stand_on_the_board(app: Flask, cast: Cast, visit: Visit) -> None:
    way = Walk(app, cast, hours=24 * 9).to("packed", "left", "arrived", "admitted")
    known = Known(datetime.now(UTC) - timedelta(days=5), datetime.now(UTC) - timedelta(days=5))
    nurse = cast.actor("nurse")
    yesterday = london_day(datetime.now(UTC) - timedelta(days=1))
    way.write(lambda: stays.set_estimated_date(nurse, way.way.transfer, yesterday, known))
    text = visit("nurse").open("/ward").text
    assert f"Home {format_day(yesterday)}: passed" in text
    assert "9 days" in text or "8 days" in text


def test_a_death_that_was_recorded_by_mistake_is_taken_back(way: Walk, visit: Visit) -> None:
    nurse = way.cast.actor("nurse")
    known = Known(datetime.now(UTC), datetime.now(UTC))
    way.write(lambda: stays.died(nurse, way.way.transfer, known, kin_told="Ann", home_told="Joy"))
    [died] = steps(way, "record_death")
    way.write(lambda: corrections.undo(nurse, way.ref, died.ref, reason="Wrong bed", now=datetime.now(UTC)))
    assert way.fact("state") == "admitted"
    assert "Agnes Obi" in visit("nurse").open("/ward").text
