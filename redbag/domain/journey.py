"""A transfer's events replayed: the state it is in, its times, who has the bag.

Events are the truth; everything else about a journey is computed from them here. A correction is a
new event that names the one it corrects: it gives that event another time or other facts, or
withdraws it. What was recorded is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.london_time import format_moment, london_day
from redbag.domain.transfer_states import ACTION_WORDS, HANDOVERS, Action, State, next_state


@dataclass(frozen=True)
class Event:
    """One thing that happened. `occurred_at` is when it happened, `recorded_at` when it was written
    down; both UTC. `source` says how it is known: "scan", "page", "phone" or "correction"."""

    id: int
    action: Action
    occurred_at: datetime
    recorded_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    corrects: int | None = None
    actor_name: str = ""
    actor_role: str = ""
    place: str = ""
    organisation_id: int | None = None
    ward_id: int | None = None
    source: str = "page"


@dataclass(frozen=True)
class Journey:
    """Where a transfer stands after its events. Instants in UTC; None where not (yet) so.

    `handover_told`: whether the home has recorded the handover to the crew, or said that its time is not
    known. `bag_told_at`: when it was written down that the bag came, or did not.
    """

    state: State = State.PACKING
    opened_at: datetime | None = None
    departed_at: datetime | None = None
    handover_told: bool = False
    arrived_at: datetime | None = None
    decision_to_admit_at: datetime | None = None
    admitted_at: datetime | None = None
    discharged_at: datetime | None = None
    died_at: datetime | None = None
    ended_at: datetime | None = None
    received_at: datetime | None = None
    closed_at: datetime | None = None
    home_contact_at: datetime | None = None
    hospital_id: int | None = None
    ward_id: int | None = None
    bed: str = ""
    estimated_discharge_on: date | None = None
    discharge_ready_on: date | None = None
    destination: str = ""
    method: str = ""
    summary: str = ""
    papers_missing: str = ""
    with_bag: bool | None = None
    bag_told_at: datetime | None = None
    admission_source: str = ""
    discharge_source: str = ""
    custody: str = "home"
    custody_since: datetime | None = None

    @property
    def stay_started_at(self) -> datetime | None:
        """The instant that the stay counts from: the decision to admit, else the admission itself."""
        return self.decision_to_admit_at or self.admitted_at

    @property
    def handover_awaited(self) -> bool:
        """Whether they reached the hospital and the home has not recorded the handover to the crew."""
        reached = self.arrived_at is not None or self.admitted_at is not None
        return reached and not self.handover_told

    @property
    def bag_at_admission(self) -> bool | None:
        """With or without the bag as figures count it: None where nobody said so by the day after admission.

        Who writes an admission down late has the bag in hand because the stay has lasted, or says that there
        was none because it is over: counted so, a bag without any effect would seem to lengthen stays.
        """
        began, told = self.stay_started_at, self.bag_told_at
        if began is None or told is None or london_day(told) > london_day(began) + timedelta(days=1):
            return None
        return self.with_bag

    @property
    def stay_ended_at(self) -> datetime | None:
        """The instant that ends the stay: discharge, or death; only where there was a stay."""
        return self.ended_at if self.stay_started_at else None


def effective(events: Iterable[Event]) -> list[Event]:
    """The events as they stand after their corrections, in the order they were recorded.

    The last correction of an event wins. A withdrawn event is left out.
    """
    originals: list[Event] = []
    corrections: dict[int, Event] = {}
    for event in events:
        if event.action is Action.CORRECT and event.corrects is not None:
            corrections[event.corrects] = event
        else:
            originals.append(event)
    standing = []
    for event in originals:
        correction = corrections.get(event.id)
        if correction is None:
            standing.append(event)
        elif not correction.data.get("withdrawn"):
            facts = {k: v for k, v in correction.data.items() if k != "reason"}
            standing.append(
                replace(
                    event,
                    occurred_at=correction.occurred_at,
                    data={**event.data, **facts},
                    source="correction",
                )
            )
    return standing


def replay(events: Iterable[Event]) -> Journey:
    """The journey that the events tell. Raises IllegalTransition when they contradict the state table, or
    tell of a second handover to the crew."""
    journey = Journey()
    for event in effective(events):
        if event.action is Action.OPEN:
            journey = replace(
                journey, opened_at=event.occurred_at, custody_since=event.occurred_at, custody="home"
            )
            continue
        if event.action is Action.HAND_TO_CREW:
            journey = _handed_over(journey, event)
            continue
        state = next_state(journey.state, event.action)
        journey = replace(journey, state=state, **_changes(journey, event))
    return journey


def is_time_unknown(event: Event) -> bool:
    """Whether the home said of a handover, afterwards, that nobody knows when it was."""
    return event.action is Action.HAND_TO_CREW and event.data.get("time_known") is False


def _handed_over(journey: Journey, event: Event) -> Journey:
    """At the door; or written down after the arrival, which moves neither the person nor the bag."""
    if journey.state is State.PACKING:
        # The arrival was taken back since: that nobody knew the time says nothing of a bag still at home.
        if is_time_unknown(event):
            return journey
        at = event.occurred_at
        state = next_state(journey.state, event.action)
        return replace(
            journey, state=state, departed_at=at, handover_told=True, custody="crew", custody_since=at
        )
    next_state(journey.state, event.action)
    if not journey.handover_awaited:
        raise IllegalTransition(f"“{ACTION_WORDS[event.action]}” is recorded already.")
    at_known = None if is_time_unknown(event) else event.occurred_at
    return replace(journey, departed_at=at_known, handover_told=True)


def _changes(journey: Journey, event: Event) -> dict[str, Any]:
    """What one event changes besides the state."""
    at, data = event.occurred_at, event.data
    match event.action:
        case Action.ARRIVE:
            return {"arrived_at": at, **_reached_hospital(journey, event)}
        case Action.ADMIT:
            decided = data.get("decision_to_admit_at")
            return {
                "arrived_at": journey.arrived_at,
                "decision_to_admit_at": datetime.fromisoformat(decided) if decided else None,
                "admitted_at": at,
                "bed": str(data.get("bed", "")),
                "admission_source": event.source,
                **_reached_hospital(journey, event),
            }
        case Action.MOVE_WARD | Action.MOVE_HOSPITAL:
            return {
                "bed": str(data.get("bed", "")),
                "hospital_id": event.organisation_id or journey.hospital_id,
                "ward_id": event.ward_id,
                "custody": _hospital_custody(journey),
                "custody_since": at,
            }
        case Action.SET_ESTIMATED_DISCHARGE:
            return {"estimated_discharge_on": _day(data)}
        case Action.SET_DISCHARGE_READY:
            return {"discharge_ready_on": _day(data)}
        case Action.HOME_CONTACT:
            return {"home_contact_at": journey.home_contact_at or at}
        case _:
            return _ending_changes(journey, event)


def _ending_changes(journey: Journey, event: Event) -> dict[str, Any]:
    at, data = event.occurred_at, event.data
    match event.action:
        case Action.DISCHARGE | Action.SEND_BACK | Action.DISCHARGE_ELSEWHERE:
            return {
                "discharged_at": at,
                "ended_at": at,
                "destination": str(data.get("destination", "")),
                "method": str(data.get("method", "")),
                "summary": str(data.get("summary", "")),
                "discharge_source": event.source,
                "custody": str(data.get("bag_with", "")) or "transport",
                "custody_since": at,
            }
        case Action.RECORD_DEATH:
            already_out = journey.state is State.GOING_HOME
            return {
                "died_at": at,
                "ended_at": journey.ended_at if already_out else at,
                "discharge_source": journey.discharge_source or event.source,
                "custody": journey.custody,
            }
        case Action.RECEIVE:
            bag = "home" if data.get("bag_came", True) else journey.custody
            missing = str(data.get("papers_missing", ""))
            return {"received_at": at, "custody": bag, "custody_since": at, "papers_missing": missing}
        case Action.STAY_HOME:
            return {"custody": "home", "custody_since": at}
        case Action.CLOSE | Action.CANCEL:
            return {"closed_at": at}
        case _:
            return {}


def _hospital_custody(journey: Journey) -> str:
    """Who holds the bag in hospital: nobody there, when it never came."""
    return journey.custody if journey.with_bag is False else "hospital"


def _reached_hospital(journey: Journey, event: Event) -> dict[str, Any]:
    """With or without the bag is settled once, at arrival or admission: later scans never reclassify."""
    brought = event.data.get("with_bag")
    with_bag = journey.with_bag if journey.with_bag is not None else brought
    # Admitted by somebody who was there and named no ward of the list: they do not lie where they arrived.
    elsewhere = event.action is Action.ADMIT and event.source != "phone"
    changes: dict[str, Any] = {
        "with_bag": with_bag,
        "bag_told_at": event.recorded_at if with_bag is not journey.with_bag else journey.bag_told_at,
        "hospital_id": event.organisation_id or journey.hospital_id,
        "ward_id": event.ward_id or (None if elsewhere else journey.ward_id),
    }
    if with_bag is not False:
        changes |= {"custody": "hospital", "custody_since": event.occurred_at}
    return changes


def _day(data: Mapping[str, Any]) -> date | None:
    text = data.get("day")
    return date.fromisoformat(str(text)) if text else None


# Each pair: the later step may not have happened before the earlier one.
_ORDER: tuple[tuple[str, str, str], ...] = (
    ("departed_at", "arrived_at", "The arrival is before the bag left the home."),
    ("departed_at", "admitted_at", "The admission is before the bag left the home."),
    ("departed_at", "decision_to_admit_at", "The decision to admit is before the bag left the home."),
    ("arrived_at", "decision_to_admit_at", "The decision to admit is before the arrival."),
    ("decision_to_admit_at", "admitted_at", "The admission is before the decision to admit."),
    ("admitted_at", "ended_at", "The discharge is before the admission."),
    ("decision_to_admit_at", "ended_at", "The discharge is before the decision to admit."),
    ("arrived_at", "ended_at", "The discharge is before the arrival."),
    ("ended_at", "received_at", "The return is before the discharge."),
    ("departed_at", "died_at", "The death is before the bag left the home."),
    ("ended_at", "died_at", "The death is before they left hospital."),
)


# While nobody has recorded when the bag left: no earlier than the journey was opened.
_OPENED_FIRST: tuple[tuple[str, str, str], ...] = (
    ("opened_at", "arrived_at", "The arrival is before the home opened this journey."),
    ("opened_at", "decision_to_admit_at", "The decision to admit is before the home opened this journey."),
    ("opened_at", "admitted_at", "The admission is before the home opened this journey."),
)


def _order(journey: Journey) -> tuple[tuple[str, str, str], ...]:
    return _ORDER if journey.departed_at else (*_OPENED_FIRST, *_ORDER)


def check_order(journey: Journey, now: datetime, *, field_name: str = "occurred_at") -> None:
    """Raises Invalid when the journey's times contradict each other or lie in the future."""
    for earlier, later, sentence in _order(journey):
        first, second = getattr(journey, earlier), getattr(journey, later)
        if first is not None and second is not None and second < first:
            died = later == "ended_at" and journey.died_at == journey.ended_at
            said = sentence.replace("The discharge", "The death") if died else sentence
            raise Invalid({field_name: f"{said.rstrip('.')} ({format_moment(first)}). Check the time."})
    for name in ("departed_at", "arrived_at", "admitted_at", "ended_at", "died_at", "received_at"):
        at = getattr(journey, name)
        if at is not None and at > now:
            raise Invalid({field_name: "This time is in the future. Check the date and the time."})


