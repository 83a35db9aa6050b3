"""Records to review: residents by sections, the worst first; and the home's own intervals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain import reviews as rules
from redbag.domain.london_time import london_day
from redbag.domain.reviews import Freshness
from redbag.models import Medicine, RecordSection, Resident
from redbag.queries import reviews
from redbag.services import restriction
from tests.cast import Cast
from tests.integration import household
from tests.integration.counting import counted
from tests.visitor import Visitor, filled

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
SOON_AFTER = date(2026, 3, 9)
LONG_AFTER = date(2026, 4, 5)  # alerts, written on 2 March, were due on 1 April


def test_the_emptiest_record_stands_first_and_lateness_is_counted_in_days(app: Flask, cast: Cast) -> None:
    with app.app_context():
        full = household.add(cast, "Ada", "Able")
        household.add(cast, "Zoe", "Young")
        household.record(cast, full, "alerts", {"choking": "no"})
        rows = reviews.board(cast.actor("carer"), LONG_AFTER)
        assert [row.resident.family_name for row in rows] == ["Young", "Able"]
        alerts = rows[1].cells[0]
        assert (alerts.freshness, alerts.days_late) == (Freshness.OVERDUE, 4)
        assert rows[1].count(Freshness.EMPTY) == 6  # five sections, and the list of medicines
        assert reviews.board(cast.actor("carer"), SOON_AFTER)[1].cells[0].freshness is Freshness.FRESH
        assert reviews.board(cast.actor("outsider"), SOON_AFTER) == []


def test_a_section_emptied_again_is_empty_however_lately_it_was_saved(app: Flask, cast: Cast) -> None:
    with app.app_context():
        ref = household.add(cast, "Ada", "Able")
        household.record(cast, ref, "alerts", {"choking": "no"})
        household.record(cast, ref, "alerts", {}, version=1)
        assert reviews.board(cast.actor("carer"), SOON_AFTER)[0].cells[0].freshness is Freshness.EMPTY


def test_each_cell_is_one_tap_from_its_section_and_filters_narrow(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        ref = household.add(cast, "Ada", "Able")
        household.record(cast, ref, "alerts", {"choking": "no"})
    carer = visit("carer")
    page = carer.open("/residents/to-review")
    assert f"/residents/{ref}/record/wishes?then=board" in page.links().values()
    assert "1 of 1 residents have something to do" in page.text
    assert "Ada Able" in carer.open("/residents/to-review?show=overdue").text
    with app.app_context():
        section = db.session.query(RecordSection).one()
        section.review_due_on = date(2099, 1, 1)
        db.session.commit()
    assert "Nobody’s record is like that." in carer.open("/residents/to-review?show=overdue").text
    assert "Ada Able" in carer.open("/residents/to-review?show=empty").text
    assert "Ada Able" in carer.open("/residents/to-review?show=all").text


def test_a_medicine_to_check_is_settled_by_one_tap_and_saving_goes_back_to_the_board(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        ref = household.add(cast, "Ada", "Able")
        household.record(cast, ref, "alerts", {"choking": "no"})
        medicine = household.medicine(cast, ref, "Warfarin", strength="3 mg")
        household.medicine(cast, ref, "Fentanyl", form="patch")
    carer = visit("carer")
    page = carer.open("/residents")
    page = carer.open(page.links()["2 medicines to check of Ada Able"])
    assert "Warfarin 3 mg: by its name anticoagulant (blood thinner). Is it?" in page.text
    act = f"/residents/{ref}/medicines/{medicine}/risk"
    page = carer.press(action=act, button="time_critical=yes")
    assert page.path == "/residents/to-review"
    assert "Warfarin 3 mg" not in page.text
    assert "Fentanyl patch: by its name opioid, patch. Is it?" in page.text
    with app.app_context():
        row = db.session.query(Medicine).filter_by(ref=medicine).one()
        assert (row.high_risk, row.time_critical) == ("anticoagulant", True)
    carer.open(next(path for path in page.links().values() if "record/needs" in path))
    assert carer.press({"sleep": "independent"}).path == "/residents/to-review"
    reviewing = f"/residents/{ref}/record/medicines/reviewed?then=board"
    page = carer.open(f"/residents/{ref}?then=board")
    assert "List never reviewed" in page.text
    page = carer.press(action=reviewing)
    assert page.path == "/residents/to-review"
    with app.app_context():
        cell = reviews.board(cast.actor("carer"), london_day(datetime.now(UTC)))[0].cells[-1]
        assert (cell.section.key, cell.freshness) == ("medicines", Freshness.FRESH)


def test_the_managers_page_counts_what_the_board_shows(app: Flask, cast: Cast) -> None:
    with app.app_context():
        full, some, shut, gone = (household.add(cast, "Ann", f"More{letter}") for letter in "abcd")
        household.add(cast, "Nora", "Nothing")
        household.record(cast, full, "alerts", {"choking": "no"})
        household.medicine(cast, full, "Ramipril")
        stopped = household.medicine(cast, some, "Ibuprofen")
        db.session.query(Medicine).filter_by(ref=stopped).one().stopped_on = SOON_AFTER
        for ref in (some, shut, gone):
            household.record(cast, ref, "needs", {"needs_other": "none"})
        household.record(cast, some, "needs", {}, version=1)
        people = {one.ref: one for one in db.session.query(Resident)}
        looked = RecordSection(resident_id=people[some].id, key="medicines", reviewed_at=datetime.now(UTC))
        looked.review_due_on = LONG_AFTER
        db.session.add(looked)
        people[gone].left_on = SOON_AFTER
        db.session.commit()
        restriction.restrict(shut, "asked by the family", datetime.now(UTC))
        db.session.commit()
        for part, number in (("manager", 4), ("carer", 3), ("outsider", 0)):
            for day in (SOON_AFTER, LONG_AFTER, date(2027, 6, 1)):
                board = [row.cells for row in reviews.board(cast.actor(part), day)]
                counts = reviews.tally(cast.actor(part), day)
                assert counts == rules.tally(board)
                assert counts.residents == number
        assert reviews.tally(cast.actor("nurse"), SOON_AFTER) == rules.Tally(0, 0, 0, 0)


def test_the_number_of_reads_does_not_grow_with_the_home(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        household.add(cast, "Ada", "Able")
    carer = visit("carer")
    carer.open("/residents/to-review")
    with counted(app) as few:
        carer.open("/residents/to-review")
    with app.app_context():
        for number in range(4):
            ref = household.add(cast, "Ann", f"More{'abcd'[number]}")
            household.record(cast, ref, "needs", {"needs_other": "none"})
    with counted(app) as many:
        carer.open("/residents/to-review")
    assert len(many) == len(few)


def test_the_manager_sets_the_intervals_and_the_due_days_move(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Ada", "Able")
        household.record(cast, ref, "alerts", {"choking": "no"})
    assert visit("carer").open("/settings/reviews").status == 403
    manager = visit("manager")
    page = manager.open("/settings/reviews")
    assert dict(filled(page.form(), {}))["alerts"] == "30"
    assert manager.press({"alerts": "3", "needs": ""}).status == 422
    assert "Usual needs: write a number of days." in manager.page.text
    assert "must be between 7 and 366 days" in manager.page.text
    assert manager.press({"alerts": "14", "needs": "90.5"}).status == 422
    assert "Usual needs: write a whole number, without decimals." in manager.page.text
    assert manager.press({"needs": "60"}).path == "/residents/to-review"
    with app.app_context():
        section = db.session.query(RecordSection).one()
        assert section.review_due_on == date(2026, 3, 16)
        assert section.version == 1  # whoever has it open meanwhile is not held up
        assert db.session.query(Resident).one().home.thresholds["review_days_needs"] == 60


def test_two_managers_on_the_intervals_see_both(app: Flask, visit: Visit) -> None:
    one, other = visit("manager"), visit("manager")
    one.open("/settings/reviews")
    other.open("/settings/reviews")
    one.press({"alerts": "14"})
    page = other.press({"alerts": "21"})
    assert page.status == 409
    assert "Somebody else saved this after you opened it" in page.text
    assert other.press({}).path == "/residents/to-review"
