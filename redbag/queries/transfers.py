"""Transfers: which an actor may see, one by one and as lists."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.attention import Trouble
from redbag.domain.custody import Status
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Role, Subject
from redbag.domain.transfer_states import AFTER_ARRIVAL, OPEN_STATES, Action, State
from redbag.models import ItemCheck, Label, Organisation, Task, Transfer, TransferEvent, TransferItem, Ward
from redbag.queries import set_aside, watched
from redbag.queries.recorded import newest_checks


def visible(actor: Actor) -> ColumnElement[bool]:
    """The transfers that the actor may see without the bag in hand.

    Hospital staff: from arrival until the home has settled everything. The home: but for closed journeys of
    people whose record is set aside.
    """
    if actor.role in (Role.CARER, Role.HOME_MANAGER):
        return and_(
            Transfer.home_id == actor.organisation_id,
            or_(
                Transfer.state.in_([s.value for s in OPEN_STATES]),
                Transfer.resident_id.not_in(set_aside.of(actor)),
            ),
        )
    if actor.role in (Role.WARD_STAFF, Role.HOSPITAL_MANAGER):
        return and_(
            Transfer.hospital_id == actor.organisation_id,
            Transfer.state.in_([s.value for s in AFTER_ARRIVAL]),
        )
    return false()


def whole() -> Select[Transfer]:
    """Journeys with what every page of one shows; the caller says whose."""
    return select(Transfer).options(
        joinedload(Transfer.resident),
        joinedload(Transfer.bag),
        joinedload(Transfer.home),
        joinedload(Transfer.hospital),
        joinedload(Transfer.ward),
    )


def get(actor: Actor, ref: str, *, for_update: bool = False) -> Transfer:
    """One transfer. Raises NotFound also for one that belongs to somebody else.

    `for_update` holds the row until the transaction ends, so that two people's steps follow each other.
    """
    statement = whole().where(Transfer.ref == ref, visible(actor))
    if for_update:
        statement = statement.with_for_update(of=Transfer)
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound("There is no such transfer.")
    return found


def of_label(label: Label, *, for_update: bool = False) -> Transfer | None:
    """The transfer behind a label that works; None for a blank or a revoked one."""
    if label.transfer_id is None or label.revoked_at is not None:
        return None
    statement = whole().where(Transfer.id == label.transfer_id)
    if for_update:
        statement = statement.with_for_update(of=Transfer)
    return db.session.scalar(statement)


def is_questioned(transfer_id: int) -> bool:
    """Whether somebody said "not this person" and nobody has settled it."""
    task = select(Task.id).filter_by(transfer_id=transfer_id, kind="wrong_person", done_at=None).limit(1)
    return db.session.scalar(task) is not None


def ref_of(transfer_id: int) -> str:
    """The public reference of a journey, for a link; whoever follows it must be let in there."""
    return db.session.scalar(select(Transfer.ref).where(Transfer.id == transfer_id)) or ""


def subject(transfer: Transfer) -> Subject:
    """The organisations that a transfer concerns, for can()."""
    return Subject(home_id=transfer.home_id, hospital_id=transfer.hospital_id)


def open_for(resident_id: int) -> Transfer | None:
    """The journey that a resident is on now."""
    return db.session.scalar(
        select(Transfer).where(
            Transfer.resident_id == resident_id, Transfer.state.in_([s.value for s in OPEN_STATES])
        )
    )


@dataclass(frozen=True)
class Row:
    """One line of a board: the journey and what somebody must do about it."""

    transfer: Transfer
    troubles: list[Trouble]

    @property
    def since(self) -> datetime:
        """When the journey came to where it is now."""
        t = self.transfer
        ended = {
            State.DIED: t.died_at,
            State.STAYED_HOME: t.custody_since,
            State.CLOSED: t.closed_at,
            State.CANCELLED: t.closed_at,
        }.get(State(t.state))
        if ended is not None:
            return ended
        times = (t.received_at, t.ended_at, t.admitted_at, t.arrived_at, t.departed_at)
        return next((at for at in times if at is not None), t.opened_at)


def board(actor: Actor, now: datetime, *, both_ends: bool = False) -> list[Row]:
    """Open journeys that the actor may see, gravest trouble first, then the longest in their state.

    The troubles are those of the actor's own end of the journey; with `both_ends` everybody's.
    """
    is_open = (visible(actor), Transfer.state.in_([state.value for state in OPEN_STATES]))
    if not db.session.scalar(select(exists().where(*is_open))):  # of most homes, on most days
        return []
    transfers = list(db.session.scalars(whole().where(*is_open)))
    side = _side(actor)
    found = watched.look(transfers, missing_things([t.id for t in transfers]), now)
    seen = watched.seen_keys(actor.organisation_id)
    rows = []
    for transfer in transfers:
        standing = watched.unseen(found[transfer.id], transfer.ref, seen)
        rows.append(Row(transfer, [t for t in standing if both_ends or t.who == side]))
    return sorted(rows, key=_trouble_first)


def _trouble_first(row: Row) -> tuple[float, float]:
    """Rows with trouble before rows without; the gravest first, of equally grave ones the newest."""
    if row.troubles:
        return row.troubles[0].severity, -row.troubles[0].since.timestamp()
    return math.inf, row.since.timestamp()


def row_of(actor: Actor, transfer: Transfer, now: datetime) -> Row:
    """One journey with its troubles: those that the actor's side must clear come first."""
    found = watched.look([transfer], missing_things([transfer.id]), now)[transfer.id]
    found = watched.unseen(found, transfer.ref, watched.seen_keys(actor.organisation_id))
    side = _side(actor)
    return Row(transfer, sorted(found, key=lambda trouble: trouble.who != side))


