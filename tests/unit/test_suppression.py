"""What a reader sees who may see no individuals, and what cannot be worked out from it."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.report_tables import (
    Cell,
    Column,
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
    words,
)
from redbag.domain.suppression import SMALLEST_SHOWN, rounded, suppressed

COLUMNS = (Column("Reason"), Column("Stays", Unit.WHOLE), Column("Mean", Unit.DAYS))


def paper(*rows: Row, plots: tuple[Plot, ...] = (), **more: object) -> ReportPaper:
    table = Table("reasons", "By reason", COLUMNS, rows, **more)  # type: ignore[arg-type]
    return ReportPaper("stays", "Stays", "A borough", date(2026, 10, 31), (), (table,), (), plots=plots)


def row(name: str, number: int, *, total: bool = False) -> Row:
    return Row((text(name), whole(number), figure(12.34, number)), total=total)


def shown(given_paper: ReportPaper) -> list[list[str]]:
    table = suppressed(given_paper).table("reasons")
    return [[words(c, k.unit) for c, k in zip(r.cells, table.columns, strict=True)] for r in table.rows]


def test_small_counts_and_what_is_made_of_them_are_hidden_and_others_rounded() -> None:
    found = shown(paper(row("fall", 0), row("chest", 1), row("heart", 7), row("other", 8), row("skin", 123)))
    assert found == [
        ["fall", "0", "12.3"],
        ["chest", "hidden", "hidden"],
        ["heart", "hidden", "hidden"],
        ["other", "10", "12.3"],
        ["skin", "125", "12.3"],
    ]


def test_a_total_that_would_give_the_one_hidden_count_away_hides_a_second_in_the_same_word() -> None:
    # 30 less 20 leaves 6 to 14: of 1 to 7 only 6 and 7 could be. The next smallest is hidden, mean and all.
    rows = (row("fall", 7), row("chest", 22), row("all", 29, total=True))
    assert [line[1:] for line in shown(paper(*rows))] == [
        ["hidden", "hidden"],
        ["hidden", "hidden"],
        ["30", "12.3"],
    ]
    # 25 less 20 leaves 1 to 9: the rounding covers it.
    rows = (row("fall", 5), row("chest", 20), row("all", 25, total=True))
    assert [line[1] for line in shown(paper(*rows))] == ["hidden", "20", "25"]


counts = st.integers(0, 34)


@given(st.lists(counts, min_size=2, max_size=3))
def test_nobody_can_rule_out_any_of_1_to_7_for_a_small_count_by_subtraction(numbers: list[int]) -> None:
    rows = [row(str(place), number) for place, number in enumerate(numbers)]
    found = [line[1] for line in shown(paper(*rows, row("all", sum(numbers), total=True)))]
    *parts, total = found

    def could_be(seen: str) -> range | list[int]:
        if seen == "hidden":
            return range(1, 45)
        return [n for n in (0, *range(SMALLEST_SHOWN, 120)) if rounded(n) == int(seen)]

    if total == "hidden":
        return
    possible = [set() for _ in parts]
    for guess in product(*map(could_be, parts)):
        if rounded(sum(guess)) == int(total) and sum(guess) not in range(1, SMALLEST_SHOWN):
            for place, number in enumerate(guess):
                possible[place].add(number)
    for number, guesses in zip(numbers, possible, strict=True):
        if 1 <= number < SMALLEST_SHOWN:
            assert set(range(1, 8)) <= guesses


def test_why_there_is_no_mean_does_not_tell_1_to_4_from_5_to_7() -> None:
    rows = [Row((text(name), whole(n), none("too few"))) for name, n in (("fall", 3), ("chest", 0))]
    assert shown(paper(*rows)) == [["fall", "hidden", "hidden"], ["chest", "0", "too few"]]


def test_sums_along_a_row_are_covered_too() -> None:
    columns = (Column("Kind"), *(Column(name, Unit.WHOLE) for name in ("Found", "Lost", "All")))
    cells = (text("Dentures"), whole(7), whole(22), whole(29))
    table = Table("reasons", "By kind", columns, (Row(cells),), adds_across=(1, 2, 3))
    one = ReportPaper("lost", "Lost", "A borough", date(2026, 10, 31), (), (table,), ())
    assert shown(one) == [["Dentures", "hidden", "hidden", "30"]]


def test_a_share_is_hidden_where_it_the_rest_or_the_whole_is_small() -> None:
    columns = (Column("Step"), Column("Share", Unit.SHARE))

    def seen(part: int, n: int) -> str:
        table = Table("reasons", "Steps", columns, (Row((text("Scanned"), share(part, n))),))
        return shown(ReportPaper("p", "P", "A borough", date(2026, 10, 31), (), (table,), ()))[0][1]

    assert [seen(*pair) for pair in ((3, 20), (17, 20), (10, 20), (20, 20), (0, 20), (2, 4), (0, 0))] == [
        "hidden",
        "hidden",
        "50 %",
        "100 %",
        "0 %",
        "hidden",
        "none",
    ]


def test_notes_below_a_table_hold_no_small_number_and_no_true_one_stays_inside() -> None:
    found = suppressed(paper(row("fall", 23), n=23, left_out=(("contradicts itself", 3), ("too late", 12))))
    table = found.table("reasons")
    assert table.notes == (
        "Made from 25 records.",
        "Left out: contradicts itself: 7 or fewer; too late: 10.",
    )
    assert (table.n, table.left_out, table.rows[0].cells[2].n) == (None, (), None)
    assert suppressed(found) is found


def test_points_and_levels_of_few_are_not_drawn_and_counts_are_rounded() -> None:
    points = (Point(0, 9.5, 7, words="9.5"), Point(1, 11.0, 8, words="11"), Point(2, None, 0))
    levels = (Level("mean", 0, 2, 10, n=15), Level("before", 0, 0, 9, n=7))
    means = Plot("Mean", "", (Line("mean", points),), (), (0, 20), levels)
    nights = (Line("nights", (Point(0, 6.0), Point(1, 12.0))),)
    found = suppressed(paper(plots=(means, Plot("Nights", "", nights, (), (), counts=True)))).plots
    assert [point.y for point in found[0].lines[0].points] == [None, 11.0, None]
    assert [level.name for level in found[0].levels] == ["mean"]
    assert [point.y for point in found[1].lines[0].points] == [None, 10.0]


def test_a_figure_that_does_not_say_what_it_is_made_of_is_refused() -> None:
    with pytest.raises(ValueError, match="how many records"):
        suppressed(paper(Row((text("fall"), whole(20), Cell(4.0)))))
