"""Stays, and what stands beside them, as rows of the places that an actor may read figures of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true

from redbag.database import db
from redbag.domain.errors import NotPermitted
from redbag.domain.london_time import end_of_day, start_of_day
from redbag.domain.permissions import Actor, Permission, Role, can
from redbag.domain.report_filter import NOT_RECORDED, Places, ReportFilter
from redbag.domain.resident_days import Lived
from redbag.domain.stay_columns import StayColumns
from redbag.domain.stay_counts import StayFacts
from redbag.domain.stay_groups import Names
from redbag.domain.stay_periods import Period
from redbag.models import JourneyFigures, Organisation, Resident, Stay, Transfer, Ward
from redbag.queries import age_on_arrival, place_changes, resident_facts, stay_facts
from redbag.queries.among import among, among_found
from redbag.queries.stay_facts import FirstDays


@dataclass(frozen=True)
class NamedPlaces:
    """Homes, hospitals and wards of an actor's stays, as (number, reference, name); `own`: the reference of
    the actor's own place; `first_days`: those of the homes."""

    homes: tuple[tuple[int, str, str], ...] = ()
    hospitals: tuple[tuple[int, str, str], ...] = ()
    wards: tuple[tuple[int, str, str], ...] = ()
    own: str = ""
    first_days: FirstDays = field(default_factory=dict)

    @property
    def choices(self) -> Places:
        """What a filter can choose from; one alone is no choice."""
        homes, hospitals, wards = (
            tuple((ref, name) for _, ref, name in one) for one in (self.homes, self.hospitals, self.wards)
        )
        homes, hospitals = (one if len(one) > 1 else () for one in (homes, hospitals))
        return Places(homes, hospitals, wards, self.own)

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
    columns = {"home": table.home_id, "hospital": table.hospital_id}
    return and_(true(), *(columns[kind] == number for kind, number in own_place(actor).items()))


def own_place(actor: Actor) -> Mapping[str, int]:
    """The number of the actor's own place, by "home" or "hospital"; nothing for oversight."""
    if actor.role is Role.HOME_MANAGER:
        return {"home": actor.organisation_id}
    if actor.role is Role.HOSPITAL_MANAGER:
        return {"hospital": actor.organisation_id}
    return {}


def since_joining() -> ColumnElement[bool]:
    """A home's stays count from its start date."""
    return or_(Organisation.joined_on.is_(None), Stay.admitted_on >= Organisation.joined_on)


def places(actor: Actor, homes: Collection[int] | None = None) -> NamedPlaces:
    """The other places of the actor's stays and visits, by name; for oversight the hospitals. `homes`: a
    hospital's, where they are known already (place_changes.others)."""
    reads(actor)
    if actor.role is Role.HOME_MANAGER:
        hospitals = _named(_organisations(Organisation.id.in_(select(Stay.hospital_id).where(scope(actor)))))
        wards = _wards(select(Stay.ward_id).where(scope(actor)), with_hospital=len(hospitals) > 1)
        return NamedPlaces((), hospitals, wards, actor.organisation_ref)
    if actor.role is Role.HOSPITAL_MANAGER:
        sending = _organisations(
            among(Organisation.id, place_changes.others(actor) if homes is None else homes)
        )
        own = select(Ward.id).where(Ward.organisation_id == actor.organisation_id)
        return NamedPlaces(
            _named(sending),
            (),
            _wards(own, with_hospital=False),
            actor.organisation_ref,
            {one.id: one.joined_on for one in sending},
        )
    return NamedPlaces((), _named(_organisations(Organisation.kind == "hospital")), ())


def _organisations(condition: ColumnElement[bool]) -> Sequence[Any]:
    columns = (Organisation.id, Organisation.ref, Organisation.name, Organisation.joined_on)
    wanted = select(*columns).where(condition).order_by(Organisation.name, Organisation.id)
    return db.session.execute(wanted).all()


def _named(organisations: Iterable[Any]) -> tuple[tuple[int, str, str], ...]:
    return tuple((one.id, one.ref, one.name) for one in organisations)


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
    return stay_facts.where(db.session.connection(), and_(scope(actor), _recent(since)))


def columns(actor: Actor, since: date, known: FirstDays = stay_facts.NONE_KNOWN) -> StayColumns:
    """The same as columns, which count quicker. `known`: the first days of homes as far as they were read."""
    reads(actor)
    return stay_facts.columns_since(own_place(actor), since, known)


def _recent(since: date) -> ColumnElement[bool]:
    return or_(
        Stay.discharged_on.is_(None), Stay.discharged_on >= since, Stay.discharged_on < Stay.admitted_on
    )


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


def ended_before(actor: Actor, read: StayColumns) -> int:
    """How many stays of the actor ended too early to be among columns(), which `read` are."""
    counted = select(func.count()).select_from(Stay).where(scope(actor))
    return (db.session.scalar(counted) or 0) - len(read)


