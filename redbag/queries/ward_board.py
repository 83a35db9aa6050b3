"""The board of a hospital: who from care homes is here, by name, home, bed or ward, and a page at a time.

For the wards, what needs doing first; for the discharge team, who is ready to go home, then the longest here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from redbag.domain import name_words
from redbag.domain.length_of_stay import LONG_STAY_DAYS, days_in_hospital
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Actor, Role
from redbag.domain.similar_names import Reason, similar
from redbag.domain.transfer_states import IN_HOSPITAL, State
from redbag.models import Transfer
from redbag.queries import transfers
from redbag.queries.paging import LONGEST_SEARCH
from redbag.queries.transfers import Row

PAGE_SIZE = 50
LATELY = timedelta(days=3)
ALL_WARDS, NO_WARD = "all", "none"
READY, NOT_READY, ELSEWHERE = "ready", "here", "elsewhere"
_MOST_ALIKE = 3
BANDS = (READY, *(str(days) for days in LONG_STAY_DAYS))


@dataclass(frozen=True)
class Alike:
    """Somebody else on the board who may be mistaken for a person, and why."""

    transfer: Transfer
    reason: str


@dataclass(frozen=True)
class Line:
    """One person on the board. `alike`: those on the same ward first. `elsewhere`: found by a search, but not
    on the ward that was chosen. `group`: READY, NOT_READY or ELSEWHERE, under which heading they stand.
    `ready_days`: since ready to go home."""

    row: Row
    alike: tuple[Alike, ...]
    elsewhere: bool
    group: str = NOT_READY
    ready_days: int | None = None


@dataclass(frozen=True)
class Band:
    """Those ready to go home ("ready"), or in hospital for at least so many days, and how many they are."""

    value: str
    count: int


@dataclass(frozen=True)
class Choice:
    """One ward to choose, and how many people from care homes are there. `value`: as addresses name it."""

    value: str
    name: str
    count: int


@dataclass(frozen=True)
class Board:
    """One page of the people here, and those who left lately.

    `lines`: what needs doing first, then who has been here longest. `on_ward`: how many of the ward that
    was chosen were found; `found`: how many in all, those whom a search found elsewhere included.
    `here`: how many from care homes are in the hospital. `by_stay`: ordered for the discharge team, who is
    ready to go home first. `bands`: of the ward that was chosen.
    """

    lines: tuple[Line, ...]
    number: int
    on_ward: int
    found: int
    here: int
    choices: tuple[Choice, ...]
    left: tuple[Row, ...]
    by_stay: bool
    bands: tuple[Band, ...]

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE_SIZE))


def look(
    actor: Actor, now: datetime, *, words: str = "", ward: str = "", band: str = "", number: int = 1
) -> Board:
    """The board as asked for. `ward`: a ward's reference, ALL_WARDS, NO_WARD, or "" for the actor's own
    and people without a ward yet (everybody, for an actor without one). A search finds people on every
    ward, the chosen ward's first. `band`: one of BANDS, or "" for everybody.

    The number of reads does not grow with the number of people.
    """
    rows = transfers.board(actor, now)
    here = [row for row in rows if State(row.transfer.state) in IN_HOSPITAL]
    on_ward = _chosen(actor, ward)
    by_stay = actor.role is Role.HOSPITAL_MANAGER
    if by_stay:
        here.sort(key=lambda row: _ready_then_longest(row, now))
    wanted = [row for row in here if on_ward(row.transfer)]
    bands = tuple(Band(one, sum(_in_band(row, one, now) for row in wanted)) for one in BANDS)
    if words.strip():
        wanted += [row for row in here if not on_ward(row.transfer)]
    wanted = [row for row in wanted if _matches(row.transfer, words) and _in_band(row, band, now)]
    number = min(max(1, number), max(1, -(-len(wanted) // PAGE_SIZE)))
    shown = wanted[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return Board(
        lines=tuple(_line(row, here, now, elsewhere=not on_ward(row.transfer)) for row in shown),
        number=number,
        on_ward=sum(on_ward(row.transfer) for row in wanted),
        found=len(wanted),
        here=len(here),
        choices=_choices(actor, [row.transfer for row in here]),
        left=tuple(row for row in rows if _left_lately(row, now) and _matches(row.transfer, words)),
        by_stay=by_stay,
        bands=bands,
    )


def _line(row: Row, here: Sequence[Row], now: datetime, *, elsewhere: bool) -> Line:
    ready = _ready_on(row, now)
    return Line(
        row,
        _alike(row, here),
        elsewhere,
        ELSEWHERE if elsewhere else READY if ready else NOT_READY,
        (london_day(now) - ready).days if ready else None,
    )


def _ready_on(row: Row, now: datetime) -> date | None:
    """Since when they could go home; None also for a day that is still to come."""
    ready = row.transfer.discharge_ready_on
    admitted = State(row.transfer.state) is State.ADMITTED
    return ready if admitted and ready is not None and ready <= london_day(now) else None


def _days(row: Row, now: datetime) -> int:
    """Days in hospital; -1 before the admission."""
    transfer = row.transfer
    started = transfer.admitted_at and (transfer.decision_to_admit_at or transfer.admitted_at)
    return days_in_hospital(started, now) if started else -1


def _ready_then_longest(row: Row, now: datetime) -> tuple[bool, date, int]:
    ready = _ready_on(row, now)
    return ready is None, ready or date.max, -_days(row, now)


def _in_band(row: Row, band: str, now: datetime) -> bool:
    if band == READY:
        return _ready_on(row, now) is not None
    return band not in BANDS or _days(row, now) >= int(band)


def _chosen(actor: Actor, ward: str) -> Callable[[Transfer], bool]:
    if ward == NO_WARD:
        return lambda transfer: transfer.ward is None
    if ward and ward != ALL_WARDS:
        return lambda transfer: transfer.ward is not None and transfer.ward.ref == ward
    if ward == ALL_WARDS or actor.ward_id is None:
        return lambda _transfer: True
    # Whoever came without a ward is on every ward's board: else nobody would look.
    return lambda transfer: transfer.ward_id in (actor.ward_id, None)


def _choices(actor: Actor, here: Sequence[Transfer]) -> tuple[Choice, ...]:
    """The actor's own ward, every other ward that has somebody, and everybody."""
    names = {t.ward.ref: t.ward.name for t in here if t.ward and t.ward_id != actor.ward_id}
    counts = Counter(t.ward.ref for t in here if t.ward)
    own = sum(t.ward_id in (actor.ward_id, None) for t in here)
    first = [Choice("", actor.ward_name or "My ward", own)] if actor.ward_id else []
    wards = [Choice(ref, name, counts[ref]) for ref, name in sorted(names.items(), key=lambda one: one[1])]
    without = sum(t.ward is None for t in here)
    rest = [Choice(NO_WARD, "No ward yet", without)] if without else []
    return (*first, Choice(ALL_WARDS, "All wards", len(here)), *wards, *rest)


