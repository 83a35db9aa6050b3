"""Rows of figures as HTML: numbers as they are said, words escaped, names as links."""

from __future__ import annotations

from redbag.domain.report_tables import Cell, Column, Row, Unit, figure, none, text, whole, words
from redbag.web.reports.seen import rows_drawn

COLUMNS = (
    Column("Home"),
    Column("Ward"),
    Column("Stays", Unit.WHOLE),
    Column("Mean", Unit.DAYS),
    Column("Why", Unit.SHARE),
)


def test_words_are_escaped_wherever_they_stand_and_numbers_are_said() -> None:
    bad = "<b>&\"'"
    row = Row((text(bad), text(bad), whole(1234), figure(-1.26, 9), none(bad)))
    escaped = "&lt;b&gt;&amp;&#34;&#39;"
    assert rows_drawn([row], COLUMNS, {}) == (
        f'<tr><th scope="row">{escaped}</th> <td class="" data-unit="text">{escaped}</td> '
        '<td class="rb-number" data-unit="whole">1,234</td> '
        '<td class="rb-number" data-unit="days">−1.3</td> '
        f'<td class="rb-number rb-report__none" data-unit="share">{escaped}</td></tr>'
    )
    in_numbers = Row((text("x"), text("y"), Cell(bad), Cell(bad), Cell(bad)))
    assert "<b>" not in rows_drawn([in_numbers], COLUMNS, {})


def test_a_row_says_where_its_name_leads_and_whether_it_is_the_total() -> None:
    rows = [
        Row((text("Maple <Lodge>"), whole(1)), key="maple"),
        Row((text("All"), whole(2)), key="all", total=True),
    ]
    drawn = rows_drawn(rows, (COLUMNS[0], COLUMNS[2]), {"maple": '/maple?"a"&b'})
    link = '<a class="rb-target" href="/maple?&#34;a&#34;&amp;b">Maple &lt;Lodge&gt;</a>'
    number = '<td class="rb-number" data-unit="whole">'
    assert drawn.split("\n") == [
        f'<tr><th scope="row">{link}</th> {number}1</td></tr>',
        f'<tr class="rb-report__total"><th scope="row">All</th> {number}2</td></tr>',
    ]


def test_what_is_rounded_to_nought_has_no_sign() -> None:
    cells = [Cell(value, 9) for value in (-0.04, 0.04, -0.05001, -0.004)]
    units = [Unit.DAYS, Unit.DAYS, Unit.RATE, Unit.SHARE]
    said = [words(cell, unit) for cell, unit in zip(cells, units, strict=True)]
    assert said == ["0.0", "0.0", "−0.1", "0 %"]
