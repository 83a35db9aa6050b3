"""Who of the home a row is about. Never by the NHS number alone, and never by a guess.

A row is somebody's when NHS number and date of birth agree, or when name and date of birth agree and no
two numbers contradict. Whatever else looks like somebody is refused with what stands on both sides, or,
where it may well be another person, asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from redbag.domain.import_rows import Person
from redbag.domain.london_time import format_birth_date, format_day
from redbag.domain.name_words import fold
from redbag.domain.nhs_number import format_334
from redbag.domain.similar_names import similar


@dataclass(frozen=True)
class Known:
    """A resident of the home as far as matching goes; also one who has left."""

    ref: str
    person: Person
    room: str = ""
    left_on: date | None = None

    @property
    def words(self) -> str:
        """Name, date of birth and place, for telling two people apart."""
        place = f"room {self.room}" if self.room else "room not recorded"
        if self.left_on:
            place = f"left on {format_day(self.left_on)}"
        return f"{self.person.name}, born {_born(self.person)}, {place}"


class MatchError(ValueError):
    """The row cannot be said to be anybody's, nor to be a new person. The message says why."""


def find(person: Person, everybody: Sequence[Known]) -> Known | None:
    """The resident that the row is about, or None for somebody new. Raises MatchError."""
    holders = [k for k in everybody if person.nhs_number and k.person.nhs_number == person.nhs_number]
    if holders:
        return _by_number(person, holders)
    found = [k for k in everybody if same_name_and_birth(k.person, person)]
    if not found:
        return None
    if len(found) > 1:
        both = " and ".join(known.words for known in found)
        raise MatchError(f"This could be {both}. Give the NHS number, here and in Red Bag.")
    known = found[0]
    if person.nhs_number and known.person.nhs_number:
        raise MatchError(
            f"{known.words}, has the NHS number {format_334(known.person.nhs_number)} in Red Bag. "
            "Find out which number is right."
        )
    return _living_here(known)


def _by_number(person: Person, holders: Sequence[Known]) -> Known:
    number = format_334(person.nhs_number or "")
    fitting = [known for known in holders if known.person.born == person.born]
    if len(fitting) > 1:
        both = " and ".join(known.words for known in fitting)
        raise MatchError(f"{both} both have {number}. Put that right in Red Bag first.")
    if not fitting:
        raise MatchError(
            f"In Red Bag {number} belongs to {holders[0].words}. The number or the date of birth is wrong."
        )
    known = fitting[0]
    if _shares_no_name(known.person, person):
        raise MatchError(
            f"In Red Bag {number} and this date of birth belong to {known.words}. If it is the same person "
            "under another name, change the name in Red Bag first."
        )
    return _living_here(known)


def _living_here(known: Known) -> Known:
    if known.left_on:
        raise MatchError(f"{known.words}. If they live here again, put them back on the list first.")
    return known


def same_name_and_birth(one: Person, other: Person) -> bool:
    """Whether both have the same first and family name, however accented, and the same date of birth."""
    return one.born == other.born and _names(one) == _names(other)


def same_person(one: Person, other: Person) -> bool:
    """Whether two rows of one file are about one person: as find(), without anything to be asked."""
    if one.nhs_number and other.nhs_number:
        return one.nhs_number == other.nhs_number and one.born == other.born
    return same_name_and_birth(one, other)


def agrees_in_name(row: Person, names: Iterable[Person]) -> bool:
    """Whether a medicine's row names its person as Red Bag or the residents of the same file do."""
    return any(_names(row) == _names(person) for person in names)


def lookalikes(person: Person, everybody: Iterable[Known]) -> list[Known]:
    """Residents whom a new person may be after all: a slip in the name, or in the date of birth."""
    others = list(everybody)
    alike = {found.position for found in similar(person.name, [known.person.name for known in others])}
    return [
        known
        for position, known in enumerate(others)
        if (known.person.born == person.born and position in alike) or _names(known.person) == _names(person)
    ]


def _names(person: Person) -> tuple[str, str]:
    return " ".join(fold(person.given_name).split()), " ".join(fold(person.family_name).split())


def _shares_no_name(one: Person, other: Person) -> bool:
    return not set(" ".join(_names(one)).split()) & set(" ".join(_names(other)).split())


def _born(person: Person) -> str:
    return format_birth_date(date.fromisoformat(person.born))
