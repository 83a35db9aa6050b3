"""What bringing a file in would do, resident by resident, worked out before anything is done.

The same rows over the same records give the same plan, and over records that have taken the plan in they
give an empty one: that is what "run twice changes nothing the second time" rests on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from redbag.domain import identity, import_medicines, import_person, record_checks
from redbag.domain.errors import Invalid
from redbag.domain.import_columns import RESIDENT_COLUMNS, What
from redbag.domain.import_matching import (
    Known,
    MatchError,
    agrees_in_name,
    find,
    lookalikes,
    same_person,
)
from redbag.domain.import_medicines import Brought, Change, Doubt, Standing
from redbag.domain.import_rows import MOST_FAULTS, Fault, Faults, Person, Row
from redbag.domain.nhs_number import format_334
from redbag.domain.record import Values

_HEADINGS = {column.key: column.heading for column in RESIDENT_COLUMNS}


@dataclass(frozen=True)
class Record:
    """A resident as they stand: who they are as the form gives it, sections by key, medicines."""

    known: Known
    identity: Values
    sections: dict[str, Values] = field(default_factory=dict)
    medicines: tuple[Standing, ...] = ()


@dataclass(frozen=True)
class PersonPlan:
    """What becomes of one resident. No `ref`: somebody new. `identity`: None where it stays as it is."""

    ref: str
    person: Person
    identity: Values | None
    sections: dict[str, Values]
    changes: tuple[Change, ...]
    medicines: tuple[Brought, ...] = ()
    unchanged_medicines: int = 0
    not_in_file: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def born(self) -> date:
        return date.fromisoformat(self.person.born)

    @property
    def is_new(self) -> bool:
        return not self.ref

    @property
    def does_something(self) -> bool:
        return self.is_new or bool(self.changes or self.medicines)

    @property
    def added(self) -> tuple[Brought, ...]:
        return tuple(medicine for medicine in self.medicines if not medicine.ref)

    @property
    def changed(self) -> tuple[Brought, ...]:
        return tuple(medicine for medicine in self.medicines if medicine.ref)


@dataclass(frozen=True)
class Plan:
    """What would be done. `fingerprint` tells whether it is still what somebody has looked at."""

    people: tuple[PersonPlan, ...]

    @property
    def new(self) -> list[PersonPlan]:
        return [one for one in self.people if one.is_new]

    @property
    def changed(self) -> list[PersonPlan]:
        return [one for one in self.people if one.does_something and not one.is_new]

    @property
    def unchanged(self) -> list[PersonPlan]:
        return [one for one in self.people if not one.does_something]

    @property
    def medicines_added(self) -> int:
        return sum(len(one.added) for one in self.people)

    @property
    def medicines_changed(self) -> int:
        return sum(len(one.changed) for one in self.people)

    @property
    def doubts(self) -> list[Doubt]:
        return [doubt for one in self.people for doubt in one.doubts]

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(repr(self.people).encode()).hexdigest()


@dataclass
class _Group:
    """A resident and the rows about them. `record`: None for somebody new."""

    record: Record | None
    person: Person
    row: Row | None = None
    medicines: list[Row] = field(default_factory=list)


def make(rows: Sequence[Row], records: Sequence[Record], today: date) -> Plan:
    """The plan. Raises Faults where a row cannot be said to be anybody's, or contradicts the record."""
    faults: list[Fault] = []
    groups = _people(rows, records, faults)
    _give_medicines(rows, records, groups, faults)
    knowns = [record.known for record in records]
    people = [_plan(group, knowns, today, faults) for group in groups]
    if faults:
        raise Faults(sorted(faults, key=lambda f: (f.sheet, f.row))[:MOST_FAULTS])
    return Plan(tuple(people))


def _people(rows: Iterable[Row], records: Sequence[Record], faults: list[Fault]) -> list[_Group]:
    knowns = [record.known for record in records]
    by_ref = {record.known.ref: record for record in records}
    groups: list[_Group] = []
    for row in rows:
        if row.what is not What.RESIDENTS:
            continue
        try:
            known = find(row.person, knowns)
        except MatchError as problem:
            faults.append(_about(row, str(problem)))
            continue
        group = _Group(by_ref[known.ref] if known else None, row.person, row)
        earlier = next((other for other in groups if _one_person(group, other)), None)
        if earlier is not None and earlier.row is not None:
            faults.append(_about(row, f"Row {earlier.row.number} is about the same person. Keep one."))
        elif number := _same_number(row, groups):
            faults.append(_about(row, f"Row {number} has the same NHS number and another date of birth."))
        groups.append(group)
    return groups


