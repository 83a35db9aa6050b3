"""Who may do what: one table of named predicates over the actor and the subject.

The guard refuses early, the service decides, the template asks the same `can()`.
Whether a record is *visible* at all is settled by the queries (another organisation's record is
not found); these predicates settle what may be done with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person is in one organisation."""

    CARER = "carer"
    HOME_MANAGER = "home_manager"
    WARD_STAFF = "ward_staff"
    HOSPITAL_MANAGER = "hospital_manager"
    ADMINISTRATOR = "administrator"
    OVERSIGHT = "oversight"
    GUEST = "guest"
    """Somebody at a hospital without an account, let in to one label's journey by its access code."""


ROLE_WORDS: dict[Role, str] = {
    Role.CARER: "Carer",
    Role.HOME_MANAGER: "Home manager",
    Role.WARD_STAFF: "Ward staff",
    Role.HOSPITAL_MANAGER: "Hospital discharge team",
    Role.ADMINISTRATOR: "Administrator",
    Role.OVERSIGHT: "Oversight reader",
    Role.GUEST: "Somebody with the access code",
}


class OrganisationKind(StrEnum):
    """What an organisation is to the pathway."""

    CARE_HOME = "care_home"
    HOSPITAL = "hospital"
    OVERSIGHT = "oversight"
    OPERATOR = "operator"


ROLES_BY_KIND: dict[OrganisationKind, tuple[Role, ...]] = {
    OrganisationKind.CARE_HOME: (Role.CARER, Role.HOME_MANAGER),
    OrganisationKind.HOSPITAL: (Role.WARD_STAFF, Role.HOSPITAL_MANAGER),
    OrganisationKind.OVERSIGHT: (Role.OVERSIGHT,),
    OrganisationKind.OPERATOR: (Role.ADMINISTRATOR,),
}


class Permission(StrEnum):
    """`subject:action`."""

    ACCOUNT_OWN = "account:own"
    RESIDENT_READ = "resident:read"
    RESIDENT_EDIT = "resident:edit"
    RESIDENT_IMPORT = "resident:import"
    TRANSFER_READ = "transfer:read"
    TRANSFER_OPEN = "transfer:open"
    TRANSFER_PACK = "transfer:pack"
    TRANSFER_DISPATCH = "transfer:dispatch"
    TRANSFER_RECEIVE = "transfer:receive"
    TRANSFER_TELL = "transfer:tell"
    LABEL_SCAN = "label:scan"
    LABEL_OPEN = "label:open"
    EMERGENCY_LOOK = "emergency:look"
    STAY_RECORD = "stay:record"
    WARD_BOARD = "ward:board"
    BAG_READ = "bag:read"
    BAG_EDIT = "bag:edit"
    BAG_ADD = "bag:add"
    BAG_REPORT = "bag:report"
    ATTENTION_READ = "attention:read"
    SITE_SETTINGS = "site:settings"
    BELONGINGS_LIST_EDIT = "belongings_list:edit"
    HOME_MANAGE = "home:manage"
    PEOPLE_MANAGE = "people:manage"
    DEVICE_MANAGE = "device:manage"
    REPORT_READ = "report:read"
    REPORT_EXPORT = "report:export"
    REPORT_PEOPLE = "report:people"
    HISTORY_READ = "history:read"
    HISTORY_IMPORT = "history:import"
    ADMIN_READ = "admin:read"
    ADMIN_EDIT = "admin:edit"


@dataclass(frozen=True)
class Origin:
    """Where a request came from, for the audit entry. Empty for the operator's commands. `browser`: its kind
    in a few words (domain/browser_words.py)."""

    request_id: str = ""
    address: str = ""
    browser: str = ""


@dataclass(frozen=True)
class Actor:
    """A person at work: who, in which role, for which organisation, in which place.

    `ward_id` is the ward that the device or the sign-in names, where there is one. A guest (Role.GUEST) has
    no account: `account_id` is 0, as is `organisation_id` where their hospital is not set up here;
    `label_ref` is the one label whose journey their code opens, and name, `said_role` and place are what
    they typed.
    """

    account_id: int
    account_ref: str
    name: str
    role: Role
    organisation_id: int
    organisation_ref: str
    organisation_name: str
    organisation_kind: OrganisationKind
    ward_id: int | None = None
    ward_name: str = ""
    session_id: int | None = None
    origin: Origin = field(default_factory=Origin)
    label_ref: str = ""
    said_role: str = ""

    @property
    def role_words(self) -> str:
        """The role as history names it; of a guest what they said, and how they came in (40 letters)."""
        if self.role is not Role.GUEST:
            return ROLE_WORDS[self.role]
        said = self.said_role
        if len(said) > _LONGEST_SAID:
            said = said[: _LONGEST_SAID - 1] + "…"
        return f"{said}, by access code"

    @property
    def place_words(self) -> str:
        """Where they work now: the organisation, and the ward where one is known."""
        return ", ".join(part for part in (self.organisation_name, self.ward_name) if part)


_LONGEST_SAID = 24


@dataclass(frozen=True)
class Subject:
    """The organisations that a record concerns. None where the record has none."""

    home_id: int | None = None
    hospital_id: int | None = None


Predicate = Callable[[Actor, Subject | None], bool]


def anyone_signed_in(actor: Actor, _subject: Subject | None) -> bool:
    """Everybody with an account."""
    return actor.role is not Role.GUEST


def at_the_home(actor: Actor, subject: Subject | None) -> bool:
    """Carers and managers of the home that the record belongs to."""
    if actor.role not in (Role.CARER, Role.HOME_MANAGER):
        return False
    return subject is None or subject.home_id == actor.organisation_id


