"""The front page of reports, and pages taken away: whose figures, what a borough sees of small ones."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from pypdf import PdfReader

from redbag.database import db
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.london_time import format_day, format_month
from redbag.domain.stays_by_month import add_months, last_complete_month
from redbag.models import AuditEntry, Stay, Transfer
from tests.cast import Cast
from tests.integration.pathway import Pathway
from tests.unit.test_report_files import workbook
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def as_of() -> date:
    return last_complete_day(datetime.now(UTC))


@pytest.fixture
def here(app: Flask, cast: Cast) -> None:
    """Agnes Obi, 15 days in hospital and ready to go home for 4; eight more stays without a journey."""
    with app.app_context():
        one = Pathway(cast, datetime.now(UTC) - timedelta(days=15)).packed().left().after(hours=1).admitted()
        stay = db.session.query(Stay).filter_by(transfer_id=one.transfer.id).one()
        stay.admitted_on, stay.discharge_ready_on = as_of() - timedelta(days=15), as_of() - timedelta(days=4)
        places = {"home_id": stay.home_id, "hospital_id": stay.hospital_id}
        db.session.add_all(Stay(**places, admitted_on=as_of() - timedelta(days=2)) for _ in range(8))
        db.session.commit()


def test_the_discharge_team_reads_who_is_here_who_could_go_and_which_homes_answered(
    app: Flask, visit: Visit, here: None
) -> None:
    team = visit("hospital_manager")
    page = team.open("/reports")
    since = format_day(as_of() - timedelta(days=4))
    assert (
        f"9 people from care homes in our beds at the end of {format_day(as_of())}: 1 for 7 days or more, "
        f"1 for 14 days or more. 1 of them is ready to go home, the longest since {since} (4 days)."
    ) in page.text
    assert f"Agnes Obi 4 days Ready since {since}" in page.text
    assert "Fewer than 10 stays: too few to say (1 home)" in page.text
    assert "Home Stays Spoke in time Rowan House 1 0 " in page.text
    assert "Rowan House 1 0 0 %" not in page.text
    assert "Fewer than 10 stays: too few to say\r\nHome,Stays,Spoke in time\r\nRowan House,1,0\r\n" in (
        team.client.get("/reports/front.csv").text
    )
    assert page.links()["Who is here now"] == "/ward"
    assert "Since when? Month by month over both years: cannot be told" in page.text
    assert page.links()["With the bag and without it"] == "/reports/comparison"
    assert page.links()["9"] == "/reports/stays"
    assert page.links()["Board paper (PDF)"] == "/reports/front.pdf"
    assert "no longer here" not in page.text
    with app.app_context():
        db.session.query(Transfer).one().state = "back_home"
        db.session.commit()
    assert f"Agnes Obi 4 days, no longer here Ready since {since}" in team.open("/reports").text


def test_the_borough_reads_counts_only_and_no_small_one_in_any_form(visit: Visit, here: None) -> None:
    oversight = visit("oversight")
    page = oversight.open("/reports")
    assert "10 people from care homes in hospital" in page.text
    assert "7 or fewer of them are ready to go home." in page.text
    assert "Agnes Obi" not in page.text
    assert "Rowan House" not in page.text
    assert (
        "Both years had the red bag: a difference between them does not show what the bag does." in page.text
    )
    assert oversight.open("/").path == "/reports"
    csv, xlsx, pdf = (oversight.client.get(f"/reports/front.{form}") for form in ("csv", "xlsx", "pdf"))
    assert "In hospital,10\r\n7 days or more,hidden\r\n" in csv.text
    sheets = workbook(xlsx.data)
    table = next(rows for name, rows in sheets.items() if name.startswith("In hospital"))
    assert table[2:4] == [["In hospital", "10"], ["7 days or more", "hidden"]]
    words = " ".join(PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text().split())
    assert "In hospital 10 7 days or more hidden" in words
    for answer, form in ((csv, "csv"), (xlsx, "xlsx"), (pdf, "pdf")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert f'filename="front-borough-{as_of()}.{form}"' in answer.headers["Content-Disposition"]


@pytest.fixture
def two_years(app: Flask, cast: Cast, here: None) -> None:
    """Of every month of both years twelve stays that ended: 14 days or 13 at first, the last 10 months 9."""
    with app.app_context():
        one = db.session.query(Stay).first()
        assert one is not None
        places = {"home_id": one.home_id, "hospital_id": one.hospital_id}
        last = last_complete_month(as_of())
        for back in range(24):
            ended = add_months(last, -back) + timedelta(days=20)
            began = ended - timedelta(days=9 if back < 10 else 13 + back % 2)
            stays = [Stay(**places, admitted_on=began, discharged_on=ended) for _ in range(12)]
            db.session.add_all(stays)
        db.session.commit()


def test_a_hospital_sees_the_chart_that_since_when_is_told_by_and_the_borough_none(
    visit: Visit, two_years: None
) -> None:
    team = visit("hospital_manager")
    page, began = team.open("/reports"), format_month(add_months(last_complete_month(as_of()), -9))
    assert (
        f"Since when? Month by month over both years: from {began} on. 10 months in a row below the"
        in page.text
    )
    assert "of the homes compared" in page.text
    assert 'id="over-time-title"' in page.response.text and 'id="by-month-title"' not in page.response.text
    assert "The same figures as a table of the chart over both years" in page.text
    csv, pdf = (team.client.get(f"/reports/front.{form}") for form in ("csv", "pdf"))
    assert f"\n{began},12,9.0," in csv.text
    assert len(PdfReader(io.BytesIO(pdf.data)).pages) > 1
    assert 'id="over-time-title"' not in visit("oversight").open("/reports").response.text


def test_what_was_chosen_goes_along_to_the_other_pages_and_into_the_name_of_the_file(visit: Visit) -> None:
    manager, chosen = visit("manager"), "reason=fall&age=85_94"
    for page in ("length-of-stay", "pathway", "charts"):
        links = manager.open(f"/reports/{page}?{chosen}").links()
        assert links["Comparison"] == f"/reports/comparison?{chosen}"
        assert links["Charts over time"] == f"/reports/charts?{chosen}"
    for page in ("length-of-stay", "pathway", "comparison", "charts"):
        answer = manager.client.get(f"/reports/{page}.csv?{chosen}")
        said = answer.headers["Content-Disposition"]
        assert f'filename="{page}-care-home-falls-only-aged-85-to-94-' in said
        assert f'-{as_of()}.csv"' in said
    links = visit("oversight").open(f"/reports/pathway?{chosen}").links()
    assert links["Comparison"] == "/reports/comparison"


def test_a_home_manager_is_sent_to_the_homes_own_overview_and_others_to_none(visit: Visit) -> None:
    assert visit("manager").open("/reports").path == "/overview"
    assert visit("carer").open("/reports").status == 403
    assert visit("carer").client.get("/reports/front.csv").status_code == 403
    assert visit("manager").client.get("/reports/nothing.csv").status_code == 404
    assert visit("manager").client.get("/reports/front.exe").status_code == 404


def test_what_is_taken_away_is_in_the_audit_log_with_page_form_and_filter(
    app: Flask, visit: Visit, here: None
) -> None:
    visit("hospital_manager").client.get("/reports/front.csv?bag=with")
    with app.app_context():
        last = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert last is not None
        assert last.kind == "report.exported"
        said = {"report": "Overview", "page": "front", "form": "csv", "filter": "bag=with"}
        assert said.items() <= dict(last.details).items()
