"""`stays`: earlier stays, from before the red bag, brought in from a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from redbag.cli.root import MakeApp, OperatorError, reading, writing

if TYPE_CHECKING:
    from redbag.domain.history_plan import Plan
    from redbag.domain.history_rows import WrongRows
    from redbag.services.history_files import Asked, File
    from redbag.storage.scratch import Scratch

_LOOKED_AT = 500  # rows
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("stays")
def group() -> None:
    """Earlier stays in hospital, from before the red bag: what figures are compared with.

    They name no person: a reference of another system is kept as a hash under this installation's key.
    """


@group.command("import")
@click.argument("file", type=_FILE)
@click.option("--preview", is_flag=True, help="Only say what would be loaded.")
@click.option("--yes", is_flag=True, help="Load without asking. Nobody is asked where nobody can answer.")
@click.option("--home", metavar="CODE", help="ODS code or name of the home, for a file that names none.")
@click.option(
    "--open-at-start",
    is_flag=True,
    help="The file also holds everybody who was in hospital already on its first day.",
)
@click.option(
    "--leave-out-recorded",
    is_flag=True,
    help="Leave out stays that began after their home joined: Red Bag has those itself.",
)
@click.pass_obj
def import_(
    make_app: MakeApp,
    file: Path,
    preview: bool,
    yes: bool,
    home: str | None,
    open_at_start: bool,
    leave_out_recorded: bool,
) -> None:
    """Load earlier stays from a CSV or XLSX file of up to a million rows: all of it or nothing.

    Columns, in any order: Home (name or ODS code), Admission, Discharge (empty: still in hospital), and
    where there are such Reason, Age, Hospital, With bag, How it ended, Kind of admission, Person reference.
    Dates have the day first.

    Rows that were loaded before are left as they are, so loading a file twice changes nothing. What is
    wrong goes to the standard error, a line each: row, column, message, with tabs between.

    \b
    Examples:
      python -m redbag stays import baseline.csv --preview
      python -m redbag stays import baseline.xlsx --open-at-start --yes
    """
    from redbag.domain.history_rows import WrongRows
    from redbag.storage.scratch import scratch

    try:
        with reading(make_app), scratch() as rows:
            asked = _asked(home, open_at_start, leave_out_recorded)
            _import(file, asked, rows, look_only=preview, sure=yes)
    except WrongRows as problem:
        raise _refused(problem) from None


@group.command("files")
@click.pass_obj
def files(make_app: MakeApp) -> None:
    """List the files of earlier stays that are loaded, with the reference that take-out wants.

    \b
    Example:
      python -m redbag stays files
    """
    from redbag.queries.history import in_use

    with reading(make_app):
        for one in in_use():
            told = f"{_counted(one.stays, 'stay')}, {one.first_day} to {one.last_day}"
            click.echo(f"{one.ref}  {one.loaded_at:%Y-%m-%d}  {one.file_name}: {told}, by {one.made_by}")


@group.command("take-out")
@click.argument("ref")
@click.pass_obj
def take_out(make_app: MakeApp, ref: str) -> None:
    """Take the stays of a loaded file out of every figure. Loading the file again brings them back.

    REF is what `stays files` shows for the file.

    \b
    Example:
      python -m redbag stays take-out 7h2k9x0c4m1v8q3t
    """
    from redbag.services import history

    with writing(make_app):
        gone = history.take_out(None, ref, datetime.now(UTC))
    click.echo(f"Taken out: {_counted(gone, 'stay')}.")


def _import(file: Path, asked: Asked, rows: Scratch, *, look_only: bool, sure: bool) -> None:
    from redbag.database import begin_write, db
    from redbag.services import history, history_files
    from redbag.storage.long_tables import BY_COMMAND

    now = datetime.now(UTC)
    with file.open("rb") as content, _bar("Reading", file.stat().st_size, content) as step:
        found = history_files.read(None, content, file.name, asked, BY_COMMAND, rows, now, step)
    with _bar("Comparing", found.told.rows) as step:
        plan = history.planned(rows.numbered(), step)
    _say(found, plan)
    if look_only or not plan.new:
        return
    if sys.stdin.isatty() and not sure:
        click.confirm(f"Load {_counted(plan.new, 'stay')}?", abort=True, err=True)
    begin_write()
    try:
        with _bar("Writing", found.told.rows) as step:
            done = history.load(found, rows.numbered(), now, step)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    click.echo(f"Loaded: {_counted(done.new, 'stay')} of {_counted(len(done.homes), 'home')}.")


def _asked(home: str | None, open_at_start: bool, leave_out_recorded: bool) -> Asked:
    from redbag.domain.permissions import OrganisationKind
    from redbag.queries.history import places
    from redbag.services.history_files import Asked

    number = None
    if home:
        try:
            number = places(OrganisationKind.CARE_HOME).find(home)
        except ValueError as problem:
            raise OperatorError(f"--home {home}: {problem}") from None
        if number is None:
            raise OperatorError(f"--home {home}: there is no such care home here.")
    return Asked(open_at_start, leave_out_recorded, number)


@contextmanager
def _bar(words: str, total: int, content: IO[bytes] | None = None) -> Iterator[Callable[[int], object]]:
    """A bar that is moved on by rows, or where the rows are not known by how much of `content` is read."""
    from tqdm import tqdm

    # In a log file, a line every few seconds is enough.
    pause = 0.2 if sys.stderr.isatty() else 5
    unit = " rows" if content is None else "B"
    with tqdm(total=total, desc=words, unit=unit, unit_scale=content is not None, mininterval=pause) as bar:
        if content is None:
            yield bar.update
            return
        rows = 0

        def gone_on(more: int) -> None:
            nonlocal rows
            rows += more
            if rows % _LOOKED_AT == 0:
                bar.update(max(0, content.tell() - bar.n))

        yield gone_on
        bar.update(max(0, total - bar.n))


def _say(file: File, plan: Plan) -> None:
    """The preview: counts first, then what somebody should look at."""
    told = file.told
    click.echo(f"{file.name}: {_counted(told.rows, 'row')}.")
    if plan.new:
        click.echo(
            f"  New: {_counted(plan.new, 'stay')} of {_counted(len(plan.homes), 'home')}, admitted from "
            f"{plan.first_day}, the file’s last day {told.until}."
        )
        bags = plan.bags
        click.echo(f"  With bag {bags[True]:,}, without {bags[False]:,}, not known {bags[None]:,}.")
    else:
        click.echo("  Nothing to load: every stay in it is there already.")
    lines = (
        (plan.already, "loaded before, left as they are"),
        (told.recorded, "began after their home joined, left out"),
        (plan.open, f"still in hospital on {told.until}"),
        (plan.equal, "say the same as an earlier row, each kept as a stay of its own"),
        (told.days_said, "dates with a two-digit year or as Excel’s number, for you to check"),
        (told.young, "under 18"),
        (told.long, "longer than a year"),
        (
            sum(n for _, n in told.reasons),
            f"reasons not on the list, as Something else: {_few(told.reasons)}",
        ),
        (sum(n for _, n in told.hospitals), f"hospitals not known here, in words: {_few(told.hospitals)}"),
    )
    for number, words in lines:
        if number:
            click.echo(f"  {number:,} {words}.")
    if told.left_out:
        click.echo(f"  Left out, because there is no place for it: {', '.join(told.left_out)}.")


def _few(words: list[tuple[str, int]]) -> str:
    named = ", ".join(f"{word} ({n:,})" for word, n in words[:5])
    return f"{named} and others" if len(words) > 5 else named


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _refused(problem: WrongRows) -> OperatorError:
    """The first errors, a line each, on the standard error; then the sentence that ends the command."""
    click.echo("row\tcolumn\tmessage", err=True)
    for fault in problem.faults:
        where = f"{fault.sheet}: {fault.row}" if fault.sheet else f"{fault.row}"
        words = f" ({fault.cell})" if fault.cell else ""
        click.echo(f"{where}\t{fault.column}\t{fault.message}{words}", err=True)
    more = problem.wrong - len(problem.faults)
    hint = (
        " With --leave-out-recorded, stays that Red Bag has itself are left out." if problem.recorded else ""
    )
    return OperatorError(f"{problem}{f' {more:,} more are not shown.' if more else ''}{hint}")
