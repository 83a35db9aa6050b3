"""Stays as columns of numbers: what a hospital's report counts in one go instead of one stay at a time.

The rules are those of StayCounts.of, data_quality.count and readmissions.count, which take single stays, and
tests hold these to them. Days are numbers as date.toordinal gives them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from redbag.domain.column_text import Coded, Mask, Numbers, days_listed, numbers_listed, words_listed
from redbag.domain.discharge_papers import Summaries, counted
from redbag.domain.figures_in_columns import ByValue
from redbag.domain.report_filter import AGE_BANDS, BAGS, FIRST_AGE_AFTER, NOT_RECORDED, WEEKDAYS, ReportFilter
from redbag.domain.stay_counts import StayCounts, StayFacts
from redbag.domain.stays_by_month import add_months, first_whole_month

NOBODY = -1
"""No hospital, no ward, no resident, no age, no day on which the person was ready, nothing known of a bag."""
NEVER = 2**40
"""The day of discharge of a stay that has none: later than every day."""
NOTHING_THE_SAME: Mapping[str, int] = MappingProxyType({})
_FIRST = date(1970, 1, 1).toordinal()
_BAGS = {NOBODY: "unknown", 0: "without", 1: "with"}
_BANDS = tuple(key for key, _ in AGE_BANDS)
_BAND_STARTS = np.array([0, *(age for age, _ in FIRST_AGE_AFTER)])
_WIDE = 2**20
"""More days than any stay has, and as many below none: a month and a number of days become one number."""


@dataclass(frozen=True, eq=False)
class StayColumns:
    """The facts of StayFacts, a column each, in its order. `joined`: 0 for a home from the beginning.

    After them what was said of the discharge summary (domain/discharge_papers.py), "" of single stays.
    """

    home: Numbers
    hospital: Numbers
    ward: Numbers
    reason: Coded
    age: Numbers
    bag: Numbers
    admitted: Numbers
    ended: Numbers
    ready: Numbers
    ended_as: Coded
    journey_type: Coded
    source: Coded
    joined: Numbers
    resident: Numbers
    summary: Coded
    papers_missing: Coded

    @classmethod
    def of_lists(cls, columns: Sequence[Sequence[Any]]) -> Self:
        """From a list for each column: words as they are, days and all else as whole numbers."""
        made: list[Any] = [
            Coded.of(column) if name in _WORDS else np.array(column, np.int64)
            for name, column in zip(_NAMES, columns, strict=True)
        ]
        return cls(*made)

    @classmethod
    def of_listed(
        cls,
        parts: Sequence[Sequence[Any]],
        first_days: Callable[[list[int]], Mapping[int, date | None]],
        same: Mapping[str, int] = NOTHING_THE_SAME,
    ) -> Self:
        """From what a database lists of some parts one after the other, so that it hands thousands of stays
        over as one row: a text or bytes for each column of NUMBERS as numbers_listed takes it, for each of
        DAYS as days_listed does, and a text for all of WORDS as words_listed does; None of no stays. `same`:
        the columns of NUMBERS that are not among them, since all stays have this number there. `first_days`:
        those of the homes with these numbers."""
        names = [name for name in NUMBERS if name not in same]
        listed = dict(zip((*names, *DAYS, "words"), zip(*parts, strict=True), strict=True))
        made: dict[str, Any] = {name: numbers_listed(listed[name]) for name in names}
        made |= {name: days_listed(listed[name], missing) for name, missing in DAYS.items()}
        made |= words_listed(listed["words"], WORDS)
        made |= {name: np.full(len(made["resident"]), number, np.int64) for name, number in same.items()}
        homes, places = np.unique(made["home"], return_inverse=True)
        known = first_days(homes.tolist())
        joined = [day.toordinal() if (day := known[home]) else 0 for home in homes.tolist()]
        return cls(**made, joined=np.array(joined, np.int64)[places])

    @classmethod
    def of(cls, stays: Iterable[StayFacts]) -> Self:
        """From single stays."""
        bags = {word: number for number, word in _BAGS.items()}
        rows = [
            (
                one.home_id,
                *(NOBODY if number is None else number for number in (one.hospital_id, one.ward_id)),
                one.reason,
                NOBODY if one.age is None else one.age,
                bags[one.bag],
                one.admitted_on.toordinal(),
                NEVER if one.discharged_on is None else one.discharged_on.toordinal(),
                NOBODY if one.ready_on is None else one.ready_on.toordinal(),
                one.ended_as,
                one.journey_type,
                one.source,
                0 if one.joined_on is None else one.joined_on.toordinal(),
                NOBODY if one.drawn_with is None else one.drawn_with,
                "",
                "",
            )
            for one in stays
        ]
        return cls.of_lists(list(zip(*rows, strict=True)) if rows else [()] * len(_NAMES))

    def __len__(self) -> int:
        return len(self.home)

    def and_(self, others: StayColumns) -> StayColumns:
        """These stays, and after them others."""
        if not len(others):
            return self
        made: list[Any] = []
        for name in _NAMES:
            one, other = getattr(self, name), getattr(others, name)
            made.append(one.and_(other) if isinstance(one, Coded) else np.concatenate((one, other)))
        return StayColumns(*made)

    def where(self, kept: Mask) -> StayColumns:
        """The stays at which the mask is true."""
        columns = (getattr(self, name) for name in _NAMES)
        made: list[Any] = [one.where(kept) if isinstance(one, Coded) else one[kept] for one in columns]
        return StayColumns(*made)

    def first_days(self) -> dict[int, date | None]:
        """The first day of each home of these stays, None of one from the beginning."""
        homes, places = np.unique(self.home, return_index=True)
        days = self.joined[places].tolist()
        return {
            home: date.fromordinal(day) if day else None
            for home, day in zip(homes.tolist(), days, strict=True)
        }

    def residents_of_ended(self, since: date) -> list[int]:
        """Whose stays ended on `since` or later, each once."""
        ended = (self.ended >= since.toordinal()) & (self.ended < NEVER) & (self.resident != NOBODY)
        found: list[int] = np.unique(self.resident[ended]).tolist()
        return found

    @cached_property
    def contradictory(self) -> Mask:
        """Over before it began."""
        return np.asarray(self.ended < self.admitted)

    @cached_property
    def counts(self) -> Mask:
        """Begun when its home used the red bag."""
        return np.asarray(self.admitted >= self.joined)

    @property
    def settled(self) -> StayColumns:
        """Those that did not end in the first months of their home's records, which read too short."""
        return self.where(self.ended >= whole_from(self.joined))

    @cached_property
    def days(self) -> Numbers:
        """The length in days; of an open stay a number without a meaning."""
        return np.asarray(self.ended - self.admitted)

    @cached_property
    def month_ended(self) -> Numbers:
        """The month of discharge (see months_of); of an open stay a number without a meaning."""
        return months_of(np.where(self.ended < NEVER, self.ended, _FIRST))

    def chosen(self, chosen: ReportFilter, number: Callable[[str], int | None]) -> StayColumns:
        """The stays that a filter keeps, whatever the month. `number`: a place's number by its reference."""
        return self.where(self.keeps(chosen, number)) if chosen.has_factors else self

    def keeps(self, chosen: ReportFilter, number: Callable[[str], int | None]) -> Mask:
        """Which stays a filter keeps."""
        kept = np.ones(len(self), np.bool_)
        for ref, column in (
            (chosen.home_ref, self.home),
            (chosen.hospital_ref, self.hospital),
            (chosen.ward_ref, self.ward),
        ):
            place = number(ref) if ref else None
            if place is not None:
                kept &= column == place
        if chosen.reason:
            kept &= self.reason.is_("" if chosen.reason == NOT_RECORDED else chosen.reason)
        if chosen.age_band:
            kept &= self._bands == _BANDS.index(chosen.age_band)
        if chosen.bag:
            kept &= self.bag == next(code for code, word in _BAGS.items() if word == chosen.bag)
        if chosen.weekday:
            kept &= (self.ended < NEVER) & (self._weekdays == _WEEKDAYS.index(chosen.weekday))
        return kept

    @cached_property
    def _bands(self) -> Numbers:
        """The place of each age among AGE_BANDS."""
        known = np.searchsorted(_BAND_STARTS, self.age, side="right") - 1
        return np.where(self.age == NOBODY, _BANDS.index(NOT_RECORDED), known)

    @cached_property
    def _weekdays(self) -> Numbers:
        return np.asarray((self.ended + 6) % 7)

    def values(self, factor: str) -> tuple[Numbers, Callable[[int], str]]:
        """The value of a factor of stay_groups.FACTORS for each stay, as a number, and what its key is."""
        if factor in _CODED:
            column: Coded = getattr(self, factor)
            return column.codes, lambda code: column.words[code] or NOT_RECORDED
        if factor in _PLACES:
            nowhere = _PLACES[factor]
            return getattr(self, factor), lambda number: nowhere if number == NOBODY else str(number)
        if factor == "bag":
            return self.bag, _BAGS.__getitem__
        numbers, keys = (self._bands, _BANDS) if factor == "age" else (self._weekdays, _WEEKDAYS)
        return numbers, keys.__getitem__


