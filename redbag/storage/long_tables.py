"""CSV and XLSX files that are read a row at a time, from a disk or a form: as long as a million rows.

The same cells, and the same care with what comes from outside, as storage/spreadsheets.py has for files
that are looked at as a whole.
"""

from __future__ import annotations

import codecs
import csv
import io
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any

from openpyxl import load_workbook

from redbag.domain.errors import Invalid
from redbag.domain.history_columns import NAMES
from redbag.domain.import_cells import Line, csv_cell
from redbag.domain.import_columns import EXPLANATION_SHEET, known_among
from redbag.storage import sheet_rows, spreadsheets

MB = 1024 * 1024
_CHUNK = MB
_HEAD = 64 * 1024  # characters in which the headings are looked for


@dataclass(frozen=True)
class Limits:
    """How much of a file is taken. `unpacked`: bytes that an XLSX file may unpack to."""

    rows: int
    file_bytes: int
    unpacked: int


ON_A_PAGE = Limits(rows=50_000, file_bytes=10 * MB, unpacked=60 * MB)
BY_COMMAND = Limits(rows=1_000_000, file_bytes=1024 * MB, unpacked=4096 * MB)


@dataclass(frozen=True)
class Part:
    """A sheet of a workbook, or a whole CSV file (whose name is ""). Its empty rows are left out."""

    name: str
    lines: Iterator[Line]


@contextmanager
def parts(file: IO[bytes], limits: Limits) -> Iterator[Iterator[Part]]:
    """The sheets of a file that can be looked at from its beginning, told by what is in it.

    Each part's lines are read as they are asked for, and only while the next part was not. Raises Invalid
    under "file", also later, while lines are read.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > limits.file_bytes:
        raise Invalid({"file": too_large(limits)})
    start = file.read(64)
    file.seek(0)
    if not start.strip():
        raise Invalid({"file": "The file is empty."})
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid({"file": spreadsheets.LOCKED})
    with _workbook(file, limits) if start.startswith(b"PK\x03\x04") else _csv(file, limits) as found:
        yield found


def _refused(problem: BaseException) -> Invalid:
    """What to say of a workbook that cannot be read."""
    if isinstance(problem, (NotImplementedError, RuntimeError)):  # a ZIP method not known; a password
        return Invalid({"file": spreadsheets.LOCKED})
    hostile = spreadsheets.forbidden(problem)
    return Invalid({"file": spreadsheets.HOSTILE if hostile else spreadsheets.NOT_READABLE})


_UNREADABLE = (*spreadsheets.BROKEN, NotImplementedError, RuntimeError)


def too_large(limits: Limits) -> str:
    """The sentence for a file of too many bytes."""
    return f"The file is larger than {limits.file_bytes // MB} MB. Divide it."


def _too_long(limits: Limits) -> Invalid:
    return Invalid({"file": f"The file has more than {limits.rows:,} rows. Divide it."})


@contextmanager
def _csv(file: IO[bytes], limits: Limits) -> Iterator[Iterator[Part]]:
    text = io.TextIOWrapper(file, _encoding(file), newline="")
    try:
        head = text.read(_HEAD)
        delimiter, rest = spreadsheets.divided_by(head, lambda texts: known_among(NAMES, texts))
        text.seek(0)
        if len(rest) < len(head):
            text.readline()  # sep=;
        yield iter([Part("", _csv_lines(text, delimiter, limits))])
    finally:
        text.detach()


def _encoding(file: IO[bytes]) -> str:
    """UTF-8 or UTF-16 where a mark says so, UTF-8 where the whole of it is, else Windows-1252."""
    start = file.read(2)
    file.seek(0)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    found = "utf-8-sig"
    while chunk := file.read(_CHUNK):
        if b"\0" in chunk:
            raise Invalid({"file": spreadsheets.NOT_READABLE})
        try:
            if found == "utf-8-sig":
                decoder.decode(chunk)
        except UnicodeDecodeError:
            found = "cp1252"
    file.seek(0)
    return found


def _csv_lines(text: io.TextIOWrapper, delimiter: str, limits: Limits) -> Iterator[Line]:
    # The same days, homes and reasons come again and again.
    cell = lru_cache(maxsize=50_000)(csv_cell)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number, kept = 0, 0
    try:
        for number, row in enumerate(reader, 1):
            if len(row) > spreadsheets.MOST_COLUMNS:
                raise Invalid({"file": f"Row {number} has more than {spreadsheets.MOST_COLUMNS} columns."})
            cells = tuple(map(cell, row))
            if any(one.text for one in cells):
                kept += 1
                # One more than the limit: the row of headings.
                if kept > limits.rows + 1:
                    raise _too_long(limits)
                yield Line(number, cells)
    except csv.Error as problem:
        message = f"Row {number + 1} cannot be read: {problem}. Look for a stray quotation mark."
        raise Invalid({"file": message}) from None


@contextmanager
def _workbook(file: IO[bytes], limits: Limits) -> Iterator[Iterator[Part]]:
    try:
        spreadsheets.measure(file, limits.unpacked)
        file.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl leaves out (validation, styles) is no loss here
            book = load_workbook(file, read_only=True, keep_links=False)
    except _UNREADABLE as problem:
        raise _refused(problem) from None
    with closing(book):
        if len(book.worksheets) > spreadsheets.MOST_SHEETS:
            raise Invalid({"file": f"The file has more than {spreadsheets.MOST_SHEETS} sheets."})
        yield (
            Part(sheet.title, _sheet_lines(book, sheet, limits))
            for sheet in book.worksheets
            if sheet.sheet_state == "visible" and sheet.title != EXPLANATION_SHEET
        )


def _sheet_lines(book: Any, sheet: Any, limits: Limits) -> Iterator[Line]:
    for kept, line in enumerate(sheet_rows.rows(book, sheet)):
        if kept > limits.rows:  # one more than the limit: the row of headings
            raise _too_long(limits)
        yield line
