"""What the ward has written for the home, shown on the journey's page before the person is back."""

from __future__ import annotations

from typing import Any

from redbag.domain.going_home import SUMMARY
from redbag.domain.medicines import Outcome
from redbag.domain.transfer_states import State
from redbag.queries import returning_medicines as lists
from redbag.queries.medicine_lines import travelling
from redbag.web.home import returning

_SHOWN_IN = (State.ARRIVED, State.ADMITTED, State.GOING_HOME, State.BACK_HOME)
# What was said of the medicines where no list was saved with the leaving.
_NOT_LISTED = {
    "to_follow": "The ward has not listed the medicines yet: it said that the list will follow. "
    "Ring the ward before the next dose.",
    "none": "The ward said that there are no medicines.",
}


def so_far(transfer: Any) -> dict[str, Any] | None:
    """The newest list and the newest words of the ward, for reading only; None where it wrote nothing.

    `settled`: whether the home has accepted the list; `left`: whether the ward has said that they leave,
    until when anything may still change.
    """
    state = State(transfer.state)
    if state not in _SHOWN_IN:
        return None
    outcomes = lists.outcomes(transfer.id)
    left = state in (State.GOING_HOME, State.BACK_HOME)
    said = returning.leaving_data(transfer) if left else {}
    not_listed = "" if outcomes else _NOT_LISTED.get(str(said.get("medicines") or ""), "")
    if not outcomes and not said:
        return None
    return {
        "dangers": returning.new_dangers(transfer) if left else [],
        "needs": returning.new_needs(transfer) if left else (),
        "changed": [one for one in outcomes if one.outcome not in (Outcome.UNCHANGED, Outcome.NOT_MENTIONED)],
        "not_mentioned": [one for one in outcomes if one.outcome is Outcome.NOT_MENTIONED],
        "unchanged": [one for one in outcomes if one.outcome is Outcome.UNCHANGED],
        "cautions": lists.to_be_sure_of(transfer, outcomes),
        "ring": returning.ward_to_ring(transfer),
        "not_listed": not_listed,
        "entered": outcomes[0].row if outcomes else None,
        "settled": bool(outcomes) and all(one.row.accepted_at is not None for one in outcomes),
        "left": left,
        "summary": dict(SUMMARY).get(str(said.get("summary") or ""), "the ward did not say") if left else "",
        "travelling": travelling,
    }
