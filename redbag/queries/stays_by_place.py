"""Closed stays of the whole country by home and hospital, in one reading along the day of discharge."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
from sqlalchemy import Select, String, cast, func, select, union_all

from redbag.domain.column_text import BETWEEN, Coded, Numbers, days_of_text, numbers_of_text
from redbag.domain.errors import NotPermitted
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Actor, Role
from redbag.domain.place_paper import Found
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stay_columns import NEVER
from redbag.domain.stays_by_month import first_whole_month
from redbag.domain.stays_by_place import NOWHERE, PlaceStays
from redbag.models import Organisation, Stay
from redbag.queries import kept_quality, stay_rows
from redbag.queries.among import among_found
from redbag.queries.at_once import at_once
from redbag.queries.different import different
from redbag.queries.listed import Listed, listed_days
from redbag.queries.stays import ALL_HOMES


def found(actor: Actor, now: datetime) -> Found:
    """The stays that ended in the last twelve complete months, of every place. Raises NotPermitted for
    whoever reads no figures, or those of one place only."""
    stay_rows.reads(actor)
    if actor.role is not Role.OVERSIGHT:
        raise NotPermitted("Figures of every place are for oversight.")
    as_of = last_complete_day(now)
    chosen = ReportFilter.usual(as_of)
    # The day as it is written: making one of each takes as long as reading some ten thousand stays.
    joined = func.coalesce(cast(Organisation.joined_on, String), "")
    places = at_once(select(Organisation.id, Organisation.name, joined).order_by(Organisation.id))
    numbers = np.array([number for number, _, _ in places], np.int64)
    return Found(
        _stays(chosen, numbers, Coded.of([day for _, _, day in places])),
        {number: name for number, name, _ in places},
        chosen,
        as_of,
        ALL_HOMES,
        kept_quality.of_closed(chosen, 0, 0),
    )


def _stays(chosen: ReportFilter, places: Numbers, first_days: Coded) -> PlaceStays:
    """Those that count, without the first months of a home's records: these read too short. `first_days` of
    `places`, in their order."""
    # Hospital by hospital: all that is counted then stands in one index.
    hospitals = different(Stay.hospital_id, Stay.hospital_id.is_not(None))
    parts = (among_found(Stay.hospital_id, hospitals), Stay.hospital_id.is_(None))
    between = Stay.discharged_on.between(chosen.start, chosen.end)
    found = at_once(union_all(*(_listed().where(one, between) for one in parts)))
    hospital = np.repeat(*(np.array([row[place] for row in found], np.int64) for place in (0, 1)))
    home = numbers_of_text(row[2] for row in found)
    admitted, ended = (days_of_text([row[place] for row in found], NEVER) for place in (3, 4))
    began, whole = _by_home(places, first_days)
    counts = (ended >= admitted) & (admitted >= began[home]) & (ended >= whole[home])
    return PlaceStays(home[counts], hospital[counts], (ended - admitted)[counts])


def _by_home(places: Numbers, first_days: Coded) -> tuple[Numbers, Numbers]:
    """At the number of each place: its first day, and the first day of the first month that may be shown; 0
    where it was there from the beginning."""
    days = [date.fromisoformat(text) if text else None for text in first_days.words]
    began, whole = np.zeros((2, int(places.max(initial=0)) + 1), np.int64)
    began[places] = np.array([day.toordinal() if day else 0 for day in days])[first_days.codes]
    shown = [first_whole_month(day).toordinal() if day else 0 for day in days]
    whole[places] = np.array(shown)[first_days.codes]
    return began, whole


def _listed() -> Select[int, int, str, str, str]:
    """The stays of each hospital: its number, how many, and the homes, admissions and discharges as text."""
    hospital = func.coalesce(Stay.hospital_id, NOWHERE)
    days = listed_days(Stay.admitted_on), listed_days(Stay.discharged_on)
    wanted = select(hospital, func.count(), Listed(Stay.home_id, BETWEEN), *days)
    return wanted.group_by(Stay.hospital_id)
