"""Runs the measurements named on the command line, or all, and prints the table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from benches import paper, scan
from benches.measure import Row

BENCHES: dict[str, Callable[[], list[Row]]] = {
    "pack": lambda: [paper.pack()],
    "label": lambda: [paper.label()],
    "scan": scan.scan,
}


def main(names: Sequence[str]) -> int:
    """Print the rows of each measurement; the exit status says whether all are within their limits."""
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"No bench called {', '.join(unknown)}. There are: {', '.join(BENCHES)}.", file=sys.stderr)
        return 2
    print(f"{'what':<22}{'ours':>10}{'bare':>10}{'ratio':>8}{'limit':>8}")
    rows = []
    for name in names or BENCHES:
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
