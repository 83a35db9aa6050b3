"""Length of stay: one page for a home, a hospital or the borough; its CSV; the journeys behind a figure."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from redbag.domain import stay_report
from redbag.domain.london_time import format_day, format_month
from redbag.domain.permissions import Permission, Role
from redbag.domain.stay_report import StayReport
from redbag.queries import stays
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.reports import blueprint
from redbag.web.stay_chart import Shown, by_month


def _shown() -> Shown:
    return Shown(whole_borough=actor().role is Role.OVERSIGHT)


@blueprint.get("/reports/length-of-stay")
@requires(Permission.REPORT_READ)
@audits
def length_of_stay() -> ResponseReturnValue:
    """Are stays getting shorter? The answer first, then every figure with its rule."""
    report, shown = stays.report(actor(), now()), _shown()
    note_read("report.read", report="length of stay")
    return render_template(
        "reports/length_of_stay.html",
        report=report,
        shown=shown,
        chart=by_month(report, shown),
        rows=_month_rows(report, shown),
        rules=stay_report.rules(report),
        left_out=[(why, shown.count(number)) for why, number in stay_report.left_out(report)],
        source_words=stay_report.SOURCE_WORDS,
        days=stay_report.days,
        sees_people=actor().role is not Role.OVERSIGHT,
    )


def _month_rows(report: StayReport, shown: Shown) -> list[dict[str, Any]]:
    rows = []
    for pair in report.pairs:
        this, before = pair.month, pair.before
        rows.append(
            {
                "month": format_month(this.first_day),
                "key": this.first_day.isoformat()[:7],
                "n": "hidden" if this.hidden else shown.count(this.figures.n),
                "median": "hidden" if this.hidden else shown.figure(this.figures.median, this.figures.n),
                "mean": "hidden" if this.hidden else shown.figure(this.figures.mean, this.figures.n),
                "n_before": "hidden" if before.hidden else shown.count(before.figures.n),
                "median_before": "hidden"
                if before.hidden
                else shown.figure(before.figures.median, before.figures.n),
                "mean_before": "hidden"
                if before.hidden
                else shown.figure(before.figures.mean, before.figures.n),
            }
        )
    return rows


@blueprint.get("/reports/length-of-stay.csv")
@requires(Permission.REPORT_EXPORT)
@audits
def length_of_stay_csv() -> ResponseReturnValue:
    """The figures by month, with their rules on the last lines."""
    report, shown = stays.report(actor(), now()), _shown()
    note_read("report.exported", report="length of stay")
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow([f"Length of stay, {report.place}, as of {format_day(report.as_of)}"])
    write.writerow(
        [
            "month of discharge",
            "stays",
            "median days",
            "mean days",
            "stays, year before",
            "median days, year before",
            "mean days, year before",
        ]
    )
    for row in _month_rows(report, shown):
        write.writerow([_cell(value) for key, value in row.items() if key != "key"])
    write.writerows([[_cell(rule)] for rule in stay_report.rules(report)])
    answer = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="length-of-stay-{report.as_of}.csv"'
    return answer


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


@blueprint.get("/reports/stays")
@requires(Permission.REPORT_PEOPLE)
@audits
def stays_behind() -> ResponseReturnValue:
    """The journeys behind a figure: a month of discharge (?month=2026-10), or those in hospital now."""
    month = request.args.get("month", "")
    try:
        chosen = date.fromisoformat(f"{month}-01") if month else None
    except ValueError:
        abort(404)
    found = stays.behind(actor(), ended_in=chosen, open_only=chosen is None)
    note_read("transfer.listed", count=len(found))
    return render_template(
        "reports/stays.html",
        found=found,
        title=f"Stays that ended in {format_month(chosen)}" if chosen else "In hospital now",
        at_home=actor().role is Role.HOME_MANAGER,
    )
