"""Stays, and what stands beside them, as rows of the places that an actor may read figures of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from redbag.database import db
from redbag.domain.errors import NotPermitted
from redbag.domain.london_time import age_on, end_of_day, london_day, start_of_day
from redbag.domain.permissions import Actor, Permission, Role, can
from redbag.domain.readmissions import Spell
from redbag.domain.report_filter import Places, ReportFilter
from redbag.domain.resident_days import Lived
from redbag.domain.stay_counts import StayFacts, bag_of
from redbag.domain.stay_groups import Names
from redbag.models import JourneyFigures, Organisation, Resident, Stay, Transfer, Ward
from redbag.queries import stay_facts


@dataclass(frozen=True)
class NamedPlaces:
    """Homes, hospitals and wards of an actor's stays, as (number, reference, name)."""

    homes: tuple[tuple[int, str, str], ...] = ()
    hospitals: tuple[tuple[int, str, str], ...] = ()
    wards: tuple[tuple[int, str, str], ...] = ()

    @property
    def choices(self) -> Places:
        """What a filter can choose from; one alone is no choice."""
        homes, hospitals, wards = (
            tuple((ref, name) for _, ref, name in one) for one in (self.homes, self.hospitals, self.wards)
        )
        return Places(homes if len(homes) > 1 else (), hospitals if len(hospitals) > 1 else (), wards)

    @property
    def names(self) -> Names:
        """The names by number, as tables want them."""
        homes, hospitals, wards = (
            {str(number): name for number, _, name in one} for one in (self.homes, self.hospitals, self.wards)
        )
        return Names(homes, hospitals, wards)

    def number(self, ref: str) -> int | None:
        """The number of the place with this reference; None of none."""
        found = (number for number, known, _ in (*self.homes, *self.hospitals, *self.wards) if known == ref)
        return next(found, None)


def reads(actor: Actor) -> None:
    """Raises NotPermitted for whoever reads no figures."""
    if not can(actor, Permission.REPORT_READ):
        raise NotPermitted("Reports are for managers.")


def scope(
    actor: Actor, table: type[Stay] | type[Transfer] | type[JourneyFigures] = Stay
) -> ColumnElement[bool]:
    """What an actor's figures are made from: of the own home or hospital; for oversight everything."""
    if actor.role is Role.HOME_MANAGER:
        return table.home_id == actor.organisation_id
    if actor.role is Role.HOSPITAL_MANAGER:
        return table.hospital_id == actor.organisation_id
    return true()


def since_joining() -> ColumnElement[bool]:
    """A home's stays count from its start date."""
    return or_(Organisation.joined_on.is_(None), Stay.admitted_on >= Organisation.joined_on)


def places(actor: Actor) -> NamedPlaces:
    """The other places of the actor's stays, by name; for oversight the hospitals."""
    reads(actor)
    if actor.role is Role.HOME_MANAGER:
        hospitals = _organisations(select(Stay.hospital_id).where(scope(actor)))
        wards = _wards(select(Stay.ward_id).where(scope(actor)), with_hospital=len(hospitals) > 1)
        return NamedPlaces((), hospitals, wards)
    if actor.role is Role.HOSPITAL_MANAGER:
        homes = _organisations(select(Stay.home_id).where(scope(actor)))
        own = select(Ward.id).where(Ward.organisation_id == actor.organisation_id)
        return NamedPlaces(homes, (), _wards(own, with_hospital=False))
    hospitals = _organisations(select(Organisation.id).where(Organisation.kind == "hospital"))
    return NamedPlaces((), hospitals, ())


def _organisations(numbers: Any) -> tuple[tuple[int, str, str], ...]:
    wanted = select(Organisation.id, Organisation.ref, Organisation.name).where(Organisation.id.in_(numbers))
    return tuple(
        (row.id, row.ref, row.name) for row in db.session.execute(wanted.order_by(Organisation.name))
    )


def _wards(numbers: Any, *, with_hospital: bool) -> tuple[tuple[int, str, str], ...]:
    wanted = (
        select(Ward.id, Ward.ref, Ward.name, Organisation.name.label("hospital"))
        .join(Organisation, Organisation.id == Ward.organisation_id)
        .where(Ward.id.in_(numbers))
        .order_by(Organisation.name, Ward.name)
    )
    return tuple(
        (row.id, row.ref, f"{row.name}, {row.hospital}" if with_hospital else row.name)
        for row in db.session.execute(wanted)
    )


def stays(actor: Actor, since: date) -> list[StayFacts]:
    """The actor's stays that are open or ended on `since` or later, and all that contradict themselves."""
    reads(actor)
    return _ended_since(scope(actor), since)


def _ended_since(condition: ColumnElement[bool], since: date) -> list[StayFacts]:
    recent = or_(
        Stay.discharged_on.is_(None), Stay.discharged_on >= since, Stay.discharged_on < Stay.admitted_on
    )
    return stay_facts.where(db.session.connection(), and_(condition, recent))