_NAMES = tuple(StayColumns.__dataclass_fields__)
_WORDS = frozenset(one.name for one in StayColumns.__dataclass_fields__.values() if one.type == "Coded")
DAYS = {"admitted": NEVER, "ended": NEVER, "ready": NOBODY}
"""What stands for no day in each column of days that of_listed takes."""
NUMBERS = tuple(name for name in _NAMES if name not in (*_WORDS, *DAYS, "joined"))
WORDS = tuple(name for name in _NAMES if name in _WORDS)
"""The other columns that of_listed takes, in its order."""
_WEEKDAYS = tuple(key for key, _ in WEEKDAYS)
_CODED = ("reason", "ended_as")
_PLACES = {"home": "", "hospital": NOT_RECORDED, "ward": ""}
assert set(_BAGS.values()) == {key for key, _ in BAGS}  # noqa: S101 - both are written by hand


def whole_from(joined: Numbers) -> Numbers:
    """The first day of the first month that may be shown of homes that began on these days; 0 where a home
    was there from the beginning (0)."""
    days, places = np.unique(joined, return_inverse=True)
    first = [first_whole_month(date.fromordinal(day)).toordinal() if day else 0 for day in days.tolist()]
    return np.array(first, np.int64)[places]


def months_of(days: Numbers) -> Numbers:
    """The months of days, counted from the first month that numpy knows."""
    return (days - _FIRST).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_number(day: date) -> int:
    """The month of a day as months_of counts it."""
    return (day.year - 1970) * 12 + day.month - 1


