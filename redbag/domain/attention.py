"""What somebody must see, by the clocks of the pathway (domain: steps and their clocks).

A new kind of line: give it a row in KINDS; return a Trouble of it from here, where it follows from a journey,
or from a source of its own (redbag/queries/attention.py, SOURCES); and say in redbag/web/attention/acts.py
which act clears it. A line that no step clears is in SEEN: one tap says that somebody has dealt with it, and
it stays away until its `since` is another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from redbag.domain import clocks
from redbag.domain.length_of_stay import days_in_hospital
from redbag.domain.london_time import format_day, london_day, start_of_day
from redbag.domain.transfer_states import AWAY, State

HARM, SOON, TIDY = 0, 1, 2
LONG_STAY_DAYS = (21, 14, 7)
MAIL_KINDS: tuple[tuple[str, str], ...] = (
    ("person", "Nobody may know where the person is, or the pack may be somebody else’s"),
    ("bag", "A bag or a belonging is missing, found or left behind"),
    ("stay", "A call to the ward is due, or a stay is long"),
    ("step", "The other end recorded a step: arrived, admitted, going home"),
    ("paper", "Something waits to be finished, settled or closed"),
)


@dataclass(frozen=True)
class Sort:
    """How grave a kind of line is (HARM before SOON before TIDY), whether a clock has run out when it comes,
    and which switch of MAIL_KINDS sends it by e-mail."""

    severity: int
    clock: bool
    mail: str


KINDS: dict[str, Sort] = {
    # Nobody knows where the person is, or the hospital may be treating them on the wrong facts.
    "questioned": Sort(HARM, False, "person"),
    "task": Sort(HARM, False, "person"),
    "not_scanned": Sort(HARM, True, "person"),
    "not_received": Sort(HARM, True, "person"),
    "home_contact": Sort(HARM, True, "stay"),
    "swap_bags": Sort(HARM, False, "person"),
    "bag_alone": Sort(HARM, False, "bag"),
    "coming": Sort(SOON, True, "bag"),
    "emergency_look": Sort(SOON, False, "person"),
    "code_used": Sort(SOON, False, "step"),
    "code_guessed": Sort(SOON, False, "bag"),
    "handover": Sort(SOON, False, "paper"),
    "no_bag": Sort(SOON, False, "bag"),
    "no_bag_here": Sort(SOON, False, "bag"),
    "bag_held": Sort(SOON, False, "bag"),
    "back_without_bag": Sort(SOON, False, "bag"),
    "bag_left_here": Sort(SOON, True, "bag"),
    "missing": Sort(SOON, False, "bag"),
    "missing_in_hospital": Sort(SOON, False, "bag"),
    "ring_family": Sort(SOON, True, "stay"),
    "estimated_date": Sort(SOON, True, "stay"),
    "long_stay": Sort(SOON, True, "stay"),
    "long_stay_home": Sort(SOON, True, "stay"),
    # Steps that end a journey or complete its papers: nobody comes to harm by them today.
    "packing": Sort(TIDY, True, "paper"),
    "unfinished": Sort(TIDY, False, "paper"),
    "settle": Sort(TIDY, False, "paper"),
    "close": Sort(TIDY, False, "paper"),
    "bag_not_back": Sort(TIDY, True, "bag"),
    "bag_put_aside": Sort(TIDY, True, "bag"),
}
SEEN = frozenset({"long_stay", "long_stay_home", "bag_alone", "swap_bags"})
"""Lines that a person clears by saying that they have dealt with them."""


@dataclass(frozen=True)
class Watched:
    """What the clocks need to know of a journey. Instants in UTC.

    `bag_out`: False once somebody said where a bag is that had stayed behind, or that it is lost.
    `bag_back`: when the bag came back to its home without the person, if it did. `bag_asked`: the hospital
    has said where the bag is, or that it is not there. `family_told`: somebody wrote down who was told.
    `open_tasks`: what else the home must do, and since when. `codes`: what the home is told of the access
    code: the kind of line, its words, since when. `questioned_at`: "not this person".
    `swap`: which bags the hospital must swap, asked at `swap_since`.
    `missing_since`: when a look first found missing what is missing now.
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
    bag_back: datetime | None = None
    bag_asked: bool = False
    custody: str = "home"
    finished: bool = True
    family_told: bool = True
    missing_items: int = 0
    missing_since: datetime | None = None
    open_tasks: tuple[tuple[str, datetime], ...] = ()
    codes: tuple[tuple[str, str, datetime], ...] = ()
    swap: str = ""
    swap_since: datetime | None = None
    questioned_at: datetime | None = None
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
        return KINDS[self.kind].severity

    @property
    def late(self) -> bool:
        """Whether a clock of the pathway has run out; else it waits, and nothing was promised by now."""
        return KINDS[self.kind].clock


