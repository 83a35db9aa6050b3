"""The length-of-stay page and its export: whose stays, whose names, which figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.london_time import format_day, london_day
from redbag.domain.stays_by_month import last_complete_month
from redbag.models import AuditEntry, Organisation, Stay
from redbag.web.reports.stay_export import cell
from tests.cast import Cast
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]


def last_month() -> date:
    return last_complete_month(last_complete_day(datetime.now(UTC)))


@pytest.fixture
def stays(app: Flask, cast: Cast) -> None:
    """Nine stays of 4 days from our home, three of 10 from the other, one still open."""
    day = last_month() + timedelta(days=14)
    with app.app_context():
        begin_write()
        home, other = cast.places["home"].id, cast.places["other_home"].id
        hospital = cast.places["hospital"].id

        def add(home_id: int, length: int, ended: date | None) -> None:
            start = (ended or day) - timedelta(days=length)
            db.session.add(
                Stay(
                    home_id=home_id,
                    hospital_id=hospital,
                    admitted_on=start,
                    discharged_on=ended,
                    ended_as="home" if ended else "",
                    admission_source="scan",
                )
            )

        for _ in range(9):
            add(home, 4, day)
        for _ in range(3):
            add(other, 10, day)
        add(home, 5, None)
        db.session.commit()


def lines(page: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.lstrip("\ufeff"))))


def figures(page: str) -> list[list[str]]:
    """The rows of the CSV that hold a month: two years."""
    return [row for row in lines(page) if row and row[0] == "stays that ended in the month"]


def test_a_home_counts_its_own_stays(visit: Visit, stays: None) -> None:
    [*_, row] = figures(visit("manager").client.get("/reports/length-of-stay.csv").text)
    assert row[3:7] == ["9", "4.00", "4.00", "4.00"]


def test_a_hospital_counts_the_stays_in_its_beds(visit: Visit, stays: None) -> None:
    [*_, row] = figures(visit("hospital_manager").client.get("/reports/length-of-stay.csv").text)
    assert row[3:6] == ["12", "4.00", "5.50"]


def test_the_borough_reads_rounded_counts_and_no_way_to_a_person(visit: Visit, stays: None) -> None:
    oversight = visit("oversight")
    [*_, row] = figures(oversight.client.get("/reports/length-of-stay.csv").text)
    assert row[3:5] == ["10", "4.00"]
    assert not any(
        "/reports/stays" in href for href in oversight.open("/reports/length-of-stay").links().values()
    )
    assert oversight.open("/reports/stays").status == 403


def test_a_summary_that_was_not_given_is_counted_and_the_home_says_what_came(
    app: Flask, visit: Visit, cast: Cast
) -> None:
    """Two journeys end in the last complete month: one as the page records it, one whose ward said no."""
    day = datetime.combine(last_month() + timedelta(days=9), datetime.min.time(), UTC)
    with app.app_context():
        said = Pathway(cast, day).packed().left().arrived().after(hours=2).admitted()
        said.after(days=3).medicines_listed().going_home().after(hours=2).received()
        stay = db.session.query(Stay).filter_by(transfer_id=said.transfer.id).one()
        assert stay.summary == "in_bag"
        begin_write()
        base = {"home_id": stay.home_id, "hospital_id": stay.hospital_id, "ended_as": "home"}
        on = {"admitted_on": stay.admitted_on, "discharged_on": stay.discharged_on}
        db.session.add(Stay(**base, **on, summary="not_given", papers_missing="all"))
        db.session.commit()
    rows = lines(visit("manager").client.get("/reports/length-of-stay.csv").text)
    told = {row[0]: row[3] for row in rows if len(row) > 3}
    assert told["left hospital alive after a stay: discharge summaries"] == "2"
    assert told["discharge summary: given"] == told["discharge summary: not given"] == "1"
    assert told["discharge summary: the home found none with the person"] == "1"
    assert told["discharge summary: of those, the ward had said that it was given"] == "0"
    assert "Of 2 people who left hospital alive" in visit("manager").open("/reports/length-of-stay").text


def test_small_numbers_are_hidden_from_the_borough(app: Flask, visit: Visit, cast: Cast) -> None:
    with app.app_context():
        begin_write()
        day = last_month() + timedelta(days=3)
        db.session.add(
            Stay(home_id=cast.places["home"].id, admitted_on=day, discharged_on=day, ended_as="home")
        )
        db.session.commit()
    page = visit("oversight").open("/reports/length-of-stay").text
    assert "hidden (7 or fewer)" in page
    assert "too few stays" in page


def test_the_page_is_read_by_an_empty_home(visit: Visit) -> None:
    assert "No stay from Rowan House has ended" in visit("manager").open("/reports/length-of-stay").text


def test_a_stay_before_the_home_joined_is_not_counted(app: Flask, visit: Visit, cast: Cast) -> None:
    with app.app_context():
        begin_write()
        db.session.add(
            Stay(
                home_id=cast.places["home"].id,
                admitted_on=date(2024, 1, 7),
                discharged_on=last_month(),
                ended_as="home",
            )
        )
        db.session.commit()
    [*_, row] = figures(visit("manager").client.get("/reports/length-of-stay.csv").text)
    assert row[3:] == ["0", "", "", "", ""]


def test_carers_and_ward_staff_do_not_read_figures(visit: Visit) -> None:
    for part in ("carer", "nurse", "administrator"):
        assert visit(part).open("/reports/length-of-stay").status == 403


def test_reading_and_exporting_leave_their_trace(app: Flask, visit: Visit) -> None:
    manager = visit("manager")
    manager.open("/reports/length-of-stay")
    manager.client.get("/reports/length-of-stay.csv")
    with app.app_context():
        kinds = [row.kind for row in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert kinds[-2:] == ["report.read", "report.exported"]


def test_the_export_is_a_table_of_numbers_with_its_notes_below(visit: Visit, stays: None) -> None:
    rows = lines(visit("manager").client.get("/reports/length-of-stay.csv").text)
    assert rows[0] == [
        *("figure", "from", "to", "number", "median days", "mean days", "90th percentile days", "note")
    ]
    end = rows.index([])
    table, notes = rows[1:end], [row[0] for row in rows[end + 1 :]]
    assert {len(row) for row in table} == {8}
    for row in table:
        for number in row[3:7]:
            assert number == "" or float(number) >= 0
    by_name = {row[0]: row for row in table}
    assert by_name["stays that ended, last 12 complete months"][3:5] == ["9", "4.00"]
    assert by_name["in hospital at the end of the day, 7 days or more"][3] == "1"
    for name in ("bed days", "died in hospital", "seen and sent back"):
        assert name in by_name
    assert "left out of the comparison: Still in hospital (shown apart)" in by_name
    assert not any("rounded to 5" in note or "made up" in note for note in notes)


def test_the_boroughs_export_says_what_was_done_to_its_numbers(visit: Visit, stays: None) -> None:
    rows = lines(visit("oversight").client.get("/reports/length-of-stay.csv").text)
    opened = next(row for row in rows if row and row[0] == "in hospital at the end of the day")
    assert opened[3:] == ["", "", "", "", "hidden: 1 to 7"]
    assert any(row and "rounded to 5, each by itself" in row[0] for row in rows)
    page = visit("oversight").open("/reports/length-of-stay").text
    assert "Each count is rounded to 5 by itself: the months need not add up to the year." in page


def test_a_formula_in_a_name_stays_words() -> None:
    assert cell("=1+1") == "'=1+1"
    assert cell("in hospital") == "in hospital"


def test_the_list_behind_the_card_is_of_the_same_people_and_day(app: Flask, cast: Cast, visit: Visit) -> None:
    today = london_day(datetime.now(UTC))
    as_of = last_complete_day(datetime.now(UTC))
    with app.app_context():
        one = Pathway(cast, datetime.now(UTC) - timedelta(days=15)).packed().left().after(hours=1).admitted()
        stay = db.session.query(Stay).filter_by(transfer_id=one.transfer.id).one()
        stay.admitted_on, stay.discharged_on, stay.ended_as = as_of - timedelta(days=14), today, "died"
        db.session.commit()
    manager = visit("hospital_manager")
    report = manager.open("/reports/length-of-stay")
    assert report.links()["Who they are"] == "/reports/stays"
    assert report.links()["14 days or more"] == "/reports/stays?days=14"
    page = manager.open("/reports/stays?days=14")
    # Died today: still there at the end of yesterday, as the card counts; and nobody is called discharged.
    assert f"In hospital at the end of {format_day(as_of)}" in page.text
    assert "14 days" in page.text
    assert f"died {format_day(today)}" in page.text
    assert "discharged" not in page.text
    assert "All (1) 7 days or more (1) 14 days or more (1) 21 days or more (0)" in page.text
    assert "No stays here." in manager.open("/reports/stays?days=21").text


def test_a_new_home_reads_when_its_records_began(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        began = last_month() - timedelta(days=150)
        db.session.get_one(Organisation, cast.places["home"].id).joined_on = began
        db.session.commit()
    page = visit("manager").open("/reports/length-of-stay").text
    assert "before records" in page
    assert "by day –" not in page
    assert f"began on {format_day(began)}" in page
