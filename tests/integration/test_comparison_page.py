"""The comparison page and its exports: whose stays, which groups, what a borough may see of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain import held_counts
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Actor
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stays_by_month import add_months, last_complete_month
from redbag.models import HistoryHome, Organisation, Stay, StayHistory
from redbag.queries import comparison as comparisons
from redbag.queries import stay_rows
from redbag.services import stays as stay_steps
from redbag.services.stays import Known
from tests.cast import Cast
from tests.integration.borough import add_earlier_stays, spread_over_homes
from tests.integration.counting import counted
from tests.integration.pathway import Pathway
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]
PAGE = "/reports/comparison"


def last_month() -> date:
    return last_complete_month(last_complete_day(datetime.now(UTC)))


def ended(place: Organisation, number: int, days: int, **more: Any) -> Stay:
    """A stay that ended in one of the last ten complete months."""
    left = add_months(last_month(), -(number % 10)) + timedelta(days=number % 27)
    known: dict[str, Any] = {"ended_as": "home", "with_bag": number % 2 == 0, "age": 70 + number % 20}
    return Stay(
        home_id=place.id, admitted_on=left - timedelta(days=days), discharged_on=left, **{**known, **more}
    )


@pytest.fixture
def stays(app: Flask, cast: Cast) -> None:
    """Forty stays in each of two homes, five days with the bag and nine without; five not known."""
    with app.app_context():
        begin_write()
        hospital = cast.places["hospital"].id
        for name in ("home", "other_home"):
            place = cast.places[name]
            db.session.get_one(Organisation, place.id).joined_on = add_months(last_month(), -30)
            for number in range(40):
                days = (5, 9)[number % 2] + number // 2 % 4
                db.session.add(
                    ended(place, number, days, hospital_id=hospital, reason=("fall", "")[number % 3 > 0])
                )
            for number in range(5):
                db.session.add(ended(place, number, 30, with_bag=None))
        db.session.commit()


def table(visitor: Visitor, title: str, query: str = "") -> dict[str, list[str]]:
    """The rows of one table of the export, by their names."""
    page = visitor.client.get(f"{PAGE}.csv{query}").text
    rows = list(csv.reader(io.StringIO(page.lstrip("\ufeff"))))
    start = next(place for place, row in enumerate(rows) if row and row[0].startswith(title))
    end = rows.index([], start)
    return {row[0]: row[1:] for row in rows[start + 2 : end] if len(row) > 1}


def test_a_home_reads_its_own_groups_and_how_sure_the_difference_is(visit: Visit, stays: None) -> None:
    manager = visit("manager")
    page = manager.open(PAGE)
    assert "Stays with the red bag were 4 days shorter than those without: 6.5 against 10.5 days" in page.text
    assert "Fairly sure that this is more than chance" in page.text
    assert "A difference is not an effect of the bag" in page.text
    groups = table(manager, "The groups")
    assert {name: row[0] for name, row in groups.items() if name in ("With the red bag", "Not known")} == {
        "With the red bag": "20",
        "Not known": "5",
    }
    assert "Log-rank" not in page.text
    analyst = manager.open(f"{PAGE}?view=analyst&age=75_84").text
    assert "Log-rank test" in analyst
    assert "Only: aged 75 to 84" in analyst
    assert 'name="view" value="analyst"' in manager.open(f"{PAGE}?view=analyst").response.text
    assert manager.open(f"{PAGE}?compare=weather").status == 404


def test_a_hospital_reads_the_stays_in_its_beds_by_home(visit: Visit, stays: None) -> None:
    groups = table(visit("hospital_manager"), "Within each value: home")
    assert len(groups) == 3  # two homes and all
    assert [row[0] for row in groups.values()] == ["20", "20", "40"]


def test_the_borough_reads_rounded_groups_whatever_the_address_says(
    app: Flask, visit: Visit, cast: Cast, stays: None
) -> None:
    with app.app_context():
        begin_write()
        spread_over_homes(cast, 9)
        db.session.commit()
    oversight = visit("oversight")
    page = oversight.open(f"{PAGE}?reason=fall&view=analyst")
    assert "Show only some stays" not in page.text
    assert "Stays with the red bag were" in page.text
    assert "Log-rank test" not in page.text
    assert "<polyline" not in page.response.text
    assert "still in hospital after each day" in page.text
    assert table(oversight, "The groups", "?reason=fall")["With the red bag"][0] == "40"
    assert table(oversight, "The groups")["Not known"][0] == "10"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_borough_gets_no_comparison_that_would_be_one_homes_own(
    app: Flask, visit: Visit, cast: Cast, stays: None
) -> None:
    """Two homes with and without the bag, one of them with earlier stays of which three ended in death."""
    with app.app_context():
        begin_write()
        add_earlier_stays(cast)
        db.session.commit()
    oversight = visit("oversight")
    for query in ("?view=analyst", "?compare=joining&view=analyst", "?compare=joining"):
        page = oversight.open(f"{PAGE}{query}")
        main = page.response.text.split("<main", 1)[1]
        assert "There are too few homes for a comparison" in page.text
        for shown in ("<table", "<svg", "rb-figure__number", "days on average", "Admission time"):
            assert shown not in main, f"{query}: {shown}"
        for form in ("csv", "xlsx", "pdf"):
            assert oversight.client.get(f"{PAGE}.{form}{query}").status_code == 200
        assert (
            "Before the red bag" not in oversight.client.get(f"{PAGE}.csv{query}").text.partition("Rule")[0]
        )
    assert "<polyline" in visit("manager").open(f"{PAGE}?compare=joining&view=analyst").response.text


def test_kept_counts_say_what_the_rows_say(
    app: Flask, cast: Cast, stays: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond a borough’s size the page is made from counts: the same groups, differences and factors."""
    with app.app_context():
        begin_write()
        spread_over_homes(cast, 9)
        db.session.commit()
        actor: Actor = cast.actor("oversight")
        as_of = last_complete_day(datetime.now(UTC))
        named = stay_rows.places(actor)
        chosen = ReportFilter.usual(as_of)
        rows = comparisons.compare(actor, comparisons.Kind.BAG, chosen, named, as_of).comparison
        monkeypatch.setattr(comparisons, "ROWS_AT_MOST", 0)
        kept = comparisons.compare(actor, comparisons.Kind.BAG, chosen, named, as_of).comparison
    assert kept.counted and not rows.counted
    assert kept.mean is not None and rows.mean is not None and kept.median is not None
    assert kept.mean.difference == pytest.approx(rows.mean.difference)
    assert rows.median is not None and kept.median.difference == rows.median.difference
    for one, other in zip(rows.groups, kept.groups, strict=True):
        assert (one.key, one.closed, one.n_open) == (other.key, other.closed, other.n_open)
        assert (one.lives.ended, one.lives.open) == (other.lives.ended, other.lives.open)
    held = [factor for factor in rows.factors if factor.key in held_counts.FACTORS]
    assert len(held) >= 2
    for one_factor, other_factor in zip(held, kept.factors, strict=True):
        assert replace(one_factor, weighted=None) == replace(other_factor, weighted=None)


