"""Figures counted stay by stay, as the rules read: the judges of counts that are kept or put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from redbag.domain.length_of_stay import Stay
from redbag.domain.stays_by_month import (
    LeftOut,
    Monthly,
    YearBesideYear,
    add_months,
    beside_year_before,
    first_day,
    last_complete_month,
    monthly_from_counts,
)


def bed_days_in(stays: Iterable[Stay], start: date, end: date, as_of: date) -> int:
    """Bed days within a period: midnights at the end of its days, first to last, spent in hospital.

    Open stays count up to `as_of`. Periods that follow each other add up to the bed days of the whole.
    Stays that summarise() leaves out are left out here. Raises ValueError when the period ends before it
    starts.
    """
    if end < start:
        raise ValueError("The period ends before it starts.")
    days = 0
    for stay in stays:
        if stay.discharged is not None and stay.discharged < stay.admitted:
            continue
        left = min(stay.discharged or as_of, as_of)
        days += max(0, (min(left, end + timedelta(days=1)) - max(stay.admitted, start)).days)
    return days


def closed_by_month(
    stays: Iterable[Stay], as_of: date, records_began: date | None
) -> tuple[dict[date, Counter[int]], LeftOut]:
    by_month: dict[date, Counter[int]] = {}
    after = contradictory = before = still_open = 0
    for stay in stays:
        if stay.admitted > as_of:
            after += 1
        elif stay.discharged is not None and stay.discharged < stay.admitted:
            contradictory += 1
        elif stay.discharged is None or stay.discharged > as_of:
            still_open += 1
        elif records_began is not None and stay.discharged < records_began:
            before += 1
        else:
            month = by_month.setdefault(first_day(stay.discharged), Counter())
            month[(stay.discharged - stay.admitted).days] += 1
    return by_month, LeftOut(after, contradictory, before, still_open)


def monthly(
    stays: Iterable[Stay], first: date, last: date, as_of: date, *, records_began: date | None = None
) -> Monthly:
    by_month, left = closed_by_month(stays, as_of, records_began)
    return monthly_from_counts(by_month, first, last, as_of, records_began=records_began, left_out=left)


def same_months_year_before(
    stays: Iterable[Stay], as_of: date, *, records_began: date | None = None
) -> YearBesideYear:
    """The last twelve complete months beside the twelve before."""
    by_month, left = closed_by_month(stays, as_of, records_began)
    last = last_complete_month(as_of)
    year = [add_months(last, back) for back in range(-11, 1)]
    return beside_year_before(by_month, year, records_began=records_began, left_out=left)
