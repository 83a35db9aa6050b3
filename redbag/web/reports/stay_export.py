"""The figures of the length-of-stay report as a table for spreadsheets: one figure a row, notes below."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from redbag.domain import discharge_papers, stay_report, suppression
from redbag.domain.discharge_papers import Summaries
from redbag.domain.london_time import format_day
from redbag.domain.stay_report import Period, StayReport
from redbag.domain.stays_by_month import Figures, Month, add_months
from redbag.web.stay_chart import Shown

HEADINGS = ("figure", "from", "to", "number", "median days", "mean days", "90th percentile days", "note")
_HIDDEN = "hidden: 1 to 7"
SUPPRESSED = (
    "Counts from 1 to 7 are hidden and other counts rounded to 5, each by itself: months need not add up to "
    "a year. A mean or median of 1 to 7 stays is hidden."
)
MADE_UP = "These figures are made up for the demonstration."


@dataclass(frozen=True)
class _Row:
    """One figure over the days from `start` to `end`. A cell that says nothing is empty."""

    figure: str
    start: date
    end: date
    number: int
    figures: Figures | None = None
    note: str = ""


def as_csv(report: StayReport, papers: Summaries, shown: Shown, *, demo: bool) -> str:
    """The figures, then an empty line and the notes, one a line."""
    text = io.StringIO()
    write = csv.writer(text)
    write.writerow(HEADINGS)
    write.writerows(_cells(row, shown) for row in (*_rows(report), *_papers(report.this_year, papers)))
    write.writerow([])
    write.writerows([cell(note)] for note in _notes(report, shown, demo=demo))
    return text.getvalue()


def cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _cells(row: _Row, shown: Shown) -> list[str]:
    if row.note or not shown.may(row.number):
        said: list[str] = ["", "", "", "", row.note or _HIDDEN]
    else:
        number = suppression.rounded(row.number) if shown.suppressed else row.number
        parts = (row.figures.median, row.figures.mean, row.figures.p90) if row.figures else (None, None, None)
        said = [str(number), *("" if value is None else f"{value:.2f}" for value in parts), ""]
    return [cell(row.figure), row.start.isoformat(), row.end.isoformat(), *said]


def _rows(report: StayReport) -> Iterator[_Row]:
    now, then = report.this_year, report.year_before
    for month in (*(pair.before for pair in report.pairs), *(pair.month for pair in report.pairs)):
        yield _month(month)
    yield _year("stays that ended, last 12 complete months", now, report.figures)
    yield _year("stays that ended, the 12 before", then, report.beside.year_before)
    yield _year("left hospital alive", now, report.survivors)
    yield _year("died in hospital", now, report.deaths)
    open_now, day = report.open_now, report.as_of
    yield _Row("in hospital at the end of the day", day, day, open_now.n_open)
    for days, number in ((7, open_now.open_7), (14, open_now.open_14), (21, open_now.open_21)):
        yield _Row(f"in hospital at the end of the day, {days} days or more", day, day, number)
    yield _Row("bed days", now.start, now.end, report.bed_days)
    yield _Row("bed days", then.start, then.end, report.bed_days_before)
    yield _Row("seen and sent back", now.start, now.end, report.attendances)
    yield _Row("seen and sent back", then.start, then.end, report.attendances_before)
    for why, number in stay_report.left_out(report):
        yield _Row(f"left out of the comparison: {why}", then.start, report.as_of, number)


def _papers(period: Period, papers: Summaries) -> Iterator[_Row]:
    yield _Row("left hospital alive after a stay: discharge summaries", period.start, period.end, papers.n)
    for name, number in discharge_papers.lines(papers):
        yield _Row(f"discharge summary: {name[0].lower()}{name[1:]}", period.start, period.end, number)


def _month(month: Month) -> _Row:
    last = add_months(month.first_day, 1) - timedelta(days=1)
    figures = month.figures
    return _Row("stays that ended in the month", month.first_day, last, figures.n, figures, month.hidden)


def _year(name: str, period: Period, figures: Figures) -> _Row:
    return _Row(name, period.start, period.end, figures.n, figures)


def _notes(report: StayReport, shown: Shown, *, demo: bool) -> Iterator[str]:
    if demo:
        yield MADE_UP
    yield f"Length of stay, {report.place}, as of {format_day(report.as_of)}."
    if shown.suppressed:
        yield SUPPRESSED
    if report.homes.words:
        yield report.homes.words
    yield from stay_report.rules(report)
    yield discharge_papers.RULE
