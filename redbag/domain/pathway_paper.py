"""The pathway report as the paper that its page, its exports and the board paper are made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from redbag.domain.lost_counts import HANDOVERS_IN, SPAN_WORDS
from redbag.domain.measures import Kind
from redbag.domain.pathway_report import MISSED, Figure, Line, PathwayReport, sentences
from redbag.domain.report_tables import (
    Cell,
    Column,
    Definition,
    ReportPaper,
    Row,
    Table,
    Unit,
    figure,
    share,
    text,
    whole,
)

KEY = "pathway"
TITLE = "The pathway, step by step"
_THEN = "a year before"
_DEFINITIONS = (
    Definition(
        "Which journeys",
        "A journey counts in the month of the step that a measure is about: leaving home, reaching hospital, "
        "admission, 48 hours after it, leaving hospital, coming home, the bag back in stock. Complete months "
        "only. It counts for the hospital that it was in last.",
    ),
    Definition(
        "Times",
        "From when things happened, however late they were written down. Half within: the median. Nine in "
        "ten within: the 90th percentile, by linear interpolation. What is known by telephone only makes no "
        "minutes.",
    ),
    Definition(
        "Left out",
        "A journey that came to a step whose time or answer cannot be told honestly is in none of the "
        "figures of that measure, and is counted below with its reason.",
    ),
    Definition(
        "Lost",
        "Between the look at which a thing was last seen and the first at which it was missing. That names a "
        "stretch of the way: not a handover at which it was lost, and nobody. What turned up again is not "
        "counted.",
    ),
    Definition(
        "A year before",
        "The same months, twelve months earlier. Years differ in who falls ill and how severely: a "
        "difference is not an effect.",
    ),
)


def paper(report: PathwayReport, count: Callable[[int], str]) -> ReportPaper:
    """The whole report. `count`: a number in a sentence, as this reader may see it."""
    shares = [line for line in report.lines if line.measure.kind is Kind.SHARE]
    times = [line for line in report.lines if line.measure.kind is Kind.MEDIAN_MINUTES]
    days = [line for line in report.lines if line.measure.kind is Kind.MEDIAN_DAYS]
    return ReportPaper(
        key=KEY,
        title=TITLE,
        place=report.place,
        as_of=report.as_of,
        sentences=sentences(report, count),
        tables=(
            _shares(shares),
            _times("minutes", "How long it took, in minutes", times, Unit.MINUTES),
            _times("days", "How long it took, in days", days, Unit.DAYS),
            _lost_by_span(report),
            _lost_by_kind(report),
        ),
        definitions=(
            *(Definition(line.measure.name, line.measure.rule) for line in report.lines),
            *_DEFINITIONS,
        ),
        quality=_left_out(report.lines),
        filter_words=_narrowed(report),
    )


def _narrowed(report: PathwayReport) -> str:
    parts = [report.chosen.words, report.chosen.period_words]
    return ", ".join(part for part in parts if part)


def _shares(lines: Sequence[Line]) -> Table:
    return Table(
        key="shares",
        title="What was done",
        columns=(
            Column("Step"),
            Column("Share", Unit.SHARE),
            Column("Done", Unit.WHOLE),
            Column("Not done", Unit.WHOLE),
            Column("Journeys", Unit.WHOLE),
            Column(f"Share {_THEN}", Unit.SHARE),
            Column(f"Journeys {_THEN}", Unit.WHOLE),
        ),
        rows=tuple(
            Row(
                (
                    text(line.measure.name),
                    share(line.now.yes, line.now.n),
                    whole(line.now.yes),
                    whole(line.now.no),
                    whole(line.now.n),
                    share(line.before.yes, line.before.n),
                    whole(line.before.n),
                ),
                key=line.measure.key,
            )
            for line in lines
        ),
        adds_across=(2, 3, 4),
    )


def _times(key: str, title: str, lines: Sequence[Line], unit: Unit) -> Table:
    return Table(
        key=key,
        title=title,
        columns=(
            Column("Step"),
            Column("Journeys", Unit.WHOLE),
            Column("A quarter within", unit),
            Column("Half within", unit),
            Column("Nine in ten within", unit),
            Column(f"Journeys {_THEN}", Unit.WHOLE),
            Column(f"Half within {_THEN}", unit),
        ),
        rows=tuple(
            Row(
                (
                    text(line.measure.name),
                    whole(line.now.n),
                    *(_of(value, line.now) for value in (line.now.p25, line.now.median, line.now.p90)),
                    whole(line.before.n),
                    _of(line.before.median, line.before),
                ),
                key=line.measure.key,
            )
            for line in lines
        ),
    )


def _of(value: float | None, made_from: Figure) -> Cell:
    return figure(value, made_from.n)


def _lost_by_span(report: PathwayReport) -> Table:
    known = [span for span in SPAN_WORDS if report.spans[span] or report.spans_before[span]]
    rows = [
        Row(
            (
                text(SPAN_WORDS[span]),
                text(HANDOVERS_IN[span]),
                whole(report.spans[span]),
                whole(report.spans_before[span]),
            ),
            key=span,
        )
        for span in known
    ]
    total = Row(
        (text("All"), text(""), whole(report.lost), whole(report.spans_before.total())), key="", total=True
    )
    return Table(
        key="lost-by-handover",
        title="What was lost, by where on the way",
        columns=(
            Column("Between which looks"),
            Column("Handovers in between"),
            Column("Things", Unit.WHOLE),
            Column(f"Things {_THEN}", Unit.WHOLE),
        ),
        rows=(*rows, total) if rows else (),
    )


def _lost_by_kind(report: PathwayReport) -> Table:
    order = sorted({*report.kinds, *report.kinds_before}, key=lambda kind: (-report.kinds[kind], kind))
    rows = [
        Row((text(kind), whole(report.kinds[kind]), whole(report.kinds_before[kind])), key=kind)
        for kind in order
        if report.kinds[kind] or report.kinds_before[kind]
    ]
    total = Row((text("All"), whole(report.lost), whole(_all(report.kinds_before))), total=True)
    return Table(
        key="lost-by-kind",
        title="What was lost, by kind",
        columns=(Column("Kind"), Column("Things", Unit.WHOLE), Column(f"Things {_THEN}", Unit.WHOLE)),
        rows=(*rows, total) if rows else (),
        notes=("Kinds are those of the usual list of belongings; all others are counted together.",),
    )


def _all(counts: Counter[str]) -> int:
    return counts.total()


def _left_out(lines: Sequence[Line]) -> Table:
    """How many journeys that came to each step are in none of its figures, and why: how sure they are."""
    rows = [
        Row(
            (
                text(line.measure.name),
                text(why.words),
                whole(number),
                share(number, line.now.n + line.now.out),
            )
        )
        for line in lines
        for why, number in line.now.left_out
    ]
    return Table(
        key="quality",
        title="How the times were recorded: journeys left out",
        columns=(
            Column("Step"),
            Column("Why it is left out"),
            Column("Journeys", Unit.WHOLE),
            Column("Of all", Unit.SHARE),
        ),
        rows=tuple(rows),
    )


def missed_words(key: str, number: str) -> str:
    """For example "11 packs left with gaps"; "" for a measure that is no share."""
    return f"{number} {MISSED[key]}" if key in MISSED else ""
