"""`backup` and `restore`: everything that an installation keeps, in one file; and `db move`: from one kind of
database to another."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from redbag.cli.root import MakeApp, OperatorError, reading, writing
from redbag.config import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection

    from redbag.storage.backup import Ends, Header

_FILE = click.Path(dir_okay=False, path_type=Path)
_IDENTITY = click.option(
    "--identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file with the age identity that an encrypted backup is opened with.",
)


class _ByFile(click.Group):
    """`backup FILE` makes one; `backup check FILE` is the only other word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, *self.get_help_option_names(ctx)):
            args = ["make", *args]
        return super().parse_args(ctx, args)


@click.group("backup", cls=_ByFile)
def group() -> None:
    """Back up the running system: `backup FILE`. Photos and papers are in it; the keys are not.

    \b
    Examples:
      python -m redbag backup /backups/redbag-2026-11-22
      python -m redbag backup /backups/redbag-2026-11-22.age --recipient age1…
      python -m redbag backup check /backups/redbag-2026-11-22

    Keep the keys (instance/*.key, or the REDBAG_…_KEY settings) apart from it: without them printed labels
    and access codes stop working, the audit log cannot be checked, and what is sealed cannot be read.
    """


@group.command("make", hidden=True)
@click.argument("file", type=_FILE)
@click.option(
    "--recipient",
    "recipients",
    multiple=True,
    help="An age recipient (age1…) to encrypt to; also REDBAG_BACKUP_RECIPIENT.",
)
@click.pass_obj
def make(make_app: MakeApp, file: Path, recipients: tuple[str, ...]) -> None:
    """Write everything to FILE, from one moment of the running system. The word `make` may be left out.

    \b
    Example:
      python -m redbag backup make /backups/redbag-2026-11-22
    """
    from redbag.services import audit
    from redbag.storage import backup

    to = recipients or tuple(os.environ.get("REDBAG_BACKUP_RECIPIENT", "").split())
    if file.exists():
        raise OperatorError(f"{file} exists already: name another file.")
    revision = _newest_revision()
    with writing(make_app):
        note = audit.Note("backup.made", reason="operator’s command", details={"encrypted": bool(to)})
        audit.append(None, note, datetime.now(UTC))
    with reading(make_app) as app, _told():
        from redbag.database import db

        settings = app.config["REDBAG"]
        header = _header(settings, revision)
        ends = backup.put(file, lambda out: _write(db.engine, header, out), to)
    click.echo(
        f"Written: {file}, {_words(ends)}{'' if to else '; not encrypted: keep it as you keep records'}."
    )


