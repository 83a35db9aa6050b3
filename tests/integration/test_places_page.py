"""Length of stay by hospital and by home, as an oversight reader gets it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.domain import place_paper
from redbag.domain.errors import NotPermitted
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stays_by_month import Figures, first_whole_month
from redbag.domain.stays_by_place import By
from redbag.models import Organisation, Stay
from redbag.queries import stays_by_place
from tests.cast import Cast
from tests.integration.borough import fill, spread_over_homes
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def filled(app: Flask, cast: Cast) -> None:
    with app.app_context():
        fill(cast)
        begin_write()
        # One home joined within the year, on the last day of a month: its first months read too short.
        late = db.session.get_one(Organisation, cast.places["other_home"].id)
        late.joined_on = ReportFilter.usual(last_complete_day(datetime.now(UTC))).start - timedelta(days=1)
        db.session.commit()


def counted() -> dict[int, Figures]:
    """Stay by stay: ended in the last twelve complete months, in months of the home that may be shown."""
    chosen = ReportFilter.usual(last_complete_day(datetime.now(UTC)))
    lengths: dict[int, Counter[int]] = {}
    rows = db.session.execute(
        select(Stay.home_id, Stay.admitted_on, Stay.discharged_on, Organisation.joined_on).join(
            Organisation, Organisation.id == Stay.home_id
        )
    )
    for home, came, left, joined in rows:
        since = max(chosen.start, first_whole_month(joined) if joined else date.min)
        if left is None or left < came or not since <= left <= chosen.end or (joined and came < joined):
            continue
        lengths.setdefault(home, Counter())[(left - came).days] += 1
    return {home: Figures.of(found) for home, found in lengths.items()}


def test_figures_are_those_of_the_stays_one_by_one(app: Flask, cast: Cast, filled: None) -> None:
    with app.app_context():
        found = stays_by_place.found(cast.actor("oversight"), datetime.now(UTC))
        assert found.stays.figures(By.HOME) == counted()
        assert found.stays.everything.n == sum(one.n for one in counted().values()) > 50
        with pytest.raises(NotPermitted):
            stays_by_place.found(cast.actor("manager"), datetime.now(UTC))


@on_sqlite
def test_the_page_is_found_read_and_taken_away(app: Flask, cast: Cast, filled: None, visit: Visit) -> None:
    reader = visit("oversight")
    page = reader.open(reader.open("/reports/length-of-stay").links()["By hospital and by home: every place"])
    assert page.heading.endswith("Length of stay by hospital")
    assert "St Brannock’s Hospital" in page.text
    by_home = reader.open(page.links()["By home"])
    assert "Rowan House" in by_home.text
    assert "Find a home by its name" not in by_home.text  # so few are all in sight
    taken = reader.client.get("/reports/places.csv?by=home").text
    assert "Rowan House" in taken


@on_sqlite
def test_of_many_homes_one_is_found_by_its_name(
    app: Flask, cast: Cast, filled: None, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_paper, "ON_A_PAGE", 20)
    with app.app_context():
        begin_write()
        spread_over_homes(cast, 36)
        db.session.commit()
    reader = visit("oversight")
    page = reader.open("/reports/places?by=home")
    assert "Rows 1 to 20 of" in page.text
    found = reader.open("/reports/places?by=home&find=rowan+HOUSE")
    assert "Rows 1 to 1 of 1" in found.text
    assert "House 7" not in found.text
    last = reader.open(page.links()["Next page"])
    assert "Page 2 of 2" in last.text
    assert reader.client.get("/reports/places.csv?by=home&find=rowan").text.count("House ") > 25
    assert reader.client.get("/reports/places?by=ward").status_code == 404
    assert reader.client.get("/reports/places?by=home&find=").location.endswith("/reports/places?by=home")


@on_sqlite
def test_what_has_changed_shows_at_once(app: Flask, cast: Cast, filled: None, visit: Visit) -> None:
    """Tables that were made before serve again only where nothing of them has changed."""
    reader = visit("oversight")

    def rows() -> list[list[str]]:
        taken = csv.reader(io.StringIO(reader.client.get("/reports/places.csv?by=home").text))
        return [row for row in taken if row and row[0] in ("Rowan House", "Rowan Court", "All")]

    before = rows()
    assert before and rows() == before
    home = cast.places["home"].id
    with app.app_context():
        begin_write()
        for stay in db.session.scalars(select(Stay).filter_by(home_id=home)):
            if stay.discharged_on is not None:
                stay.admitted_on -= timedelta(days=3)
        db.session.commit()
    longer = rows()
    assert longer != before and [row[:2] for row in longer] == [row[:2] for row in before]
    with app.app_context():
        begin_write()
        db.session.get_one(Organisation, home).name = "Rowan Court"
        db.session.commit()
    assert rows() == [["Rowan Court", *longer[0][1:]], longer[1]]


@on_sqlite
def test_managers_have_it_on_their_own_page(app: Flask, cast: Cast, filled: None, visit: Visit) -> None:
    client = visit("manager").client
    assert client.get("/reports/places").location == "/reports/length-of-stay"
    assert client.get("/reports/places.csv").status_code == 404
