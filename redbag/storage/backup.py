"""A backup is one file: every row of every table as a line of JSON, gzip over it, and age over that where a
key is given.

Lines in order: a header (what it is, the revision of its tables, which keys were in use, the columns of each
table and their kinds); for each table a line that names it, its rows, and a line with their number and a
SHA-256 over them; a last line that says that the file is whole. Written from one snapshot of the running
system; read back into SQLite and PostgreSQL alike.
"""

from __future__ import annotations

import gzip
import json
import os
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyrage
from sqlalchemy import MetaData, Table, func, insert, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from redbag.database import OF_THIS_DATABASE
from redbag.storage.backup_rows import Columns, Tally, kind_of, line, typed, values

FORMAT, VERSION = "red bag backup", 1
AT_ONCE = 500
_LONGEST_LINE = 64 * 1024 * 1024

Step = Callable[[int], object]
Ends = dict[str, tuple[int, str]]
"""By table: how many rows, and the SHA-256 over their lines."""


class BackupError(Exception):
    """The file cannot be written or read back; the message says why, in one sentence."""


@dataclass(frozen=True)
class Header:
    """The first line. `keys`: fingerprints of the keys in use, by what they are for; never the keys."""

    revision: str
    made_at: str
    keys: Mapping[str, str]
    tables: Mapping[str, Columns]


def describe(metadata: MetaData) -> dict[str, Columns]:
    """The tables in an order in which each comes after those it refers to."""
    return {
        one.name: tuple((column.name, kind_of(column.type)) for column in one.columns)
        for one in _kept(metadata)
    }


def _kept(metadata: MetaData) -> list[Table]:
    """What a backup holds: every table but those that are about one database alone."""
    return [one for one in metadata.sorted_tables if not one.info.get(OF_THIS_DATABASE)]


@contextmanager
def snapshot(connection: Connection) -> Iterator[Connection]:
    """One moment of the database, however long the reading takes, without holding up who writes."""
    if connection.dialect.name == "postgresql":
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    with connection.begin():
        yield connection


def count(connection: Connection, metadata: MetaData) -> int:
    """How many rows a backup would hold."""
    return sum(
        connection.execute(select(func.count()).select_from(one)).scalar_one() for one in _kept(metadata)
    )


def write(connection: Connection, metadata: MetaData, header: Header, out: IO[bytes], step: Step) -> Ends:
    """Writes everything that this snapshot holds. `step` is told how many rows were written since."""
    ends: Ends = {}
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=5, mtime=0) as packed:
        _say(packed, {"format": FORMAT, "version": VERSION, **asdict(header)})
        for one in _kept(metadata):
            _say(packed, {"table": one.name})
            ends[one.name] = _write_rows(connection, one, header.tables[one.name], packed, step)
            _say(packed, {"end": one.name, "rows": ends[one.name][0], "sha256": ends[one.name][1]})
        _say(packed, {"whole": True, "tables": len(ends)})
    return ends


def sums(connection: Connection, header: Header) -> Ends:
    """The same sums of a database that was filled from a backup, read from its tables."""
    ends: Ends = {}
    for name, columns in header.tables.items():
        tally = Tally()
        for lines in _lines(connection, typed(name, columns), columns):
            tally.add(lines)
        ends[name] = tally.end
    return ends


def _say(out: gzip.GzipFile, told: Mapping[str, Any]) -> None:
    out.write(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


def _write_rows(
    connection: Connection, one: Table, columns: Columns, out: gzip.GzipFile, step: Step
) -> tuple[int, str]:
    tally = Tally()
    for lines in _lines(connection, typed(one.name, columns), columns):
        tally.add(lines)
        out.write(b"\n".join(lines) + b"\n")
        step(len(lines))
    return tally.end


def _lines(connection: Connection, one: Any, columns: Columns) -> Iterator[list[bytes]]:
    keys = [one.c.id] if "id" in one.c else _every(one, columns, connection.dialect.name)
    wanted = select(*one.c).order_by(*keys)
    found = connection.execute(wanted, execution_options={"yield_per": AT_ONCE})
    for rows in found.partitions():
        yield [line(tuple(row), columns) for row in rows]


def _every(one: Any, columns: Columns, dialect: str) -> list[Any]:
    """Every column of a table without ids, letters in the order of their bytes: each database has its own."""
    by_bytes = dialect == "postgresql"
    return [
        one.c[name].collate("C") if by_bytes and kind == "text" else one.c[name] for name, kind in columns
    ]


def read(packed: IO[bytes], fill: Callable[[Header], Connection], step: Step) -> tuple[Header, Ends]:
    """Reads a backup into the empty tables of the connection that `fill` gives for its header.

    The caller commits, or rolls back where this raises BackupError: a line that does not fit, a sum that is
    not the one it should be, or a file that ends too early.
    """
    try:
        with gzip.GzipFile(fileobj=packed, mode="rb") as lines:
            header = _header(lines)
            connection = fill(header)
            ends = {name: _read_rows(lines, connection, name, header, step) for name in header.tables}
            if _told(lines) != {"whole": True, "tables": len(ends)} or lines.read(1):
                raise BackupError("The file does not say that it is whole.")
    except DBAPIError as problem:
        raise BackupError(f"What the file holds does not fit together: {problem.orig}.") from problem
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError, KeyError, TypeError) as problem:
        raise BackupError(f"The file is damaged or not a backup: {problem}.") from problem
    _set_counters(connection, header)
    return header, ends


