"""CSV and XLSX files as they come, and files that are not what they say."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date, time
from typing import Any

import pytest
import xlsxwriter

from redbag.documents.import_template import csv_template, explanation, xlsx_template
from redbag.domain.errors import Invalid
from redbag.domain.import_cells import Cell, CellKind
from redbag.domain.import_columns import COLUMNS, What, find_tables
from redbag.storage import spreadsheets

HEAD = "Forename;Surname;DOB;Room\r\n"
ROW = "José;Müller–Smith;3/4/26;12\r\n"


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    sheet.write(number, place, value)
    return out.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(Invalid) as problem:
        spreadsheets.read(content)
    assert list(problem.value.errors) == ["file"]
    return problem.value.errors["file"]


@pytest.mark.parametrize(
    "content",
    [
        (HEAD + ROW).encode("utf-8"),
        (HEAD + ROW).encode("utf-8-sig"),
        (HEAD + ROW).encode("cp1252"),
        b"\xef\xbb\xbf" + (HEAD + ROW).encode("cp1252"),  # a UTF-8 mark before Windows-1252
        (HEAD + ROW).encode("utf-16"),
        (HEAD + ROW).replace(";", ",").encode(),
        (HEAD + ROW).replace(";", "\t").encode("utf-16"),
        (HEAD + ROW).replace("\r\n", "\n").encode(),
        ("sep=;\r\n" + HEAD + ROW).encode(),
        ('"Forename";"Surname";"DOB";"Room"\r\n' + ROW).encode(),
    ],
    ids=["utf8", "mark", "1252", "1252 with mark", "utf16", "commas", "tabs", "unix", "sep", "quoted"],
)
def test_a_csv_file_however_it_was_saved(content: bytes) -> None:
    (sheet,) = spreadsheets.read(content)
    assert [[cell.text for cell in line.cells] for line in sheet.lines] == [
        sheet_row.replace('"', "").split(";") for sheet_row in ("Forename;Surname;DOB;Room", ROW.strip())
    ]
    assert [line.number for line in sheet.lines] == [1, 2]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them() -> None:
    (sheet,) = spreadsheets.read(b'Surname,DOB\r\n"two\r\nlines",3/4/1926\r\n\r\nSmith,3/4/1926\r\n')
    assert [line.number for line in sheet.lines] == [1, 2, 4]
    assert sheet.lines[1].cells[0].text == "two\nlines"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"\x00\x01\x02" * 50, "cannot be read"),
        (b"%PDF-1.7\x81\x8d", "cannot be read"),
        (b'Surname,DOB\r\n"Smith"x,3/4/1926', "Row 2 cannot be read"),
        (b'Surname,DOB\r\n"Smith,3/4/1926', "Row 2 cannot be read"),
        (b"PK\x03\x04" + b"\x00" * 100, "cannot be read"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "old Excel file"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
        (b"x" * (30 * 1024 * 1024), "larger than 5 MB"),
        (b"a,b\n" * 20_001, "more than 20,000 rows"),
        (b"," * 200, "more than 200 columns"),
    ],
    ids=range(12),
)
def test_files_that_cannot_be_read_say_why(content: bytes, sentence: str) -> None:
    assert sentence in refused(content)


def test_a_cell_longer_than_the_reader_takes_is_refused() -> None:
    assert "Row 2 cannot be read" in refused(b"Surname,DOB\n" + b"x" * 140_000 + b",3/4/1926\n")


def test_cells_of_a_workbook() -> None:
    content = workbook(
        ("One", [["Surname", "NHS No"], ["Smith", 9990000018]]),
        ("Two", [[date(1926, 4, 3), time(8, 0), 2.5, True, "=1+1"]]),
    )
    one, two = spreadsheets.read(content)
    assert one.lines[1].cells == (Cell("Smith"), Cell("9990000018", CellKind.NUMBER))
    assert two.name == "Two"
    day, clock, number, truth, formula = two.lines[0].cells
    assert day == Cell("1926-04-03", CellKind.DATE)
    assert clock == Cell("08:00")
    assert number == Cell("2.5", CellKind.NUMBER)
    assert truth == Cell("yes")
    assert formula == Cell("=1+1", CellKind.FORMULA)


def test_a_cell_far_below_is_read_and_one_far_to_the_right_refused() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("One").write(0, 0, "Surname")
        book.worksheets()[0].write(1_048_575, 0, "far below")
    (sheet,) = spreadsheets.read(out.getvalue())
    assert [line.number for line in sheet.lines] == [1, 1_048_576]
    assert "row 1: more than 200 columns" in refused(workbook(("One", [["x"] * 201])))


def test_many_rows_are_refused() -> None:
    rows = [["x"]] * (spreadsheets.MOST_ROWS + 1)
    assert "more than 20,000 rows" in refused(workbook(("One", rows)))


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The workbook with parts replaced or added. A name is written with __ for / and _. for ."""
    out = io.BytesIO()
    named = {name.replace("__", "/").replace("_", "."): text for name, text in parts.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in named:
                new.writestr(name, old.read(name))
        for name, text in named.items():
            new.writestr(name, text)
    return out.getvalue()


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = repacked(workbook(("One", [["Surname"]])), xl__media_bin=b"\0" * (30 * 1024 * 1024))
    assert len(bomb) < spreadsheets.LARGEST_FILE
    assert refused(bomb) == spreadsheets.UNPACKS_TOO_LARGE


def test_a_zip_file_that_lies_about_its_sizes_is_not_believed() -> None:
    content = bytearray(repacked(workbook(("One", [["Surname"]])), xl__media_bin=b"\0" * (30 * 1024 * 1024)))
    directory = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, directory + 24, 10)  # the unpacked size as the directory tells it
    assert "cannot be read" in refused(bytes(content))


def test_a_zip_of_many_parts_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for number in range(spreadsheets.MOST_PARTS + 1):
            packed.writestr(str(number), "")
    assert refused(out.getvalue()) == spreadsheets.UNPACKS_TOO_LARGE


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;">]>"""


@pytest.mark.parametrize("part", ["xl__worksheets__sheet1_xml", "xl__workbook_xml", "xl__sharedStrings_xml"])
def test_a_workbook_with_entities_is_not_opened(part: str) -> None:
    book = workbook(("One", [["Surname"]]))
    name = part.replace("__", "/").replace("_", ".")
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        text = packed.read(name).partition(b"?>")[2]
    assert refused(repacked(book, **{part: LAUGHS + text})) == spreadsheets.HOSTILE


def test_another_zip_file_is_no_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("notes.txt", "Surname")
    assert "cannot be read" in refused(out.getvalue())


@pytest.mark.parametrize("what", list(What))
def test_the_csv_template_is_read_as_what_it_is_for(what: What) -> None:
    content = csv_template(what)
    assert content.startswith(b"\xef\xbb\xbf#")
    (table,), others = find_tables(spreadsheets.read(content))
    assert (table.what, table.rows, table.left_out, others) == (what, (), (), [])
    assert set(table.places) == {column.key for column in COLUMNS[what]}


def test_the_excel_template_holds_both_and_the_explanation() -> None:
    sheets = spreadsheets.read(xlsx_template())
    assert [sheet.name for sheet in sheets] == ["Residents", "Medicines", "How to fill it in"]
    tables, others = find_tables(sheets)
    assert [table.what for table in tables] == [What.RESIDENTS, What.MEDICINES]
    assert others == []
    said = " ".join(cell.text for line in sheets[2].lines for cell in line.cells)
    for what in What:
        for line in explanation(what):
            assert " ".join(line.split()) in " ".join(said.split())
