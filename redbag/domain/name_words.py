"""Finding a person by the start of any word of any of their names, however it was typed.

Case and accents do not matter, nor do apostrophes and hyphens: "obr" and "bri" both find O’Brien.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_READ = 1000
"""Characters of a text that are compared: normalising takes the square of the length."""
_APOSTROPHES = re.compile("['’‘`´]")


def fold(text: str) -> str:
    """The text without case and accents, as it is compared."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST_READ]).casefold()
    return "".join(mark for mark in plain if not unicodedata.combining(mark))


def words(text: str) -> list[str]:
    """The words of a search, folded. Hyphens divide words; an apostrophe does not."""
    return re.findall(r"\w+", _APOSTROPHES.sub("", fold(text)))


def index(*names: str) -> str:
    """Every word of these names, folded, each after a space: what `Resident.name_words` holds.

    The parts on either side of an apostrophe are words of their own beside the whole.
    """
    found: dict[str, None] = {}
    for name in names:
        found |= dict.fromkeys(words(name))
        found |= dict.fromkeys(re.findall(r"\w+", _APOSTROPHES.sub(" ", fold(name))))
    return "".join(f" {word}" for word in found)
