"""Two pieces of work timed in turns, so that whatever else the machine does falls on both alike."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Row:
    """One line of the table. Times in milliseconds; `limit` is how many times the bare work ours may take."""

    name: str
    ours: float
    bare: float
    limit: float
    note: str = ""

    @property
    def ratio(self) -> float:
        """Our time in units of the bare work's."""
        return self.ours / self.bare

    @property
    def holds(self) -> bool:
        """Whether ours stays within its limit."""
        return self.ratio <= self.limit


def race(ours: Callable[[], object], bare: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Medians in milliseconds of ours and of the bare work, run in turns after a warm-up of each."""
    for work in (ours, bare, ours, bare):
        work()
    times: dict[Callable[[], object], list[float]] = {ours: [], bare: []}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for work, found in times.items():
                start = perf_counter()
                work()
                found.append((perf_counter() - start) * 1000)
            gc.collect()
    finally:
        gc.enable()
    return median(times[ours]), median(times[bare])
