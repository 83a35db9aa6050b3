"""Length of stay: one page for a home, a hospital or the borough, and the journeys behind a figure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from redbag.domain import report_filter, stay_paper
from redbag.domain.length_of_stay import LONG_STAY_DAYS, last_complete_day
from redbag.domain.london_time import format_month
from redbag.domain.permissions import Permission, Role
from redbag.domain.report_filter import Places
from redbag.domain.report_tables import ReportPaper
from redbag.domain.stay_report import StayReport
from redbag.queries import stay_rows, stays
from redbag.queries import stays_behind as journeys
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.reports import blueprint, remembered
from redbag.web.reports.exports import paper_of
from redbag.web.reports.filter_form import FilterForm, without_blanks
from redbag.web.reports.seen import count, drawn, seen, sees_people, show
from redbag.web.stay_chart import Bars, Chart, bars, of_months


@blueprint.get("/reports/length-of-stay")
@requires(Permission.REPORT_READ)
@audits
def length_of_stay() -> ResponseReturnValue:
    """Are stays getting shorter? The answer first, then every figure with its rule."""
    shorter = without_blanks()
    if shorter is not None:
        return shorter
    found = remembered.answer(stay_paper.KEY, report_filter.asked(request.args), _found, _Found.weigh)
    note_read("report.read", report="length of stay")
    return show(
        "reports/length_of_stay.html",
        found.paper,
        form=found.form,
        errors=found.form.errors,
        chart=found.chart,
        histogram=found.histogram,
        behind=found.behind,
        measure=found.measure,
        tables_drawn=found.tables,
        filter_drawn=found.filter,
        export_args=found.form.chosen.query(),
    )


@dataclass(frozen=True)
class _Found:
    """What the page shows of its place: the same for everybody who may read it there, until a record of the
    place changes. `measure`: what the answer goes by, as the chart over time has it. `tables` and `filter`:
    drawn already, since they are most of the page."""

    paper: ReportPaper
    form: FilterForm
    chart: Chart | None
    histogram: Bars | None
    behind: Mapping[str, Mapping[str, str]]
    measure: str
    tables: Markup
    filter: Markup

    def weigh(self) -> int:
        choices = sum(len(one.choices) for one in self.form.questions)
        return self.paper.number_of_cells + choices


def _found(homes: Collection[int] | None = None) -> _Found:
    """`homes`: a hospital's, as stay_rows.places takes them."""
    report, form = _report(homes)
    paper = seen(_paper(report))
    behind = _behind(report, paper) if sees_people() else {}
    return _Found(
        paper,
        form,
        of_months(paper.plots),
        bars(paper.table("lengths")),
        behind,
        report.measure,
        drawn("reports/length_of_stay_tables.html", paper, behind=behind),
        drawn("reports/length_of_stay_filter.html", paper, form=form) if sees_people() else Markup(),
    )


@paper_of(stay_paper.KEY)
def length_of_stay_paper() -> ReportPaper:
    """The page's paper, narrowed down as the address says."""
    return _paper(_report()[0])


def _report(homes: Collection[int] | None = None) -> tuple[StayReport, FilterForm]:
    named = stay_rows.places(actor(), homes)
    as_of = last_complete_day(now())
    args = request.args if sees_people() else {}
    chosen, errors = report_filter.parse(args, as_of, named.choices if sees_people() else Places())
    report = stays.report(actor(), now(), chosen, named)
    return report, FilterForm.of(chosen, errors, named.choices, as_of, report.records_began)


def _paper(report: StayReport) -> ReportPaper:
    return stay_paper.paper(report, count, hides_small=not sees_people())


def _behind(report: StayReport, paper: ReportPaper) -> dict[str, dict[str, str]]:
    """Where the journeys behind the rows of a table are listed: their lists know no filter."""
    if report.chosen.has_factors:
        return {}
    months = {
        row.key: url_for(".stays_behind", month=row.key) for row in paper.table("months").rows if row.key
    }
    open_now = {
        row.key: url_for(".stays_behind", days=row.key if row.key != "0" else None)
        for row in paper.table("open").rows
        if row.cells[1].value
    }
    return {"months": months, "open": open_now}


@blueprint.get("/reports/stays")
@requires(Permission.REPORT_PEOPLE)
@audits
def stays_behind() -> ResponseReturnValue:
    """The people behind a figure: a month of discharge (?month=2026-10), or those in hospital at the end of
    the report's day (?days=14: for so long at least)."""
    month = request.args.get("month", "")
    at_least = request.args.get("days", 0, type=int)
    try:
        chosen = date.fromisoformat(f"{month}-01") if month else None
    except ValueError:
        abort(404)
    if chosen is not None and not 1900 < chosen.year < 2200:
        abort(404)
    as_of = last_complete_day(now())
    everybody = journeys.behind(actor(), ended_in=chosen, as_of=as_of)
    found = [one for one in everybody if chosen or one.days >= at_least]
    note_read("transfer.listed", count=len(found))
    return render_template(
        "reports/stays.html",
        found=found,
        month=format_month(chosen) if chosen else "",
        as_of=as_of,
        at_least=at_least,
        bands=[(mark, sum(one.days >= mark for one in everybody)) for mark in (0, *LONG_STAY_DAYS)],
        at_home=actor().role is Role.HOME_MANAGER,
    )
