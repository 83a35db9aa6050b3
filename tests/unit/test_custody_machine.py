"""Random journeys against what truly happened: handovers and checks, late, wrong, corrected and taken back.

The machine knows where the bag and each thing truly are, and when a thing was truly lost. What it records of
that is what people record: some of it late, some of it wrong and put right afterwards.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from redbag.domain.custody import Custody, Handover, ItemCheck, Status, Step, custody

START = datetime(2026, 11, 3, 8, 0, tzinfo=UTC)
HOME = "The Elms"
PLACES = (HOME, "crew 7", "ED", "Ward 5", "Ward 9", "transport")
THINGS = ("dentures", "glasses", "watch")

places = st.sampled_from(PLACES)
things = st.sampled_from(THINGS)
later = st.integers(1, 90)


class Journeys(RuleBasedStateMachine):
    """One bag with three things in it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.holder = HOME
        self.held: list[tuple[datetime, str]] = [(START, HOME)]
        self.lost_at: dict[str, datetime] = {}
        self.with_family: set[str] = set()
        self.handovers: list[Handover] = []
        self.checks: list[ItemCheck] = []
        self.unwritten: list[Handover | ItemCheck] = []
        self.wrong: list[Handover | ItemCheck] = []
        self.number = 0

    @initialize()
    def packed(self) -> None:
        for thing in THINGS:
            self._write(self._check(thing, Status.PRESENT, Step.PACKING))

    # What truly happens.

    @rule(to=places, minutes=later, late=st.booleans())
    def hand_over(self, to: str, minutes: int, late: bool) -> None:
        if to == self.holder:
            return
        self._pass_time(minutes)
        event = Handover(self.now, self.holder, to, recorded_at=self.now, ref=self._ref())
        self.holder = to
        self.held.append((self.now, to))
        self._write_or_keep(event, late)

    @rule(thing=things, minutes=later)
    def lose(self, thing: str, minutes: int) -> None:
        self._pass_time(minutes)
        if thing not in self.with_family:
            self.lost_at.setdefault(thing, self.now)

    @rule(thing=things, minutes=later)
    def find(self, thing: str, minutes: int) -> None:
        """It turns up, and somebody sees it at once."""
        if thing in self.lost_at:
            self._pass_time(minutes)
            del self.lost_at[thing]
            self._write(self._check(thing, Status.PRESENT))

    @rule(thing=things, minutes=later, used=st.booleans())
    def leave_with_family(self, thing: str, minutes: int, used: bool) -> None:
        if thing not in self.lost_at and thing not in self.with_family:
            self._pass_time(minutes)
            self.with_family.add(thing)
            self._write(self._check(thing, Status.USED_UP if used else Status.KEPT_BY_FAMILY))

    # What is written down of it.

    @rule(thing=things, minutes=later, late=st.booleans())
    def look(self, thing: str, minutes: int, late: bool) -> None:
        self._pass_time(minutes)
        if thing in self.with_family:
            # The pages carry this answer on.
            status = Status.KEPT_BY_FAMILY
        else:
            status = Status.MISSING if thing in self.lost_at else Status.PRESENT
        self._write_or_keep(self._check(thing, status), late)

    @rule(minutes=later)
    @precondition(lambda self: self.unwritten)
    def write_late(self, minutes: int) -> None:
        self._pass_time(minutes)
        self._write(replace(self.unwritten.pop(), recorded_at=self.now))

    @rule(thing=things, to=places, minutes=later, of_bag=st.booleans())
    def write_wrongly(self, thing: str, to: str, minutes: int, of_bag: bool) -> None:
        """A handover that never was, or a thing that was looked for in the wrong bag."""
        self._pass_time(minutes)
        wrong: Handover | ItemCheck = (
            Handover(self.now, self.holder, to, recorded_at=self.now, ref=self._ref())
            if of_bag
            else self._check(thing, Status.PRESENT if thing in self.lost_at else Status.MISSING)
        )
        self.wrong.append(wrong)
        self._write(wrong)

    @rule(minutes=later, only_corrected=st.booleans())
    @precondition(lambda self: self.wrong)
    def put_right(self, minutes: int, only_corrected: bool) -> None:
        """Taken back; or, of a check, first corrected by another wrong word, and that taken back."""
        self._pass_time(minutes)
        wrong = self.wrong.pop()
        right = replace(wrong, ref=self._ref(), corrects=wrong.ref, recorded_at=self.now)
        if only_corrected and isinstance(right, ItemCheck):
            self._write(replace(right, status=Status.DAMAGED))
            self.wrong.append(right)
        else:
            self._write(replace(right, withdrawn=True))

    # What must hold whatever was written.

    @invariant()
    def one_holder_at_any_time(self) -> None:
        spells = self._picture().spells
        plain = [spell for spell in spells if not spell.unrecorded]
        assert all(one.until == other.since for one, other in pairwise(plain))
        assert [spell.until is None for spell in plain] == [False] * (len(plain) - 1) + [True]
        assert all(spell.until is None or spell.since <= spell.until for spell in spells)
        assert self._picture().holder == plain[-1].holder

    @invariant()
    def nothing_is_both_seen_and_lost(self) -> None:
        standing = self._standing_checks()
        for item in self._picture().items:
            if item.lost is None:
                continue
            seen, missing = item.lost.last_seen, item.lost.first_missing
            assert seen.status.is_seen
            assert missing.status is Status.MISSING
            assert seen.at <= missing.at
            assert item.lost.held_by
            assert not any(c.at > seen.at and c.status.is_seen for c in standing if c.item == item.item)

    @invariant()
    def the_order_of_writing_does_not_matter(self) -> None:
        mixed, looked = list(self.handovers), list(self.checks)
        random.Random(self.number).shuffle(mixed)  # noqa: S311 - an order, not a secret
        random.Random(self.number).shuffle(looked)  # noqa: S311
        assert custody(HOME, START, mixed, looked) == self._picture()

    @invariant()
    def once_everything_is_written_and_put_right_it_is_the_truth(self) -> None:
        if self.unwritten or self.wrong:
            return
        picture = self._picture()
        assert picture.holder == self.holder
        lost = {one.item: one for one in picture.lost}
        for thing in THINGS:
            truly = self.lost_at.get(thing)
            missed = [c.at for c in self._standing_checks() if c.item == thing and truly and c.at >= truly]
            assert (thing in lost) is bool(missed), thing
            if truly and missed:
                span = lost[thing]
                seen = [c.at for c in self._standing_checks() if c.item == thing and c.at < truly]
                # It holds the true loss, and no check could make it narrower.
                assert (span.last_seen.at, span.first_missing.at) == (max(seen), min(missed))
                assert self._held_at(truly) in span.held_by

    def _picture(self) -> Custody:
        return custody(HOME, START, self.handovers, self.checks)

    def _standing_checks(self) -> list[ItemCheck]:
        """What stands, worked out anew: of each chain of corrections the last, unless it is taken back."""
        chain: dict[str, ItemCheck] = {}
        root: dict[str, str] = {}
        for check in sorted(self.checks, key=lambda one: one.recorded_at or one.at):
            root[check.ref] = root.get(check.corrects, check.corrects) or check.ref
            chain[root[check.ref]] = check
        return [check for check in chain.values() if not check.withdrawn]

    def _held_at(self, at: datetime) -> str:
        return [holder for since, holder in self.held if since <= at][-1]

    def _check(self, thing: str, status: Status, step: Step = Step.OPENED) -> ItemCheck:
        return ItemCheck(thing, step, status, self.now, self.holder, self.now, self._ref())

    def _write_or_keep(self, event: Handover | ItemCheck, late: bool) -> None:
        if late:
            self.unwritten.append(event)
        else:
            self._write(event)

    def _write(self, event: Handover | ItemCheck) -> None:
        if isinstance(event, Handover):
            self.handovers.append(event)
        else:
            self.checks.append(event)

    def _pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def _ref(self) -> str:
        self.number += 1
        return f"r{self.number}"


TestJourneys = Journeys.TestCase
TestJourneys.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
