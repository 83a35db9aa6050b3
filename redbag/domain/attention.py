"""What somebody must see, by the clocks of the pathway (domain: steps and their clocks).

Defaults are the pathway's; a site sets its own by name in its thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from redbag.domain.length_of_stay import days_in_hospital
from redbag.domain.london_time import format_day, london_day, start_of_day
from redbag.domain.transfer_states import AWAY, State

DEFAULTS: dict[str, int] = {
    "not_scanned_hours": 6,
    "home_contact_hours": 48,
    "home_contact_overdue_hours": 72,
    "not_received_hours": 24,
    "bag_not_back_days": 7,
    "packing_hours": 4,
}
# Nobody knows where the person is, or the hospital may be treating them on the wrong facts.
_PERSON_AT_RISK = frozenset({"not_scanned", "not_received", "home_contact", "task", "questioned"})
# Steps that end a journey or complete its papers: nobody comes to harm by them today.
_TIDYING = frozenset({"close", "settle", "unfinished", "bag_not_back", "packing"})
# What has a time by which it should have been done; the rest waits for somebody.
_HAS_A_CLOCK = frozenset(
    {"packing", "not_scanned", "home_contact", "estimated_date", "not_received", "bag_not_back"}
)
LONG_STAY_DAYS = (21, 14, 7)


@dataclass(frozen=True)
class Watched:
    """What the clocks need to know of a journey. Instants in UTC.

    `bag_out`: False once somebody said where a bag is that had stayed behind, or that it is lost.
    `handover_awaited`: they arrived, and the home has not recorded the handover to the crew.
    """

    state: State
    opened_at: datetime
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    admitted_at: datetime | None = None
    stay_started_at: datetime | None = None
    ended_at: datetime | None = None
    received_at: datetime | None = None
    home_contact_at: datetime | None = None
    estimated_discharge_on: date | None = None
    with_bag: bool | None = None
    has_bag: bool = False
    bag_out: bool = True
    custody: str = "home"
    finished: bool = True
    missing_items: int = 0
    open_tasks: tuple[str, ...] = ()
    questioned: bool = False
    handover_awaited: bool = False

    @property
    def gone_by(self) -> datetime | None:
        """When the bag left; where nobody recorded that, when it had arrived; None while it is at home."""
        return self.departed_at or self.arrived_at or self.admitted_at


@dataclass(frozen=True)
class Trouble:
    """One thing that needs doing. `who` has the next move: home or hospital. `since`: when it began, or
    where it is late, when it was due."""

    kind: str
    words: str
    who: str
    since: datetime

    @property
    def severity(self) -> int:
        """How soon somebody must act: 0 before 1 before 2."""
        return 0 if self.kind in _PERSON_AT_RISK else 2 if self.kind in _TIDYING else 1

    @property
    def late(self) -> bool:
        """Whether a clock of the pathway has run out; else it waits, and nothing was promised by now."""
        return self.kind in _HAS_A_CLOCK


def troubles(journey: Watched, now: datetime, thresholds: Mapping[str, int] | None = None) -> list[Trouble]:
    """Everything about this journey that needs somebody: the gravest first, then the newest."""
    limits = {**DEFAULTS, **(thresholds or {})}
    found = [
        *_before_arrival(journey, now, limits),
        *_in_hospital(journey, now, limits),
        *_afterwards(journey, now, limits),
    ]
    if journey.questioned:
        words = "Not this person, somebody said: ring the home, record nothing"
        found.append(Trouble("questioned", words, "hospital", journey.gone_by or journey.opened_at))
    found += [
        Trouble("task", words, "home", journey.gone_by or journey.opened_at) for words in journey.open_tasks
    ]
    return sorted(found, key=lambda t: (t.severity, -t.since.timestamp()))


def _before_arrival(journey: Watched, now: datetime, limits: Mapping[str, int]) -> list[Trouble]:
    found = []
    if journey.state is State.PACKING:
        due = journey.opened_at + timedelta(hours=limits["packing_hours"])
        if now >= due:
            found.append(
                Trouble("packing", "Still being packed: hand over, or say that they stayed", "home", due)
            )
    if journey.state is State.HANDED_TO_CREW and journey.departed_at:
        due = journey.departed_at + timedelta(hours=limits["not_scanned_hours"])
        if now >= due:
            words = f"Not scanned {limits['not_scanned_hours']} hours after leaving: ring the hospital"
            found.append(Trouble("not_scanned", words, "home", due))
    gone_by = journey.gone_by
    if not journey.finished and gone_by and journey.state in AWAY:
        found.append(Trouble("unfinished", "Finish the pack", "home", gone_by))
    if journey.handover_awaited and gone_by:
        words = "Arrived; handover to the crew was not recorded: complete it"
        found.append(Trouble("handover", words, "home", gone_by))
    return found


def _in_hospital(journey: Watched, now: datetime, limits: Mapping[str, int]) -> list[Trouble]:
    found: list[Trouble] = []
    if journey.state not in (State.ARRIVED, State.ADMITTED):
        return found
    reached = journey.arrived_at or journey.admitted_at or now
    if journey.has_bag and journey.bag_out and journey.with_bag is False:
        found.append(Trouble("no_bag", "Arrived without the bag: find it", "home", reached))
    if journey.missing_items:
        words = _missing(journey.missing_items)
        # It may never have left the home: each side looks, and each line says where.
        found.append(Trouble("missing", f"{words}: look on the ward", "hospital", reached))
        found.append(Trouble("missing_in_hospital", f"{words} in hospital: look at home", "home", reached))
    if journey.admitted_at and journey.home_contact_at is None:
        due = journey.admitted_at + timedelta(hours=limits["home_contact_hours"])
        overdue = journey.admitted_at + timedelta(hours=limits["home_contact_overdue_hours"])
        if now >= overdue:
            found.append(Trouble("home_contact", "Ring the ward: overdue", "home", overdue))
        elif now >= due:
            found.append(Trouble("home_contact", "Ring the ward: due now", "home", due))
    if journey.estimated_discharge_on and journey.estimated_discharge_on < london_day(now):
        words = f"Expected home {format_day(journey.estimated_discharge_on)}, passed: set a new date"
        due = start_of_day(journey.estimated_discharge_on + timedelta(days=1))
        found.append(Trouble("estimated_date", words, "hospital", due))
    if journey.state is State.ADMITTED and journey.stay_started_at:
        days = days_in_hospital(journey.stay_started_at, now)
        passed = next((limit for limit in LONG_STAY_DAYS if days >= limit), None)
        if passed:
            words = f"In hospital {days} days"
            found.append(Trouble("long_stay", words, "hospital", journey.stay_started_at))
    return found


def _afterwards(journey: Watched, now: datetime, limits: Mapping[str, int]) -> list[Trouble]:
    found: list[Trouble] = []
    if journey.state is State.GOING_HOME and journey.ended_at:
        due = journey.ended_at + timedelta(hours=limits["not_received_hours"])
        if now >= due:
            words = f"Left hospital {limits['not_received_hours']} hours ago and not received: ring the ward"
            found.append(Trouble("not_received", words, "home", due))
    if journey.state is State.BACK_HOME and journey.received_at:
        found.append(
            Trouble("settle", "Settle medicines and belongings, then close", "home", journey.received_at)
        )
    ended = journey.ended_at or journey.departed_at or journey.opened_at
    if journey.state in (State.DIED, State.WENT_ELSEWHERE, State.STAYED_HOME):
        found.append(Trouble("close", "Closing steps still to do", "home", ended))
    bag_is_away = journey.has_bag and journey.bag_out and journey.custody not in ("home", "")
    if bag_is_away and journey.state in (State.DIED, State.WENT_ELSEWHERE, State.BACK_HOME):
        due = ended + timedelta(days=limits["bag_not_back_days"])
        if now >= due:
            words = f"The bag is not back {limits['bag_not_back_days']} days after: ask for it"
            found.append(Trouble("bag_not_back", words, "home", due))
    if journey.state in (State.BACK_HOME, State.WENT_ELSEWHERE, State.DIED) and journey.missing_items:
        found.append(Trouble("missing", _missing(journey.missing_items), "home", ended))
    return found


def _missing(count: int) -> str:
    return f"{count} thing{'s' if count != 1 else ''} missing"
