"""Length of stay: one page for a home, a hospital or the borough; its CSV; the journeys behind a figure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Response, abort, g, render_template, request
from flask.typing import ResponseReturnValue

from redbag.domain import discharge_papers, stay_report
from redbag.domain.length_of_stay import LONG_STAY_DAYS, last_complete_day
from redbag.domain.london_time import format_month
from redbag.domain.permissions import Permission, Role
from redbag.domain.stay_report import StayReport
from redbag.domain.stays_by_month import BEFORE, Month
from redbag.queries import stays
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.reports import blueprint
from redbag.web.reports.stay_export import as_csv
from redbag.web.stay_chart import Shown, by_month


def _shown() -> Shown:
    return Shown(whole_borough=actor().role is Role.OVERSIGHT)


@blueprint.get("/reports/length-of-stay")
@requires(Permission.REPORT_READ)
@audits
def length_of_stay() -> ResponseReturnValue:
    """Are stays getting shorter? The answer first, then every figure with its rule."""
    report, shown = stays.report(actor(), now()), _shown()
    papers = stays.summaries(actor(), report.this_year.start, report.this_year.end)
    note_read("report.read", report="length of stay")
    return render_template(
        "reports/length_of_stay.html",
        report=report,
        shown=shown,
        chart=by_month(report, shown),
        rows=_month_rows(report, shown),
        papers=papers,
        papers_lines=discharge_papers.lines(papers),
        rules=(*stay_report.rules(report), discharge_papers.RULE),
        left_out=[(why, shown.count(number)) for why, number in stay_report.left_out(report)],
        source_words=stay_report.SOURCE_WORDS,
        sees_people=actor().role is not Role.OVERSIGHT,
    )


@dataclass(frozen=True)
class Cells:
    """One month's figures as the reader may see them; `instead` says why there are none."""

    n: str = ""
    median: str = ""
    mean: str = ""
    instead: str = ""


@dataclass(frozen=True)
class MonthRow:
    """A month beside the same month a year before. `key`: as addresses name it; `open`: has people behind."""

    month: str
    key: str
    open: bool
    now: Cells
    before: Cells


def _month_rows(report: StayReport, shown: Shown) -> list[MonthRow]:
    return [
        MonthRow(
            month=format_month(pair.month.first_day),
            key=pair.month.first_day.isoformat()[:7],
            open=bool(pair.month.figures.n) and not pair.month.hidden,
            now=_cells(pair.month, shown),
            before=_cells(pair.before, shown),
        )
        for pair in report.pairs
    ]


def _cells(month: Month, shown: Shown) -> Cells:
    figures = month.figures
    if month.hidden:
        return Cells(instead="before records" if month.hidden == BEFORE else "hidden: first months")
    if not shown.may(figures.n):
        return Cells(instead="hidden: 7 or fewer")
    return Cells(
        shown.count(figures.n),
        shown.figure(figures.median, figures.n),
        shown.figure(figures.mean, figures.n),
    )


@blueprint.get("/reports/length-of-stay.csv")
@requires(Permission.REPORT_EXPORT)
@audits
def length_of_stay_csv() -> ResponseReturnValue:
    """Every figure of the page, one a row, and below them the notes."""
    report = stays.report(actor(), now())
    note_read("report.exported", report="length of stay")
    papers = stays.summaries(actor(), report.this_year.start, report.this_year.end)
    text = as_csv(report, papers, _shown(), demo=g.settings.is_demo)
    answer = Response(text.encode("utf-8-sig"), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="length-of-stay-{report.as_of}.csv"'
    return answer


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
    everybody = stays.behind(actor(), ended_in=chosen, as_of=as_of)
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
