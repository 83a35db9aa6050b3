"""A person erased: everything of theirs goes, and what figures need stays without a person (ADR 25).

Two transactions of one command never meet half: whatever is counted in a preview is read in the same one as
what is then done, and all of it is done or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import JSON, String, Table, delete, select, update

from redbag.database import db
from redbag.domain import restriction
from redbag.domain.errors import IllegalTransition, NotFound
from redbag.domain.london_time import from_london, london_day
from redbag.domain.permissions import Actor
from redbag.domain.retention import birth_of_same_ages
from redbag.models import (
    Bag,
    BagEvent,
    BagReport,
    BroughtIn,
    JourneyFigures,
    Label,
    Resident,
    Stay,
    Task,
    Transfer,
)
from redbag.queries import mentions, person_parts, transfers
from redbag.queries.mentions import Mention
from redbag.queries.person_parts import PARTS, Fate, Part, Person
from redbag.sealed_columns import SealedJson, SealedText
from redbag.services import audit, journey_figures, papers
from redbag.storage import traces

SOMEBODY = "somebody whose record was erased"
_NOTHING: Callable[[str], object] = lambda _title: None  # noqa: E731


@dataclass(frozen=True)
class Line:
    """One table of a preview. `fate`: with the figures taken out too, more goes."""

    part: Part
    rows: int
    fate: Fate

    @property
    def words(self) -> str:
        """What becomes of the rows, for the operator."""
        if self.fate is Fate.GOES:
            return "deleted"
        return f"{'emptied' if self.fate is Fate.EMPTIED else 'kept'}: {self.part.why}"


@dataclass(frozen=True)
class Erasure:
    """What erasing one person does, or has done. `refused`: why it cannot be done now, "" where it can.
    `mentions`: other rows that name them, which somebody must look at."""

    person: Person
    lines: tuple[Line, ...]
    mentions: tuple[Mention, ...]
    refused: str = ""

    @property
    def deleted(self) -> int:
        """Rows that go."""
        return sum(line.rows for line in self.lines if line.fate is Fate.GOES)


def preview(ref: str, *, figures_too: bool = False, actor: Actor | None = None) -> Erasure:
    """What erasing would do. Reads only. Raises NotFound. `actor`: None for the operator's command."""
    person = _theirs(actor, ref)
    return _plan(person, _resident(person), figures_too=figures_too)


def erase(
    ref: str,
    now: datetime,
    *,
    figures_too: bool = False,
    told: Callable[[str], object] = _NOTHING,
    actor: Actor | None = None,
    why: str = "",
) -> Erasure:
    """Erases a person, in the caller's write transaction. `told` is called with the title of each table.

    `figures_too`: their stays leave the figures as well. `actor`: None for the operator's command; `why`: the
    ground that was chosen (domain/erasing.py). Raises NotFound, and IllegalTransition while a journey of
    theirs is open or their record is restricted.
    """
    traces.overwrite(db.session.connection())
    found = _theirs(actor, ref)
    # Whoever opens a journey locks this row first (services/transfers.py).
    resident = _resident(found, to_change=True)
    papers.hold_files()
    person = person_parts.find(ref)
    plan = _plan(person, resident, figures_too=figures_too)
    if plan.refused:
        raise IllegalTransition(plan.refused)
    days = _days_of_journeys(person)
    _forget_elsewhere(person, plan, mentions.wanted(resident))
    if resident.left_on is None:
        resident.left_on = london_day(now)  # services/resident_figures.py follows
    db.session.flush()
    db.session.expunge_all()
    kept_for_figures = [line for line in plan.lines if line.part.model in _FIGURES]
    _carry_out([line for line in plan.lines if line not in kept_for_figures], person, told)
    if figures_too:
        _leave_figures(person)
    _revoke_labels(person, now)
    _carry_out(kept_for_figures, person, told)
    if not figures_too:
        _without_a_person(person, days, now)
    db.session.expire_all()
    details = {"rows": plan.deleted, "figures": "removed" if figures_too else "kept", "why": why}
    audit.append(actor, audit.Note("person.erased", ("resident", person.ref), details=details), now)
    return plan


def _theirs(actor: Actor | None, ref: str) -> Person:
    person = person_parts.find(ref)
    if actor is not None and not restriction.decides(actor, person.home_id):
        raise NotFound("There is no such resident.")
    return person


def _carry_out(lines: Sequence[Line], person: Person, told: Callable[[str], object]) -> None:
    for line in lines:
        told(line.part.title)
        if line.fate is Fate.GOES and line.part.model is Resident:
            db.session.delete(_resident(person))  # services/resident_figures.py follows
            db.session.flush()
        elif line.fate is Fate.GOES:
            _run(delete(line.part.table).where(line.part.which(person)))
        elif line.fate is Fate.EMPTIED:
            _empty(line.part, person)


def _resident(person: Person, *, to_change: bool = False) -> Resident:
    wanted = select(Resident).filter_by(id=person.id)
    if to_change:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(wanted).one()


def _plan(person: Person, resident: Resident, *, figures_too: bool) -> Erasure:
    lines = []
    for part in PARTS:
        fate = part.fate
        if figures_too and part.model in _FIGURES:
            fate = Fate.GOES
        lines.append(Line(part, part.count(person), fate))
    named = tuple(mentions.find(person, mentions.wanted(resident)))
    return Erasure(person, tuple(line for line in lines if line.rows), named, _refused(person, resident))


