"""The operator's command. Each file of this folder holds one group of its verbs."""

from __future__ import annotations

from redbag.cli.root import MakeApp, commands

__all__ = ["main"]


def main(make_app: MakeApp) -> None:
    """Runs the command that was typed. `make_app` is called only by commands that need the application."""
    from redbag.cli import database

    commands.add_command(database.group)
    commands(obj=make_app, prog_name="python -m redbag")
