"""The files that a manager starts from when earlier stays are loaded: headings and two invented lines, which
are remarks, so that nobody can forget to take them out."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import xlsxwriter

from redbag.domain.history_columns import COLUMNS
from redbag.domain.import_columns import EXPLANATION_SHEET, REMARK, Column

EXAMPLES = (
    tuple(column.example for column in COLUMNS),
    ("Rose Court", "28/11/2019", "", "Chest infection", "91", "St Agnes Hospital", "", "", "", "R-0107"),
)
_WIDTH = 20  # characters
_MADE = datetime(2026, 1, 1)  # noqa: DTZ001 - xlsxwriter takes no time zone; fixed, so that two are alike


def csv_template() -> bytes:
    """A CSV file. UTF-8 with a mark, as Excel expects."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.heading for column in COLUMNS])
    writer.writerows(_remarks())
    return out.getvalue().encode("utf-8-sig")


def xlsx_template() -> bytes:
    """A workbook with a sheet for the stays, and one that explains the columns."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": "Earlier stays for Red Bag", "created": _MADE})
        bold, plain = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        pale = book.add_format({"italic": True, "font_color": "#4c6272", "num_format": "@"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Earlier stays")
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, _WIDTH, plain)
            sheet.write_string(0, place, column.heading, bold)
        for number, row in enumerate(_remarks(), 1):
            for place, words in enumerate(row):
                sheet.write_string(number, place, words, pale)
        sheet = book.add_worksheet(EXPLANATION_SHEET)
        sheet.set_column(0, 0, 100, wrapped)
        for number, line in enumerate(_explanation()):
            sheet.write_string(number, 0, line, wrapped)
    return out.getvalue()


def _remarks() -> list[list[str]]:
    """The invented lines: a row that begins with the mark of a remark is not read."""
    return [[f"{REMARK} {row[0]}", *row[1:]] for row in EXAMPLES]


def _explanation() -> list[str]:
    first = (
        "One row for each stay in hospital. Columns may stand in any order; take out those you do not need. "
        f"Rows that begin with {REMARK} are examples and are not read."
    )
    return [first, *map(_line, COLUMNS)]


def _line(column: Column) -> str:
    needed = " (needed)" if column.needed else ""
    return f"{column.heading}{needed}. {column.explain} For example: {column.example}"
