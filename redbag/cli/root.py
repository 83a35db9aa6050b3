"""The root of the operator's command: what it is for, and how it says that something is wrong.

Imports of the database and the web are late throughout this folder, so that help and previews start at
once and need nothing that an installation has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from redbag.config import ConfigurationError
from redbag.domain.errors import RedBagError

if TYPE_CHECKING:
    from flask import Flask

MakeApp = Callable[[], "Flask"]

# Database errors by name: importing SQLAlchemy only to name them would slow down every --help.
_DATABASE_ERRORS = ("OperationalError", "ProgrammingError", "InterfaceError")


class OperatorError(click.ClickException):
    """Something that the operator can put right: one plain line, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(self.message, err=True, file=file)


class _Commands(click.Group):
    """Turns what can go wrong into one line, without a trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ConfigurationError, RedBagError) as problem:
            raise OperatorError(str(problem)) from None
        except OSError as problem:
            where = f"{problem.filename}: " if problem.filename else ""
            raise OperatorError(f"{where}{problem.strerror or problem}.") from None
        except Exception as problem:
            if type(problem).__name__ not in _DATABASE_ERRORS:
                raise
            told = str(getattr(problem, "orig", problem)).strip().splitlines() or ["no reason given"]
            raise OperatorError(
                f"The database does not answer as it should: {told[0]}. "
                "Check DATABASE_URL, and whether `python -m redbag db upgrade` has been run."
            ) from None


@click.group(
    cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
def commands() -> None:
    """Red Bag: the pack, the label, the handovers and the evidence of the hospital transfer pathway.

    The commands for whoever runs an installation. They read the same settings as the pages do:
    DATABASE_URL, REDBAG_MODE and the keys (see README, Settings).

    \b
    A new installation:
      python -m redbag db upgrade
      python -m redbag accounts create --email you@example.org --name "Your Name"
    """


@contextmanager
def reading(make_app: MakeApp) -> Iterator[Flask]:
    """The application, for a command that only reads its records."""
    app = make_app()
    with app.app_context():
        yield app


@contextmanager
def writing(make_app: MakeApp) -> Iterator[Flask]:
    """The application and one write transaction, committed when the command has gone through."""
    from redbag.database import begin_write, db

    with reading(make_app) as app:
        begin_write()
        try:
            yield app
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


def write_file(out: Path, content: bytes) -> None:
    """Writes what was made, or to the standard output for "-"."""
    if str(out) == "-":
        click.echo(content, nl=False)
        return
    out.write_bytes(content)
    click.echo(f"Written: {out}")
