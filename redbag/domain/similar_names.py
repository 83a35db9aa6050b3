"""Warning of the same or a similar name among the residents of one home.

Two residents can leave together, and the label carries no name. The warning is for people who will
compare date of birth, room and photo: it prefers one warning too many to one too few, and gives its
reason.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from redbag.domain.name_words import LONGEST_READ


class Reason(IntEnum):
    """Why two names may be mistaken for each other, the most alike first."""

    SAME_NAME = 1
    OTHER_WAY_ROUND = 2
    SAME_SURNAME = 3
    PART_OF_SURNAME = 4
    FIRST_NAME_AND_INITIAL = 5
    SOUNDS_ALIKE = 6
    LOOKS_ALIKE = 7

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Reason.SAME_NAME: "Same name",
    Reason.OTHER_WAY_ROUND: "Same names the other way round",
    Reason.SAME_SURNAME: "Same surname",
    Reason.PART_OF_SURNAME: "Shares part of the surname",
    Reason.FIRST_NAME_AND_INITIAL: "Same first name, and a surname with the same first letter",
    Reason.SOUNDS_ALIKE: "Surname sounds alike",
    Reason.LOOKS_ALIKE: "Surname is spelt almost alike",
}

_TITLES = frozenset(
    {"mr", "mrs", "miss", "ms", "mx", "dr", "sir", "dame", "lady", "lord", "rev", "father", "sister"}
)

# Soundex classes. Letters that start alike in sound share a first sign too (Catherine, Kathryn).
_SOUNDS = {
    letter: sign
    for sign, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1)
    for letter in letters
}
_SAME_START = str.maketrans("cqvz", "kkfs")
_SOUND_LENGTH = 4


@dataclass(frozen=True)
class Similar:
    """One of the other names: its position among them, the name as given, and why it is alike."""

    position: int
    name: str
    reason: Reason


@dataclass(frozen=True)
class _Name:
    first: str
    surname: str
    parts: frozenset[str]  # a double-barrelled surname in its parts


@lru_cache(maxsize=4096)
def _name_of(text: str) -> _Name | None:
    """The parts of a full name. Kept: in a list each name is compared with every other one."""
    words = _words(text)
    if not words:
        return None
    surname = words[-1]
    return _Name(words[0], surname.replace("-", ""), frozenset(surname.split("-")) - {""})


def similar(name: str, others: Iterable[str]) -> tuple[Similar, ...]:
    """Those of the other full names that may be mistaken for this one, the most alike first.

    Names are taken as first name … surname. Case, accents, apostrophes and titles do not matter.
    """
    mine = _name_of(name)
    found = []
    for position, other in enumerate(others):
        theirs = _name_of(other)
        reason = _reason(mine, theirs) if mine and theirs else None
        if reason is not None:
            found.append(Similar(position, other, reason))
    return tuple(sorted(found, key=lambda s: (s.reason, s.position)))


def _reason(mine: _Name, theirs: _Name) -> Reason | None:
    """The first rule that applies. What has to look at each letter is asked last: a ward's list compares each
    of its people with everybody of the hospital."""
    plain = (
        (Reason.SAME_NAME, (mine.first, mine.surname) == (theirs.first, theirs.surname)),
        (Reason.OTHER_WAY_ROUND, (mine.first, mine.surname) == (theirs.surname, theirs.first)),
        (Reason.SAME_SURNAME, mine.surname == theirs.surname),
        (Reason.PART_OF_SURNAME, bool(mine.parts & theirs.parts)),
        (
            Reason.FIRST_NAME_AND_INITIAL,
            mine.first == theirs.first and mine.surname[0] == theirs.surname[0],
        ),
    )
    found = next((reason for reason, applies in plain if applies), None)
    if found is None and _sound_alike(mine.surname, theirs.surname):
        return Reason.SOUNDS_ALIKE
    if found is None and _look_alike(mine.surname, theirs.surname):
        return Reason.LOOKS_ALIKE
    return found


def _words(text: str) -> list[str]:
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text[:LONGEST_READ].casefold())
        if not unicodedata.combining(letter)
    )
    plain = re.sub(r"[‐‑‒–—]", "-", re.sub(r"['’‘`´.]", "", plain))
    words = [word.strip("-_") for word in re.findall(r"[\w-]+", plain)]
    words = [word for word in words if word]
    while len(words) > 1 and words[0] in _TITLES:
        words.pop(0)
    return words


def _sound_alike(one: str, other: str) -> bool:
    """The same Soundex code. Codes of one sound only (Lee, Lowe, Law) are too short to tell."""
    code = _sound(one)
    return len(code) > 2 and code == _sound(other)


@lru_cache(maxsize=4096)
def _sound(word: str) -> str:
    """Soundex: the first letter and up to three classes of consonants; vowels part, h and w do not."""
    if not word or not "a" <= word[0] <= "z":
        return ""
    spoken = word.replace("ph", "f")
    code = spoken[0].translate(_SAME_START)
    last = _SOUNDS.get(spoken[0])
    for letter in spoken[1:]:
        sign = _SOUNDS.get(letter)
        if sign is not None and sign != last:
            code += str(sign)
        if letter not in "hw":
            last = sign
    return code[:_SOUND_LENGTH]


@lru_cache(maxsize=16_384)
def _look_alike(one: str, other: str) -> bool:
    """One slip apart, or two in long names; names of three letters differ by one slip too easily."""
    shorter = min(len(one), len(other))
    if shorter < 4:
        return False
    allowed = 2 if shorter >= 7 else 1
    return abs(len(one) - len(other)) <= allowed and _slips(one, other) <= allowed


def _slips(one: str, other: str) -> int:
    """Letters put in, left out, changed, or swapped with their neighbour (optimal string alignment)."""
    rows = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, opposite in enumerate(other, 1):
            least = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                least = min(least, rows[-2][j - 2] + 1)
            row.append(least)
        rows.append(row)
    return rows[-1][-1]
