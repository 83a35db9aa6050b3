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
from redbag.domain.london_time import format_day, format_month, london_day
from redbag.domain.stays_by_month import add_months, last_complete_month
from redbag.domain.transfer_states import State
from redbag.models import AuditEntry, Organisation, Resident, Stay, Transfer
from redbag.web.reports import remembered
from tests.cast import Cast
from tests.integration import household
from tests.integration.counting import counted
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


def table(visitor: Visitor, title: str, query: str = "") -> dict[str, list[str]]:
    """The rows of one table of the export, by their names."""
    page = visitor.client.get(f"/reports/length-of-stay.csv{query}").text
    rows = list(csv.reader(io.StringIO(page.lstrip("\ufeff"))))
    start = next(place for place, row in enumerate(rows) if row and row[0].startswith(title))
    end = rows.index([], start)
    return {row[0]: row[1:] for row in rows[start + 2 : end] if len(row) > 1}


def this_month(visitor: Visitor) -> list[str]:
    """n, median, mean and 90th percentile of the last complete month."""
    return table(visitor, "By month of discharge")[format_month(last_month())][:4]


def test_a_home_counts_its_own_stays(visit: Visit, stays: None) -> None:
    assert this_month(visit("manager")) == ["9", "4.0", "4.0", "4.0"]


def test_a_hospital_counts_the_stays_in_its_beds(visit: Visit, stays: None) -> None:
    assert this_month(visit("hospital_manager"))[:3] == ["12", "4.0", "5.5"]


