"""Stays of the places that an actor may read figures of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain import stay_report
from redbag.domain.discharge_papers import Summaries, counted
from redbag.domain.errors import NotPermitted
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor, Permission, Role, can
from redbag.domain.stay_report import StayReport, StayRow
from redbag.domain.stays_by_month import Figures
from redbag.models import Organisation, Stay, Transfer


@dataclass(frozen=True)
class Behind:
    """One stay behind a figure, and how many days of it the figure counts."""

    stay: Stay
    transfer: Transfer
    days: int


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


def _rows(actor: Actor) -> list[tuple[int, StayRow]]:
    """Stays from each home's start date on, counted together where all their facts agree; each with its
    home. They are drawn together by resident, for a borough by home."""
    whose = Stay.home_id if actor.role is Role.OVERSIGHT else Stay.resident_id
    facts = (Stay.admitted_on, Stay.discharged_on, Stay.ended_as, Stay.admission_source)
    found = db.session.execute(
        select(Stay.home_id, *facts, func.count(), whose)
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(_scope(actor), _since_joining())
        .group_by(Stay.home_id, *facts, *([] if whose is Stay.home_id else [whose]))
    )
    return [
        (home, StayRow(admitted, discharged, ended_as, source, number, drawn_with))
        for home, admitted, discharged, ended_as, source, number, drawn_with in found
    ]


def _attendances(condition: ColumnElement[bool]) -> list[tuple[int, date]]:
    """The homes and days of visits to a hospital that did not admit."""
    found = db.session.execute(
        select(Transfer.home_id, Transfer.arrived_at).where(
            condition,
            Transfer.arrived_at.is_not(None),
            Transfer.admitted_at.is_(None),
            Transfer.ended_at.is_not(None),
        )
    )
    return [(home, london_day(at)) for home, at in found if at is not None]


def _first_days(actor: Actor) -> dict[int, date | None]:
    """The first day of each home: of a home manager's own, else of all."""
    homes = select(Organisation.id, Organisation.joined_on).where(Organisation.kind == "care_home")
    if actor.role is Role.HOME_MANAGER:
        homes = homes.where(Organisation.id == actor.organisation_id)
    return {row.id: row.joined_on for row in db.session.execute(homes)}


def report(actor: Actor, now: datetime) -> StayReport:
    """The length-of-stay report of the actor's own place, at the last complete London day."""
    if not can(actor, Permission.REPORT_READ):
        raise NotPermitted("Reports are for managers.")
    whole, as_of = actor.role is Role.OVERSIGHT, last_complete_day(now)
    rows, first_days = _rows(actor), _first_days(actor)
    # Records begin on a home's own first day, or on that of the first home.
    began = min((day for day in first_days.values() if day), default=None)
    sending = first_days if actor.role is not Role.HOSPITAL_MANAGER else {home for home, _ in rows}
    same = {home for home, day in first_days.items() if stay_report.in_both_years(day, as_of, began)}
    return stay_report.build(
        "All care homes" if whole else actor.organisation_name,
        [replace(row, compared=home in same) for home, row in rows],
        as_of,
        records_began=began,
        attendance_days=[day for home, day in _attendances(_attended(actor)) if home in same],
        homes=stay_report.homes_behind([first_days.get(home) for home in sending], as_of, began),
    )


def summaries(actor: Actor, start: date, end: date) -> Summaries:
    """Discharge summaries of the people who left hospital alive from `start` to `end`."""
    if not can(actor, Permission.REPORT_READ):
        raise NotPermitted("Reports are for managers.")
    found = db.session.execute(
        select(Stay.summary, Stay.papers_missing, func.count())
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(_scope(actor), _since_joining(), Stay.discharged_on.between(start, end))
        .where(Stay.ended_as != "died")
        .group_by(Stay.summary, Stay.papers_missing)
    )
    return counted((summary, missing, number) for summary, missing, number in found)


def behind(actor: Actor, *, ended_in: date | None, as_of: date) -> list[Behind]:
    """The stays behind a figure of the report, longest first where they are open.

    Of one month of discharge; or, without a month, those open at the end of `as_of`: the same people as the
    report counts. For readers who may see people: nobody else gets here.
    """
    if not can(actor, Permission.REPORT_PEOPLE):
        raise NotPermitted("These figures have no people behind them for you.")
    wanted = (
        select(Stay, Transfer)
        .join(Transfer, Transfer.id == Stay.transfer_id)
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(_scope(actor), _since_joining(), Stay.admitted_on <= as_of)
    )
    if ended_in is None:
        wanted = wanted.where(or_(Stay.discharged_on.is_(None), Stay.discharged_on > as_of))
    else:
        after = date(ended_in.year + ended_in.month // 12, ended_in.month % 12 + 1, 1)
        wanted = wanted.where(
            Stay.discharged_on >= ended_in.replace(day=1),
            Stay.discharged_on < after,
            Stay.discharged_on >= Stay.admitted_on,
        )
    found = db.session.execute(
        wanted.options(joinedload(Transfer.resident), joinedload(Transfer.ward), joinedload(Transfer.home))
        .order_by(Stay.admitted_on, Stay.id)
        .limit(500)
    )
    return [
        Behind(stay, transfer, (min(stay.discharged_on or as_of, as_of) - stay.admitted_on).days)
        for stay, transfer in found
    ]


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