def _matches(transfer: Transfer, words: str) -> bool:
    """Each typed word is the start of a word of the name, of the bed or of the care home."""
    more = name_words.index(transfer.resident.full_name, transfer.bed, transfer.home.name)
    known = f"{transfer.resident.name_words}{more}"
    return all(f" {word}" in known for word in name_words.words(words[:LONGEST_SEARCH]))


def _alike(row: Row, here: Sequence[Row]) -> tuple[Alike, ...]:
    """Everybody on the same ward with the same name or surname; beside them whoever else is here, on any
    ward, with the name most like this one."""
    others = [other.transfer for other in here if other is not row]
    found = similar(row.transfer.resident.full_name, [t.resident.full_name for t in others])
    ward = row.transfer.ward_id
    beside = [
        one for one in found if one.reason <= Reason.SAME_SURNAME and others[one.position].ward_id == ward
    ][:_MOST_ALIKE]
    shown = beside + [one for one in found[:1] if one not in beside]
    return tuple(Alike(others[one.position], one.reason.label) for one in shown)


def _left_lately(row: Row, now: datetime) -> bool:
    """Out of hospital, and either only just or with the medicines list still to come."""
    transfer = row.transfer
    if State(transfer.state) in IN_HOSPITAL or transfer.ended_at is None:
        return False
    return now - transfer.ended_at < LATELY or State(transfer.state) is State.GOING_HOME
