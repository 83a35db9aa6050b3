"""`person`: what the law asks of whoever keeps a person's record: hand it over, restrict it, erase it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from redbag.cli.root import MakeApp, OperatorError, reading, writing

if TYPE_CHECKING:
    from redbag.services.erasure import Erasure

_FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
FIGURES = click.option(
    "--figures",
    type=click.Choice(["keep", "remove"]),
    default="keep",
    show_default=True,
    help="Whether their stays stay in the figures, without a person, or leave them.",
)
ACT = click.option("--erase-for-good", is_flag=True, help="Do it. Without this nothing changes.")
NO_TIDY = click.option(
    "--no-tidy",
    is_flag=True,
    help="Leave the database’s files as they are: run `db tidy` yourself in a quiet hour.",
)


@click.group("person")
def group() -> None:
    """One person's record: hand it over, restrict it, erase it.

    REF is the person's reference, as it stands in the address of their page: /residents/REF. See
    docs/data-protection.md before you erase anything.
    """


@group.command("export")
@click.argument("ref")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export(make_app: MakeApp, ref: str, file: Path) -> None:
    """Write everything that is kept of a person to FILE, a zip that only you can read.

    A page in plain English, the same as data, photos, papers and packs as files, and who has looked. For a
    person who asks for their record, or for whoever acts for them. It names other people too (relatives,
    staff): somebody looks through it before it is handed over. That it was made is written in the audit log.

    \b
    Example:
      python -m redbag person export 3f8kq2m6xw9tdy4r /secure/record.zip
    """
    from tqdm import tqdm

    from redbag.documents.whole_record import write_zip
    from redbag.queries import whole_record
    from redbag.services import audit

    if file.exists():
        raise OperatorError(f"{file} is there already.")
    now = datetime.now(UTC)
    with _kept_only_whole(file) as out, writing(make_app):
        record = whole_record.for_operator(ref, now)
        # Written down first: nothing leaves that was not.
        files = 2 + len(record.packs) + len(record.pictures)
        note = audit.Note(
            "person.exported", ("resident", ref), reason="operator’s command", details={"files": files}
        )
        audit.append(None, note, now)
        with tqdm(total=files, unit=" files") as bar:
            write_zip(record, out, whole_record.picture, lambda _name: bar.update())
    click.echo(f"Written: {file}, {files} files. Look through it before you hand it over.")


@contextmanager
def _kept_only_whole(file: Path) -> Iterator[Any]:
    """A new file for its owner alone; away again where it was not written to its end."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        file.unlink(missing_ok=True)
        raise


@group.command("restrict")
@click.argument("ref")
@click.option("--reason", required=True, help="Why; the home's manager reads it on the person's page.")
@click.pass_obj
def restrict(make_app: MakeApp, ref: str, reason: str) -> None:
    """Keep a person's record, and let nobody use it but the manager of their home.

    Until `person unrestrict`, carers read only that the record is restricted. Whoever is on a journey to
    hospital, or must be sent there, is looked after as anybody else.

    \b
    Example:
      python -m redbag person restrict 3f8kq2m6xw9tdy4r --reason "Says that the allergies are wrong"
    """
    from redbag.services import restriction

    with writing(make_app), _problems():
        restriction.restrict(ref, reason, datetime.now(UTC))
    click.echo("Restricted: only the manager of the home opens this record now.")


@group.command("unrestrict")
@click.argument("ref")
@click.pass_obj
def unrestrict(make_app: MakeApp, ref: str) -> None:
    """Let a restricted record be used again.

    Tell the person first (UK GDPR, Article 18(3)). What the home's manager changed meanwhile stays.

    \b
    Example:
      python -m redbag person unrestrict 3f8kq2m6xw9tdy4r
    """
    from redbag.services import restriction

    with writing(make_app), _problems():
        restriction.lift(ref, datetime.now(UTC))
    click.echo("No longer restricted.")


@contextmanager
def _problems() -> Iterator[None]:
    """What was typed wrongly is one plain line."""
    from redbag.domain.errors import Invalid

    try:
        yield
    except Invalid as problem:
        raise OperatorError(" ".join(problem.errors.values())) from None


