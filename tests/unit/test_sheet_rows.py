"""Rows of a workbook read from its XML: the same cells as openpyxl has, and nothing that is dangerous."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import xlsxwriter
from openpyxl import load_workbook

from redbag.domain.errors import Invalid
from redbag.domain.import_cells import Cell, CellKind, Line
from redbag.storage import sheet_rows, spreadsheets
from redbag.storage.long_tables import Limits, parts

SHEET = "xl/worksheets/sheet1.xml"
_LATE = datetime(2019, 4, 3, 23, 59)  # noqa: DTZ001 - a workbook knows no time zone
START = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def everything(*, inline: bool) -> bytes:
    """A workbook with every kind of cell, its texts beside the cells or together in a part of their own."""
    out = io.BytesIO()
    options = {"default_date_format": "dd/mm/yyyy", "constant_memory": inline, "in_memory": not inline}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Home", " spaced\u00a0", "a\nb", "=quoted", "<&>"])
        sheet.write_row(2, 1, [1, -2.5, 1e20, 0.1, True, False])
        sheet.write_row(3, 0, [date(2019, 4, 3), _LATE, time(9, 30)])
        sheet.write_datetime(3, 5, timedelta(hours=30), book.add_format({"num_format": "[h]:mm"}))
        sheet.write_formula(4, 0, "=SUM(B3:C3)", None, 7)
        sheet.write_formula(4, 2, '="a"&"b"', None, "ab")
        sheet.write_number(5, 0, -5, book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_blank(6, 0, None, book.add_format({"bold": True}))
        if not inline:
            sheet.write_rich_string(7, 0, "plain ", book.add_format({"bold": True}), "bold")
        sheet.write(9, 27, "far")
    return out.getvalue()


def by_openpyxl(content: bytes) -> list[Line]:
    """The rows as spreadsheets.read() has them."""
    return list(spreadsheets.read(content)[0].lines)


def from_xml(content: bytes) -> list[Line]:
    book = load_workbook(io.BytesIO(content), read_only=True)
    try:
        return list(sheet_rows.rows(book, book.worksheets[0]))
    finally:
        book.close()


def with_sheet(xml: str) -> bytes:
    """A workbook whose only sheet is this XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(everything(inline=False))) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(part, xml if part.filename == SHEET else old.read(part))
    return out.getvalue()


@pytest.mark.parametrize("inline", [False, True])
def test_the_same_cells_as_openpyxl(inline: bool) -> None:
    content = everything(inline=inline)
    assert from_xml(content) == by_openpyxl(content)


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("<row><c><v>1</v></c><c t='str'><v>x</v></c></row>", [("1", "number"), ("x", "text")]),
        ("<row r='1'><c r='C1'><v>1</v></c></row>", [("", "text"), ("", "text"), ("1", "number")]),
        ("<row><c t='b'><v>1</v></c><c t='e'><v>#N/A</v></c></row>", [("yes", "text"), ("#N/A", "fault")]),
        ("<row><c t='d'><v>2019-04-03</v></c></row>", [("2019-04-03", "date")]),
        ("<row><c><f t='shared' si='0'/><v>3</v></c></row>", [("=", "formula")]),
        (
            "<row><c t='inlineStr'><is><r><t>a</t></r><r><t>b</t></r><rPh sb='0' eb='1'><t>spoken</t></rPh>"
            "</is></c></row>",
            [("ab", "text")],
        ),
    ],
)
def test_what_other_programs_write(row: str, cells: list[tuple[str, str]]) -> None:
    (line,) = from_xml(with_sheet(f"{START}{row}</sheetData></worksheet>"))
    assert line == Line(1, tuple(Cell(text, CellKind(kind)) for text, kind in cells))
    prefixed = row.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    start = START.replace("xmlns=", "xmlns:x=").replace("<worksheet", "<x:worksheet")
    start = start.replace("<sheetData", "<x:sheetData")
    assert from_xml(with_sheet(f"{start}{prefixed}</x:sheetData></x:worksheet>")) == [line]


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (f"{START}<row><c><v>1</v></c>", spreadsheets.NOT_READABLE),
        (f"{START}<row><c t='s'><v>99</v></c></row></sheetData></worksheet>", spreadsheets.NOT_READABLE),
        (f"{START}<row><c><v>one</v></c></row></sheetData></worksheet>", spreadsheets.NOT_READABLE),
        (
            f"<!DOCTYPE x [<!ENTITY a 'b'>]>{START}<row><c t='str'><v>&a;</v></c></row>"
            "</sheetData></worksheet>",
            spreadsheets.HOSTILE,
        ),
        (f"{START}<row><c r='ZZ1'><v>1</v></c></row></sheetData></worksheet>", "more than 200 columns"),
    ],
)
def test_sheets_that_are_refused(xml: str, said: str) -> None:
    limits: Any = Limits(rows=10, file_bytes=1_000_000, unpacked=1_000_000)
    with pytest.raises(Invalid) as problem, parts(io.BytesIO(with_sheet(xml)), limits) as sheets:
        for sheet in sheets:
            list(sheet.lines)
    assert said in problem.value.errors["file"]
