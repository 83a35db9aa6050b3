"""A report taken away: CSV, workbook and board paper say the same, and no cell starts a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from redbag.documents.board_paper import board_paper
from redbag.documents.report_files import as_csv, as_xlsx, safe
from redbag.domain.report_tables import (
    MADE_UP,
    Column,
    Definition,
    Level,
    Line,
    Plot,
    Point,
    ReportPaper,
    Row,
    Table,
    Unit,
    figure,
    none,
    share,
    text,
    whole,
)

EVIL = '=HYPERLINK("http://x","y")'
SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def example(**more: object) -> ReportPaper:
    months = Table(
        "months",
        "Stays: by month/home?",
        (
            Column("Month"),
            Column("Stays", Unit.WHOLE),
            Column("Mean", Unit.DAYS),
            Column("Scanned", Unit.SHARE),
            Column("Against 2024", Unit.DAYS),
        ),
        (
            Row((text(EVIL), whole(1234), figure(12.25, 1234), share(7, 8), figure(-2.31, 8))),
            Row((text("August 2025"), whole(0), figure(None, 0), share(0, 0), none("hidden: 7 or fewer"))),
        ),
        rule="Midnights crossed.",
        n=1234,
        left_out=(("still open", 3),),
    )
    line = Line("this year", (Point(0, 4.0, 9), Point(1, None), Point(2, 9.0, 12, "outside_high")))
    plot = Plot(
        "Mean stay",
        "Each mark is a month.",
        (line, Line("the year before", (Point(0, 3.0), Point(2, 5.0)), "square", dashed=True)),
        ((0, "07/25"), (1, "08/25"), (2, "09/25")),
        (0, 5, 10),
        levels=(Level("mean", 0, 2, 6.5),),
        begun=((1, "August 2025: 1"),),
    )
    values = {
        "key": "length-of-stay",
        "title": "Length of stay",
        "place": "Maple House",
        "as_of": date(2025, 10, 31),
        "sentences": ("Stays were shorter.", "+1 day"),
        "tables": (months,),
        "definitions": (Definition("Length of stay", "Discharge minus admission."), Definition("-x", "@y")),
        "quality": Table("quality", "How sure", (Column("What"), Column("Stays", Unit.WHOLE)), ()),
        "plots": (plot,),
        "demo": True,
    }
    return ReportPaper(**{**values, **more})  # type: ignore[arg-type]


ROWS = [
    [EVIL, "1234", "12.2", "88", "-2.3"],
    ["August 2025", "0", "none", "none", "hidden: 7 or fewer"],
]


def test_csv_workbook_and_board_paper_say_the_same() -> None:
    lines = list(csv.reader(io.StringIO(as_csv(example()).decode("utf-8-sig"))))
    start = lines.index(["Month", "Stays", "Mean, days", "Scanned, %", "Against 2024, days"])
    assert lines[start + 1 : start + 3] == [["'" + EVIL, *ROWS[0][1:]], ROWS[1]]
    assert ["Length of stay", "Discharge minus admission."] in lines
    assert ["'-x", "'@y"] in lines
    assert ["'+1 day"] in lines

    sheets = workbook(as_xlsx(example()))
    assert list(sheets) == ["Summary", "Stays  by month home", "How sure", "Definitions"]
    rows = sheets["Stays  by month home"]
    assert rows[1] == ["Month", "Stays", "Mean, days", "Scanned, %", "Against 2024, days"]
    assert rows[2] == [EVIL, "1234", "12.2", "0.88", "-2.3"]
    assert rows[3] == ROWS[1]
    assert sheets["Definitions"] == [["Length of stay", "Discharge minus admission."], ["-x", "@y"]]

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(board_paper(example()))).pages]
    words = " ".join(" ".join(pages).split())
    for said in (EVIL, "1,234", "12.2", "88 %", "hidden: 7 or fewer", "Midnights crossed.", "still open: 3"):
        assert said in words
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert "Maple House" in page
        assert "as of Fri 31 Oct 2025" in page
        assert MADE_UP in page
    assert "Discharge minus admission." in pages[-1]
    assert "Midnights crossed." not in pages[-1]
    for file in (as_csv, as_xlsx, board_paper):
        assert file(example()) == file(example())


def test_figures_that_are_not_made_up_are_not_called_so() -> None:
    said = as_csv(example(demo=False)).decode()
    pages = PdfReader(io.BytesIO(board_paper(example(demo=False)))).pages
    assert MADE_UP not in said + "".join(page.extract_text() for page in pages)


def workbook(data: bytes) -> dict[str, list[list[str]]]:
    """The cells of each sheet by its name. A formula in any of them fails here."""
    book = zipfile.ZipFile(io.BytesIO(data))
    parts = [name for name in book.namelist() if name.endswith("xml")]
    read = {name: ElementTree.fromstring(book.read(name)) for name in parts}  # noqa: S314 - made just now
    shared = ["".join(one.itertext()) for one in read["xl/sharedStrings.xml"]]
    found = {}
    names = [sheet.attrib["name"] for sheet in read["xl/workbook.xml"].iter(f"{SHEETS}sheet")]
    for number, name in enumerate(names, start=1):
        sheet = read[f"xl/worksheets/sheet{number}.xml"]
        assert not list(sheet.iter(f"{SHEETS}f"))
        found[name] = [
            [
                shared[int(value.text or 0)] if cell.attrib.get("t") == "s" else str(value.text)
                for cell in row
                for value in cell.iter(f"{SHEETS}v")
            ]
            for row in sheet.iter(f"{SHEETS}row")
        ]
    return found


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_words_start_a_formula_also_wide_ones(start: str) -> None:
    assert safe(f"{start}1+1") == f"'{start}1+1"
    assert safe(f"Ida {start}") == f"Ida {start}"
