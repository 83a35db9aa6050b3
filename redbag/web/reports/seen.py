"""The one door through which every report goes to its reader: pages, charts and exports alike.

An oversight reader sees no individuals: whatever they get has been through the suppression rule here, and
nothing of their address narrows it down (docs/adr/0016).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import g, render_template
from markupsafe import Markup, escape

from redbag.domain import report_tables, suppression
from redbag.domain.permissions import Role
from redbag.domain.report_tables import Cell, Column, ReportPaper, Row, Unit
from redbag.web.guards import actor
from redbag.web.reports import blueprint


def cells(row: Row, columns: Sequence[Column]) -> list[tuple[str, str, Unit]]:
    """The cells of a row in a table with these columns: what each says, its classes and its unit. One call a
    row: a page has thousands of cells."""
    return [
        (
            report_tables.words(cell, column.unit),
            _classes(column.unit, missing=cell.value is None),
            column.unit,
        )
        for cell, column in zip(row.cells, columns, strict=True)
    ]


def rows_drawn(rows: Sequence[Row], columns: Sequence[Column], links: Mapping[str, str]) -> Markup:
    """Rows as they stand in a table; `links`: where a row's name leads, by its key. In one piece: escaping
    each part of some thousand cells takes longer than counting them."""
    units = [column.unit for column in columns[1:]]
    opened = [(_OPENED[unit, False], _OPENED[unit, True]) for unit in units]
    drawn = []
    for row in rows:
        name = escape(report_tables.words(row.cells[0], Unit.TEXT))
        if row.key in links:
            name = Markup('<a class="rb-target" href="{}">{}</a>').format(links[row.key], name)
        total = ' class="rb-report__total"' if row.total else ""
        figures = " ".join(map(_drawn, row.cells[1:], units, opened))
        drawn.append(f'<tr{total}><th scope="row">{name}</th> {figures}</tr>')
    return Markup("\n".join(drawn))  # noqa: S704 - numbers, and words that were escaped


def _drawn(cell: Cell, unit: Unit, opened: tuple[str, str]) -> str:
    """`opened`: how a cell begins, and how one without a figure."""
    said = report_tables.words(cell, unit)
    if cell.value is None:
        return f"{opened[1]}{escape(said)}</td>"
    return f"{opened[0]}{escape(said) if isinstance(cell.value, str) else said}</td>"


def _classes(unit: Unit, *, missing: bool) -> str:
    return ("" if unit is Unit.TEXT else "rb-number") + (" rb-report__none" if missing else "")


_OPENED = {
    (unit, missing): f'<td class="{_classes(unit, missing=missing)}" data-unit="{unit}">'
    for unit in Unit
    for missing in (False, True)
}

blueprint.add_app_template_filter(rows_drawn)
blueprint.add_app_template_filter(cells, "figure_cells")
blueprint.add_app_template_filter(report_tables.words, "figure_words")
blueprint.add_app_template_filter(report_tables.lines_below, "lines_below")


def sees_people() -> bool:
    """Whether figures may have people behind them for this reader."""
    return actor().role is not Role.OVERSIGHT


def count(number: int) -> str:
    """A count in a sentence, as this reader may see it."""
    return f"{number:,}" if sees_people() else suppression.count(number)


def seen(paper: ReportPaper) -> ReportPaper:
    """The paper as this reader may see it, with small numbers hidden where they must be."""
    paper = replace(paper, demo=g.settings.is_demo)
    return paper if sees_people() else suppression.suppressed(paper)


def drawn(template: str, paper: ReportPaper, **values: Any) -> Markup:
    """A part of a report page, from the paper as this reader may see it: to be put into the page."""
    return Markup(render_template(template, paper=paper, sees_people=sees_people(), **values))  # noqa: S704 - a template of ours, escaped


def show(template: str, paper: ReportPaper, **values: Any) -> str:
    """A report page: its template with the paper as this reader may see it."""
    return render_template(template, paper=seen(paper), sees_people=sees_people(), **values)
