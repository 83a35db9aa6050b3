"""The rows of one sheet of a workbook, as they come out of its XML: several times as fast as openpyxl.

openpyxl opens the workbook and knows its sheets, its texts and which formats are dates; the sheet itself is
read here, since a million rows are some forty million pieces of XML.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any
from xml.parsers import expat

from openpyxl.utils.datetime import from_excel, from_ISO8601

from redbag.domain.errors import Invalid
from redbag.domain.import_cells import Cell, Line
from redbag.storage import spreadsheets

_CHUNK = 256 * 1024
_REMEMBERED = 100_000  # cells whose reading is kept: days, homes and reasons come again and again
_NOTHING = Cell()
_KEPT = frozenset({"v", "f", "t"})


class _ForbiddenError(Exception):
    """A document type or an entity: no spreadsheet needs them."""


def rows(book: Any, sheet: Any) -> Iterator[Line]:
    """The rows that hold anything, of a workbook that openpyxl has opened for reading only.

    Raises Invalid under "file" where the sheet cannot be read on, or a row has too many columns.
    """
    reader = _Reader(book, sheet)
    with sheet._get_source() as source:
        try:
            yield from reader.read(source)
        except _ForbiddenError:
            raise Invalid({"file": spreadsheets.HOSTILE}) from None
        except (expat.ExpatError, *spreadsheets.BROKEN):
            raise Invalid({"file": spreadsheets.NOT_READABLE}) from None


class _Reader:
    """What has been read of a row so far. Handlers are called by expat, some for each cell."""

    def __init__(self, book: Any, sheet: Any) -> None:
        self._title = sheet.title
        self._strings: list[str] = sheet._shared_strings
        self._dates = {str(number) for number in book._date_formats}
        self._spans = {str(number) for number in book._timedelta_formats}
        self._epoch = book.epoch
        self._known: dict[tuple[str, str, str], Cell] = {}
        self._columns: dict[str, int] = {}
        self._local: dict[str, str] = {}
        self._done: list[Line] = []
        self._number, self._place = 0, -1
        self._cells: dict[int, Cell] = {}
        self._kind, self._style = "n", ""
        self._value: list[str] = []
        self._formula: list[str] | None = None
        self._into: list[str] | None = None
        self._aside = False

    def read(self, source: IO[bytes]) -> Iterator[Line]:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _forbid
        while chunk := source.read(_CHUNK):
            parser.Parse(chunk)
            yield from self._done
            self._done = []
        parser.Parse(b"", True)

    def _name(self, name: str) -> str:
        """The name without the prefix of its namespace, which some programs write."""
        local = self._local.get(name)
        if local is None:
            local = self._local[name] = name.rpartition(":")[2]
        return local

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = self._name(name)
        if name == "c":
            self._place = self._column(attributes.get("r"))
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._value, self._formula = [], None
        elif name in _KEPT:
            if name == "f":
                self._into = self._formula = []
            else:
                self._into = None if self._aside else self._value
        elif name == "row":
            self._number = int(attributes["r"]) if "r" in attributes else self._number + 1
            self._place, self._cells = -1, {}
        elif name == "rPh":  # how a text is spoken
            self._aside = True

    def _text(self, text: str) -> None:
        if self._into is not None:
            self._into.append(text)

    def _end(self, name: str) -> None:
        name = self._name(name)
        if name in _KEPT:
            self._into = None
        elif name == "c":
            cell = self._cell()
            if not cell.blank:
                if self._place >= spreadsheets.MOST_COLUMNS:
                    where = f"Sheet “{self._title}”, row {self._number}"
                    most = spreadsheets.MOST_COLUMNS
                    raise Invalid({"file": f"{where}: more than {most} columns."})
                self._cells[self._place] = cell
        elif name == "row" and self._cells:
            wide = range(max(self._cells) + 1)
            self._done.append(Line(self._number, tuple(self._cells.get(n, _NOTHING) for n in wide)))
        elif name == "rPh":
            self._aside = False

    def _column(self, where: str | None) -> int:
        """The place of a cell: as its address says, or the next."""
        if where is None:
            return self._place + 1
        letters = where.rstrip("0123456789")
        found = self._columns.get(letters)
        if found is None:
            found = 0
            for letter in letters:
                found = found * 26 + ord(letter) - 64
            found = self._columns[letters] = found - 1
        return found

    def _cell(self) -> Cell:
        if self._formula is not None:
            return spreadsheets.cell_for("=" + "".join(self._formula), "f")
        text = "".join(self._value)
        if not text:
            return _NOTHING
        known = (self._kind, self._style, text)
        cell = self._known.get(known)
        if cell is None:
            cell = self._read(*known)
            if len(self._known) < _REMEMBERED:
                self._known[known] = cell
        return cell

    def _read(self, kind: str, style: str, text: str) -> Cell:
        match kind:
            case "s":
                return spreadsheets.cell_for(self._strings[int(text)], "s")
            case "n":
                return self._number_or_day(style, text)
            case "b":
                return spreadsheets.cell_for(text.strip() not in ("0", "false"), "b")
            case "e":
                return spreadsheets.cell_for(text, "e")
            case "d":
                day: Any = from_ISO8601(text)  # type: ignore[no-untyped-call]
                return spreadsheets.cell_for(day, "d")
        return spreadsheets.cell_for(text, "s")

    def _number_or_day(self, style: str, text: str) -> Cell:
        number = float(text) if any(sign in text for sign in ".Ee") else int(text)
        if style not in self._dates:
            return spreadsheets.cell_for(number, "n")
        try:
            value: Any = from_excel(number, self._epoch, timedelta=style in self._spans)
        except (OverflowError, ValueError):
            return spreadsheets.cell_for("#VALUE!", "e")
        return spreadsheets.cell_for(value, "d")


def _forbid(*_: object) -> None:
    raise _ForbiddenError
