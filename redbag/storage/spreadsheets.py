"""CSV and XLSX files as sheets of cells. What comes from outside is measured before it is believed.

XLSX is a ZIP file of XML: what it unpacks to is counted before anything is parsed, and the parsing itself
refuses entities and document types (defusedxml, which openpyxl uses where it is installed).
"""

from __future__ import annotations

import codecs
import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import date, datetime, time
from typing import IO, Any

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from redbag.domain.errors import Invalid
from redbag.domain.import_cells import Cell, CellKind, Line, Sheet, clean, csv_cell
from redbag.domain.import_columns import HEADER_WITHIN, recognised

LARGEST_FILE = 5 * 1024 * 1024
LARGEST_UNPACKED = 25 * 1024 * 1024
MOST_PARTS = 500
MOST_SHEETS = 20
MOST_ROWS = 20_000
MOST_COLUMNS = 200
_LAST_ROW = 1_048_576  # the last one that a workbook can have
_CHUNK = 256 * 1024
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    SyntaxError,
    EOFError,
)
_DELIMITERS = ",;\t|"

TOO_LARGE = f"The file is larger than {LARGEST_FILE // 1024 // 1024} MB. Take out what is not needed."
NOT_READABLE = "This file cannot be read as CSV or XLSX. Save it again as one of the two."
OLD_EXCEL = "This is an old Excel file (.xls). Save it as .xlsx or .csv."
LOCKED = "This file is locked with a password, or is an old Excel file. Save it without, as .xlsx or .csv."
HOSTILE = "This file holds instructions that no spreadsheet needs. It was not opened."
UNPACKS_TOO_LARGE = "What this file unpacks to is far too large for what it should hold."


def read(content: bytes) -> list[Sheet]:
    """The sheets of a file, told by what is in it and not by its name. Raises Invalid under "file"."""
    if len(content) > LARGEST_FILE:
        raise Invalid({"file": TOO_LARGE})
    if not content.strip():
        raise Invalid({"file": "The file is empty."})
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid({"file": LOCKED if b"E\x00n\x00c\x00r\x00y\x00p\x00t" in content else OLD_EXCEL})
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    return [Sheet("", tuple(_csv_lines(_text(content))))]


