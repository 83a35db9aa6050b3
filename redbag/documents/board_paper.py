"""A page of figures on A4 for a board: the answer first, charts, tables, definitions on the last page.

Black on white. Every page says whose figures they are, of which day, and whether they are made up.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from math import sqrt

from redbag.documents.pack_look import BODY, SMALL, STRONG, foot, heading, masthead
from redbag.documents.paper import FULL, LEFT, PALE, Area, Box, Column, Paper, draw, new_canvas
from redbag.documents.plot_drawing import PLOT_HEIGHT, draw_plot
from redbag.documents.text_flow import Line, Style, height, one_line, wrap
from redbag.documents.typeface import printable
from redbag.domain.london_time import format_day
from redbag.domain.report_tables import (
    MADE_UP,
    Plot,
    ReportPaper,
    Table,
    Unit,
    lines_below,
    words,
)

_ANSWER = Style(14, 18, bold=True)
_HEAD = Style(8, 10, bold=True)
_GAP = 8.0
_BESIDE = 3.0
_LEAST_TEXT = 0.4
"""The part of the page's width that the columns of words take at least, where there are many of numbers."""
MOST_BEGUN = 3
"""So many upright lines are drawn and named; more would hide the lines that matter."""


def board_paper(paper: ReportPaper) -> bytes:
    """The whole paper. The same bytes for the same values."""
    out = io.BytesIO()
    canvas = new_canvas(out, datetime.combine(paper.as_of, time(), UTC))
    canvas.setTitle(printable(f"{paper.title}, {paper.place}"))
    canvas.setAuthor(printable(paper.place))
    pages = Paper(lambda page: masthead(page, f"RED BAG  ·  {paper.title}", paper.place) - 8)
    pages.new_page()
    _answer(pages, paper)
    for plot in paper.plots:
        _chart(pages, plot)
    for table in paper.all_tables:
        _table(pages, table)
    pages.new_page()
    _definitions(pages, paper)
    made = f"{paper.title}, as of {format_day(paper.as_of)}"
    second = MADE_UP if paper.demo else "A difference between two groups or two years is not an effect."
    for number, page in enumerate(pages.pages, start=1):
        foot(page, f"{made}  ·  {paper.place}", second, number, len(pages.pages))
        draw(canvas, page)
    canvas.save()
    return out.getvalue()


def _answer(pages: Paper, paper: ReportPaper) -> None:
    """Of what, of when, and what they say."""
    pages.flow(wrap(paper.caption, FULL, BODY))
    if paper.demo:
        pages.flow(wrap(MADE_UP, FULL, STRONG))
    pages.y -= 4
    for place, sentence in enumerate(paper.sentences):
        pages.flow(wrap(sentence, FULL, BODY if place else _ANSWER))
        pages.y -= 4


def _chart(pages: Paper, plot: Plot) -> None:
    key = _key(plot)
    below = [*wrap(plot.description, FULL, SMALL), *wrap(key, FULL, SMALL)]
    pages.need(PLOT_HEIGHT + 40 + sum(line.advance for line in below))
    pages.y = heading(pages.page, Area(LEFT, pages.y - _GAP, FULL), plot.title) - 4
    shown = plot if len(plot.begun) <= MOST_BEGUN else replace(plot, begun=())
    draw_plot(pages.page, Area(LEFT, pages.y, FULL), shown)
    pages.y -= PLOT_HEIGHT
    pages.flow(below)


_SHAPES = {"circle": "filled circles", "square": "open squares", "triangle": "triangles", "none": "no marks"}


def _key(plot: Plot) -> str:
    """Which line is which, in words: a copy of a copy keeps no colour."""
    said = [
        f"{line.name}: {'dashed' if line.dashed else 'unbroken'} line, {_SHAPES.get(line.shape, line.shape)}"
        for line in plot.lines
    ]
    if any(point.signal for line in plot.lines for point in line.points):
        said.append("large diamonds: unusual")
    said += [
        f"{'dotted' if level.dashed else 'level'} line: {level.name} {level.y:.1f}" for level in plot.levels
    ]
    if len(plot.begun) > MOST_BEGUN:
        said.append(f"homes were still joining: in {len(plot.begun)} of these months")
    else:
        said += [f"upright line: {what}" for _, what in plot.begun]
    return "; ".join(said) + "."


