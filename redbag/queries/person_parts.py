"""Every place where this installation keeps something of a person: one list for export and for erasure.

A table that refers to a resident or to a journey and is not here fails a test (test_whole_record): whoever
adds one says what becomes of it when a person asks for their record, and when they are erased.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from redbag.database import Base, db
from redbag.domain.errors import NotFound
from redbag.models import (
    AccessLane,
    AuditEntry,
    BagEvent,
    BagReport,
    BroughtIn,
    CustodyRecord,
    EmergencyLook,
    Guest,
    IdempotencyKey,
    ItemCheck,
    JourneyFigures,
    KeptFile,
    Label,
    LabelAccess,
    Medicine,
    MedicineLine,
    MedicineOutcome,
    Outgoing,
    PackVersion,
    Paper,
    PaperPage,
    RecordSection,
    Resident,
    Seen,
    Signature,
    Stay,
    Task,
    Transfer,
    TransferEvent,
    TransferItem,
)


class Fate(StrEnum):
    """What becomes of a person's rows when they are erased."""

    GOES = "goes"
    EMPTIED = "emptied"
    STAYS = "stays"


@dataclass(frozen=True)
class Person:
    """A resident and the ids of what is theirs."""

    id: int
    ref: str
    home_id: int
    transfers: tuple[int, ...] = ()
    transfer_refs: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    papers: tuple[int, ...] = ()
    labels: tuple[int, ...] = ()
    files: tuple[int, ...] = ()
    refs: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Kind and reference of everything of theirs that the audit log can name."""


Which = Callable[[Person], ColumnElement[bool]]


@dataclass(frozen=True)
class Part:
    """One table. `left_out`: why its rows are not in an export, "" where they are. `keeps`: the columns that
    an emptied row keeps; every other column is emptied, also one that is added later. `why`: what an operator
    reads of rows that are not simply deleted."""

    model: type[Base]
    title: str
    which: Which
    fate: Fate = Fate.GOES
    keeps: frozenset[str] = frozenset()
    why: str = ""
    left_out: str = ""

    @property
    def table(self) -> Table:
        return Base.metadata.tables[self.model.__tablename__]

    def count(self, person: Person) -> int:
        """How many rows there are."""
        wanted = select(func.count()).select_from(self.table).where(self.which(person))
        return int(db.session.scalar(wanted) or 0)


def _journeys(column: Any) -> Which:
    return lambda person: column.in_(person.transfers)


def _labels(column: Any) -> Which:
    return lambda person: column.in_(person.labels)


def _named(column: Any) -> Which:
    """Rows whose text holds the reference of the person or of one of their journeys."""
    return lambda person: or_(*(column.contains(ref) for ref in (person.ref, *person.transfer_refs)))


def _audited(person: Person) -> ColumnElement[bool]:
    kinds: dict[str, list[str]] = {}
    for kind, ref in person.refs:
        kinds.setdefault(kind, []).append(ref)
    return or_(
        *(
            and_(AuditEntry.subject_kind == kind, AuditEntry.subject_ref.in_(refs))
            for kind, refs in kinds.items()
        )
    )


_FIGURE = "what figures are counted from; it holds days, places, a reason and an age, and no name"
_INTERNAL = "holds codes and counters of this installation, and nothing about a person"

PARTS: tuple[Part, ...] = (
    Part(Signature, "Signatures", lambda p: Signature.event_id.in_(p.events)),
    Part(ItemCheck, "Checks of belongings", lambda p: ItemCheck.item_id.in_(p.items)),
    Part(PaperPage, "Pages of photos and papers", lambda p: PaperPage.paper_id.in_(p.papers)),
    Part(Paper, "Photos and papers", lambda p: Paper.resident_id == p.id),
    Part(KeptFile, "Image files", lambda p: KeptFile.id.in_(p.files)),
    Part(MedicineOutcome, "What became of medicines", _journeys(MedicineOutcome.transfer_id)),
    Part(MedicineLine, "Medicines that travelled", _journeys(MedicineLine.transfer_id)),
    Part(TransferItem, "Belongings", _journeys(TransferItem.transfer_id)),
    Part(PackVersion, "Packs as they were frozen", _journeys(PackVersion.transfer_id)),
    Part(CustodyRecord, "Custody records as they were issued", _journeys(CustodyRecord.transfer_id)),
    Part(EmergencyLook, "Packs opened without the bag", _journeys(EmergencyLook.transfer_id)),
    Part(Task, "Tasks", _journeys(Task.transfer_id)),
    Part(Guest, "People who came in by the access code", _labels(Guest.label_id)),
    Part(AccessLane, "Waits after wrong access codes", _labels(AccessLane.label_id), left_out=_INTERNAL),
    Part(LabelAccess, "Access codes", _labels(LabelAccess.label_id), left_out=_INTERNAL),
    Part(TransferEvent, "Steps of journeys", _journeys(TransferEvent.transfer_id)),
    Part(Medicine, "Medicines", lambda p: Medicine.resident_id == p.id),
    Part(RecordSection, "Standing record", lambda p: RecordSection.resident_id == p.id),
    Part(
        IdempotencyKey,
        "Answers to forms",
        _named(IdempotencyKey.answer),
        left_out="an address and a code of this installation, kept so that a form sent twice acts once",
    ),
    Part(
        Seen,
        "Lines that somebody has dealt with",
        _named(Seen.key),
        Fate.EMPTIED,
        frozenset({"id", "ref", "organisation_id", "key", "account_id", "seen_at", "taken_back_at"}),
        "stays without what was written",
    ),
    Part(
        BagReport,
        "Words of others about a bag",
        _journeys(BagReport.transfer_id),
        Fate.EMPTIED,
        frozenset({"id", "ref", "bag_id", "home_id", "transfer_id", "organisation_id", "kind", "account_id"})
        | {"actor_name", "said_at", "settled_at", "settled_by"},
        "stays without what was written: it is about a bag",
    ),
    Part(
        BagEvent,
        "What happened to bags",
        _journeys(BagEvent.transfer_id),
        Fate.EMPTIED,
        frozenset({"id", "bag_id", "transfer_id", "state", "occurred_at", "recorded_at", "account_id"})
        | {"actor_name"},
        "stays without what was written: it is about a bag",
    ),
    Part(
        BroughtIn,
        "Files that wait to be brought in",
        lambda p: and_(BroughtIn.home_id == p.home_id, BroughtIn.done_at.is_(None)),
        Fate.EMPTIED,
        frozenset({"id", "ref", "home_id", "account_id", "outcome", "uploaded_at", "expires_at", "done_at"}),
        "the home’s: nobody knows who is in them; they are forgotten after an hour anyway",
        left_out="rows of a file about many people, forgotten after an hour",
    ),
    Part(
        Label,
        "Labels",
        _journeys(Label.transfer_id),
        Fate.STAYS,
        why="codes only: whoever still finds a label on a bag reads whom to ring",
    ),
    Part(
        Outgoing,
        "E-mails to homes and hospitals",
        _named(Outgoing.key),
        Fate.STAYS,
        why="say that something needs a look, and name no person",
        left_out="they name no person",
    ),
    Part(
        JourneyFigures, "Measures of journeys", _journeys(JourneyFigures.transfer_id), Fate.STAYS, why=_FIGURE
    ),
    Part(Stay, "Stays in hospital", lambda p: Stay.resident_id == p.id, Fate.STAYS, why=_FIGURE),
    Part(
        Transfer,
        "Journeys",
        lambda p: Transfer.id.in_(p.transfers),
        Fate.EMPTIED,
        frozenset({"id", "ref", "home_id", "resident_id", "journey_type", "reason", "state", "hospital_id"})
        | {
            "ward_id",
            "with_bag",
            "opened_at",
            "arrived_at",
            "admitted_at",
            "ended_at",
            "closed_at",
            "version",
        },
        _FIGURE + "; of its times the days stay",
    ),
    Part(
        Resident,
        "The person",
        lambda p: Resident.id == p.id,
        Fate.EMPTIED,
        frozenset(
            {"id", "ref", "home_id", "date_of_birth", "moved_in_on", "left_on", "left_why", "created_at"}
        )
        | {"erased_at", "version"},
        "no name, no number; a date of birth that says no more than the ages on the days of their journeys",
    ),
    Part(
        AuditEntry,
        "Who looked and who did (audit log)",
        _audited,
        Fate.STAYS,
        why="holds references, never what a record says; without it nobody could show who had looked",
    ),
)
"""In the order in which rows can be deleted: what refers to another comes before it."""


def find(ref: str) -> Person:
    """A resident of any home by reference, for the operator and for services that have asked who may.

    Raises NotFound, also for somebody who was erased.
    """
    row = db.session.execute(
        select(Resident.id, Resident.ref, Resident.home_id).filter_by(ref=ref, erased_at=None)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no resident {ref}, or they were erased already.")
    return person(row.id, row.ref, row.home_id)


def person(resident_id: int, ref: str, home_id: int) -> Person:
    """What belongs to this resident."""
    journeys = db.session.execute(select(Transfer.id, Transfer.ref).filter_by(resident_id=resident_id)).all()
    transfers = tuple(row.id for row in journeys)
    papers = db.session.execute(select(Paper.id, Paper.ref).filter_by(resident_id=resident_id)).all()
    labels = db.session.execute(select(Label.id, Label.ref).where(Label.transfer_id.in_(transfers))).all()
    refs = [("resident", ref), *(("transfer", row.ref) for row in journeys)]
    refs += [("paper", row.ref) for row in papers]
    refs += [("medicine", one) for one in _column(Medicine.ref, Medicine.resident_id == resident_id)]
    refs += [("label", row.ref) for row in labels]
    label_ids = tuple(row.id for row in labels)
    refs += [("guest", one) for one in _column(Guest.ref, Guest.label_id.in_(label_ids))]
    refs += [
        ("custody_record", one)
        for one in _column(CustodyRecord.ref, CustodyRecord.transfer_id.in_(transfers))
    ]
    paper_ids = tuple(row.id for row in papers)
    return Person(
        id=resident_id,
        ref=ref,
        home_id=home_id,
        transfers=transfers,
        transfer_refs=tuple(row.ref for row in journeys),
        events=tuple(_column(TransferEvent.id, TransferEvent.transfer_id.in_(transfers))),
        items=tuple(_column(TransferItem.id, TransferItem.transfer_id.in_(transfers))),
        papers=paper_ids,
        labels=label_ids,
        files=_files(resident_id, paper_ids),
        refs=tuple(refs),
    )


def _column(column: Any, *where: ColumnElement[bool]) -> Sequence[Any]:
    return db.session.scalars(select(column).where(*where)).all()


def _files(resident_id: int, papers: Sequence[int]) -> tuple[int, ...]:
    """The image files that this person's papers alone use: the same bytes are kept once."""
    used = {*_column(PaperPage.file_id, PaperPage.paper_id.in_(papers))}
    used |= {*_column(Paper.small_id, Paper.resident_id == resident_id)}
    shared = {*_column(PaperPage.file_id, PaperPage.file_id.in_(used), PaperPage.paper_id.not_in(papers))}
    shared |= {*_column(Paper.small_id, Paper.small_id.in_(used), Paper.resident_id != resident_id)}
    return tuple(sorted(used - shared))
