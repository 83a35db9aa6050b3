"""Stays of the places that an actor may read figures of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain import stay_report
from redbag.domain.errors import NotPermitted
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor, Permission, Role, can
from redbag.domain.stay_report import StayReport, StayRow
from redbag.domain.stays_by_month import Figures
from redbag.models import Organisation, Stay, Transfer


def _scope(actor: Actor) -> ColumnElement[bool]:
    if actor.role is Role.HOME_MANAGER:
        return Stay.home_id == actor.organisation_id
    if actor.role is Role.HOSPITAL_MANAGER:
        return Stay.hospital_id == actor.organisation_id
    return true()


def _attended(actor: Actor) -> ColumnElement[bool]:
    if actor.role is Role.HOME_MANAGER:
        return Transfer.home_id == actor.organisation_id
    if actor.role is Role.HOSPITAL_MANAGER:
        return Transfer.hospital_id == actor.organisation_id
    return true()


def _since_joining() -> ColumnElement[bool]:
    """A home's stays count from its start date."""
    return or_(Organisation.joined_on.is_(None), Stay.admitted_on >= Organisation.joined_on)


def rows(scope: ColumnElement[bool]) -> list[StayRow]:
    """Stays from each home's start date on, counted together where all their facts agree."""
    found = db.session.execute(
        select(Stay.admitted_on, Stay.discharged_on, Stay.ended_as, Stay.admission_source, func.count())
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(scope, _since_joining())
        .group_by(Stay.admitted_on, Stay.discharged_on, Stay.ended_as, Stay.admission_source)
    )
    return [StayRow(*row) for row in found]


def _attendance_days(condition: ColumnElement[bool]) -> list[date]:
    """The days of visits to a hospital that did not admit."""
    instants = db.session.scalars(
        select(Transfer.arrived_at).where(
            condition,
            Transfer.arrived_at.is_not(None),
            Transfer.admitted_at.is_(None),
            Transfer.ended_at.is_not(None),
        )
    )
    return [london_day(at) for at in instants if at is not None]


def _began(actor: Actor) -> date | None:
    """When the records of this reader's place begin: a home's own start date, else the first home's."""
    begun = select(func.min(Organisation.joined_on)).where(Organisation.kind == "care_home")
    if actor.role is Role.HOME_MANAGER:
        begun = begun.where(Organisation.id == actor.organisation_id)
    return db.session.scalar(begun)


def report(actor: Actor, now: datetime) -> StayReport:
    """The length-of-stay report of the actor's own place, at the last complete London day."""
    if not can(actor, Permission.REPORT_READ):
        raise NotPermitted("Reports are for managers.")
    whole = actor.role is Role.OVERSIGHT
    return stay_report.build(
        "All care homes" if whole else actor.organisation_name,
        rows(_scope(actor)),
        last_complete_day(now),
        records_began=_began(actor),
        attendance_days=_attendance_days(_attended(actor)),
    )


def behind(actor: Actor, *, ended_in: date | None, open_only: bool) -> list[tuple[Stay, Transfer]]:
    """The stays behind a figure, with their journeys: of one month of discharge, or those still open.

    For readers who may see people: nobody else gets here.
    """
    if not can(actor, Permission.REPORT_PEOPLE):
        raise NotPermitted("These figures have no people behind them for you.")
    wanted = select(Stay, Transfer).join(Transfer, Transfer.id == Stay.transfer_id).where(_scope(actor))
    if open_only:
        wanted = wanted.where(Stay.discharged_on.is_(None))
    elif ended_in is not None:
        after = date(ended_in.year + ended_in.month // 12, ended_in.month % 12 + 1, 1)
        wanted = wanted.where(Stay.discharged_on >= ended_in.replace(day=1), Stay.discharged_on < after)
    found = db.session.execute(
        wanted.options(joinedload(Transfer.resident), joinedload(Transfer.ward), joinedload(Transfer.home))
        .order_by(Stay.admitted_on)
        .limit(500)
    )
    return [(stay, transfer) for stay, transfer in found]


def figures_by(by: str, start: date, end: date, as_of: date) -> list[tuple[str, Figures]]:
    """Closed stays discharged from `start` to `end` (complete days up to `as_of`), for the operator:
    by "month" of discharge, by "home" or by "hospital". Names of places, never of people."""
    place = {"home": Stay.home_id, "hospital": Stay.hospital_id}.get(by)
    columns = [Stay.admitted_on, Stay.discharged_on, *([] if place is None else [place])]
    counted = (
        select(*columns, func.count())
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(
            Stay.discharged_on.between(start, min(end, as_of)),
            Stay.discharged_on >= Stay.admitted_on,
            _since_joining(),
        )
    )
    lengths: dict[Any, Counter[int]] = defaultdict(Counter)
    found: Iterable[Any] = db.session.execute(counted.group_by(*columns))
    for admitted, discharged, *where, number in found:
        key = where[0] if where else discharged.replace(day=1)
        lengths[key][(discharged - admitted).days] += number
    if place is None:
        return [(f"{month:%Y-%m}", Figures.of(lengths[month])) for month in sorted(lengths)]
    names = {row.id: row.name for row in db.session.scalars(select(Organisation))}
    named = [(names.get(key, "not recorded"), Figures.of(counts)) for key, counts in lengths.items()]
    return sorted(named, key=lambda pair: pair[0])
