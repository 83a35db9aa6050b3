"""Bags that had changed places: which bag each person truly had, and who may have held the other one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain.custody import Exchanged, Handover, custody
from redbag.domain.transfer_states import Action
from redbag.models import Bag, Task, Transfer, TransferEvent

HandoversOf = Callable[[Transfer], Iterable[Handover]]


@dataclass(frozen=True)
class Renumbered:
    """A number that the home had written beside the wrong person: also before `event_id` it was `number`."""

    event_id: int
    number: str


def told(transfer: Transfer) -> list[TransferEvent]:
    """Every time that somebody said of this journey that bags were swapped, in the order recorded."""
    rows = db.session.scalars(
        select(TransferEvent)
        .filter_by(transfer_id=transfer.id, action=Action.SWAP_BAGS.value)
        .order_by(TransferEvent.id)
    )
    return list(rows)


def exchanged(transfer: Transfer, handovers_of: HandoversOf) -> Exchanged | None:
    """The two bags that were each with the other's person, and who held the other one; None where the latest
    word is that they were not.

    From when the first of them left the home, since nobody knows better, until the ward says that they are
    swapped back.
    """
    latest = next(reversed(told(transfer)), None)
    if latest is None or latest.data.get("swap") != "people" or transfer.bag is None:
        return None
    other = db.session.scalar(select(Transfer).filter_by(ref=str(latest.data.get("other") or "")))
    left = [one.gone_by for one in (transfer, other) if one is not None and one.gone_by is not None]
    if other is None or not left:
        return None
    spells = custody(other.home.name, other.opened_at, handovers_of(other), ()).spells
    number = str(latest.data.get("other_bag") or "")
    return Exchanged(transfer.bag.number, number, spells, min(left), _swapped_back(transfer, latest))


def _swapped_back(transfer: Transfer, said: TransferEvent) -> datetime | None:
    """When the ward took it off its list; None while it stands there, or where no ward was asked."""
    return db.session.scalar(
        select(Task.done_at)
        .filter_by(transfer_id=transfer.id, kind="swap_bags", created_at=said.recorded_at)
        .order_by(Task.id.desc())
        .limit(1)
    )


def renumbered(transfer: Transfer) -> list[Renumbered]:
    """Each time that a wrongly written number was put right, in the order recorded."""
    rows = [row for row in told(transfer) if row.data.get("swap") == "numbers"]
    wanted = {row.bag_id for row in rows}
    numbers = {bag.id: bag.number for bag in db.session.scalars(select(Bag).where(Bag.id.in_(wanted)))}
    return [Renumbered(row.id, numbers.get(row.bag_id or 0, "")) for row in rows]
