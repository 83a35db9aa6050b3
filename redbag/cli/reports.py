"""`reports`: figures for whoever works on with them."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from redbag.cli.root import MakeApp, OperatorError, write_file, writing
from redbag.domain.kept_sources import ALL_SOURCES
from redbag.domain.listing_words import all_of

RULE = (
    "Closed stays by day of discharge. Length of stay is the discharge date minus the admission date in "
    "London days (midnights crossed). A home's stays count from its first day of using the red bag. "
    "Stays still open and records that contradict themselves are left out. p90: linear interpolation."
)
_OUT = click.Path(dir_okay=False, path_type=Path, allow_dash=True)
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group("reports")
def group() -> None:
    """Figures about stays in hospital. They name places, never people."""


@group.command("length-of-stay")
@click.option("--format", "shape", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@click.option("--by", type=click.Choice(["month", "home", "hospital"]), default="month", show_default=True)
@click.option(
    "--from", "start", type=_DAY, help="First day of discharge. Left out: the last 12 complete months."
)
@click.option(
    "--to", "end", type=_DAY, help="Last day of discharge. Left out: the end of the last complete month."
)
@click.option("--out", type=_OUT, default=Path("-"), help="A file to write instead of the standard output.")
@click.pass_obj
def length_of_stay(
    make_app: MakeApp, shape: str, by: str, start: datetime | None, end: datetime | None, out: Path
) -> None:
    """How long stays lasted: n, mean, median and 90th percentile, in days.

    Small numbers are not hidden here: hide counts of 1 to 7 before you hand the figures on. That they were
    taken out is written in the audit log.

    \b
    Examples:
      python -m redbag reports length-of-stay --format csv > stays.csv
      python -m redbag reports length-of-stay --by home --from 2026-01-01 --to 2026-03-31
    """
    from redbag.domain.length_of_stay import last_complete_day
    from redbag.queries.stays import figures_by
    from redbag.services import audit

    now = datetime.now(UTC)
    as_of = last_complete_day(now)
    first, last = _period(start, end, as_of)
    with writing(make_app):
        found = figures_by(by, first, last, as_of)
        details = {"report": f"length of stay by {by}"}
        note = audit.Note("report.exported", reason="operator’s command", details=details)
        audit.append(None, note, now)
    rows: list[dict[str, object]] = [
        {by: name, "n": one.n, "mean": _short(one.mean), "median": _short(one.median), "p90": _short(one.p90)}
        for name, one in found
    ]
    text = _csv(by, rows) if shape == "csv" else _json(by, rows, first, last, as_of)
    write_file(out, text.encode())


@group.command("rebuild")
@click.option(
    "--only",
    "names",
    type=click.Choice([source.name for source in ALL_SOURCES]),
    multiple=True,
    help="Count only these anew; may be given more than once. Left out: everything.",
)
@click.pass_obj
def rebuild(make_app: MakeApp, names: tuple[str, ...]) -> None:
    """Count anew what reports are made from.

    The counts are kept up to date as stays, journeys and residents change; this reads every one of them and
    makes them afresh, which comes out the same unless the database was changed by hand, or an older version
    of the program went on writing after `db upgrade`. Changes wait meanwhile. Journeys take by far the
    longest: each is measured from its events.

    \b
    Examples:
      python -m redbag reports rebuild
      python -m redbag reports rebuild --only stays --only residents
    """
    with writing(make_app):
        said = count_anew(names or [source.name for source in ALL_SOURCES])
    click.echo(f"{said}.")


def count_anew(names: Collection[str]) -> str:
    """Counts every record of these sources (kept_sources, by name) in the caller's write transaction, with a
    progress bar; what it counted, in words. A batch of records is in memory at a time."""
    from tqdm import tqdm

    from redbag.services import figures, journey_figures, resident_figures, stay_figures

    pause = 0.2 if sys.stderr.isatty() else 5
    known = (stay_figures.SOURCE, journey_figures.SOURCE, resident_figures.SOURCE)
    sources = [source for source in known if source.kept.name in names]
    totals = [source.total() for source in sources]
    records = sum(totals)
    with tqdm(total=records, desc="Counting", unit=" records", mininterval=pause, disable=not records) as bar:
        cells = figures.rebuild(sources, bar.update)
    told = [f"{n:,} {source.kept.name}" for source, n in zip(sources, totals, strict=True)]
    return f"Counted {all_of(told)} into {cells:,} cells"


def _period(start: datetime | None, end: datetime | None, as_of: date) -> tuple[date, date]:
    from redbag.domain.stays_by_month import add_months, last_complete_month

    month = last_complete_month(as_of)
    first = start.date() if start else add_months(month, -11)
    last = end.date() if end else add_months(month, 1) - timedelta(days=1)
    if first > last:
        raise OperatorError(f"The period ends ({last}) before it begins ({first}).")
    return first, min(last, as_of)


def _short(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 2)


def _json(by: str, rows: list[dict[str, object]], first: date, last: date, as_of: date) -> str:
    told = {"from": f"{first}", "to": f"{last}", "as_of": f"{as_of}", "by": by, "rule": RULE, "rows": rows}
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _csv(by: str, rows: list[dict[str, object]]) -> str:
    text = io.StringIO()
    write = csv.DictWriter(text, [by, "n", "mean", "median", "p90"])
    write.writeheader()
    for row in rows:
        name = str(row[by])
        # A name that begins like a formula would be one in a spreadsheet.
        write.writerow(row | {by: f"'{name}" if name[:1] in "=+-@\t\r" else name})
    return text.getvalue()
