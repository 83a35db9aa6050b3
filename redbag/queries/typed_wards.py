"""The ward that somebody typed who is not on the hospital's list: a guest's department, as they wrote it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from redbag.database import db
from redbag.domain.transfer_states import Action
from redbag.models import Transfer, TransferEvent

_PLACED = tuple(a.value for a in (Action.ADMIT, Action.MOVE_WARD, Action.MOVE_HOSPITAL, Action.ARRIVE))


def of(transfers: Iterable[Transfer]) -> dict[int, str]:
    """By journey, for those that have no ward of the hospital's list; nothing for those of whom only the
    hospital is known. One read, however many."""
    hospitals = {t.id: t.hospital.name for t in transfers if t.ward_id is None and t.hospital is not None}
    if not hospitals:
        return {}
    # Among the same journey's events, which are found by an index: there is none by what is corrected.
    correction = aliased(TransferEvent)
    corrected = exists().where(
        correction.transfer_id == TransferEvent.transfer_id, correction.corrects_id == TransferEvent.id
    )
    rows = db.session.execute(
        select(TransferEvent.transfer_id, TransferEvent.place)
        .where(TransferEvent.transfer_id.in_(hospitals), TransferEvent.action.in_(_PLACED))
        .where(TransferEvent.ward_id.is_(None), ~corrected)
        .order_by(TransferEvent.id)
    )
    found = {}
    for transfer_id, place in rows:
        name = f"{hospitals[transfer_id]}, "
        if place.startswith(name):
            found[transfer_id] = place.removeprefix(name)
    return found
