"""What a report of the whole country says beside the stays, from kept counts: who came back to hospital, and
the days that residents lived in the homes that are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import and_, select

from redbag.database import db
from redbag.domain import readmission_counts, resident_counts
from redbag.domain.kept_sources import ALL_SOURCES, KeptSource
from redbag.domain.readmissions import Readmissions
from redbag.domain.resident_days import ResidentDays
from redbag.domain.stay_counts import ALL
from redbag.domain.stay_periods import Period
from redbag.domain.stays_by_month import first_day
from redbag.models import FigureCount
from redbag.queries import figures, kept_cells, resident_stays


def there(wanted: Collection[KeptSource] = ALL_SOURCES) -> bool:
    """Whether the cells of these sources are those that this program keeps: where they are not, they are
    being counted, and what is not there is not nought."""
    series, facet, _, month, _ = next(iter(wanted)).cell
    key = FigureCount
    found = db.session.execute(
        select(key.facet_value, key.value).where(
            key.series == series, key.facet == facet, key.month == month, key.n > 0
        )
    )
    return {(one.name, one.version) for one in wanted} <= {(name, version) for name, version in found}


def readmissions(period: Period, as_of: date) -> Readmissions:
    """Who was back within 30 days of a stay that ended in these whole months, as known at the end of
    `as_of`."""
    months = (first_day(period.start), first_day(period.end))
    found = figures.read_all(readmission_counts.SERIES, ALL, months)
    series = {name: values.get("", {}) for name, values in found.items()}
    since = readmission_counts.not_yet(resident_stays.admitted_since(as_of), as_of)
    return readmission_counts.kept(series, since, period.start, period.end, as_of)


def resident_days(from_month: date, now: Period, then: Period) -> tuple[ResidentDays, ResidentDays]:
    """The days lived in the homes whose records are whole from the month `from_month` on, in either of these
    periods of whole months; of one that begins earlier, from that month on."""
    series: defaultdict[str, defaultdict[date, int]] = defaultdict(lambda: defaultdict(int))
    for name, month, n in kept_cells.sums(
        lambda table: [table.series, table.month],
        lambda table: and_(
            kept_cells.of(table, resident_counts.SERIES, resident_counts.FACET),
            table.month <= first_day(now.end),
            table.facet_value <= f"{from_month:%Y-%m}",
        ),
    ):
        series[name][month] += int(n)

    def days(period: Period) -> ResidentDays:
        if period.end < from_month:
            return ResidentDays()
        return resident_counts.kept(series, max(first_day(period.start), from_month), first_day(period.end))

    return days(now), days(then)
