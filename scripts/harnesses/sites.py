"""The installations that faults are tried on, and the faults: what breaks, how long, and how it is mended."""

from __future__ import annotations

import io
import os
import re
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from harnesses.browser import Browser
from harnesses.disks import Disk, UnavailableError, small_disk
from harnesses.server import Server
from harnesses.work import sign_in

if TYPE_CHECKING:
    from tests.databases import PostgreSQL


_SERVER_MEGABYTES = 256  # an empty server and two pieces of its journal are a third of it


@dataclass
class Site:
    """A running installation. `disk`: where SQLite's file and the temporary files are; `clock`: the file that
    sets the server's clock."""

    server: Server
    url: str
    disk: Disk | None = None
    postgresql: PostgreSQL | None = None
    clock: Path | None = None
    lock: sqlite3.Connection | None = None
    look: Callable[[], list[str]] = field(default=lambda: [])

    @property
    def file(self) -> Path:
        """SQLite's file."""
        return Path(self.url.removeprefix("sqlite:///"))

    def pages(self) -> list[str]:
        """Pages of a carer at work: those that only read, those whose reading is written down, and paper."""
        browser = Browser(self.server.port)
        sign_in(browser)
        resident = _first(browser.get("/residents").text, "residents")
        photo = io.BytesIO()
        Image.new("RGB", (160, 200), (30, 90, 160)).save(photo, "JPEG")
        browser.attach(f"/residents/{resident}/photo", "face.jpg", photo.getvalue())
        shown = re.search(r"/papers/[0-9a-z]{16}/small.jpg", browser.get(f"/residents/{resident}").text)
        if shown is None:
            raise RuntimeError("The photo does not show.")
        journey = _first(browser.get("/transfers").text, "transfers")
        return [
            "/",
            "/residents",
            "/transfers",
            f"/residents/{resident}",
            shown[0],
            f"/transfers/{journey}",
            "/residents/new",
        ]


def _first(text: str, kind: str) -> str:
    found = re.search(rf'href="/{kind}/([0-9a-z]{{16}})', text)
    if found is None:
        raise RuntimeError(f"No {kind} on the page.")
    return found[1]


@dataclass(frozen=True)
class Fault:
    """`seconds`: how long it lasts. `is_felt`: whether some pages cannot work meanwhile. `spares`: pages that
    work all the same are those whose address does not have this in it; "": none need to. `within`: seconds in
    which every page must be answered, whatever it says; None: some may get no answer at all."""

    name: str
    seconds: float
    begin: Callable[[Site], object]
    end: Callable[[Site], object]
    on: tuple[str, ...] = ("sqlite", "postgresql")
    is_felt: bool = True
    spares: str = ""
    within: float | None = None


def _disk(site: Site) -> Disk:
    if site.disk is None:
        raise UnavailableError("there is no disk of its own")
    return site.disk


def _move_away(site: Site) -> None:
    """The file is gone, as where its disk was unmounted: the folder is there, and empty."""
    aside = site.file.with_name("aside")
    aside.mkdir()
    for one in site.file.parent.glob(f"{site.file.name}*"):
        one.rename(aside / one.name)


def _move_back(site: Site) -> None:
    aside = site.file.with_name("aside")
    for one in aside.iterdir():
        one.replace(site.file.with_name(one.name))
    aside.rmdir()


def _lock(site: Site) -> None:
    site.lock = sqlite3.connect(site.file, isolation_level=None, check_same_thread=False)
    site.lock.execute("BEGIN IMMEDIATE")


def _unlock(site: Site) -> None:
    if site.lock is not None:
        site.lock.close()


def _server(site: Site) -> PostgreSQL:
    if site.postgresql is None:
        raise UnavailableError("there is no database server")
    return site.postgresql


def _room_again(site: Site) -> None:
    """Whoever starts PostgreSQL (systemd) starts it again, where it gave up."""
    _disk(site).clear()
    _server(site).start()


def _kill_one(site: Site) -> None:
    with suppress(ProcessLookupError):
        os.kill(site.server.workers()[0], signal.SIGKILL)


def _nothing(_site: Site) -> None:
    return


def _clock(moved: str) -> Callable[[Site], None]:
    def move(site: Site) -> None:
        if site.clock is None:
            raise UnavailableError("the server was started with the machine's own clock")
        whole = site.clock.with_suffix(".new")
        whole.write_text(moved)
        whole.replace(site.clock)

    return move


