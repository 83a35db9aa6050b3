"""Length of stay: figures from stays in hospital as of a day.

The length of a stay is discharge date minus admission date in days, midnights crossed (NHS Data
Dictionary: hospital provider spell); 0 when both are the same day. Stays still open at the as-of day are
counted apart and enter the Kaplan–Meier curve as censored at that day. All sums are exact (integers,
fractions); a figure becomes a float only when it is handed out.

Days are London calendar days. See stays_by_month for figures by month of discharge.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import accumulate

from redbag.domain.london_time import london_day

LONG_STAY_DAYS = (7, 14, 21)
"""Long-stay thresholds: in hospital for at least so many days."""


@dataclass(frozen=True)
class Stay:
    """One continuous stay in hospital: the day it was decided to admit, and the day it ended (or None)."""

    admitted: date
    discharged: date | None = None


@dataclass(frozen=True)
class KaplanMeierRow:
    """One day of a life table: stays that ended on this day of stay, or were last known open on it."""

    day: int
    at_risk: int
    ended: int
    censored: int


@dataclass(frozen=True)
class Summary:
    """Figures over a set of stays, lengths in days. None where there is nothing to calculate from.

    `mean`, `median` and `p90` are over closed stays (p90 by linear interpolation between order
    statistics). `km_curve` holds (day, share of stays longer than that day); `km_median` is the first day
    on which it is at or below one half. `bed_days` counts closed stays, and open ones up to the as-of
    day. `open_7` and its fellows count stays open for at least so many days. The last three say what was
    left out of everything above.
    """

    n_closed: int
    n_open: int
    mean: float | None
    median: float | None
    p90: float | None
    km_median: int | None
    km_curve: tuple[tuple[int, float], ...]
    bed_days: int
    open_7: int
    open_14: int
    open_21: int
    km_table: tuple[KaplanMeierRow, ...] = ()
    left_out_admitted_after: int = 0
    left_out_contradictory: int = 0

    @property
    def left_out(self) -> int:
        """Stays given but not counted: admitted after the as-of day, or discharged before admitted."""
        return self.left_out_admitted_after + self.left_out_contradictory


def summarise(stays: Iterable[Stay], as_of: date) -> Summary:
    """The figures of these stays as they stood at the end of `as_of`.

    A discharge after `as_of` counts as still open; an admission after it is left out, as is a stay whose
    discharge comes before its admission.
    """
    closed: Counter[int] = Counter()
    open_: Counter[int] = Counter()
    after = contradictory = 0
    for stay in stays:
        if stay.admitted > as_of:
            after += 1
        elif stay.discharged is not None and stay.discharged < stay.admitted:
            contradictory += 1
        elif stay.discharged is None or stay.discharged > as_of:
            open_[(as_of - stay.admitted).days] += 1
        else:
            closed[(stay.discharged - stay.admitted).days] += 1
    summary = summarise_counts(closed, open_)
    return replace(summary, left_out_admitted_after=after, left_out_contradictory=contradictory)


def summarise_counts(closed: Mapping[int, int], open_: Mapping[int, int]) -> Summary:
    """The same figures from whole-day counts: how many stays closed, and stand open, at each length.

    Raises ValueError for a negative length or count.
    """
    for counts in (closed, open_):
        if any(days < 0 or n < 0 for days, n in counts.items()):
            raise ValueError("Lengths of stay and their counts cannot be negative.")
    n_closed, n_open = sum(closed.values()), sum(open_.values())
    total = _bed_days(closed)
    table = life_table(closed, open_)
    curve, km_median = _kaplan_meier(table)
    over_7, over_14, over_21 = (
        sum(n for days, n in open_.items() if days >= threshold) for threshold in LONG_STAY_DAYS
    )
    return Summary(
        n_closed=n_closed,
        n_open=n_open,
        mean=float(Fraction(total, n_closed)) if n_closed else None,
        median=quantile(closed, Fraction(1, 2)),
        p90=quantile(closed, Fraction(9, 10)),
        km_median=km_median,
        km_curve=curve,
        bed_days=total + _bed_days(open_),
        open_7=over_7,
        open_14=over_14,
        open_21=over_21,
        km_table=table,
    )


def quantile(counts: Mapping[int, int], share: Fraction) -> float | None:
    """The quantile of whole-day counts, by linear interpolation between order statistics; None of none."""
    return quantiles(counts, (share,))[0]


def quantiles(counts: Mapping[int, int], shares: Sequence[Fraction]) -> tuple[float | None, ...]:
    """The same for several shares: the lengths are put in order once."""
    lengths = sorted(counts)
    up_to = list(accumulate(map(counts.__getitem__, lengths)))
    n = up_to[-1] if up_to else 0
    if not n:
        return (None,) * len(shares)
    return tuple(_quantile(lengths, up_to, n, share) for share in shares)


def _quantile(lengths: Sequence[int], up_to: Sequence[int], n: int, share: Fraction) -> float:
    """Of `n` lengths in order, with how many there are up to each. Whole numbers to the end: their one
    division is rounded once, as that of a Fraction would be."""
    below, part = divmod((n - 1) * share.numerator, share.denominator)
    low = lengths[bisect_right(up_to, below)]
    high = lengths[bisect_right(up_to, min(below + 1, n - 1))]
    return (low * share.denominator + part * (high - low)) / share.denominator


def days_in_hospital(started: datetime, until: datetime) -> int:
    """Whole days of a stay that began at `started`, at the instant `until`: the London midnights crossed.

    The one rule for every page that says how long somebody has been in hospital. A stay begins with the
    decision to admit, or else the admission; never with the arrival.
    """
    return max(0, (london_day(until) - london_day(started)).days)


def last_complete_day(now: datetime) -> date:
    """The as-of day of a report made at this instant: the last London day that is over."""
    return london_day(now) - timedelta(days=1)


def _bed_days(counts: Mapping[int, int]) -> int:
    return sum(days * n for days, n in counts.items())


def life_table(
    closed: Mapping[int, int], open_: Mapping[int, int], entered_late: Mapping[int, int] | None = None
) -> tuple[KaplanMeierRow, ...]:
    """The days of stay on which somebody left or was last known open, with those at risk on each.

    `entered_late`: stays that were already so many days old when records of them began (delayed entry).
    They are among `closed` and `open_`, and at risk from that day of their stay on, the day itself included.
    """
    late = entered_late or {}
    at_risk = sum(closed.values()) + sum(open_.values()) - sum(late.values())
    rows = []
    for day in sorted({d for counts in (closed, open_, late) for d, n in counts.items() if n}):
        at_risk += late.get(day, 0)
        ended, censored = closed.get(day, 0), open_.get(day, 0)
        if ended or censored:
            rows.append(KaplanMeierRow(day, at_risk, ended, censored))
        at_risk -= ended + censored
    return tuple(rows)


def still_there(table: Iterable[KaplanMeierRow]) -> Iterator[tuple[KaplanMeierRow, int, int]]:
    """Each day on which a stay ended, with the share of stays longer than it: numerator and denominator.

    On one day, stays that end come before those censored. Both stay whole numbers: a product of floats
    misses one half by a hair (at n = 24, 28 and 30, for instance) and reads the median one event late.
    """
    above, below = 1, 1
    for row in table:
        if row.ended:
            above, below = above * (row.at_risk - row.ended), below * row.at_risk
            yield row, above, below


def _kaplan_meier(table: tuple[KaplanMeierRow, ...]) -> tuple[tuple[tuple[int, float], ...], int | None]:
    """The curve and its median."""
    curve: list[tuple[int, float]] = []
    median: int | None = None
    if table and (table[0].day > 0 or not table[0].ended):
        curve.append((0, 1.0))
    for row, above, below in still_there(table):
        curve.append((row.day, above / below))
        if median is None and 2 * above <= below:
            median = row.day
    return tuple(curve), median
