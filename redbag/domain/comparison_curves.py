"""The analyst's part of a comparison: curves of who is still in hospital, the log-rank test, the ways out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from redbag.domain import survival
from redbag.domain.comparison import Comparison, Group
from redbag.domain.comparison_words import GROUP_WORDS, SHORT_WORDS
from redbag.domain.report_tables import (
    Cell,
    Column,
    Line,
    Plot,
    Point,
    Row,
    Table,
    Unit,
    figure,
    none,
    text,
    whole,
)
from redbag.domain.survival import Curve, Lives

LAST_DAY = 90
"""Curves are drawn up to this day of stay."""
DAYS = (7, 14, 21, 28, 42, 60, 90)
_MOST_NOT_SAID = 0.1
_UP = (0.0, 0.25, 0.5, 0.75, 1.0)
_WAYS = ((survival.HOME, "went home"), (survival.DIED, "died"))


def _curve(lives: Lives) -> Curve:
    return survival.kaplan_meier(lives.ended, lives.open, lives.entered)


def _both(found: Comparison) -> tuple[Group, Group]:
    return found.first, found.second


def tables(found: Comparison) -> list[Table]:
    """Medians with open stays counted in, the share still in hospital with those at risk, the log-rank test,
    and how many had gone home or died by each day."""
    both = _both(found)
    # Where there is too little for an interval, a p value beside it would say more than there is.
    test = _test(found) if found.mean is not None else []
    return [*(_shares(group) for group in both), _medians(both), *test, _ways(both)]


def _medians(groups: Sequence[Group]) -> Table:
    rows = []
    for group in groups:
        curve, n = _curve(group.lives), group.lives.n
        low, high = curve.median_interval
        rows.append(
            Row(
                (
                    text(GROUP_WORDS[group.key]),
                    whole(n),
                    whole(group.lives.open.total()),
                    whole(group.lives.entered.total()),
                    *(
                        figure(day, n, why="not reached" if n else "none")
                        for day in (curve.median, low, high)
                    ),
                )
            )
        )
    return Table(
        "half",
        "When half had left, open stays counted in",
        (
            Column("Stays"),
            Column("Admitted", Unit.WHOLE),
            Column("Of these still open", Unit.WHOLE),
            Column("Entered late", Unit.WHOLE),
            Column("Half left by day", Unit.DAYS),
            Column("from", Unit.DAYS),
            Column("to", Unit.DAYS),
        ),
        tuple(rows),
        rule="Kaplan–Meier by admission: the first day on which half or fewer are still in hospital. Only "
        "stays admitted in the span of the curves: fewer may be open here than are still in hospital in all.",
    )


def _shares(group: Group) -> Table:
    """The share still in hospital after each of DAYS, its interval, and who was at risk on it."""
    curve, table, rows = _curve(group.lives), group.lives.table, []
    for day in DAYS:
        known = survival.at_risk(table, group.lives.entered, day)
        rows.append(Row((text(f"Day {day}"), whole(known), *_share_at(curve, day, known))))
    return Table(
        f"shares-{group.key}",
        f"{GROUP_WORDS[group.key]}: still in hospital after each day",
        (
            Column("After"),
            Column("At risk", Unit.WHOLE),
            Column("Still there", Unit.SHARE),
            Column("95 % interval from", Unit.SHARE),
            Column("to", Unit.SHARE),
        ),
        tuple(rows),
        rule="Kaplan–Meier with Greenwood’s interval (log-log). At risk: known to be in hospital at the "
        "start of that day of their stay.",
    )


def _share_at(curve: Curve, day: int, at_risk: int) -> tuple[Cell, Cell, Cell]:
    place = bisect_right([step.day for step in curve.steps], day) - 1
    if not at_risk:
        return none("nobody left"), none(""), none("")
    if place < 0:
        return figure(1.0, at_risk), figure(1.0, at_risk), figure(1.0, at_risk)
    step = curve.steps[place]
    return figure(step.share, at_risk), figure(step.low, at_risk), figure(step.high, at_risk)


def _test(found: Comparison) -> list[Table]:
    test = found.log_rank
    if test is None:
        return []
    rows = tuple(
        Row((text(GROUP_WORDS[group.key]), whole(seen), whole(round(expected))))
        for group, seen, expected in zip(_both(found), test.observed, test.expected, strict=True)
    )
    p = "below 0.001" if test.p < 0.001 else f"{test.p:.3f}"
    return [
        Table(
            "log-rank",
            "Log-rank test",
            (Column("Stays"), Column("Ended", Unit.WHOLE), Column("Expected at one pace", Unit.WHOLE)),
            rows,
            notes=(f"Chi-squared {test.chi_squared:.2f} on {test.degrees} degree of freedom, p {p}.",),
            rule="Whether both groups leave hospital at one pace, each stay taken for one of its own.",
        )
    ]


def _ways(groups: Sequence[Group]) -> Table:
    reached = [(group, survival.incidence(group.lives)) for group in groups]
    rows = tuple(
        Row(
            (
                text(f"Day {day}"),
                *(
                    Cell(_by_day(ways[way], day), group.lives.n, _ended_by(group.lives, way, day))
                    if _is_said(group)
                    else none("not recorded")
                    for group, ways in reached
                    for way, _ in _WAYS
                ),
            )
        )
        for day in DAYS
    )
    return Table(
        "ways",
        "Gone home alive, and died, by each day",
        (
            Column("By"),
            *(
                Column(f"{SHORT_WORDS[group.key]}: {words}", Unit.SHARE)
                for group in groups
                for _, words in _WAYS
            ),
        ),
        rows,
        rule="Cumulative incidence (Aalen–Johansen): the share of all stays that ended so by that day, each "
        "way out competing with the others. The rest left for another place or were still in hospital. Not "
        "made where it is not recorded of more than one stay in ten how it ended.",
    )


def _is_said(group: Group) -> bool:
    """Whether it is recorded of enough stays how they ended: else every way out would read too low."""
    return group.lives.not_said.total() <= _MOST_NOT_SAID * group.lives.n


def _ended_by(lives: Lives, way: str, day: int) -> int:
    """How many stays had ended in this way by this day: what a share of them must not give away."""
    ended = {survival.HOME: lives.home, survival.DIED: lives.died}[way]
    return sum(n for days, n in ended.items() if days <= day)


def _by_day(steps: survival.Incidence, day: int) -> float:
    place = bisect_right([one for one, _ in steps], day) - 1
    return steps[place][1] if place >= 0 else 0.0


def plots(found: Comparison) -> tuple[Plot, ...]:
    """Both curves; each curve with its interval; and the ways out. Never for a reader who sees no
    individuals: a step can be one person's (see comparison_rounded)."""
    both = [group for group in _both(found) if group.lives.n]
    if len(both) < 2:
        return ()
    last = max(7, min(LAST_DAY, *(max((row.day for row in group.lives.table), default=0) for group in both)))
    across = tuple((float(day), f"{day}") for day in range(0, last + 1, 7 if last <= 42 else 14))
    curves = [_points(group, last) for group in both]
    names = [GROUP_WORDS[group.key] for group in both]
    beside = Plot(
        "Still in hospital, by day of stay",
        "Kaplan–Meier curves of both groups: the share of stays still going on after each day. The table "
        "“Still in hospital after each day” holds the shares.",
        tuple(
            Line(name, points[0], shape="none", dashed=place == 1, stepped=True)
            for place, (name, points) in enumerate(zip(names, curves, strict=True))
        ),
        across,
        _UP,
        unit=Unit.SHARE,
    )
    return (
        beside,
        *(_banded(*one, across) for one in zip(names, curves, strict=True)),
        _ways_plot(both, last, across),
    )


