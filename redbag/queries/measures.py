"""Any measure month by month, for the places an actor may read figures of: what charts are drawn from."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, func, select, true

from redbag.database import db
from redbag.domain.errors import NotPermitted
from redbag.domain.measures import PATHWAY_MEASURES, Measure, MonthValue, value_of
from redbag.domain.permissions import Actor, Permission, Role, can
from redbag.domain.report_filter import ReportFilter
from redbag.domain.stay_counts import ADMITTED, ALL, BED_DAYS, CLOSED, StayCounts, StayFacts
from redbag.domain.stays_by_month import first_day, is_hidden
from redbag.models import Organisation, Stay, Ward
from redbag.queries import figures, pathway, stay_facts

_OF_THE_PATHWAY = frozenset(measure.key for measure in PATHWAY_MEASURES)


def by_month(actor: Actor, measure: Measure, chosen: ReportFilter, as_of: date) -> list[MonthValue]:
    """The measure's value for each month of the filter, complete months up to `as_of`; a month without
    records has none. A stay measure has none either for the first three months after records begin, which
    read too short."""
    if not can(actor, Permission.REPORT_READ):
        raise NotPermitted("Reports are for managers.")
    if measure.key in _OF_THE_PATHWAY:
        counts = pathway.counts(actor, chosen, chosen.first, chosen.last)
        found = [(month, value_of(measure, counts.values[measure.key][month])) for month in chosen.months]
        return [MonthValue(month, n, value) for month, (n, value) in found]
    stays = stay_counts(actor, chosen, as_of)
    began = records_began(actor, chosen)
    return [_of_stays(measure, month, stays, began) for month in chosen.months]


def _of_stays(measure: Measure, month: date, stays: StayCounts, began: date | None) -> MonthValue:
    if measure.key == "admissions":
        admitted = stays.admissions()[month]
        missing = began is not None and month < began
        return MonthValue(month, admitted, None if missing else float(admitted))
    n, value = value_of(measure, stays.closed[month])
    if measure.key == "bed_days":
        nights = stays.bed_days[month]
        n, value = nights, float(nights)
    return MonthValue(month, n, None if is_hidden(month, began) else value)


def stay_counts(actor: Actor, chosen: ReportFilter, as_of: date) -> StayCounts:
    """The stays behind the months of a filter: of the whole country from the kept counts."""
    if actor.role is not Role.OVERSIGHT:
        return StayCounts.of(own_stays(actor, chosen), as_of)
    series = figures.read_all((CLOSED, ADMITTED, BED_DAYS), ALL, (chosen.first, first_day(as_of)))
    kept = {name: by_value.get("", {}) for name, by_value in series.items()}
    return StayCounts.kept(kept, stay_facts.unsettled(as_of), as_of)


def own_stays(actor: Actor, chosen: ReportFilter) -> list[StayFacts]:
    """The stays of a home's or hospital's filter that are open or ended in its months or later."""
    facts = stay_facts.where(db.session.connection(), and_(_own(actor, chosen), _since(chosen)))
    return [one for one in facts if _keeps(chosen, one)]


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


def _since(chosen: ReportFilter) -> ColumnElement[bool]:
    return Stay.discharged_on.is_(None) | (Stay.discharged_on >= chosen.start)


def _keeps(chosen: ReportFilter, stay: StayFacts) -> bool:
    return not chosen.has_factors or chosen.keeps(
        reason=stay.reason, age=stay.age, bag=stay.bag, discharged_on=stay.discharged_on
    )


def records_began(actor: Actor, chosen: ReportFilter) -> date | None:
    """When records begin: on the home's own first day, else on that of the first home."""
    homes = select(func.min(Organisation.joined_on)).where(Organisation.kind == "care_home")
    if actor.role is Role.HOME_MANAGER:
        homes = homes.where(Organisation.id == actor.organisation_id)
    elif chosen.home_ref:
        homes = homes.where(Organisation.ref == chosen.home_ref)
    return db.session.scalar(homes)
