"""The invented residents: who they are, their record and medicines, when they move in and leave."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from redbag.domain import name_words
from redbag.domain.london_time import london_day, start_of_day
from redbag.domain.medicine_fields import kinds_text
from redbag.domain.medicine_risk import high_risk_kind
from redbag.domain.pack_source import SourcePerson, SourceSection
from redbag.domain.papers import PackFile
from redbag.domain.record import SECTION_BY_KEY, Values
from redbag.domain.reviews import MEDICINES
from redbag.models import Medicine, RecordSection, Resident
from redbag.models.residents import nhs_number_index
from redbag.services.demo import names, records
from redbag.services.demo.conditions import CONDITIONS, Condition, Dose
from redbag.services.demo.dice import Dice
from redbag.services.demo.in_hospital import DOSES
from redbag.services.demo.places import Home
from redbag.services.demo.subject import Subject
from redbag.services.demo.writer import Row, Writer

FULL_RECORDS = 10_000
"""How many residents have a record and medicines; of more, only who they are."""

FAR = datetime(9999, 1, 1, tzinfo=UTC)
_NUMBERS = 1_000_000
_STEP = 7919  # has no factor in common with the count above, so that every number comes up once


@dataclass(slots=True)
class Person:
    """A resident while the two years are played. `medicines`: their rows, as they stand. `files`: the photo
    that goes along with their packs."""

    id: int
    home: Home
    who: SourcePerson
    leaves_on: date
    free_from: datetime
    sections: dict[str, SourceSection] | None = None
    medicines: list[Row] | None = None
    files: tuple[PackFile, ...] = ()
    gone: bool = False

    @property
    def answers(self) -> dict[str, Values]:
        """The kept answers by section; empty for those of whom only the name is known."""
        return {key: section.answers for key, section in (self.sections or {}).items()}

    @property
    def has_infection(self) -> bool:
        """Whether one is recorded, of which a crew can be told."""
        return bool(self.answers.get("alerts", {}).get("infections"))

    @property
    def wears_hearing_aids(self) -> bool:
        """By what is recorded of their hearing."""
        return bool(self.answers.get("needs", {}).get("hearing_detail"))

    @property
    def worth_settling(self) -> int:
        """How much there is to settle on the way home: a replaced opioid first, then many medicines."""
        opioid = any("opioid" in str(row["high_risk"]) for row in self.medicines or [])
        return 100 * opioid + len(self.medicines or [])


def nhs_number(place: int, seed: int) -> str | None:
    """The valid number from the 999 range at this place of a seed's row of them.

    No two places have the same; None where the number at the place would have no check digit, and
    beyond the last place.
    """
    if place >= _NUMBERS:
        return None
    nine = f"999{(place * _STEP + seed * 104_729) % _NUMBERS:06d}"
    total = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True))
    check = (11 - total % 11) % 11
    return None if check == 10 else f"{nine}{check}"


class Residents:
    """Everybody who lives, or has lived, in the homes."""

    def __init__(self, dice: Dice, writer: Writer, seed: int, today: date) -> None:
        self._dice, self._writer, self._seed, self._today = dice, writer, seed, today
        self._numbers = 0
        self._count = 0
        self._left: list[Row] = []
        self._leaving: list[tuple[date, int, Person]] = []
        self._changed: dict[int, Row] = {}

    def move_in(self, home: Home, day: date, known_from: datetime) -> Person:
        """A new resident, written with their record. `known_from`: when the system came to know them."""
        dice = self._dice
        self._count += 1
        full = self._count <= FULL_RECORDS
        name = names.resident(dice)
        born = self._today - timedelta(days=round(365.25 * _age(dice)))
        identity = self._identity(home, name, born, day, known_from)
        conditions = _conditions(dice) if full else ()
        person_id = self._writer.add(Resident, identity)
        # How long from now on: those who have lived here for long are not due to leave on the first day.
        stays_for = timedelta(days=round(dice.skewed(1000, 0.8)) + 30)
        leaves_on = london_day(known_from) + stays_for
        person = Person(person_id, home, _source(identity), leaves_on, known_from)
        home.residents.append(person)
        heapq.heappush(self._leaving, (person.leaves_on, person.id, person))
        if full:
            self._record(person, identity, conditions)
            person.medicines = []
            for condition in conditions:
                for dose in condition.medicines:
                    self.prescribe(person, dose, dose.strengths[0], day, "", known_from)
        return person

    def _identity(self, home: Home, name: names.Name, born: date, day: date, known_from: datetime) -> Row:
        dice = self._dice
        usual = dice.whole(0, 3) if dice.happens(0.4) else None
        scored = self._today - timedelta(days=dice.whole(10, 300))
        return {
            "ref": dice.ref(),
            "home_id": home.id,
            "given_name": name.given,
            "family_name": name.family,
            "preferred_name": name.preferred,
            "name_words": name_words.index(name.given, name.family, name.preferred),
            "date_of_birth": born,
            "nhs_number": (number := None if dice.happens(0.03) else self._number()),
            "nhs_number_index": nhs_number_index(number),
            "gender": name.gender,
            "room": self._room(home),
            "gp_practice": names.practice(dice),
            "first_language": name.language,
            "interpreter": "Needed" if name.language != "English" and dice.happens(0.4) else "Not needed",
            "usual_news2": usual,
            "usual_news2_on": None if usual is None else max(day, scored),
            "moved_in_on": day,
            "left_on": None,
            "left_why": "",
            "reviewed_at": known_from,
            "reviewed_by": home.manager.name,
            "created_at": known_from,
            "restricted_why": "",
            "kept_why": "",
            "version": 1,
        }

    def _room(self, home: Home) -> str:
        """A room that nobody else has now."""
        dice, taken = self._dice, {person.who.room for person in home.residents}
        floors = 3 if home.size > 20 else 1
        rooms = 24 if floors > 1 else max(24, home.size)
        while True:
            floor = dice.whole(1, 3) * 100 if floors > 1 else 0
            room = str(floor + dice.whole(1, rooms))
            if room not in taken:
                return room

    def _number(self) -> str | None:
        while self._numbers < _NUMBERS:
            number = nhs_number(self._numbers, self._seed)
            self._numbers += 1
            if number:
                return number
        return None

    def _record(self, person: Person, identity: Row, conditions: tuple[Condition, ...]) -> None:
        person.sections = {}
        who = Subject(
            identity["given_name"],
            identity["family_name"],
            identity["preferred_name"] or identity["given_name"],
            identity["gender"],
            identity["date_of_birth"],
            identity["first_language"],
            conditions,
        )
        for written in records.write(self._dice, who, self._today):
            reviewer = self._dice.pick(person.home.staff).name
            at = datetime.combine(self._today - timedelta(days=written.days_ago), datetime.min.time(), UTC)
            at += timedelta(hours=self._dice.whole(9, 16), minutes=self._dice.whole(0, 59))
            # Nobody looked through it before they lived here and the home wrote with Red Bag.
            at = max(at, person.free_from)
            due = london_day(at) + timedelta(days=SECTION_BY_KEY[written.key].review_days)
            self._writer.add(
                RecordSection,
                {
                    "resident_id": person.id,
                    "key": written.key,
                    "answers": written.answers,
                    "reviewed_at": at,
                    "reviewed_by": reviewer,
                    "review_due_on": due,
                    "version": 1,
                },
            )
            person.sections[written.key] = SourceSection(written.answers, at, reviewer)
        self._look_through_medicines(person)

    def _look_through_medicines(self, person: Person) -> None:
        """Somebody went through the list as a whole, of some people too long ago."""
        at = datetime.combine(self._today - timedelta(days=person.id * 7 % 34 + 1), time(14, 30), UTC)
        at = max(at, person.free_from)
        self._writer.add(
            RecordSection,
            {
                "resident_id": person.id,
                "key": MEDICINES.key,
                "answers": {},
                "reviewed_at": at,
                "reviewed_by": person.home.staff[0].name,
                "review_due_on": london_day(at) + timedelta(days=MEDICINES.review_days),
                "version": 1,
            },
        )

    def prescribe(
        self, person: Person, dose: Dose, strength: str, day: date, reason: str, at: datetime
    ) -> Row:
        """Another medicine on a person's list."""
        kinds = [kind.value for kind in high_risk_kind(dose.name, dose.form)]
        row = {
            "ref": self._dice.ref(),
            "resident_id": person.id,
            "name": dose.name,
            "form": dose.form,
            "strength": strength,
            "dose": dose.dose,
            "route": dose.route,
            "frequency": dose.frequency,
            "times": dose.times,
            "indication": reason or dose.indication,
            "as_needed": dose.frequency == "as needed",
            "as_needed_rules": dose.rules,
            "time_critical": dose.time_critical,
            "controlled": dose.controlled,
            "high_risk": kinds_text(kinds),
            "allergy_conflict": "",
            "started_on": day,
            "review_on": None,
            "code_system": "",
            "code": "",
            "paused_until": "",
            "stopped_on": None,
            "stopped_why": "",
            "changed_at": at,
            "changed_by": person.home.manager.name,
            "version": 1,
        }
        self._writer.add(Medicine, row)
        if person.medicines is not None:
            person.medicines.append(row)
        return row

    def start_medicine(self, person: Person, texts: Row, at: datetime, by: str, reason: str) -> None:
        """A medicine that came home with the person goes on the standing list."""
        row = self.prescribe(person, DOSES[texts["name"]], texts["strength"], london_day(at), reason, at)
        row["changed_by"] = by

    def change_medicine(self, row: Row, at: datetime, by: str, **new: Any) -> None:
        """Brings one medicine of the standing list up to date."""
        row.update(new, changed_at=at, changed_by=by)
        self._changed[row["id"]] = row

    def leave(self, person: Person, day: date, why: str) -> None:
        """Takes a person off the list; soon after, somebody else moves in."""
        person.gone = True
        self._left.append({"id": person.id, "left_on": day, "left_why": why})
        person.home.residents.remove(person)
        moves_in = min(day + timedelta(days=self._dice.whole(3, 30)), self._today)
        self.move_in(person.home, moves_in, max(self._morning(moves_in), self._morning(day)))

    def _morning(self, day: date) -> datetime:
        """Nine o'clock; of today only its beginning is sure to have passed."""
        return start_of_day(day) + timedelta(hours=9 if day < self._today else 0)

    def turn_over(self, day: date) -> None:
        """Those whose time it was, and who are at home, have left by this day."""
        start = start_of_day(day)
        while self._leaving and self._leaving[0][0] <= day:
            _, _, person = heapq.heappop(self._leaving)
            if person.gone:
                continue
            if person.free_from > start:
                heapq.heappush(self._leaving, (day + timedelta(days=7), person.id, person))
            else:
                self.leave(person, day, "died" if self._dice.happens(0.8) else "moved")

    def finish(self) -> None:
        """Writes what has changed since people and medicines were first written."""
        self._writer.flush()
        self._writer.change(Resident, self._left)
        columns = (
            "id",
            "strength",
            "dose",
            "paused_until",
            "stopped_on",
            "stopped_why",
            "changed_at",
            "changed_by",
        )
        self._writer.change(
            Medicine, [{name: row[name] for name in columns} for row in self._changed.values()]
        )


