"""An XmR chart, or all of them in a list, as values that pages and exports are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from redbag.domain import spc_words
from redbag.domain.london_time import format_month
from redbag.domain.measures import Kind, Measure
from redbag.domain.report_tables import (
    Cell,
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
    text,
    whole,
)
from redbag.domain.spc import NONE
from redbag.domain.spc_axis import Axis, limits
from redbag.domain.spc_chart import HIDDEN, UNSAID, ChartPoint, SpcChart, TooFew

KEY = "charts"
_UNITS = {
    Kind.MEAN_DAYS: Unit.DAYS,
    Kind.MEDIAN_DAYS: Unit.DAYS,
    Kind.MEDIAN_MINUTES: Unit.MINUTES,
    Kind.SHARE: Unit.SHARE,
    Kind.COUNT: Unit.WHOLE,
    Kind.RATE: Unit.RATE,
}
DEFINITIONS = (
    Definition(
        "Average and limits",
        "The average is the mean of the points. The limits lie 2.66 mean moving ranges above and below it; a "
        "moving range is the distance from one point to the next, and those of 3.267 times their mean or "
        "more are left out once. As long as nothing changes, nearly every point lies between the limits.",
    ),
    Definition(
        "Unusual",
        "In this order: a point outside the limits; seven or more in a row rising or falling; two of three "
        "in a row close to one limit (in the outer third), all three on that side of the average; seven or "
        "more in a row on one side of the average. The rules are those of NHS England’s “Making Data Count”.",
    ),
    Definition(
        "For the better, for the worse",
        "The last point’s label. Statisticians call what is unusual a special cause, improving or "
        "concerning; which it is depends on the measure. They call the usual ups and downs common "
        "cause. A count gets no label where more homes count now than at the start, or where it is "
        "shown rounded to 5.",
    ),
    Definition(
        "Gaps",
        "A month without records is a gap, and so is one of which too little is known: fewer than 10 "
        "records, except of a count. A run does not go on across a gap. The complete months of a period "
        "that is not over are a point of their own, “so far”, where they have 10 records.",
    ),
)


@dataclass(frozen=True)
class Shown:
    """Whose charts these are, as of which day, narrowed down to what, and how many homes joined meanwhile;
    what one measure leaves out, and how sure its records are."""

    place: str
    as_of: date
    filter_words: str = ""
    homes_joined: int = 0
    left_out: tuple[tuple[str, int], ...] = ()
    quality: Table | None = None

    @property
    def homes_words(self) -> tuple[str, ...]:
        """That later points hold more homes than earlier ones; nothing where no home joined."""
        if not self.homes_joined:
            return ()
        homes = "One home" if self.homes_joined == 1 else f"{self.homes_joined:,} homes"
        return (f"{homes} joined in these months: earlier points hold fewer homes than later ones.",)


def of_measure(found: SpcChart | TooFew, shown: Shown) -> ReportPaper:
    """One measure's chart: the sentence, the points, the rules."""
    measure = found.measure
    if isinstance(found, TooFew):
        sentences: tuple[str, ...] = (spc_words.answer(found),)
        tables: tuple[Table, ...] = ()
        plots: tuple[Plot, ...] = ()
    else:
        said = (spc_words.answer(found), spc_words.last_unusual(found), spc_words.target_words(found))
        sentences = tuple(one for one in (*said, *spc_words.warnings(found), *shown.homes_words) if one)
        tables, plots = (_points(found, shown), _signals(found)), (_plot(found),)
    return ReportPaper(
        key=KEY,
        title=measure.name,
        place=shown.place,
        as_of=shown.as_of,
        sentences=sentences,
        tables=tuple(table for table in tables if table.rows),
        definitions=(Definition(measure.name, measure.rule), *DEFINITIONS),
        plots=plots,
        quality=shown.quality,
        filter_words=shown.filter_words,
    )


def of_all(charts: Sequence[SpcChart | TooFew], shown: Shown) -> ReportPaper:
    """All measures, what changed first."""
    rows = tuple(Row(_listed(one), key=one.measure.key) for one in in_order(charts))
    return ReportPaper(
        key=KEY,
        title="Charts over time",
        place=shown.place,
        as_of=shown.as_of,
        sentences=(counted(charts), *shown.homes_words),
        tables=(
            Table(
                "measures",
                "What the charts say",
                tuple(
                    Column(name, Unit.TEXT)
                    for name in ("Measure", "Latest", "Average", "Variation", "In words")
                ),
                rows,
            ),
        ),
        definitions=DEFINITIONS,
        quality=shown.quality,
        filter_words=shown.filter_words,
    )


