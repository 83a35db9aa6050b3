"""The pathway step by step: what is slow or missed, and what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import pathway_paper, pathway_report, report_filter
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.measures import MEASURES, PATHWAY_MEASURES, Measure
from redbag.domain.pathway_report import PathwayReport, how_long
from redbag.domain.permissions import Permission, Role
from redbag.domain.report_filter import Places
from redbag.domain.report_tables import Cell, ReportPaper, Table
from redbag.domain.report_tables import words as cell_words
from redbag.queries import measures, pathway, stay_rows
from redbag.queries.pathway import LOST
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.reports import blueprint
from redbag.web.reports.exports import paper_of
from redbag.web.reports.filter_form import FilterForm, without_blanks
from redbag.web.reports.seen import count, seen, sees_people, show
from redbag.web.step_picture import Bar, Range, bar, ranges

Links = tuple[tuple[str, str], ...]
"""Words and the address behind them."""
_NONE = "no journeys"


@dataclass(frozen=True)
class Step:
    """One measure as the page shows it: its figure in words, what it is made of, the year before, a picture.

    `n` and `then`: in words. `links`: to the journeys behind it.
    """

    measure: Measure
    figure: str
    n: str
    then: str
    bar: Bar | None = None
    range: Range | None = None
    links: Links = ()


@blueprint.get("/reports/pathway")
@requires(Permission.REPORT_READ)
@audits
def pathway_page() -> ResponseReturnValue:
    """Which steps are slow or missed? In words, then each step, then what was lost."""
    shorter = without_blanks()
    if shorter is not None:
        return shorter
    report, form = _report()
    paper = seen(_paper(report))
    note_read("report.read", report="pathway")
    return show(
        "reports/pathway.html",
        paper,
        form=form,
        steps=_steps(report, paper),
        lost=_lost(paper.table("lost-by-handover"), 2),
        lost_kinds=_lost(paper.table("lost-by-kind"), 1),
        lost_behind=_journeys(report, LOST, "missed") if sees_people() and report.lost else "",
        export_args=report.chosen.query(),
    )


@paper_of(pathway_paper.KEY)
def pathway_page_paper() -> ReportPaper:
    """The page's paper, narrowed down as the address says."""
    return _paper(_report()[0])


def _paper(report: PathwayReport) -> ReportPaper:
    return pathway_paper.paper(report, count)


def _report() -> tuple[PathwayReport, FilterForm]:
    named = stay_rows.places(actor())
    as_of = last_complete_day(now())
    args = request.args if sees_people() else {}
    chosen, errors = report_filter.parse(args, as_of, named.choices if sees_people() else Places())
    counts = pathway.counts(actor(), chosen, chosen.before.first, chosen.last)

    def lost(months: Iterable[date]) -> tuple[Counter[str], Counter[str]]:
        months = list(months)
        return counts.lost(counts.spans, months), counts.lost(counts.kinds, months)

    whole = actor().role is Role.OVERSIGHT
    place = "All care homes" if whole else actor().organisation_name
    report = pathway_report.build(place, chosen, as_of, counts.of, lost, whole_country=whole)
    began = measures.records_began(actor(), chosen)
    return report, FilterForm.of(chosen, errors, named.choices, as_of, began)


# Each step, from the paper as this reader may see it


def _steps(report: PathwayReport, paper: ReportPaper) -> list[Step]:
    found: dict[str, Step] = {}
    for table in (paper.table("shares"), paper.table("minutes"), paper.table("days")):
        drawn = ranges(table) if table.key != "shares" else {}
        for row in table.rows:
            measure, cells = MEASURES[row.key], row.cells
            said = _said(cells, table)
            links = _links(report, measure) if sees_people() else ()
            if measure.is_time:
                found[row.key] = _time(measure, cells, said, drawn.get(row.key), links)
            else:
                found[row.key] = _share(measure, cells, said, links)
    return [found[measure.key] for measure in PATHWAY_MEASURES]


def _said(cells: tuple[Cell, ...], table: Table) -> list[str]:
    return [cell_words(cell, column.unit) for cell, column in zip(cells, table.columns, strict=True)]


def _share(measure: Measure, cells: tuple[Cell, ...], said: list[str], links: Links) -> Step:
    _, share, done, _, journeys, share_then, journeys_then = said
    return Step(
        measure,
        share if cells[4].value != 0 else "–",
        f"{done} of {journeys} journeys" if cells[4].value != 0 else _NONE,
        f"{share_then} of {journeys_then}" if cells[6].value != 0 else _NONE,
        bar=bar(cells[1], cells[5]),
        links=links,
    )


def _time(
    measure: Measure, cells: tuple[Cell, ...], said: list[str], drawn: Range | None, links: Links
) -> Step:
    journeys, journeys_then = said[1], said[5]
    half, nine, half_then = (_took(measure, cells[place], said[place]) for place in (3, 4, 6))
    more = f"; within {nine} for nine in ten" if cells[4].value is not None else ""
    return Step(
        measure,
        half if cells[3].value is not None or cells[1].value != 0 else "–",
        f"Within this for half of {journeys} journeys{more}" if cells[1].value != 0 else _NONE,
        f"{half_then} of {journeys_then}" if cells[5].value != 0 else _NONE,
        range=drawn,
        links=links,
    )


def _took(measure: Measure, cell: Cell, said: str) -> str:
    """A time of the table with its unit, minutes as the page's sentence has them; or why there is none."""
    if not isinstance(cell.value, int | float):
        return said
    return how_long(cell.value, measure.unit) if measure.unit == "minutes" else f"{said} {measure.unit}"


def _links(report: PathwayReport, measure: Measure) -> Links:
    """To the journeys behind the figure: those that matter first."""
    now_ = report.line(measure.key).now
    found: list[tuple[str, str]] = []
    if measure.is_time and now_.n:
        found.append(("Journeys, longest first", _journeys(report, measure.key, "times")))
    elif now_.no:
        words = pathway_paper.missed_words(measure.key, f"{now_.no:,}")
        found.append((words, _journeys(report, measure.key, "missed")))
    if now_.out:
        found.append((f"{now_.out:,} left out", _journeys(report, measure.key, "left-out")))
    return tuple(found)


def _journeys(report: PathwayReport, measure: str, which: str) -> str:
    args: dict[str, Any] = report.chosen.query()
    return url_for(".pathway_journeys", measure=measure, which=which, **args)


@dataclass(frozen=True)
class LostLine:
    """One row of what was lost: its cells in words, and a bar of its number against the most."""

    cells: tuple[str, ...]
    bar: Bar | None
    total: bool


def _lost(table: Table, place: int) -> list[LostLine]:
    most = max((float(row.cells[place].value or 0) for row in table.rows if not row.total), default=0.0)
    return [
        LostLine(
            tuple(_said(row.cells, table)),
            None if row.total or not most else Bar.of(float(row.cells[place].value or 0) / most),
            row.total,
        )
        for row in table.rows
    ]
