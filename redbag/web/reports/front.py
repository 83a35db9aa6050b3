"""The front page of reports, for a hospital's discharge team and for oversight readers. A home manager's is
the overview of the home."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from redbag.domain import report_front as words
from redbag.domain import spc_paper, stay_front
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Permission, Role
from redbag.domain.report_filter import ReportFilter
from redbag.domain.report_front import InHospital
from redbag.domain.report_tables import Definition, ReportPaper, Table
from redbag.domain.spc_chart import SpcChart
from redbag.domain.stay_answer import NOT_AN_EFFECT
from redbag.domain.stay_front import Verdict
from redbag.domain.stay_pictures import months_plot
from redbag.queries import pathway, report_front, stays
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.reports import blueprint, remembered
from redbag.web.reports.exports import paper_of
from redbag.web.reports.seen import count, drawn, seen, sees_people, show
from redbag.web.spc_drawing import Drawing, draw
from redbag.web.stay_chart import Chart, of_months

MOST_READY = 200
_WHO = {
    Role.HOSPITAL_MANAGER: "from care homes in our beds",
    Role.OVERSIGHT: "from care homes in hospital",
}
_AS_A_TABLE = "The page on length of stay has the same figures as a table, by month of discharge."
_COMPARED = ", of the homes compared"
_CHANGED = Definition(
    "Are stays getting shorter",
    "Stays that ended in the last 12 complete months beside those of the 12 before, over the same months and "
    "the same homes. Where the 95 % interval of the difference holds 0, it is said that the difference may "
    f"be chance. {NOT_AN_EFFECT}",
)


@blueprint.get("/reports")
@requires(Permission.REPORT_READ)
@audits
def front() -> ResponseReturnValue:
    """Who is in hospital, who could go home, which homes answer, and whether stays are getting shorter."""
    if actor().role is Role.HOME_MANAGER:
        return redirect(url_for("home.overview"))
    found = remembered.answer("front", (), lambda _homes: _found(), lambda one: one.paper.number_of_cells)
    waiting = report_front.ready_to_go(actor(), _as_of(), MOST_READY) if sees_people() else []
    note_read("report.read", report="overview")
    if waiting:
        note_read("transfer.listed", count=len(waiting))
    return show(
        "reports/front.html",
        found.paper,
        waiting=waiting,
        found=found.here,
        verdict=found.verdict,
        chart=found.chart,
        drawing=found.drawing,
        tables_drawn=found.tables,
    )


@dataclass(frozen=True)
class _Found:
    """What the page shows of its place, but for the people: the same until a record of the place changes.
    `drawing`: the chart that the answer goes by, for readers of single figures; `chart`: this year beside
    last by month, for others. `tables`: drawn already, a row for each home that answers."""

    here: InHospital
    verdict: Verdict
    paper: ReportPaper
    chart: Chart | None
    drawing: Drawing | None
    tables: Markup


def _found() -> _Found:
    here, verdict, paper, chart = _told()
    paper = seen(paper)
    tables = drawn("reports/front_tables.html", paper)
    if chart:
        drawing = draw(chart)
        return _Found(
            here, verdict, paper, None, replace(drawing, title=f"{drawing.title}{_COMPARED}"), tables
        )
    return _Found(here, verdict, paper, of_months(paper.plots), None, tables)


@paper_of("front")
def front_paper() -> ReportPaper:
    """The front page's figures."""
    return _told()[2]


def _told() -> tuple[InHospital, Verdict, ReportPaper, SpcChart | None]:
    """Who is in hospital, whether stays changed, and both as a paper; and the chart by which that is told.

    An oversight reader gets no chart of the homes compared beside those of all homes: a month of the one
    taken from the same month of the other would leave the stays of a few homes.
    """
    as_of = _as_of()
    here = report_front.in_hospital(actor(), as_of)
    report = stays.report(actor(), now(), answer_only=True)
    hides_small = not sees_people()
    chart = stay_front.chart_of_years(report, hides_small=hides_small)
    verdict = stay_front.of_years(report, chart, count, hides_small=hides_small)
    shown = chart if sees_people() and isinstance(chart, SpcChart) else None
    over_time = shown and spc_paper.of_measure(shown, spc_paper.Shown(report.place, as_of))
    by_month = months_plot(report)
    return (
        here,
        verdict,
        words.paper(
            report.place,
            as_of,
            sentences=(
                *verdict.sentences,
                words.here_sentence(here, as_of, _WHO[actor().role], count),
                words.ready_sentence(here, as_of, count, sees_people=sees_people()),
            ),
            tables=(
                words.here_table(here, as_of),
                *(_answers_by_home(as_of) if sees_people() else (_answers_of_all(as_of),)),
                *(over_time.tables if over_time else ()),
            ),
            definitions=(*words.DEFINITIONS, _CHANGED, *(over_time.definitions if over_time else ())),
            plots=tuple(replace(one, title=f"{one.title}{_COMPARED}") for one in over_time.plots)
            if over_time
            else tuple(replace(one, description=_AS_A_TABLE) for one in (by_month,) if one),
        ),
        shown,
    )


def _answers_by_home(as_of: date) -> tuple[Table, ...]:
    start = as_of - timedelta(days=words.ANSWER_DAYS - 1)
    return words.answers_by_home(report_front.answered(actor(), start, as_of))


def _answers_of_all(as_of: date) -> Table:
    """From the counts that are kept: a country has too many journeys to read on a front page."""
    year = ReportFilter.usual(as_of)
    counts = pathway.counts(actor(), year, year.before.first, year.last)
    spans = [(one.period_words, counts.of("home_contact", one.months)) for one in (year, year.before)]
    return words.answers_of_all(spans)


def _as_of() -> date:
    return last_complete_day(now())
