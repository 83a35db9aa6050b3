"""What a transfer pack is made from: the person, the record, the medicines, today, as the home has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from redbag.domain.medicine_line import Line
from redbag.domain.pack import HomeCard, PackItem
from redbag.domain.papers import PackFile
from redbag.domain.record import Values


@dataclass(frozen=True)
class SourcePerson:
    """The resident as the home knows them."""

    name: str
    preferred_name: str
    date_of_birth: date
    nhs_number: str
    gender: str
    room: str
    gp_practice: str
    first_language: str
    interpreter: str
    usual_news2: int | None
    usual_news2_on: date | None


@dataclass(frozen=True)
class SourceMedicine:
    """One medicine of the standing list, with what a Line does not hold."""

    ref: str
    line: Line
    indication: str = ""
    as_needed_rules: str = ""
    allergy_conflict: str = ""
    started_on: date | None = None
    review_on: date | None = None
    paused: str = ""


@dataclass(frozen=True)
class SourceSection:
    """The kept answers of one section and its last review."""

    answers: Values
    reviewed_at: datetime | None = None
    reviewed_by: str = ""


@dataclass(frozen=True)
class PackSource:
    """Everything that a pack is made from. `departed_at` (UTC): None before the person has left.

    `infection_told`: the home said at the handover that it had told the crew of an infection.
    """

    transfer_ref: str
    journey_type: str
    reason: str
    home: HomeCard
    hospital: str
    bag_number: str
    person: SourcePerson
    sections: Mapping[str, SourceSection] = field(default_factory=dict)
    medicines: tuple[SourceMedicine, ...] = ()
    facts: Mapping[str, Values] = field(default_factory=dict)
    items: tuple[PackItem, ...] = ()
    files: tuple[PackFile, ...] = ()
    departed_at: datetime | None = None
    infection_told: bool = False

    def answers(self, key: str) -> Values:
        """The kept answers of a section of the record; empty where nobody wrote any."""
        found = self.sections.get(key)
        return found.answers if found else {}

    def today(self, key: str) -> Values:
        """Today's answers of one kind; empty where there are none. `saved_at`: when they were kept."""
        answers = self.facts.get(key) or {}
        saved_at = (self.facts.get("saved_at") or {}).get(key)
        return {**answers, "saved_at": saved_at} if saved_at and answers else answers