def test_before_and_after_joining_needs_earlier_stays_and_says_so(
    app: Flask, visit: Visit, cast: Cast, stays: None
) -> None:
    manager = visit("manager")
    query = "?compare=joining"
    assert "There is nothing to compare yet" in manager.open(f"{PAGE}{query}").text
    with app.app_context():
        begin_write()
        home = db.session.get_one(Organisation, cast.places["home"].id)
        joined = home.joined_on
        assert joined is not None
        told = joined + timedelta(days=10)
        file = StayHistory(
            made_by="Test", file_name="old.csv", file_sha256="0" * 64, told_until=told, told={},
            read_at=datetime.now(UTC), expires_at=datetime.now(UTC),
        )  # fmt: skip
        db.session.add(file)
        db.session.flush()
        first = joined - timedelta(days=365)
        db.session.add(
            HistoryHome(
                history_id=file.id,
                home_id=home.id,
                stays=60,
                first_day=first,
                last_day=told,
                open_at_start=True,
            )
        )
        for number in range(60):
            came = joined - timedelta(days=6 * number + 1)
            db.session.add(
                Stay(
                    home_id=home.id,
                    admitted_on=came,
                    discharged_on=came + timedelta(days=12),
                    ended_as="home",
                    person_key=f"p{number % 20}",
                    history_id=file.id,
                    history_key=f"{number}",
                )
            )
        for number in range(5):
            came = joined - timedelta(days=1000 + number)
            db.session.add(
                Stay(
                    home_id=home.id,
                    admitted_on=came,
                    discharged_on=came + timedelta(days=12),
                    ended_as="home",
                    history_id=file.id,
                    history_key=f"old {number}",
                )
            )
        # Since joining the same stays again, each four days shorter.
        for number in range(60):
            came = joined + timedelta(days=6 * number + 1)
            db.session.add(
                Stay(
                    home_id=home.id, admitted_on=came, discharged_on=came + timedelta(days=8), ended_as="home"
                )
            )
        db.session.commit()
    page = manager.open(f"{PAGE}{query}").text
    assert "Stays since the red bag came were" in page
    # Every loaded stay is somewhere: compared, too late to be followed, or too far from joining.
    assert "from before the home began, admitted in the last 90 days of records: 14" in page
    assert "from more than two years before the home began: 5" in page
    groups = table(manager, "The groups", query)
    # Of the earlier stays count those whose records go on for 90 days: 60 but for the last 80 days' 14.
    assert groups["Before the red bag"][:3] == ["46", "12.0", "12.0"]
    assert (
        "Before the red bag"
        not in table(visit("hospital_manager"), "The groups", query)["Before the red bag"]
    )
    assert visit("oversight").open(f"{PAGE}{query}").status == 200


