"""Charts over time: the list and one chart, for a home, a hospital and the borough; filters and a target."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.london_time import format_month
from redbag.domain.stays_by_month import add_months, last_complete_month
from redbag.models import Organisation, Stay
from tests.cast import Cast
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
LAST = last_complete_month(last_complete_day(datetime.now(UTC)))
BEFORE, SINCE = [16, 18] * 10, [10, 12] * 8 + [10] * 7
"""Days of the stays of each month; the home joined on the first day of the month after BEFORE."""


def stays(cast: Cast, home: str, lengths: Iterable[int], each: int, last: date = LAST) -> None:
    lengths = list(lengths)
    for back, days in enumerate(reversed(lengths)):
        ended = add_months(last, -back) + timedelta(days=20)
        places = {"home_id": cast.places[home].id, "hospital_id": cast.places["hospital"].id}
        db.session.add_all(
            Stay(
                **places,
                admitted_on=ended - timedelta(days=days),
                discharged_on=ended,
                ended_as="home",
                admission_source="scan",
                reason="fall" if number % 2 else "infection",
            )
            for number in range(each)
        )


@pytest.fixture
def years(app: Flask, cast: Cast) -> None:
    """A home with twelve stays a month, before and since it joined; another with two a month."""
    with app.app_context():
        begin_write()
        joined = add_months(LAST, 1 - len(SINCE))
        db.session.get_one(Organisation, cast.places["home"].id).joined_on = joined
        db.session.get_one(Organisation, cast.places["other_home"].id).joined_on = joined
        stays(cast, "home", [*BEFORE, *SINCE], 12)
        stays(cast, "other_home", SINCE, 2)
        db.session.commit()


def test_a_home_reads_what_is_unusual_since_when_and_what_it_was_before(visit: Visit, years: None) -> None:
    manager = visit("manager")
    listed = manager.open("/reports/charts")
    assert (
        "Of 14 measures: 3 unusual in the better direction, 1 within the usual ups and downs" in listed.text
    )
    cards = [" ".join("".join(one.itertext()).split()) for one in listed.tree.iter("h3")]
    assert cards == ["Mean length of stay", "Median length of stay", "Bed days", "Admissions"]
    page = manager.open(listed.links()["Mean length of stay"])
    since = f"{format_month(add_months(LAST, -6)).split()[0]}"
    assert f"Seven months in a row below the average of 10.7 days ({since}" in page.text
    assert "That is the better direction. The chart does not say why." in page.text
    joined = f"Rowan House began with the red bag in {format_month(add_months(LAST, -22))}"
    assert f"{joined}: the average of the marks was 17" in page.text
    assert "Unusual, for the better: low" in page.text
    assert "Unusual: seven or more on one side of the average, for the better" in page.text
    assert page.text.count("first months: incomplete") == 3
    drawing = next(one for one in page.tree.iter("svg") if "rb-spc" in one.get("class", "").split())
    assert len(list(drawing.iter("polyline"))) == 2  # before and since
    assert sum("rb-spc__ring" in one.get("class", "") for one in drawing.iter("circle")) == 7


def test_a_target_and_a_filter_stand_in_the_address_and_what_is_wrong_is_said(
    visit: Visit, years: None
) -> None:
    manager = visit("manager")
    page = manager.open("/reports/charts/mean_stay?target=14&reason=&home=")
    assert page.response.request.query_string == b"target=14"
    assert (
        "Target: hit and miss" in page.text and "The target of 14 days lies between the limits" in page.text
    )
    assert "Target: consistently met" in manager.open("/reports/charts/mean_stay?target=15").text
    assert "Type the target as a number" in manager.open("/reports/charts/mean_stay?target=-1").text
    assert "percentage from 0 to 100" in manager.open("/reports/charts/scanned?target=101").text
    narrowed = manager.open("/reports/charts/mean_stay?reason=fall&target=14")
    assert "falls only" in narrowed.text and "Each point is a quarter" in narrowed.text
    assert 'name="target" value="14"' in narrowed.response.text.replace("id=", "")
    csv = manager.client.get("/reports/charts.csv?measure=mean_stay&reason=fall&target=14").text
    assert "falls only" in csv and f"January to March {LAST.year - 1},18," in csv
    assert manager.client.get("/reports/charts.pdf?measure=mean_stay").data.startswith(b"%PDF")
    assert manager.client.get("/reports/charts.xlsx").status_code == 200
    assert manager.open("/reports/charts/none_such").status == 404


def test_a_hospital_sees_its_homes_together_and_one_from_the_day_it_joined(
    visit: Visit, cast: Cast, years: None
) -> None:
    team = visit("hospital_manager")
    together = team.open("/reports/charts/mean_stay").text
    counts = team.open("/reports/charts/admissions").text
    assert "More homes count now than at the start: a rise is expected" in counts
    assert "Unusual, for the worse" not in counts
    assert "2 homes joined in these months" in together and "began with the red bag" not in together
    ref = cast.places["home"].ref
    assert "Rowan House began with the red bag" in team.open(f"/reports/charts/mean_stay?home={ref}").text
    other = team.open(f"/reports/charts/mean_stay?home={cast.places['other_home'].ref}").text
    assert "Too early for this chart" in other  # two a month: half-years


def test_the_borough_sees_no_small_month_and_no_filter(visit: Visit, app: Flask, cast: Cast) -> None:
    with app.app_context():
        begin_write()
        db.session.get_one(Organisation, cast.places["home"].id).joined_on = None
        db.session.get_one(Organisation, cast.places["other_home"].id).joined_on = None
        stays(cast, "home", [10, 12] * 7, 23, add_months(LAST, -1))
        stays(cast, "other_home", [97], 7)
        db.session.commit()
    oversight = visit("oversight")
    page = oversight.open("/reports/charts/mean_stay?reason=fall")
    unused = "This address narrows the figures down. Your figures are always of all care homes"
    assert unused in page.text
    plain = oversight.open("/reports/charts/mean_stay").text
    assert page.text.replace(f"{unused}: nothing of it was used. ", "") == plain
    assert "97" not in page.text and f"{format_month(LAST)} hidden" in page.text
    assert (
        "Nothing unusual in the last month: 12 days in" in page.text
        and "Show only some stays" not in page.text
    )
    for shape in ("csv", "pdf", "xlsx"):
        assert oversight.client.get(f"/reports/charts.{shape}?measure=mean_stay").status_code == 200
    assert "97" not in oversight.client.get("/reports/charts.csv?measure=mean_stay").text
