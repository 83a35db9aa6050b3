"""The tables of the length-of-stay report that count stays by one factor: by home, by reason, by age …"""

from __future__ import annotations

from collections.abc import Mapping

from redbag.domain.figures_in_columns import ByValue
from redbag.domain.report_filter import AGE_BANDS, BAGS, STAY_REASONS, WEEKDAYS
from redbag.domain.report_tables import Cell, Column, Row, Table, Unit, figure, none, text, whole
from redbag.domain.stay_report import StayReport
from redbag.domain.stays_by_month import Figures

FEWEST_IN_A_ROW = 5
"""The median of fewer stays is nearly one person's stay: such a row says how many there were, and no more."""
TOO_FEW = "too few"
FEW_IN_A_ROW = f"{TOO_FEW.capitalize()}: a row of fewer than {FEWEST_IN_A_ROW} stays has no median."
_NOTHING = ByValue.of({})
_LEFT_OUT = "Without the first three months of each home’s records, which read too short."
_COUNTED = "Of every home, also in the first three months of its records, which read too short."
FIGURES = (
    Column("Stays", Unit.WHOLE),
    Column("Median", Unit.DAYS),
    Column("Mean", Unit.DAYS),
    Column("Nine in ten by", Unit.DAYS),
)


def cells(figures: Figures, fewest: int = 1) -> tuple[Cell, ...]:
    """n, median, mean and 90th percentile; of fewer than `fewest` only n."""
    n = figures.n
    if n < fewest:
        return (whole(n), *(none(TOO_FEW if n else "none") for _ in range(3)))
    return (whole(n), figure(figures.median, n), figure(figures.mean, n), figure(figures.p90, n))


def groups(report: StayReport) -> list[Table]:
    """One table for each factor, each with a row for every value that occurs."""
    counted, names = report.more.groups, report.more.names

    def made(factor: str, title: str, words: Mapping[str, str], *, by_name: bool = False) -> Table:
        return _group(report, f"by-{factor}", title, counted.get(factor, _NOTHING), words, by_name=by_name)

    return [
        made("home", "By home", names.homes, by_name=True),
        made("hospital", "By hospital", names.hospitals, by_name=True),
        made("ward", "By ward", names.wards, by_name=True),
        made("reason", "By reason", dict(STAY_REASONS)),
        made("age", "By age on admission", dict(AGE_BANDS)),
        made("bag", "With and without the red bag", dict(BAGS)),
        made("weekday", "By weekday of discharge", dict(WEEKDAYS)),
    ]


def _group(
    report: StayReport,
    key: str,
    title: str,
    groups: ByValue,
    words: Mapping[str, str],
    *,
    by_name: bool,
) -> Table:
    """One row for each value that occurs, in the order of `words` (places by name), and one for all."""
    figures = groups.figures()
    order = [value for value in words if value in figures]
    if by_name:
        order.sort(key=lambda value: words[value])
    rows = [Row((text(words[value]), *cells(figures[value], FEWEST_IN_A_ROW))) for value in order]
    unknown = groups.together(without=words)
    if unknown.n:
        rows.append(Row((text("Not recorded"), *cells(unknown, FEWEST_IN_A_ROW))))
    everything = groups.together()
    rows.append(Row((text("All"), *cells(everything, FEWEST_IN_A_ROW)), total=True))
    first_months = _LEFT_OUT if report.more.settled else _COUNTED
    notes = [FEW_IN_A_ROW]
    if key == "by-bag":
        notes.append("The groups differ in age, season, home and reason: a difference is not an effect.")
    return Table(
        key,
        title,
        (Column(title.removeprefix("By ").capitalize() if key != "by-bag" else "Bag"), *FIGURES),
        tuple(rows),
        tuple(notes),
        rule=f"Closed stays by month of discharge, {report.this_year.words}. {first_months}",
        n=everything.n,
    )
