"""Closed stays of the whole country by home and hospital, in one reading along the day of discharge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
from sqlalchemy import Select, func, select, union_all

from redbag.database import db
from redbag.domain.column_text import BETWEEN, Numbers, numbers_of_text
from redbag.domain.errors import NotPermitted
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Actor, Role
from redbag.domain.place_paper import Found
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stays_by_month import first_whole_month
from redbag.domain.stays_by_place import NOWHERE, PlaceStays
from redbag.models import Organisation, Stay
from redbag.queries import kept_quality, stay_rows
from redbag.queries.among import among_found
from redbag.queries.at_once import at_once
from redbag.queries.day_number import DayNumber
from redbag.queries.different import different
from redbag.queries.listed import Listed
from redbag.queries.stays import ALL_HOMES


def found(actor: Actor, now: datetime) -> Found:
    """The stays that ended in the last twelve complete months, of every place. Raises NotPermitted for
    whoever reads no figures, or those of one place only."""
    stay_rows.reads(actor)
    if actor.role is not Role.OVERSIGHT:
        raise NotPermitted("Figures of every place are for oversight.")
    as_of = last_complete_day(now)
    chosen = ReportFilter.usual(as_of)
    known = select(Organisation.id, Organisation.name, Organisation.joined_on).order_by(Organisation.id)
    places = at_once(known)
    return Found(
        _stays(chosen, {number: joined for number, _, joined in places}),
        {number: name for number, name, _ in places},
        chosen,
        as_of,
        ALL_HOMES,
        kept_quality.of_closed(chosen, 0, 0),
    )


def _stays(chosen: ReportFilter, first_days: Mapping[int, date | None]) -> PlaceStays:
    """Those that count, without the first months of a home's records: these read too short."""
    # Hospital by hospital: all that is counted then stands in one index.
    hospitals = different(Stay.hospital_id, Stay.hospital_id.is_not(None))
    parts = (among_found(Stay.hospital_id, hospitals), Stay.hospital_id.is_(None))
    between = Stay.discharged_on.between(chosen.start, chosen.end)
    found = db.session.connection().execute(union_all(*(_listed().where(one, between) for one in parts)))
    home, hospital, admitted, ended = map(numbers_of_text, zip(*found, strict=True))
    began, whole = _by_home(first_days, int(home.max(initial=0)))
    counts = (ended >= admitted) & (admitted >= began[home]) & (ended >= whole[home])
    return PlaceStays(home[counts], hospital[counts], (ended - admitted)[counts])


def _by_home(first_days: Mapping[int, date | None], last: int) -> tuple[Numbers, Numbers]:
    """At the number of each home up to `last`: its first day, and the first day of the first month that may
    be shown; 0 where it was there from the beginning."""
    began, whole = np.zeros((2, last + 1), np.int64)
    shown = {day: first_whole_month(day).toordinal() for day in set(first_days.values()) if day}
    for home, day in first_days.items():
        if day and home <= last:
            began[home], whole[home] = day.toordinal(), shown[day]
    return began, whole


def _listed() -> Select[Any]:
    hospital = func.coalesce(Stay.hospital_id, NOWHERE)
    days = DayNumber(Stay.admitted_on), DayNumber(Stay.discharged_on)
    columns: tuple[Any, ...] = (Stay.home_id, hospital, *days)
    listed: tuple[Any, ...] = tuple(Listed(one, BETWEEN) for one in columns)
    return select(*listed).select_from(Stay)
