"""What a home's tablet takes along for working with no network: a home's residents with their records, read
together. The number of reads does not grow with the residents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain import restriction
from redbag.domain.bag_states import BagState
from redbag.domain.belongings import UsualItem
from redbag.domain.pack_source import PackSource
from redbag.domain.permissions import Actor
from redbag.domain.transfer_states import State
from redbag.models import Bag, Label, Medicine, Organisation, RecordSection, Resident, Transfer, TransferItem
from redbag.queries import bags, belongings_list, packs, residents, residents_list, transfers


@dataclass(frozen=True)
class Record:
    """One resident. `closed`: the record is restricted and not the actor's to read, so that nothing of it is
    here. `listed`: what travels on the open journey; `before`: what went along on the one before it."""

    resident: Resident
    closed: bool
    alike: tuple[residents_list.Alike, ...] = ()
    source: PackSource | None = None
    medicines: tuple[Medicine, ...] = ()
    journey: Transfer | None = None
    bag_number: str = ""
    label_serial: int | None = None
    listed: tuple[TransferItem, ...] = ()
    before: tuple[TransferItem, ...] = ()


@dataclass(frozen=True)
class HomeCopy:
    """A home as its staff take it along."""

    home: Organisation
    records: tuple[Record, ...]
    stock: tuple[Bag, ...]
    hospitals: tuple[Organisation, ...]
    usual_hospital: Organisation | None
    usually: tuple[UsualItem, ...]


def of_home(actor: Actor) -> HomeCopy:
    """The actor's own home."""
    home = db.session.get_one(Organisation, actor.organisation_id)
    kept_bags = bags.of_home(actor)
    return HomeCopy(
        home=home,
        records=tuple(_records(actor, home, {bag.id: bag.number for bag in kept_bags})),
        stock=tuple(bag for bag in kept_bags if bag.state == BagState.IN_STOCK),
        hospitals=tuple(transfers.hospitals()),
        usual_hospital=transfers.usual_hospital(home.id),
        usually=tuple(belongings_list.usual(home.id)),
    )


def _records(actor: Actor, home: Organisation, bag_numbers: dict[int, str]) -> list[Record]:
    everybody = residents.find(actor)
    journeys = residents.open_transfers(actor)
    sections, medicines = _sections(everybody), residents.medicines_of(everybody)
    serials = _serials([one.id for one in journeys.values()])
    before = _before(everybody, journeys)
    items = _items([*(one.id for one in journeys.values()), *before.values()])
    alike = residents_list.alike(everybody)
    found = []
    for resident in everybody:
        journey = journeys.get(resident.id)
        restricted = resident.restricted_at is not None
        if not restriction.reads(actor, home.id, restricted=restricted, away=journey is not None):
            found.append(Record(resident, closed=True))
            continue
        own = medicines.get(resident.id, [])
        found.append(
            Record(
                resident=resident,
                closed=False,
                alike=tuple(alike[resident.id]),
                source=packs.of_record(home, resident, sections[resident.id], own),
                medicines=tuple(own),
                journey=journey,
                bag_number=bag_numbers.get(journey.bag_id or 0, "") if journey else "",
                label_serial=serials.get(journey.id) if journey else None,
                listed=tuple(items[journey.id]) if journey else (),
                before=tuple(items[before[resident.id]]) if resident.id in before else (),
            )
        )
    return found


def _sections(everybody: Sequence[Resident]) -> dict[int, list[RecordSection]]:
    found: dict[int, list[RecordSection]] = defaultdict(list)
    wanted = select(RecordSection).where(RecordSection.resident_id.in_([one.id for one in everybody]))
    for row in db.session.scalars(wanted.order_by(RecordSection.id)):
        found[row.resident_id].append(row)
    return found


def _before(everybody: Sequence[Resident], journeys: dict[int, Transfer]) -> dict[int, int]:
    """The journey before the open one, or the last one, of each resident who had one; by resident id."""
    rows = db.session.execute(
        select(Transfer.resident_id, func.max(Transfer.id))
        .where(
            Transfer.resident_id.in_([one.id for one in everybody]),
            Transfer.state != State.CANCELLED.value,
            Transfer.id.not_in([one.id for one in journeys.values()]),
        )
        .group_by(Transfer.resident_id)
    )
    return {row[0]: row[1] for row in rows}


def _items(transfer_ids: Sequence[int]) -> dict[int, list[TransferItem]]:
    found: dict[int, list[TransferItem]] = defaultdict(list)
    wanted = select(TransferItem).where(
        TransferItem.transfer_id.in_(transfer_ids), TransferItem.removed_at.is_(None)
    )
    for row in db.session.scalars(wanted.order_by(TransferItem.id)):
        found[row.transfer_id].append(row)
    return found


def _serials(transfer_ids: Sequence[int]) -> dict[int, int | None]:
    """The drawer's number of the label that works now, by journey; None for one printed for it."""
    rows = db.session.execute(
        select(Label.transfer_id, Label.serial)
        .where(Label.transfer_id.in_(transfer_ids), Label.revoked_at.is_(None))
        .order_by(Label.id)
    )
    return {transfer_id: serial for transfer_id, serial in rows if transfer_id is not None}
