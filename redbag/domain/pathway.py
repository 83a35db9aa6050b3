"""What one journey says of the pathway: how complete, how soon, whether it was done at all.

Each measure of domain/measures.py is one whole number of one journey (minutes, days, or 1 for yes and 0 for
no) that belongs to one London day: the day of the step that it is about. A number below 0 says why the
journey is left out of the measure (LeftOut). A journey that has not come to the step has no value at all.

Times are when things happened, however late they were written down. A time that is only known from the
telephone, or that stands for another one, makes no minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum

from redbag.domain.discharge_papers import is_given
from redbag.domain.journey import Event, Journey, effective, is_time_unknown, replay
from redbag.domain.london_time import london_day
from redbag.domain.transfer_states import Action

CONTACT_WITHIN = timedelta(hours=48)
"""Home and ward speak within this of the admission: hours that passed, also over a clock change."""
_LATE = timedelta(minutes=10)


class LeftOut(IntEnum):
    """Why a journey is in none of a measure's figures, as the value that stands in its place."""

    NOT_RECORDED = -1
    BY_TELEPHONE = -2
    WRITTEN_LATE = -3
    CONTRADICTION = -4
    NO_BAG = -5
    NOT_SCANNED = -6
    ENDED_BEFORE = -7
    NO_MEDICINES = -8
    FROM_THE_DRAWER = -9
    NO_PACK = -10
    BAG_GONE = -11

    @property
    def words(self) -> str:
        return _WHY[self]


_WHY = {
    LeftOut.NOT_RECORDED: "One of the two times was never recorded",
    LeftOut.BY_TELEPHONE: "Known by telephone only",
    LeftOut.WRITTEN_LATE: "Written down afterwards: when it happened is not known to the minute",
    LeftOut.CONTRADICTION: "The later time is before the earlier one",
    LeftOut.NO_BAG: "The bag did not come with the person",
    LeftOut.NOT_SCANNED: "No step was recorded by scanning the label",
    LeftOut.ENDED_BEFORE: "Left hospital or died within 48 hours",
    LeftOut.NO_MEDICINES: "No medicines were sent along",
    LeftOut.FROM_THE_DRAWER: "The label was printed in advance, for the drawer",
    LeftOut.NO_PACK: "No pack or label of the journey is kept",
    LeftOut.BAG_GONE: "The bag was lost or destroyed",
}


@dataclass(frozen=True)
class Value:
    """One measure of one journey: the London day that it belongs to, and the number, or a LeftOut."""

    day: date
    value: int


@dataclass(frozen=True)
class Answer:
    """The hospital's answer to one line of the medicines that were sent, and while it stood (UTC)."""

    line_id: int
    mentioned: bool
    entered_at: datetime
    superseded_at: datetime | None = None


@dataclass(frozen=True)
class Kept:
    """What is kept of a journey beside its events. Instants in UTC.

    `first_pack_at`: when its first version was made. `label_at`: when its first label was made; `drawn`: that
    it came from the drawer. `sent`: the lines of its medicines list. `bag`: the states of its bag from the
    departure until it went on another journey, as (when, state), in order.
    """

    first_pack_at: datetime | None = None
    label_at: datetime | None = None
    drawn: bool = False
    sent: frozenset[int] = frozenset()
    answers: tuple[Answer, ...] = ()
    bag: tuple[tuple[datetime, str], ...] = ()


@dataclass(frozen=True)
class _Told:
    """One journey while it is measured. `first`: the standing events by what they say, the first of each;
    `sources`: how each event was known when it was first written down."""

    journey: Journey
    kept: Kept
    standing: Sequence[Event]
    first: Mapping[Action, Event] = field(default_factory=dict)
    sources: Mapping[int, str] = field(default_factory=dict)

    def by_phone(self, *actions: Action) -> bool:
        """Whether any of these steps was told by telephone, also where its time was corrected since."""
        return any(self.sources.get(self.first[one].id) == "phone" for one in actions if one in self.first)

    @property
    def scans(self) -> list[Event]:
        """The standing steps that a hospital recorded by scanning the label, first written down first."""
        return [event for event in self.standing if self.sources.get(event.id) == "scan"]

    @property
    def reached_at(self) -> datetime | None:
        """When they were first known to be in hospital."""
        times = (self.journey.arrived_at, self.journey.decision_to_admit_at, self.journey.admitted_at)
        return min((at for at in times if at is not None), default=None)


def values(events: Iterable[Event], kept: Kept, standing: Journey | None = None) -> dict[str, Value]:
    """Every measure that this journey has come to, by key. `standing`: its replay, where it is at hand."""
    told = _told(list(events), kept, standing)
    found = {key: measured(told) for key, measured in _MEASURED.items()}
    return {key: value for key, value in found.items() if value is not None}


def _told(events: list[Event], kept: Kept, standing: Journey | None) -> _Told:
    stands = effective(events)
    first: dict[Action, Event] = {}
    for event in stands:
        first.setdefault(event.action, event)
    sources = {event.id: event.source for event in events}
    return _Told(standing or replay(events), kept, stands, first, sources)


def _on(at: datetime, value: int) -> Value:
    return Value(london_day(at), value)


def _minutes(day_of: datetime, start: datetime, end: datetime) -> Value:
    """Whole minutes that passed from start to end; where they are the wrong way round, that they are."""
    passed = (end - start) // timedelta(minutes=1)
    return _on(day_of, passed if end >= start else LeftOut.CONTRADICTION)


def _days(start: datetime, end: datetime) -> Value:
    """London midnights from start to end, on the day of the end."""
    passed = (london_day(end) - london_day(start)).days
    return _on(end, passed if passed >= 0 else LeftOut.CONTRADICTION)


# Leaving home