def _source(identity: Row) -> SourcePerson:
    """Who a person is, as packs name them."""
    return SourcePerson(
        name=f"{identity['given_name']} {identity['family_name']}",
        preferred_name=identity["preferred_name"],
        date_of_birth=identity["date_of_birth"],
        nhs_number=identity["nhs_number"] or "",
        gender=identity["gender"],
        room=identity["room"],
        gp_practice=identity["gp_practice"],
        first_language=identity["first_language"],
        interpreter=identity["interpreter"],
        usual_news2=identity["usual_news2"],
        usual_news2_on=identity["usual_news2_on"],
    )


def _age(dice: Dice) -> float:
    """Most are between 78 and 95."""
    return min(104.0, max(61.0, 86 + 7 * sum(dice.chance() * 2 - 1 for _ in range(3))))


def _conditions(dice: Dice) -> tuple[Condition, ...]:
    found: list[Condition] = []
    for condition in CONDITIONS:
        taken = {c.key for c in found if c.key}
        clash = condition.key in taken or (
            condition.key == "diabetes_insulin" and "diabetes_tablets" in taken
        )
        clash = clash or (condition.key == "opioid" and "opioid_patch" in taken)
        # Clopidogrel beside apixaban would ask for a reason.
        clash = clash or (condition.key == "stroke" and "anticoagulant" in taken)
        if not clash and dice.happens(condition.share):
            found.append(condition)
    return tuple(found)
