"""A report as values: what a page of figures, its CSV, its workbook and its board paper are all made from.

Each figure is a Cell that knows how many records it is made of, so that redbag.domain.suppression can hide
small numbers in one place, before anything is drawn. A figure that is not there says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from redbag.domain.london_time import format_day

Value = str | int | float | None


class Unit(StrEnum):
    """What a column holds. DAYS, MINUTES and RATE are shown with one decimal, none and one; a SHARE is kept
    as a part of 1 and shown in whole per cent."""

    TEXT = "text"
    WHOLE = "whole"
    DAYS = "days"
    SHARE = "share"
    MINUTES = "minutes"
    RATE = "rate"


UNIT_WORDS = {Unit.DAYS: "days", Unit.SHARE: "%", Unit.MINUTES: "minutes"}
MINUS = "−"
MADE_UP = "These figures are made up for the demonstration."


@dataclass(frozen=True)
class Cell:
    """One figure or text.

    `n`: how many records a mean, median, rate or share is made of (a count counts itself); `part`: how many
    of them a share counts. `why`: what is said where `value` is None.
    """

    value: Value
    n: int | None = None
    part: int | None = None
    why: str = ""


def text(words: str) -> Cell:
    return Cell(words)


def whole(number: int) -> Cell:
    """A count of stays, people, things or nights."""
    return Cell(number)


def figure(value: float | None, n: int, why: str = "none") -> Cell:
    """A mean, median or rate made from `n` records."""
    return Cell(value, n) if value is not None else Cell(None, n, why=why)


def share(part: int, n: int) -> Cell:
    """`part` of `n`; of none there is no share."""
    return Cell(part / n, n, part) if n else Cell(None, 0, 0, why="none")


def none(why: str) -> Cell:
    """No figure, and why: "before records", "too few"."""
    return Cell(None, why=why)


@dataclass(frozen=True)
class Column:
    """A column's name and what it holds. Its unit stands beside the name where it is no count or text."""

    name: str
    unit: Unit = Unit.TEXT

    @property
    def heading(self) -> str:
        words = UNIT_WORDS.get(self.unit)
        return f"{self.name}, {words}" if words else self.name


@dataclass(frozen=True)
class Row:
    """One row, its first cell the name. `key` names it for links to what is behind it; `total`: the counts
    of the other rows add up to its counts; `covers`: its counts are hidden wherever small ones are, since
    one could be worked out from them and another table."""

    cells: tuple[Cell, ...]
    key: str = ""
    total: bool = False
    covers: bool = False


@dataclass(frozen=True)
class Table:
    """Figures with their rule, the number of records behind them, and what was left out and why.

    `adds_across`: columns (by place, the last the total) whose counts add up along each row.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    rule: str = ""
    n: int | None = None
    left_out: tuple[tuple[str, int], ...] = ()
    adds_across: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row.cells) != len(self.columns) for row in self.rows):
            raise ValueError(f"table {self.key}: a row has not as many cells as there are columns")
        if sum(row.total for row in self.rows) > 1:
            raise ValueError(f"table {self.key}: more than one row of totals")


@dataclass(frozen=True)
class Definition:
    """A term of the report and the rule behind it, in plain words."""

    term: str
    rule: str


@dataclass(frozen=True)
class Point:
    """One point of a plot, made from `n` records. `signal`: why it is marked out ("" where it is not)."""

    x: float
    y: float | None
    n: int | None = None
    signal: str = ""
    words: str = ""


@dataclass(frozen=True)
class Line:
    """A line through points, broken where a point has no value. `shape`: circle, square, triangle or none;
    `stepped`: it runs level up to the next point, as a curve of who is still there does."""

    name: str
    points: tuple[Point, ...]
    shape: str = "circle"
    dashed: bool = False
    stepped: bool = False


@dataclass(frozen=True)
class Level:
    """A level stretch from `x1` to `x2`: a mean or a limit."""

    name: str
    x1: float
    x2: float
    y: float
    n: int | None = None
    dashed: bool = True


@dataclass(frozen=True)
class Plot:
    """A chart by its values: the board paper draws it as vectors, black on white.

    `across`: x and words of the marks below; `up`: the marks at the left, the last at or above the highest
    value; `begun`: x and words of upright lines, such as the month in which homes joined. `counts`: the
    values are counts of people or things.
    """

    title: str
    description: str
    lines: tuple[Line, ...]
    across: tuple[tuple[float, str], ...]
    up: tuple[float, ...]
    levels: tuple[Level, ...] = ()
    begun: tuple[tuple[float, str], ...] = ()
    unit: Unit = Unit.DAYS
    counts: bool = False


@dataclass(frozen=True)
class ReportPaper:
    """One page of figures as everybody may take it away.

    `sentences`: the answer first. `filter_words`: what the figures were narrowed to, "" for all.
    `quality`: how sure the records are. `suppressed`: small numbers are hidden already.
    """

    key: str
    title: str
    place: str
    as_of: date
    sentences: tuple[str, ...]
    tables: tuple[Table, ...]
    definitions: tuple[Definition, ...]
    quality: Table | None = None
    plots: tuple[Plot, ...] = ()
    filter_words: str = ""
    demo: bool = False
    suppressed: bool = False

    @property
    def caption(self) -> str:
        """Whose figures these are, of which day, and whether they are made up."""
        narrowed = f"{self.filter_words}, " if self.filter_words else ""
        return f"{self.place}, {narrowed}as of {format_day(self.as_of)}"

    @property
    def all_tables(self) -> tuple[Table, ...]:
        """The tables in the order in which they are read, the quality of the records last."""
        return (*self.tables, self.quality) if self.quality else self.tables

    @property
    def number_of_cells(self) -> int:
        """How many figures and names there are in all tables."""
        return sum(len(table.rows) * len(table.columns) for table in self.all_tables)

    def table(self, key: str) -> Table:
        """The table of this name. Raises KeyError where there is none."""
        return next((one for one in self.all_tables if one.key == key), None) or _no_table(key)


def _no_table(key: str) -> Table:
    raise KeyError(key)


_SHARE, _DAYS, _RATE = Unit.SHARE, Unit.DAYS, Unit.RATE
_UNITS: dict[str, Unit] = {one: one for one in Unit}


def words(cell: Cell, unit: Unit | str) -> str:
    """A cell as pages, CSV and board paper say it; nothing is rounded differently anywhere."""
    value = cell.value
    if value is None:
        return cell.why
    if isinstance(value, str):
        return value
    unit = _UNITS[unit]  # a template names it by its word
    if unit is _SHARE:
        said = f"{100 * value:.0f} %"
    elif unit is _DAYS or unit is _RATE:
        said = f"{value:,.1f}"
    else:
        said = f"{value:,.0f}"
    if value >= 1:  # most of some thousand cells: without a sign, and not rounded to nought
        return said
    if not said.strip("-0. %"):
        return said.lstrip("-")  # what is rounded to nought has no sign
    return said.replace("-", MINUS)


def lines_below(table: Table, count: Callable[[int], str] = "{:,}".format) -> tuple[str, ...]:
    """What stands below a table: rule, n, what was left out, notes. `count`: how a number is said."""
    found = [table.rule] if table.rule else []
    if table.n is not None:
        said = count(table.n)  # a hidden 1 must not stand out by its grammar
        found.append(f"Made from {said} record{'' if said == '1' else 's'}.")
    if table.left_out:
        out = "; ".join(f"{why}: {count(number)}" for why, number in table.left_out)
        found.append(f"Left out: {out}.")
    return (*found, *table.notes)