def _left(told: _Told) -> Event | None:
    """The step with which the pack left: the handover, or the arrival where nobody had recorded one."""
    frozen = next((event for event in told.standing if "gaps" in event.data), None)
    handed = told.first.get(Action.HAND_TO_CREW)
    if handed is not None and is_time_unknown(handed):
        handed = None
    return frozen or handed or told.first.get(Action.ARRIVE) or told.first.get(Action.ADMIT)


def _pack_complete(told: _Told) -> Value | None:
    left = _left(told)
    if left is None:
        return None
    gaps = left.data.get("gaps")
    at = told.journey.departed_at or left.occurred_at
    return _on(at, LeftOut.NO_PACK if gaps is None else int(not gaps))


def _decision_to_pack(told: _Told) -> Value | None:
    left, opened = _left(told), told.journey.opened_at
    if left is None or opened is None:
        return None
    made, gone = told.kept.first_pack_at, told.journey.departed_at or left.occurred_at
    if made is None:
        return _on(gone, LeftOut.NO_PACK)
    if left.action is not Action.HAND_TO_CREW and made >= left.recorded_at:
        return _on(gone, LeftOut.NOT_RECORDED)  # the arrival froze it: when the home was ready is not known
    if opened > gone or gone + _LATE <= made:
        return _on(gone, LeftOut.WRITTEN_LATE)  # packed and gone before anybody wrote it down
    return _minutes(gone, opened, made)


# Reaching the hospital


def _dispatch_to_scan(told: _Told) -> Value | None:
    reached = told.reached_at
    if reached is None:
        return None
    if told.journey.with_bag is False:
        return _on(reached, LeftOut.NO_BAG)
    if not told.scans:
        return _on(reached, LeftOut.NOT_SCANNED)
    left = told.journey.departed_at
    if left is None:
        return _on(reached, LeftOut.NOT_RECORDED)
    # Scanning is what happened; the time that was typed for the step may be earlier.
    return _minutes(reached, left, min(event.recorded_at for event in told.scans))


def _scanned(told: _Told) -> Value | None:
    reached = told.reached_at
    if reached is None:
        return None
    return _on(reached, LeftOut.NO_BAG if told.journey.with_bag is False else int(bool(told.scans)))


def _arrival_to_admission(told: _Told) -> Value | None:
    admitted, arrived = told.journey.admitted_at, told.journey.arrived_at
    if admitted is None:
        return None
    if told.by_phone(Action.ARRIVE, Action.ADMIT):
        return _on(admitted, LeftOut.BY_TELEPHONE)
    if arrived is None:
        return _on(admitted, LeftOut.NOT_RECORDED)
    step = told.first[Action.ARRIVE]
    if step.source == "correction" and arrived == told.journey.decision_to_admit_at:
        # Tapped after the decision, and moved to it (services/stays.py): the door was earlier.
        return _on(admitted, LeftOut.WRITTEN_LATE)
    return _minutes(admitted, arrived, admitted)


# In hospital, and out of it


def _home_contact(told: _Told) -> Value | None:
    admitted, ended = told.journey.admitted_at, told.journey.ended_at
    if admitted is None:
        return None
    due = admitted + CONTACT_WITHIN
    if ended is not None and ended < due:
        return _on(ended, LeftOut.ENDED_BEFORE)
    spoke = told.journey.home_contact_at
    return _on(due, int(spoke is not None and spoke <= due))


def _summary_given(told: _Told) -> Value | None:
    journey = told.journey
    ended = journey.stay_ended_at
    if ended is None or journey.died_at == ended:
        return None
    if not journey.summary and journey.discharge_source == "phone":
        return _on(ended, LeftOut.BY_TELEPHONE)
    return _on(ended, int(is_given(journey.summary)))


# Back home


def _medicines_settled(told: _Told) -> Value | None:
    back = told.journey.received_at
    if back is None:
        return None
    if not told.kept.sent:
        return _on(back, LeftOut.NO_MEDICINES)
    answered = {
        one.line_id
        for one in told.kept.answers
        if one.mentioned
        and one.entered_at <= back
        and (one.superseded_at is None or one.superseded_at > back)
    }
    return _on(back, int(told.kept.sent <= answered))


def _label_to_return(told: _Told) -> Value | None:
    back = told.first.get(Action.RECEIVE)
    if back is None:
        return None
    if not back.data.get("bag_came", True):
        return _on(back.occurred_at, LeftOut.NO_BAG)
    if told.kept.drawn:
        return _on(back.occurred_at, LeftOut.FROM_THE_DRAWER)
    if told.kept.label_at is None:
        return _on(back.occurred_at, LeftOut.NO_PACK)
    return _days(told.kept.label_at, back.occurred_at)


_GONE = ("lost", "destroyed")


def _bag_turnaround(told: _Told) -> Value | None:
    """Where the bag stands at the end of what is known of it: in stock since when, or gone."""
    since: datetime | None = None
    state = ""
    for at, now in told.kept.bag:
        if now != state:
            since, state = at, now
    if since is None or state not in ("in_stock", *_GONE):
        return None
    if state in _GONE:
        return _on(since, LeftOut.BAG_GONE)
    left = told.journey.departed_at
    return _on(since, LeftOut.NOT_RECORDED) if left is None else _days(left, since)


_MEASURED = {
    "pack_complete": _pack_complete,
    "decision_to_pack": _decision_to_pack,
    "dispatch_to_scan": _dispatch_to_scan,
    "scanned": _scanned,
    "arrival_to_admission": _arrival_to_admission,
    "home_contact": _home_contact,
    "summary_given": _summary_given,
    "medicines_settled": _medicines_settled,
    "label_to_return": _label_to_return,
    "bag_turnaround": _bag_turnaround,
}
