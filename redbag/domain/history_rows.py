"""The rows of a file of earlier stays: what each says, what in it cannot be kept, what has to be said.

Read one at a time, so that a file of a million rows needs no more memory than a short one: of what is wrong
and what was guessed at, examples and counts are kept. Nothing here knows what is loaded already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import NamedTuple, TypeVar

from redbag.domain import history_cells
from redbag.domain import import_cells as cells
from redbag.domain.errors import Invalid
from redbag.domain.history_columns import HEADINGS, UNKNOWN_END, Headed
from redbag.domain.import_cells import YOUNGEST, Cell, CellKind, Line
from redbag.domain.import_columns import plain
from redbag.domain.import_rows import Fault, shown
from redbag.domain.london_time import format_birth_date, format_day

EARLIEST = date(2000, 1, 1)
"""An admission before this day is taken for a slip. Ours: no baseline goes back so far."""
LONG_DAYS = 365
MOST_FAULTS = 100
MOST_EXAMPLES = 20
_MOST_WORDS = 500  # different ones that are counted by name
_REMEMBERED = 50_000  # cells whose reading is kept: days, names of homes and the like come again and again
_T = TypeVar("_T")


class EarlierStay(NamedTuple):
    """One row as it was read. `print`: what it says, as a hash that holds no reference in clear.

    `person_key`: the person's reference under the installation's key; "" where the file names none.
    `hospital_words`: a hospital that is not set up here, as it is written.
    """

    sheet: str
    number: int
    home_id: int
    admitted: date
    discharged: date | None
    reason: str
    age: int | None
    hospital_id: int | None
    hospital_words: str
    with_bag: bool | None
    ended_as: str
    journey_type: str
    person_key: str
    print: str


@dataclass(frozen=True)
class Places:
    """Homes or hospitals by what a file may call them: `by_name` as plain() writes a name."""

    by_name: Mapping[str, tuple[int, ...]]
    by_code: Mapping[str, int]

    def find(self, text: str) -> int | None:
        """The one that is meant; None where it is not known. Raises ValueError where two have the name."""
        code = self.by_code.get(text.replace(" ", "").upper())
        if code is not None:
            return code
        found = self.by_name.get(plain(text), ())
        if len(found) > 1:
            raise ValueError(f"{len(found)} have this name. Write the ODS code.")
        return found[0] if found else None


@dataclass(frozen=True)
class Setting:
    """What a file is read against.

    `own_home`: the only home that whoever loads it may load; None for all. `recorded_from`: by home, the
    day from which Red Bag itself has its stays. `leave_out_recorded`: rows from then on are left out and
    counted; else each is an error. `hashed`: a person's reference under the installation's key, by home.
    """

    homes: Places
    hospitals: Places
    own_home: int | None
    recorded_from: Mapping[int, date]
    today: date
    hashed: Callable[[int, str], str]
    leave_out_recorded: bool = False


@dataclass
class Tally:
    """What is said about a whole file beside its stays. `wrong`: all faulty cells; `faults`: the first."""

    rows: int = 0
    wrong: int = 0
    recorded: int = 0
    faults: list[Fault] = field(default_factory=list)
    said: list[Fault] = field(default_factory=list)
    days_said: int = 0
    young: int = 0
    long: int = 0
    strange_hospitals: Counter[str] = field(default_factory=Counter)
    other_reasons: Counter[str] = field(default_factory=Counter)

    def fault(self, fault: Fault) -> None:
        self.wrong += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(fault)


class WrongRows(Invalid):
    """Rows that cannot be loaded: `faults` are the first of `wrong`. Nothing of the file is."""

    def __init__(self, tally: Tally) -> None:
        counted = "1 cell" if tally.wrong == 1 else f"{tally.wrong:,} cells"
        super().__init__({"file": f"Nothing was loaded: {counted} must be put right first."})
        self.faults = tally.faults
        self.wrong = tally.wrong
        self.recorded = tally.recorded


class Reader:
    """Reads the rows of one sheet. What it has to say stands in `tally`."""

    def __init__(self, headed: Headed, setting: Setting, tally: Tally) -> None:
        if setting.own_home is None and "home" not in headed.places:
            raise Invalid({"file": "There must be a column “Home”, with the name or ODS code of each home."})
        self._sheet, self._places = headed.sheet, headed.places
        self._in, self._tally = setting, tally
        self._read: dict[tuple[str, str, bool], object] = {}

    def read(self, line: Line) -> EarlierStay | None:
        """The stay of a row; None where the row is faulty or left out."""
        self._tally.rows += 1
        before = self._tally.wrong
        home = self._home(line)
        began = self._value(line, "admitted", history_cells.stay_day)
        ended_on = self._value(line, "discharged", history_cells.end)
        admitted = None if began is None else began.day
        discharged = None if ended_on is None else ended_on.day
        if began is None and not self._cell(line, "admitted").text:
            self._wrong(line, "admitted", "This cell is empty.")
        reason: str = self._value(line, "reason", history_cells.reason) or ""
        age: int | None = self._value(line, "age", history_cells.age)
        hospital: tuple[int | None, str] = self._value(line, "hospital", self._hospital) or (None, "")
        bag: bool | None = self._value(line, "bag", history_cells.bag)
        ended = self._value(line, "ended", history_cells.ended) or UNKNOWN_END
        kind = self._value(line, "kind", history_cells.kind) or ""
        person: str = self._value(line, "person", history_cells.person) or ""
        if admitted is not None:
            self._check_days(line, admitted, discharged)
        if self._tally.wrong > before or admitted is None or home is None:
            return None
        if self._is_recorded(line, home, admitted):
            return None
        if discharged is None:
            ended = ""
        for column, day in (("admitted", began), ("discharged", ended_on)):
            if day is not None and day.said:
                self._say(line, column, day.day)
        self._note(line, reason, age, hospital[1], admitted, discharged)
        key = self._in.hashed(home, person) if person else ""
        said = (admitted, discharged, self._words(line, "reason"), age, self._words(line, "hospital"))
        told = repr((*map(str, said), bag, ended, kind, key))
        return EarlierStay(
            self._sheet,
            line.number,
            home,
            admitted,
            discharged,
            reason,
            age,
            hospital[0],
            hospital[1],
            bag,
            ended,
            kind,
            key,
            sha256(told.encode()).hexdigest()[:32],
        )

    def _cell(self, line: Line, key: str) -> Cell:
        place = self._places.get(key)
        return line.cells[place] if place is not None and place < len(line.cells) else _NOTHING

    def _words(self, line: Line, key: str) -> str:
        """What stands in a cell, as two files that say the same have it."""
        return plain(self._cell(line, key).text)

    def _value(self, line: Line, key: str, reading: Callable[[Cell], _T]) -> _T | None:
        cell = self._cell(line, key)
        if cell.blank and cell.kind is CellKind.TEXT:
            return None
        known = (key, cell.text, cell.kind is CellKind.TEXT)
        if known in self._read:
            return self._read[known]  # type: ignore[return-value]
        try:
            found = reading(cell)
        except ValueError as problem:
            self._wrong(line, key, str(problem))
            return None
        if len(self._read) < _REMEMBERED:
            self._read[known] = found
        return found

    def _wrong(self, line: Line, key: str, message: str) -> None:
        cell = self._cell(line, key)
        # A person's reference is never shown: an error may be that it is a name or an NHS number.
        words = "not shown" if key == "person" else shown(cell)
        self._tally.fault(Fault(self._sheet, line.number, HEADINGS[key], words, message))

    def _home(self, line: Line) -> int | None:
        own = self._in.own_home
        found = self._value(line, "home", self._named_home)
        if found is None and own is None and self._cell(line, "home").blank:
            self._wrong(line, "home", "This cell is empty. Write the home’s name or ODS code.")
        return own if found is None and self._cell(line, "home").blank else found

    def _named_home(self, cell: Cell) -> int:
        found = self._in.homes.find(cells.text(cell, 200))
        if found is None or (self._in.own_home is not None and found != self._in.own_home):
            if self._in.own_home is not None:
                raise ValueError(
                    "This is not your home. A file of several homes is loaded by the administrator."
                )
            raise ValueError(
                "No care home is called so here. Write its name as Red Bag has it, or its ODS code."
            )
        return found

    def _hospital(self, cell: Cell) -> tuple[int | None, str]:
        text = cells.text(cell, 120)
        found = self._in.hospitals.find(text)
        return (found, "") if found is not None else (None, text)

    def _check_days(self, line: Line, admitted: date, discharged: date | None) -> None:
        """Says why the days cannot be right."""
        if admitted > self._in.today:
            self._wrong(line, "admitted", "This day is in the future. Check the year.")
        elif admitted < EARLIEST:
            self._wrong(line, "admitted", f"This is before {EARLIEST.year}. Check the year.")
        if discharged is not None and discharged > self._in.today:
            self._wrong(line, "discharged", "This day is in the future. Check the year.")
        elif discharged is not None and discharged < admitted:
            self._wrong(line, "discharged", f"This is before the admission on {format_day(admitted)}.")

    def _is_recorded(self, line: Line, home: int, admitted: date) -> bool:
        """Whether Red Bag has this stay itself: left out and counted, or an error."""
        since = self._in.recorded_from.get(home)
        if since is None or admitted < since:
            return False
        self._tally.recorded += 1
        if not self._in.leave_out_recorded:
            self._wrong(
                line,
                "admitted",
                f"Red Bag has this home’s stays from {format_day(since)} on: this one would count twice.",
            )
        return True

    def _say(self, line: Line, key: str, day: date) -> None:
        """Says how a date was read that could have been read otherwise."""
        self._tally.days_said += 1
        if len(self._tally.said) < MOST_EXAMPLES:
            words, cell = f"Read as {format_birth_date(day)}.", shown(self._cell(line, key))
            self._tally.said.append(Fault(self._sheet, line.number, HEADINGS[key], cell, words))

    def _note(
        self,
        line: Line,
        reason: str,
        age: int | None,
        hospital: str,
        admitted: date,
        discharged: date | None,
    ) -> None:
        tally = self._tally
        tally.young += age is not None and age < YOUNGEST
        tally.long += discharged is not None and (discharged - admitted).days > LONG_DAYS
        if hospital:
            _count(tally.strange_hospitals, hospital)
        if reason == "other" and self._words(line, "reason") not in history_cells.REASON_WORDS:
            _count(tally.other_reasons, self._cell(line, "reason").text)


_NOTHING = Cell()
_UNKNOWN_HOME = "No care home is called so here. Write its name as Red Bag has it, or its ODS code."
_OTHER_HOME = "This is not your home. A file of several homes is loaded by the administrator."


def _count(words: Counter[str], text: str) -> None:
    """Counts a word by itself, as long as there are not too many different ones."""
    words[text if text in words or len(words) < _MOST_WORDS else "and others"] += 1
