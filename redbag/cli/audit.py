"""`audit`: is the log of who looked and who did still whole?"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from redbag.cli.root import MakeApp, OperatorError, reading


@click.group("audit")
def group() -> None:
    """The audit log."""


@group.command("verify")
@click.option(
    "--head", default="", help="ID:MAC as an earlier run printed it; finds a log whose end was cut off."
)
@click.option(
    "--anchors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that `audit anchor` has written to: every head in it must still be there.",
)
@click.pass_obj
def verify(make_app: MakeApp, head: str, anchors: Path | None) -> None:
    """Check that no entry was changed, deleted, added in between or moved.

    Each entry carries a code over its content and the one before. Exit code 1 names the first entry
    that does not fit. Keep the last line that is printed somewhere else, and give it to a later run.

    \b
    Examples:
      python -m redbag audit verify
      python -m redbag audit verify --head 18412:9f2c…
      python -m redbag audit verify --anchors /elsewhere/redbag-heads
    """
    from redbag.security import key_ring
    from redbag.services import audit

    wanted = [_split(one) for one in (head, *_anchored(anchors)) if one]
    with reading(make_app) as app:
        settings = app.config["REDBAG"]
        count = 0
        for entry_id, whole in audit.verify(key_ring.audit_keys(settings).by_id):
            if not whole:
                _fail(f"Entry {entry_id} does not fit: it, or what stood before it, was changed.")
            count += 1
        for entry_id, mac in wanted:
            if not audit.holds(entry_id, mac):
                _fail(f"Entry {entry_id} is not there as it was: the log's end was cut off or replaced.")
        newest, mac = audit.head()
    click.echo(f"The audit log is whole: {count} {'entry' if count == 1 else 'entries'}.")
    if count:
        click.echo(f"Head: {newest}:{mac}")


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise click.exceptions.Exit(1)


@group.command("anchor")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def anchor(make_app: MakeApp, file: Path) -> None:
    """Add the newest entry's number and code to FILE, where nobody who can change the log can change it.

    A log that was cut short or made anew is whole in itself: only a head kept elsewhere tells. Run it every
    hour or so, onto another machine or a medium that can only be added to; `audit verify --anchors FILE`
    compares.

    \b
    Example:
      python -m redbag audit anchor /elsewhere/redbag-heads
    """
    from redbag.services import audit

    with reading(make_app):
        newest, mac = audit.head()
    if not newest:
        raise OperatorError("The audit log has no entry yet.")
    with file.open("a", encoding="utf-8") as kept:
        kept.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {newest}:{mac}\n")
        kept.flush()
        os.fsync(kept.fileno())
    click.echo(f"Anchored: {newest}:{mac}")


def _anchored(file: Path | None) -> list[str]:
    lines = file.read_text(encoding="utf-8").splitlines() if file else []
    return [line.rpartition(" ")[2] for line in lines if line.strip()]


def _split(head: str) -> tuple[int, str]:
    number, _, mac = head.partition(":")
    if not number.isdigit() or not mac:
        raise OperatorError("--head is written ID:MAC, as an earlier run printed it.")
    return int(number), mac
