"""The installation that a day is played on, and who works there: read from the demonstration's tables."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from harnesses.server import Server
from sqlalchemy import Exists, Select, exists, func, select

from benches.reports import HOMES_A_JOURNEY
from redbag.app import create_app
from redbag.config import load_settings
from redbag.database import db
from redbag.domain.permissions import Role
from redbag.models import (
    Account,
    AuditEntry,
    Membership,
    PackVersion,
    RecordSection,
    Resident,
    Transfer,
)
from redbag.queries import transfers
from redbag.services import labels
from tests.databases import PostgreSQL, running_postgresql

_HERE = ("arrived", "admitted")
_BAGS_A_HOSPITAL = 400
_RESIDENTS, _PACKS = 5, 3
"""How many people of their home one carer goes round."""


@dataclass(frozen=True)
class Nurse:
    """`bags`: the token on each label that may be scanned, and the name that its page must say."""

    email: str
    ward: str
    bags: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Carer:
    """`residents` and `packs`: a reference, and the name that its page must say."""

    email: str
    residents: Sequence[tuple[str, str]]
    packs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Reader:
    """Somebody who reads figures; `pages`: an address, and the heading that it must have."""

    email: str
    pages: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Staff:
    """Who works there; nobody twice, but nurses, who are fewer than a day of a whole county needs."""

    nurses: list[Nurse]
    carers: list[Carer]
    readers: list[Reader]


@contextmanager
def place(kind: str, folder: Path, journeys: int, *, kept: bool) -> Iterator[tuple[Server, str]]:
    """The installation on such a database with so many journeys, made where it is not kept from before."""
    instance = folder / f"load-{kind}-{journeys}"
    instance.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        server = Server(instance, f"sqlite:///{instance / 'redbag.sqlite3'}")
        _filled(server, journeys)
        yield server, server.environ["DATABASE_URL"]
        return
    with running_postgresql(folder / "postgresql" if kept else None) as postgresql:
        name = f"load_{journeys}"
        url = postgresql.url(name) if postgresql.has(name) else postgresql.create(name)
        server = Server(instance, url)
        _filled(server, journeys)
        _as_in_service(postgresql, name)
        yield server, url


def _filled(server: Server, journeys: int) -> None:
    server.command("db", "upgrade")
    try:
        server.command("demo", "accounts")
    except RuntimeError:  # nobody is there yet
        homes = max(4, round(journeys * HOMES_A_JOURNEY))
        server.command("demo", "load", "--homes", str(homes), "--transfers", str(journeys))


def _as_in_service(postgresql: PostgreSQL, name: str) -> None:
    """As the operators' guide wants it (the tests' own server does without durability), and with the figures
    about its tables that autovacuum would have made by now."""
    with postgresql.connect(name) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM RESET {setting}")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("VACUUM ANALYZE")


def application(server: Server) -> Flask:
    """The same installation, to look into its tables."""
    return create_app(load_settings(server.environ))


def staff(many: tuple[int, int, int], seed: int) -> Staff:
    """So many nurses, carers and readers of figures."""
    dice = random.Random(seed)  # noqa: S311 - who goes where, not a secret
    nurses, carers, readers = many
    return Staff(_nurses(nurses, dice), _carers(carers, dice), _readers(readers, dice))


def _members(role: Role) -> Select[str, int, int | None]:
    return (
        select(Account.email, Membership.organisation_id, Membership.ward_id)
        .join(Membership)
        .where(Membership.role == role.value, Membership.ended_at.is_(None))
        .order_by(Account.id)
    )


def _nurses(many: int, dice: random.Random) -> list[Nurse]:
    found: list[Nurse] = []
    bags = {}
    for email, hospital, ward in db.session.execute(_members(Role.WARD_STAFF)):
        if hospital not in bags:
            bags[hospital] = _bags(hospital)
        if bags[hospital] and ward is not None:
            found.append(Nurse(email, str(ward), bags[hospital]))
    dice.shuffle(found)
    return [found[number % len(found)] for number in range(many)]


def _bags(hospital: int) -> list[tuple[str, str]]:
    wanted = (
        select(Transfer)
        .where(Transfer.hospital_id == hospital, Transfer.state.in_(_HERE), _has_a_pack())
        .order_by(Transfer.id.desc())
        .limit(_BAGS_A_HOSPITAL)
    )
    # Where somebody said “not this person” the page says so, and no name.
    there = [
        (labels.current(one), one.resident.full_name)
        for one in db.session.scalars(wanted)
        if not transfers.is_questioned(one.id)
    ]
    return [(labels.token_of(label), name) for label, name in there if label is not None]


def _has_a_pack() -> Exists:
    return exists().where(PackVersion.transfer_id == Transfer.id)


def _carers(many: int, dice: random.Random) -> list[Carer]:
    """One of a home, so that nobody meets a colleague on the same page (that is what test_at_once is for)."""
    of_home = {home: email for email, home, _ in db.session.execute(_members(Role.CARER))}
    homes = list(of_home)
    dice.shuffle(homes)
    found: list[Carer] = []
    for home in homes:
        living = select(Resident).filter_by(home_id=home, left_on=None, restricted_at=None).limit(_RESIDENTS)
        packed = select(Transfer).where(Transfer.home_id == home, _has_a_pack()).limit(_PACKS)
        residents = [(one.ref, one.full_name) for one in db.session.scalars(living)]
        packs = [(one.ref, one.resident.full_name) for one in db.session.scalars(packed)]
        if residents and packs:
            found.append(Carer(of_home[home], residents, packs))
        if len(found) == many:
            return found
    raise SystemExit(f"Only {len(found)} homes have residents and packs: {many} are wanted.")


_STAYS = ("/reports/length-of-stay", "Length of stay")


def _readers(many: int, dice: random.Random) -> list[Reader]:
    """Managers of homes for the most part; of the others there are few."""
    narrowed = ("/reports/length-of-stay?reason=fall", "Length of stay")
    theirs = [("/overview", ""), _STAYS, narrowed, ("/reports/pathway", "Pathway")]
    managers = [email for email, *_ in db.session.execute(_members(Role.HOME_MANAGER))]
    dice.shuffle(managers)
    county = [("/reports", "Reports"), _STAYS]
    few = [Reader("reader@borough.example", county), Reader("discharge@anselm.example", county)]
    return [*few, *(Reader(email, theirs) for email in managers)][:many]


def told(kinds: Sequence[str]) -> dict[str, int]:
    """How many entries of each kind stand in the audit log."""
    counted = (
        select(AuditEntry.kind, func.count()).where(AuditEntry.kind.in_(kinds)).group_by(AuditEntry.kind)
    )
    return {kind: int(number) for kind, number in db.session.execute(counted)}


def written(resident_refs: Sequence[str], section: str) -> dict[str, str]:
    """What stands in the section's last question for each of these residents."""
    wanted = (
        select(Resident.ref, RecordSection)
        .join(RecordSection, RecordSection.resident_id == Resident.id)
        .where(Resident.ref.in_(resident_refs), RecordSection.key == section)
    )
    return {ref: row.answers.get("also", "") for ref, row in db.session.execute(wanted)}
