"""Where marks and bars stand: nothing is drawn above the axis, and a missing month breaks the line."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from redbag.domain import stay_paper
from redbag.domain.report_filter import ReportFilter
from redbag.domain.report_tables import Line, Plot, Point
from redbag.domain.stay_counts import StayCounts, StayFacts
from redbag.domain.stay_periods import homes_behind
from redbag.domain.stay_pictures import bins, months_plot
from redbag.domain.stay_report import Beside, StayReport, build
from redbag.domain.suppression import suppressed
from redbag.web.stay_chart import HEIGHT, TOP, bars, draw
from tests.unit.test_stay_report import report as made_of
from tests.unit.test_stay_report import stay

AS_OF = date(2026, 11, 21)


def months(*made: tuple[date, int]) -> StayReport:
    """A report of stays of four days that ended on these days, so many on each."""
    began = date(2025, 9, 3)
    chosen = ReportFilter.usual(AS_OF)
    facts: list[StayFacts] = [
        stay(day - timedelta(days=4), day, joined_on=began) for day, count in made for _ in range(count)
    ]
    counts = StayCounts.of(facts, AS_OF)
    homes = homes_behind([began], chosen, began)
    return build(
        "A",
        chosen,
        counts,
        counts,
        records_began=began,
        homes=homes,
        found=lambda _beside: None,
        more=Beside(),
    )


DAYS = [date(2026, month, 10) for month in range(1, 8)]


def test_months_of_few_stays_have_no_mark_and_few_marks_no_chart() -> None:
    plot = months_plot(months(*((day, 5) for day in DAYS[:6]), (DAYS[6], 4)))
    assert plot is not None
    chart = draw(plot)
    assert [mark.words for run in chart.series[1].runs for mark in run] == [
        f"{day:%m/%y}, The last 12 complete months: 4" for day in DAYS[:6]
    ]
    assert [tick.words for tick in chart.begun] == ["September 2025: 1"]
    assert months_plot(months(*((day, 4) for day in DAYS[:6]), (DAYS[6], 50))) is None


@given(st.lists(st.one_of(st.none(), st.floats(min_value=0, max_value=5000)), min_size=1, max_size=24))
def test_marks_stand_within_the_axes_and_a_month_without_figures_is_a_gap(values: list[float | None]) -> None:
    top = max((value for value in values if value is not None), default=1) or 1
    line = Line("x", tuple(Point(float(x), y, 9) for x, y in enumerate(values)))
    across = tuple((float(x), f"{x}") for x in range(len(values)))
    chart = draw(Plot("t", "d", (line,), across, (0.0, top)))
    runs = chart.series[0].runs
    assert all(TOP <= mark.y <= HEIGHT for run in runs for mark in run)
    assert sum(len(run) for run in runs) == sum(value is not None for value in values)
    assert len(chart.across) <= 12
    gaps = "".join("." if value is None else "x" for value in values)
    assert [len(run) for run in runs] == [len(part) for part in gaps.split(".") if part]


@given(st.integers(1, 400))
def test_the_last_mark_is_at_or_above_the_highest_value(length: int) -> None:
    stays = [[stay(day - timedelta(days=length), day, joined_on=None)] * 5 for day in DAYS]
    plot = months_plot(made_of(*stays, began=None))
    assert plot is not None
    assert plot.up[-1] >= length
    assert 2 <= len(plot.up) <= 8


@given(st.dictionaries(st.integers(0, 300), st.integers(1, 30), max_size=40))
def test_every_stay_is_in_one_bar(lengths: dict[int, int]) -> None:
    made = bins(lengths)
    assert sum(number for _, number in made) == sum(lengths.values())
    assert made[0][1] == sum(n for day, n in lengths.items() if day < (2 if len(made) > 8 else 7))


def test_bars_are_as_high_as_their_numbers_and_hidden_ones_are_not_drawn() -> None:
    stays = [
        [stay(DAYS[0] - timedelta(days=length), DAYS[0])] * n for length, n in ((1, 30), (8, 15), (40, 3))
    ]
    paper = stay_paper.paper(made_of(*stays), str, hides_small=False)
    drawn = bars(paper.table("lengths"))
    assert drawn is not None
    assert [(bar.name, bar.number) for bar in drawn.bars if bar.height] == [
        ("0–6", "30"),
        ("7–13", "15"),
        ("35+", "3"),
    ]
    assert drawn.bars[0].height == 2 * drawn.bars[1].height
    assert drawn.bars[0].y == TOP
    hidden = bars(suppressed(paper).table("lengths"))
    assert hidden is not None
    assert (hidden.bars[-1].height, hidden.bars[-1].number) == (0, "?")
    assert bars(stay_paper.paper(made_of(), str, hides_small=False).table("lengths")) is None
