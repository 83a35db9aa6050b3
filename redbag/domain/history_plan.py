"""What loading a file of earlier stays would do: what is new, what is there already, what contradicts it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import NamedTuple

from redbag.domain.history_columns import HEADINGS
from redbag.domain.history_rows import EarlierStay, Tally
from redbag.domain.import_rows import Fault
from redbag.domain.london_time import format_birth_date

AT_ONCE = 500


class Keyed(NamedTuple):
    """A stay with its key: what its row says, and which of the rows of its home that say so it is."""

    stay: EarlierStay
    key: str


class Known(NamedTuple):
    """What is loaded already. `homes`: those with earlier stays; `keys`: which of some keys they have, by
    home; `still_open`: the file of each stay without an end, by home, admission and person."""

    homes: Collection[int]
    keys: Callable[[list[str]], set[tuple[int, str]]]
    still_open: Mapping[tuple[int, date, str], str]


@dataclass
class HomePart:
    """What one home gets of a file. Days of admission and discharge."""

    stays: int = 0
    first_admitted: date = date.max
    first_discharged: date = date.max
    last_day: date = date.min

    def add(self, stay: EarlierStay) -> None:
        self.stays += 1
        self.first_admitted = min(self.first_admitted, stay.admitted)
        self.first_discharged = min(self.first_discharged, stay.discharged or date.max)
        self.last_day = max(self.last_day, stay.discharged or stay.admitted)

    def first_day(self, *, open_at_start: bool) -> date:
        """From when on the file is whole. With those who were in hospital already, the first discharge:
        their admissions lie before it, each by itself."""
        if open_at_start and self.first_discharged < date.max:
            return self.first_discharged
        return self.first_admitted


@dataclass
class Plan:
    """What loading would do. `rows`: those gone through; `equal`: of them, how many say the same as an
    earlier one of their home; `already`: how many are loaded."""

    rows: int = 0
    already: int = 0
    equal: int = 0
    open: int = 0
    died: int = 0
    with_people: int = 0
    bags: Counter[bool | None] = field(default_factory=Counter)
    homes: dict[int, HomePart] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    @property
    def new(self) -> int:
        return sum(part.stays for part in self.homes.values())

    @property
    def first_day(self) -> date:
        return min(part.first_admitted for part in self.homes.values())

    @property
    def last_day(self) -> date:
        return max(part.last_day for part in self.homes.values())

    @property
    def fingerprint(self) -> str:
        """Changes when somebody else has loaded or taken out what this file holds too."""
        return f"{self.new}.{self.already}"

    def add(self, stay: EarlierStay) -> None:
        self.open += stay.discharged is None
        self.died += stay.ended_as == "died"
        self.with_people += bool(stay.person_key)
        self.bags[stay.with_bag] += 1
        self.homes.setdefault(stay.home_id, HomePart()).add(stay)


def new_ones(numbered: Iterable[tuple[EarlierStay, int]], known: Known, plan: Plan) -> Iterator[list[Keyed]]:
    """The stays that are not loaded yet, some hundred at a time; `plan` counts as they go by.

    A stay that is there without an end is a fault in `plan.tally`: it would count twice.
    """
    left = iter(numbered)
    while batch := list(islice(left, AT_ONCE)):
        keyed = [Keyed(stay, f"{stay.print}.{place}") for stay, place in batch]
        plan.rows += len(batch)
        plan.equal += sum(place > 1 for _, place in batch)
        met = [one.key for one in keyed if one.stay.home_id in known.homes]
        there = known.keys(met) if met else set()
        fresh = [one for one in keyed if (one.stay.home_id, one.key) not in there]
        plan.already += len(keyed) - len(fresh)
        for one in fresh:
            plan.add(one.stay)
            _meets_open(one.stay, known, plan.tally)
        yield fresh


def _meets_open(stay: EarlierStay, known: Known, tally: Tally) -> None:
    name = known.still_open.get((stay.home_id, stay.admitted, stay.person_key))
    if name is None:
        return
    day = format_birth_date(stay.admitted)
    tally.fault(
        Fault(
            stay.sheet,
            stay.number,
            HEADINGS["admitted"],
            day,
            f"A stay from this day on was loaded with “{name}” as still in hospital. Take that file out "
            "first, and load one in which each stay stands once.",
        )
    )
