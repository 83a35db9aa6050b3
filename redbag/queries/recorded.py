"""What was recorded of journeys: the events as the rules read them, and what still stands of it."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased

from redbag.database import db
from redbag.domain.journey import Event, effective, replay
from redbag.domain.transfer_states import Action
from redbag.models import ItemCheck, Transfer, TransferEvent, TransferItem


def as_event(row: TransferEvent) -> Event:
    """A stored event as the value that the rules work on."""
    return Event(
        id=row.id,
        action=Action(row.action),
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        data=row.data,
        corrects=row.corrects_id,
        actor_name=row.actor_name,
        actor_role=row.actor_role,
        place=row.place,
        organisation_id=row.organisation_id,
        ward_id=row.ward_id,
        source=row.source,
    )


def events_of(transfer_ids: Sequence[int]) -> dict[int, list[Event]]:
    """Every event of these transfers, in the order recorded."""
    found: dict[int, list[Event]] = defaultdict(list)
    rows = db.session.scalars(
        select(TransferEvent).where(TransferEvent.transfer_id.in_(transfer_ids)).order_by(TransferEvent.id)
    )
    for row in rows:
        found[row.transfer_id].append(as_event(row))
    return found


_LEAVING = (Action.DISCHARGE, Action.SEND_BACK, Action.DISCHARGE_ELSEWHERE)


def leaving_data(transfer_id: int) -> dict[str, Any]:
    """What was recorded as the person left hospital, and stands; empty where nothing was."""
    standing = effective(events_of([transfer_id])[transfer_id])
    found = next((event for event in reversed(standing) if event.action in _LEAVING), None)
    return dict(found.data) if found else {}


def handover_awaited(transfers: Iterable[Transfer]) -> set[int]:
    """Those of these transfers whose person reached the hospital while the home has not recorded the
    handover to the crew, nor said that its time is not known.

    Only the few that have no departure are replayed.
    """
    unsure = [t.id for t in transfers if t.departed_at is None and t.gone_by is not None]
    told = events_of(unsure) if unsure else {}
    return {transfer_id for transfer_id in unsure if replay(told[transfer_id]).handover_awaited}


@functools.cache  # putting it together takes longer than asking it, and a manager's page asks five times
def check_stands() -> ColumnElement[bool]:
    """Of a statement on item checks joined with their items: only findings whose check was not taken back."""
    correction = aliased(TransferEvent)
    withdrawn = exists().where(
        correction.transfer_id == TransferItem.transfer_id,
        correction.corrects_id == ItemCheck.event_id,
        correction.takes_back,
    )
    return ~withdrawn


def newest_checks(*conditions: ColumnElement[bool]) -> Select[int]:
    """The ids of each item's newest standing check: by when somebody looked, however late it was written
    down. `conditions`: on the items, or on their checks."""
    newest_first = (TransferEvent.occurred_at.desc(), ItemCheck.id.desc())
    ranked = (
        select(
            ItemCheck.id.label("check_id"),
            func.row_number().over(partition_by=ItemCheck.item_id, order_by=newest_first).label("place"),
        )
        .join(TransferItem, TransferItem.id == ItemCheck.item_id)
        .join(TransferEvent, TransferEvent.id == ItemCheck.event_id)
        .where(check_stands(), *conditions)
        .subquery()
    )
    return select(ranked.c.check_id).where(ranked.c.place == 1)