_Points = tuple[tuple[Point, ...], tuple[Point, ...], tuple[Point, ...]]


def _points(group: Group, last: int) -> _Points:
    """The curve and the two limits of its interval, a point a step, up to the last day."""
    curve = _curve(group.lives)
    table = group.lives.table
    start = Point(0.0, 1.0, survival.at_risk(table, group.lives.entered, 0), words="Day 0: 100 %")
    lines: tuple[list[Point], list[Point], list[Point]] = ([start], [start], [start])
    steps = [step for step in curve.steps if step.day <= last]
    for step in steps:
        said = f"After day {step.day}: {100 * step.share:.0f} %"
        for line, value in zip(lines, (step.share, step.low, step.high), strict=True):
            line.append(Point(float(step.day), value, step.at_risk, words=said))
    end = min(last, curve.last_day)
    if steps and end > steps[-1].day:
        known = survival.at_risk(table, group.lives.entered, end)
        for line in lines:
            line.append(Point(float(end), line[-1].y, known))
    return tuple(lines[0]), tuple(lines[1]), tuple(lines[2])


def _banded(name: str, points: _Points, across: tuple[tuple[float, str], ...]) -> Plot:
    curve, low, high = points
    return Plot(
        f"{name}: still in hospital, with its 95 % interval",
        "The curve, and dashed the limits between which it lies with 95 % confidence on each day.",
        (
            Line(name, curve, shape="none", stepped=True),
            Line("95 % interval from", low, shape="none", dashed=True, stepped=True),
            Line("to", high, shape="none", dashed=True, stepped=True),
        ),
        across,
        _UP,
        unit=Unit.SHARE,
    )


def _ways_plot(groups: Sequence[Group], last: int, across: tuple[tuple[float, str], ...]) -> Plot:
    lines = []
    for place, group in enumerate(groups):
        if not _is_said(group):
            continue
        reached = survival.incidence(group.lives)
        for way, words in _WAYS:
            shares = [(0, _by_day(reached[way], 0)), *(one for one in reached[way] if 0 < one[0] <= last)]
            shares.append((last, _by_day(reached[way], last)))
            points = [Point(float(day), share, _ended_by(group.lives, way, day)) for day, share in shares]
            name = f"{GROUP_WORDS[group.key]}: {words}"
            lines.append(Line(name, tuple(points), shape="none", dashed=place == 1, stepped=True))
    return Plot(
        "Gone home alive, and died, by day of stay",
        "Cumulative incidence: the upper pair of lines went home alive, the lower pair died in hospital.",
        tuple(lines),
        across,
        _UP,
        unit=Unit.SHARE,
    )
