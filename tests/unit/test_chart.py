"""Where marks stand: nothing is drawn above the axis, and a missing month breaks the line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from redbag.web.stay_chart import HEIGHT, TOP, draw

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
