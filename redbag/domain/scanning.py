"""What a scanned label opens: the next step that this person, in this place, can do now.

One answer for the phone's camera and for the app's own scanner, so that both lead to the same page and to
the same button at its top.
"""

from __future__ import annotations

from enum import StrEnum

from redbag.domain.permissions import Actor, Permission, Role, Subject, can
from redbag.domain.transfer_states import AWAY, State


class Next(StrEnum):
    """The page, or the first button of the page, that a scan leads to."""

    WHOSE = "whose"
    REPLACED = "replaced"
    NO_PACK = "no_pack"
    QUESTIONED = "questioned"
    ARRIVE = "arrive"
    ADMIT = "admit"
    BELONGINGS = "belongings"
    STAY = "stay"
    READ = "read"
    PACK = "pack"
    FOLLOW = "follow"
    RECEIVE = "receive"
    SETTLE = "settle"
    BLANK = "blank"
    OLD_LABEL = "old_label"


NEXT_WORDS: dict[Next, str] = {
    Next.WHOSE: "Whose bag this is",
    Next.REPLACED: "Label replaced: ring the home",
    Next.NO_PACK: "No pack behind it now: ring the home",
    Next.QUESTIONED: "Stopped: not this person",
    Next.ARRIVE: "Arrived, or admit",
    Next.ADMIT: "Admit to this ward",
    Next.BELONGINGS: "Check belongings in",
    Next.STAY: "Their stay",
    Next.READ: "Read the pack",
    Next.PACK: "Go on: print and hand to crew",
    Next.FOLLOW: "Open this journey",
    Next.RECEIVE: "Back home",
    Next.SETTLE: "Settle and close",
    Next.BLANK: "Put this label on a bag",
    Next.OLD_LABEL: "Old label",
}

READS_THE_PACK = frozenset({Next.ARRIVE, Next.ADMIT, Next.BELONGINGS, Next.STAY, Next.READ, Next.QUESTIONED})
"""Where hospital staff, and a guest with the access code, see who the person is."""

# The bag of a person who is back, or never left, is no way to their record any more.
_BY_LABEL = AWAY | {State.PACKING}

_AT_HOME: dict[State, Next] = {
    State.PACKING: Next.PACK,
    # The bag is out by the record: where they stand, and “Back home” if they stand at the door already.
    State.HANDED_TO_CREW: Next.FOLLOW,
    State.ARRIVED: Next.FOLLOW,
    State.ADMITTED: Next.FOLLOW,
    State.GOING_HOME: Next.RECEIVE,
    State.BACK_HOME: Next.SETTLE,
    State.STAYED_HOME: Next.SETTLE,
    State.WENT_ELSEWHERE: Next.SETTLE,
    State.DIED: Next.SETTLE,
    State.CLOSED: Next.OLD_LABEL,
    State.CANCELLED: Next.OLD_LABEL,
}


def next_step(
    actor: Actor | None,
    home_id: int,
    state: State | None,
    subject: Subject | None,
    *,
    replaced: bool = False,
    questioned: bool = False,
) -> Next:
    """What the label of a bag of `home_id` opens to the actor; None for somebody who has not signed in.

    `state` and `subject` are those of the label's journey, None for a blank label. `replaced`: the label no
    longer works. `questioned`: somebody said "not this person" and nobody has settled it.
    """
    if actor is not None and can(actor, Permission.BAG_READ, Subject(home_id=home_id)):
        return _at_the_home(state, replaced)
    if replaced:
        return Next.REPLACED
    if actor is None or not can(actor, Permission.LABEL_OPEN):
        return Next.WHOSE
    if state is None or subject is None or not opens_the_pack(actor, state, subject):
        return Next.NO_PACK
    return Next.QUESTIONED if questioned else _in_hospital(actor, state, subject)


def opens_the_pack(actor: Actor, state: State, subject: Subject) -> bool:
    """Whether the bag in hand opens the pack of a journey in this state to the actor."""
    if not can(actor, Permission.LABEL_OPEN):
        return False
    theirs = can(actor, Permission.STAY_RECORD, subject)
    return state in _BY_LABEL or (theirs and state not in (State.STAYED_HOME, State.CANCELLED))


def _at_the_home(state: State | None, replaced: bool) -> Next:
    if replaced:
        return Next.OLD_LABEL
    return Next.BLANK if state is None else _AT_HOME[state]


def _in_hospital(actor: Actor, state: State, subject: Subject) -> Next:
    if state in (State.PACKING, State.HANDED_TO_CREW):
        return Next.ARRIVE
    if actor.role is Role.GUEST:
        return _for_a_guest(actor, state, subject)
    theirs = can(actor, Permission.STAY_RECORD, subject)
    if state is State.ARRIVED or (state is State.ADMITTED and not theirs):
        return Next.ADMIT
    return Next.STAY if theirs else Next.READ


def _for_a_guest(actor: Actor, state: State, subject: Subject) -> Next:
    """Arrival, admission, belongings in, the bag opened; what comes later needs an account."""
    if state is State.ARRIVED:
        return Next.ADMIT
    here = subject.hospital_id == actor.organisation_id
    return Next.BELONGINGS if state is State.ADMITTED and here else Next.READ
