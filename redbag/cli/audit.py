"""`audit`: is the log of who looked and who did still whole?"""

from __future__ import annotations

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
@click.pass_obj
def verify(make_app: MakeApp, head: str) -> None:
    """Check that no entry was changed, deleted, added in between or moved.

    Each entry carries a code over its content and the one before. Exit code 1 names the first entry
    that does not fit. Keep the last line that is printed somewhere else, and give it to a later run.

    \b
    Examples:
      python -m redbag audit verify
      python -m redbag audit verify --head 18412:9f2c…
    """
    from redbag.services import audit

    wanted = _split(head)
    with reading(make_app) as app:
        settings = app.config["REDBAG"]
        count = 0
        for entry_id, whole in audit.verify({settings.audit_key_id: settings.audit_key}):
            if not whole:
                _fail(f"Entry {entry_id} does not fit: it, or what stood before it, was changed.")
            count += 1
        if wanted and not audit.holds(*wanted):
            _fail(f"Entry {wanted[0]} is not there as it was: the log's end was cut off or replaced.")
        newest, mac = audit.head()
    click.echo(f"The audit log is whole: {count} {'entry' if count == 1 else 'entries'}.")
    if count:
        click.echo(f"Head: {newest}:{mac}")


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise click.exceptions.Exit(1)


def _split(head: str) -> tuple[int, str] | None:
    if not head:
        return None
    number, _, mac = head.partition(":")
    if not number.isdigit() or not mac:
        raise OperatorError("--head is written ID:MAC, as an earlier run printed it.")
    return int(number), mac
