"""Where a red bag is, as a thing of its own, and what the home may say of it by hand.

Going out and coming back belong to a journey; these are the moves beside it. A contaminated bag is
quarantined or destroyed, and says so in stock. Each move can be put right by another one.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from redbag.domain.errors import IllegalTransition
from redbag.domain.london_time import format_day, london_day


class BagState(StrEnum):
    """Where a bag is now."""

    IN_STOCK = "in_stock"
    OUT = "out"
    TO_CLEAN = "to_clean"
    QUARANTINED = "quarantined"
    LOST = "lost"
    DESTROYED = "destroyed"


class BagAct(StrEnum):
    """What a person at the home says of a bag."""

    CLEANED = "cleaned"
    NEEDS_CLEANING = "needs_cleaning"
    QUARANTINE = "quarantine"
    LOSE = "lose"
    DESTROY = "destroy"
    FIND = "find"
    BACK_ALONE = "back_alone"


BAG_STATE_WORDS: dict[BagState, str] = {
    BagState.IN_STOCK: "In stock",
    BagState.OUT: "Out",
    BagState.TO_CLEAN: "To be cleaned",
    BagState.QUARANTINED: "Quarantined",
    BagState.LOST: "Lost",
    BagState.DESTROYED: "Destroyed",
}
GONE = frozenset({BagState.LOST, BagState.DESTROYED})
"""Nobody waits for such a bag any more, and a journey that it was on goes on without it."""
NUMBER_DIGITS = 3
BAG_ACT_WORDS: dict[BagAct, str] = {
    BagAct.CLEANED: "Cleaned: back in stock",
    BagAct.NEEDS_CLEANING: "Needs cleaning",
    BagAct.QUARANTINE: "Quarantine (contaminated)",
    BagAct.LOSE: "Lost",
    BagAct.DESTROY: "Destroyed",
    BagAct.FIND: "It is here after all",
    BagAct.BACK_ALONE: "It is here, without the person",
}
_LEADS_TO: dict[BagAct, BagState] = {
    BagAct.CLEANED: BagState.IN_STOCK,
    BagAct.NEEDS_CLEANING: BagState.TO_CLEAN,
    BagAct.QUARANTINE: BagState.QUARANTINED,
    BagAct.LOSE: BagState.LOST,
    BagAct.DESTROY: BagState.DESTROYED,
    BagAct.FIND: BagState.TO_CLEAN,
    BagAct.BACK_ALONE: BagState.TO_CLEAN,
}
# The first of each is the one that is usually meant.
_MAY: dict[BagState, tuple[BagAct, ...]] = {
    BagState.IN_STOCK: (BagAct.NEEDS_CLEANING, BagAct.QUARANTINE, BagAct.LOSE, BagAct.DESTROY),
    BagState.OUT: (BagAct.FIND, BagAct.BACK_ALONE, BagAct.LOSE, BagAct.DESTROY),
    BagState.TO_CLEAN: (BagAct.CLEANED, BagAct.QUARANTINE, BagAct.LOSE, BagAct.DESTROY),
    BagState.QUARANTINED: (BagAct.CLEANED, BagAct.DESTROY, BagAct.LOSE),
    BagState.LOST: (BagAct.FIND,),
    BagState.DESTROYED: (BagAct.FIND,),
}
NEEDS_A_NOTE = frozenset({BagAct.QUARANTINE, BagAct.LOSE, BagAct.DESTROY})


def why_not_taken(number: str, state: BagState, *, went: bool) -> str:
    """Why a bag cannot be taken for a journey, in a sentence; "" where it can. `went`: somebody says that it
    is gone with the person, whatever was written down of it; only another journey stands against that."""
    if state is BagState.OUT:
        return f"Bag {number} is not in stock: it is out with somebody else. Look at Bags."
    if state is BagState.IN_STOCK or went:
        return ""
    return f"Bag {number} is not in stock: {BAG_STATE_WORDS[state].lower()}. Choose another one."


def acts(state: BagState, *, on_a_journey: bool) -> tuple[BagAct, ...]:
    """What may be said of a bag in this state.

    `on_a_journey`: an open journey carries it; then it comes home by that journey, or without its person.
    """
    if state is not BagState.OUT:
        return _MAY[state]
    impossible = BagAct.FIND if on_a_journey else BagAct.BACK_ALONE
    return tuple(act for act in _MAY[state] if act is not impossible)


def after(state: BagState, act: BagAct, *, on_a_journey: bool) -> BagState:
    """The state that `act` leads to. A lost bag that is found while its journey is open is out again.

    Raises IllegalTransition when the act does not follow from the state.
    """
    if act not in acts(state, on_a_journey=on_a_journey):
        raise IllegalTransition(
            f"“{BAG_ACT_WORDS[act]}” cannot be recorded: this bag is now “{BAG_STATE_WORDS[state]}”."
        )
    if act is BagAct.FIND and on_a_journey:
        return BagState.OUT
    return _LEADS_TO[act]


def gone_words(state: BagState, since: datetime) -> str:
    """ "destroyed on Sat 21 Nov 2026" for a bag that is lost or destroyed since then (UTC); "" for others."""
    return f"{BAG_STATE_WORDS[state].lower()} on {format_day(london_day(since))}" if state in GONE else ""


def written(number: str) -> str:
    """A bag's number in the one way that labels and lists write it: digits alone as three, 7 as 007."""
    number = " ".join(number.split())
    return number.zfill(NUMBER_DIGITS) if number.isascii() and number.isdigit() else number


def next_number(numbers: list[str]) -> str:
    """The number to propose for another bag: one more than the highest, "001" for the first.

    Numbers that are not digits alone are left out of the counting.
    """
    counted = [int(number) for number in numbers if number.isascii() and number.isdigit()]
    return written(str(max(counted, default=0) + 1))


def same_number(one: str, other: str) -> bool:
    """Whether two numbers would be read as one: 12 and 012, a7 and A7."""
    return _read(one) == _read(other)


def _read(number: str) -> str:
    return number.strip().casefold().lstrip("0") or "0"
