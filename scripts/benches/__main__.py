"""Runs the measurements named on the command line, or all, and prints the table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benches import paper, scan
from benches.measure import Row

BENCHES: dict[str, Callable[[], list[Row]]] = {
    "pack": lambda: [paper.pack()],
    "label-pdf": lambda: [paper.label()],
    "scan": scan.scan,
}

DAMAGED = 6000
SEED = 4
HOSTS = ("https://redbag.nhs.uk", "https://redbag.example.nhs.uk", "https://redbag.combe-hospitals.nhs.uk")
"""A short, a middling and a long one: the length decides how much mending an address has room for."""


def main(words: Sequence[str]) -> int:
    """Run what is named; the exit status says whether all of it holds."""
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("names", nargs="*", metavar="name")
    parser.add_argument("--images", type=int, default=DAMAGED)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--levels", action="store_true")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--sizes", type=_sizes, default=None)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--people", type=int, default=None)
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("--journeys", type=int, default=None)
    parser.add_argument("--pause", type=float, default=None)
    parser.add_argument("--base-url", action="append")
    asked = parser.parse_args(words)
    names = [name for name in asked.names or BENCHES if name not in ("label", "reports", "load", "pages")]
    status = _times(names) if names else 0
    databases = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    if "load" in asked.names:
        status = max(status, _load(asked, databases))
    if "pages" in asked.names:
        # The browser is for this one alone.
        from benches import pages

        status = max(status, pages.main())
    if "reports" in asked.names:
        # The demo and DuckDB are for this one alone.
        from benches import reports

        status = max(status, reports.main(asked.sizes or reports.SIZES, databases, asked.keep))
    if "label" not in asked.names:
        return status
    # OpenCV takes a second to load; the timings do without it.
    from benches import label_scan

    images = DAMAGED // 10 if asked.quick else asked.images
    return max(status, label_scan.main(images, asked.base_url or HOSTS, asked.seed, levels=asked.levels))


def _load(asked: argparse.Namespace, databases: Sequence[str]) -> int:
    from benches import load

    given = {name: getattr(asked, name) for name in ("people", "seconds", "journeys", "pause")}
    day = load.Day(**{name: value for name, value in given.items() if value is not None})
    return load.main(day, databases, asked.keep)


def _sizes(text: str) -> tuple[int, ...]:
    """Numbers of journeys, with commas between them."""
    return tuple(int(part) for part in text.split(","))


def _times(names: Sequence[str]) -> int:
    print(f"{'what':<22}{'ours':>10}{'bare':>10}{'ratio':>8}{'limit':>8}")
    rows = []
    for name in names:
        for row in BENCHES[name]():
            rows.append(row)
            limit = f"{row.limit:>7.1f}x" if row.limit else f"{'none':>8}"
            verdict = "" if row.limit is None else "within" if row.holds else "OVER"
            print(
                f"{row.name:<22}{row.ours:>7.2f} ms{row.bare:>7.2f} ms{row.ratio:>7.2f}x{limit}"
                f"  {verdict:<6}  {row.note}",
                flush=True,
            )
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
