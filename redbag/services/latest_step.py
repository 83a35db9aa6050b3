"""The step that a journey stands on, and the refusal of a page that was opened on an earlier one."""

from __future__ import annotations

from redbag.database import db
from redbag.domain import journey
from redbag.domain.errors import Stale
from redbag.domain.transfer_states import Action
from redbag.models import Transfer, TransferEvent
from redbag.services import events

_LEFT = (Action.DISCHARGE, Action.SEND_BACK, Action.DISCHARGE_ELSEWHERE, Action.RECORD_DEATH)
_PLACED = (Action.ADMIT, Action.MOVE_WARD, Action.MOVE_HOSPITAL, Action.ARRIVE)


def ref_of(transfer: Transfer) -> str:
    """The reference of the latest step that moved the person; "" where none can be taken back.

    What the home changes in the pack meanwhile does not change it: a ward's page is overtaken only by
    another step.
    """
    last = journey.undoable(events.of(transfer))
    return _row(last.id).ref if last else ""


def leaving(transfer: Transfer) -> TransferEvent | None:
    """The step by which the person left hospital, or died; None where they have not."""
    return _newest(transfer, _LEFT)


def placing(transfer: Transfer) -> TransferEvent | None:
    """The step that brought the person where they lie now."""
    return _newest(transfer, _PLACED)


def refuse_overtaken(transfer: Transfer, seen: str) -> None:
    """`seen`: the latest step as the page was opened. Raises Stale, with the ward and the bed as they
    stand, when there has been another one since."""
    if ref_of(transfer) == seen:
        return
    theirs = {"ward": transfer.ward.ref if transfer.ward else "", "bed": transfer.bed}
    raise Stale("A colleague recorded a step after you opened this page.", theirs)


def _newest(transfer: Transfer, actions: tuple[Action, ...]) -> TransferEvent | None:
    standing = journey.effective(events.of(transfer))
    found = next((event for event in reversed(standing) if event.action in actions), None)
    return _row(found.id) if found else None


def _row(event_id: int) -> TransferEvent:
    return db.session.get_one(TransferEvent, event_id)
