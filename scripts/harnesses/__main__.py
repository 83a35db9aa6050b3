"""Runs what is named on the command line; the exit status says whether anything was lost."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harnesses import crash

KILLS = 200


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'redbag.sqlite3'}"
        return
    from tests.databases import running_postgresql

    with running_postgresql() as server:
        yield server.create("crashed")


def main(words: Sequence[str]) -> int:
    """Crash each kind of database that is asked for."""
    parser = argparse.ArgumentParser(prog="scripts/harness")
    parser.add_argument("what", choices=["crash"])
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", action="append", choices=["sqlite", "postgresql"])
    asked = parser.parse_args(words)
    status = 0
    for kind in asked.database or ("sqlite", "postgresql"):
        print(f"{kind}, seed {asked.seed}", flush=True)
        with tempfile.TemporaryDirectory(prefix="redbag-crash-") as name, _database(kind, Path(name)) as url:
            faults = crash.run(Path(name), url, asked.kills, asked.seed)
        for fault in faults[:50]:
            print(f"  FAULT: {fault}")
        print("Nothing was lost and nothing was done twice." if not faults else f"{len(faults)} faults.")
        status = status or bool(faults)
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
