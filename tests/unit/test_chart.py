"""Where marks stand: nothing is drawn above the axis, and a missing month breaks the line."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from redbag.domain.stay_report import StayReport, StayRow, build
from redbag.web.stay_chart import HEIGHT, TOP, Shown, by_month, draw

values = st.lists(st.one_of(st.none(), st.floats(min_value=0, max_value=2000)), min_size=1, max_size=24)


@given(values)
def test_the_last_tick_is_at_or_above_the_highest_value(numbers: list[float | None]) -> None:
    chart = draw("t", "d", [str(n) for n in range(len(numbers))], [("a", "circle", numbers)])
    assert int(chart.up[-1].words) >= max((n for n in numbers if n is not None), default=0)
    for run in chart.series[0].runs:
        assert all(TOP <= mark.y <= HEIGHT for mark in run)
    assert 2 <= len(chart.up) <= 8


def test_a_month_without_figures_is_a_gap() -> None:
    chart = draw("t", "d", list("abc"), [("x", "circle", [1, None, 2])])
    assert [len(run) for run in chart.series[0].runs] == [1, 1]
    assert chart.series[0].runs[0][0].words == "a, x: 1"


def test_months_of_few_stays_have_no_mark_and_few_marks_no_chart() -> None:
    shown = Shown(whole_borough=False)
    months = [date(2026, month, 10) for month in range(1, 8)]

    def made(count: int, more: int) -> StayReport:
        rows = [StayRow(day, day + timedelta(days=4), "home", count=count) for day in months[:6]]
        rows.append(StayRow(months[6], months[6] + timedelta(days=9), "home", count=more))
        return build("A", rows, date(2026, 11, 21), records_began=date(2025, 9, 3))

    chart = by_month(made(5, 4), shown)
    assert chart is not None
    assert [mark.words for run in chart.series[1].runs for mark in run] == [
        f"{day:%m/%y}, The last 12 complete months: 4" for day in months[:6]
    ]
    assert [tick.words for tick in chart.begun] == ["September 2025: 1"]
    assert by_month(made(4, 50), shown) is None