def count(stays: StayColumns, as_of: date) -> StayCounts:
    """What StayCounts.of makes of the same stays."""
    found = StayCounts(as_of)
    until = as_of.toordinal()
    whole = ~stays.contradictory
    seen = whole & (stays.admitted <= until)
    over = seen & (stays.ended <= until)
    still = stays.where(seen & (stays.ended > until))
    found.contradictory = int((~whole).sum())
    found.admitted_after = int((whole & (stays.admitted > until)).sum())
    found.open_before_joining = int((~still.counts).sum())
    admitted = still.admitted[still.counts]
    found.open.update({date.fromordinal(day): n for day, n in _counted(admitted)})
    early, closed = stays.where(over & ~stays.counts), stays.where(over & stays.counts)
    _by_month(found.before_joining, early.month_ended, early.days)
    _closed(found, closed)
    _nights(found, admitted, np.full(len(admitted), until))
    _nights(found, closed.admitted, closed.ended)
    return found


def _closed(found: StayCounts, closed: StayColumns) -> None:
    came, died, home = months_of(closed.admitted), closed.ended_as.is_("died"), closed.ended_as.is_("home")
    ready = closed.ready != NOBODY
    _by_month(found.closed, closed.month_ended, closed.days)
    _by_month(found.died, closed.month_ended[died], closed.days[died])
    _by_month(found.admitted, came, closed.days)
    _by_month(found.admitted_died, came[died], closed.days[died])
    _by_month(found.admitted_home, came[home], closed.days[home])
    _by_month(found.delays, closed.month_ended[ready], (closed.ended - closed.ready)[ready])


