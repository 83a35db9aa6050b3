"""A time-critical medicine that the hospital's list does not mention: a late dose of it does harm, so it is
asked about at the ward, and stands first at the home (domain: coming home is where medicines kill)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from redbag.domain.medicine_line import Line
from redbag.domain.medicines import Answer, Caution, Outcome


def left_unsaid(sent: Sequence[Line], outcomes: Sequence[Answer], critical: Collection[int]) -> list[Caution]:
    """The time-critical medicines that the hospital did not mention and nobody has settled. `critical`: the
    positions of the sent lines that the home has marked."""
    found = []
    for answer in outcomes:
        silent = answer.outcome is Outcome.NOT_MENTIONED and answer.settled_as is None
        if silent and answer.sent is not None and answer.sent in critical:
            title = sent[answer.sent].title
            message = f"{title} is time-critical in the home’s record. Nobody says whether it goes on."
            found.append(Caution(message, (answer.sent,), (), unsaid=True))
    return found
