"""Frozen packs, and what the next one is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.pack import HomeCard, PackItem, TransferPack, of_journey
from redbag.domain.pack_build import item
from redbag.domain.pack_source import PackSource, SourceMedicine, SourcePerson, SourceSection
from redbag.domain.transfer_states import Action
from redbag.models import (
    Medicine,
    Organisation,
    PackVersion,
    RecordSection,
    Resident,
    Transfer,
    TransferEvent,
    TransferItem,
)
from redbag.queries import papers
from redbag.queries.medicine_lines import standing

MOST_VERSIONS = 1_000_000
"""No journey has as many; a larger number in an address is none of ours, and no database's integer."""


def latest(transfer_id: int) -> TransferPack | None:
    """The newest frozen version, or None before the first."""
    row = db.session.execute(_kept(transfer_id).order_by(PackVersion.number.desc()).limit(1)).one_or_none()
    return of_journey(row.content, row.ref) if row else None


def version(transfer_id: int, number: int) -> TransferPack:
    """One frozen version. Raises NotFound."""
    wanted = _kept(transfer_id).where(PackVersion.number == number)
    row = db.session.execute(wanted).one_or_none() if 0 < number < MOST_VERSIONS else None
    if row is None:
        raise NotFound("There is no such version of the pack.")
    return of_journey(row.content, row.ref)


def versions(transfer_id: int) -> list[tuple[int, TransferPack]]:
    """Every frozen version, oldest first."""
    rows = db.session.execute(_kept(transfer_id).order_by(PackVersion.number))
    return [(row.number, of_journey(row.content, row.ref)) for row in rows]


def _kept(transfer_id: int) -> Select[int, dict[str, Any], str]:
    return (
        select(PackVersion.number, PackVersion.content, Transfer.ref)
        .join(Transfer, Transfer.id == PackVersion.transfer_id)
        .where(PackVersion.transfer_id == transfer_id)
    )


def changed_since(
    transfer_id: int, newest: TransferPack | None, moment: datetime | None
) -> list[TransferPack]:
    """The versions up to `newest` that changed something after `moment` (UTC), newest first: what a reader of
    the paper in the bag has not seen."""
    if newest is None or moment is None or newest.made_at <= moment:
        return []
    return [
        pack
        for number, pack in reversed(versions(transfer_id))
        if pack.made_at > moment and pack.changes and number <= newest.version
    ]


def since_it_left(pack: TransferPack) -> list[TransferPack]:
    """As changed_since(), for a pack whose journey is not at hand."""
    transfer = db.session.scalars(select(Transfer).filter_by(ref=pack.transfer_ref)).first()
    return changed_since(transfer.id, pack, transfer.gone_by) if transfer else []


def newer_than(transfer_id: int, number: int) -> list[TransferPack]:
    """The versions after this one that changed something, newest first."""
    return [pack for kept, pack in reversed(versions(transfer_id)) if kept > number and pack.changes]


def home_card(home: Organisation) -> HomeCard:
    """The home as a pack and a label name it."""
    return HomeCard(home.name, home.phone, home.night_phone or home.phone, home.address, home.ods_code or "")


def items_of(transfer_id: int) -> tuple[PackItem, ...]:
    """The belongings that travel."""
    rows = db.session.scalars(
        select(TransferItem).filter_by(transfer_id=transfer_id, removed_at=None).order_by(TransferItem.id)
    )
    return tuple(item(r.ref, r.description, r.quantity, r.valuable, r.carried) for r in rows)


def current_medicines(resident_id: int) -> list[Medicine]:
    """The medicines that the person takes now, paused ones included."""
    rows = db.session.scalars(
        select(Medicine).filter_by(resident_id=resident_id, stopped_on=None).order_by(Medicine.id)
    )
    return list(rows)


def source(transfer: Transfer) -> PackSource:
    """What a pack of this journey would be made from now."""
    resident = transfer.resident
    rows = db.session.scalars(select(RecordSection).filter_by(resident_id=resident.id))
    standing = of_record(transfer.home, resident, rows, current_medicines(resident.id))
    return replace(
        standing,
        transfer_ref=transfer.ref,
        journey_type=transfer.journey_type,
        reason=transfer.reason,
        hospital=transfer.hospital.name if transfer.hospital else "",
        bag_number=transfer.bag.number if transfer.bag else "",
        facts=transfer.facts,
        items=items_of(transfer.id),
        files=papers.for_pack(transfer),
        departed_at=transfer.gone_by,
        infection_told=_infection_told(transfer),
    )


def of_record(
    home: Organisation, resident: Resident, sections: Iterable[RecordSection], medicines: Iterable[Medicine]
) -> PackSource:
    """What a pack would be made from if the person left now: the record, and nothing of a journey."""
    return PackSource(
        transfer_ref="",
        journey_type="",
        reason="",
        home=home_card(home),
        hospital="",
        bag_number="",
        person=_person(resident),
        sections={r.key: SourceSection(r.answers, r.reviewed_at, r.reviewed_by) for r in sections},
        medicines=tuple(_medicine(m) for m in medicines),
    )


def _infection_told(transfer: Transfer) -> bool:
    """Whether the home said, as it handed over, that the crew was told of an infection."""
    if transfer.gone_by is None:
        return False
    rows = db.session.scalars(
        select(TransferEvent.data).filter_by(transfer_id=transfer.id, action=Action.HAND_TO_CREW.value)
    )
    return any(data.get("infection_told") for data in rows)


def _person(resident: Resident) -> SourcePerson:
    return SourcePerson(
        name=resident.full_name,
        preferred_name=resident.preferred_name,
        date_of_birth=resident.date_of_birth,
        nhs_number=resident.nhs_number or "",
        gender=resident.gender,
        room=resident.room,
        gp_practice=resident.gp_practice,
        first_language=resident.first_language,
        interpreter=resident.interpreter,
        usual_news2=resident.usual_news2,
        usual_news2_on=resident.usual_news2_on,
    )


def _medicine(row: Medicine) -> SourceMedicine:
    return SourceMedicine(
        ref=row.ref,
        line=standing(row),
        indication=row.indication,
        as_needed_rules=row.as_needed_rules,
        allergy_conflict=row.allergy_conflict,
        started_on=row.started_on,
        review_on=row.review_on,
        paused=row.paused_until,
    )
