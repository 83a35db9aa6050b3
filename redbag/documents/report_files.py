"""A report for spreadsheets: CSV, and a workbook with a sheet for each table and one of definitions.

Every cell is the one of the page, said in the same words where it is hidden. No cell can start a formula.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime, time

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from redbag.domain.report_tables import MADE_UP, MINUS, Cell, ReportPaper, Table, Unit, lines_below, words

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Some spreadsheets read the wide ones of Asian scripts as the narrow ones."""
_NUMBERS = {
    Unit.WHOLE: "#,##0",
    Unit.DAYS: "#,##0.0",
    Unit.RATE: "#,##0.0",
    Unit.SHARE: "0 %",
    Unit.MINUTES: "#,##0",
}
_WIDEST = 60  # characters
_LONGEST_SHEET_NAME = 31


def safe(words: str) -> str:
    """Words that no spreadsheet takes for a formula."""
    return f"'{words}" if words[:1] in _FORMULA_STARTS else words


def as_csv(paper: ReportPaper) -> bytes:
    """What it is and the answer, then each table under its title, then definitions. UTF-8 with a mark, as
    Excel expects."""
    out = io.StringIO(newline="")
    write = csv.writer(out)
    for row in _csv_rows(paper):
        write.writerow(row)
    return out.getvalue().encode("utf-8-sig")


def _csv_rows(paper: ReportPaper) -> Iterator[list[str]]:
    yield from ([safe(line)] for line in _about(paper))
    for table in paper.all_tables:
        yield []
        yield [safe(table.title)]
        yield [safe(column.heading) for column in table.columns]
        for row in table.rows:
            yield [_plain(cell, column.unit) for cell, column in zip(row.cells, table.columns, strict=True)]
        yield from ([safe(line)] for line in lines_below(table))
    yield []
    yield ["Definitions"]
    yield from ([safe(one.term), safe(one.rule)] for one in paper.definitions)


def _about(paper: ReportPaper) -> list[str]:
    """What stands above everything: what this is, whether it is made up, the answer."""
    return [paper.title, paper.caption, *([MADE_UP] if paper.demo else []), *paper.sentences]


def _plain(cell: Cell, unit: Unit) -> str:
    """A cell as the page says it, a number as a spreadsheet reads one: a minus before it is no formula."""
    said = words(cell, unit)
    if cell.value is None or isinstance(cell.value, str):
        return safe(said)
    return said.replace(",", "").replace(MINUS, "-").removesuffix(" %")


def as_xlsx(paper: ReportPaper) -> bytes:
    """A workbook: the answer, a sheet for each table, and the definitions on the last."""
    out = io.BytesIO()
    made = datetime.combine(paper.as_of, time())
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": f"{paper.title}, {paper.place}", "created": made})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        formats = {unit: book.add_format({"num_format": shown}) for unit, shown in _NUMBERS.items()}
        used: set[str] = set()
        about = book.add_worksheet(_sheet_name("Summary", used))
        about.set_column(0, 0, 100)
        for row, line in enumerate(_about(paper)):
            about.write_string(row, 0, line, bold if row == 0 else wrapped)
        for table in paper.all_tables:
            _sheet(book.add_worksheet(_sheet_name(table.title, used)), table, bold, formats)
        last = book.add_worksheet(_sheet_name("Definitions", used))
        last.set_column(0, 0, 30)
        last.set_column(1, 1, 100)
        for row, one in enumerate(paper.definitions):
            last.write_string(row, 0, one.term, bold)
            last.write_string(row, 1, one.rule, wrapped)
    return out.getvalue()


def _sheet(sheet: Worksheet, table: Table, bold: Format, formats: dict[Unit, Format]) -> None:
    sheet.write_string(0, 0, table.title, bold)
    sheet.freeze_panes(2, 1)
    for across, column in enumerate(table.columns):
        said = [words(row.cells[across], column.unit) for row in table.rows]
        longest = max(map(len, [column.heading, *said]))
        sheet.set_column(across, across, min(_WIDEST, max(12 if across else 24, longest + 2)))
        sheet.write_string(1, across, column.heading, bold)
    for down, row in enumerate(table.rows, start=2):
        for across, (cell, column) in enumerate(zip(row.cells, table.columns, strict=True)):
            if cell.value is None or isinstance(cell.value, str):
                sheet.write_string(down, across, words(cell, column.unit))
            else:
                # As precise as the page: more would say more than the reader may see.
                places = 2 if column.unit is Unit.SHARE else 1 if column.unit in (Unit.DAYS, Unit.RATE) else 0
                sheet.write_number(down, across, round(cell.value, places), formats[column.unit])
    for down, line in enumerate(lines_below(table), start=len(table.rows) + 3):
        sheet.write_string(down, 0, line)


def _sheet_name(title: str, used: set[str]) -> str:
    """A name that a sheet may have, and that no other has."""
    name = re.sub(r"[\[\]:*?/\\]", " ", title).strip("' ")
    if len(name) > _LONGEST_SHEET_NAME:
        name = name[: _LONGEST_SHEET_NAME + 1].rpartition(" ")[0] or name[:_LONGEST_SHEET_NAME]
    number = 2
    while name.lower() in used:
        name = f"{name[: _LONGEST_SHEET_NAME - 3]} {number}"
        number += 1
    used.add(name.lower())
    return name
