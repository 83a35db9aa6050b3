"""Answers that are remembered: what a report page has counted once is not counted again while nothing that it
was counted from has changed (docs/adr/0029-answers-that-are-remembered.md).

Remembered are figures of one place, never of a person; in this process alone, and a bounded number of
them. Who asks is let in, and written down, as if nothing were remembered. Oversight readers' figures are kept
counts already, and change with every home: theirs are not remembered.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock
from typing import Any, TypeVar

from flask import Flask, current_app

from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Role
from redbag.queries import place_changes
from redbag.queries.place_changes import Stamp
from redbag.web.guards import actor, now

Found = TypeVar("Found")
Make = Callable[[Collection[int] | None], Found]
_NAME = "redbag_remembered"
_Key = tuple[str, Role, int, str, date, Hashable]


@dataclass(frozen=True)
class _Answer:
    """What was found, under which stamp, and what it weighs."""

    found: Any
    others: frozenset[int]
    stamp: Stamp
    weight: int


class Remembered:
    """The last answers of one process, as many as fit: `most` by number, `weight` by what they weigh."""

    def __init__(self, most: int = 200, weight: int = 200_000) -> None:
        self._most, self._weight = most, weight
        self._kept: OrderedDict[_Key, _Answer] = OrderedDict()
        self._lock = Lock()

    def get(self, key: _Key) -> _Answer | None:
        """The answer of this key, which is now the last that goes."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: _Key, answer: _Answer) -> None:
        """Keeps an answer, and forgets those that were asked for longest ago where there is no room."""
        with self._lock:
            self._kept.pop(key, None)
            if answer.weight <= self._weight:
                self._kept[key] = answer
            while len(self._kept) > self._most or self.weight > self._weight:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        """Everything is counted anew."""
        with self._lock:
            self._kept.clear()

    @property
    def weight(self) -> int:
        """What all that is kept weighs."""
        return sum(one.weight for one in self._kept.values())

    def __len__(self) -> int:
        return len(self._kept)


def begin(app: Flask) -> None:
    """Makes room for answers in an application."""
    app.extensions[_NAME] = Remembered()


def answers() -> Remembered:
    """What this process remembers."""
    found: Remembered = current_app.extensions[_NAME]
    return found


def answer(page: str, asked: Hashable, make: Make[Found], weigh: Callable[[Found], int]) -> Found:
    """What `make` finds for the place of whoever asks, or what it found before, where nothing that concerns
    the place has changed since. It may depend on `asked`, on the place, on the reader's role and on the last
    complete day, and on nothing else; it may hold no person. It is told the place's others as far as they
    are known (place_changes.others). `weigh`: roughly how many cells it has.

    The number of the place is read before anything is counted. A change that comes in between is in what was
    counted and not in the number: then it is counted once more for nothing, never once too seldom.
    """
    reader = actor()
    if reader.role is Role.OVERSIGHT:
        return make(None)
    key = (
        *(page, reader.role, reader.organisation_id, reader.organisation_name),
        *(last_complete_day(now()), asked),
    )
    kept = answers()
    before = kept.get(key)
    others = before.others if before else frozenset()
    stamp = place_changes.stamp(reader, others)
    if before and stamp == before.stamp:
        found: Found = before.found
        return found
    if stamp and not (before and stamp.own == before.stamp.own):
        # Which others there are goes by the place's own records, whose number was read before them.
        known, others = others, place_changes.others(reader)
        every = stamp if others == known else place_changes.stamp(reader, others)
        stamp = every and replace(every, own=stamp.own)
    made = make(others if stamp else None)
    if stamp:
        kept.put(key, _Answer(made, others, stamp, weigh(made)))
    return made