def in_order(charts: Sequence[SpcChart | TooFew]) -> list[SpcChart | TooFew]:
    """What changed first: concerning, improving, then the usual, then where it is too early to say."""
    order = ("concerning", "improving", "common_cause", UNSAID, "")
    return sorted(
        charts, key=lambda one: order.index(one.variation) if isinstance(one, SpcChart) else len(order)
    )


def counted(charts: Sequence[SpcChart | TooFew]) -> str:
    """How many measures are unusual, and which way."""
    found = [one.variation if isinstance(one, SpcChart) else "" for one in charts]
    worse, better, usual, unsaid, early = (
        found.count(one) for one in ("concerning", "improving", "common_cause", UNSAID, "")
    )
    said = [
        f"{number} {words}"
        for number, words in (
            (worse, "unusual in the worse direction"),
            (better, "unusual in the better direction"),
            (usual, "within the usual ups and downs"),
            (unsaid, "of which nothing is called unusual"),
            (early, "with too few records to say"),
        )
        if number
    ]
    return f"Of {len(found)} measures: {', '.join(said)}. A chart does not say why."


def _listed(one: SpcChart | TooFew) -> tuple[Cell, ...]:
    if isinstance(one, TooFew):
        return (text(one.measure.name), text(""), text(""), text("No chart"), text(spc_words.answer(one)))
    latest = f"{spc_words.said(one.measure, one.last.value)}, {spc_words.period(one.last)}"
    return (
        text(one.measure.name),
        text(latest),
        text(spc_words.said(one.measure, one.now.limits.mean if one.now.has_average else None)),
        text(spc_words.variation(one).words),
        text(spc_words.answer(one)),
    )


def _points(chart: SpcChart, shown: Shown) -> Table:
    measure = chart.measure
    counts = measure.kind is Kind.COUNT
    columns = [Column(spc_words.period_name(chart).capitalize(), Unit.TEXT)]
    if not counts:
        columns.append(Column("Records", Unit.WHOLE))
    columns += [Column(measure.name, _UNITS[measure.kind]), Column("Unusual", Unit.TEXT)]
    rows = []
    for point in chart.points:
        cells = [text(spc_words.period(point))]
        if not counts:
            cells.append(none(point.why) if point.why == HIDDEN else whole(point.n))
        cells += [_value(measure, point), text(spc_words.RULES.get(point.rule, ""))]
        rows.append(Row(tuple(cells), key=f"{point.first:%Y-%m}"))
    return Table(
        "points",
        "The same figures as a table",
        tuple(columns),
        tuple(rows),
        rule=measure.rule,
        n=None if counts else sum(point.n for point in chart.points if point.value is not None),
        left_out=shown.left_out,
    )


def _value(measure: Measure, point: ChartPoint) -> Cell:
    if point.value is None:
        return none(point.why)
    return whole(int(point.value)) if measure.kind is Kind.COUNT else figure(point.value, point.n)


def _signals(chart: SpcChart) -> Table:
    rows = tuple(Row((text(said),)) for said in spc_words.signals(chart))
    return Table(
        "signals",
        "Everything unusual in this chart",
        (Column("What and when, the newest first", Unit.TEXT),),
        rows,
    )


def _plot(chart: SpcChart) -> Plot:
    measure, axis = chart.measure, Axis.of(chart)
    points = tuple(
        Point(
            at,
            point.value,
            point.n,
            "" if point.rule == NONE else spc_words.RULES[point.rule],
            spc_words.period(point),
        )
        for at, point in enumerate(chart.points)
    )
    return Plot(
        f"{measure.name}, {spc_words.shown_months(chart)}",
        spc_words.answer(chart),
        (Line(measure.name, points),),
        tuple((at, words) for at, words in axis.across),
        axis.up,
        tuple(_levels(chart)),
        tuple(
            (segment.line, f"{format_month(segment.rebase.day)}: {segment.rebase.words}")
            for segment in chart.segments
            if segment.rebase
        ),
        _UNITS[measure.kind],
        counts=measure.kind is Kind.COUNT,
    )


def _levels(chart: SpcChart) -> list[Level]:
    found = []
    for segment in chart.segments:
        n = sum(chart.points[place].n for place in range(segment.start, segment.end))
        ends = segment.start - 0.4, segment.end - 0.6
        if segment.limits.mean is not None and segment.has_average:
            found.append(Level("Average", *ends, segment.limits.mean, n, dashed=False))
        found += [Level(name, *ends, limit, n) for name, limit in limits(chart.measure, segment)]
    return found
