"""The dictionary of medicines and devices (dm+d), as far as it is offered while somebody types.

Source: NHS Business Services Authority, dm+d, as published in XML: VTM (moiety), VMP (generic product),
AMP (a maker's product). A code stands beside what was written and is never needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from redbag.domain import name_words

FEWEST_LETTERS = 2
_LONGEST_WORD = 60


class Level(StrEnum):
    """How particular a concept is, in the order in which concepts are offered: a MAR names products."""

    VMP = "VMP"
    AMP = "AMP"
    VTM = "VTM"

    @property
    def label(self) -> str:
        return {"VMP": "generic product", "AMP": "maker’s product", "VTM": "ingredient"}[self.value]


@dataclass(frozen=True)
class Concept:
    """One concept of a release. `parent_code`: the VMP of an AMP, the VTM of a VMP, or ""."""

    code: str
    level: Level
    name: str
    parent_code: str = ""
    discontinued: bool = False


@dataclass(frozen=True)
class Difference:
    """What loading a release has to write. `gone`: codes that the release does not have any more."""

    added: tuple[Concept, ...]
    changed: tuple[Concept, ...]
    gone: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.added) + len(self.changed) + len(self.gone)


def compare(known: Mapping[str, Concept], release: Iterable[Concept]) -> Difference:
    """A release against what was loaded before. Only levels that the release holds can lose a concept."""
    newest = {concept.code: concept for concept in release}
    levels = {concept.level for concept in newest.values()}
    return Difference(
        added=tuple(concept for code, concept in newest.items() if code not in known),
        changed=tuple(c for code, c in newest.items() if code in known and known[code] != c),
        gone=tuple(
            code
            for code, concept in known.items()
            if code not in newest and concept.level in levels and not concept.discontinued
        ),
    )


def index_words(concept: Concept) -> list[str]:
    """The words under which the concept is found, folded, each once; none when it is discontinued."""
    if concept.discontinued:
        return []
    return list(dict.fromkeys(word[:_LONGEST_WORD] for word in name_words.words(concept.name)))
