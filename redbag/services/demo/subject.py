"""Whom an invented record is about, as far as what is written must fit them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from redbag.services.demo.conditions import Condition


@dataclass(frozen=True)
class Subject:
    """Whom a record is about. `gender`: Female or Male; `implant`: in words, "" where there is none."""

    given: str
    family: str
    called: str
    gender: str
    born: date
    language: str
    conditions: tuple[Condition, ...]
    implant: str = ""

    def has(self, *keys: str) -> bool:
        """Whether they live with any of these."""
        return any(condition.key in keys for condition in self.conditions)

    def takes(self, *words: str) -> bool:
        """Whether any of their medicines has one of these words in its name."""
        taken = " ".join(dose.name for c in self.conditions for dose in c.medicines).casefold()
        return any(word in taken for word in words)