def _table(pages: Paper, table: Table) -> None:
    places = _places(table)
    pages.need(96)
    pages.y = heading(pages.page, Area(LEFT, pages.y - _GAP, FULL), table.title) - 2

    def head() -> None:
        _head(pages, table, places)

    if table.rows:
        head()
        pages.repeating(head)
    else:
        pages.flow(wrap("Nothing to show yet.", FULL, BODY))
    for row in table.rows:
        style = STRONG if row.total else BODY
        cells = [
            _set(words(cell, column.unit), place, style, column.unit)
            for cell, column, place in zip(row.cells, table.columns, places, strict=True)
        ]
        pages.row(places, cells, pad=1.5)
    pages.repeating(None)
    pages.y -= 3
    for line in lines_below(table):
        pages.flow(wrap(line, FULL, SMALL))


def _places(table: Table) -> list[Column]:
    """Where the columns stand: numbers as wide as they need, texts by how much they say."""
    wants = [_wanted(table, place) for place in range(len(table.columns))]
    texts = [place for place, column in enumerate(table.columns) if column.unit is Unit.TEXT]
    spare = FULL - sum(wants)
    if spare >= 0:
        wants = [want + spare / len(wants) for want in wants]
    elif texts:
        # Twice as much to say takes less than twice the width: the square root keeps short columns readable.
        room = max(FULL - sum(wants) + sum(wants[place] for place in texts), FULL * _LEAST_TEXT)
        weights = {place: sqrt(wants[place]) for place in texts}
        for place in texts:
            wants[place] = room * weights[place] / sum(weights.values())
    wants = [want * FULL / sum(wants) for want in wants]
    x, found = LEFT, []
    for place, (want, column) in enumerate(zip(wants, table.columns, strict=True)):
        after_numbers = place > 0 and place in texts and place - 1 not in texts
        start = 3 * _BESIDE if after_numbers else _BESIDE
        found.append(Column(column.heading, x + start, want - start - _BESIDE))
        x += want
    return found


def _wanted(table: Table, place: int) -> float:
    """How wide a column is whose every cell stands on one line; a heading may break between words."""
    column = table.columns[place]
    said = [*column.heading.split(), *(words(row.cells[place], column.unit) for row in table.rows)]
    return max(_width(one, STRONG) for one in said) + 4 * _BESIDE


def _width(said: str, style: Style) -> float:
    return one_line(said, FULL, style, style.size).width


def _head(pages: Paper, table: Table, places: Sequence[Column]) -> None:
    """The headings on a pale band, over numbers at the right as the numbers are."""
    cells = [
        _set(place.heading, place, _HEAD, column.unit)
        for place, column in zip(places, table.columns, strict=True)
    ]
    tall = max(height(cell) for cell in cells) + 5
    pages.page.marks.append(Box(LEFT, pages.y - tall, FULL, tall, PALE))
    for place, cell in zip(places, cells, strict=True):
        pages.page.put(cell, place.x, pages.y - 2.5)
    pages.y -= tall


def _set(said: str, place: Column, style: Style, unit: Unit) -> list[Line]:
    """The lines of a cell: texts at the left, numbers at the right of their column."""
    lines = wrap(said, place.width, style)
    if unit is Unit.TEXT:
        return lines
    return [line._replace(indent=max(0.0, place.width - line.width)) for line in lines]


def _definitions(pages: Paper, paper: ReportPaper) -> None:
    """The last page: what the terms mean. It starts a page, so that it can be taken out and kept."""
    pages.y = heading(pages.page, Area(LEFT, pages.y - 4, FULL), "What the figures mean") - 4
    for one in paper.definitions:
        pages.need(30)
        pages.flow(wrap(one.term, FULL, STRONG))
        pages.flow(wrap(one.rule, FULL, BODY))
        pages.y -= 5
