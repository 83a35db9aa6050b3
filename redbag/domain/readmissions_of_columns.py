"""Readmissions by the rule of domain/readmissions.py, over columns: a hospital has thousands of stays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np

from redbag.domain import readmissions
from redbag.domain.column_text import Mask, Numbers
from redbag.domain.readmissions import WITHIN_DAYS, Readmissions, Spell
from redbag.domain.stay_columns import NEVER, NOBODY, StayColumns
from redbag.domain.stay_counts import NOT_AN_INDEX

_WIDE = 2**22
"""More days than date.toordinal can give: a resident and a day become one number."""


def count(stays: StayColumns, ours: Mask, start: date, end: date, as_of: date) -> Readmissions:
    """What readmissions.count makes of the same stays. `ours`: those that the report asks about; the rest can
    only follow. Most residents were never back within 30 days of any discharge: only the stays of the others
    are gone through one by one.
    """
    first, until = start.toordinal(), as_of.toordinal()
    last = min(end.toordinal(), until)
    ours = ours & stays.counts
    kept = (stays.admitted <= until) & ~stays.contradictory
    stays, ours = stays.where(kept), ours[kept]
    asked = ours & (first <= stays.ended) & (stays.ended <= last)
    known = stays.resident != NOBODY
    again = known & np.isin(stays.resident, _back_soon(stays, asked))
    alone = asked & known & ~again
    left = np.logical_or.reduce([stays.ended_as.is_(word) for word in sorted(NOT_AN_INDEX)])
    late = stays.ended > until - WITHIN_DAYS
    several = readmissions.count(_spells(stays.where(again), ours[again].tolist()), start, end, as_of)
    return replace(
        several,
        n=several.n + int((alone & ~left & ~late).sum()),
        provisional_n=several.provisional_n + int((alone & ~left & late).sum()),
        ended_in_death=several.ended_in_death + int((alone & left).sum()),
        nobody_known=int((asked & ~known).sum()),
    )


def _back_soon(stays: StayColumns, asked: Mask) -> Numbers:
    """The residents of an emergency admission 0 to 29 days after a discharge that is asked about; some of
    them were not readmitted all the same: both may be of one stay, or another discharge came between."""
    ended = np.sort(stays.resident[asked] * _WIDE + stays.ended[asked])
    urgent = stays.journey_type.is_("emergency")
    came = stays.resident[urgent] * _WIDE + stays.admitted[urgent]
    if not len(ended):
        return ended
    before = np.searchsorted(ended, came, side="right") - 1
    soon = (before >= 0) & (came - ended[before] < WITHIN_DAYS)
    return stays.resident[urgent][soon]


def _spells(stays: StayColumns, ours: list[bool]) -> Iterable[Spell]:
    words = stays.ended_as.words
    columns = (stays.resident, stays.admitted, stays.ended, stays.ended_as.codes)
    emergency = stays.journey_type.is_("emergency")
    rows = zip(*(one.tolist() for one in (*columns, emergency)), ours, strict=True)
    for resident, admitted, ended, ended_as, urgent, counts in rows:
        discharged = None if ended == NEVER else date.fromordinal(ended)
        yield Spell(resident, date.fromordinal(admitted), discharged, words[ended_as], urgent, counts)
