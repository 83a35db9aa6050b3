"""Things that never came back from a journey that is over: those still to be settled, and those that were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload

from redbag.database import db
from redbag.domain.custody import Status, Step
from redbag.domain.permissions import Actor
from redbag.domain.transfer_states import Action, State
from redbag.models import ItemCheck, Transfer, TransferEvent, TransferItem
from redbag.queries.among import among
from redbag.queries.recorded import check_stands, newest_checks
from redbag.queries.transfers import visible

ANSWERED_SHOWN_DAYS = 90


@dataclass(frozen=True)
class Lost:
    """One thing of a closed journey. `last`: the newest word on it. `at_closing`: what was said then."""

    item: TransferItem
    transfer: Transfer
    status: Status
    note: str
    last: TransferEvent
    at_closing: str


def standing(actor: Actor) -> list[Lost]:
    """Everything missing from the actor's closed journeys that nobody has settled, newest journey first."""
    return _newest(actor, ItemCheck.status == Status.MISSING.value)


def answered(actor: Actor, now: datetime) -> list[Lost]:
    """What was found or settled within ANSWERED_SHOWN_DAYS, by journey, newest first."""
    lately = TransferEvent.recorded_at >= now - timedelta(days=ANSWERED_SHOWN_DAYS)
    done = ItemCheck.step == Step.AFTERWARDS.value, ItemCheck.status != Status.MISSING.value
    return _newest(actor, *done, lately)


def _newest(actor: Actor, *conditions: ColumnElement[bool]) -> list[Lost]:
    """Each thing of the actor's closed journeys that was ever missing and whose newest check is such."""
    ever_missing = list(
        db.session.scalars(
            select(ItemCheck.item_id)
            .join(TransferItem, TransferItem.id == ItemCheck.item_id)
            .join(Transfer, Transfer.id == TransferItem.transfer_id)
            .where(visible(actor), Transfer.state == State.CLOSED.value)
            .where(ItemCheck.status == Status.MISSING.value, TransferItem.removed_at.is_(None))
            .where(check_stands())
            .distinct()
        )
    )
    if not ever_missing:  # of most homes: and it is their front page that asks
        return []
    wanted = (
        select(TransferItem, ItemCheck, TransferEvent, Transfer)
        .join(ItemCheck, ItemCheck.item_id == TransferItem.id)
        .join(TransferEvent, TransferEvent.id == ItemCheck.event_id)
        .join(Transfer, Transfer.id == TransferItem.transfer_id)
        .where(ItemCheck.id.in_(newest_checks(among(ItemCheck.item_id, ever_missing))), *conditions)
        .options(joinedload(Transfer.resident), joinedload(Transfer.hospital))
        .order_by(Transfer.closed_at.desc(), TransferItem.id)
    )
    return _lost(wanted)


def _lost(wanted: Select[TransferItem, ItemCheck, TransferEvent, Transfer]) -> list[Lost]:
    rows = db.session.execute(wanted).all()
    if not rows:
        return []
    said = _at_closing(transfer.id for _item, _check, _event, transfer in rows)
    return [
        Lost(item, transfer, Status(check.status), check.note, event, said.get(transfer.id, ""))
        for item, check, event, transfer in rows
    ]


def _at_closing(transfer_ids: Iterable[int]) -> dict[int, str]:
    closings = db.session.scalars(
        select(TransferEvent).where(
            TransferEvent.transfer_id.in_(set(transfer_ids)), TransferEvent.action == Action.CLOSE.value
        )
    )
    return {event.transfer_id: str(event.data.get("lost") or "") for event in closings}
