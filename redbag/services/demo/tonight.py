"""The journeys that stand open when the demo is opened: every state, and every alarm, is among them.

Times are told from now backwards, so that tonight looks alive whenever the demo is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from redbag.domain.transfer_states import Action
from redbag.services.demo.story import Ending


@dataclass(frozen=True)
class Script:
    """One open journey. `home`: the number of the home; `opened`: hours ago; `left`: hours ago that the
    person left hospital; `last`: the last step that has been taken."""

    home: int
    opened: float
    ending: Ending = Ending.HOME
    left: float | None = None
    last: Action | None = None
    quirks: frozenset[str] = frozenset()
    without_bag: bool = False
    phone: bool = False
    reason: str = "fall"
    why: str = "Found on the floor beside the bed. Pain in the hip."

    def opened_at(self, now: datetime) -> datetime:
        return now - timedelta(hours=self.opened)

    def leaves_at(self, now: datetime) -> datetime:
        """When they leave hospital: as told, else after tonight."""
        return now - timedelta(hours=self.left) if self.left is not None else now + timedelta(days=5)


def _quirks(text: str) -> frozenset[str]:
    return frozenset(text.split())


TONIGHT: tuple[Script, ...] = (
    # Maple House: one on a ward without a hearing aid, one with the crew, one on the way, one to be settled.
    Script(
        0, 9 * 24 + 3, quirks=_quirks("missing"), why="Slipped from the chair, cannot put weight on the leg."
    ),
    Script(
        0,
        1.2,
        last=Action.HAND_TO_CREW,
        reason="breathless",
        why="Short of breath for two hours, worse when lying down.",
    ),
    Script(
        0,
        6 * 24,
        left=7.5,
        quirks=_quirks("lost medicines open"),
        reason="infection",
        why="Hot and shivering, not drinking, sleepier than usual.",
    ),
    # The second home: packing now, and one that has gone on too long.
    Script(
        1, 0.4, last=Action.OPEN, reason="chest_pain", why="Pain in the chest since half an hour, sweating."
    ),
    Script(1, 3 * 24, left=1.5, last=Action.DISCHARGE, quirks=_quirks("medicines")),
    # Other homes: every state and every alarm.
    Script(2, 6, last=Action.OPEN, reason="other", why="Catheter blocked, pain in the belly."),
    Script(3, 9.5, last=Action.HAND_TO_CREW),
    Script(
        4, 3, last=Action.ARRIVE, quirks=_quirks("unfinished"), reason="confused", why="Much more confused."
    ),
    Script(5, 5, last=Action.ARRIVE, without_bag=True),
    Script(6, 54, quirks=_quirks("no_contact"), reason="infection", why="Hot and shivering, smelly urine."),
    Script(7, 84, quirks=_quirks("no_contact"), reason="breathless", why="Fast breathing and a new cough."),
    Script(
        8, 15 * 24, quirks=_quirks("late_estimate"), reason="stroke", why="Face drooping, speech not clear."
    ),
    Script(9, 24 * 24, reason="fall"),
    Script(10, 4 * 24, left=31, last=Action.DISCHARGE),
    Script(
        11, 5 * 24, left=3 * 24, last=Action.RECORD_DEATH, ending=Ending.DIED_IN_STAY, quirks=_quirks("open")
    ),
    Script(
        12,
        18 * 24,
        left=9 * 24,
        last=Action.DISCHARGE_ELSEWHERE,
        ending=Ending.ANOTHER_HOME,
        quirks=_quirks("open bag_gone"),
    ),
    Script(13, 7, last=Action.STAY_HOME, ending=Ending.NOT_TAKEN, quirks=_quirks("open")),
    Script(14, 2.5, last=Action.WRONG_PERSON, quirks=_quirks("wrong_person")),
    Script(
        15,
        20,
        quirks=_quirks("ring_ward"),
        reason="not_responding",
        why="Hard to wake, answers with one word.",
    ),
    Script(16, 30, phone=True, reason="infection", why="Redness of the lower leg, with fever."),
    Script(17, 16, last=Action.SEND_BACK, ending=Ending.SENT_BACK),
    # The second home again: the crew was quicker than the carer, and the hospital scanned the bag first.
    Script(
        1,
        2.6,
        last=Action.ARRIVE,
        quirks=_quirks("unannounced"),
        reason="breathless",
        why="Could not lie down for want of breath, lips blue.",
    ),
)
