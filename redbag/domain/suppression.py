"""Small numbers, hidden from readers who may not see individuals (the hospital statistics rule).

Counts 1 to 7 are hidden, other counts are rounded to 5; a mean or median is hidden where n is 1 to 7. What
adds up to a total that is shown could give one hidden count away by subtraction: where the rounding does not
cover it, the next smallest count is hidden as well, in the same word (docs/adr/0016).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from redbag.domain.report_tables import (
    Cell,
    Definition,
    Level,
    Line,
    Plot,
    Point,
    ReportPaper,
    Row,
    Table,
    Unit,
    lines_below,
)

HIDDEN = "7 or fewer"
HIDDEN_IN_TABLE = "hidden"
SMALLEST_SHOWN = 8
ROUNDING = 2
"""A count shown to the nearest 5 is at most so far from the true one."""

RULE = (
    "Counts from 1 to 7 are hidden and other counts rounded to 5, each by itself: parts need not add up to "
    "their total. A mean, median or share is hidden where it is made of 1 to 7. Where a total would give a "
    "hidden count away, the next smallest count is hidden too. There are no filters, because filters would "
    "let hidden numbers be worked out."
)


def count(number: int) -> str:
    """A count as such a reader may see it."""
    return HIDDEN if is_small(number) else f"{rounded(number):,}"


def is_small(number: int) -> bool:
    """Whether a count is one of those that are hidden."""
    return 1 <= number < SMALLEST_SHOWN


def rounded(number: int) -> int:
    """A count that may be shown, to the nearest 5."""
    return 5 * ((2 * number + 5) // 10)


def may_show(n: int) -> bool:
    """Whether a figure made from `n` records may be shown."""
    return not is_small(n)


def suppressed(paper: ReportPaper) -> ReportPaper:
    """The paper as somebody may see it who sees no individuals. Applied twice it changes nothing more.

    Sentences are words already: whoever writes them counts with count(). Raises ValueError where a figure
    does not say how many records it is made of.
    """
    if paper.suppressed:
        return paper
    return replace(
        paper,
        tables=tuple(_table(one) for one in paper.tables),
        quality=_table(paper.quality) if paper.quality else None,
        plots=tuple(_plot(one) for one in paper.plots),
        definitions=(*paper.definitions, Definition("Hidden and rounded", RULE)),
        suppressed=True,
    )


def _table(table: Table) -> Table:
    hidden = _hidden(table)
    rows = tuple(
        replace(row, cells=tuple(_cell(table, row, down, across, hidden) for across in range(len(row.cells))))
        for down, row in enumerate(table.rows)
    )
    # What is said below holds numbers too: they become words here, so that no true number is left inside.
    return replace(table, rows=rows, rule="", n=None, left_out=(), notes=lines_below(table, count))


def _cell(table: Table, row: Row, down: int, across: int, hidden: set[tuple[int, int]]) -> Cell:
    cell, unit = row.cells[across], table.columns[across].unit
    if unit is Unit.TEXT or isinstance(cell.value, str):
        return replace(cell, n=None, part=None)
    if unit is Unit.WHOLE:
        if (down, across) in hidden:
            return Cell(None, why=HIDDEN_IN_TABLE)
        return replace(cell, n=None) if cell.value is None else Cell(rounded(int(cell.value)))
    # A count that is hidden only to cover another must not stand out by its mean, nor one of 1 to 4 among
    # those of 1 to 7 by the reason why it has none.
    if any((down, place) in hidden for place in _count_of(table, across)):
        return Cell(None, why=HIDDEN_IN_TABLE)
    if cell.value is None:
        return Cell(None, why=HIDDEN_IN_TABLE) if is_small(cell.n or 0) else Cell(None, why=cell.why)
    if cell.n is None:
        raise ValueError(f"table {table.key}: a figure does not say how many records it is made of")
    counted = (cell.n,) if cell.part is None else (cell.n, cell.part, cell.n - cell.part)
    shows = all(may_show(number) for number in counted)
    return Cell(cell.value) if shows else Cell(None, why=HIDDEN_IN_TABLE)


def _count_of(table: Table, across: int) -> Iterable[int]:
    """The column of counts that a column of figures belongs to: the nearest at its left."""
    for place in range(across - 1, -1, -1):
        if table.columns[place].unit is Unit.WHOLE:
            return (place,)
    return ()


def _hidden(table: Table) -> set[tuple[int, int]]:
    """The counts that are hidden, by row and column: the small ones, and those that cover them."""
    counts = {
        (down, across): int(cell.value)
        for down, row in enumerate(table.rows)
        for across, cell in enumerate(row.cells)
        if table.columns[across].unit is Unit.WHOLE and isinstance(cell.value, int | float)
    }
    hidden = {place for place, number in counts.items() if is_small(number) or table.rows[place[0]].covers}
    sums = [one for one in _sums(table) if one[-1] in counts]
    before = -1
    while len(hidden) != before:  # covering a row can uncover a column
        before = len(hidden)
        for *parts, total in sums:
            there = [place for place in parts if place in counts]
            hidden |= _covering(counts, there, total, hidden)
    return hidden


def _sums(table: Table) -> list[list[tuple[int, int]]]:
    """The places of counts that add up, each list with its total last."""
    found = []
    totals = [down for down, row in enumerate(table.rows) if row.total]
    for across, column in enumerate(table.columns):
        if totals and column.unit is Unit.WHOLE:
            parts = [(down, across) for down, row in enumerate(table.rows) if not row.total]
            found.append([*parts, (totals[0], across)])
    if table.adds_across:
        found += [[(down, across) for across in table.adds_across] for down in range(len(table.rows))]
    return found


def _covering(
    counts: dict[tuple[int, int], int],
    parts: Sequence[tuple[int, int]],
    total: tuple[int, int],
    hidden: set[tuple[int, int]],
) -> set[tuple[int, int]]:
    """What else to hide, so that nobody can rule out any of 1 to 7 for a small count by subtraction."""
    small = [place for place in parts if place in hidden]
    shown = [place for place in parts if place not in hidden and counts[place]]
    if not small or total in hidden or any(counts[place] >= SMALLEST_SHOWN for place in small):
        return set()
    # A shown nought is a nought; every other number shown is known to within the rounding.
    difference = rounded(counts[total]) - sum(rounded(counts[place]) for place in shown)
    slack = ROUNDING * (len(shown) + 1)
    others = len(small) - 1
    least, most = difference - slack, difference + slack
    if least - 7 * others <= 1 and most - others >= SMALLEST_SHOWN - 1:
        return set()
    return {min(shown, key=lambda place: (rounded(counts[place]), place))} if shown else {total}


def _plot(plot: Plot) -> Plot:
    return replace(
        plot,
        lines=tuple(_line(one, plot) for one in plot.lines),
        levels=tuple(one for one in plot.levels if _level_may_show(one, plot)),
    )


def _line(line: Line, plot: Plot) -> Line:
    return replace(line, points=tuple(_point(one, plot) for one in line.points))


def _point(point: Point, plot: Plot) -> Point:
    """A point as it may be shown: none where fewer than 8 are behind it, which is the rule of curves too."""
    if point.y is None:
        return replace(point, n=None)
    if plot.counts:
        number = int(point.y)
        return replace(point, y=None, n=None, words="") if is_small(number) else _rounded(point, number)
    if point.n is None:
        raise ValueError(f"plot {plot.title}: a point does not say how many records it is made of")
    return replace(point, n=None) if point.n >= SMALLEST_SHOWN else replace(point, y=None, n=None, words="")


def _rounded(point: Point, number: int) -> Point:
    return replace(point, y=float(rounded(number)), n=None, words="")


def _level_may_show(level: Level, plot: Plot) -> bool:
    if level.n is None:
        raise ValueError(f"plot {plot.title}: a level does not say how many records it is made of")
    return level.n >= SMALLEST_SHOWN
