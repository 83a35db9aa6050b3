"""Who arrived within an age band: told by the years alone where they tell it, else day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from redbag.domain.london_time import age_on, london_day, start_of_day
from redbag.domain.report_filter import FIRST_AGE_AFTER, NOT_RECORDED, age_band

Born = InstrumentedAttribute[date]
Arrived = InstrumentedAttribute[datetime | None]


def surely(band: str, born: Born, arrived: Arrived, since: date, until: date) -> ColumnElement[bool]:
    """Whose age lies in the band on whatever day of the year they arrived, of those who came from `since` to
    `until`: a year after another somebody is so many years old, or one less."""
    if band == NOT_RECORDED:
        return false()
    first, after = _ages(band)
    return or_(
        *(
            and_(this_year, born < _new_year(year - first), *_since(born, year, after))
            for year, this_year in _years(arrived, since, until)
        )
    )


def perhaps(band: str, born: Born, arrived: Arrived, since: date, until: date) -> ColumnElement[bool]:
    """Whose age lies in the band only on one side of their birthday: in_band() says of each."""
    found = []
    for year, this_year in _years(arrived, since, until):
        if band == NOT_RECORDED:
            found.append(and_(this_year, born >= _new_year(year)))
            continue
        edges = [year - age for age in _ages(band) if age is not None]
        of_edges = [and_(born >= _new_year(edge), born < _new_year(edge + 1)) for edge in edges]
        found.append(and_(this_year, or_(*of_edges)))
    return or_(*found)


def in_band(band: str, born: date, arrived: datetime) -> bool:
    """Whether somebody's age lies in the band on the London day of their arrival; nobody's is known who was
    born later, as the record has it."""
    day = london_day(arrived)
    return age_band(age_on(born, day) if born <= day else None) == band


def _ages(band: str) -> tuple[int, int | None]:
    """The first age of a band, and the first after it."""
    limits = [0, *(limit for limit, _ in FIRST_AGE_AFTER), None]
    place = next((at for at, (_, key) in enumerate(FIRST_AGE_AFTER) if key == band), len(FIRST_AGE_AFTER))
    return limits[place] or 0, limits[place + 1]


def _since(born: Born, year: int, after: int | None) -> Iterator[ColumnElement[bool]]:
    if after is not None:
        yield born >= _new_year(year - after + 1)


def _years(arrived: Arrived, since: date, until: date) -> Iterator[tuple[int, ColumnElement[bool]]]:
    """Each year of London from one day to another, and who came in it."""
    for year in range(since.year, until.year + 1):
        starts, ends = (start_of_day(_new_year(one)) for one in (year, year + 1))
        yield year, and_(arrived >= starts, arrived < ends)


def _new_year(year: int) -> date:
    return date(year, 1, 1)
