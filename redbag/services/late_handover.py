"""The handover to the crew that the home did not record in time: the hospital scanned the bag first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.journey import replay
from redbag.domain.london_time import format_moment
from redbag.domain.permissions import Actor, Permission
from redbag.domain.transfer_states import Action
from redbag.models import Transfer
from redbag.queries import recorded
from redbag.services import events, journeys, signatures
from redbag.services.events import Happening
from redbag.services.signatures import NOT_ASKED, Signed


def is_awaited(transfer: Transfer) -> bool:
    """Whether they reached the hospital and the home has not said when the bag left."""
    return bool(recorded.handover_awaited([transfer]))


def complete(
    actor: Actor,
    ref: str,
    *,
    crew: str,
    left_at: datetime | None,
    now: datetime,
    told: Mapping[str, object] | None = None,
    signed: Signed = NOT_ASKED,
) -> Transfer:
    """When the crew took them, before the arrival; None where nobody knows it any more. `told`, `signed`:
    what else was said and signed at the door, where a tablet had kept the handover.

    Neither the person nor the bag moves by it. Raises Invalid for a time after the arrival,
    IllegalTransition where no handover is missing.
    """
    transfer = journeys.load(actor, ref, Permission.TRANSFER_DISPATCH)
    standing = replay(events.of(transfer))
    if not standing.handover_awaited:
        raise IllegalTransition("The handover to the crew is recorded already.")
    reached = [at for at in (standing.arrived_at, standing.decision_to_admit_at, standing.admitted_at) if at]
    if left_at is not None and left_at > min(reached):
        when = format_moment(min(reached))
        raise Invalid({"occurred_at": f"They were in hospital at {when}: the crew took them before that."})
    facts = {**({"crew": crew} if crew else {}), **(told or {}), **signed.fact}
    place = f"{actor.organisation_name} to {crew or 'ambulance crew'}"
    if left_at is None:
        what = Happening(Action.HAND_TO_CREW, now, {**facts, "time_known": False}, place=place)
    else:
        what = Happening(Action.HAND_TO_CREW, left_at, facts, place=place)
    signatures.keep(events.record(actor, transfer, what, now), signed)
    return transfer
