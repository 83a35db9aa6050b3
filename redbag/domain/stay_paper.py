"""The length-of-stay report as tables, a plot and definitions: what its page and its exports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from redbag.domain import data_quality, discharge_papers, how_sure, readmissions, stay_report
from redbag.domain.discharge_papers import Summaries
from redbag.domain.london_time import format_day, format_month
from redbag.domain.report_tables import (
    Cell,
    Column,
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
from redbag.domain.stay_answer import NOT_AN_EFFECT
from redbag.domain.stay_definitions import definitions
from redbag.domain.stay_group_tables import FEW_IN_A_ROW, FEWEST_IN_A_ROW, FIGURES, TOO_FEW, cells, groups
from redbag.domain.stay_pictures import bins, months_plot
from redbag.domain.stay_report import StayReport
from redbag.domain.stays_by_month import BEFORE, Figures, Month

KEY = "length-of-stay"
ALL_HOMES_BY_MONTH = (
    "All homes are counted here, also those that joined later; the figures above keep to the homes of both "
    "years."
)
EARLIER_STAYS = (
    "Stays from before a home joined are not in these months: a home’s stays count from its first day with "
    "the red bag. They stand apart in the comparison before and since the red bag, and in a home’s charts "
    "over time."
)
BEING_COUNTED = "being counted, and here as soon as that is done"


def paper(report: StayReport, count: Callable[[int], str], *, hides_small: bool) -> ReportPaper:
    """Everything that is said of a place's stays. `count`: a number in a sentence as this reader may see it;
    `hides_small`: whether numbers below 8 are hidden from them."""
    return ReportPaper(
        key=KEY,
        title="Length of stay",
        place=report.place,
        as_of=report.as_of,
        sentences=_sentences(report, count, hides_small=hides_small),
        tables=tuple(_tables(report, count)),
        definitions=definitions(report),
        quality=data_quality.table(report.more.quality),
        plots=tuple(one for one in (months_plot(report),) if one),
        filter_words=_narrowed(report),
    )


def _narrowed(report: StayReport) -> str:
    chosen = report.chosen
    parts = (chosen.words, chosen.period_words if chosen.period_kept else "")
    return ", ".join(part for part in parts if part)


def _sentences(report: StayReport, count: Callable[[int], str], *, hides_small: bool) -> tuple[str, ...]:
    now, then = report.figures, report.beside.year_before
    if hides_small and (now.n < 8 or 0 < then.n < 8):
        return ("There are too few stays to show.",)
    said = [report.answer(count)]
    if report.few and now.n:
        said.append(
            "Read the figures below with care: with fewer than 10 stays in a year, a median moves by chance."
        )
    elif report.beside.months:
        said.append(how_sure.sure(report.difference))
    if report.homes.words:
        said.append(report.homes.words)
    said.append(NOT_AN_EFFECT)
    return tuple(said)


def _tables(report: StayReport, count: Callable[[int], str]) -> list[Table]:
    by_discharge_only = bool(report.chosen.weekday)
    found = [_years(report), _ended(report)]
    # A stay that goes on has no weekday of discharge: what counts open stays cannot be narrowed down to one.
    if not by_discharge_only:
        found += [_open(report), _life(report), _nights(report, count)]
    found += [_delays(report), _readmitted(report), _months(report)]
    if report.more.summaries is not None:
        found.append(_summaries(report, report.more.summaries))
    found += [table for table in groups(report) if len(table.rows) > 2]
    return [*found, _lengths(report)]


def _years(report: StayReport) -> Table:
    rows = [Row((text(report.this_year.words), *cells(report.figures, FEWEST_IN_A_ROW)), key="now")]
    rows.append(
        Row(
            (text(report.year_before.words), *cells(report.beside.year_before, FEWEST_IN_A_ROW)), key="before"
        )
    )
    return Table(
        "years",
        "How long stays lasted",
        (Column("Stays that ended in"), *FIGURES),
        tuple(rows),
        notes=(report.homes.which,) if report.homes.words else (),
        rule="Closed stays by month of discharge, complete months only; days are midnights crossed.",
        n=report.figures.n + report.beside.year_before.n,
        left_out=stay_report.left_out(report),
    )


def _ended(report: StayReport) -> Table:
    rows = (
        Row((text("Left hospital alive"), *cells(report.survivors, FEWEST_IN_A_ROW))),
        Row((text("Died in hospital"), *cells(report.deaths, FEWEST_IN_A_ROW))),
        Row((text("All"), *cells(report.figures, FEWEST_IN_A_ROW)), total=True),
    )
    return Table(
        "ended",
        f"How stays ended, {report.this_year.words}",
        (Column("Ended"), *FIGURES),
        rows,
        rule="Death ends a stay; it is shown apart from those who left alive.",
        n=report.figures.n,
    )


def _open(report: StayReport) -> Table:
    rows = [Row((text("Any time"), whole(report.n_open)), key="0")]
    rows += [Row((text(f"{days} days or more"), whole(n)), key=f"{days}") for days, n in report.open_for]
    return Table(
        "open",
        f"In hospital at the end of {format_day(report.as_of)}",
        (Column("For"), Column("People", Unit.WHOLE)),
        tuple(rows),
        rule="Stays that are not over, counted at the end of the last complete day; they are in no mean or "
        "median of closed stays. Long stays are 7, 14 and 21 days or more.",
        n=report.n_open,
    )


def _life(report: StayReport) -> Table:
    life = report.life
    at_risk = life.n_closed + life.n_open
    half: Cell = figure(life.km_median, at_risk, why="not half have left" if at_risk else "none")
    return Table(
        "life",
        "With those still in hospital counted in",
        (
            Column("Admitted in"),
            Column("Over", Unit.WHOLE),
            Column("Still in hospital", Unit.WHOLE),
            Column("Half had left by day", Unit.DAYS),
        ),
        (
            Row(
                (
                    text(
                        f"{report.this_year.words}, and since" if report.runs_on else report.this_year.words
                    ),
                    whole(life.n_closed),
                    whole(life.n_open),
                    half,
                )
            ),
        ),
        rule="Kaplan–Meier, by month of admission: the first day by which half have left, with open stays "
        "counted for as long as they have lasted.",
        n=at_risk,
    )


def _nights(report: StayReport, count: Callable[[int], str]) -> Table:
    known = report.more.resident_days
    rows = []
    for place, (period, nights, came) in enumerate(
        (
            (report.this_year, report.bed_days, report.admissions),
            (report.year_before, report.bed_days_before, report.admissions_before),
        )
    ):
        cells = [text(period.words), whole(nights)]
        if came is None:
            rows.append(Row((*cells, none("not compared"), none("not compared"))))
            continue
        rates = [figure(known[place].per_1000(n), came) for n in (nights, came)] if known else []
        rows.append(Row((*cells, whole(came), *rates, whole(report.more.attendances[place]))))
    rate_columns = (
        Column("Bed days per 1,000 resident-days", Unit.RATE),
        Column("Admissions per 1,000 resident-days", Unit.RATE),
    )
    return Table(
        "nights",
        "Nights in hospital, and how often",
        (
            Column("Period"),
            Column("Bed days", Unit.WHOLE),
            Column("Admissions", Unit.WHOLE),
            *(rate_columns if known else ()),
            Column("Seen and sent back", Unit.WHOLE),
        ),
        tuple(rows),
        rule="Bed days are midnights in hospital within the period, open stays included. Admissions are "
        "stays that began in it. Seen and sent back: attendances without admission, which are no stay.",
        notes=_resident_notes(report, count),
    )


def _resident_notes(report: StayReport, count: Callable[[int], str]) -> tuple[str, ...]:
    known = report.more.resident_days
    if report.more.being_counted:
        return (
            "Admissions, and those seen and sent back, are of all homes, also of homes that joined later.",
            f"Admissions of the year before, and all per 1,000 resident-days: {BEING_COUNTED}.",
        )
    all_homes = ("Those seen and sent back are of all homes, also of homes that joined later.",)
    notes = all_homes if report.more.whole else ()
    if known is None:
        return notes
    now = known[0]
    dates = (
        f" {count(now.without_date)} of them have no day of moving in and are counted from the day on "
        "which their record was made."
        if now.without_date
        else ""
    )
    return (
        *notes,
        f"{count(now.days)} resident-days of {count(now.residents)} residents.{dates}",
        "Avoiding short admissions raises the mean stay: here it shows as fewer admissions.",
    )


def _delays(report: StayReport) -> Table:
    late = Counter({days: n for days, n in report.delays.items() if days >= 0})
    wrong = report.delays.total() - late.total()
    figures = Figures.of(late)
    closed = report.counts.figures(report.months) if report.more.whole else report.figures
    without = closed.n - report.delays.total()
    return Table(
        "delay",
        "From ready to go home until discharge",
        (Column("Stays that ended in"), Column("With both days", Unit.WHOLE), *FIGURES[1:]),
        (Row((text(report.this_year.words), *cells(figures, FEWEST_IN_A_ROW))),),
        rule="Discharge date minus the day from which the person no longer needed to be in hospital.",
        n=figures.n,
        left_out=tuple(
            pair
            for pair in (
                ("No ready day recorded", without),
                ("Ready after the discharge: the record contradicts itself", wrong),
            )
            if pair[1]
        ),
    )


def _share(part: int, n: int) -> Cell:
    """A share, where it is more than a word about one or two people."""
    return none(TOO_FEW) if 0 < n < FEWEST_IN_A_ROW else share(part, n)


def _readmitted(report: StayReport) -> Table:
    found = report.more.readmissions
    rows = []
    if found is not None:
        rows = [
            Row(
                (
                    text("Thirty days ago or longer"),
                    whole(found.n),
                    whole(found.readmitted),
                    _share(found.readmitted, found.n),
                ),
                key="settled",
            ),
            Row(
                (
                    text("In the last 30 days: provisional"),
                    whole(found.provisional_n),
                    whole(found.provisional_readmitted),
                    _share(found.provisional_readmitted, found.provisional_n),
                )
            ),
        ]
    return Table(
        "readmissions",
        "Back in hospital within 30 days",
        (
            Column("Left hospital"),
            Column("Stays", Unit.WHOLE),
            Column("Back within 30 days", Unit.WHOLE),
            Column("Share", Unit.SHARE),
        ),
        tuple(rows),
        rule=readmissions.RULE,
        notes=(f"Stays that were followed by another: {BEING_COUNTED}.",)
        if report.more.being_counted
        else (),
        n=found.n + found.provisional_n if found else None,
        left_out=tuple(
            pair
            for pair in (
                ("Ended in death", found.ended_in_death),
                ("Nobody known by name", found.nobody_known),
            )
            if pair[1]
        )
        if found
        else (),
    )


def _summaries(report: StayReport, found: Summaries) -> Table:
    rows = tuple(
        Row((text(words), whole(number), share(number, found.n)))
        for words, number in discharge_papers.lines(found)
    )
    return Table(
        "summaries",
        f"Discharge summaries, {report.this_year.words}",
        (Column("The summary"), Column("People", Unit.WHOLE), Column("Of all", Unit.SHARE)),
        rows,
        rule=discharge_papers.RULE,
        n=found.n,
    )


def _months(report: StayReport) -> Table:
    before = tuple(Column(f"Year before: {one.name.lower()}", one.unit) for one in FIGURES[:3])
    rows = tuple(
        Row(
            (text(format_month(pair.month.first_day)), *_month(pair.month), *_month(pair.before)[:3]),
            key=f"{pair.month.first_day:%Y-%m}" if pair.month.figures.n and not pair.month.hidden else "",
        )
        for pair in report.pairs
    )
    said = (
        (FEW_IN_A_ROW, any(cell.why == TOO_FEW for row in rows for cell in row.cells)),
        (ALL_HOMES_BY_MONTH, bool(report.homes.words)),
        (EARLIER_STAYS, bool(report.counts.before_joining)),
    )
    return Table(
        "months",
        "By month of discharge",
        (Column("Month"), *FIGURES, *before),
        rows,
        notes=tuple(words for words, holds in said if holds),
        rule="Each month beside the same month a year before. A home’s first three months are hidden: they "
        "read too short.",
        n=sum(pair.month.figures.n for pair in report.pairs),
    )


def _month(month: Month) -> tuple[Cell, ...]:
    if month.hidden:
        why = "before records" if month.hidden == BEFORE else "hidden: first months"
        return tuple(none(why) for _ in FIGURES)
    return cells(month.figures, FEWEST_IN_A_ROW)


def _lengths(report: StayReport) -> Table:
    counted = bins(report.lengths)
    n = report.figures.n
    return Table(
        "lengths",
        f"How many stays lasted how long, {report.this_year.words}",
        (Column("Days"), Column("Stays", Unit.WHOLE), Column("Of all", Unit.SHARE)),
        (
            *(Row((text(words), whole(number), share(number, n))) for words, number in counted),
            Row((text("All"), whole(n), share(n, n)), total=True),
        ),
        rule="Closed stays by month of discharge.",
        n=n,
    )
