"""The manager's Monday page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.custody import Status, Step
from redbag.domain.london_time import london_day, start_of_day
from redbag.models import Organisation, Stay
from redbag.services import transfers
from redbag.web.reports import remembered
from tests.cast import Cast
from tests.integration import household
from tests.integration.counting import counted
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def test_the_manager_lands_here_and_an_empty_home_says_what_is_so(visit: Visit) -> None:
    manager = visit("manager")
    page = manager.open("/")
    assert page.path == "/overview"
    for words in ("Nothing is late.", "Everybody is at home.", "Nobody is on the list of residents yet."):
        assert words in page.text
    assert "Nothing that was lost waits for an answer." in page.text
    assert "No stay from Rowan House has ended" in page.text
    for part in ("carer", "nurse", "hospital_manager", "outsider"):
        assert visit(part).open("/overview").status == 403


def test_who_is_in_hospital_what_is_late_and_whose_move_it_is(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        way = Pathway(cast, datetime.now(UTC) - timedelta(days=8, minutes=30))
        way.packed().left().after(minutes=30).admitted().after(minutes=9)
        way.checked("nurse", Step.ADMISSION, dentures=Status.MISSING)
        way.transfer.estimated_discharge_on = date(2024, 1, 1)
        db.session.commit()
        path = f"/transfers/{way.ref}"
    manager = visit("manager")
    page = manager.open("/overview")
    assert "1 person in hospital now" in page.text
    assert "Agnes Obi 8 days 7 days or more" in page.text
    assert "1 person with something late" in page.text
    number = len(re.findall("Your move:|The hospital’s move:", page.text))
    assert f"Agnes Obi {number} things to do" in page.text and f"{number - 1} more things to do" in page.text
    links = page.links()
    assert links["Ring the ward: overdue"] == f"{path}/home-contact"
    assert links["Expected home Mon 1 Jan 2024, passed: set a new date"] == path
    # The same tasks, and the same side to move, as on the journey's own page.
    tasks = {
        "Ring the ward: overdue": "Your move",
        "1 thing missing in hospital: look at home; the ward has it on its list too": "Your move",
        "Expected home Mon 1 Jan 2024, passed: set a new date": "The hospital’s move",
        "In hospital 8 days": "The hospital’s move",
    }
    journey = manager.open(path).text
    for words, move in tasks.items():
        assert re.search(rf"{move}: {re.escape(words)} (late )?since [^()]+ \([^()]+\)", page.text), words
        after = journey.split(words, 1)[1][:60]
        assert ("The hospital has the next move" in after) is (move != "Your move"), words
    assert "passed: set a new date late since Tue 2 Jan 2024" in page.text
    assert page.text.count("8 days 7 days or more") == 1
    for text in (journey, manager.open("/transfers").text):
        assert "(8 days in hospital)" in text
    # Taken away, it says the same in numbers, and names nobody.
    taken = manager.client.get("/reports/front.csv").text
    waits = (
        "In hospital or on the way,1",
        "People with something late,1",
        '"People with something to do, not late",0',
        "Lost things to settle,0",
    )
    assert all(f"\r\n{line}\r\n" in taken for line in waits)
    assert "This year against last: No stay from Rowan House has ended" in taken
    assert "Agnes" not in taken and "spoke with the ward" not in taken
    assert manager.client.get("/reports/front.pdf").data.startswith(b"%PDF")


def test_days_in_hospital_are_the_same_number_everywhere(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        # A minute before midnight in London: the day is over at once, though hardly any time has passed.
        today = start_of_day(london_day(datetime.now(UTC)))
        way = Pathway(cast, today - timedelta(days=3, hours=2))
        way.packed().left().after(hours=1, minutes=59).admitted()
        started = way.transfer.decision_to_admit_at or way.transfer.admitted_at
        days = (london_day(datetime.now(UTC)) - london_day(started)).days
        ref = way.ref
    assert days == 4
    manager, nurse = visit("manager"), visit("nurse")
    for text in (
        manager.open("/overview").text,
        manager.open("/transfers").text,
        manager.open(f"/transfers/{ref}").text,
        nurse.open("/ward").text,
        nurse.open(f"/ward/transfers/{ref}").text,
    ):
        assert "4 days" in text
        assert "3 days" not in text


def test_who_waits_stands_apart_from_who_is_late(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        way = Pathway(cast, datetime.now(UTC) - timedelta(hours=5))
        way.packed().left().after(minutes=30).admitted().after(minutes=9)
        way.checked("nurse", Step.ADMISSION, dentures=Status.MISSING)
    text = visit("manager").open("/overview").text
    assert "Nothing is late. 1 person with something to do, not late Agnes Obi" in text


def test_stale_records_and_lost_things_are_counted_and_open_what_is_behind_them(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    with app.app_context():
        way = Pathway(cast, datetime.now(UTC) - timedelta(days=60))
        way.packed().left().after(hours=1)
        begin_write()
        transfers.stay_home(cast.actor("carer"), way.ref, why="Better", occurred_at=way.now, now=way.now)
        db.session.commit()
        way.checked("carer", Step.RETURN, dentures=Status.MISSING).closed()
        household.add(cast, "Zoe", "Young")
    page = visit("manager").open("/overview")
    links = page.links()
    assert links["2 records to review, of 2"] == "/residents/to-review"
    assert links["12 empty sections"] == "/residents/to-review?show=empty"
    assert links["2 late reviews"] == "/residents/to-review?show=overdue"
    assert links["1 lost thing to settle"] == "/lost-belongings"
    assert "Dentures, upper, Agnes Obi" in page.text
    assert "12 empty sections and 2 late reviews" in page.text


def _stays(cast: Cast, count: int, *, days: int, before: int) -> None:
    """Closed stays that ended in the month `before` months ago."""
    today = london_day(datetime.now(UTC))
    month = today.year * 12 + today.month - 1 - before
    ended = date(month // 12, month % 12 + 1, 15)
    db.session.add_all(
        Stay(
            home_id=cast.places["home"].id,
            admitted_on=ended - timedelta(days=days),
            discharged_on=ended,
            ended_as="home",
        )
        for _ in range(count)
    )


@pytest.mark.parametrize(("count", "said"), [(10, "Stays were shorter"), (9, "Too few stays to say")])
def test_the_answer_on_stays_claims_nothing_where_there_are_few(
    app: Flask, cast: Cast, visit: Visit, count: int, said: str
) -> None:
    with app.app_context():
        db.session.get_one(Organisation, cast.places["home"].id).joined_on = date(2015, 1, 1)
        _stays(cast, count, days=5, before=2)
        _stays(cast, 12, days=9, before=14)
        db.session.commit()
    page = visit("manager").open("/overview")
    assert said in page.text
    assert (f"({count} stays)" in page.text) is (count == 10)
    assert "Median length of stay by month" not in page.text  # two months make no chart
    assert page.links()["Are stays getting shorter?"] == "/reports/length-of-stay"


def test_the_number_of_reads_does_not_grow_with_the_home(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        Pathway(cast, datetime.now(UTC) - timedelta(days=3)).packed().left().after(hours=1).admitted()
    manager = visit("manager")
    manager.open("/overview")
    with app.app_context():
        remembered.answers().forget()
    with counted(app) as few:
        manager.open("/overview")
    with app.app_context():
        remembered.answers().forget()
        for name in ("Ann", "Bea", "Cat"):
            household.add(cast, name, "More")
    with counted(app) as many:
        manager.open("/overview")
    assert len(many) == len(few)
