"""Where else a person of a home is named: in what people wrote freely about a bag, or about somebody else.

Erasure takes away what belongs to a person. A name that somebody wrote into another person's record, or on a
bag, belongs there: it is listed for the operator, who looks at it with the home.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from redbag.database import db
from redbag.models import (
    Bag,
    BagEvent,
    BagReport,
    BroughtIn,
    Medicine,
    PackVersion,
    RecordSection,
    Resident,
    Seen,
    Task,
    Transfer,
    TransferEvent,
    TransferItem,
)
from redbag.queries.person_parts import Person


@dataclass(frozen=True)
class Mention:
    """A row that is somebody else's, or nobody's, in which the person is named."""

    table: str
    title: str
    ref: str
    id: int


def wanted(resident: Resident) -> tuple[str, ...]:
    """The words by which this person is known: the whole name, as it is said and as it is sorted; the NHS
    number in both ways of writing it."""
    number = resident.nhs_number or ""
    names = [
        f"{resident.given_name} {resident.family_name}",
        f"{resident.family_name}, {resident.given_name}",
    ]
    if resident.preferred_name:
        names.append(f"{resident.preferred_name} {resident.family_name}")
    grouped = f"{number[:3]} {number[3:6]} {number[6:]}" if number else ""
    return tuple(text.casefold() for text in (*names, number, grouped) if text.strip(" ,"))


def holds(content: object, words: tuple[str, ...]) -> bool:
    """Whether any of these words stand in a text, or in any text of a JSON value."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, default=str)
    folded = text.casefold()
    return any(word in folded for word in words)


def find(person: Person, words: tuple[str, ...]) -> Iterator[Mention]:
    """Every row of the person's home, of others or of none, that names them."""
    for model, title, ref, contents in _sources(person):
        for row_id, row_ref, *found in db.session.execute(contents):
            if any(holds(one, words) for one in found if one):
                yield Mention(model.__tablename__, title, str(row_ref if ref else row_id), row_id)


def _sources(person: Person) -> Iterator[tuple[type[Any], str, bool, Select[*tuple[Any, ...]]]]:
    home = person.home_id
    others = select(Resident.id).where(Resident.home_id == home, Resident.id != person.id)
    journeys = select(Transfer.id).where(Transfer.home_id == home, Transfer.id.not_in(person.transfers))
    bags = select(Bag.id).filter_by(home_id=home)
    yield Bag, "A bag’s note", True, select(Bag.id, Bag.ref, Bag.note).filter_by(home_id=home)
    yield (
        BagEvent,
        "What happened to a bag",
        False,
        select(BagEvent.id, BagEvent.id, BagEvent.note).where(
            BagEvent.bag_id.in_(bags), BagEvent.transfer_id.is_(None) | BagEvent.transfer_id.in_(journeys)
        ),
    )
    yield (
        BagReport,
        "Words of others about a bag",
        True,
        select(BagReport.id, BagReport.ref, BagReport.note, BagReport.place).where(
            BagReport.home_id == home,
            BagReport.transfer_id.is_(None) | BagReport.transfer_id.not_in(person.transfers),
        ),
    )
    yield (
        Seen,
        "Lines that somebody has dealt with",
        True,
        select(Seen.id, Seen.ref, Seen.words).filter_by(organisation_id=home),
    )
    of_others: dict[type[Any], tuple[str, Any, tuple[Any, ...]]] = {
        RecordSection: ("Another person’s record", RecordSection.id, (RecordSection.answers,)),
        Medicine: ("Another person’s medicine", Medicine.ref, (Medicine.name, Medicine.stopped_why)),
    }
    for model, (title, ref, columns) in of_others.items():
        yield model, title, True, select(model.id, ref, *columns).where(model.resident_id.in_(others))
    of_journeys: dict[type[Any], tuple[str, Any, tuple[Any, ...]]] = {
        Transfer: ("Another person’s journey", Transfer.ref, (Transfer.facts,)),
        TransferEvent: ("A step of another journey", TransferEvent.ref, (TransferEvent.data,)),
        TransferItem: ("A belonging of another journey", TransferItem.ref, (TransferItem.description,)),
        PackVersion: ("A frozen pack of another journey", PackVersion.id, (PackVersion.content,)),
        Task: ("A task of another journey", Task.ref, (Task.detail, Task.told)),
    }
    for model, (title, ref, columns) in of_journeys.items():
        of = Transfer.id if model is Transfer else model.transfer_id
        yield model, title, True, select(model.id, ref, *columns).where(of.in_(journeys))
    yield (
        BroughtIn,
        "The name of a file that was brought in",
        True,
        select(BroughtIn.id, BroughtIn.ref, BroughtIn.file_name).filter_by(home_id=home),
    )
