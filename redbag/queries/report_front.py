"""What the front page of reports counts: who is in hospital, who could leave it, which homes answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.errors import NotPermitted
from redbag.domain.length_of_stay import LONG_STAY_DAYS
from redbag.domain.permissions import Actor, Permission, can
from redbag.domain.report_front import FEWEST_ANSWERS, Answered, InHospital
from redbag.models import JourneyFigures, Organisation, Stay, Transfer
from redbag.queries.stay_rows import reads, scope, since_joining
from redbag.queries.transfers import visible


@dataclass(frozen=True)
class Ready:
    """Somebody ready to go home, and since when. `readable`: the reader may still see who it is."""

    transfer: Transfer
    since: date
    days: int
    readable: bool


def _open(actor: Actor, as_of: date) -> tuple[ColumnElement[bool], ...]:
    """Stays of this actor's place that were open at the end of the day, from each home's first day on."""
    reads(actor)
    own = scope(actor)
    return (
        # The place in both parts: SQLite then finds each by its index, not among all stays of the place.
        or_(and_(own, Stay.discharged_on.is_(None)), and_(own, Stay.discharged_on > as_of)),
        since_joining(),
        Stay.admitted_on <= as_of,
    )


def in_hospital(actor: Actor, as_of: date) -> InHospital:
    """Who is in hospital at the end of `as_of`, in numbers."""
    found = db.session.execute(
        select(Stay.admitted_on, Stay.discharge_ready_on, func.count())
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(*_open(actor, as_of))
        .group_by(Stay.admitted_on, Stay.discharge_ready_on)
    ).all()
    lengths: Counter[int] = Counter()
    ready: Counter[date] = Counter()
    for admitted, since, number in found:
        lengths[(as_of - admitted).days] += number
        if since is not None and since <= as_of:
            ready[since] += number
    return InHospital(
        number=lengths.total(),
        at_least=tuple(
            (mark, sum(number for days, number in lengths.items() if days >= mark)) for mark in LONG_STAY_DAYS
        ),
        ready=ready.total(),
        ready_since=min(ready, default=None),
    )


def ready_to_go(actor: Actor, as_of: date, at_most: int) -> list[Ready]:
    """Who is ready to go home and still in hospital, the longest since first: for whoever may see people."""
    if not can(actor, Permission.REPORT_PEOPLE):
        raise NotPermitted("These figures have no people behind them for you.")
    found = db.session.execute(
        select(Transfer, Stay.discharge_ready_on, visible(actor))
        .join(Stay, Stay.transfer_id == Transfer.id)
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(*_open(actor, as_of), Stay.discharge_ready_on <= as_of)
        .options(joinedload(Transfer.resident), joinedload(Transfer.ward), joinedload(Transfer.home))
        .order_by(Stay.discharge_ready_on, Stay.id)
        .limit(at_most)
    )
    return [
        Ready(transfer, since, (as_of - since).days, readable)
        for transfer, since, readable in found
        if since is not None
    ]


def answered(actor: Actor, start: date, end: date) -> list[Answered]:
    """By home: home and ward spoke within 48 hours, over the contacts due from `start` to `end`; the homes
    that did least often first, after them those with too few stays to say."""
    reads(actor)
    within = func.sum(JourneyFigures.home_contact)
    found = db.session.execute(
        select(Organisation.name, within, func.count())
        .join(JourneyFigures, JourneyFigures.home_id == Organisation.id)
        .where(
            scope(actor, JourneyFigures),
            JourneyFigures.last_on >= start,  # the index: no day of a journey is later
            JourneyFigures.contact_on.between(start, end),
            JourneyFigures.home_contact >= 0,
        )
        .group_by(Organisation.id, Organisation.name)
    )
    homes = [Answered(name, int(part or 0), n) for name, part, n in found]
    return sorted(homes, key=lambda one: (one.n < FEWEST_ANSWERS, one.within / one.n, -one.n, one.home))
