"""`retention`: whose record has outlived its years, and what a review decides of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import click

from redbag.cli.person import ACT, FIGURES, NO_TIDY, UNTIDY, carry_out, tidied
from redbag.cli.root import MakeApp, OperatorError, reading, writing
from redbag.domain.errors import RedBagError

if TYPE_CHECKING:
    from redbag.queries.retention import Due

Found = list[tuple[str, str, "list[Due]"]]

_HOME = click.option("--home", default="", help="One care home, by ODS code or reference; else all.")
_AS_OF = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="As it would stand on this day; else today."
)


@click.group("retention")
def group() -> None:
    """Records that have outlived their years: 8 after the last entry, then a review.

    The last entry is the last step of a journey or its end, the last change or review of the record, the last
    paper, or the day the person left. Looking is no entry.
    """


@group.command("review")
@_HOME
@_AS_OF
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def review(make_app: MakeApp, home: str, as_of: datetime | None, form: str) -> None:
    """List, home by home, the records that are due: references and days, and nothing of what they say.

    \b
    Examples:
      python -m redbag retention review
      python -m redbag retention review --home VN101 --format json
    """
    day = _day(as_of)
    with reading(make_app):
        found = _found(home, day)
    if form == "json":
        click.echo(json.dumps(_as_json(found, day), indent=1))
        return
    total = sum(len(due) for _, _, due in found)
    for ref, name, due in found:
        click.echo(f"{name} ({ref}): {len(due)}")
        for one in due:
            kept = f" (left alone: {one.why_not})" if one.why_not else ""
            click.echo(f"  {one.ref}  last entry {one.last_entry}, due since {one.due}{kept}")
    click.echo(f"{total} {'record is' if total == 1 else 'records are'} due on {day}.")


@group.command("keep")
@click.argument("ref")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Until when.")
@click.option("--reason", required=True, help="Why: it stands with the record.")
@click.pass_obj
def keep(make_app: MakeApp, ref: str, until: datetime, reason: str) -> None:
    """Keep a record for longer than its years, because the review found a reason to.

    \b
    Example:
      python -m redbag retention keep 3f8kq2m6xw9tdy4r --until 2030-12-31 --reason "A claim is open"
    """
    from redbag.domain.errors import Invalid
    from redbag.services import restriction

    try:
        with writing(make_app):
            restriction.keep_longer(ref, until.date(), reason, datetime.now(UTC))
    except Invalid as problem:
        raise OperatorError(" ".join(problem.errors.values())) from None
    click.echo(f"Kept until {until:%Y-%m-%d}.")


@group.command("apply")
@_HOME
@_AS_OF
@FIGURES
@ACT
@NO_TIDY
@click.pass_obj
def apply(
    make_app: MakeApp, home: str, as_of: datetime | None, figures: str, erase_for_good: bool, no_tidy: bool
) -> None:
    """Show whom the end of the years would erase; with --erase-for-good, erase them.

    Each person whole or not at all, one after the other; broken off, it can be run again. Left alone are
    those who still stand on a home's list of residents, are on a journey, or whose record is restricted. A
    record that a review keeps longer is not due. To erase one of them alone: `person erase`.

    \b
    Examples:
      python -m redbag retention apply --home VN101
      python -m redbag retention apply --home VN101 --erase-for-good
    """
    from tqdm import tqdm

    day = _day(as_of)
    if erase_for_good and day > _day(None):
        raise OperatorError("--as-of a day to come is for looking: nobody is erased before their time.")
    with reading(make_app):
        found = _found(home, day)
    refs = [one.ref for _, _, due in found for one in due if not one.why_not]
    if not erase_for_good:
        _preview(make_app, found, refs, figures_too=figures == "remove")
        return
    left_alone: list[str] = []
    for ref in tqdm(refs, unit=" people"):
        try:
            with writing(make_app):
                carry_out(ref, figures_too=figures == "remove")
        except RedBagError as problem:
            left_alone.append(f"{ref}: {problem}")
    erased = len(refs) - len(left_alone)
    click.echo(f"Erased: {erased} {'person' if erased == 1 else 'people'}.")
    for sentence in left_alone:
        click.echo(f"Left alone: {sentence}", err=True)
    if erased and (no_tidy or not tidied(make_app)):
        click.echo(UNTIDY, err=True)


def _preview(make_app: MakeApp, found: Found, refs: Sequence[str], *, figures_too: bool) -> None:
    from collections import Counter

    from tqdm import tqdm

    from redbag.services import erasure

    rows: Counter[str] = Counter()
    with reading(make_app):
        for ref in tqdm(refs, unit=" people", leave=False):
            for line in erasure.preview(ref, figures_too=figures_too).lines:
                rows[f"{line.part.title} ({line.part.table.name}): {line.words}"] += line.rows
    left = sum(len(due) for _, _, due in found) - len(refs)
    click.echo(f"Would erase {len(refs)} {'person' if len(refs) == 1 else 'people'}; left alone: {left}.")
    for words, number in rows.items():
        click.echo(f"  {number:>6}  {words}")
    click.echo("Nothing was changed. To do it: --erase-for-good.")


def _day(as_of: datetime | None) -> date:
    from redbag.domain.london_time import london_day

    return as_of.date() if as_of else london_day(datetime.now(UTC))


def _found(home: str, day: date) -> Found:
    """The homes that have records due, with them."""
    from tqdm import tqdm

    from redbag.queries import retention

    found = []
    for one in tqdm(retention.homes(home), unit=" homes", leave=False, disable=None):
        due = retention.due(one.id, day)
        if due:
            found.append((one.ref, one.name, due))
    return found


def _as_json(found: Found, day: date) -> dict[str, object]:
    return {
        "as_of": day.isoformat(),
        "homes": [
            {
                "home": ref,
                "name": name,
                "due": len(due),
                "records": [
                    {
                        "resident": one.ref,
                        "last_entry": one.last_entry.isoformat(),
                        "due": one.due.isoformat(),
                        "left_alone": one.why_not,
                    }
                    for one in due
                ],
            }
            for ref, name, due in found
        ],
    }
