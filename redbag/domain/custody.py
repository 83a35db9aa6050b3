"""Where the bag is, and between which two moments an item was lost.

Everything is computed from what was recorded: handovers of the bag and checks of its items, ordered by
when they happened, however late or out of order they were written down. First noticed absent is not
where an item was lost: the span from last seen to first missing is, with everyone who held the bag in
it, and nobody is blamed by a guess.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from redbag.domain.london_time import format_moment

_LATE = timedelta(minutes=10)
"""Written down within this of happening is written down at once."""


def written_late(at: datetime, recorded_at: datetime | None) -> str:
    """ "written down Sat 21 Nov 2026, 18:40" where that was later than it happened; else ""."""
    late = recorded_at is not None and recorded_at - at >= _LATE
    return f"written down {format_moment(recorded_at)}" if recorded_at is not None and late else ""


class Step(StrEnum):
    """When items are checked. Between these the bag stays closed, unless it was opened.

    Afterwards: what the home's manager says of a missing thing when the journey is over.
    """

    PACKING = "packing"
    ADMISSION = "admission"
    DISCHARGE = "discharge"
    RETURN = "return"
    OPENED = "opened"
    AFTERWARDS = "afterwards"

    @property
    def label(self) -> str:
        """The check in words: beside its time it must not be taken for the step, which had another."""
        said = {
            "admission": "the belongings check at admission",
            "discharge": "the belongings check at discharge",
            "return": "the belongings check at the return",
            "opened": "when the bag was opened",
            "afterwards": "the end of the journey",
        }
        return said.get(self.value, self.value)


class Status(StrEnum):
    """What was found of one item at a check. Settled: still lost, and nothing more will be done. Listed:
    no finding, it was only written down."""

    PRESENT = "present"
    MISSING = "missing"
    DAMAGED = "damaged"
    ADDED = "added"
    USED_UP = "used_up"
    KEPT_BY_FAMILY = "kept_by_family"
    SETTLED = "settled"
    LISTED = "listed"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def is_seen(self) -> bool:
        """Whether somebody had the item in hand at the check."""
        return self in (Status.PRESENT, Status.DAMAGED, Status.ADDED)

    @property
    def is_settled(self) -> bool:
        """Whether it is known where the item went: no loss, though it is no longer with the bag."""
        return self in (Status.USED_UP, Status.KEPT_BY_FAMILY)


@dataclass(frozen=True)
class Handover:
    """The bag passed from one holder to another. Instants in UTC; holders are places or crews by name.

    `ref` names the record; `corrects` names an earlier one that this takes the place of, or, when
    `withdrawn`, takes back. `order`: of several at one moment, the lower came first.
    """

    at: datetime
    from_holder: str
    to_holder: str
    recorded_at: datetime | None = None
    ref: str = ""
    corrects: str = ""
    withdrawn: bool = False
    order: int = 0


@dataclass(frozen=True)
class ItemCheck:
    """One item looked for at one step. `item` is its key on the checklist; the rest as for Handover."""

    item: str
    step: Step
    status: Status
    at: datetime
    holder: str = ""
    recorded_at: datetime | None = None
    ref: str = ""
    corrects: str = ""
    withdrawn: bool = False
    order: int = 0


def _both_times(check: ItemCheck) -> str:
    late = written_late(check.at, check.recorded_at)
    return format_moment(check.at) + (f", {late}" if late else "")


@dataclass(frozen=True)
class Spell:
    """Time that one holder had the bag. `until` is None for the one who has it now.

    `unrecorded` marks a holder who only appears as handing the bag on: how it got there was never
    recorded, so the spell before may have ended at any moment from its start on.
    """

    holder: str
    since: datetime
    until: datetime | None
    unrecorded: bool = False


@dataclass(frozen=True)
class Lost:
    """An item last seen, later missing, and not found since: lost somewhere in this span.

    `with_person`: it was worn or in hand, or there was no bag: whoever had the person had it. `exchanged`:
    that the bag was with another person in the span, and who had that one.
    """

    item: str
    last_seen: ItemCheck
    first_missing: ItemCheck
    held_by: tuple[str, ...]
    with_person: bool = False
    exchanged: str = ""

    @property
    def sentence(self) -> str:
        seen, missing = self.last_seen, self.first_missing
        return (
            f"Lost between {seen.step.label} ({_both_times(seen)}) "
            f"and {missing.step.label} ({_both_times(missing)}). "
            f"The {'person' if self.with_person else 'bag'} was with: {', '.join(self.held_by)}."
            f"{self.exchanged}"
        )


@dataclass(frozen=True)
class Item:
    """What became of one item. `status` is the latest finding; `lost` is set while it stays lost.

    Missing without ever having been seen is no loss on the way: it was listed, but nobody packed it.
    """

    item: str
    status: Status
    last_seen: ItemCheck | None
    first_missing: ItemCheck | None
    lost: Lost | None

    @property
    def never_seen(self) -> bool:
        return self.status in (Status.MISSING, Status.SETTLED) and self.last_seen is None


@dataclass(frozen=True)
class Counts:
    """How many items were seen at each step; None where that step's check was not done."""

    packed: int | None
    arrived: int | None
    went_back: int | None
    came_home: int | None