def key_of(trouble: Trouble, subject: str) -> str:
    """What names this line of this subject since this moment: said to have been seen, told by e-mail once."""
    return f"{trouble.kind}:{subject}:{trouble.since:%Y%m%d%H%M%S}"


def gravest_first(trouble: Trouble) -> tuple[int, float]:
    """The order of every list: the gravest first, of equally grave ones the newest."""
    return trouble.severity, -trouble.since.timestamp()


def troubles(
    journey: Watched,
    now: datetime,
    thresholds: Mapping[str, int] | None = None,
    hospital: Mapping[str, int] | None = None,
) -> list[Trouble]:
    """Everything about this journey that needs somebody: the gravest first, then the newest.

    `thresholds`: the home's own clocks; `hospital`: the hospital's, for what the hospital must do.
    """
    limits, theirs = clocks.limits(thresholds), clocks.limits(hospital)
    found = [
        *_before_arrival(journey, now, limits),
        *_in_hospital(journey, now, limits),
        *_bag_in_hospital(journey),
        *_long_stay(journey, now, limits, "home"),
        *_long_stay(journey, now, theirs, "hospital"),
        *_afterwards(journey, now, limits),
        *_left_behind(journey, now, theirs),
    ]
    if journey.questioned_at:
        words = "Not this person, somebody said: ring the home, record nothing"
        found.append(Trouble("questioned", words, "hospital", journey.questioned_at))
    if journey.swap and journey.swap_since:
        found.append(Trouble("swap_bags", journey.swap, "hospital", journey.swap_since))
    found += [Trouble(kind, words, "home", since) for kind, words, since in journey.codes]
    found += [Trouble("task", words, "home", asked_at) for words, asked_at in journey.open_tasks]
    return sorted(found, key=gravest_first)


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
    if not journey.family_told and gone_by and journey.state in AWAY:
        due = gone_by + timedelta(hours=limits["ring_family_hours"])
        if now >= due:
            found.append(Trouble("ring_family", "Ring the family, and write down who was told", "home", due))
    if journey.handover_awaited and gone_by:
        words = "Arrived; handover to the crew was not recorded: complete it"
        found.append(Trouble("handover", words, "home", gone_by))
    return found


def _in_hospital(journey: Watched, now: datetime, limits: Mapping[str, int]) -> list[Trouble]:
    found: list[Trouble] = []
    if journey.state not in (State.ARRIVED, State.ADMITTED):
        return found
    reached = journey.arrived_at or journey.admitted_at or now
    if journey.missing_items:
        words = _missing(journey.missing_items)
        # It may never have left the home: each side looks, and each line says where.
        noticed = journey.missing_since or reached
        found.append(Trouble("missing", f"{words}: look on the ward", "hospital", noticed))
        told = f"{words} in hospital: look at home; the ward has it on its list too"
        found.append(Trouble("missing_in_hospital", told, "home", noticed))
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
    return found


