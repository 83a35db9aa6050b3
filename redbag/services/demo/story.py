"""What happens on one invented journey, step by step, with the clock of each step.

A story is told to its end; what lies after the present is then cut off, so that journeys of the last
days stand open as they would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from redbag.domain.transfer_states import Action
from redbag.services.demo.dice import Odds
from redbag.services.demo.places import Home, StockBag, Worker
from redbag.services.demo.residents import Person


class Ending(StrEnum):
    """How a journey ends (domain: steps and their clocks)."""

    HOME = "home"
    SENT_BACK = "sent_back"
    NOT_TAKEN = "not_taken"
    TREATED_BY_CREW = "treated_by_crew"
    CANCELLED = "cancelled"
    DIED_IN_STAY = "died_in_stay"
    DIED_IN_DEPARTMENT = "died_in_department"
    DIED_WITH_CREW = "died_with_crew"
    DIED_GOING_HOME = "died_going_home"
    ANOTHER_HOME = "another_home"
    OWN_HOME = "own_home"
    HOSPICE = "hospice"
    OTHER_PLACE = "other"


ENDINGS: Odds[Ending] = Odds(
    [
        (Ending.HOME, 51.4),
        (Ending.SENT_BACK, 29.6),
        (Ending.NOT_TAKEN, 3.0),
        (Ending.TREATED_BY_CREW, 2.0),
        (Ending.CANCELLED, 1.0),
        (Ending.DIED_IN_STAY, 7.6),
        (Ending.DIED_IN_DEPARTMENT, 0.9),
        (Ending.DIED_WITH_CREW, 0.2),
        (Ending.DIED_GOING_HOME, 0.2),
        (Ending.ANOTHER_HOME, 2.2),
        (Ending.OWN_HOME, 0.6),
        (Ending.HOSPICE, 1.1),
        (Ending.OTHER_PLACE, 0.2),
    ]
)
ELSEWHERE = {
    Ending.ANOTHER_HOME: ("another_home", "A nursing home nearer to the family"),
    Ending.OWN_HOME: ("own_home", "A daughter’s house"),
    Ending.HOSPICE: ("hospice", "St Wystan’s Hospice"),
    Ending.OTHER_PLACE: ("other", "A step-down flat"),
}


@dataclass
class Step:
    """One event before it is written. `corrects`: the place of the step it corrects. `found`: what a check
    of belongings, or a list of medicines, found; written only for journeys with their full papers."""

    action: Action
    at: datetime
    recorded: datetime
    by: Worker
    data: dict[str, Any]
    source: str = "page"
    organisation_id: int | None = None
    ward_id: int | None = None
    place: str = ""
    corrects: int | None = None
    found: Any = None


@dataclass
class Case:
    """One journey before it is told. `quirks`: what is to go wrong, by name; `nights` and `leaves_at` fix
    the length of the stay; `told_by_phone`: the hospital records nothing."""

    person: Person
    opened_at: datetime
    ending: Ending
    reason: str
    bag: StockBag | None
    full: bool
    journey_type: str = "emergency"
    nights: int = 0
    leaves_at: datetime | None = None
    told_by_phone: bool = False
    other_hospital: bool = False
    with_bag: bool | None = True
    quirks: frozenset[str] = frozenset()
    papers: Any = None

    @property
    def home(self) -> Home:
        return self.person.home


@dataclass
class Told:
    """A journey as it was told. `carer`: who packed."""

    case: Case
    steps: list[Step]
    carer: Worker


def until(steps: Sequence[Step], now: datetime, last: Action | None) -> list[Step]:
    """The steps that have been recorded by now; not beyond the first `last`, where one is named."""
    kept: list[Step] = []
    for step in steps:
        if step.recorded > now:
            break
        kept.append(step)
        if step.action is last:
            break
    return kept