@dataclass(frozen=True)
class Custody:
    """The bag's journey: who has it now and since when, every spell, every item, and the counts."""

    holder: str
    since: datetime
    spells: tuple[Spell, ...]
    items: tuple[Item, ...]
    counts: Counts

    @property
    def lost(self) -> tuple[Lost, ...]:
        return tuple(item.lost for item in self.items if item.lost is not None)

    def held_between(self, start: datetime, end: datetime) -> tuple[str, ...]:
        """Everyone who may have held the bag after `start` and before `end`, in order, each once."""
        return held_between(self.spells, start, end)


_Event = TypeVar("_Event", Handover, ItemCheck)


def custody(
    origin: str, opened_at: datetime, handovers: Iterable[Handover], checks: Iterable[ItemCheck]
) -> Custody:
    """The custody of one journey. `origin` (the home) holds the bag from `opened_at` until handed over."""
    standing = _standing(checks)
    spells = _spells(origin, opened_at, _standing(handovers), standing)
    names = sorted({check.item for check in standing})
    items = tuple(_item(name, [c for c in standing if c.item == name], spells) for name in names)
    return Custody(spells[-1].holder, spells[-1].since, spells, items, _counts(standing))


def held_between(spells: Sequence[Spell], start: datetime, end: datetime) -> tuple[str, ...]:
    """Everyone who may have held the bag after `start` and before `end`, in order, each once.

    With start and end at one moment, it is whoever held the bag then.
    """
    if start == end:
        holders = [s.holder for s in spells if s.since <= start and (s.until is None or start <= s.until)]
    else:
        holders = [s.holder for s in spells if s.since < end and (s.until is None or s.until > start)]
    return tuple(dict.fromkeys(holders))


def _standing(events: Iterable[_Event]) -> list[_Event]:
    """The events that stand after corrections, in the order in which they happened.

    Of one record and all corrections of it, and corrections of those, the one recorded last counts.
    """
    given = sorted(events, key=_recorded)
    target = {event.ref: event.corrects for event in given if event.ref}
    latest: dict[object, _Event] = {}
    for number, event in enumerate(given):
        latest[_root(event, target) or number] = event
    standing = (event for event in latest.values() if not event.withdrawn)
    return sorted(standing, key=lambda event: (event.at, event.order, _recorded(event)))


def _root(event: _Event, target: dict[str, str]) -> str:
    """The ref of the record that a chain of corrections began with; "" for a record without a ref."""
    ref = event.corrects or event.ref
    followed = set()
    while target.get(ref) and ref not in followed:
        followed.add(ref)
        ref = target[ref]
    return ref


def _recorded(event: _Event) -> datetime:
    return event.recorded_at or event.at