def _counted(numbers: Numbers) -> Iterable[tuple[int, int]]:
    """Each different number, and how many there are."""
    values, n = np.unique(numbers, return_counts=True)
    return zip(values.tolist(), n.tolist(), strict=True)


def _by_month(into: defaultdict[date, Counter[int]], months: Numbers, days: Numbers) -> None:
    """How many stays have each length, by month."""
    if not len(months):
        return
    cells, n = np.unique(months * _WIDE + days + _WIDE // 2, return_counts=True)
    month_of_cell, lengths = np.divmod(cells, _WIDE)
    different, starts = np.unique(month_of_cell, return_index=True)
    days_of_month = np.split(lengths - _WIDE // 2, starts[1:])
    for month, lasted, many in zip(different.tolist(), days_of_month, np.split(n, starts[1:]), strict=True):
        into[_month(month)].update(dict(zip(lasted.tolist(), many.tolist(), strict=True)))


def _month(number: int) -> date:
    return date(1970 + number // 12, number % 12 + 1, 1)


def _nights(found: StayCounts, admitted: Numbers, until: Numbers) -> None:
    """The midnights from one day to another, each in the month of the day that it ends."""
    while len(admitted):
        months = months_of(admitted)
        following = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + _FIRST
        nights = np.minimum(until, following) - admitted
        keys, places = np.unique(months, return_inverse=True)
        for month, n in zip(keys.tolist(), np.bincount(places, nights).tolist(), strict=True):
            found.bed_days[_month(month)] += int(n)
        on = following < until
        admitted, until = following[on], until[on]


def by_factor(
    stays: StayColumns, factors: Iterable[str], months: Collection[date], as_of: date
) -> dict[str, ByValue]:
    """The stays that ended in these months (the first day of each), once for each factor: how many of each
    length, by the factor's value."""
    wanted = np.isin(stays.month_ended, [month_number(month) for month in months])
    over = wanted & (stays.ended <= as_of.toordinal()) & ~stays.contradictory & stays.counts
    ended = stays.where(over)
    return {factor: _by_value(*ended.values(factor), ended.days) for factor in factors}


def _by_value(values: Numbers, key: Callable[[int], str], days: Numbers) -> ByValue:
    """`key`: what the key of a value is; a value may be -1."""
    cells, n = np.unique((values + 1) * _WIDE + days, return_counts=True)
    numbers, lengths = np.divmod(cells, _WIDE)
    different, places = np.unique(numbers, return_inverse=True)
    return ByValue([key(number - 1) for number in different.tolist()], places, lengths, n)


def lengths_of_two_years(
    stays: StayColumns, months: Collection[date], as_of: date, *, by_home: bool
) -> tuple[tuple[Numbers, Numbers], tuple[Numbers, Numbers]]:
    """Whose stay (NOBODY: nobody known) and how long, of those that ended in these months, and in the same
    ones a year before."""
    over = (stays.ended <= as_of.toordinal()) & ~stays.contradictory & stays.counts
    whose = stays.home if by_home else stays.resident
    now, then = (
        over & np.isin(stays.month_ended, [month_number(month) for month in wanted])
        for wanted in (months, [add_months(month, -12) for month in months])
    )
    return (whose[now], stays.days[now]), (whose[then], stays.days[then])


def summaries(stays: StayColumns, start: date, end: date) -> Summaries:
    """What became of the discharge summary of everybody who left hospital alive from `start` to `end`."""
    left = (stays.ended >= start.toordinal()) & (stays.ended <= end.toordinal())
    alive = left & stays.counts & ~stays.ended_as.is_("died")
    said, missing = stays.summary, stays.papers_missing
    pairs = said.codes[alive] * len(missing.words) + missing.codes[alive]
    return counted(
        (said.words[pair // len(missing.words)], missing.words[pair % len(missing.words)], n)
        for pair, n in _counted(pairs)
    )