def elsewhere(actor: Actor, since: date, own: StayColumns) -> StayColumns:
    """For counting readmissions: the stays in other hospitals of the residents of `own`, a hospital's stays;
    none for others, who have them all among their own."""
    if actor.role is not Role.HOSPITAL_MANAGER:
        return StayColumns.of(())
    ours = among(Stay.resident_id, own.residents_of_ended(since))
    others = Stay.hospital_id.is_distinct_from(actor.organisation_id)
    # Who was elsewhere stands in an index alone, and is few: only their stays are read.
    gone = among_found(Stay.resident_id, select(Stay.resident_id).where(ours, others))
    return stay_facts.columns(and_(gone, others, _recent(since)), own.first_days())


@dataclass(frozen=True)
class Attendances:
    """So many visits without admission, of homes that began on one day: of this period, of the one before,
    or of both where a long period overlaps with the one before."""

    joined_on: date | None
    now: bool
    then: bool
    n: int


def attendances(
    actor: Actor,
    now: Period,
    then: Period,
    chosen: ReportFilter,
    named: NamedPlaces,
    known: FirstDays = stay_facts.NONE_KNOWN,
) -> list[Attendances]:
    """The visits without admission that arrived in two periods, of which `then` begins first and `now` ends
    last. They have no ward and no day of discharge: narrowed down to one there are none. `known`: the first
    days of homes as far as they were read."""
    if chosen.ward_ref or chosen.weekday:
        return []
    arrived, band = Transfer.arrived_at, chosen.age_band
    keys: tuple[Any, ...] = (
        Transfer.home_id,
        arrived >= start_of_day(now.start),
        arrived < end_of_day(then.end),
    )
    wanted = select(*keys, func.count()).where(
        scope(actor, Transfer),
        arrived >= start_of_day(then.start),
        arrived < end_of_day(now.end),
        Transfer.admitted_at.is_(None),
        Transfer.ended_at.is_not(None),
        *_chosen_visits(chosen, named),
    )
    born = (Resident.date_of_birth, arrived)
    if band:
        surely, perhaps = (
            told(band, *born, then.start, now.end) for told in (age_on_arrival.surely, age_on_arrival.perhaps)
        )
        # Whose years tell the age are counted together; the others come one by one.
        keys = (*keys, *(case((perhaps, one)) for one in born))
        wanted = wanted.join(Resident, Resident.id == Transfer.resident_id).where(or_(surely, perhaps))
        wanted = wanted.add_columns(*keys[3:])
    rows: Iterable[Any] = db.session.execute(wanted.group_by(*keys))
    found = [row for row in rows if not band or row[4] is None or age_on_arrival.in_band(band, *row[4:])]
    joined = stay_facts.first_days_of({row[0] for row in found}, known)
    visits: Counter[tuple[date | None, bool, bool]] = Counter()
    for home, in_now, in_then, n, *_ in found:
        visits[joined[home], bool(in_now), bool(in_then)] += n
    return [Attendances(*when, n) for when, n in visits.items()]


def _chosen_visits(chosen: ReportFilter, named: NamedPlaces) -> Iterator[ColumnElement[bool]]:
    """What a filter asks of visits, but for the age."""
    for ref, column in ((chosen.home_ref, Transfer.home_id), (chosen.hospital_ref, Transfer.hospital_id)):
        number = named.number(ref) if ref else None
        if number is not None:
            yield column == number
    if chosen.reason:
        yield Transfer.reason == ("" if chosen.reason == NOT_RECORDED else chosen.reason)
    if chosen.bag:
        yield Transfer.with_bag.is_({"with": True, "without": False}.get(chosen.bag))


def lived(actor: Actor, start: date, end: date) -> list[Lived] | None:
    """Who lived in the homes between two days: of a home its residents, for a borough those of all homes;
    None for a hospital, whose residents nobody knows."""
    if actor.role is Role.HOSPITAL_MANAGER:
        return None
    own = Resident.home_id == actor.organisation_id if actor.role is Role.HOME_MANAGER else true()
    between = and_(
        or_(Resident.left_on.is_(None), Resident.left_on > start),
        or_(Resident.moved_in_on.is_(None), Resident.moved_in_on <= end),
    )
    return resident_facts.where(db.session.connection(), and_(own, between))


def first_days(actor: Actor, read: StayColumns) -> dict[int, date | None]:
    """The first day of each home: of a home manager's own, for a hospital of those of its stays, which
    columns() has `read`, else of all."""
    if actor.role is Role.HOSPITAL_MANAGER:
        return read.first_days()
    homes = select(Organisation.id, Organisation.joined_on).where(Organisation.kind == "care_home")
    if actor.role is Role.HOME_MANAGER:
        homes = homes.where(Organisation.id == actor.organisation_id)
    return {row.id: row.joined_on for row in db.session.execute(homes)}


def records_began(actor: Actor) -> date | None:
    """When records begin: on a home manager's home's own first day, else on that of the first home."""
    began = select(func.min(Organisation.joined_on)).where(Organisation.kind == "care_home")
    if actor.role is Role.HOME_MANAGER:
        began = began.where(Organisation.id == actor.organisation_id)
    return db.session.scalar(began)
