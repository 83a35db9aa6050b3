"""The one fixed cast that tests play with: the people, where they work, and what they are there.

Home staff of one home, an outsider from another home, a ward nurse and a hospital manager, a nurse of
another hospital, an administrator, and an oversight reader, who sees no person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, insert, select

from redbag.database import Base, begin_write, db
from redbag.domain.permissions import Actor, OrganisationKind, Role
from redbag.domain.second_factor import Factor
from redbag.models import Account, Membership, Organisation, Ward
from redbag.security import passphrases
from redbag.services import sessions

PASSPHRASE = "seven grey herons at dusk"
LONG_AGO = datetime(2024, 1, 8, 9, 0, tzinfo=UTC)

_PLACES = {
    "home": (OrganisationKind.CARE_HOME, "Rowan House", "VN101"),
    "other_home": (OrganisationKind.CARE_HOME, "Larch Lodge", "VN102"),
    "hospital": (OrganisationKind.HOSPITAL, "St Brannock’s Hospital", "RQX01"),
    "other_hospital": (OrganisationKind.HOSPITAL, "Combe General Hospital", "RQX02"),
    "borough": (OrganisationKind.OVERSIGHT, "Combe Borough Partnership", "QXX"),
    "operator": (OrganisationKind.OPERATOR, "Red Bag operator", None),
}
_WARDS = {
    "hospital": (("Emergency Department", "emergency_department"), ("Willow", "ward"), ("Poplar", "ward")),
    "other_hospital": (("Emergency Department", "emergency_department"),),
}
_PEOPLE = {
    "carer": ("Joy Adeyemi", Role.CARER, "home", None),
    "manager": ("Tom Price", Role.HOME_MANAGER, "home", None),
    "outsider": ("Ann Lowe", Role.CARER, "other_home", None),
    "nurse": ("Priya Nair", Role.WARD_STAFF, "hospital", "Willow"),
    "hospital_manager": ("Ruth Bell", Role.HOSPITAL_MANAGER, "hospital", None),
    "other_nurse": ("Ben Osei", Role.WARD_STAFF, "other_hospital", "Emergency Department"),
    "administrator": ("Ada Quinn", Role.ADMINISTRATOR, "operator", None),
    "oversight": ("Leo Marsh", Role.OVERSIGHT, "borough", None),
}


@dataclass(frozen=True)
class Place:
    """An organisation of the cast; `wards`: their references by name."""

    id: int
    ref: str
    name: str
    kind: OrganisationKind
    wards: dict[str, str]


@dataclass(frozen=True)
class Person:
    """Somebody of the cast: what a sign-in needs, and the Actor that services are handed."""

    email: str
    membership_ref: str
    actor: Actor


@dataclass(frozen=True)
class Cast:
    """Everybody, by the part that they play, and the places they work in."""

    people: dict[str, Person]
    places: dict[str, Place]

    def actor(self, part: str) -> Actor:
        return self.people[part].actor

    def browser(
        self, app: Flask, part: str, *, fresh: bool = True, factor: Factor = Factor.APP
    ) -> FlaskClient:
        """A browser of its own in which this person has signed in, just now unless it is not `fresh`, and has
        shown this second factor."""
        client = app.test_client()
        with app.app_context():
            begin_write()
            account = db.session.get_one(Account, self.actor(part).account_id)
            moment = datetime.now(UTC)
            where, limits = self.actor(part).origin, app.config["LIMITS"]
            token = sessions.start(account, where, limits, moment, factor=factor, fresh=fresh)
            db.session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        return client


@cache
def _hash() -> str:
    """Hashed once: everybody of the cast has the same passphrase."""
    return passphrases.hash_passphrase(PASSPHRASE)


_assembled: dict[str, tuple[Cast, list[tuple[Table, list[dict[str, Any]]]]]] = {}
"""The cast and its rows by kind of database: their keys fit the sequences of that kind alone."""


def assemble() -> Cast:
    """Writes the cast to an empty database and commits. Needs an application context.

    Put together once for each kind of database; after that its rows are written as they were.
    """
    kind = db.engine.dialect.name
    begin_write()
    if kind in _assembled:
        cast, rows = _assembled[kind]
        for table, values in rows:
            db.session.execute(insert(table), values)
    else:
        places = {key: _place(key) for key in _PLACES}
        cast = Cast({part: _person(part, places) for part in _PEOPLE}, places)
        _assembled[kind] = cast, [_rows(model) for model in (Organisation, Ward, Account, Membership)]
    db.session.commit()
    return cast


def _rows(model: type[Base]) -> tuple[Table, list[dict[str, Any]]]:
    """What a table holds now. A column that a migration adds is among it."""
    table = model.metadata.tables[model.__tablename__]
    return table, [dict(row) for row in db.session.execute(select(table)).mappings()]


def _place(key: str) -> Place:
    kind, name, ods = _PLACES[key]
    home = kind is OrganisationKind.CARE_HOME
    row = Organisation(
        kind=kind.value,
        name=name,
        ods_code=ods,
        phone="020 7946 0100",
        night_phone="020 7946 0199" if home else "",
        address="1 Test Lane\nCombe\nCO1 1AA",
        with_nursing=home or None,
        joined_on=date(2024, 1, 8) if home else None,
    )
    row.wards = [Ward(name=ward, kind=what, phone="020 7946 0150") for ward, what in _WARDS.get(key, ())]
    db.session.add(row)
    db.session.flush()
    return Place(row.id, row.ref, name, kind, {ward.name: ward.ref for ward in row.wards})


def _person(part: str, places: dict[str, Place]) -> Person:
    name, role, key, ward_name = _PEOPLE[part]
    place = places[key]
    ward = db.session.query(Ward).filter_by(organisation_id=place.id, name=ward_name).one_or_none()
    account = Account(
        email=f"{part}@example.org", name=name, passphrase_hash=_hash(), created_at=LONG_AGO, memberships=[]
    )
    member = Membership(
        account=account, organisation_id=place.id, role=role.value, ward_id=ward.id if ward else None
    )
    db.session.add(member)
    db.session.flush()
    actor = Actor(
        account_id=account.id,
        account_ref=account.ref,
        name=name,
        role=role,
        organisation_id=place.id,
        organisation_ref=place.ref,
        organisation_name=place.name,
        organisation_kind=place.kind,
        ward_id=member.ward_id,
        ward_name=ward_name or "",
    )
    return Person(account.email, member.ref, actor)
