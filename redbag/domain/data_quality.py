"""How sure the records behind a report are: part of every report, beside its figures.

How the admission time of each stay is known, which stays have no discharge, which contradict themselves, and
of how many the age, the bag or the reason is not recorded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import numpy as np

from redbag.domain.report_tables import Column, Row, Table, Unit, share, text, whole
from redbag.domain.stay_columns import NEVER, NOBODY, StayColumns

LONG_OPEN_DAYS = 90
SOURCE_WORDS = {
    "scan": "scanned on the ward",
    "page": "written by the ward on its page",
    "phone": "told by telephone, written by the home",
    "correction": "corrected later",
    "import": "loaded from an older list",
    "": "not known",
}
RULE = (
    "Counted are the stays that ended in the period, those still open, and records that contradict "
    "themselves, of which nothing else is counted. A stay without a discharge is still open, or nobody wrote "
    "the discharge down."
)


class Known(Protocol):
    """What is asked of one stay. `bag`: with, without or unknown; `source`: how the admission is known."""

    @property
    def admitted_on(self) -> date: ...
    @property
    def discharged_on(self) -> date | None: ...
    @property
    def source(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def age(self) -> int | None: ...
    @property
    def bag(self) -> str: ...


@dataclass(frozen=True)
class DataQuality:
    """Counts of stays; each of all `n` of them."""

    n: int = 0
    sources: Mapping[str, int] = field(default_factory=dict)
    without_discharge: int = 0
    open_long: int = 0
    contradictory: int = 0
    without_age: int = 0
    without_bag: int = 0
    without_reason: int = 0


def count(stays: Iterable[Known], start: date, end: date, as_of: date) -> DataQuality:
    """The quality of the stays of a report over the days from `start` to `end`, as of `as_of`."""
    sources: Counter[str] = Counter()
    n = still_open = long = contradictory = age = bag = reason = 0
    for one in stays:
        ended = one.discharged_on
        wrong = ended is not None and ended < one.admitted_on
        is_open = ended is None or ended > as_of
        if one.admitted_on > as_of or not (wrong or is_open or (ended and start <= ended <= end)):
            continue
        n += 1
        if wrong:
            contradictory += 1
            continue
        sources[one.source if one.source in SOURCE_WORDS else ""] += 1
        still_open += is_open
        long += ended is None and (as_of - one.admitted_on).days > LONG_OPEN_DAYS
        age += one.age is None
        bag += one.bag == "unknown"
        reason += not one.reason
    return DataQuality(n, dict(sources), still_open, long, contradictory, age, bag, reason)


def count_columns(stays: StayColumns, start: date, end: date, as_of: date) -> DataQuality:
    """The same of the stays of a report (those that count, or contradict themselves), a column at a time."""
    first, last, until = start.toordinal(), end.toordinal(), as_of.toordinal()
    stays = stays.where(stays.counts | stays.contradictory)
    over = (first <= stays.ended) & (stays.ended <= last)
    asked = stays.contradictory | (stays.ended > until) | over
    seen = stays.where(asked & (stays.admitted <= until))
    whole_ones = seen.where(~seen.contradictory)
    sources: Counter[str] = Counter()
    for code, n in enumerate(np.bincount(whole_ones.source.codes).tolist()):
        word = whole_ones.source.words[code]
        sources[word if word in SOURCE_WORDS else ""] += n
    long = (whole_ones.ended == NEVER) & (whole_ones.admitted < until - LONG_OPEN_DAYS)
    return DataQuality(
        n=len(seen),
        sources=dict(+sources),
        without_discharge=int((whole_ones.ended > until).sum()),
        open_long=int(long.sum()),
        contradictory=len(seen) - len(whole_ones),
        without_age=int((whole_ones.age == NOBODY).sum()),
        without_bag=int((whole_ones.bag == NOBODY).sum()),
        without_reason=int((whole_ones.reason.is_("")).sum()),
    )


def table(found: DataQuality) -> Table:
    """The same counts as every page, export and board paper shows them."""
    known = [
        (f"Admission time {words}", found.sources.get(key, 0))
        for key, words in SOURCE_WORDS.items()
        if key in ("scan", "page", "phone", "correction") or found.sources.get(key)
    ]
    lines = [
        *known,
        ("No discharge recorded: still in hospital, or never written down", found.without_discharge),
        (f"Of those, open for more than {LONG_OPEN_DAYS} days", found.open_long),
        ("Records that contradict themselves: discharged before admitted", found.contradictory),
        ("Age not recorded", found.without_age),
        ("With or without the red bag: not known", found.without_bag),
        ("Reason not recorded", found.without_reason),
    ]
    return Table(
        key="quality",
        title="How the times were recorded",
        columns=(Column("What"), Column("Stays", Unit.WHOLE), Column("Of all", Unit.SHARE)),
        rows=tuple(Row((text(words), whole(number), share(number, found.n))) for words, number in lines),
        rule=RULE,
        n=found.n,
    )