def test_the_page_asks_as_often_for_one_stay_as_for_many(app: Flask, visit: Visit, cast: Cast) -> None:
    def asked() -> int:
        with counted(app) as sent:
            assert visit("manager").open(f"{PAGE}?view=analyst").status == 200
        return len(sent)

    few = asked()
    with app.app_context():
        begin_write()
        for number in range(60):
            db.session.add(ended(cast.places["home"], number, number % 13))
        db.session.commit()
    assert asked() == few


def test_no_later_scan_moves_a_stay_to_another_group(app: Flask, cast: Cast) -> None:
    """The ward scans the bag four days after the admission and writes that down; then it scans again, to move
    them: the bag came, and the stay's group stays unknown."""
    start = datetime(2026, 3, 1, 9, tzinfo=UTC)
    with app.app_context():
        way = Pathway(cast, start).packed().left().after(days=4)
        nurse = cast.actor("nurse")
        ward = stay_steps.ward_place(nurse, cast.places["hospital"].wards["Willow"])
        known = Known(start + timedelta(hours=2), way.now, source="scan")
        begin_write()
        stay_steps.admit(nurse, way.by_label(), ward, known, decided_at=None, bed="3", with_bag=True)
        db.session.commit()
        begin_write()
        stay_steps.move_ward(nurse, way.by_label(), ward, way.known, bed="4")
        db.session.commit()
        assert way.transfer.with_bag is True
        assert [stay.with_bag for stay in db.session.query(Stay)] == [None]


def test_the_analysts_view_is_taken_away_in_each_form(visit: Visit, stays: None) -> None:
    manager = visit("manager")
    for form in ("csv", "xlsx", "pdf"):
        answer = manager.client.get(f"{PAGE}.{form}?view=analyst")
        assert answer.status_code == 200
        assert len(answer.data) > 1500
