"""Organisations and wards as the administrator sees them, and what each still lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.sql import ColumnElement

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, OrganisationKind, Permission, can
from redbag.models import Account, Bag, Membership, Organisation, Ward
from redbag.queries.paging import Page, any_word_starts, one_page

LACKING_SHOWN = 20


@dataclass(frozen=True)
class Readiness:
    """An organisation with what a first journey needs of it. `lacks`: keys of what is missing."""

    ref: str
    name: str
    kind: OrganisationKind
    ods_code: str
    bags: int
    wards: int
    people: int
    night_phone: str

    @property
    def lacks(self) -> tuple[str, ...]:
        needed = {
            OrganisationKind.CARE_HOME: (
                ("night_phone", self.night_phone),
                ("bags", self.bags),
                ("people", self.people),
            ),
            OrganisationKind.HOSPITAL: (("wards", self.wards), ("people", self.people)),
        }
        return tuple(key for key, there in needed.get(self.kind, ()) if not there)


@dataclass(frozen=True)
class Checklist:
    """What is missing before the first real journey. The lists hold the first 20 of those that lack."""

    ready_homes: int
    ready_hospitals: int
    homes_lacking: int
    hospitals_lacking: int
    homes: tuple[Readiness, ...]
    hospitals: tuple[Readiness, ...]


def _administers(actor: Actor) -> None:
    if not can(actor, Permission.ADMIN_READ):
        raise NotFound("There is no such organisation.")


def row(ref: str) -> Organisation:
    """The organisation itself. Raises NotFound."""
    found = db.session.scalar(select(Organisation).filter_by(ref=ref, closed_at=None))
    if found is None:
        raise NotFound("There is no such organisation.")
    return found


def get(actor: Actor, ref: str) -> Organisation:
    """Any organisation, for the administrator. Raises NotFound."""
    _administers(actor)
    return row(ref)


def ward(actor: Actor, ref: str) -> Ward:
    """Any open ward, for the administrator. Raises NotFound."""
    _administers(actor)
    found = db.session.scalar(select(Ward).filter_by(ref=ref, closed_at=None))
    if found is None:
        raise NotFound("There is no such ward.")
    return found


def open_wards(organisation_id: int) -> list[Ward]:
    """A hospital's wards, the emergency department first."""
    found = db.session.scalars(
        select(Ward).filter_by(organisation_id=organisation_id, closed_at=None).order_by(Ward.name)
    )
    return sorted(found, key=lambda w: (w.kind != "emergency_department", w.name.casefold()))


def choices(actor: Actor) -> list[Organisation]:
    """Every organisation that somebody may be given a role in, by kind and name."""
    _administers(actor)
    return list(
        db.session.scalars(
            select(Organisation)
            .filter_by(closed_at=None)
            .order_by(Organisation.kind, func.lower(Organisation.name), Organisation.id)
        )
    )


def listed(actor: Actor, search: str, kind: OrganisationKind | None, page: int) -> Page[Readiness]:
    """Organisations by name, found by the start of any word of the name or by the ODS code."""
    _administers(actor)
    statement = _with_counts().order_by(func.lower(Organisation.name), Organisation.id)
    if search.strip():
        statement = statement.where(any_word_starts(search, Organisation.name, Organisation.ods_code))
    if kind is not None:
        statement = statement.where(Organisation.kind == kind.value)
    found = one_page(statement, page)
    return Page(tuple(_readiness(one) for one in found.rows), found.number, found.total)


def readiness(actor: Actor, ref: str) -> Readiness:
    """What one organisation has and lacks. Raises NotFound."""
    _administers(actor)
    found = db.session.execute(_with_counts().where(Organisation.ref == ref)).one_or_none()
    if found is None:
        raise NotFound("There is no such organisation.")
    return _readiness(found)


def checklist(actor: Actor) -> Checklist:
    """What is missing before the first real journey, over all homes and hospitals."""
    _administers(actor)
    homes = _ready_and_lacking(OrganisationKind.CARE_HOME)
    hospitals = _ready_and_lacking(OrganisationKind.HOSPITAL)
    return Checklist(homes[0], hospitals[0], homes[1], hospitals[1], homes[2], hospitals[2])


def _ready_and_lacking(kind: OrganisationKind) -> tuple[int, int, tuple[Readiness, ...]]:
    of_kind = _with_counts().where(Organisation.kind == kind.value)
    lacks = (
        or_(Organisation.night_phone == "", ~_has_bags(), ~_has_people())
        if kind is OrganisationKind.CARE_HOME
        else or_(~_has_wards(), ~_has_people())
    )
    total = _count(of_kind)
    lacking = _count(of_kind.where(lacks))
    rows = db.session.execute(
        of_kind.where(lacks).order_by(func.lower(Organisation.name), Organisation.id).limit(LACKING_SHOWN)
    )
    return total - lacking, lacking, tuple(_readiness(one) for one in rows)


def _count(statement: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def _of_bags() -> ColumnElement[bool]:
    return Bag.home_id == Organisation.id


def _of_wards() -> ColumnElement[bool]:
    return and_(Ward.organisation_id == Organisation.id, Ward.closed_at.is_(None))


def _of_people() -> ColumnElement[bool]:
    return and_(
        Membership.organisation_id == Organisation.id,
        Membership.ended_at.is_(None),
        select(Account.id).where(Account.id == Membership.account_id, Account.disabled_at.is_(None)).exists(),
    )


def _has_bags() -> ColumnElement[bool]:
    return select(Bag.id).where(_of_bags()).correlate(Organisation).exists()


def _has_wards() -> ColumnElement[bool]:
    return select(Ward.id).where(_of_wards()).correlate(Organisation).exists()


def _has_people() -> ColumnElement[bool]:
    return select(Membership.id).where(_of_people()).correlate(Organisation).exists()


def _with_counts() -> Select[Any]:
    def count(column: Any, condition: ColumnElement[bool]) -> Any:
        return select(func.count(column)).where(condition).correlate(Organisation).scalar_subquery()

    return select(
        Organisation.ref,
        Organisation.name,
        Organisation.kind,
        Organisation.ods_code,
        Organisation.night_phone,
        count(Bag.id, _of_bags()).label("bags"),
        count(Ward.id, _of_wards()).label("wards"),
        count(func.distinct(Membership.account_id), _of_people()).label("people"),
    ).where(Organisation.closed_at.is_(None))


def _readiness(found: Any) -> Readiness:
    return Readiness(
        ref=found.ref,
        name=found.name,
        kind=OrganisationKind(found.kind),
        ods_code=found.ods_code or "",
        bags=found.bags,
        wards=found.wards,
        people=found.people,
        night_phone=found.night_phone,
    )


def open_homes() -> list[Organisation]:
    """Every care home by its name, which stands on its bags and labels for anybody to read."""
    found = select(Organisation).filter_by(kind=OrganisationKind.CARE_HOME.value, closed_at=None)
    return list(db.session.scalars(found.order_by(Organisation.name)))
