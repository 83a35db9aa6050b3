"""The small pictures beside the steps of the pathway: how wide a bar, where a mark. Drawn in
templates/components/steps.html."""

from __future__ import annotations

from dataclasses import dataclass

from redbag.domain.report_tables import Cell, Table

WIDTH, EDGE = 240, 4
"""Of a picture in SVG units, and what stays free at either side for a mark."""


@dataclass(frozen=True)
class Bar:
    """A share as a bar. `then`: where the year before stands; None where it has no figure."""

    width: float
    then: float | None = None

    @classmethod
    def of(cls, share: float, then: float | None = None) -> Bar:
        """The bar of a part of 1."""
        return cls(_at(share) - EDGE, None if then is None else _at(then))


@dataclass(frozen=True)
class Range:
    """A time as a line from the quarter to nine in ten, with a mark at the half; `then` as for Bar."""

    start: float
    half: float
    end: float
    then: float | None = None


def bar(share: Cell, then: Cell) -> Bar | None:
    """The bar of a share's cell and that of the year before; None where there is no figure."""
    value = _number(share)
    return None if value is None else Bar.of(value, _number(then))


def ranges(table: Table) -> dict[str, Range]:
    """The lines of a table of times by row, on one scale from 0 to the longest."""
    longest = max((_number(row.cells[place]) or 0.0 for row in table.rows for place in (4, 6)), default=0.0)
    found = {}
    for row in table.rows:
        quarter, half, nine = (_number(row.cells[place]) for place in (2, 3, 4))
        if quarter is None or half is None or nine is None or not longest:
            continue
        then = _number(row.cells[6])
        found[row.key] = Range(
            _at(quarter / longest),
            _at(half / longest),
            _at(nine / longest),
            None if then is None else _at(then / longest),
        )
    return found


def _number(cell: Cell) -> float | None:
    return float(cell.value) if isinstance(cell.value, int | float) else None


def _at(part: float) -> float:
    return round(EDGE + part * (WIDTH - 2 * EDGE), 1)