def _text(content: bytes) -> str:
    """The text of a CSV file: UTF-8 or UTF-16 where a mark says so, UTF-8, else Windows-1252.

    The UTF-8 mark stands before Windows-1252 text too, in files that two programs have been at.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        content = content.removeprefix(codecs.BOM_UTF8)
        encodings = ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Invalid({"file": NOT_READABLE})


def _csv_lines(text: str) -> Iterator[Line]:
    delimiter, text = divided_by(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0  # counts rows as a spreadsheet does: a cell of three lines is one row
    try:
        for number, row in enumerate(reader, 1):
            if number > MOST_ROWS:
                raise Invalid({"file": f"The file has more than {MOST_ROWS:,} rows. Divide it."})
            if len(row) > MOST_COLUMNS:
                raise Invalid({"file": f"Row {number} has more than {MOST_COLUMNS} columns."})
            cells = tuple(csv_cell(value) for value in row)
            if any(cell.text for cell in cells):
                yield Line(number, cells)
    except csv.Error as problem:
        message = f"Row {number + 1} cannot be read: {problem}. Look for a stray quotation mark."
        raise Invalid({"file": message}) from None


def divided_by(text: str, known: Callable[[Iterable[str]], int] = recognised) -> tuple[str, str]:
    """What divides the columns, and the text below a line that says it (`sep=;`).

    Else it is the character that makes the most headings known: `known` counts them.
    """
    first, _, rest = text.partition("\n")
    told = first.strip().casefold()
    if told.startswith("sep=") and len(told) == 5 and told[4] in _DELIMITERS:
        return told[4], rest
    head = text.splitlines()[: HEADER_WITHIN * 2]
    return max(
        _DELIMITERS, key=lambda sign: max((known(_parts(line, sign)) for line in head), default=0)
    ), text


def _parts(line: str, delimiter: str) -> list[str]:
    return [part.strip(' "') for part in line[:10_000].split(delimiter)]


def _workbook(content: bytes) -> list[Sheet]:
    try:
        measure(io.BytesIO(content), LARGEST_UNPACKED)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out (validation, styles) is no loss here
            book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            with closing(book):
                if len(book.worksheets) > MOST_SHEETS:
                    raise Invalid({"file": f"The file has more than {MOST_SHEETS} sheets."})
                return [
                    Sheet(sheet.title, tuple(_sheet_lines(sheet)))
                    for sheet in book.worksheets
                    if sheet.sheet_state == "visible"
                ]
    except Invalid:
        raise
    except BROKEN as problem:
        raise Invalid({"file": HOSTILE if forbidden(problem) else NOT_READABLE}) from None
    except (NotImplementedError, RuntimeError):  # a ZIP method that is not known; a ZIP with a password
        raise Invalid({"file": LOCKED}) from None


def forbidden(problem: BaseException) -> bool:
    """Whether entities or a document type are behind it; openpyxl wraps what its parser raises."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, DefusedXmlException):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def measure(file: IO[bytes], most: int) -> None:
    """Unpacks every part without keeping it. What a ZIP file says of its own sizes is not trusted.

    Raises Invalid for more than `most` bytes in all.
    """
    unpacked = 0
    with zipfile.ZipFile(file) as packed:
        parts = packed.infolist()
        if len(parts) > MOST_PARTS:
            raise Invalid({"file": UNPACKS_TOO_LARGE})
        for part in parts:
            with packed.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    unpacked += len(chunk)
                    if unpacked > most:
                        raise Invalid({"file": UNPACKS_TOO_LARGE})


def _sheet_lines(sheet: Any) -> Iterator[Line]:
    """The rows that hold anything. Nothing is made of the empty ones before a cell far below."""
    sheet.reset_dimensions()  # what a file says of its own extent is often wrong
    kept = 0
    rows: Iterable[tuple[Any, ...]] = sheet.iter_rows(max_row=_LAST_ROW)
    for number, row in enumerate(rows, 1):
        if len(row) > MOST_COLUMNS:
            where = f"Sheet “{sheet.title}”, row {number}"
            raise Invalid({"file": f"{where}: more than {MOST_COLUMNS} columns."})
        cells = [cell_of(cell) for cell in row]
        while cells and cells[-1].blank:
            cells.pop()
        if cells:
            kept += 1
            yield Line(number, tuple(cells))
        if kept > MOST_ROWS:
            raise Invalid({"file": f"Sheet “{sheet.title}” has more than {MOST_ROWS:,} rows. Divide it."})


def cell_of(cell: Any) -> Cell:
    """A cell of openpyxl as the rules read it."""
    return cell_for(cell.value, cell.data_type)


def cell_for(value: Any, kind: str) -> Cell:
    """A cell from what openpyxl makes of it. `kind`: f for a formula, e for an error, else anything."""
    if value is None:
        return Cell()
    if kind == "f":
        return Cell(clean(str(value)) or "=", CellKind.FORMULA)
    if kind == "e":
        return Cell(clean(str(value)), CellKind.FAULT)
    match value:
        case bool():
            return Cell("yes" if value else "no")
        case int():
            return Cell(str(value), CellKind.NUMBER)
        case float():
            whole = value.is_integer() and abs(value) < 1e15
            return Cell(str(int(value)) if whole else f"{value:.10g}", CellKind.NUMBER)
        case datetime() | date():
            return Cell(value.strftime("%Y-%m-%d"), CellKind.DATE)
        case time():
            return Cell(value.strftime("%H:%M"))
    plain = clean(str(value))
    return Cell(plain, CellKind.FORMULA if plain.startswith("=") else CellKind.TEXT)
