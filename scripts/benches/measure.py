"""Two pieces of work timed in turns, so that whatever else the machine does falls on both alike."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Row:
    """One line of the table. Times in milliseconds; `limit` is how many times the bare work ours may take,
    None for a line that is there to be known."""

    name: str
    ours: float
    bare: float
    limit: float | None
    note: str = ""

    @property
    def ratio(self) -> float:
        """Our time in units of the bare work's."""
        return self.ours / self.bare

    @property
    def holds(self) -> bool:
        """Whether ours stays within its limit."""
        return self.limit is None or self.ratio <= self.limit


def race(
    ours: Callable[[], object], bare: Callable[[], object], rounds: int, burst: int = 1
) -> tuple[float, float]:
    """Medians in milliseconds for one piece of ours and of the bare work, run in turns of `burst` pieces.

    A warm-up of each comes first. What is loaded by then is kept out of the collector of garbage, as the
    server does; what the work itself leaves behind is collected as it would be in service.
    """
    for work in (ours, bare) * 10:
        work()
    times: dict[Callable[[], object], list[float]] = {ours: [], bare: []}
    gc.collect()
    gc.freeze()
    try:
        for _ in range(rounds):
            for work, found in times.items():
                start = perf_counter()
                for _ in range(burst):
                    work()
                found.append((perf_counter() - start) * 1000 / burst)
    finally:
        gc.unfreeze()
    return median(times[ours]), median(times[bare])
