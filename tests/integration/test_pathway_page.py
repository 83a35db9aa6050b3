"""The page of the pathway on a small cast counted by hand: whose figures, which, and who is behind them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.london_time import from_london
from redbag.domain.pathway import LeftOut
from redbag.domain.stays_by_month import add_months, last_complete_month
from redbag.models import JourneyFigures, Resident, Stay, Transfer
from redbag.services import figures, journey_figures
from tests.cast import Cast
from tests.integration.counting import counted
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def day(months_back: int = 0, number: int = 10) -> date:
    last = last_complete_month(last_complete_day(datetime.now(UTC)))
    return add_months(last, -months_back).replace(day=number)


class Book:
    """Journeys as they are kept, written for two homes and one hospital."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.number = cast, 0

    def journey(self, on: date, home: str = "home", *, reason: str = "fall", **said: Any) -> None:
        self.number += 1
        home_id, hospital_id = self.cast.places[home].id, self.cast.places["hospital"].id
        at = from_london(on, datetime.min.time())
        person = Resident(
            home_id=home_id,
            given_name="Person",
            family_name=f"Number {self.number}",
            date_of_birth=date(1940, 1, 1),
            created_at=at,
        )
        db.session.add(person)
        db.session.flush()
        transfer = Transfer(
            home_id=home_id,
            hospital_id=hospital_id,
            resident_id=person.id,
            opened_at=at,
            departed_at=at,
            state="closed",
            reason=reason,
        )
        db.session.add(transfer)
        db.session.flush()
        made: dict[str, Any] = {
            **dict.fromkeys(journey_figures.DAY_OF),
            "lost": said.pop("lost", None),
            **said,
        }
        made |= {journey_figures.DAY_OF[key]: on for key in said}
        row = JourneyFigures(
            transfer_id=transfer.id, home_id=home_id, hospital_id=hospital_id, last_on=on, **made
        )
        db.session.add(row)
        figures.changed({}, journey_figures.cells(made))


@pytest.fixture
def book(app: Flask, cast: Cast) -> None:
    """Twelve journeys of our home this year and ten a year before; nine of another home."""
    with app.app_context():
        begin_write()
        made = Book(cast)
        for number in range(12):
            gone = {} if number else {"lost": [[day().isoformat(), "discharge-return", "Glasses"]]}
            made.journey(
                day(number % 3),
                reason="fall" if number < 7 else "infection",
                pack_complete=int(number < 3),
                scanned=1 if number < 9 else LeftOut.NO_BAG,
                arrival_to_admission=100 + 10 * number,
                **gone,
            )
        for _ in range(10):
            made.journey(day(12), pack_complete=1, scanned=0, arrival_to_admission=60)
        for number in range(9):
            made.journey(day(1), "other_home", pack_complete=int(number < 2), bag_turnaround=number)
        made.journey(day(40), pack_complete=0)  # long ago
        for home in ("home", "other_home"):  # whoever had a stay can be chosen
            places = {"home_id": cast.places[home].id, "hospital_id": cast.places["hospital"].id}
            db.session.add(Stay(**places, admitted_on=day(5), discharged_on=day(5), ended_as="home"))
        made.journey(day(-1, 1), pack_complete=0)  # of the month that is not over
        db.session.commit()


def table(visitor: Visitor, title: str, query: str = "") -> dict[str, list[str]]:
    """The rows of one table of the export, by their names."""
    page = visitor.client.get(f"/reports/pathway.csv{query}").text
    rows = list(csv.reader(io.StringIO(page.lstrip("\ufeff"))))
    start = next(place for place, row in enumerate(rows) if row and row[0].startswith(title))
    end = rows.index([], start)
    return {row[0]: row[1:] for row in rows[start + 2 : end] if len(row) > 1}


PACKS, SCANS, TIME = (
    "Packs complete when the bag left",
    "Labels scanned in hospital",
    "From arrival to admission",
)


