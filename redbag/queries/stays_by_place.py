"""Closed stays of the whole country by home and hospital, in one reading along the day of discharge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from redbag.database import db
from redbag.domain.errors import NotPermitted
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Actor, Role
from redbag.domain.place_paper import Found
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stays_by_month import first_whole_month
from redbag.domain.stays_by_place import NOWHERE, PlaceStays
from redbag.models import Organisation, Stay
from redbag.queries import kept_quality, stay_rows
from redbag.queries.day_number import DayNumber
from redbag.queries.stays import ALL_HOMES


def found(actor: Actor, now: datetime) -> Found:
    """The stays that ended in the last twelve complete months, of every place. Raises NotPermitted for
    whoever reads no figures, or those of one place only."""
    stay_rows.reads(actor)
    if actor.role is not Role.OVERSIGHT:
        raise NotPermitted("Figures of every place are for oversight.")
    as_of = last_complete_day(now)
    chosen = ReportFilter.usual(as_of)
    return Found(
        PlaceStays.of(_stays(chosen)),
        {row.id: row.name for row in db.session.execute(select(Organisation.id, Organisation.name))},
        chosen,
        as_of,
        ALL_HOMES,
        kept_quality.of_closed(chosen, 0, 0),
    )


def _stays(chosen: ReportFilter) -> Sequence[Any]:
    hospital = func.coalesce(Stay.hospital_id, NOWHERE)
    days = DayNumber(Stay.discharged_on) - DayNumber(Stay.admitted_on)
    wanted = (
        select(Stay.home_id, hospital, days)
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(
            Stay.discharged_on.between(chosen.start, chosen.end),
            Stay.discharged_on >= Stay.admitted_on,
            stay_rows.since_joining(),
            _in_whole_months(chosen.start),
        )
    )
    return db.session.execute(wanted).all()


def _in_whole_months(start: date) -> ColumnElement[bool]:
    """Not in the first months of a home's records: these read too short."""
    late: defaultdict[date, list[date]] = defaultdict(list)
    days = select(Organisation.joined_on).where(Organisation.joined_on.is_not(None)).distinct()
    for joined in db.session.scalars(days):
        if joined is not None and first_whole_month(joined) > start:
            late[first_whole_month(joined)].append(joined)
    joined_late = [day for joined in late.values() for day in joined]
    return or_(
        Organisation.joined_on.is_(None),
        Organisation.joined_on.not_in(joined_late),
        *(
            and_(Organisation.joined_on.in_(joined), Stay.discharged_on >= month)
            for month, joined in late.items()
        ),
    )
