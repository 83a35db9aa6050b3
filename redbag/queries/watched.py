"""Journeys as the clocks see them: what needs somebody, at either end, whoever asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain.attention import Trouble, Watched, key_of, troubles
from redbag.domain.bag_states import BagState
from redbag.domain.custody import Status
from redbag.domain.transfer_states import OPEN_STATES, State
from redbag.models import BagReport, ItemCheck, Seen, Task, Transfer, TransferEvent, TransferItem
from redbag.queries.recorded import check_stands, handover_awaited, newest_checks

TASK_WORDS = {
    "ring_ward": "Tell the hospital what has changed",
    "wrong_person": "Ring the hospital: they say the pack is not this person’s",
    "swap_bags": "Swap the bags",
    "emergency_look": "The pack was opened at a hospital without the bag",
    "code_used": "The access code was used",
    "code_guessed": "A wrong access code was typed at the bag’s label",
}
CODES = ("emergency_look", "code_used", "code_guessed")
"""What the home is told of who saw the pack: without the bag (services/emergency.py), or by the access code
(services/access_notices.py)."""
_AT_HOME = (BagState.IN_STOCK, BagState.TO_CLEAN, BagState.QUARANTINED)


def look(
    transfers: Sequence[Transfer], missing: Mapping[int, Sequence[str]], now: datetime
) -> dict[int, list[Trouble]]:
    """The troubles of each journey by its id, of both ends, the gravest first. `missing`: the things that
    are missing from each (queries/transfers.py).

    The number of reads does not grow with the number of journeys.
    """
    if not transfers:
        return {}
    ids = [transfer.id for transfer in transfers]
    tasks = open_tasks(ids)
    awaited, elsewhere, asked = handover_awaited(transfers), _bags_elsewhere(transfers), _asked(ids)
    lacking = [number for number in ids if missing.get(number)]
    noticed = _missing_since(lacking) if lacking else {}

    def watched(t: Transfer) -> Watched:
        found = _watched(
            t, len(missing.get(t.id, ())), tasks[t.id], t.id in awaited, t.id in elsewhere, t.id in asked
        )
        return replace(found, missing_since=noticed.get(t.id))

    return {
        t.id: troubles(
            watched(t),
            now,
            t.home.thresholds,
            t.hospital.thresholds if t.hospital else None,
        )
        for t in transfers
    }


def _missing_since(transfer_ids: Sequence[int]) -> dict[int, datetime]:
    """When a look first found missing what is missing now, by journey: the earliest of its things."""
    newest = newest_checks(TransferItem.transfer_id.in_(transfer_ids), TransferItem.removed_at.is_(None))
    still = select(ItemCheck.item_id).where(
        ItemCheck.id.in_(newest), ItemCheck.status == Status.MISSING.value
    )
    rows = db.session.execute(
        select(TransferItem.transfer_id, func.min(TransferEvent.occurred_at))
        .join(ItemCheck, ItemCheck.item_id == TransferItem.id)
        .join(TransferEvent, TransferEvent.id == ItemCheck.event_id)
        .where(TransferItem.id.in_(still), ItemCheck.status == Status.MISSING.value, check_stands())
        .group_by(TransferItem.transfer_id)
    )
    return {transfer_id: noticed for transfer_id, noticed in rows.all() if noticed}


def seen_keys(organisation_id: int) -> set[str]:
    """The lines that somebody there has said to have dealt with."""
    rows = db.session.scalars(
        select(Seen.key).where(Seen.organisation_id == organisation_id, Seen.taken_back_at.is_(None))
    )
    return set(rows)


def unseen(found: Iterable[Trouble], subject: str, seen: set[str]) -> list[Trouble]:
    """Without those that somebody has dealt with."""
    return [trouble for trouble in found if key_of(trouble, subject) not in seen]


def still_asked(task: Task, state: State) -> bool:
    """Whether the task is still worth doing: a hospital that they have left is told of no change."""
    return task.kind != "ring_ward" or state in (State.HANDED_TO_CREW, State.ARRIVED, State.ADMITTED)


def open_tasks(transfer_ids: Sequence[int]) -> dict[int, list[Task]]:
    """What is still to be done about each of these journeys, by transfer."""
    found: dict[int, list[Task]] = defaultdict(list)
    rows = db.session.scalars(
        select(Task).where(Task.transfer_id.in_(transfer_ids), Task.done_at.is_(None)).order_by(Task.id)
    )
    for task in rows:
        found[task.transfer_id].append(task)
    return found


def _bags_elsewhere(transfers: Sequence[Transfer]) -> set[int]:
    """Those of these journeys whose bag has meanwhile gone out with somebody else."""
    bags = {t.bag_id for t in transfers if t.bag_id is not None}
    if not bags:
        return set()
    newest = db.session.execute(
        select(Transfer.bag_id, func.max(Transfer.id))
        .where(Transfer.bag_id.in_(bags), Transfer.state.in_([state.value for state in OPEN_STATES]))
        .group_by(Transfer.bag_id)
    )
    carries = {row[0]: row[1] for row in newest}
    return {t.id for t in transfers if t.bag_id is not None and carries.get(t.bag_id, t.id) != t.id}


def _asked(transfer_ids: Sequence[int]) -> set[int]:
    """Those of these journeys of whose bag the hospital has said something that stands."""
    rows = db.session.scalars(
        select(BagReport.transfer_id).where(
            BagReport.transfer_id.in_(transfer_ids), BagReport.settled_at.is_(None)
        )
    )
    return {row for row in rows if row is not None}


def family_told(transfer: Transfer) -> bool:
    """Whether somebody wrote down that the family knows: in "Who has been told", or as called."""
    called = (transfer.facts.get("why_now") or {}).get("called") or []
    return bool((transfer.facts.get("told") or {}).get("rows")) or "family" in called


def _watched(
    transfer: Transfer, missing: int, tasks: Sequence[Task], awaited: bool, elsewhere: bool, asked: bool
) -> Watched:
    bag = None if elsewhere else transfer.bag
    theirs = [task for task in tasks if task.kind == "swap_bags"]
    asked_of_us = [task for task in tasks if still_asked(task, State(transfer.state))]
    ours = [task for task in asked_of_us if task.kind not in ("swap_bags", *CODES)]
    return Watched(
        state=State(transfer.state),
        opened_at=transfer.opened_at,
        departed_at=transfer.departed_at,
        arrived_at=transfer.arrived_at,
        admitted_at=transfer.admitted_at,
        stay_started_at=transfer.decision_to_admit_at or transfer.admitted_at,
        ended_at=transfer.ended_at,
        received_at=transfer.received_at,
        home_contact_at=transfer.home_contact_at,
        estimated_discharge_on=transfer.estimated_discharge_on,
        with_bag=transfer.with_bag,
        has_bag=bag is not None,
        bag_out=bag is not None and bag.state == BagState.OUT,
        bag_back=bag.state_since if bag is not None and bag.state in _AT_HOME else None,
        bag_asked=asked,
        custody=transfer.custody,
        finished=transfer.finished_at is not None,
        family_told=family_told(transfer),
        handover_awaited=awaited,
        missing_items=missing,
        questioned_at=next((task.created_at for task in ours if task.kind == "wrong_person"), None),
        open_tasks=tuple(
            (TASK_WORDS[t.kind] + (f": {t.detail}" if t.detail else ""), t.created_at) for t in ours
        ),
        codes=tuple(
            (t.kind, f"{TASK_WORDS[t.kind]}: {t.detail}", t.created_at) for t in tasks if t.kind in CODES
        ),
        swap=next((task.detail for task in theirs), ""),
        swap_since=next((task.created_at for task in theirs), None),
    )