def check_moves(events: Iterable[Event], now: datetime, *, field_name: str = "occurred_at") -> None:
    """Raises Invalid when a move lies before the step it followed, after the next one, or in the future."""
    before: Event | None = None
    for event in effective(events):
        if event.action not in _PLACED:
            continue
        moves = event.action in _MOVED or (before is not None and before.action in _MOVED)
        if moves and before is not None and event.occurred_at < before.occurred_at:
            later, earlier = (_STEP_NOUNS[one.action] for one in (event, before))
            was = format_moment(before.occurred_at)
            raise Invalid({field_name: f"The {later} is before the {earlier} ({was}). Check the time."})
        if event.action in _MOVED and event.occurred_at > now:
            raise Invalid({field_name: "This time is in the future. Check the date and the time."})
        before = event


_MOVED = (Action.MOVE_WARD, Action.MOVE_HOSPITAL)
_STEP_NOUNS = {
    Action.ARRIVE: "arrival",
    Action.ADMIT: "admission",
    Action.MOVE_WARD: "move",
    Action.MOVE_HOSPITAL: "move",
    Action.DISCHARGE: "discharge",
    Action.SEND_BACK: "discharge",
    Action.DISCHARGE_ELSEWHERE: "discharge",
    Action.RECORD_DEATH: "death",
}
_PLACED = frozenset(_STEP_NOUNS)