def _told(lines: gzip.GzipFile) -> Any:
    return json.loads(lines.readline(_LONGEST_LINE) or b"null")


def _header(lines: gzip.GzipFile) -> Header:
    told = _told(lines)
    if not isinstance(told, dict) or told.pop("format", "") != FORMAT:
        raise BackupError("This is not a backup of Red Bag.")
    if told.pop("version") != VERSION:
        raise BackupError("This backup was made by a newer version: use that version to read it.")
    tables = {name: tuple((one, kind) for one, kind in columns) for name, columns in told["tables"].items()}
    return Header(**(told | {"tables": tables}))


def _read_rows(
    lines: gzip.GzipFile, connection: Connection, name: str, header: Header, step: Step
) -> tuple[int, str]:
    if _told(lines) != {"table": name}:
        raise BackupError(f"The rows of {name} are not where they should be.")
    columns, tally = header.tables[name], Tally()
    into, end = insert(typed(name, columns)), b'{"end":'
    rows = (one.rstrip(b"\n") for one in iter(lambda: lines.readline(_LONGEST_LINE), b""))
    last = b""

    def until_the_end() -> Iterator[bytes]:
        nonlocal last
        for last in rows:
            if last.startswith(end):
                return
            yield last

    coming = until_the_end()
    while some := list(islice(coming, AT_ONCE)):
        tally.add(some)
        connection.execute(into, [values(json.loads(one), columns) for one in some])
        step(len(some))
    if json.loads(last or b"null") != {"end": name, "rows": tally.rows, "sha256": tally.end[1]}:
        raise BackupError(f"The rows of {name} are not those that were written.")
    return tally.end


def _set_counters(connection: Connection, header: Header) -> None:
    """PostgreSQL counts ids apart from the rows: the next one comes after the newest."""
    if connection.dialect.name != "postgresql":
        return
    for name, columns in header.tables.items():
        if ("id", "int") in columns:
            newest = connection.execute(select(func.max(typed(name, columns).c.id))).scalar()
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :at, :used)"),
                {"name": name, "at": newest or 1, "used": newest is not None},
            )


def put(path: Path, fill: Callable[[IO[bytes]], Any], recipients: tuple[str, ...] = ()) -> Any:
    """Makes the file from what `fill` writes, encrypted to age recipients where there are some.

    It gets its name when it is whole and on the disk; nobody but its owner may read it. Raises BackupError
    where it exists already or a recipient is not one.
    """
    if path.exists():
        raise BackupError(f"{path} exists already: name another file.")
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            answer = _encrypted(out, fill, recipients) if recipients else fill(out)
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return answer


def _encrypted(out: IO[bytes], fill: Callable[[IO[bytes]], Any], recipients: tuple[str, ...]) -> Any:
    try:
        to = [pyrage.x25519.Recipient.from_str(one) for one in recipients]
    except pyrage.RecipientError as problem:
        raise BackupError(f"This is not an age recipient (age1…): {problem}.") from None
    return piped(fill, lambda source: pyrage.encrypt_io(source, out, to))[0]


@contextmanager
def opened(path: Path, identity: str = "") -> Iterator[IO[bytes]]:
    """The packed lines of a backup, decrypted with an age identity where it is encrypted."""
    with path.open("rb") as file:
        encrypted = file.read(len(_AGE)) == _AGE
        file.seek(0)
        if not encrypted:
            yield file
            return
        if not identity:
            raise BackupError("This backup is encrypted: say where the identity is (--identity FILE).")
        yield from _decrypted(file, identity)


_AGE = b"age-encryption.org/"


def _decrypted(file: IO[bytes], identity: str) -> Iterator[IO[bytes]]:
    try:
        key = pyrage.x25519.Identity.from_str(identity)
    except pyrage.IdentityError as problem:
        raise BackupError(f"The identity is not one of age (AGE-SECRET-KEY-…): {problem}.") from None
    read_end, write_end = os.pipe()
    failed: list[Exception] = []

    def decrypt() -> None:
        with os.fdopen(write_end, "wb") as out:
            try:
                pyrage.decrypt_io(file, out, [key])
            except (pyrage.DecryptError, OSError) as problem:
                failed.append(problem)

    worker = threading.Thread(target=decrypt)
    worker.start()
    try:
        with os.fdopen(read_end, "rb") as source:
            yield source
    except BackupError:
        if failed:
            raise BackupError(f"The backup cannot be decrypted with this identity: {failed[0]}.") from None
        raise
    finally:
        worker.join()


def piped(fill: Callable[[IO[bytes]], Any], drain: Callable[[IO[bytes]], Any]) -> tuple[Any, Any]:
    """What `fill` writes, `drain` reads at the same time; what both return. The first error is raised."""
    read_end, write_end = os.pipe()
    drained: list[Any] = []
    failed: list[BaseException] = []

    def draining() -> None:
        with os.fdopen(read_end, "rb") as source:
            try:
                drained.append(drain(source))
            except BaseException as problem:
                failed.append(problem)

    worker = threading.Thread(target=draining)
    worker.start()
    try:
        with os.fdopen(write_end, "wb") as out:
            filled = fill(out)
    except BrokenPipeError:
        filled = None  # the reader has given up, and says why below
    finally:
        worker.join()
    if failed:
        raise failed[0]
    return filled, drained[0]