def test_the_borough_reads_rounded_counts_and_no_way_to_a_person(visit: Visit, stays: None) -> None:
    oversight = visit("oversight")
    assert this_month(oversight)[:2] == ["10", "4.0"]
    page = oversight.open("/reports/length-of-stay?home=x&reason=fall")
    assert not any("/reports/stays" in href for href in page.links().values())
    # Nothing narrows down what oversight reads, whatever the address says.
    assert "Show only some stays" not in page.text
    assert "There is a problem" not in page.text
    assert table(oversight, "By month of discharge", "?reason=fall") == table(
        oversight, "By month of discharge"
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
    told = {name: row[0] for name, row in table(visit("manager"), "Discharge summaries").items()}
    assert told["Given"] == told["Not given"] == told["The home found none with the person"] == "1"
    assert told["Of those, the ward had said that it was given"] == "0"


def test_small_numbers_are_hidden_from_the_borough(app: Flask, visit: Visit, cast: Cast) -> None:
    with app.app_context():
        begin_write()
        day = last_month() + timedelta(days=3)
        db.session.add(
            Stay(home_id=cast.places["home"].id, admitted_on=day, discharged_on=day, ended_as="home")
        )
        db.session.commit()
    page = visit("oversight").open("/reports/length-of-stay").text
    assert "There are too few stays to show." in page
    assert "hidden" in page


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
    assert this_month(visit("manager")) == ["0", "none", "none", "none"]
    assert "Began before the home joined: 1" in visit("manager").open("/reports/length-of-stay").text


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


def test_what_the_figures_say_is_narrowed_down_by_the_address(
    app: Flask, visit: Visit, cast: Cast, stays: None
) -> None:
    day = last_month() + timedelta(days=14)
    other = cast.places["other_home"]
    with app.app_context():
        begin_write()
        known = {"hospital_id": cast.places["hospital"].id, "ended_as": "home", "discharged_on": day}
        for reason, age in (("fall", 90), ("fall", 70), ("stroke", 90)):
            start = day - timedelta(days=20)
            db.session.add(Stay(home_id=other.id, admitted_on=start, reason=reason, age=age, **known))
        db.session.commit()
    manager = visit("hospital_manager")
    # Of fewer than five stays there is a number, and no median or nine in ten: those are nearly one person.
    too_few = ["2", "too few", "too few", "too few"]
    assert table(manager, "How long", "?reason=fall")[format_period()] == too_few
    query = f"?home={other.ref}&reason=fall&age=85_94"
    page = manager.open(f"/reports/length-of-stay{query}")
    assert "Only: Larch Lodge, falls only, aged 85 to 94" in page.text
    assert page.links()["Clear"] == "/reports/length-of-stay"
    assert page.links()["CSV"] == f"/reports/length-of-stay.csv{query}"
    assert table(manager, "How long", query)[format_period()][0] == "1"
    # A form sends every field; the address keeps what was chosen.
    sent = manager.client.get(f"/reports/length-of-stay?home={other.ref}&ward=&from=&reason=fall")
    assert sent.headers["Location"] == f"/reports/length-of-stay?home={other.ref}&reason=fall"
    wrong = manager.open("/reports/length-of-stay?reason=tripped&from=2199-01")
    assert "This reason is not known. Choose one from the list." in wrong.text
    assert "Only complete months can be shown" in wrong.text
    assert table(manager, "How long", "?reason=tripped")[format_period()][0] == "15"
    # A home has no filter for another home's stays.
    assert "not known here" in visit("manager").open(f"/reports/length-of-stay?home={other.ref}").text


def test_who_came_back_to_another_hospital_is_readmitted(app: Flask, visit: Visit, cast: Cast) -> None:
    left = last_month() - timedelta(days=40)
    with app.app_context():
        ref = household.add(cast, "Agnes", "Obi")
        begin_write()
        agnes = db.session.query(Resident).filter_by(ref=ref).one()
        agnes.moved_in_on = last_month() - timedelta(days=400)
        known = {"resident_id": agnes.id, "home_id": agnes.home_id, "ended_as": "home"}
        for place, start, days in (("hospital", left, 0), ("other_hospital", left + timedelta(days=9), 4)):
            ended = start + timedelta(days=days)
            there = cast.places[place].id
            db.session.add(Stay(hospital_id=there, admitted_on=start, discharged_on=ended, **known))
        db.session.commit()
    back = table(visit("hospital_manager"), "Back in hospital")
    assert back["Thirty days ago or longer"] == ["1", "1", "too few"]
    # The home has two stays that somebody could come back after, and knows who lived there.
    manager = visit("manager")
    assert table(manager, "Back in hospital")["Thirty days ago or longer"] == ["2", "1", "too few"]
    nights = table(manager, "Nights in hospital")[format_period()]
    assert nights[:2] == ["4", "2"]
    assert float(nights[2]) == pytest.approx(4000 / 365, abs=0.1)


def format_period() -> str:
    return f"{format_month(add_months(last_month(), -11))} to {format_month(last_month())}"


def test_the_page_asks_as_often_for_one_stay_as_for_many(
    app: Flask, visit: Visit, cast: Cast, stays: None
) -> None:
    def asked() -> int:
        with app.app_context():
            remembered.answers().forget()
        with counted(app) as sent:
            assert visit("hospital_manager").open("/reports/length-of-stay").status == 200
        return len(sent)

    few = asked()
    with app.app_context():
        begin_write()
        for place in cast.places.values():
            if place.kind == "care_home":
                for number in range(20):
                    at = last_month() + timedelta(days=number)
                    db.session.add(
                        Stay(
                            home_id=place.id,
                            hospital_id=cast.places["hospital"].id,
                            admitted_on=at,
                            discharged_on=at,
                            reason=("fall", "stroke")[number % 2],
                            age=60 + number,
                            ended_as="home",
                        )
                    )
        db.session.commit()
    assert asked() == few


def test_the_boroughs_export_says_what_was_done_to_its_numbers(visit: Visit, stays: None) -> None:
    oversight = visit("oversight")
    assert table(oversight, "In hospital at the end")["Any time"] == ["hidden"]
    page = oversight.open("/reports/length-of-stay").text
    assert "rounded to 5, each by itself" in page


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
    assert report.links()["Any time"] == "/reports/stays"
    assert report.links()["14 days or more"] == "/reports/stays?days=14"
    page = manager.open("/reports/stays?days=14")
    # Died today: still there at the end of yesterday, as the card counts; and nobody is called discharged.
    assert f"In hospital at the end of {format_day(as_of)}" in page.text
    assert "14 days" in page.text
    assert f"died {format_day(today)}" in page.text
    assert "discharged" not in page.text
    assert "All (1) 7 days or more (1) 14 days or more (1) 21 days or more (0)" in page.text
    assert "No stays here." in manager.open("/reports/stays?days=21").text


def test_a_hospital_reads_a_name_behind_a_figure_until_the_home_closes_the_journey(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    as_of = last_complete_day(datetime.now(UTC))
    with app.app_context():
        one = Pathway(cast, datetime.now(UTC) - timedelta(days=5)).packed().left().after(hours=1).admitted()
        ref = one.transfer.ref
        db.session.query(Stay).filter_by(transfer_id=one.transfer.id).one().discharge_ready_on = as_of
        db.session.commit()
    manager, closed = visit("hospital_manager"), "A person from Rowan House"
    for state, named in ((State.BACK_HOME, True), (State.CLOSED, False)):
        with app.app_context():
            db.session.query(Transfer).filter_by(ref=ref).one().state = state.value
            db.session.commit()
        for address in ("/reports/stays", "/reports"):
            page = manager.open(address)
            assert ("Agnes Obi" in page.text, closed in page.text) == (named, not named)
        assert (page.links().get("Agnes Obi") == f"/ward/transfers/{ref}") is named


def test_a_new_home_reads_when_its_records_began(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        began = last_month() - timedelta(days=150)
        db.session.get_one(Organisation, cast.places["home"].id).joined_on = began
        db.session.commit()
    page = visit("manager").open("/reports/length-of-stay").text
    assert "before records" in page
    assert "by day –" not in page
    assert f"began on {format_day(began)}" in page
