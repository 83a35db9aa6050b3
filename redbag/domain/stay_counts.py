"""Stays counted by whole days: the one answer that every figure on length of stay is made from.

Stays last whole days, so a histogram holds all that their figures need. The same counts come from rows
(StayCounts.of: a home, a hospital, any filter) or from cells that were kept when each stay was written
(StayCounts.kept: a whole country, one factor at a time). A cell is (series, facet, value of the facet,
first day of the month, whole number), and cells() says which ones a stay adds. Only closed stays add cells,
and what they add depends on no day: open stays, and those discharged after the as-of day, are read as they
stand.

Rules: closed stays by month of discharge; by month of admission only for Kaplan–Meier; a bed day in the month
of its midnight; death ends a stay. A home's stays count from the day it joined.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from redbag.domain import held_counts
from redbag.domain.length_of_stay import Summary, summarise_counts
from redbag.domain.report_filter import NOT_RECORDED, age_band, weekday
from redbag.domain.stays_by_month import Figures, add_months, first_day, first_whole_month, season

Cell = tuple[str, str, str, date, int]
"""Series, facet, value of the facet, first day of the month, whole number (days, or 0 for a plain count)."""
Cells = Counter[Cell]

ALL = ""
"""The facet of all stays together; its only value is "" too."""
FACETS = (
    ALL,
    "reason",
    "age",
    "bag",
    "ended_as",
    "weekday",
    "source",
    "journey_type",
    "hospital",
    "tenure",
)
GROUP, LATE_GROUP = "group", "late_group"
HOME_GROUPS = 128
"""Homes are drawn together in so many fixed groups where there are too many to draw one by one."""
LONGEST_TENURE = 24
"""Whole months with the red bag, counted up to this: enough to tell who was there in both of two years."""

CLOSED, DIED = "stay", "stay_died"
ADMITTED, ADMITTED_DIED, ADMITTED_HOME = "admitted", "admitted_died", "admitted_home"
BED_DAYS, DELAY, ADMISSIONS = "bed_days", "discharge_delay", "admissions"
COULD_RETURN, NO_RETURN, NOBODY_KNOWN = "could_return", "no_return", "nobody_known"
"""By day of discharge, for readmissions (domain/readmission_counts.py): stays that can be followed by one,
those that ended in death, and those of nobody known by name."""
NOT_AN_INDEX = frozenset({"died", "transfer"})
"""How a stay ended that nobody can come back from."""
CONTRADICTORY, BEFORE_JOINING = "contradictory", "before_joining"
GROUP_STAYS, GROUP_DAYS = "group_stays", "group_days"
COMPARED, COMPARED_STAYS, COMPARED_DAYS = "compared", "compared_stays", "compared_days"
BAG_GROUP = "bag_group"
"""With and without the bag: closed stays but for the first months of each home, by bag; and by group of
homes their number and their days (see domain/comparison.py)."""

# Which factors a series is kept by, beside CLOSED, which is kept by all.
_COMPARED = (ALL, "bag", "tenure")
_CURVES = (ALL, "reason", "age", "bag", "journey_type")
_OUTCOMES = (ALL, "bag")


class StayFacts(NamedTuple):
    """What figures need to know of one stay. `bag`: with, without or unknown, as settled at admission;
    `joined_on`: the home's first day, None from the beginning; `source`: how the admission is known;
    `drawn_with`: whose stays are resampled together (a resident; for a borough the home)."""

    home_id: int
    hospital_id: int | None
    ward_id: int | None
    reason: str
    age: int | None
    bag: str
    admitted_on: date
    discharged_on: date | None
    ready_on: date | None
    ended_as: str
    journey_type: str
    source: str
    joined_on: date | None = None
    drawn_with: int | None = None

    @property
    def contradictory(self) -> bool:
        """Whether it was over before it began: kept, counted, and in no figure."""
        return self.discharged_on is not None and self.discharged_on < self.admitted_on

    @property
    def counts(self) -> bool:
        """Whether it began when its home used the red bag."""
        return self.joined_on is None or self.admitted_on >= self.joined_on


def bag_of(with_bag: bool | None) -> str:
    """The group of a stay, as its row says it."""
    return "unknown" if with_bag is None else "with" if with_bag else "without"


def tenure(joined_on: date | None, month: date) -> int:
    """How many whole months a home has been with the red bag in this one: 0 in the first month that may be
    shown, -1 before it, LONGEST_TENURE from two years on and for a home without a first day."""
    if joined_on is None:
        return LONGEST_TENURE
    first = first_whole_month(joined_on)
    months = (month.year - first.year) * 12 + month.month - first.month
    return max(-1, min(LONGEST_TENURE, months))


def facets(stay: StayFacts) -> dict[str, str]:
    """The value of each factor of a closed stay; of an open one, of all but the weekday and the tenure."""
    ended = stay.discharged_on
    return {
        ALL: "",
        "reason": stay.reason or NOT_RECORDED,
        "age": age_band(stay.age),
        "bag": stay.bag,
        "ended_as": stay.ended_as or NOT_RECORDED,
        "weekday": weekday(ended) if ended else "",
        "source": stay.source or NOT_RECORDED,
        "journey_type": stay.journey_type or NOT_RECORDED,
        "hospital": NOT_RECORDED if stay.hospital_id is None else str(stay.hospital_id),
        "tenure": str(tenure(stay.joined_on, first_day(ended))) if ended else "",
    }


def cells(stays: Iterable[StayFacts], into: Cells | None = None) -> Cells:
    """The cells that these stays add, to `into` where there is something already; none of open ones."""
    found: Cells = Counter() if into is None else into
    for stay in stays:
        ended = stay.discharged_on
        if ended is None:
            continue
        month, days = first_day(ended), (ended - stay.admitted_on).days
        if days < 0:
            found[CONTRADICTORY, ALL, "", month, 0] += 1
        elif not stay.counts:
            found[BEFORE_JOINING, ALL, "", month, days] += 1
        else:
            _add(found, stay, ended, month, days)
    return found


def _add(found: Cells, stay: StayFacts, ended: date, month: date, days: int) -> None:
    values = facets(stay)
    for facet, value in values.items():
        found[CLOSED, facet, value, month, days] += 1
    if stay.ended_as == "died":
        for facet in _COMPARED:
            found[DIED, facet, values[facet], month, days] += 1
    _by_admission(found, stay, values, days)
    for of_month, nights in nights_by_month(stay.admitted_on, ended):
        found[BED_DAYS, ALL, "", of_month, 0] += nights
        found[BED_DAYS, "tenure", str(tenure(stay.joined_on, of_month)), of_month, 0] += nights
    if stay.ready_on is not None:
        found[DELAY, ALL, "", month, (ended - stay.ready_on).days] += 1
    came = first_day(stay.admitted_on)
    found[ADMISSIONS, "tenure", str(tenure(stay.joined_on, came)), came, 0] += 1
    found[_left(stay), ALL, "", month, ended.day] += 1
    _by_group(found, stay.home_id % HOME_GROUPS, values["tenure"], month, days)
    if tenure(stay.joined_on, month) >= 0:
        found[COMPARED, "bag", stay.bag, month, days] += 1
        group = f"{stay.bag}.{stay.home_id % HOME_GROUPS}"
        found[COMPARED_STAYS, BAG_GROUP, group, month, 0] += 1
        if days:
            found[COMPARED_DAYS, BAG_GROUP, group, month, 0] += days
        held_counts.add(found, values | {"season": season(stay.admitted_on)}, stay.home_id, month, days)


def _left(stay: StayFacts) -> str:
    """Whether somebody could come back to hospital after this stay."""
    if stay.drawn_with is None:
        return NOBODY_KNOWN
    return NO_RETURN if stay.ended_as in NOT_AN_INDEX else COULD_RETURN


def _by_admission(found: Cells, stay: StayFacts, values: Mapping[str, str], days: int) -> None:
    month = first_day(stay.admitted_on)
    for facet in _CURVES:
        found[ADMITTED, facet, values[facet], month, days] += 1
    series = {"died": ADMITTED_DIED, "home": ADMITTED_HOME}.get(stay.ended_as)
    if series is not None:
        for facet in _OUTCOMES:
            found[series, facet, values[facet], month, days] += 1


def _by_group(found: Cells, group: int, since: str, month: date, days: int) -> None:
    """Stays and their days by group of homes; once more by tenure where the home is young in these figures,
    so that homes that joined too late to be compared can be taken out of their group."""
    values = [(GROUP, f"{group}")]
    if since != str(LONGEST_TENURE):
        values.append((LATE_GROUP, f"{since}.{group}"))
    for facet, value in values:
        found[GROUP_STAYS, facet, value, month, 0] += 1
        if days:
            found[GROUP_DAYS, facet, value, month, 0] += days


def nights_by_month(admitted: date, until: date) -> list[tuple[date, int]]:
    """The midnights from one day to another, each in the month of the day that it ends."""
    found = []
    month = first_day(admitted)
    while admitted < until:
        following = add_months(month, 1)
        found.append((month, (min(until, following) - admitted).days))
        admitted, month = following, following
    return found


Monthly = Mapping[date, Counter[int]]
"""How many stays have each length in days, by the first day of a month."""


def _monthly() -> defaultdict[date, Counter[int]]:
    return defaultdict(Counter)


@dataclass
class StayCounts:
    """Stays as they stood at the end of `as_of`, counted.

    `closed`, `died` (those of them that ended in death) and `delays` (days from ready to discharge) go by
    month of discharge; `admitted`, with `admitted_died` and `admitted_home` of it, holds the closed ones by
    month of admission. `open` counts those in hospital by the day they were admitted. `bed_days`: midnights
    by month, open stays up to the as-of day. The rest is in none of these: `admitted_after` the as-of day,
    `contradictory` (discharged before admitted), and `before_joining` of the home, by month of discharge
    (open ones apart).
    """

    as_of: date
    closed: defaultdict[date, Counter[int]] = field(default_factory=_monthly)
    died: defaultdict[date, Counter[int]] = field(default_factory=_monthly)
    admitted: defaultdict[date, Counter[int]] = field(default_factory=_monthly)
    admitted_died: defaultdict[date, Counter[int]] = field(default_factory=_monthly)
    admitted_home: defaultdict[date, Counter[int]] = field(default_factory=_monthly)
    delays: defaultdict[date, Counter[int]] = field(default_factory=_monthly)
    before_joining: defaultdict[date, Counter[int]] = field(default_factory=_monthly)
    open: Counter[date] = field(default_factory=Counter)
    bed_days: Counter[date] = field(default_factory=Counter)
    admitted_after: int = 0
    contradictory: int = 0
    open_before_joining: int = 0

    @classmethod
    def of(cls, stays: Iterable[StayFacts], as_of: date) -> StayCounts:
        """Counted from the stays themselves."""
        counts = cls(as_of)
        for stay in stays:
            counts._count(stay)
        return counts

    @classmethod
    def kept(cls, series: Mapping[str, Monthly], unsettled: Iterable[StayFacts], as_of: date) -> StayCounts:
        """Counted from cells of one facet's value, by series.

        `unsettled`: the stays with this value that are open, or were discharged after `as_of`. What the cells
        already hold of the latter is taken out again.
        """
        unsettled = list(unsettled)
        counts = cls.of(unsettled, as_of)
        for name, attribute in _SERIES.items():
            kept: defaultdict[date, Counter[int]] = getattr(counts, attribute)
            for month, lengths in series.get(name, {}).items():
                kept[month].update(lengths)
        for month, nights in series.get(BED_DAYS, {}).items():
            counts.bed_days[month] += nights[0]
        counts.contradictory += sum(n[0] for n in series.get(CONTRADICTORY, {}).values())
        for stay in unsettled:
            counts._take_out(stay)
        return counts

    def _count(self, stay: StayFacts) -> None:
        admitted, ended = stay.admitted_on, stay.discharged_on
        if ended is not None and ended < admitted:
            self.contradictory += 1
        elif admitted > self.as_of:
            self.admitted_after += 1
        elif ended is None or ended > self.as_of:
            if not stay.counts:
                self.open_before_joining += 1
                return
            self.open[admitted] += 1
            self._nights(admitted, self.as_of, 1)
        else:
            self._closed(stay, ended, 1)

    def _closed(self, stay: StayFacts, ended: date, times: int) -> None:
        month, came, days = first_day(ended), first_day(stay.admitted_on), (ended - stay.admitted_on).days
        if not stay.counts:
            self.before_joining[month][days] += times
            return
        self.closed[month][days] += times
        self.admitted[came][days] += times
        if stay.ended_as == "died":
            self.died[month][days] += times
            self.admitted_died[came][days] += times
        elif stay.ended_as == "home":
            self.admitted_home[came][days] += times
        if stay.ready_on is not None:
            self.delays[month][(ended - stay.ready_on).days] += times
        self._nights(stay.admitted_on, ended, times)

    def _take_out(self, stay: StayFacts) -> None:
        """What the cells hold of a stay that was not over yet."""
        if stay.discharged_on is None:
            return
        if stay.contradictory:
            self.contradictory -= 1
        else:
            self._closed(stay, stay.discharged_on, -1)

    def _nights(self, admitted: date, until: date, times: int) -> None:
        for month, nights in nights_by_month(admitted, until):
            self.bed_days[month] += nights * times

    def lengths(self, months: Iterable[date]) -> Counter[int]:
        """How many stays closed in these months at each length in days."""
        return together(self.closed, months)

    def n_closed(self, months: Iterable[date] | None = None) -> int:
        """How many stays closed in these months, or in all."""
        wanted = self.closed if months is None else [month for month in months if month in self.closed]
        return sum(sum(self.closed[month].values()) for month in wanted)

    def figures(self, months: Iterable[date]) -> Figures:
        """n, mean, median and 90th percentile of the stays closed in these months."""
        return Figures.of(self.lengths(months))

    def open_days(self, months: Iterable[date] | None = None) -> Counter[int]:
        """How many days those in hospital have been there; of those admitted in these months, or all."""
        wanted = None if months is None else set(months)
        found: Counter[int] = Counter()
        for day, n in self.open.items():
            if wanted is None or first_day(day) in wanted:
                found[(self.as_of - day).days] += n
        return found

    def life(self, months: Iterable[date] | None = None) -> Summary:
        """Closed and open stays of those admitted in these months, or of all: the life table, its
        Kaplan–Meier curve and median. Its other figures go by admission too: not for showing by month."""
        wanted = list(self.admitted) if months is None else list(months)
        return summarise_counts(
            together(self.admitted, wanted), self.open_days(None if months is None else wanted)
        )

    def admissions(self) -> Counter[date]:
        """How many were admitted in each month, open stays included."""
        found = Counter({month: sum(lengths.values()) for month, lengths in self.admitted.items()})
        for day, n in self.open.items():
            found[first_day(day)] += n
        return found

    @property
    def n_open(self) -> int:
        return sum(self.open.values())

    def open_at_least(self, days: int) -> int:
        """How many have been in hospital for at least so many days."""
        last = self.as_of - timedelta(days=days)
        return sum(n for day, n in self.open.items() if day <= last)


_SERIES = {
    CLOSED: "closed",
    DIED: "died",
    ADMITTED: "admitted",
    ADMITTED_DIED: "admitted_died",
    ADMITTED_HOME: "admitted_home",
    DELAY: "delays",
    BEFORE_JOINING: "before_joining",
}


def together(by_month: Monthly, months: Iterable[date]) -> Counter[int]:
    """The lengths of these months in one count."""
    total: Counter[int] = Counter()
    for month in months:
        if month in by_month:
            total.update(by_month[month])
    return total
