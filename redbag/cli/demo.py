"""`demo`: an invented borough to try everything on."""

from __future__ import annotations

import click

from redbag.cli.root import MakeApp, OperatorError, reading
from redbag.config import load_settings


@click.group("demo")
def group() -> None:
    """Invented homes, people and journeys."""


@group.command("accounts")
@click.pass_obj
def accounts(make_app: MakeApp) -> None:
    """Print who can sign in to the demonstration, and with which passphrase.

    \b
    Example:
      REDBAG_MODE=demo python -m redbag demo accounts
    """
    from redbag.domain.permissions import ROLE_WORDS
    from redbag.queries.accounts import DEMO_PASSPHRASE, demo_people

    if not load_settings().is_demo:
        raise OperatorError("This installation is not a demonstration: set REDBAG_MODE=demo.")
    with reading(make_app):
        people = demo_people()
    if not people:
        raise OperatorError("Nobody is there yet: run `python -m redbag demo load` first.")
    click.echo(f"Everybody here is invented. The passphrase of each: {DEMO_PASSPHRASE}")
    width = max(len(one.email) for one in people)
    for one in people:
        click.echo(f"  {one.email:<{width}}  {one.name}, {ROLE_WORDS[one.role]}, {one.organisation}")