def test_home_sees_its_own_figures_and_who_is_behind_them(app: Flask, visit: Visit, book: None) -> None:
    manager = visit("manager")
    with counted(app) as statements:
        page = manager.open("/reports/pathway")
    assert len(statements) < 25
    assert "Done least often: packs complete when the bag left (25 %)." in page.text
    assert "a year before: from arrival to admission (half within 2 h 35 min, then 60 minutes)." in page.text
    assert "One thing was lost." in page.text
    done = table(manager, "What was done")
    assert [float(cell) for cell in done[PACKS]] == [25, 3, 9, 12, 100, 10]
    assert [float(cell) for cell in done[SCANS]] == [100, 9, 0, 9, 0, 10]
    times = table(manager, "How long it took, in minutes")
    assert [float(cell) for cell in times[TIME]] == [12, 128, 155, 199, 10, 60]
    assert table(manager, "How the times were recorded")[SCANS][:2] == [LeftOut.NO_BAG.words, "3"]
    behind = manager.open(page.links()["9 packs left with gaps"])
    assert behind.heading == "9 packs left with gaps"
    assert "Person Number 4" in behind.text
    assert "Person Number 3 " not in behind.text
    assert "Person Number 34" not in behind.text
    lost = manager.open("/reports/pathway/lost/missed")
    assert "Person Number 1 Glasses: from the check at discharge to the return" in lost.text
    left_out = manager.open("/reports/pathway/scanned/left-out")
    assert left_out.text.count(LeftOut.NO_BAG.words) == 3
    longest = manager.open("/reports/pathway/arrival_to_admission/times").text
    assert longest.index("210 minutes") < longest.index("100 minutes")


def test_filter_narrows_the_figures_and_the_journeys_alike(visit: Visit, book: None) -> None:
    manager = visit("manager")
    query = f"?reason=infection&from={day(2):%Y-%m}&to={day():%Y-%m}"
    page = manager.open(f"/reports/pathway{query}")
    assert "infections only" in page.text
    assert table(manager, "What was done", query)[PACKS][1:4] == ["0", "5", "5"]
    behind = manager.open(page.links()["5 packs left with gaps"])
    assert behind.text.count("Person Number") == 5
    assert "infections only" in behind.text
    assert manager.client.get("/reports/pathway/scanned/nonsense").status_code == 404
    assert manager.client.get("/reports/pathway/nonsense/missed").status_code == 404


def test_hospital_sees_both_homes_and_may_choose_one(cast: Cast, visit: Visit, book: None) -> None:
    manager = visit("hospital_manager")
    assert table(manager, "What was done")[PACKS][1:4] == ["5", "16", "21"]
    other = table(manager, "What was done", f"?home={cast.places['other_home'].ref}")
    assert other[PACKS][1:4] == ["2", "7", "9"]
    assert "Larch Lodge" in manager.open("/reports/pathway/pack_complete/missed").text


def test_oversight_sees_counts_hidden_and_rounded_and_nobody(cast: Cast, visit: Visit, book: None) -> None:
    reader = visit("oversight")
    page = reader.open(f"/reports/pathway?home={cast.places['home'].ref}&reason=fall")
    assert "Show only some" not in page.text
    assert "Few things were lost." in page.text
    assert "Person" not in page.text
    done = table(reader, "What was done", f"?home={cast.places['home'].ref}")
    # 5 of 21 were complete: the small number, its share, and what would give it away are hidden.
    assert done[PACKS][:3] == ["hidden", "hidden", "hidden"] or done[PACKS][:3] == ["hidden", "hidden", "15"]
    assert done[SCANS][3] == "10"
    assert table(reader, "How long it took, in minutes")[TIME][:3] == ["10", "128", "155"]
    assert reader.client.get("/reports/pathway/pack_complete/missed").status_code == 403


def test_month_by_month_leads_to_the_chart_of_the_measure(visit: Visit, book: None) -> None:
    manager = visit("manager")
    page = manager.open("/reports/pathway")
    assert page.links()[f"Month by month: {SCANS}"] == "/reports/charts/scanned"
