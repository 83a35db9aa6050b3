"""The invented borough: homes, the hospital, who oversees them, and everybody who works there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from redbag.database import Base
from redbag.domain.belongings import DEFAULT_BELONGINGS
from redbag.domain.london_time import start_of_day
from redbag.domain.permissions import ROLE_WORDS, Actor, OrganisationKind, Role
from redbag.models import Account, Bag, Membership, Organisation, UsualBelonging, Ward
from redbag.security import passphrases
from redbag.services.demo import names
from redbag.services.demo.beds import Beds
from redbag.services.demo.dice import Dice
from redbag.services.demo.writer import Writer

DEMO_PASSPHRASE = "red bags go home again"  # noqa: S105 - printed on purpose: it opens invented people only
RESIDENTS_A_HOME = 16.25
BAG_FOR_RESIDENTS = 10
HOMES_A_HOSPITAL = 400
MAPLE_RESIDENTS = 25
SPARE_BAGS_AT_MAPLE = 2


@dataclass(frozen=True)
class Worker:
    """Somebody who works somewhere, as events and the audit log name them."""

    actor: Actor
    role_words: str

    @property
    def name(self) -> str:
        return self.actor.name


@dataclass
class StockBag:
    """A red bag while the two years are played: `free_from` is when it can be packed again."""

    id: int
    ref: str
    number: str
    free_from: datetime
    state: str = "in_stock"
    since: datetime | None = None
    note: str = ""


@dataclass
class Hospital:
    """A hospital with its wards by kind: (id, name)."""

    id: int
    name: str
    wards: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    staff: dict[str, list[Worker]] = field(default_factory=dict)
    beds: Beds = field(default_factory=Beds)


@dataclass
class Home:
    """A care home while the two years are played."""

    id: int
    ref: str
    name: str
    phone: str
    night_phone: str
    address: str
    ods_code: str
    with_nursing: bool
    joined_on: date
    size: int
    hospital: Hospital
    rehabilitation: Hospital
    staff: list[Worker] = field(default_factory=list)
    bags: list[StockBag] = field(default_factory=list)
    residents: list[Any] = field(default_factory=list)

    @property
    def manager(self) -> Worker:
        return self.staff[0]


@dataclass(frozen=True)
class Named:
    """Somebody who can sign in to the demo by the printed list."""

    email: str
    name: str
    role: Role
    place: str


MAPLE, SECOND = "Maple House", names.home_name(1)
ACUTE = "St Anselm’s Hospital"
NAMED: dict[str, Named] = {
    "carer": Named("carer@maple.example", "Joy Adeyemi", Role.CARER, MAPLE),
    "manager": Named("manager@maple.example", "Tom Price", Role.HOME_MANAGER, MAPLE),
    "other_carer": Named("carer@second.example", "Ann Lowe", Role.CARER, SECOND),
    "ed_nurse": Named(
        "nurse.ed@anselm.example", "Priya Nair", Role.WARD_STAFF, f"{ACUTE}, Emergency Department"
    ),
    "ward_nurse": Named("nurse.willow@anselm.example", "Ben Osei", Role.WARD_STAFF, f"{ACUTE}, Willow Ward"),
    "discharge": Named("discharge@anselm.example", "Ruth Bell", Role.HOSPITAL_MANAGER, ACUTE),
    "administrator": Named("admin@redbag.example", "Ada Quinn", Role.ADMINISTRATOR, "Red Bag operator"),
    "oversight": Named(
        "reader@borough.example", "Leo Marsh", Role.OVERSIGHT, "Westcombe Borough Partnership"
    ),
}

_WARDS = (
    ("Emergency Department", "emergency_department"),
    ("Acute Assessment Unit", "assessment_unit"),
    ("Willow Ward", "ward"),
    ("Poplar Ward", "ward"),
    ("Juniper Ward", "ward"),
    ("Cedar Stroke Unit", "ward"),
    ("Hawthorn Orthopaedics", "ward"),
    ("Hospital at Home", "virtual_ward"),
)
_ACUTE_NAMES = (
    ACUTE,
    "Northgate General Hospital",
    "Queen Maud Hospital",
    "Saltmarsh Infirmary",
    "Kestrel Hospital",
)


class Borough:
    """Everything that stands before the first journey, written and at hand."""

    def __init__(self, dice: Dice, writer: Writer, homes: int, started: date, now: datetime) -> None:
        self._dice, self._writer, self._now = dice, writer, now
        self._hash = passphrases.hash_passphrase(DEMO_PASSPHRASE)
        self._emails: set[str] = {person.email for person in NAMED.values()}
        self._started = started
        count = -(-homes // HOMES_A_HOSPITAL)
        self.hospitals = [self._hospital(number) for number in range(count)]
        self.rehabilitation = [self._rehabilitation(number) for number in range(count)]
        self._oversight()
        self.operator = self._operator()
        sizes = _sizes(dice, homes)
        self.homes = [self._home(number, size) for number, size in enumerate(sizes)]

    def _organisation(
        self, kind: OrganisationKind, name: str, ods: str | None, **more: Any
    ) -> tuple[int, str, Any]:
        row = {
            "ref": self._dice.ref(),
            "kind": kind.value,
            "name": name,
            "ods_code": ods,
            "phone": names.phone(self._dice),
            "night_phone": "",
            "address": names.address(self._dice),
            "with_nursing": None,
            "joined_on": None,
            "thresholds": {},
            "closed_at": None,
            "version": 1,
            **more,
        }
        return self._writer.add(Organisation, row), row["ref"], row

    def _hospital(self, number: int) -> Hospital:
        place, again = number % len(_ACUTE_NAMES), number // len(_ACUTE_NAMES)
        name = _ACUTE_NAMES[place] + (f" {again + 1}" if again else "")
        row_id, ref, _ = self._organisation(OrganisationKind.HOSPITAL, name, f"ZZA{number + 1:02d}")
        hospital = Hospital(row_id, name)
        for ward, kind in _WARDS:
            ward_id = self._ward(hospital, ward, kind)
            staff = [self._worker(hospital, ref, Role.WARD_STAFF, ward_id, ward) for _ in range(3)]
            hospital.staff.setdefault(kind, []).extend(staff)
        if number == 0:
            self._named("ed_nurse", hospital.id, ref, name, hospital.wards["emergency_department"][0])
            self._named("ward_nurse", hospital.id, ref, name, hospital.wards["ward"][0])
            self._named("discharge", hospital.id, ref, name)
        return hospital

    def _rehabilitation(self, number: int) -> Hospital:
        name = "Brook Lane Community Hospital" + (f" {number + 1}" if number else "")
        row_id, ref, _ = self._organisation(OrganisationKind.HOSPITAL, name, f"ZZC{number + 1:02d}")
        hospital = Hospital(row_id, name)
        ward_id = self._ward(hospital, "Rehabilitation Ward", "ward")
        hospital.staff["ward"] = [
            self._worker(hospital, ref, Role.WARD_STAFF, ward_id, "Rehabilitation Ward") for _ in range(2)
        ]
        return hospital

    def _ward(self, hospital: Hospital, name: str, kind: str) -> int:
        row = {
            "ref": self._dice.ref(),
            "organisation_id": hospital.id,
            "name": name,
            "kind": kind,
            "phone": names.phone(self._dice),
            "closed_at": None,
            "version": 1,
        }
        ward_id = self._writer.add(Ward, row)
        hospital.wards.setdefault(kind, []).append((ward_id, name))
        return ward_id

    def _oversight(self) -> None:
        name = NAMED["oversight"].place
        row_id, ref, _ = self._organisation(OrganisationKind.OVERSIGHT, name, "ZZB01")
        self._named("oversight", row_id, ref, name)

    def _operator(self) -> Worker:
        name = NAMED["administrator"].place
        row_id, ref, _ = self._organisation(OrganisationKind.OPERATOR, name, None)
        return self._named("administrator", row_id, ref, name)

    def _home(self, number: int, size: int) -> Home:
        dice = self._dice
        name = names.home_name(number)
        nursing = "Nursing" in name or (number != 0 and "Rest" not in name and dice.happens(0.4))
        joined = (
            self._started
            if number < 2 or dice.happens(0.7)
            else self._started + timedelta(dice.whole(20, 540))
        )
        row_id, ref, row = self._organisation(
            OrganisationKind.CARE_HOME,
            name,
            f"ZZH{number + 1:05d}",
            night_phone=names.phone(dice),
            with_nursing=nursing,
            joined_on=joined,
        )
        home = Home(
            row_id,
            ref,
            name,
            row["phone"],
            row["night_phone"],
            row["address"],
            row["ods_code"],
            nursing,
            joined,
            size,
            self.hospitals[number // HOMES_A_HOSPITAL],
            self.rehabilitation[number // HOMES_A_HOSPITAL],
        )
        manager = "manager" if number == 0 else None
        home.staff.append(
            self._named(manager, row_id, ref, name)
            if manager
            else self._worker(home, ref, Role.HOME_MANAGER, None, "")
        )
        carer = {0: "carer", 1: "other_carer"}.get(number)
        if carer:
            home.staff.append(self._named(carer, row_id, ref, name))
        home.staff += [self._worker(home, ref, Role.CARER, None, "") for _ in range(3)]
        self._stock(home, number)
        return home

    def _stock(self, home: Home, number: int) -> None:
        began = _morning(home.joined_on)
        count = -(-home.size // BAG_FOR_RESIDENTS) + (SPARE_BAGS_AT_MAPLE if number == 0 else 0)
        for place in range(1, count + 1):
            row: dict[str, Any] = {
                "ref": self._dice.ref(),
                "home_id": home.id,
                "number": f"{place:03d}",
                "state": "in_stock",
                "state_since": began,
                "note": "",
                "version": 1,
            }
            home.bags.append(StockBag(self._writer.add(Bag, row), row["ref"], row["number"], began))
        if number == 0:
            for place, item in enumerate(DEFAULT_BELONGINGS):
                usual = {
                    "ref": self._dice.ref(),
                    "organisation_id": home.id,
                    "name": item.name,
                    "valuable": item.valuable,
                    "position": place,
                    "removed_at": None,
                }
                self._writer.add(UsualBelonging, usual)

    def _worker(self, place: Home | Hospital, ref: str, role: Role, ward_id: int | None, ward: str) -> Worker:
        name = names.worker(self._dice)
        email = self._email(name, place.id)
        kind = OrganisationKind.HOSPITAL if isinstance(place, Hospital) else OrganisationKind.CARE_HOME
        return self._member(email, name, role, place.id, ref, place.name, kind, ward_id, ward)

    def _named(
        self, part: str, row_id: int, ref: str, place: str, ward: tuple[int, str] | None = None
    ) -> Worker:
        person = NAMED[part]
        kind = _KIND_OF[person.role]
        ward_id, ward_name = ward or (None, "")
        return self._member(
            person.email, person.name, person.role, row_id, ref, place, kind, ward_id, ward_name
        )

    def _member(
        self,
        email: str,
        name: str,
        role: Role,
        organisation_id: int,
        organisation_ref: str,
        organisation: str,
        kind: OrganisationKind,
        ward_id: int | None,
        ward: str,
    ) -> Worker:
        account: dict[str, Any] = {
            "ref": self._dice.ref(),
            "email": email,
            "name": name,
            "passphrase_hash": self._hash,
            "created_at": _morning(self._started),
            "disabled_at": None,
            "version": 1,
        }
        account_id = self._writer.add(Account, account)
        self._add(
            Membership,
            account_id=account_id,
            organisation_id=organisation_id,
            role=role.value,
            ward_id=ward_id,
            ended_at=None,
        )
        actor = Actor(
            account_id,
            account["ref"],
            name,
            role,
            organisation_id,
            organisation_ref,
            organisation,
            kind,
            ward_id,
            ward,
        )
        return Worker(actor, ROLE_WORDS[role])

    def _add(self, model: type[Base], **row: Any) -> None:
        self._writer.add(model, {"ref": self._dice.ref(), **row})

    def _email(self, name: str, place: int) -> str:
        plain = "".join(ch for ch in name.lower().replace(" ", ".").replace("ó", "o") if ch.isascii())
        email, again = f"{plain}@place{place}.example", 1
        while email in self._emails:
            again += 1
            email = f"{plain}{again}@place{place}.example"
        self._emails.add(email)
        return email


_KIND_OF = {
    Role.CARER: OrganisationKind.CARE_HOME,
    Role.HOME_MANAGER: OrganisationKind.CARE_HOME,
    Role.WARD_STAFF: OrganisationKind.HOSPITAL,
    Role.HOSPITAL_MANAGER: OrganisationKind.HOSPITAL,
    Role.ADMINISTRATOR: OrganisationKind.OPERATOR,
    Role.OVERSIGHT: OrganisationKind.OVERSIGHT,
}


def _sizes(dice: Dice, homes: int) -> list[int]:
    """How many live in each home: together 16.25 a home (1,300 in 80), the first home 25."""
    wanted = round(homes * RESIDENTS_A_HOME)
    sizes = [MAPLE_RESIDENTS] + [max(6, min(48, round(dice.skewed(14.5, 0.45)))) for _ in range(homes - 1)]
    others = range(1, homes)
    while others and (missing := wanted - sum(sizes)):
        step = 1 if missing > 0 else -1
        able = [place for place in others if 6 <= sizes[place] + step <= 48]
        if not able:
            break
        for place in dice.some(able, abs(missing)):
            sizes[place] += step
    return sizes


def _morning(day: date) -> datetime:
    return start_of_day(day) + timedelta(hours=9)
