"""The board of a hospital: who from care homes is here, by name, bed or ward, and a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redbag.domain import name_words
from redbag.domain.permissions import Actor
from redbag.domain.similar_names import similar
from redbag.domain.transfer_states import IN_HOSPITAL, State
from redbag.models import Transfer
from redbag.queries import transfers
from redbag.queries.paging import LONGEST_SEARCH
from redbag.queries.transfers import Row

PAGE_SIZE = 50
LATELY = timedelta(days=3)
ALL_WARDS, NO_WARD = "all", "none"


@dataclass(frozen=True)
class Alike:
    """Somebody else on the board who may be mistaken for a person, and why."""

    transfer: Transfer
    reason: str


@dataclass(frozen=True)
class Line:
    """One person on the board. `elsewhere`: found by a search, but not on the ward that was chosen."""

    row: Row
    alike: Alike | None
    elsewhere: bool


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
    `here`: how many from care homes are in the hospital.
    """

    lines: tuple[Line, ...]
    number: int
    on_ward: int
    found: int
    here: int
    choices: tuple[Choice, ...]
    left: tuple[Row, ...]

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE_SIZE))


def look(actor: Actor, now: datetime, *, words: str = "", ward: str = "", number: int = 1) -> Board:
    """The board as asked for. `ward`: a ward's reference, ALL_WARDS, NO_WARD, or "" for the actor's own
    and people without a ward yet (everybody, for an actor without one). A search finds people on every
    ward, the chosen ward's first.

    The number of reads does not grow with the number of people.
    """
    rows = transfers.board(actor, now)
    here = [row for row in rows if State(row.transfer.state) in IN_HOSPITAL]
    on_ward = _chosen(actor, ward)
    wanted = [row for row in here if on_ward(row.transfer)]
    if words.strip():
        wanted += [row for row in here if not on_ward(row.transfer)]
    wanted = [row for row in wanted if _matches(row.transfer, words)]
    number = min(max(1, number), max(1, -(-len(wanted) // PAGE_SIZE)))
    shown = wanted[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return Board(
        lines=tuple(Line(row, _most_alike(row, here), not on_ward(row.transfer)) for row in shown),
        number=number,
        on_ward=sum(on_ward(row.transfer) for row in wanted),
        found=len(wanted),
        here=len(here),
        choices=_choices(actor, [row.transfer for row in here]),
        left=tuple(row for row in rows if _left_lately(row, now) and _matches(row.transfer, words)),
    )


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
    """Each typed word is the start of a word of the name or of the bed."""
    known = f"{transfer.resident.name_words}{name_words.index(transfer.resident.full_name, transfer.bed)}"
    return all(f" {word}" in known for word in name_words.words(words[:LONGEST_SEARCH]))


def _most_alike(row: Row, here: Sequence[Row]) -> Alike | None:
    """Whoever else is here, on any ward, with the name most like this one."""
    others = [other.transfer for other in here if other is not row]
    found = similar(row.transfer.resident.full_name, [t.resident.full_name for t in others])
    return Alike(others[found[0].position], found[0].reason.label) if found else None


def _left_lately(row: Row, now: datetime) -> bool:
    """Out of hospital, and either only just or with the medicines list still to come."""
    transfer = row.transfer
    if State(transfer.state) in IN_HOSPITAL or transfer.ended_at is None:
        return False
    return now - transfer.ended_at < LATELY or State(transfer.state) is State.GOING_HOME
