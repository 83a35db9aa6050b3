"""What staff of a ward or of another home say of a bag that is not theirs: the home is told at once."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain import bag_states
from redbag.domain.errors import Invalid, NotFound, NotPermitted
from redbag.domain.permissions import Actor, OrganisationKind, Permission, Subject, can
from redbag.models import Bag, BagReport, Organisation, Transfer, Ward
from redbag.queries import bags, transfers
from redbag.services import audit, outbox

KINDS = ("here", "sent_back", "not_here")
LONGEST_NOTE = 300


def numbered(home_ref: str, number: str) -> Bag:
    """A home's bag by the number that stands on it, however it is typed. Raises Invalid, without telling
    which numbers the home has."""
    home = db.session.scalar(
        select(Organisation).filter_by(ref=home_ref, kind=OrganisationKind.CARE_HOME.value, closed_at=None)
    )
    if home is None:
        raise Invalid({"home": "Choose the home whose name stands on the bag or in the pack."})
    bag = next((one for one in bags.in_home(home.id) if bag_states.same_number(one.number, number)), None)
    if bag is None:
        ring = home.night_phone or home.phone
        raise Invalid({"number": f"{home.name} has no bag with this number: look again, or ring {ring}."})
    return bag


def say(
    actor: Actor, bag: Bag, kind: str, *, note: str, now: datetime, transfer: Transfer | None = None
) -> BagReport:
    """`kind`: here (it stands with us), sent_back or not_here. What this place said before of the same bag is
    replaced. Raises Invalid for one's own home's bag: there its own page says what became of it."""
    if not can(actor, Permission.BAG_REPORT):
        raise NotPermitted("Homes and hospitals say where a bag is.")
    if kind not in KINDS:
        raise Invalid({"where": "Say where the bag is."})
    if bag.home_id == actor.organisation_id:
        raise Invalid({"number": f"Bag {bag.number} is your own home’s: say it on its page under Bags."})
    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE:
        raise Invalid({"note": f"Use at most {LONGEST_NOTE} characters."})
    for earlier in _open(bag, actor.organisation_id):
        earlier.settled_at, earlier.settled_by = now, actor.name
    row = BagReport(
        bag_id=bag.id,
        home_id=bag.home_id,
        transfer_id=transfer.id if transfer else None,
        organisation_id=actor.organisation_id,
        kind=kind,
        place=actor.place_words[:200],
        phone=_phone(actor),
        note=note,
        account_id=actor.account_id,
        actor_name=actor.name,
        said_at=now,
    )
    db.session.add(row)
    db.session.flush()
    audit.append(actor, audit.Note("bag.reported", ("bag", bag.ref), details={"kind": kind}), now)
    outbox.follow_place(bag.home_id, now)
    return row


def of_stay(actor: Actor, ref: str, kind: str, *, note: str, now: datetime) -> BagReport:
    """Where the bag is of a person who is or was in the actor's hospital."""
    transfer = transfers.get(actor, ref, for_update=True)
    if not can(actor, Permission.STAY_RECORD, transfers.subject(transfer)):
        raise NotPermitted("The hospital says this of its own patients’ bags.")
    if transfer.bag is None:
        raise NotFound("No bag went with them.")
    return say(actor, transfer.bag, kind, note=note, now=now, transfer=transfer)


def _phone(actor: Actor) -> str:
    ward = db.session.get(Ward, actor.ward_id) if actor.ward_id else None
    if ward is not None and ward.phone:
        return ward.phone
    place = db.session.get_one(Organisation, actor.organisation_id)
    return place.night_phone or place.phone


def _open(bag: Bag, organisation_id: int | None = None) -> list[BagReport]:
    found = select(BagReport).filter_by(bag_id=bag.id, settled_at=None)
    if organisation_id is not None:
        found = found.filter_by(organisation_id=organisation_id)
    return list(db.session.scalars(found.order_by(BagReport.id)))


def standing(bag: Bag) -> list[BagReport]:
    """What others say of this bag and the home has not settled."""
    return _open(bag)


def of_home(home_id: int) -> dict[int, list[BagReport]]:
    """What others say of a home's bags and it has not settled, by bag."""
    found: dict[int, list[BagReport]] = defaultdict(list)
    rows = select(BagReport).filter_by(home_id=home_id, settled_at=None).order_by(BagReport.id)
    for row in db.session.scalars(rows):
        found[row.bag_id].append(row)
    return found


def own(actor: Actor, report_ref: str) -> BagReport:
    """What the actor's own place said. Raises NotFound."""
    row = db.session.scalar(
        select(BagReport).filter_by(ref=report_ref, organisation_id=actor.organisation_id)
    )
    if row is None:
        raise NotFound("There is no such message.")
    return row


def take_back(actor: Actor, report_ref: str, now: datetime) -> BagReport:
    """Said by mistake: off the home's list. Raises NotFound for another place's."""
    row = own(actor, report_ref)
    _settle(actor, row, now)
    return row


def note_read_by_home(actor: Actor, bag_ref: str, report_ref: str, now: datetime) -> BagReport:
    """The home has read it and looks further; the bag stays as it is. Raises NotFound."""
    bag = bags.get(actor, bag_ref)
    row = db.session.scalar(select(BagReport).filter_by(ref=report_ref, bag_id=bag.id))
    if row is None or not can(actor, Permission.BAG_EDIT, Subject(home_id=row.home_id)):
        raise NotFound("There is no such message.")
    _settle(actor, row, now)
    return row


def _settle(actor: Actor, row: BagReport, now: datetime) -> None:
    if row.settled_at is None:
        row.settled_at, row.settled_by = now, actor.name
        audit.append(
            actor, audit.Note("bag.reported", ("bag", row.bag.ref), details={"kind": "settled"}), now
        )
    db.session.flush()
