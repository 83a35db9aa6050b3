"""Closed stays of the whole country by home and hospital, read hospital by hospital in one statement."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from sqlalchemy import Select, func, select, union_all

from redbag.domain.column_text import Numbers, days_listed, numbers_listed
from redbag.domain.errors import NotPermitted
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Actor, Role
from redbag.domain.place_paper import Found
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stay_columns import NEVER, whole_from
from redbag.domain.stays_by_place import NOWHERE, PlaceStays
from redbag.models import Organisation, Stay
from redbag.queries import kept_quality, stay_rows
from redbag.queries.among import among_found
from redbag.queries.at_once import at_once
from redbag.queries.different import different
from redbag.queries.listed import ListedDays, ListedNumbers, day_as_written
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
    known = select(Organisation.id, Organisation.name, day_as_written(Organisation.joined_on))
    places = at_once(known.order_by(Organisation.id))
    numbers = np.array([number for number, _, _ in places], np.int64)
    return Found(
        _stays(chosen, numbers, days_listed((day for _, _, day in places), 0)),
        {number: name for number, name, _ in places},
        chosen,
        as_of,
        ALL_HOMES,
        kept_quality.of_closed(chosen, 0, 0),
    )


def _stays(chosen: ReportFilter, places: Numbers, joined: Numbers) -> PlaceStays:
    """Those that count, without the first months of a home's records: these read too short. `joined`: the
    first day of each of `places`, 0 where it was there from the beginning."""
    # Hospital by hospital: all that is counted then stands in one index.
    hospitals = different(Stay.hospital_id, Stay.hospital_id.is_not(None))
    parts = (among_found(Stay.hospital_id, hospitals), Stay.hospital_id.is_(None))
    between = Stay.discharged_on.between(chosen.start, chosen.end)
    found = at_once(union_all(*(_listed().where(one, between) for one in parts)))
    if not found:
        return PlaceStays.of(())
    at, n, homes, admissions, discharges = zip(*found, strict=True)
    hospital, home = np.repeat(np.array(at, np.int64), n), numbers_listed(homes)
    admitted, ended = days_listed(admissions, NEVER), days_listed(discharges, NEVER)
    began, whole = np.zeros((2, int(places.max(initial=0)) + 1), np.int64)  # at the number of each place
    began[places], whole[places] = joined, whole_from(joined)
    counts = (ended >= admitted) & (admitted >= began[home]) & (ended >= whole[home])
    return PlaceStays(home[counts], hospital[counts], (ended - admitted)[counts])


def _listed() -> Select[int, int, str, str, str]:
    """The stays of each hospital: its number, how many, and the homes, admissions and discharges as text."""
    hospital = func.coalesce(Stay.hospital_id, NOWHERE)
    days = ListedDays(Stay.admitted_on), ListedDays(Stay.discharged_on)
    wanted = select(hospital, func.count(), ListedNumbers(Stay.home_id), *days)
    return wanted.group_by(Stay.hospital_id)