def _spells(
    origin: str, opened_at: datetime, handovers: list[Handover], checks: list[ItemCheck]
) -> tuple[Spell, ...]:
    starts = [opened_at, *(h.at for h in handovers[:1]), *(c.at for c in checks[:1])]
    spells = [Spell(origin, min(starts), None)]
    for handover in handovers:
        last = spells[-1]
        # Both sides may write down one handover: the second record of it begins nothing new.
        giver = spells[-2].holder if len(spells) > 1 else ""
        recorded_already = handover.to_holder == last.holder and handover.from_holder in ("", giver)
        if recorded_already or handover.from_holder == handover.to_holder:
            continue
        if handover.from_holder and handover.from_holder != last.holder:
            # It came into these hands unseen, at some moment of the spell before: both may have held it.
            spells.append(Spell(handover.from_holder, last.since, None, unrecorded=True))
        spells = [s if s.until else replace(s, until=handover.at) for s in spells]
        spells.append(Spell(handover.to_holder, handover.at, None))
    return tuple(spells)


def carried_by_person(picture: Custody, items: Container[str]) -> Custody:
    """The same picture, where these things travelled on the person and not in a bag."""
    told = tuple(
        replace(one, lost=replace(one.lost, with_person=True)) if one.lost and one.item in items else one
        for one in picture.items
    )
    return replace(picture, items=told)


@dataclass(frozen=True)
class Exchanged:
    """The bag of one journey was with the person of another, and that one's bag with this person.

    `spells`: of the other journey; `until` is None where nobody has said that they were swapped back.
    """

    number: str
    other_number: str
    spells: tuple[Spell, ...]
    since: datetime
    until: datetime | None

    def covers(self, at: datetime) -> bool:
        """Whether the bags had changed places at this moment."""
        return self.since <= at and (self.until is None or at < self.until)


def with_exchange(picture: Custody, two: Exchanged) -> Custody:
    """The same picture, where each span that touches the exchange names who may have held the bag then."""
    told = tuple(
        replace(one, lost=replace(one.lost, exchanged=_exchanged(one.lost, two))) if one.lost else one
        for one in picture.items
    )
    return replace(picture, items=told)


def _exchanged(lost: Lost, two: Exchanged) -> str:
    start, end = max(lost.last_seen.at, two.since), lost.first_missing.at
    end = end if two.until is None else min(end, two.until)
    if lost.with_person or start > end:
        return ""
    others = held_between(two.spells, start, end)
    return (
        f" Bags {two.number} and {two.other_number} had changed places: "
        f"bag {two.number} may then have been with: {', '.join(others)}."
    )


def _item(name: str, checks: list[ItemCheck], spells: Sequence[Spell]) -> Item:
    last_seen: ItemCheck | None = None
    first_missing: ItemCheck | None = None
    for check in checks:
        if check.status.is_seen:
            last_seen, first_missing = check, None
        elif check.status.is_settled:
            first_missing = None
        elif check.status is Status.MISSING and first_missing is None:
            # Also after "kept by family": every page carries that answer on, so that somebody who says
            # missing says that it was a slip, or is no longer so.
            first_missing = check
    status = checks[-1].status
    lost = None
    if last_seen is not None and first_missing is not None:
        lost = Lost(name, last_seen, first_missing, _held_in_span(spells, last_seen, first_missing))
    return Item(name, status, last_seen, first_missing, lost)


def _held_in_span(spells: Sequence[Spell], seen: ItemCheck, missing: ItemCheck) -> tuple[str, ...]:
    """The holders in the span. A check made by someone who has the bag by no handover names them as well."""
    held = list(held_between(spells, seen.at, missing.at))
    if seen.holder and seen.holder not in held_between(spells, seen.at, seen.at):
        held.insert(0, seen.holder)
    if missing.holder and missing.holder not in held_between(spells, missing.at, missing.at):
        held.append(missing.holder)
    return tuple(dict.fromkeys(held))


def _counts(checks: list[ItemCheck]) -> Counts:
    def seen_at(step: Step) -> int | None:
        latest = {check.item: check.status for check in checks if check.step is step}
        return sum(status.is_seen for status in latest.values()) if latest else None

    return Counts(
        packed=seen_at(Step.PACKING),
        arrived=seen_at(Step.ADMISSION),
        went_back=seen_at(Step.DISCHARGE),
        came_home=seen_at(Step.RETURN),
    )
