"""The files that a home starts from when it brings residents and medicines in: headings and how to fill
them in, and no example row that somebody could forget to take out."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import xlsxwriter

from redbag.domain.import_columns import COLUMNS, EXPLANATION_SHEET, REMARK, Column, What

_TITLES = {What.RESIDENTS: "Residents", What.MEDICINES: "Medicines"}
_WIDTH = 22  # characters
_ROWS = 1000  # that are formatted as text, so that nothing typed there is changed
_MADE = datetime(2026, 1, 1)  # noqa: DTZ001 - xlsxwriter takes no time zone; fixed, so that two are alike


def csv_template(what: What) -> bytes:
    """A CSV file with a remark for each column and the headings. UTF-8 with a mark, as Excel expects."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for line in explanation(what):
        writer.writerow([f"{REMARK} {line}"])
    writer.writerow([column.heading for column in COLUMNS[what]])
    return out.getvalue().encode("utf-8-sig")


def xlsx_template() -> bytes:
    """A workbook with a sheet for residents, one for medicines, and one that explains the columns."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": "Residents and medicines for Red Bag", "created": _MADE})
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for what in What:
            sheet = book.add_worksheet(_TITLES[what])
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(COLUMNS[what]):
                sheet.set_column(place, place, _WIDTH)
                sheet.write_string(0, place, column.heading, bold)
                for row in range(1, _ROWS):
                    sheet.write_blank(row, place, None, text)
        sheet = book.add_worksheet(EXPLANATION_SHEET)
        sheet.set_column(0, 0, 100, wrapped)
        row = 0
        for what in What:
            sheet.write_string(row, 0, _TITLES[what], bold)
            for row, line in enumerate(explanation(what), row + 1):  # noqa: B020 - goes on below
                sheet.write_string(row, 0, line, wrapped)
            row += 2
    return out.getvalue()


def explanation(what: What) -> list[str]:
    """How to fill in each column, a line each."""
    first = "One row for each resident." if what is What.RESIDENTS else "One row for each medicine."
    rest = "Columns may stand in any order; take out those you do not need. An empty cell changes nothing."
    return [f"{first} {rest}", *(_line(column) for column in COLUMNS[what])]


def _line(column: Column) -> str:
    needed = " (needed)" if column.needed else ""
    example = f" For example: {column.example}" if column.example else ""
    explained = f" {column.explain}" if column.explain else ""
    return f"{column.heading}{needed}.{explained}{example}"
