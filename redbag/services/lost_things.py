"""What became of a thing that never came back, said by the home's manager when the journey is over.

A new event and a new check of the thing: what was recorded on the way stays, and reports keep it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain.custody import Status, Step
from redbag.domain.errors import IllegalTransition, Invalid, NotFound
from redbag.domain.permissions import Actor, Permission
from redbag.domain.transfer_states import Action
from redbag.models import ItemCheck, TransferItem
from redbag.queries.recorded import newest_checks
from redbag.services import events, journey_figures, journeys
from redbag.services.events import Happening

_STATUSES = {"found": Status.PRESENT, "settled": Status.SETTLED, "missing": Status.MISSING}


def answer(actor: Actor, ref: str, item_ref: str, said: str, *, note: str, now: datetime) -> TransferItem:
    """`said`: found, settled (with what happened in `note`), or missing after all, which takes an earlier
    answer back.

    Raises Invalid for a settlement without its words, IllegalTransition when the thing has meanwhile been
    answered (or, to be taken back, has not).
    """
    transfer = journeys.load(actor, ref, Permission.HOME_MANAGE)
    item = db.session.scalar(
        select(TransferItem).filter_by(ref=item_ref, transfer_id=transfer.id, removed_at=None)
    )
    status = _STATUSES.get(said)
    if item is None or status is None:
        raise NotFound("There is no such thing on this journey.")
    note = note.strip()[:300]
    if status is Status.SETTLED and not note:
        raise Invalid({"note": "Write what happened, for example who paid, or that you gave up looking."})
    _refuse_out_of_turn(item, status)
    facts = {"thing": item.description, "answer": said, **({"note": note} if note else {})}
    event = events.record(actor, transfer, Happening(Action.SETTLE_LOST, now, facts), now)
    check = ItemCheck(
        item_id=item.id, event_id=event.id, step=Step.AFTERWARDS.value, status=status.value, note=note
    )
    db.session.add(check)
    db.session.flush()
    journey_figures.follow(transfer)
    return item


def _refuse_out_of_turn(item: TransferItem, wanted: Status) -> None:
    newest = db.session.scalar(
        select(ItemCheck).where(ItemCheck.id.in_(newest_checks(ItemCheck.item_id == item.id)))
    )
    stands = newest is not None and newest.status == Status.MISSING.value
    answered = newest is not None and newest.step == Step.AFTERWARDS.value and not stands
    if not (answered if wanted is Status.MISSING else stands):
        raise IllegalTransition(f"{item.description}: somebody else has answered meanwhile. Look again.")