def _side(actor: Actor) -> str:
    """Which end of the journey the actor works at: home or hospital."""
    return "home" if actor.role in (Role.CARER, Role.HOME_MANAGER) else "hospital"


def missing_things(transfer_ids: Sequence[int]) -> dict[int, list[str]]:
    """Things whose newest check says missing, by transfer, in the order of the list."""
    found: dict[int, list[str]] = defaultdict(list)
    if not transfer_ids:
        return found
    newest = newest_checks(TransferItem.transfer_id.in_(transfer_ids), TransferItem.removed_at.is_(None))
    rows = db.session.execute(
        select(TransferItem.transfer_id, TransferItem.description)
        .join(ItemCheck, ItemCheck.item_id == TransferItem.id)
        .where(ItemCheck.id.in_(newest), ItemCheck.status == Status.MISSING.value)
        .order_by(TransferItem.id)
    )
    for transfer_id, description in rows:
        found[transfer_id].append(description)
    return found


def open_tasks(transfer: Transfer) -> list[Task]:
    """What must still be done about one journey, at either end."""
    return watched.open_tasks([transfer.id])[transfer.id]


def homes_tasks(transfer: Transfer) -> list[tuple[Task, str]]:
    """What the home must still do about one journey, each with its words."""
    return [
        (task, watched.TASK_WORDS[task.kind])
        for task in open_tasks(transfer)
        if task.organisation_id == transfer.home_id and task.kind not in watched.CODES
        if watched.still_asked(task, State(transfer.state))
    ]