def _bag_in_hospital(journey: Watched) -> list[Trouble]:
    """The bag without the person, or the person without the bag: each side can settle it."""
    reached = journey.arrived_at or journey.admitted_at
    if journey.state not in (State.ARRIVED, State.ADMITTED) or reached is None or not journey.has_bag:
        return []
    if journey.bag_back is not None and journey.with_bag is not False:
        return [
            Trouble(
                "bag_alone",
                "Their bag is back here and they are not: ring the ward",
                "home",
                journey.bag_back,
            ),
            Trouble(
                "bag_alone",
                "Their bag is back at the home: ask the home for what was in it",
                "hospital",
                journey.bag_back,
            ),
        ]
    if journey.bag_out and journey.with_bag is False and not journey.bag_asked:
        return [
            Trouble("no_bag", "Arrived without the bag: find it", "home", reached),
            Trouble("no_bag_here", "Arrived without the bag: look for it, then say so", "hospital", reached),
        ]
    return []


def _long_stay(journey: Watched, now: datetime, limits: Mapping[str, int], who: str) -> list[Trouble]:
    """The last of the site's marks that was passed; `since` is the day on which it was, so that the next
    mark is a line of its own."""
    if journey.state is not State.ADMITTED or not journey.stay_started_at:
        return []
    days = days_in_hospital(journey.stay_started_at, now)
    passed = next((limits[key] for key in reversed(clocks.LONG_STAYS) if days >= limits[key]), None)
    if passed is None:
        return []
    since = start_of_day(london_day(journey.stay_started_at) + timedelta(days=passed))
    if who == "hospital":
        return [Trouble("long_stay", f"In hospital {days} days", who, since)]
    return [Trouble("long_stay_home", f"Ask the ward for its plan: {days} days in hospital", who, since)]


def _afterwards(journey: Watched, now: datetime, limits: Mapping[str, int]) -> list[Trouble]:
    found: list[Trouble] = []
    if journey.state is State.GOING_HOME and journey.ended_at:
        due = journey.ended_at + timedelta(hours=limits["not_received_hours"])
        if journey.missing_items:
            words = f"{_missing(journey.missing_items)} at the last check: look when they come"
            noticed = journey.missing_since or journey.ended_at
            found.append(Trouble("missing_in_hospital", words, "home", noticed))
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
    if _bag_is_away(journey):
        due = ended + timedelta(days=limits["bag_not_back_days"])
        if now >= due:
            words = f"The bag is not back {limits['bag_not_back_days']} days after: ask for it"
            found.append(Trouble("bag_not_back", words, "home", due))
        elif journey.received_at and not journey.bag_asked:
            words = "Back home without the bag: ring the ward"
            found.append(Trouble("back_without_bag", words, "home", journey.received_at))
    if journey.state in (State.BACK_HOME, State.WENT_ELSEWHERE, State.DIED) and journey.missing_items:
        noticed = journey.missing_since or ended
        found.append(Trouble("missing", _missing(journey.missing_items), "home", noticed))
    return found


def _left_behind(journey: Watched, now: datetime, limits: Mapping[str, int]) -> list[Trouble]:
    """The person has left the hospital, and the hospital still has their bag."""
    if not _bag_is_away(journey) or journey.custody != "hospital" or journey.bag_asked:
        return []
    ended = journey.ended_at or journey.opened_at
    due = ended + timedelta(days=limits["bag_left_days"])
    if journey.received_at is None and now < due:
        return []
    words = "Their bag is still here: send it back to its home"
    return [Trouble("bag_left_here", words, "hospital", min(due, journey.received_at or due))]


def _bag_is_away(journey: Watched) -> bool:
    over = journey.state in (State.DIED, State.WENT_ELSEWHERE, State.BACK_HOME)
    return over and journey.has_bag and journey.bag_out and journey.custody not in ("home", "")


def _missing(count: int) -> str:
    return f"{count} thing{'s' if count != 1 else ''} missing"
