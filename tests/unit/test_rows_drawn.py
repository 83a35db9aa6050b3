"""A row of figures as HTML: numbers as they are said, words escaped."""

from __future__ import annotations

from redbag.domain.report_tables import Cell, Column, Row, Unit, figure, none, text, whole, words
from redbag.web.reports.seen import row_drawn

COLUMNS = (
    Column("Home"),
    Column("Ward"),
    Column("Stays", Unit.WHOLE),
    Column("Mean", Unit.DAYS),
    Column("Why", Unit.SHARE),
)


def test_words_are_escaped_wherever_they_stand_and_numbers_are_said() -> None:
    bad = "<b>&\"'"
    row = Row((text("x"), text(bad), whole(1234), figure(-1.26, 9), none(bad)))
    escaped = "&lt;b&gt;&amp;&#34;&#39;"
    assert row_drawn(row, COLUMNS) == (
        f'<td class="" data-unit="text">{escaped}</td> '
        '<td class="rb-number" data-unit="whole">1,234</td> '
        '<td class="rb-number" data-unit="days">−1.3</td> '
        f'<td class="rb-number rb-report__none" data-unit="share">{escaped}</td>'
    )
    in_numbers = Row((text("x"), text("y"), Cell(bad), Cell(bad), Cell(bad)))
    assert "<b>" not in row_drawn(in_numbers, COLUMNS)


def test_what_is_rounded_to_nought_has_no_sign() -> None:
    cells = [Cell(value, 9) for value in (-0.04, 0.04, -0.05001, -0.004)]
    units = [Unit.DAYS, Unit.DAYS, Unit.RATE, Unit.SHARE]
    said = [words(cell, unit) for cell, unit in zip(cells, units, strict=True)]
    assert said == ["0.0", "0.0", "−0.1", "0 %"]