@group.command("erase")
@click.argument("ref")
@FIGURES
@ACT
@NO_TIDY
@_FORMAT
@click.pass_obj
def erase(make_app: MakeApp, ref: str, figures: str, erase_for_good: bool, no_tidy: bool, form: str) -> None:
    """Show what erasing a person would do; with --erase-for-good, do it, all or nothing.

    Names every table with its rows: what goes, what is emptied, what stays and why; and where else the person
    is named. Refused while they are on a journey to hospital, and while their record is restricted. There is
    no way back but an older backup, and older backups still hold the person until they age out.

    \b
    Examples:
      python -m redbag person erase 3f8kq2m6xw9tdy4r
      python -m redbag person erase 3f8kq2m6xw9tdy4r --erase-for-good
      python -m redbag person erase 3f8kq2m6xw9tdy4r --figures remove --erase-for-good
    """
    from redbag.services import erasure

    figures_too = figures == "remove"
    if not erase_for_good:
        with reading(make_app):
            plan = erasure.preview(ref, figures_too=figures_too)
            _say(plan, form, done=False)
        return
    with writing(make_app):
        plan = carry_out(ref, figures_too=figures_too)
    tidied = _tidied(make_app, skip=no_tidy)
    _say(plan, form, done=True)
    if not tidied:
        click.echo(UNTIDY, err=True)


UNTIDY = (
    "The database’s files may still hold what was deleted: run `python -m redbag db tidy` "
    "when nobody is at work."
)


def carry_out(ref: str, *, figures_too: bool) -> Erasure:
    """Erases one person in the caller's write transaction."""
    from redbag.services import erasure

    return erasure.erase(ref, datetime.now(UTC), figures_too=figures_too)


def _tidied(make_app: MakeApp, *, skip: bool) -> bool:
    return not skip and tidied(make_app)


def tidied(make_app: MakeApp) -> bool:
    """Takes what was deleted out of the database's files; False where it could not be taken out whole."""
    from redbag.database import db
    from redbag.queries.person_parts import PARTS
    from redbag.storage import traces

    with reading(make_app):
        return traces.tidy(db.engine, [part.table.name for part in PARTS])


@click.command("tidy")
@click.pass_obj
def tidy(make_app: MakeApp) -> None:
    """Take what was deleted out of the database's files as well.

    SQLite: the file is written anew, which needs as much room again and holds up whoever writes meanwhile.
    PostgreSQL: VACUUM of the tables that hold people; what was deleted is written over as the room is used
    again (VACUUM FULL in a quiet hour takes it out at once).

    \b
    Example:
      python -m redbag db tidy
    """
    if not tidied(make_app):
        raise OperatorError(
            "The file was written anew; the write-ahead file beside it could not be emptied, because "
            "somebody was reading. Run this again when nobody is at work."
        )
    click.echo("Tidied.")


def _say(plan: Erasure, form: str, *, done: bool) -> None:
    if form == "json":
        click.echo(json.dumps(_as_json(plan, done=done), indent=1))
        return
    click.echo(f"{'Erased' if done else 'Would erase'}: resident {plan.person.ref}.\n")
    for line in plan.lines:
        click.echo(f"  {line.rows:>6}  {line.part.title} ({line.part.table.name}): {line.words}")
    if plan.mentions:
        click.echo("\nNamed elsewhere too; look at each with the home:")
        for one in plan.mentions:
            click.echo(f"  {one.title} ({one.table}), {one.ref}")
    click.echo(
        "\nBackups that were made before still hold the person until they are deleted: "
        "see docs/data-protection.md."
    )
    if plan.refused:
        click.echo(f"\nThis cannot be done now: {plan.refused}")
    elif not done:
        click.echo("\nNothing was changed. To do it: --erase-for-good.")


def _as_json(plan: Erasure, *, done: bool) -> dict[str, Any]:
    return {
        "resident": plan.person.ref,
        "done": done,
        "refused": plan.refused,
        "tables": [
            {"table": line.part.table.name, "rows": line.rows, "fate": line.fate.value, "why": line.part.why}
            for line in plan.lines
        ],
        "named_elsewhere": [{"table": one.table, "ref": one.ref} for one in plan.mentions],
    }