def chosen_of(stays: Iterable[StayFacts], chosen: ReportFilter, named: NamedPlaces) -> list[StayFacts]:
    """The stays that a filter keeps, whatever the month."""
    if not chosen.has_factors:
        return list(stays)
    home, hospital, ward = (
        named.number(ref) if ref else None for ref in (chosen.home_ref, chosen.hospital_ref, chosen.ward_ref)
    )
    return [
        one
        for one in stays
        if (home is None or one.home_id == home)
        and (hospital is None or one.hospital_id == hospital)
        and (ward is None or one.ward_id == ward)
        and _keeps(chosen, one)
    ]


def _keeps(chosen: ReportFilter, facts: StayFacts) -> bool:
    return chosen.keeps(reason=facts.reason, age=facts.age, bag=facts.bag, discharged_on=facts.discharged_on)


def ended_before(actor: Actor, day: date) -> int:
    """How many of the actor's stays ended before this day, and are not among stays()."""
    counted = (
        select(func.count())
        .select_from(Stay)
        .where(scope(actor), Stay.discharged_on < day, Stay.discharged_on >= Stay.admitted_on)
    )
    return int(db.session.scalar(counted) or 0)


def spells(actor: Actor, since: date, everybody: list[StayFacts], own: list[StayFacts]) -> list[Spell]:
    """For counting readmissions: the stays of a report (`own`), and what else could follow them: the other
    stays of the place, and those of the same residents in other hospitals."""
    ours = {id(one) for one in own}
    found = [_spell(one, counts=id(one) in ours) for one in everybody]
    if actor.role is Role.HOSPITAL_MANAGER:
        residents = select(Stay.resident_id).where(scope(actor), Stay.discharged_on >= since)
        elsewhere = and_(
            Stay.resident_id.in_(residents), Stay.hospital_id.is_distinct_from(actor.organisation_id)
        )
        found += [_spell(one, counts=False) for one in _ended_since(elsewhere, since)]
    return found


def _spell(one: StayFacts, *, counts: bool) -> Spell:
    urgent = one.journey_type == "emergency"
    return Spell(
        one.drawn_with, one.admitted_on, one.discharged_on, one.ended_as, urgent, counts and one.counts
    )


def attendances(
    actor: Actor, start: date, end: date, chosen: ReportFilter, named: NamedPlaces
) -> list[tuple[int, datetime]]:
    """The visits without admission from `start` to `end`: their home and arrival. They have no ward and no
    day of discharge: narrowed down to one there are none."""
    if chosen.ward_ref or chosen.weekday:
        return []
    wanted = (
        select(Transfer.home_id, Transfer.hospital_id, Transfer.arrived_at, Transfer.reason)
        .add_columns(Resident.date_of_birth, Transfer.with_bag)
        .join(Resident, Resident.id == Transfer.resident_id)
        .where(
            scope(actor, Transfer),
            Transfer.arrived_at >= start_of_day(start),
            Transfer.arrived_at < end_of_day(end),
            Transfer.admitted_at.is_(None),
            Transfer.ended_at.is_not(None),
        )
    )
    home, hospital = (named.number(ref) if ref else None for ref in (chosen.home_ref, chosen.hospital_ref))
    found = []
    for home_id, hospital_id, arrived, reason, born, with_bag in db.session.execute(wanted):
        at = _instant(arrived)
        if (home is not None and home_id != home) or (hospital is not None and hospital_id != hospital):
            continue
        if chosen.has_factors:
            day = london_day(at)
            age = age_on(born, day) if born <= day else None
            if not chosen.keeps(reason=reason, age=age, bag=bag_of(with_bag), discharged_on=None):
                continue
        found.append((home_id, at))
    return found


def _instant(at: datetime | None) -> datetime:
    assert at is not None  # noqa: S101 - the query asks for those that arrived
    return at


def lived(actor: Actor, start: date, end: date) -> list[Lived] | None:
    """Who lived in the homes between two days: of a home its residents, for a borough those of all homes;
    None for a hospital, whose residents nobody knows."""
    if actor.role is Role.HOSPITAL_MANAGER:
        return None
    wanted = select(Resident.moved_in_on, Resident.created_at, Resident.left_on).where(
        or_(Resident.left_on.is_(None), Resident.left_on > start),
        or_(Resident.moved_in_on.is_(None), Resident.moved_in_on <= end),
    )
    if actor.role is Role.HOME_MANAGER:
        wanted = wanted.where(Resident.home_id == actor.organisation_id)
    return [
        Lived(moved_in, london_day(created), left) for moved_in, created, left in db.session.execute(wanted)
    ]


def first_days(actor: Actor) -> dict[int, date | None]:
    """The first day of each home: of a home manager's own, else of all."""
    homes = select(Organisation.id, Organisation.joined_on).where(Organisation.kind == "care_home")
    if actor.role is Role.HOME_MANAGER:
        homes = homes.where(Organisation.id == actor.organisation_id)
    return {row.id: row.joined_on for row in db.session.execute(homes)}
