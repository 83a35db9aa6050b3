"""The custody of one journey, from what was recorded of it: handovers of the bag and checks of its items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from redbag.database import db
from redbag.domain import custody
from redbag.domain.custody import Custody, Handover, Status, Step
from redbag.domain.journey import Event, effective, is_time_unknown
from redbag.domain.signature import from_kept, path
from redbag.domain.transfer_states import HANDOVERS, Action
from redbag.models import BagEvent, ItemCheck, Signature, Transfer, TransferEvent, TransferItem
from redbag.queries import swapped
from redbag.queries.recorded import check_stands, events_of

_LEAVES = (Action.DISCHARGE, Action.SEND_BACK, Action.DISCHARGE_ELSEWHERE)
# Where a bag is that came home by no recorded return.
_AT_HOME = ("to_clean", "in_stock", "quarantined")


def picture(transfer: Transfer) -> Custody:
    """Where the bag and each item are, and between which moments a missing one was lost."""
    items = _items(transfer)
    found = custody.custody(
        transfer.home.name, transfer.opened_at, handovers(transfer), _checks(transfer, items)
    )
    carried = {i.ref for i in items if transfer.bag is None or i.carried != "in_bag"}
    found = custody.carried_by_person(found, carried)
    two = swapped.exchanged(transfer, handovers)
    return custody.with_exchange(found, two) if two else found


def handovers(transfer: Transfer) -> list[Handover]:
    """Every handover of the bag that stands, in its order; `ref` is the id of the event that says so, or
    "bag" for a bag that came home by itself."""
    found: list[Handover] = []
    holder = transfer.home.name
    for event in _moves(transfer):
        to = _new_holder(event, transfer)
        found.append(
            Handover(
                event.occurred_at,
                holder,
                to,
                recorded_at=event.recorded_at,
                ref=str(event.id),
                order=len(found),
            )
        )
        holder = to
    back = _came_back(transfer)
    if back is not None and found and holder != transfer.home.name:
        at, recorded_at = back
        found.append(
            Handover(at, holder, transfer.home.name, recorded_at=recorded_at, ref="bag", order=len(found))
        )
    return found


def _moves(transfer: Transfer) -> Iterator[Event]:
    """The standing events by which the bag changed hands, the handover to the crew first: it comes first
    also where it was written down after the arrival."""
    told = effective(events_of([transfer.id])[transfer.id])
    for event in sorted(told, key=lambda one: one.action is not Action.HAND_TO_CREW):
        if event.action in HANDOVERS and not is_time_unknown(event) and _bag_moved(event, transfer):
            yield event


def _bag_moved(event: Event, transfer: Transfer) -> bool:
    """Whether the bag went with the person at this step."""
    data: Mapping[str, object] = event.data
    if event.action is Action.RECEIVE:
        return bool(data.get("bag_came", True))
    if event.action in _LEAVES and data.get("bag_with") == "hospital":
        return False
    return transfer.with_bag is not False or event.action in (Action.HAND_TO_CREW, Action.STAY_HOME)


def _new_holder(event: Event, transfer: Transfer) -> str:
    match event.action:
        case Action.HAND_TO_CREW:
            return f"crew {event.data.get('crew') or ''}".strip()
        case Action.DISCHARGE | Action.SEND_BACK | Action.DISCHARGE_ELSEWHERE:
            return str(event.data.get("transport") or "transport")
        case Action.RECEIVE | Action.STAY_HOME:
            return transfer.home.name
        case _:
            return event.place


def _came_back(transfer: Transfer) -> tuple[datetime, datetime] | None:
    """When the home said that the bag of this journey is there again, and still says so: when it happened
    and when it was written down."""
    if transfer.bag_id is None or transfer.gone_by is None:
        return None
    rows = db.session.scalars(
        select(BagEvent)
        .where(BagEvent.transfer_id == transfer.id, BagEvent.bag_id == transfer.bag_id)
        .where(BagEvent.occurred_at >= transfer.gone_by)
        .order_by(BagEvent.id)
    )
    since: tuple[datetime, datetime] | None = None
    for row in rows:
        if row.state not in _AT_HOME:
            since = None
        elif since is None:
            since = row.occurred_at, row.recorded_at
    return since


def _items(transfer: Transfer) -> list[TransferItem]:
    rows = db.session.scalars(
        select(TransferItem).filter_by(transfer_id=transfer.id, removed_at=None).order_by(TransferItem.id)
    )
    return list(rows)


def listed_late(item: TransferItem, transfer: Transfer) -> bool:
    """Whether the thing was only listed after the bag had left: then nobody ticked it as it went in. Of a
    departure given in whole minutes its own minute still counts as before."""
    at, left = item.packed_at, transfer.gone_by
    if at is None or left is None:
        return False
    typed = (left.second, left.microsecond) == (0, 0)
    return at >= left + timedelta(minutes=1) if typed else at > left


def packed_at(item: TransferItem, transfer: Transfer) -> datetime:
    """When this thing was listed, which while the bag was at home is when it was ticked: never earlier."""
    at = item.packed_at or transfer.opened_at
    left = transfer.gone_by
    return at if left is None or listed_late(item, transfer) else min(at, left)


def _checks(transfer: Transfer, items: list[TransferItem]) -> list[custody.ItemCheck]:
    home = transfer.home.name
    found = [
        custody.ItemCheck(
            item.ref,
            Step.PACKING,
            Status.LISTED if listed_late(item, transfer) else Status.PRESENT,
            packed_at(item, transfer),
            home,
            item.packed_at,
            f"p{item.id}",
        )
        for item in items
        if item.added_at_step == Step.PACKING.value
    ]
    rows = db.session.execute(
        select(ItemCheck, TransferItem.ref, TransferEvent)
        .join(TransferItem, TransferItem.id == ItemCheck.item_id)
        .join(TransferEvent, TransferEvent.id == ItemCheck.event_id)
        .where(TransferItem.transfer_id == transfer.id, TransferItem.removed_at.is_(None), check_stands())
        .order_by(ItemCheck.id)
    )
    found += [
        custody.ItemCheck(
            ref,
            Step(row.step),
            Status(row.status),
            event.occurred_at,
            event.place,
            event.recorded_at,
            f"c{row.id}",
        )
        for row, ref, event in rows
    ]
    return found


def signatures(transfer_id: int) -> dict[int, str]:
    """What was drawn at each handover of a journey, by event, as the path of a picture."""
    rows = db.session.execute(
        select(Signature.event_id, Signature.strokes)
        .join(TransferEvent, TransferEvent.id == Signature.event_id)
        .where(TransferEvent.transfer_id == transfer_id)
    )
    return {event_id: path(from_kept(strokes)) for event_id, strokes in rows}
