"""The journeys behind a figure of the length-of-stay report, for readers who may see people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.errors import NotPermitted
from redbag.domain.permissions import Actor, Permission, can
from redbag.domain.stays_by_month import add_months, first_day
from redbag.models import Organisation, Stay, Transfer
from redbag.queries.stay_rows import scope, since_joining
from redbag.queries.transfers import visible


@dataclass(frozen=True)
class Behind:
    """One stay behind a figure, and how many days of it the figure counts. `readable`: the reader may still
    see whose it is; a hospital may until the home has closed the journey."""

    stay: Stay
    transfer: Transfer
    days: int
    readable: bool


def behind(actor: Actor, *, ended_in: date | None, as_of: date) -> list[Behind]:
    """The stays behind a figure of the report, longest first where they are open.

    Of one month of discharge; or, without a month, those open at the end of `as_of`: the same people as the
    report counts. For readers who may see people: nobody else gets here.
    """
    if not can(actor, Permission.REPORT_PEOPLE):
        raise NotPermitted("These figures have no people behind them for you.")
    wanted = (
        select(Stay, Transfer, visible(actor))
        .join(Transfer, Transfer.id == Stay.transfer_id)
        .join(Organisation, Organisation.id == Stay.home_id)
        .where(scope(actor), since_joining(), Stay.admitted_on <= as_of)
    )
    if ended_in is None:
        wanted = wanted.where(or_(Stay.discharged_on.is_(None), Stay.discharged_on > as_of))
    else:
        wanted = wanted.where(
            Stay.discharged_on >= first_day(ended_in),
            Stay.discharged_on < add_months(ended_in, 1),
            Stay.discharged_on >= Stay.admitted_on,
        )
    found = db.session.execute(
        wanted.options(joinedload(Transfer.resident), joinedload(Transfer.ward), joinedload(Transfer.home))
        .order_by(Stay.admitted_on, Stay.id)
        .limit(500)
    )
    return [
        Behind(stay, transfer, (min(stay.discharged_on or as_of, as_of) - stay.admitted_on).days, readable)
        for stay, transfer, readable in found
    ]