_FIGURES: tuple[type[Any], ...] = (JourneyFigures, Stay, Transfer, Resident)
"""What figures are counted from; in the order of PARTS."""


def _refused(person: Person, resident: Resident) -> str:
    if transfers.open_for(person.id) is not None:
        return (
            "This person is on a journey to hospital that is not closed: whoever looks after them needs the "
            "record. Close the journey first."
        )
    if resident.restricted_at is not None:
        return "This record is restricted: it is kept as it is. Lift the restriction first."
    return ""


def _days_of_journeys(person: Person) -> list[date]:
    """The days on which figures ask for an age."""
    rows = db.session.execute(
        select(Transfer.opened_at, Transfer.arrived_at).where(Transfer.id.in_(person.transfers))
    )
    admitted = db.session.scalars(select(Stay.admitted_on).filter_by(resident_id=person.id))
    return [*admitted, *(london_day(at) for row in rows for at in row if at is not None)]


def _run(statement: Any) -> None:
    db.session.connection().execute(statement)


def _empty(part: Part, person: Person) -> None:
    values = {column.name: _blank(column) for column in part.table.columns if column.name not in part.keeps}
    _run(update(part.table).where(part.which(person)).values(values))


def _blank(column: Any) -> Any:
    """What says nothing in this column."""
    if column.nullable:
        return None
    if isinstance(column.type, JSON | SealedJson):
        return {}
    if isinstance(column.type, String | SealedText):
        return ""
    return {bool: False, int: 0}[column.type.python_type]


def _without_a_person(person: Person, days: Sequence[date], now: datetime) -> None:
    """The stub that stays: days instead of times, and a birth date that tells no more than the ages."""
    table = _table(Transfer)
    names = ("opened_at", "arrived_at", "admitted_at", "ended_at", "closed_at")
    for row in db.session.execute(
        select(table.c.id, *(table.c[name] for name in names)).where(table.c.id.in_(person.transfers))
    ).all():
        noons = {name: _noon(at) for name, at in zip(names, row[1:], strict=True)}
        _run(update(table).where(table.c.id == row.id).values(noons))
    people = _table(Resident)
    born, created = db.session.execute(
        select(people.c.date_of_birth, people.c.created_at).where(people.c.id == person.id)
    ).one()
    values = {
        "date_of_birth": birth_of_same_ages(born, days),
        "created_at": _noon(created),
        "erased_at": now,
    }
    _run(update(people).where(people.c.id == person.id).values(values))
    _run(update(_table(Stay)).where(Stay.resident_id == person.id).values(person_key=None))


def _table(model: type[Any]) -> Table:
    found: Table = model.__table__
    return found


def _noon(at: datetime | None) -> datetime | None:
    """The middle of the London day: of a time nothing but its day is kept."""
    return from_london(london_day(at), time(12)) if at is not None else None


def _leave_figures(person: Person) -> None:
    """Takes stays and measures out of the counts, and points what stays at nothing."""
    for stay in db.session.scalars(select(Stay).filter_by(resident_id=person.id)):
        db.session.delete(stay)  # services/stay_figures.py follows
    db.session.flush()
    journey_figures.leave(person.transfers)
    bags = select(Transfer.bag_id).where(Transfer.id.in_(person.transfers))
    others = select(Transfer).where(Transfer.bag_id.in_(bags), Transfer.id.not_in(person.transfers))
    neighbours = db.session.scalars(others).all()
    for model in (BagEvent, BagReport, Label):
        pointing = update(_table(model)).where(model.transfer_id.in_(person.transfers))
        _run(pointing.values(transfer_id=None))
    # What happened to a bag after it was taken for this person no longer ends another journey's measures.
    for other in neighbours:
        if other.resident.erased_at is None:
            journey_figures.follow(other)
    db.session.flush()
    db.session.expunge_all()


def _revoke_labels(person: Person, now: datetime) -> None:
    labels = _table(Label)
    working = labels.c.id.in_(person.labels), labels.c.revoked_at.is_(None)
    _run(update(labels).where(*working).values(revoked_at=now, revoked_why="erased"))


def _forget_elsewhere(person: Person, plan: Erasure, words: tuple[str, ...]) -> None:
    """What says something of them outside their own rows, and can be mended by a rule: a bag's newest note
    where it was written on their journey, the name of a file, and the task of a journey with which bags were
    exchanged."""
    written = select(BagEvent.bag_id, BagEvent.note).where(BagEvent.transfer_id.in_(person.transfers))
    for bag_id, note in db.session.execute(written).all():
        bag = db.session.get_one(Bag, bag_id)
        if note and bag.note == note:
            bag.note = ""
    for one in plan.mentions:
        if one.table == BroughtIn.__tablename__:
            db.session.get_one(BroughtIn, one.id).file_name = ""
        elif one.table == Task.__tablename__:
            task = db.session.get_one(Task, one.id)
            task.detail, task.told = _unnamed(task.detail, words), _unnamed(task.told, words)


def _unnamed(text: str, words: tuple[str, ...]) -> str:
    for word in words:
        while (at := text.casefold().find(word)) >= 0:
            text = f"{text[:at]}{SOMEBODY}{text[at + len(word) :]}"
    return text[:500]
