"""The custody record of one journey, put together from what was recorded; and those that were issued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain import custody_record as record
from redbag.domain.custody import Custody, Exchanged, ItemCheck, Status, Step
from redbag.domain.custody_record import (
    Claimed,
    CustodyRecord,
    Finding,
    Looked,
    LostThing,
    Passing,
    Photographed,
    Shown,
)
from redbag.domain.errors import NotFound
from redbag.domain.london_time import format_birth_date
from redbag.domain.nhs_number import format_334
from redbag.domain.papers import digest
from redbag.domain.signature import from_kept
from redbag.domain.todays_facts import CARRIED
from redbag.domain.transfer_states import ACTION_WORDS, STATE_WORDS, Action, State
from redbag.models import (
    Account,
    AuditEntry,
    Bag,
    Label,
    Organisation,
    Signature,
    Transfer,
    TransferEvent,
    TransferItem,
)
from redbag.models import CustodyRecord as Issued
from redbag.models import ItemCheck as CheckRow
from redbag.queries import custody, papers, swapped, transfers
from redbag.queries.recorded import check_stands
from redbag.queries.transfers import HistoryLine

_STEP_WORDS = {
    Step.PACKING.value: "Packed",
    Step.ADMISSION.value: "Checked at admission",
    Step.OPENED.value: "The bag was opened",
    Step.DISCHARGE.value: "Checked when they left",
    Step.RETURN.value: "Checked at home again",
    Step.AFTERWARDS.value: "Answered after the journey",
}
_HOW = {"pack.read": "read", "label.scanned": "scanned and read", "pack.printed": "printed"}
_BY_CODE = "Somebody with the access code"


def of(transfer: Transfer) -> CustodyRecord:
    """The record as the journey stands now."""
    picture = custody.picture(transfer)
    lines = {str(line.event.id): line for line in transfers.history(transfer)}
    checks = _check_rows(transfer)
    resident = transfer.resident
    number = resident.nhs_number
    return CustodyRecord(
        transfer=transfer.ref,
        person=resident.full_name,
        born=format_birth_date(resident.date_of_birth),
        nhs_number=format_334(number) if number else "",
        home=transfer.home.name,
        hospital=transfer.hospital.name if transfer.hospital else "",
        bag=transfer.bag.number if transfer.bag else "",
        state=STATE_WORDS[State(transfer.state)],
        opened_at=transfer.opened_at,
        holder=picture.holder,
        since=picture.since,
        handovers=_passings(transfer, lines),
        checks=_checks(transfer, lines, checks),
        shown=_shown(transfer),
        lost=_lost(transfer, picture, lines, checks),
        things=len(picture.items),
        photos=_photos(transfer),
    )


def _photos(transfer: Transfer) -> tuple[Photographed, ...]:
    return tuple(
        Photographed(
            thing=item.description,
            at=paper.added_at,
            by=", ".join(part for part in (paper.added_by, paper.title or transfer.home.name) if part),
            ref=paper.ref,
            sha256=digest(page.sha256 for page in paper.pages),
        )
        for paper, item in papers.of_things(transfer.id)
    )


def _by(line: HistoryLine) -> str:
    event = line.event
    where = line.organisation or event.place
    return ", ".join(part for part in (event.actor_name, event.actor_role, where) if part)


def _passings(transfer: Transfer, lines: Mapping[str, HistoryLine]) -> tuple[Passing, ...]:
    labels = list(db.session.scalars(select(Label).filter_by(transfer_id=transfer.id).order_by(Label.id)))
    drawn = _drawn(lines)
    bag = transfer.bag.number if transfer.bag else ""
    carried = {line.event.bag_id for line in lines.values()}
    numbers = {row.id: row.number for row in db.session.scalars(select(Bag).where(Bag.id.in_(carried)))}
    two, put_right = swapped.exchanged(transfer, custody.handovers), swapped.renumbered(transfer)
    found = []
    for one in custody.handovers(transfer):
        line = lines.get(one.ref)
        recorded_at = one.recorded_at or one.at
        if line is None:
            words, by = "The bag came back by itself", transfer.home.name
            found.append(Passing(words, one.at, recorded_at, one.from_holder, one.to_holder, by, bag))
            continue
        event = line.event
        passing = Passing(
            words=_words(event),
            at=one.at,
            recorded_at=line.corrected_by.recorded_at if line.corrected_by else recorded_at,
            from_holder=one.from_holder,
            to_holder=one.to_holder,
            by=_by(line),
            bag=_bag_words(numbers.get(event.bag_id or 0, ""), event.id, one.at, two, put_right),
            label=_label_words(labels, event.label_id, one.at, scanned=event.source == "scan"),
            identity=event.data.get("identity") == "confirmed",
            signature=str(event.data.get("signature") or ""),
            strokes=from_kept(drawn.get(event.id, ())),
        )
        found.append(passing)
    return tuple(found)


def _bag_words(
    number: str, event_id: int, at: datetime, two: Exchanged | None, put_right: list[swapped.Renumbered]
) -> str:
    """Which bag it truly was, and what was written down where that was another."""
    true = next((one.number for one in reversed(put_right) if one.event_id > event_id), number)
    if true != number:
        return f"{true} ({number} had been written down)"
    if two is not None and number == two.number and two.covers(at):
        return f"{number} (it had changed places with {two.other_number})"
    return number


def _words(event: TransferEvent) -> str:
    told = ", told by telephone" if event.source == "phone" else ""
    brought = f", brought by {event.data['brought_by']}" if event.data.get("brought_by") else ""
    return f"{ACTION_WORDS[Action(event.action)]}{brought}{told}"


def _drawn(lines: Mapping[str, HistoryLine]) -> dict[int, list[object]]:
    ids = [line.event.id for line in lines.values()]
    rows = db.session.scalars(select(Signature).where(Signature.event_id.in_(ids)))
    return {row.event_id: row.strokes for row in rows}


def _label_words(labels: list[Label], label_id: int | None, at: datetime, *, scanned: bool) -> str:
    """Which label the bag had: the one that was read, else the one that was in force then."""
    named = next((label for label in labels if label.id == label_id), None)
    if named is not None:
        return f"{_nth(named.number)} label of this journey" + (", scanned" if scanned else "")
    force = [
        one for one in labels if one.issued_at <= at and (one.revoked_at is None or at <= one.revoked_at)
    ]
    return f"{_nth(force[-1].number)} label of this journey, not scanned" if force else ""


def _nth(number: int) -> str:
    """1 is "first"; the fourth and later in figures."""
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _check_rows(transfer: Transfer) -> list[tuple[CheckRow, str]]:
    """Every standing finding, with what the thing is called."""
    rows = db.session.execute(
        select(CheckRow, TransferItem.description)
        .join(TransferItem, TransferItem.id == CheckRow.item_id)
        .where(TransferItem.transfer_id == transfer.id, TransferItem.removed_at.is_(None), check_stands())
        .order_by(CheckRow.event_id, CheckRow.item_id)
    )
    return [(check, thing) for check, thing in rows]


def _checks(
    transfer: Transfer, lines: Mapping[str, HistoryLine], rows: list[tuple[CheckRow, str]]
) -> tuple[Looked, ...]:
    findings: dict[str, list[Finding]] = {}
    steps: dict[str, str] = {}
    for check, thing in rows:
        found = Finding(thing, Status(check.status).label, check.note or "")
        findings.setdefault(str(check.event_id), []).append(found)
        steps[str(check.event_id)] = check.step
    looked = [*_packed(transfer)]
    for event_id, found_there in findings.items():
        event = lines[event_id].event
        looked.append(
            Looked(
                words=_STEP_WORDS[steps[event_id]],
                at=event.occurred_at,
                recorded_at=event.recorded_at,
                by=_by(lines[event_id]),
                place=event.place,
                findings=tuple(found_there),
                why=str(event.data.get("why") or ""),
                valuables=str(event.data.get("valuables") or ""),
                witness=str(event.data.get("witness") or ""),
            )
        )
    return tuple(sorted(looked, key=lambda one: (one.at, one.recorded_at)))


def _packed(transfer: Transfer) -> list[Looked]:
    """What the home ticked, by who ticked it when."""
    listed = db.session.scalars(
        select(TransferItem)
        .filter_by(transfer_id=transfer.id, removed_at=None, added_at_step=Step.PACKING.value)
        .order_by(TransferItem.id)
    )
    told = transfer.facts.get("valuables") or {}
    valuables = {
        name: str(told.get(key) or "") for name, key in (("valuables", "told"), ("witness", "witness"))
    }
    sittings: dict[tuple[datetime, datetime, str], list[Finding]] = {}
    with_valuables = set()
    words: dict[tuple[datetime, datetime, str], str] = {}
    for item in listed:
        key = custody.packed_at(item, transfer), item.packed_at or transfer.opened_at, item.packed_by
        words[key] = "Listed after the bag had left" if custody.listed_late(item, transfer) else "Packed"
        many = f" × {item.quantity}" if item.quantity > 1 else ""
        note = dict(CARRIED).get(item.carried, item.carried).lower() + (", valuable" if item.valuable else "")
        sittings.setdefault(key, []).append(Finding(item.description + many, "Listed", note))
        if item.valuable:
            with_valuables.add(key)
    home = transfer.home.name
    return [
        Looked(
            words[key],
            key[0],
            max(key[0], key[1]),
            ", ".join(part for part in (key[2], home) if part),
            home,
            tuple(things),
            **(valuables if key in with_valuables else {}),
        )
        for key, things in sittings.items()
    ]


def _shown(transfer: Transfer) -> tuple[Shown, ...]:
    """Who was shown which version, each person and way once."""
    rows = db.session.execute(
        select(AuditEntry, Account.name, Organisation.name.label("organisation"))
        .outerjoin(Account, Account.id == AuditEntry.account_id)
        .outerjoin(Organisation, Organisation.id == AuditEntry.organisation_id)
        .where(AuditEntry.subject_kind == "transfer", AuditEntry.subject_ref == transfer.ref)
        .where(AuditEntry.kind.in_(_HOW))
        .order_by(AuditEntry.id)
    )
    found: dict[tuple[int, str, str], Shown] = {}
    for entry, name, organisation in rows:
        version = entry.details.get("version")
        if not isinstance(version, int):
            continue
        guest = (
            f"{entry.details['by_access_code']}, by access code" if "by_access_code" in entry.details else ""
        )
        by = guest or ", ".join(part for part in (name or _BY_CODE, organisation) if part)
        key = version, by, _HOW[entry.kind]
        earlier = found.get(key)
        first, times = (earlier.first_at, earlier.times) if earlier else (entry.at, 0)
        found[key] = Shown(version, by, _HOW[entry.kind], first, times + 1)
    return tuple(found.values())


def _lost(
    transfer: Transfer,
    picture: Custody,
    lines: Mapping[str, HistoryLine],
    checks: list[tuple[CheckRow, str]],
) -> tuple[LostThing, ...]:
    rows = db.session.scalars(select(TransferItem).filter_by(transfer_id=transfer.id))
    items = {item.ref: item for item in rows}
    resident = transfer.resident
    born = format_birth_date(resident.date_of_birth)
    by = {f"c{check.id}": _by(lines[str(check.event_id)]) for check, _thing in checks}
    settled = {c.item_id: c.note for c, _thing in checks if c.status == Status.SETTLED.value}
    found = []
    for one in picture.items:
        if one.first_missing is None:
            continue
        item = items[one.item]
        packed_by = ", ".join(part for part in (item.packed_by, transfer.home.name) if part)
        claimed = Claimed(
            thing=item.description,
            quantity=item.quantity,
            valuable=item.valuable,
            carried=dict(CARRIED).get(item.carried, item.carried).lower(),
            seen_by=by.get(one.lost.last_seen.ref, packed_by) if one.lost else packed_by,
            missed_by=by[one.first_missing.ref],
            settled=(settled.get(item.id) or "").rstrip(".") if one.status is Status.SETTLED else "",
        )
        whose = resident.full_name, born, transfer.home.name, claimed
        if one.lost:
            words = record.claim(*whose, one.lost, picture)
        else:
            looks = _looks_in_vain(item, lines, checks)
            words = record.claim_unseen(*whose, custody.packed_at(item, transfer), looks)
        found.append(LostThing(item.description, words, seen=one.lost is not None))
    return tuple(found)


def _looks_in_vain(
    item: TransferItem, lines: Mapping[str, HistoryLine], checks: list[tuple[CheckRow, str]]
) -> list[tuple[ItemCheck, str]]:
    """Every time that somebody looked for this thing and did not find it, and who, in order."""
    found = []
    for check, _thing in checks:
        if check.item_id == item.id and check.status == Status.MISSING.value:
            line = lines[str(check.event_id)]
            at, written = line.event.occurred_at, line.event.recorded_at
            look = ItemCheck(item.ref, Step(check.step), Status.MISSING, at, recorded_at=written)
            found.append((look, _by(line)))
    return sorted(found, key=lambda one: one[0].at)


def issued(transfer: Transfer) -> list[Issued]:
    """The records that were issued of this journey, newest first."""
    rows = db.session.scalars(select(Issued).filter_by(transfer_id=transfer.id).order_by(Issued.id.desc()))
    return list(rows)


def one_issued(transfer: Transfer, record_ref: str) -> Issued:
    """One issued record of this journey. Raises NotFound."""
    row = db.session.scalar(select(Issued).filter_by(transfer_id=transfer.id, ref=record_ref))
    if row is None:
        raise NotFound("There is no such custody record of this journey.")
    return row
