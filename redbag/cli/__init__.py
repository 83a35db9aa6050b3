"""The operator's command. Each file of this folder holds one group of its verbs."""

from __future__ import annotations

from redbag.cli import (
    accounts,
    audit,
    backup,
    database,
    demo,
    dictionary,
    documents,
    keys,
    mail,
    person,
    reports,
    retention,
    sso,
    stays,
)
from redbag.cli.root import MakeApp, commands

__all__ = ["commands", "main"]


def main(make_app: MakeApp) -> None:
    """Runs the command that was typed. `make_app` is called only by commands that need the application."""
    commands(obj=make_app, prog_name="python -m redbag")


for _group in (
    database.group,
    backup.group,
    backup.restore,
    accounts.group,
    documents.labels,
    documents.packs,
    reports.group,
    stays.group,
    audit.group,
    dictionary.group,
    keys.group,
    mail.group,
    sso.group,
    person.group,
    retention.group,
    demo.group,
):
    commands.add_command(_group)

database.group.add_command(backup.move)
database.group.add_command(person.tidy)
