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
from redbag.domain.stays_by_month import last_complete_month
from redbag.models import AuditEntry, Stay
from tests.cast import Cast
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


def figures(page: str) -> list[list[str]]:
    """The rows of the CSV with figures in them: twelve months."""
    return list(csv.reader(io.StringIO(page.lstrip("\ufeff"))))[2:14]


def test_a_home_counts_its_own_stays(visit: Visit, stays: None) -> None:
    [*_, row] = figures(visit("manager").client.get("/reports/length-of-stay.csv").text)
    assert row[1:4] == ["9", "4", "4"]


def test_a_hospital_counts_the_stays_in_its_beds(visit: Visit, stays: None) -> None:
    [*_, row] = figures(visit("hospital_manager").client.get("/reports/length-of-stay.csv").text)
    assert row[1:4] == ["12", "4", "5.5"]


def test_the_borough_reads_rounded_counts_and_no_way_to_a_person(visit: Visit, stays: None) -> None:
    oversight = visit("oversight")
    [*_, row] = figures(oversight.client.get("/reports/length-of-stay.csv").text)
    assert row[1:3] == ["10", "4"]
    assert not any(
        "/reports/stays" in href for href in oversight.open("/reports/length-of-stay").links().values()
    )
    assert oversight.open("/reports/stays").status == 403


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
    assert row[1] == "0"


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