def _pictures(before: str, after: str) -> Callable[[Site], None]:
    """The table of photos and papers is there, or is not: they are rows (ADR 8)."""

    def rename(site: Site) -> None:
        change = f"ALTER TABLE {before} RENAME TO {after}"
        if site.postgresql is not None:
            with site.postgresql.connect("faults") as connection:
                connection.execute(change)
            return
        file = sqlite3.connect(site.file, isolation_level=None, timeout=20)
        file.execute("PRAGMA legacy_alter_table = ON")
        file.execute(change)
        file.close()

    return rename


FAULTS = (
    Fault("disk full", 15, lambda s: _disk(s).fill(), lambda s: _disk(s).clear(), ("sqlite",)),
    Fault(
        "disk read-only",
        15,
        lambda s: _disk(s).refuse_writes(),
        lambda s: _disk(s).take_writes(),
        ("sqlite",),
    ),
    Fault("database away", 30, _move_away, _move_back, ("sqlite",)),
    Fault("database locked by another program", 30, _lock, _unlock, ("sqlite",)),
    Fault("database away", 30, lambda s: _server(s).stop(), lambda s: _server(s).start(), ("postgresql",)),
    Fault("database disk full", 30, lambda s: _disk(s).fill(), _room_again, ("postgresql",), within=30),
    Fault(
        "database hangs",
        60,
        lambda s: _server(s).freeze(),
        lambda s: _server(s).thaw(),
        ("postgresql",),
        within=30,
    ),
    Fault("clock an hour ahead", 10, _clock("3600"), _clock("0"), is_felt=False),
    Fault("clock an hour behind", 10, _clock("-3600"), _clock("0"), is_felt=False),
    Fault("a worker killed", 5, _kill_one, _nothing, is_felt=False),
    Fault(
        "image store away",
        10,
        _pictures("kept_files", "kept_aside"),
        _pictures("kept_aside", "kept_files"),
        spares="/papers/",
    ),
)


@contextmanager
def site(parent: Path, kind: str, fault: Fault, postgresql: PostgreSQL | None) -> Iterator[Site]:
    """A new installation that serves. Raises UnavailableError where this machine cannot make the fault."""
    folder = parent / fault.name.replace(" ", "-")
    clock = folder.with_name("clock") if "clock" in fault.name else None
    if clock:
        clock.write_text("0")
    if kind == "postgresql":
        if postgresql is None:
            raise UnavailableError("there is no database server")
        folder.mkdir()
        if "disk" in fault.name:
            with _on_a_disk(folder) as made:
                yield made
            return
        url = postgresql.create("faults")
        with _served(Server(folder, url, clock=clock), url) as made:
            made.postgresql, made.clock = postgresql, clock
            yield made
        return
    url = f"sqlite:///{folder / 'redbag.sqlite3'}"
    if "disk" in fault.name:
        with small_disk(folder) as disk, _served(Server(folder, url), url) as made:
            made.disk = disk
            yield made
        return
    folder.mkdir()
    with _served(Server(folder, url, clock=clock), url) as made:
        made.clock = clock
        yield made


@contextmanager
def _on_a_disk(folder: Path) -> Iterator[Site]:
    """A database server of its own on a small disk of its own, as durable as an operator's."""
    from tests.databases import running_postgresql

    folder.parent.chmod(0o755)  # the server runs as somebody else
    with (
        small_disk(folder.with_name("disk"), _SERVER_MEGABYTES) as disk,
        running_postgresql(disk.folder / "postgresql") as postgresql,
    ):
        with postgresql.connect("postgres") as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM RESET {setting}")
            connection.execute("SELECT pg_reload_conf()")
        url = postgresql.create("faults")
        with _served(Server(folder, url), url) as made:
            made.postgresql, made.disk = postgresql, disk
            yield made


@contextmanager
def _served(server: Server, url: str) -> Iterator[Site]:
    server.install()
    server.start()
    try:
        yield Site(server, url)
    finally:
        server.stop()
        said = server.log.read_text(errors="replace")
        if "Traceback" in said:
            print(f"  the server's log has {said.count('Traceback')} traces; the last: …{said[-1500:]}")