def closed(actor: Actor, *, page: int = 1, size: int = 25) -> tuple[list[Transfer], int]:
    """Journeys that are over, newest first, a page at a time (the nearest there is); and how many."""
    condition = and_(visible(actor), Transfer.state.in_([State.CLOSED.value, State.CANCELLED.value]))
    total = db.session.scalar(select(func.count()).select_from(Transfer).where(condition)) or 0
    page = min(max(1, page), max(1, -(-total // size)))
    rows = db.session.scalars(
        whole().where(condition).order_by(Transfer.opened_at.desc()).limit(size).offset((page - 1) * size)
    )
    return list(rows), total


@dataclass(frozen=True)
class HistoryLine:
    """One event as a person reads it. `corrected` by a later line, or itself a correction of another.

    `organisation`: whose words these are; the event's own `place` says where it happened.
    """

    event: TransferEvent
    corrected_by: TransferEvent | None = None
    corrects: TransferEvent | None = None
    organisation: str = ""


def history(transfer: Transfer) -> list[HistoryLine]:
    """Everything that was recorded, newest first, corrections beside what they correct."""
    rows = list(
        db.session.scalars(
            select(TransferEvent).filter_by(transfer_id=transfer.id).order_by(TransferEvent.id)
        )
    )
    by_id = {row.id: row for row in rows}
    corrected = {row.corrects_id: row for row in rows if row.corrects_id}
    ids = {row.actor_organisation_id for row in rows if row.actor_organisation_id}
    names = db.session.execute(select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids)))
    whose = {row.id: row.name for row in names}
    return [
        HistoryLine(
            row,
            corrected.get(row.id),
            by_id.get(row.corrects_id) if row.corrects_id else None,
            whose.get(row.actor_organisation_id or 0, ""),
        )
        for row in reversed(rows)
    ]


@dataclass(frozen=True)
class HomeWord:
    """What the home last said of meeting the person's needs: yes, conditions, no or not_asked."""

    word: str
    who: str
    conditions: str
    at: datetime


def home_word(transfer_id: int) -> HomeWord | None:
    """The home's word, where it has given one."""
    row = db.session.scalar(
        select(TransferEvent)
        .filter_by(transfer_id=transfer_id, action=Action.HOME_CAN_MEET_NEEDS.value)
        .order_by(TransferEvent.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    facts = {key: str(row.data.get(key) or "") for key in ("word", "who", "conditions")}
    return HomeWord(**facts, at=row.occurred_at)


def last_time(transfer: Transfer) -> list[TransferItem]:
    """What went along on the person's journey before this one."""
    before = (
        select(func.max(Transfer.id))
        .where(Transfer.resident_id == transfer.resident_id, Transfer.id < transfer.id)
        .where(Transfer.state != State.CANCELLED.value)
        .scalar_subquery()
    )
    rows = db.session.scalars(
        select(TransferItem).where(TransferItem.transfer_id == before, TransferItem.removed_at.is_(None))
    )
    return sorted(rows, key=lambda item: item.id)


def hospitals() -> list[Organisation]:
    """Every hospital, by name, for saying where a person goes."""
    return list(
        db.session.scalars(
            select(Organisation).filter_by(kind="hospital", closed_at=None).order_by(Organisation.name)
        )
    )


_LATELY = 10


def usual_hospital(home_id: int) -> Organisation | None:
    """Where most of this home's last ten journeys went first, of equals the latest; the only hospital there
    is; or None. Where somebody was moved later is not where the home sends people."""
    lately = db.session.execute(
        select(Transfer.id, Transfer.hospital_id)
        .where(Transfer.home_id == home_id, Transfer.hospital_id.is_not(None))
        .order_by(Transfer.id.desc())
        .limit(_LATELY)
    ).all()
    reached = db.session.execute(
        select(TransferEvent.transfer_id, TransferEvent.organisation_id)
        .where(
            TransferEvent.transfer_id.in_([row.id for row in lately]),
            TransferEvent.action.in_([Action.ARRIVE.value, Action.ADMIT.value]),
            TransferEvent.organisation_id.is_not(None),
        )
        .order_by(TransferEvent.id.desc())
    )
    first = {row.transfer_id: row.organisation_id for row in reached}  # the earliest is read last
    went = Counter(first.get(row.id) or row.hospital_id for row in lately)
    if went:
        return db.session.get(Organisation, went.most_common(1)[0][0])
    known = hospitals()
    return known[0] if len(known) == 1 else None


def wards(hospital_id: int) -> list[Ward]:
    """The open wards of a hospital, by name."""
    return list(
        db.session.scalars(
            select(Ward).filter_by(organisation_id=hospital_id, closed_at=None).order_by(Ward.name)
        )
    )