def in_order(at: datetime, journey: Journey) -> datetime:
    """The moment of a step, given in whole minutes: in the minute of an earlier step, right after it.

    Nobody types seconds; two steps in one minute must not contradict each other.
    """
    minute = at + timedelta(minutes=1)
    moments = (getattr(journey, earlier) for earlier, _, _ in _order(journey))
    return max((moment for moment in moments if moment is not None and at < moment < minute), default=at)


def undoable(events: Sequence[Event]) -> Event | None:
    """The latest step that can still be taken back: the last standing event that moved the journey.

    Opening is not undone (it is cancelled), nor is a journey that has closed, nor a handover written down
    after the arrival: that one is given another time.
    """
    standing = effective(events)
    for position in range(len(standing) - 1, -1, -1):
        event = standing[position]
        if event.action in (Action.OPEN, Action.CLOSE, Action.CANCEL):
            return None
        if event.action in _MOVES and not is_late_handover(standing, position):
            return event
    return None


def withdrawable(events: Sequence[Event]) -> list[Event]:
    """What can be taken back: the latest step, and the newest check of belongings while the journey is
    open. A check moves nobody: a step that was recorded before it can be taken back without it."""
    standing = effective(events)
    over = any(event.action in (Action.CLOSE, Action.CANCEL) for event in standing)
    checks = [event for event in standing if event.action is Action.CHECK_BELONGINGS and not over]
    return [event for event in (undoable(events), *checks[-1:]) if event is not None]


def is_late_handover(standing: Sequence[Event], position: int) -> bool:
    """Whether this one of the `standing` events is a handover that was written down after the arrival."""
    before = standing[:position]
    return standing[position].action is Action.HAND_TO_CREW and any(e.action in _REACHES for e in before)


_REACHES = (Action.ARRIVE, Action.ADMIT)


_MOVES = HANDOVERS | {Action.RECORD_DEATH}


def withdrawal_allowed(events: Sequence[Event], event_id: int) -> None:
    """Raises IllegalTransition unless `event_id` can be taken back (see withdrawable)."""
    last = undoable(events)
    if event_id not in [event.id for event in withdrawable(events)]:
        words = ACTION_WORDS[last.action] if last else "nothing"
        raise IllegalTransition(f"Only the latest step can be undone; that is: {words}.")