def _one_person(one: _Group, other: _Group) -> bool:
    if one.record is not None or other.record is not None:
        return one.record is other.record
    return same_person(one.person, other.person)


def _same_number(row: Row, groups: Iterable[_Group]) -> int:
    """The earlier row with this NHS number, or 0."""
    wanted = row.person.nhs_number
    found = (g.row.number for g in groups if wanted and g.row and g.person.nhs_number == wanted)
    return next(found, 0)


def _give_medicines(
    rows: Iterable[Row], records: Sequence[Record], groups: list[_Group], faults: list[Fault]
) -> None:
    knowns = [record.known for record in records]
    by_ref = {record.known.ref: record for record in records}
    settled: dict[Person, _Group | str] = {}
    for row in rows:
        if row.what is not What.MEDICINES:
            continue
        if row.person not in settled:
            settled[row.person] = _whose(row.person, knowns, by_ref, groups)
        found = settled[row.person]
        if isinstance(found, str):
            faults.append(_about(row, found))
        else:
            found.medicines.append(row)


def _whose(
    person: Person, knowns: Sequence[Known], by_ref: dict[str, Record], groups: list[_Group]
) -> _Group | str:
    """The resident that a medicine's row is about, or a sentence that says why that is not known."""
    try:
        known = find(person, knowns)
    except MatchError as problem:
        return str(problem)
    if known is None:
        fitting = [group for group in groups if group.record is None and same_person(group.person, person)]
        if not fitting:
            return (
                "Nobody in Red Bag, nor in the residents of this file, has this name and date of birth. "
                "Bring the resident in first, or correct what is written here."
            )
        group, names = fitting[0], [fitting[0].person]
    else:
        record = by_ref[known.ref]
        group = next((g for g in groups if g.record is record), _Group(record, known.person))
        names = [known.person, group.person]
        if not any(other is group for other in groups):
            groups.append(group)
    if not agrees_in_name(person, names):
        number = format_334(person.nhs_number or "")
        return f"{number} and this date of birth belong to {names[0].name}. Whose medicine is it?"
    return group


def _about(row: Row, message: str) -> Fault:
    return row.fault("Person", row.person.name, message)


def _plan(group: _Group, knowns: Sequence[Known], today: date, faults: list[Fault]) -> PersonPlan:
    record, row = group.record, group.row
    sections: dict[str, Values] = {}
    changes: tuple[Change, ...] = ()
    typed: Values | None = None
    if row is not None:
        typed, changes = _who(row, record, today, faults)
        sections, more = _sections(row, record, today, faults)
        changes += more
    outcome = import_medicines.compare(group.medicines, record.medicines if record else ())
    faults += outcome.faults
    doubts = list(outcome.doubts)
    if record is None and row is not None:
        doubts += [
            Doubt(f"p{row.number}-{known.ref}", f"{row.person.name} is not the same person as {known.words}.")
            for known in lookalikes(row.person, knowns)
        ]
    return PersonPlan(
        ref=record.known.ref if record else "",
        person=record.known.person if record and row is None else group.person,
        identity=typed,
        sections=sections,
        changes=changes,
        medicines=tuple(outcome.brought),
        unchanged_medicines=outcome.unchanged,
        not_in_file=tuple(outcome.not_in_file) if group.medicines else (),
        doubts=tuple(doubts),
    )


def _who(
    row: Row, record: Record | None, today: date, faults: list[Fault]
) -> tuple[Values | None, tuple[Change, ...]]:
    typed, changes = import_person.identity_of(row, record.identity if record else None)
    if record is not None and not changes:
        return None, ()
    try:
        identity.checked(typed, today)
    except Invalid as problem:
        for key, message in problem.errors.items():
            cell = str(row.values.get(key, ""))
            faults.append(row.fault(_HEADINGS.get(key, "Whole row"), cell, message))
    return typed, changes


def _sections(
    row: Row, record: Record | None, today: date, faults: list[Fault]
) -> tuple[dict[str, Values], tuple[Change, ...]]:
    standing = record.sections if record else {}
    try:
        found, changes = import_person.sections_of(row, standing)
        return {key: record_checks.checked(after, today) for key, after in found.items()}, changes
    except Invalid as problem:
        faults += [
            row.fault(_HEADINGS.get(key, "Whole row"), import_person.words(row.values.get(key)), message)
            for key, message in problem.errors.items()
        ]
        return {}, ()
