"""The figures of many groups of stays at once, from columns.

The same as stays_by_month.Figures makes of one group's histogram; tests hold these to it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from redbag.domain.column_text import Numbers
from redbag.domain.stays_by_month import Figures

NONE = Figures(0, None, None, None)
"""The figures of no stays."""


def figures_of(group: Numbers, days: Numbers, n: Numbers) -> dict[int, Figures]:
    """The figures of each group that has stays: so many (`n`, at least one) of that group lasted so many
    days, in any order and as often as they come."""
    if not len(days):
        return {}
    order = np.lexsort((days, group))
    lengths, counts = days[order], n[order]
    keys, starts = np.unique(group[order], return_index=True)
    up_to = np.cumsum(counts)
    before = up_to[starts] - counts[starts]
    total = np.append(up_to[starts[1:] - 1], up_to[-1]) - before

    def stay(place: Numbers) -> Numbers:
        """The length of this stay of each group, in order, the shortest 0."""
        found: Numbers = lengths[np.searchsorted(up_to, before + place, side="right")]
        return found

    mean = np.add.reduceat(lengths * counts, starts) / total
    median = (stay((total - 1) // 2) + stay(total // 2)) / 2
    # The 90th percentile lies so many tenths beyond a stay, towards the one that follows.
    place, tenths = np.divmod(9 * (total - 1), 10)
    below, above = stay(place), stay(np.minimum(place + 1, total - 1))
    p90 = (10 * below + (above - below) * tenths) / 10
    columns = (keys.tolist(), total.tolist(), mean.tolist(), median.tolist(), p90.tolist())
    return {key: Figures(*figures) for key, *figures in zip(*columns, strict=True)}


class ByValue:
    """How many stays of each value of a factor ended at each length in days."""

    def __init__(self, keys: Iterable[str], value: Numbers, days: Numbers, n: Numbers) -> None:
        """`value`: a place among `keys` for each length of a value, `n`: how many such stays, at least one.
        A key may stand in several places: what they hold is counted together."""
        named = list(keys)
        self.keys = tuple(dict.fromkeys(named))
        first = {key: place for place, key in enumerate(self.keys)}
        self._value = np.array([first[key] for key in named], np.int64)[value]
        self._days, self._n = days, n

    @classmethod
    def of(cls, lengths: Mapping[str, Mapping[int, int]]) -> ByValue:
        """From a histogram for each value."""
        cells = [
            (place, days, n)
            for place, by_days in enumerate(lengths.values())
            for days, n in by_days.items()
            if n
        ]
        columns = np.array(cells, np.int64).reshape(-1, 3)
        return cls(lengths, columns[:, 0], columns[:, 1], columns[:, 2])

    def figures(self) -> dict[str, Figures]:
        """The figures of each value that has stays."""
        found = figures_of(self._value, self._days, self._n)
        return {self.keys[place]: figures for place, figures in found.items()}

    def together(self, *, without: Iterable[str] = ()) -> Figures:
        """The figures of all values as one group, but for those `without`."""
        left_out = set(without)
        kept = np.array([key not in left_out for key in self.keys], np.bool_)[self._value]
        everything = figures_of(np.zeros(int(kept.sum()), np.int64), self._days[kept], self._n[kept])
        return everything.get(0, NONE)

    def totals(self) -> Counter[str]:
        """How many stays each value has."""
        n = np.bincount(self._value, self._n, len(self.keys)).astype(np.int64)
        return Counter(dict(zip(self.keys, n.tolist(), strict=True)))

    def lengths(self) -> dict[str, Counter[int]]:
        """The histogram of each value that has stays."""
        found: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for place, days, n in zip(self._value.tolist(), self._days.tolist(), self._n.tolist(), strict=True):
            found[self.keys[place]][days] += n
        return dict(found)