def manages_the_home(actor: Actor, subject: Subject | None) -> bool:
    return actor.role is Role.HOME_MANAGER and at_the_home(actor, subject)


def hospital_staff(actor: Actor, _subject: Subject | None) -> bool:
    """Staff of any hospital: a bag can reach one that nobody expected."""
    return actor.role in (Role.WARD_STAFF, Role.HOSPITAL_MANAGER)


def has_the_bag_in_hand(actor: Actor, subject: Subject | None) -> bool:
    """Hospital staff; and a guest, whose code opens one label (services/reach.py holds them to it)."""
    return hospital_staff(actor, subject) or actor.role is Role.GUEST


def at_the_hospital(actor: Actor, subject: Subject | None) -> bool:
    """Staff of the hospital where the person is."""
    return hospital_staff(actor, subject) and (
        subject is None or subject.hospital_id == actor.organisation_id
    )


def at_either_end(actor: Actor, subject: Subject | None) -> bool:
    return at_the_home(actor, subject) or at_the_hospital(actor, subject)


def reads_reports(actor: Actor, _subject: Subject | None) -> bool:
    """Managers read their own organisation's figures; oversight readers the borough's, suppressed."""
    return actor.role in (Role.HOME_MANAGER, Role.HOSPITAL_MANAGER, Role.OVERSIGHT)


def manages(actor: Actor, _subject: Subject | None) -> bool:
    """Managers see the journeys behind their own figures; oversight readers see no person."""
    return actor.role in (Role.HOME_MANAGER, Role.HOSPITAL_MANAGER)


def at_a_site(actor: Actor, _subject: Subject | None) -> bool:
    """Staff of any home or hospital."""
    return at_the_home(actor, None) or hospital_staff(actor, None)


def manages_the_site(actor: Actor, subject: Subject | None) -> bool:
    """Managers, at their own home or hospital; the administrator at any."""
    return administers(actor, subject) or manages_people(actor, subject)


def manages_people(actor: Actor, subject: Subject | None) -> bool:
    """Managers say who works at their own home or hospital."""
    if actor.role is Role.HOSPITAL_MANAGER:
        return at_the_hospital(actor, subject)
    return manages_the_home(actor, subject)


def administers(actor: Actor, _subject: Subject | None) -> bool:
    return actor.role is Role.ADMINISTRATOR


def enrols_devices(actor: Actor, subject: Subject | None) -> bool:
    return administers(actor, subject) or manages_people(actor, subject)


def keeps_bags(actor: Actor, subject: Subject | None) -> bool:
    return administers(actor, subject) or at_the_home(actor, subject)


def adds_bags(actor: Actor, subject: Subject | None) -> bool:
    return administers(actor, subject) or manages_the_home(actor, subject)


def reads_history(actor: Actor, subject: Subject | None) -> bool:
    """Whoever reads reports, and the administrator, see which earlier stays are loaded, in counts."""
    return administers(actor, subject) or reads_reports(actor, subject)


def loads_history(actor: Actor, subject: Subject | None) -> bool:
    """Managers load the earlier stays of their own home; the administrator those of any."""
    return administers(actor, subject) or manages_the_home(actor, subject)


POLICY: dict[Permission, Predicate] = {
    Permission.ACCOUNT_OWN: anyone_signed_in,
    Permission.RESIDENT_READ: at_the_home,
    Permission.RESIDENT_EDIT: at_the_home,
    # One file can change every record of the home at once.
    Permission.RESIDENT_IMPORT: manages_the_home,
    Permission.TRANSFER_READ: at_either_end,
    Permission.TRANSFER_OPEN: at_the_home,
    Permission.TRANSFER_PACK: at_the_home,
    Permission.TRANSFER_DISPATCH: at_the_home,
    Permission.TRANSFER_RECEIVE: at_the_home,
    # Where a hospital records nothing, the home records what it was told, marked as such.
    Permission.TRANSFER_TELL: at_the_home,
    Permission.LABEL_SCAN: hospital_staff,
    # By the label alone, also without an account: the pack, arrival, admission, belongings in, bag opened.
    Permission.LABEL_OPEN: has_the_bag_in_hand,
    # A pack without the bag in hand: a reason, an hour, and the home is told.
    Permission.EMERGENCY_LOOK: hospital_staff,
    Permission.STAY_RECORD: at_the_hospital,
    Permission.WARD_BOARD: hospital_staff,
    Permission.BAG_READ: at_the_home,
    Permission.BAG_EDIT: keeps_bags,
    Permission.BAG_ADD: adds_bags,
    # A bag can end up in any home and on any ward.
    Permission.BAG_REPORT: at_a_site,
    Permission.ATTENTION_READ: at_a_site,
    # The clocks of a home or a hospital, and where it is told by e-mail.
    Permission.SITE_SETTINGS: manages_the_site,
    Permission.BELONGINGS_LIST_EDIT: manages_the_home,
    # The manager's Monday page, how often records are reviewed, what was lost for good.
    Permission.HOME_MANAGE: manages_the_home,
    Permission.PEOPLE_MANAGE: manages_people,
    # A shared device opens by a PIN: whoever says who works at a place enrols it there.
    Permission.DEVICE_MANAGE: enrols_devices,
    Permission.REPORT_READ: reads_reports,
    Permission.REPORT_EXPORT: reads_reports,
    Permission.REPORT_PEOPLE: manages,
    Permission.HISTORY_READ: reads_history,
    Permission.HISTORY_IMPORT: loads_history,
    Permission.ADMIN_READ: administers,
    Permission.ADMIN_EDIT: administers,
}


def can(actor: Actor, permission: Permission, subject: Subject | None = None) -> bool:
    """Whether `actor` holds `permission`; over `subject` when one is given, at all when none is."""
    return POLICY[permission](actor, subject)
