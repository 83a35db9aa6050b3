"""The person stands at the home's door and the hospital recorded nothing: the missing steps, as the home
knows them, and then the return."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from redbag.domain.errors import Invalid
from redbag.domain.permissions import Actor, Permission
from redbag.domain.transfer_states import State
from redbag.models import Transfer
from redbag.services import journeys, stays, transfers
from redbag.services.signatures import NOT_ASKED, Signed
from redbag.services.stays import Known, Leaving, Place


@dataclass(frozen=True)
class Missed:
    """What the hospital did not record. Instants in UTC.

    `admitted`: whether they were kept in; None where nobody asked. `reached_at`: when they were admitted,
    or else when they arrived. `left_at`: when they left hospital; None: when they came home, as far as known.
    """

    left_at: datetime | None = None
    admitted: bool | None = None
    reached_at: datetime | None = None
    place: Place | None = None
    told_by: str = ""


def come_home(
    actor: Actor,
    ref: str,
    *,
    missed: Missed | None,
    occurred_at: datetime,
    bag_came: bool,
    original_came: str,
    now: datetime,
    papers_missing: str = "",
    brought_by: str = "",
    signed: Signed = NOT_ASKED,
) -> Transfer:
    """Back home, whatever the hospital recorded. What it did not is written as told by telephone.

    Raises Invalid where a time is missing or contradicts another.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_RECEIVE)
    if State(transfer.state) is not State.GOING_HOME and missed is not None:
        _reach(actor, transfer, missed, now)
        known = Known(missed.left_at or occurred_at, now, source="phone", told_by=missed.told_by)
        stays.go_home(actor, transfer, known, Leaving(home_word="not_asked"))
    return transfers.receive(
        actor,
        ref,
        occurred_at=occurred_at,
        bag_came=bag_came,
        original_came=original_came,
        papers_missing=papers_missing,
        brought_by=brought_by,
        signed=signed,
        now=now,
    )


def _reach(actor: Actor, transfer: Transfer, missed: Missed, now: datetime) -> None:
    state = State(transfer.state)
    if state is State.ADMITTED:
        return
    if missed.admitted is None:
        raise Invalid({"admitted": "Say whether the hospital kept them in."})
    if not missed.admitted and state is State.ARRIVED:
        return
    if missed.reached_at is None:
        raise Invalid(unreached(missed.admitted))
    if missed.place is None:
        raise Invalid({"place": "Choose the hospital, and the ward if you know it."})
    known = Known(missed.reached_at, now, source="phone", told_by=missed.told_by)
    if missed.admitted:
        stays.admit(actor, transfer, missed.place, known, decided_at=None, bed="", with_bag=None)
    else:
        stays.arrive(actor, transfer, missed.place, known, with_bag=None)


def needs_reached(state: State, admitted: bool) -> bool:
    """Whether the time at which they were admitted, or else arrived, has to be given."""
    return state is State.HANDED_TO_CREW or (state is State.ARRIVED and admitted)


def unreached(admitted: bool) -> dict[str, str]:
    """What to say where that time was not given, by field."""
    what = "were admitted" if admitted else "arrived"
    return {"reached_at": f"Give the day and time, about, when they {what}."}
