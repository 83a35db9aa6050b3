"""Readmissions from kept cells: the rule of domain/readmissions.py, for more stays than are read one by one.

What a stay adds by itself (that it is one that could be followed, ended in death, is of nobody known) is
among its own cells (domain/stay_counts.py). Whether it was followed depends on the other stays of the same
resident: those cells are made of all stays of a resident together, and made anew when any of them changes.
A cell's month and whole number are the day of the discharge, since the last 30 days are counted apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from redbag.domain import stay_counts
from redbag.domain.readmissions import WITHIN_DAYS, Readmissions, Spell, followed
from redbag.domain.stay_counts import ALL, NOT_AN_INDEX, Cells, Monthly, StayFacts
from redbag.domain.stays_by_month import first_day

READMITTED = "readmitted"
SERIES = (
    stay_counts.COULD_RETURN,
    READMITTED,
    stay_counts.NO_RETURN,
    stay_counts.NOBODY_KNOWN,
)


def spell(stay: StayFacts, *, counts: bool = True) -> Spell:
    """A stay as readmissions are counted from it. `counts`: whether the report asks about it."""
    emergency = stay.journey_type == "emergency"
    return Spell(
        stay.drawn_with,
        stay.admitted_on,
        stay.discharged_on,
        stay.ended_as,
        emergency,
        counts and stay.counts,
    )


def cells(spells: Iterable[Spell], into: Cells | None = None) -> Cells:
    """The cells of the stays that an emergency admission followed; of each resident all stays must be there,
    of others none."""
    found: Cells = Counter() if into is None else into
    by_resident: dict[int, list[Spell]] = defaultdict(list)
    for one in spells:
        if one.resident is not None and not one.contradictory:
            by_resident[one.resident].append(one)
    for stays in by_resident.values():
        if len(stays) < 2:
            continue
        for one in followed(stays):
            ended = one.discharged
            if one.counts and ended is not None and one.ended_as not in NOT_AN_INDEX:
                found[READMITTED, ALL, "", first_day(ended), ended.day] += 1
    return found


def not_yet(spells: Iterable[Spell], as_of: date) -> Cells:
    """What the kept cells hold too much of (below 0) or too little at the end of `as_of`, because somebody
    was admitted since. All stays of every resident with an admission since must be there."""
    known = list(spells)
    change = cells(one for one in known if one.admitted <= as_of)
    change.subtract(cells(known))
    return change


def kept(
    series: Mapping[str, Monthly], since: Mapping[stay_counts.Cell, int], start: date, end: date, as_of: date
) -> Readmissions:
    """The readmissions after stays that ended from `start` to `end` (whole months up to `as_of`), from the
    cells of all stays; `since`: what not_yet() says of them."""
    back = {month: Counter(days) for month, days in series.get(READMITTED, {}).items()}
    for (_, _, _, month, day), n in since.items():
        back.setdefault(month, Counter())[day] += n
    settled = as_of - timedelta(days=WITHIN_DAYS)
    n = returned = late = late_returned = 0
    for month, days in series.get(stay_counts.COULD_RETURN, {}).items():
        for day, number in days.items():
            ended = month.replace(day=day)
            if not start <= ended <= end:
                continue
            followed_by = back.get(month, Counter())[day]
            if ended > settled:
                late, late_returned = late + number, late_returned + followed_by
            else:
                n, returned = n + number, returned + followed_by
    return Readmissions(
        n,
        returned,
        late,
        late_returned,
        _total(series, stay_counts.NO_RETURN, start, end),
        _total(series, stay_counts.NOBODY_KNOWN, start, end),
    )


def _total(series: Mapping[str, Monthly], name: str, start: date, end: date) -> int:
    return sum(days.total() for month, days in series.get(name, {}).items() if start <= month <= end)
