"""The rows of a file that a home brings in: what each says, what in it cannot be kept, what was guessed at.

Nothing here knows the home's records; who the rows are about is settled by import_matching.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from redbag.domain import import_cells as cells
from redbag.domain import nhs_number
from redbag.domain.errors import Invalid
from redbag.domain.import_cells import Cell, CellKind, Line
from redbag.domain.import_columns import COLUMNS, Column, Holds, Table, What
from redbag.domain.london_time import format_birth_date
from redbag.domain.medicine_risk import HighRisk

MOST_RESIDENTS = 500
MOST_MEDICINES = 4_000
MOST_FAULTS = 200
_WHO = ("given_name", "family_name", "date_of_birth", "nhs_number")
_SHOWN = 120  # characters of a cell that stand beside its error


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell, or how one was read: where it is, and the words that stand in it."""

    sheet: str
    row: int
    column: str
    cell: str
    message: str


class Faults(Invalid):
    """Rows that cannot be brought in. Nothing of the file is."""

    def __init__(self, faults: list[Fault]) -> None:
        counted = "1 cell" if len(faults) == 1 else f"{len(faults)} cells"
        super().__init__({"file": f"Nothing was brought in: {counted} must be put right first."})
        self.faults = faults


@dataclass(frozen=True)
class Person:
    """Who a row is about. `born`: ISO. No number: not known."""

    given_name: str
    family_name: str
    born: str
    nhs_number: str | None

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


@dataclass(frozen=True)
class Row:
    """A row of either sheet: where it stands, whom it is about, and its other answers, blanks left out."""

    what: What
    sheet: str
    number: int
    person: Person
    values: dict[str, Any]

    def fault(self, column: str, cell: str, message: str) -> Fault:
        return Fault(self.sheet, self.number, column, cell, message)


@dataclass
class Contents:
    """A whole file as it was read."""

    rows: list[Row] = field(default_factory=list)
    said: list[Fault] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def read(tables: Iterable[Table], today: date) -> Contents:
    """Every row of the tables. Raises Faults with everything that is wrong in them at once."""
    contents = Contents()
    faults: list[Fault] = []
    for table in tables:
        most = MOST_RESIDENTS if table.what is What.RESIDENTS else MOST_MEDICINES
        if len(table.rows) > most:
            raise Invalid({"file": f"At most {most:,} {table.what.value} at once. Divide the file."})
        contents.left_out += table.left_out
        for line in table.rows:
            _read_row(table, line, today, contents, faults)
    faults += _repeated(contents.rows)
    if faults:
        raise Faults(faults[:MOST_FAULTS])
    if not contents.rows:
        raise Invalid({"file": "Below the headings there is no row. Fill in at least one."})
    return contents


def _read_row(table: Table, line: Line, today: date, contents: Contents, faults: list[Fault]) -> None:
    values: dict[str, Any] = {}
    before = len(faults)
    for column in COLUMNS[table.what]:
        place = table.places.get(column.key)
        cell = line.cells[place] if place is not None and place < len(line.cells) else Cell()
        if cell.blank and cell.kind is CellKind.TEXT:
            if column.needed:
                faults.append(Fault(table.sheet, line.number, column.heading, "", "This cell is empty."))
            continue
        words = shown(cell)
        try:
            values[column.key], said = _value(column, cell, today)
        except ValueError as problem:
            faults.append(Fault(table.sheet, line.number, column.heading, words, str(problem)))
        else:
            if said:
                contents.said.append(Fault(table.sheet, line.number, column.heading, words, said))
    if len(faults) == before:
        person = Person(
            values.get("given_name", ""),
            values["family_name"],
            values["date_of_birth"],
            values.get("nhs_number"),
        )
        kept = {key: value for key, value in values.items() if key not in _WHO}
        contents.rows.append(Row(table.what, table.sheet, line.number, person, kept))


def shown(cell: Cell) -> str:
    """The words of a cell beside what is said of it."""
    if cell.kind is CellKind.DATE:
        return format_birth_date(date.fromisoformat(cell.text))
    return cell.text if len(cell.text) <= _SHOWN else f"{cell.text[: _SHOWN - 1]}…"


def _value(column: Column, cell: Cell, today: date) -> tuple[Any, str]:
    """The answer of a cell, and a sentence where its reading must be said. Raises ValueError."""
    match column.holds:
        case Holds.BIRTH | Holds.DAY:
            found = cells.birth(cell, today) if column.holds is Holds.BIRTH else cells.day(cell)
            said = f"Read as {format_birth_date(found.day)}." if found.said else ""
            return found.day.isoformat(), said
        case Holds.NUMBER:
            return _number(cell), ""
        case Holds.CHOICE:
            return cells.choice(cell, column.choices, column.words), ""
        case Holds.YES_NO:
            return cells.yes_no(cell), ""
        case Holds.ALLERGIES:
            return cells.allergies(cell), ""
        case Holds.KINDS:
            return _kinds(cell), ""
        case Holds.TEXT:
            return cells.text(cell, column.longest), ""


def _number(cell: Cell) -> str:
    text = cells.text(cell, 40)
    if "e+" in text.casefold():
        raise ValueError("The spreadsheet has shortened this number. Format the column as text.")
    try:
        return nhs_number.parse(text)
    except ValueError as problem:
        # "not known" is a tick on the page and an empty cell here.
        raise ValueError(str(problem).replace("choose “not known”", "leave the cell empty")) from None


def _kinds(cell: Cell) -> list[str]:
    known = {kind.label.casefold(): kind for kind in HighRisk} | {kind.value: kind for kind in HighRisk}
    known |= {kind.label.split(" (")[0].casefold(): kind for kind in HighRisk}
    found = []
    for part in cells.text(cell, 300).replace(";", ",").split(","):
        kind = known.get(part.strip().casefold())
        if kind is None:
            labels = ", ".join(kind.label for kind in HighRisk)
            raise ValueError(f"“{part.strip()[:60]}” is not one of: {labels}.")
        found.append(kind.value)
    return found


def _repeated(rows: list[Row]) -> list[Fault]:
    """Rows that say word for word what an earlier row says."""
    first: dict[str, int] = {}
    faults = []
    for row in rows:
        said = repr((row.what, row.person, sorted(row.values.items())))
        if said in first:
            about = row.values.get("name") or row.person.name
            faults.append(
                row.fault("Whole row", about, f"It repeats row {first[said]}. Take one of the two out.")
            )
        first.setdefault(said, row.number)
    return faults
