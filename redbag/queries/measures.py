"""The stays that measures by month are made from, for the places an actor may read figures of."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from redbag.database import db
from redbag.domain.permissions import Actor, Role
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stay_counts import ADMITTED, ALL, BED_DAYS, CLOSED, StayCounts, StayFacts
from redbag.domain.stays_by_month import first_day
from redbag.models import Organisation, Stay, Ward
from redbag.queries import figures, stay_facts, stay_rows


def stay_counts(actor: Actor, chosen: ReportFilter, as_of: date) -> StayCounts:
    """The stays behind the months of a filter: of the whole country from the kept counts.

    Raises NotPermitted for whoever reads no figures.
    """
    if actor.role is not Role.OVERSIGHT:
        return StayCounts.of(own_stays(actor, chosen), as_of)
    series = figures.read_all((CLOSED, ADMITTED, BED_DAYS), ALL, (chosen.first, first_day(as_of)))
    kept = {name: by_value.get("", {}) for name, by_value in series.items()}
    return StayCounts.kept(kept, stay_facts.unsettled(as_of), as_of)


def own_stays(actor: Actor, chosen: ReportFilter) -> list[StayFacts]:
    """The stays of a home's or hospital's filter that are open or ended in its months or later."""
    stay_rows.reads(actor)
    facts = stay_facts.where(db.session.connection(), _own_since(actor, chosen))
    return [one for one in facts if _keeps(chosen, one)] if chosen.has_factors else facts


def _own(actor: Actor, chosen: ReportFilter) -> ColumnElement[bool]:
    """The actor's own place, and the places that the filter chose."""
    own = Stay.home_id if actor.role is Role.HOME_MANAGER else Stay.hospital_id
    wanted = [own == actor.organisation_id]
    for ref, column in ((chosen.home_ref, Stay.home_id), (chosen.hospital_ref, Stay.hospital_id)):
        if ref:
            wanted.append(column == select(Organisation.id).filter_by(ref=ref).scalar_subquery())
    if chosen.ward_ref:
        wanted.append(Stay.ward_id == select(Ward.id).filter_by(ref=chosen.ward_ref).scalar_subquery())
    return and_(true(), *wanted)


def _own_since(actor: Actor, chosen: ReportFilter) -> ColumnElement[bool]:
    """The place in both parts: SQLite then finds each by its index, not among all stays of the place."""
    own = _own(actor, chosen)
    return or_(and_(own, Stay.discharged_on.is_(None)), and_(own, Stay.discharged_on >= chosen.start))


def _keeps(chosen: ReportFilter, stay: StayFacts) -> bool:
    return chosen.keeps(reason=stay.reason, age=stay.age, bag=stay.bag, discharged_on=stay.discharged_on)


def records_began(actor: Actor, chosen: ReportFilter) -> date | None:
    """When records begin: on the home's own first day, else on that of the first home."""
    homes = select(func.min(Organisation.joined_on)).where(Organisation.kind == "care_home")
    if actor.role is Role.HOME_MANAGER:
        homes = homes.where(Organisation.id == actor.organisation_id)
    elif chosen.home_ref:
        homes = homes.where(Organisation.ref == chosen.home_ref)
    return db.session.scalar(homes)
