"""Sums over kept cells (models/figures.py): what is folded in and what is not, in one statement."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, union_all

from redbag.models import FigureCount, FigureDelta
from redbag.queries.at_once import at_once

Table = type[FigureCount] | type[FigureDelta]


def of(table: Table, series: Collection[str], facet: str) -> ColumnElement[bool]:
    """The cells of these series by one facet."""
    return and_(table.series.in_(series), table.facet == facet)


def sums(
    columns: Callable[[Table], Sequence[Any]], condition: Callable[[Table], ColumnElement[bool]]
) -> Iterable[Any]:
    """How many records are in the cells of which the condition holds, by these columns. A combination can
    come twice, once of what is not folded in: add them up."""
    parts = [
        select(*columns(table), func.sum(table.n)).where(condition(table)).group_by(*columns(table))
        for table in (FigureCount, FigureDelta)
    ]
    return at_once(union_all(*parts))


def total(condition: Callable[[Table], ColumnElement[bool]]) -> int:
    """How many records are in the cells of which the condition holds."""
    return sum(int(n) for _, n in sums(lambda table: [table.series], condition))