@group.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_IDENTITY
def check(file: Path, identity: Path | None) -> None:
    """Restore FILE aside, compare every table with what was written, and walk the audit log.

    Exit code 1 or 2 where anything differs. The installation itself is not touched.

    \b
    Example:
      python -m redbag backup check /backups/redbag-2026-11-22.age --identity key.txt
    """
    from redbag.security import key_ring
    from redbag.services import audit

    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="redbag-check-") as folder, _told():
        url = f"sqlite:///{Path(folder) / 'aside.sqlite3'}"
        header, ends = _restore(file, identity, url)
        with _engine(url) as engine, engine.connect() as aside:
            for entry_id, whole in audit.verify(key_ring.audit_keys(settings).by_id, aside):
                if not whole:
                    _fail(f"The audit log in it does not fit from entry {entry_id} on.")
            _open_what_is_sealed(aside, url, settings)
    _warn_of_keys(header, settings)
    click.echo(f"Whole: made {header.made_at}, {_words(ends)}; every table and the audit log fit.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_IDENTITY
def restore(file: Path, identity: Path | None) -> None:
    """Bring FILE back into an empty database (DATABASE_URL), all or nothing.

    Every table is read again and compared before the work is kept. SQLite or PostgreSQL, whichever it came
    from.

    \b
    Example:
      DATABASE_URL=postgresql://redbag@db/redbag python -m redbag restore /backups/redbag-2026-11-22
    """
    settings = load_settings()
    with _told():
        header, ends = _restore(file, identity, settings.database_url)
        _upgrade(settings.database_url, "head")
    _warn_of_keys(header, settings)
    click.echo(f"Restored: made {header.made_at}, {_words(ends)}.")


@click.command("move")
@click.argument("to")
def move(to: str) -> None:
    """Copy everything from this installation's database into the empty database TO, and compare.

    Stop the pages first: what is written while it copies stays behind. Afterwards set DATABASE_URL to TO.

    \b
    Examples:
      python -m redbag db move postgresql://redbag@db/redbag
      DATABASE_URL=postgresql://redbag@db/redbag python -m redbag db move sqlite:////srv/redbag.sqlite3
    """
    from redbag.config import database_address
    from redbag.storage import backup

    settings, target = load_settings(), database_address(to)
    header = _header(settings, _newest_revision())
    with _engine(settings.database_url) as source, _told():
        _ends, filled = backup.piped(
            lambda out: _write(source, header, out), lambda lines: _fill(lines, target)
        )
    click.echo(f"Copied and compared: {_words(filled[1])}. Now set DATABASE_URL to the new database.")


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong with a file is one plain line."""
    from redbag.storage.backup import BackupError

    try:
        yield
    except BackupError as problem:
        raise OperatorError(str(problem)) from None


def _fail(sentence: str) -> None:
    click.echo(sentence, err=True)
    raise click.exceptions.Exit(1)


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    from redbag.database import engine_for

    engine = engine_for(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _newest_revision() -> str:
    from redbag.cli.database import alembic, revisions

    there, newest = revisions(alembic())
    if newest is None or there != newest:
        raise OperatorError("Run `python -m redbag db upgrade` first: the tables are of another version.")
    return newest


def _header(settings: Settings, revision: str) -> Header:
    import redbag.models  # noqa: F401 - fills the metadata
    from redbag.database import Base
    from redbag.storage import backup

    made_at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return backup.Header(revision, made_at, _fingerprints(settings), backup.describe(Base.metadata))


def _fingerprints(settings: Settings) -> Mapping[str, str]:
    from redbag.services import field_keys

    keys = {"label": settings.label_key, "audit": settings.audit_key}
    prints = {name: hashlib.sha256(b"fingerprint|" + key).hexdigest()[:16] for name, key in keys.items()}
    return prints | {"field": " ".join(field_keys.ids(settings.field_key, settings.field_keys_old))}


def _open_what_is_sealed(aside: Connection, url: str, settings: Settings) -> None:
    """Where the tables are of this version and the keys are here, every sealed value must open with them."""
    from redbag.cli.database import alembic, revisions
    from redbag.services import field_keys, resealing

    there, newest = revisions(alembic(url))
    if there != newest:
        return
    field_keys.use(settings.field_key, settings.field_keys_old)
    here = field_keys.ids(settings.field_key, settings.field_keys_old)
    if set(field_keys.needed(aside)) <= set(here):
        for sentence in resealing.unopened(aside):
            _fail(sentence)


def _warn_of_keys(header: Header, settings: Settings) -> None:
    here = _fingerprints(settings)
    for name, costs in (
        ("label", "printed labels and access codes will not open"),
        ("audit", "the audit log cannot be checked"),
    ):
        if header.keys.get(name) != here[name]:
            click.echo(f"The {name} key here is not the one the backup was made with: {costs}.", err=True)
    missing = set(header.keys.get("field", "").split()) - set(here["field"].split())
    if missing:
        names = ", ".join(sorted(missing))
        click.echo(f"The field key {names} is not set here: what it sealed cannot be read.", err=True)


def _write(engine: Engine, header: Header, out: IO[bytes]) -> Ends:
    from tqdm import tqdm

    from redbag.database import Base
    from redbag.storage import backup

    with engine.connect() as connection, backup.snapshot(connection) as moment:
        rows = backup.count(moment, Base.metadata)
        with tqdm(total=rows, unit=" rows", mininterval=_pause()) as bar:
            return backup.write(moment, Base.metadata, header, out, bar.update)


def _pause() -> float:
    """In a log file, a line every few seconds is enough."""
    return 0.2 if sys.stderr.isatty() else 5


def _restore(file: Path, identity: Path | None, url: str) -> tuple[Header, Ends]:
    from redbag.storage import backup

    key = "" if identity is None else _identity(identity)
    with backup.opened(file, key) as lines:
        return _fill(lines, url)


def _identity(file: Path) -> str:
    lines = (line.strip() for line in file.read_text().splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


def _fill(lines: IO[bytes], url: str) -> tuple[Header, Ends]:
    """Reads a backup into an empty database of its revision, compares, and keeps it only then."""
    from tqdm import tqdm

    from redbag.database import WRITE_OPTION
    from redbag.storage import backup

    with _engine(url) as engine:
        begun: list[Connection] = []

        def fill(header: Header) -> Connection:
            _make_tables(url, header)
            connection = engine.connect().execution_options(**{WRITE_OPTION: True})
            begun.append(connection)
            if any(rows for rows, _ in backup.sums(connection, header).values()):
                raise OperatorError("The database has records already: a backup goes into an empty one only.")
            return connection

        try:
            with tqdm(unit=" rows", mininterval=_pause()) as bar:
                header, ends = backup.read(lines, fill, bar.update)
            if backup.sums(begun[0], header) != ends:
                raise backup.BackupError("What was read back is not what was written.")
            begun[0].commit()
        finally:
            for connection in begun:
                connection.close()
    return header, ends


def _make_tables(url: str, header: Header) -> None:
    from redbag.cli.database import alembic, revisions

    there, _newest = revisions(alembic(url))
    if there is None:
        _upgrade(url, header.revision)
    elif there != header.revision:
        raise OperatorError(
            f"The database is at revision {there}, the backup at {header.revision}: name an empty database."
        )


def _upgrade(url: str, revision: str) -> None:
    from alembic import command
    from alembic.util.exc import CommandError

    from redbag.cli.database import alembic

    try:
        command.upgrade(alembic(url), revision)
    except CommandError as problem:
        raise OperatorError(f"This version cannot make the tables of the backup: {problem}") from None


def _words(ends: Any) -> str:
    return f"{sum(rows for rows, _ in ends.values()):,} rows in {len(ends)} tables"
