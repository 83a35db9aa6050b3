"""Runs what is named on the command line; the exit status says whether anything was lost."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from harnesses import crash, crowd, faults, sites, upgrade
from harnesses.disks import UnavailableError


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'redbag.sqlite3'}"
        return
    from tests.databases import running_postgresql

    with running_postgresql() as server:
        yield server.create("crashed")


def _crash(asked: argparse.Namespace, kind: str) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="redbag-crash-") as name:
        folder = Path(name) / "instance"
        folder.mkdir()
        with _database(kind, folder) as url:
            plan = crash.Plan(asked.kills, asked.seed, asked.longest, asked.clients, asked.whole_every)
            return crash.run(folder, url, plan)


def _faults(asked: argparse.Namespace, kind: str) -> list[str]:
    from tests.databases import running_postgresql

    found = []
    with running_postgresql() if kind == "postgresql" else nullcontext() as server:
        for fault in sites.FAULTS:
            if kind not in fault.on or (asked.fault and asked.fault not in fault.name):
                continue
            print(f" {fault.name}", flush=True)
            with tempfile.TemporaryDirectory(prefix="redbag-fault-") as name:
                try:
                    with sites.site(Path(name), kind, fault, server) as site:
                        met = faults.endure(site, fault)
                except UnavailableError as problem:
                    print(f"  LEFT OUT: {problem}")
                    continue
            for one in met[:20]:
                print(f"  FAULT: {one}")
            found += [f"{fault.name}: {one}" for one in met]
    return found


def _crowd(asked: argparse.Namespace, kind: str) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="redbag-crowd-") as name:
        folder = Path(name) / "instance"
        folder.mkdir()
        with _database(kind, folder) as url:
            return crowd.run(folder, url, asked.seconds, asked.writers, asked.readers)


def _upgrade(asked: argparse.Namespace, kind: str) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="redbag-upgrade-") as name:
        folder = Path(name) / "instance"
        folder.mkdir()
        with _database(kind, folder) as url:
            return upgrade.run(folder, url, Path(asked.old).resolve())


_ALL = {"crash": _crash, "faults": _faults, "crowd": _crowd, "upgrade": _upgrade}


def main(words: Sequence[str]) -> int:
    """Do what is asked to each kind of database that is asked for."""
    parser = argparse.ArgumentParser(prog="scripts/harness")
    parser.add_argument("what", choices=_ALL)
    parser.add_argument("--kills", type=int, default=crash.Plan.kills)
    parser.add_argument("--longest", type=float, default=crash.Plan.longest)
    parser.add_argument("--clients", type=int, default=crash.Plan.clients)
    parser.add_argument("--whole-every", type=int, default=crash.Plan.whole_every)
    parser.add_argument("--seconds", type=float, default=crowd.SECONDS)
    parser.add_argument("--writers", type=int, default=crowd.WRITERS)
    parser.add_argument("--readers", type=int, default=crowd.READERS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="old", default=".", help="the folder of the program to upgrade from")
    parser.add_argument("--fault", default="")
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"])
    asked = parser.parse_args(words)
    status = 0
    for kind in asked.database or ("sqlite", "postgresql"):
        print(f"{kind}, seed {asked.seed}", flush=True)
        found = _ALL[asked.what](asked, kind)
        for one in found[:50]:
            print(f"  FAULT: {one}")
        print(
            "Nothing was lost and nothing was done twice." if not found else f"{len(found)} faults.",
            flush=True,
        )
        status = status or bool(found)
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
