"""Photos and papers taken in, replaced and taken away. What was frozen in a pack stays as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from redbag.database import db, one_at_a_time
from redbag.domain.errors import IllegalTransition, Invalid, NotFound, NotPermitted
from redbag.domain.papers import (
    FOUND,
    ITEM,
    MOST_PAPERS,
    MOST_RESIDENT_BYTES,
    MOST_SUMMARIES,
    MOST_SUMMARY_BYTES,
    PHOTO,
    SUMMARY,
    TODAYS_KINDS,
    title,
)
from redbag.domain.permissions import Actor, Permission, Subject, can
from redbag.domain.todays_facts import PAPER_KINDS
from redbag.domain.transfer_states import State
from redbag.models import KeptFile, Paper, PaperPage, Resident, Transfer, TransferItem
from redbag.queries import papers, residents, transfers
from redbag.services import audit, journeys, packs
from redbag.services.residents import to_change
from redbag.storage.drawn import Drawn

_SUMMARY_STATES = frozenset({State.ARRIVED, State.ADMITTED, State.GOING_HOME, State.BACK_HOME, State.DIED})


def travelling(resident: Resident) -> Transfer | None:
    """The journey whose pack would take a chart of today along; None while there is none."""
    return residents.open_transfer(resident)


def add(
    actor: Actor, resident_ref: str, kind: str, other: str, files: Sequence[Drawn], now: datetime
) -> list[Paper]:
    """Keeps papers of one kind for a resident, or for the journey they are on (the charts of the day).

    `other`: what another paper is called. Raises Invalid when there are too many, NotFound, NotPermitted.
    """
    resident = to_change(actor, resident_ref)
    hold_files()
    if kind not in dict(PAPER_KINDS):
        raise Invalid({"kind": "Say which paper it is."})
    if kind == "other" and not other:
        raise Invalid({"title": "Write what the paper is called."})
    journey = travelling(resident) if kind in TODAYS_KINDS else None
    if kind in TODAYS_KINDS and journey is None:
        raise Invalid({"kind": "Add today’s chart when they go: an old one misleads."})
    if papers.count(resident.id) + len(files) > MOST_PAPERS:
        raise Invalid({"file": f"There are at most {MOST_PAPERS} papers of one person. Take old ones away."})
    refuse_without_room(resident, files)
    made = [
        keep(actor, resident, kind, drawn, now, transfer=journey, other=other if kind == "other" else "")
        for drawn in files
    ]
    packs.record_changed(actor, resident, now)
    return made


def set_photo(actor: Actor, resident_ref: str, drawn: Drawn, now: datetime) -> Paper:
    """The photo that shows who this is; it takes the place of an earlier one. Raises Invalid, NotFound."""
    resident = to_change(actor, resident_ref)
    hold_files()
    refuse_without_room(resident, [drawn])
    for earlier in db.session.scalars(
        select(Paper).filter_by(resident_id=resident.id, kind=PHOTO, removed_at=None)
    ):
        take_away(actor, earlier, now)
    made = keep(actor, resident, PHOTO, drawn, now)
    packs.record_changed(actor, resident, now)
    return made


def set_item_photo(actor: Actor, transfer_ref: str, item_ref: str, drawn: Drawn, now: datetime) -> Paper:
    """The photo of one belonging that travels; it takes the place of an earlier one. Raises Invalid,
    NotFound."""
    transfer = journeys.load(actor, transfer_ref, Permission.TRANSFER_PACK)
    item = item_of(transfer, item_ref)
    hold_files()
    refuse_without_room(transfer.resident, [drawn])
    for earlier in db.session.scalars(select(Paper).filter_by(item_id=item.id, kind=ITEM, removed_at=None)):
        take_away(actor, earlier, now)
    made = keep(actor, transfer.resident, ITEM, drawn, now, transfer=transfer, item_id=item.id)
    packs.changed_after_departure(actor, transfer, now)
    return made


def item_of(transfer: Transfer, item_ref: str) -> TransferItem:
    """One belonging of this journey. Raises NotFound."""
    found = db.session.scalar(
        select(TransferItem).filter_by(transfer_id=transfer.id, ref=item_ref, removed_at=None)
    )
    if found is None:
        raise NotFound("There is no such thing on this journey’s list.")
    return found


def add_summary(actor: Actor, transfer_ref: str, files: Sequence[Drawn], now: datetime) -> list[Paper]:
    """The discharge summary, attached by the hospital, for the home to read. Raises Invalid, NotFound."""
    transfer = journeys.load(actor, transfer_ref, Permission.STAY_RECORD)
    refuse_summary_now(transfer)
    hold_files()
    if len(papers.summaries(transfer.id)) + len(files) > MOST_SUMMARIES:
        raise Invalid({"file": f"A summary has at most {MOST_SUMMARIES} files. Remove one first."})
    if papers.bytes_of_summaries(transfer.id) + _bytes(files) > MOST_SUMMARY_BYTES:
        raise Invalid({"file": _no_room("one journey’s summaries", MOST_SUMMARY_BYTES)})
    return [keep(actor, transfer.resident, SUMMARY, drawn, now, transfer=transfer) for drawn in files]


def may_add(actor: Actor, resident_ref: str) -> None:
    """Raises NotFound or NotPermitted where the actor adds nothing: asked before a file is opened."""
    resident = residents.get(actor, resident_ref)
    if not can(actor, Permission.RESIDENT_EDIT, Subject(home_id=resident.home_id)):
        raise NotPermitted("Records are changed by the staff of the resident’s home.")


def may_photograph(actor: Actor, transfer_ref: str, item_ref: str) -> None:
    """As may_add(), for the photo of a thing that travels."""
    item_of(_may_write(actor, transfer_ref, Permission.TRANSFER_PACK), item_ref)


def may_attach(actor: Actor, transfer_ref: str) -> None:
    """As may_add(), for the discharge summary; raises IllegalTransition too."""
    refuse_summary_now(_may_write(actor, transfer_ref, Permission.STAY_RECORD))


def _may_write(actor: Actor, transfer_ref: str, permission: Permission) -> Transfer:
    """The journey, held by nobody: reading the files takes seconds."""
    transfer = transfers.get(actor, transfer_ref)
    if not can(actor, permission, transfers.subject(transfer)):
        raise NotPermitted("This is not part of your work.")
    return transfer


def refuse_summary_now(transfer: Transfer) -> None:
    """Raises IllegalTransition while the person is not here, or it is in doubt who this is."""
    journeys.refuse_while_questioned(transfer)
    if State(transfer.state) not in _SUMMARY_STATES:
        raise IllegalTransition("A summary is attached while they are here, or after they have left.")


def remove(actor: Actor, paper_ref: str, now: datetime) -> Paper:
    """Takes a photo or paper of the actor's home away; packs that were frozen with it keep it.

    Raises NotFound, also for a discharge summary, which is the hospital's, and for what the custody record
    shows.
    """
    paper = papers.get(actor, paper_ref)
    if paper.kind in (SUMMARY, FOUND):
        raise NotFound(papers.NO_SUCH)
    resident = to_change(actor, paper.resident.ref)
    take_away(actor, paper, now)
    packs.record_changed(actor, resident, now)
    return paper


def remove_summary(actor: Actor, transfer_ref: str, paper_ref: str, now: datetime) -> None:
    """Takes a summary away that was attached here by mistake. Raises NotFound for another hospital's."""
    transfer = journeys.load(actor, transfer_ref, Permission.STAY_RECORD)
    paper = papers.summary(transfer.id, paper_ref)
    if paper.organisation_id != actor.organisation_id:
        raise NotFound(papers.NO_SUCH)
    take_away(actor, paper, now)


def put_back(actor: Actor, paper_ref: str, now: datetime) -> Paper:
    """Undoes the removal of a photo or paper of the actor's home. Raises NotFound, and Invalid where a newer
    photo has taken its place."""
    paper = papers.own(actor.organisation_id, paper_ref)
    if paper is None or paper.kind == SUMMARY:
        raise NotFound(papers.NO_SUCH)
    resident = to_change(actor, paper.resident.ref)
    if paper.removed_at is None:
        return paper
    same = select(Paper.id).filter_by(resident_id=resident.id, kind=paper.kind, removed_at=None)
    if paper.kind in (PHOTO, ITEM) and db.session.scalar(same.filter_by(item_id=paper.item_id).limit(1)):
        raise Invalid({"file": "A newer photo has taken its place: remove that one first."})
    _put_back(actor, paper, now)
    packs.record_changed(actor, resident, now)
    return paper


def put_summary_back(actor: Actor, transfer_ref: str, paper_ref: str, now: datetime) -> None:
    """Undoes the removal of a summary that was attached here. Raises NotFound, and Invalid where there are as
    many as there may be."""
    transfer = journeys.load(actor, transfer_ref, Permission.STAY_RECORD)
    paper = papers.own(actor.organisation_id, paper_ref)
    if paper is None or (paper.transfer_id, paper.organisation_id) != (transfer.id, actor.organisation_id):
        raise NotFound(papers.NO_SUCH)
    if paper.removed_at is None:
        return
    if len(papers.summaries(transfer.id)) >= MOST_SUMMARIES:
        raise Invalid({"file": f"A summary has at most {MOST_SUMMARIES} files. Remove one first."})
    _put_back(actor, paper, now)


def _put_back(actor: Actor, paper: Paper, now: datetime) -> None:
    paper.removed_at, paper.removed_by = None, ""
    db.session.flush()
    audit.append(actor, _note("paper.put_back", paper), now)


def keep(
    actor: Actor,
    resident: Resident,
    kind: str,
    drawn: Drawn,
    now: datetime,
    *,
    transfer: Transfer | None = None,
    item_id: int | None = None,
    other: str = "",
) -> Paper:
    """Writes down one photo or paper. The caller has asked whether the actor may and there is room."""
    kept = [_kept(page) for page in drawn.pages]
    paper = Paper(
        home_id=resident.home_id,
        resident_id=resident.id,
        transfer_id=transfer.id if transfer else None,
        item_id=item_id,
        kind=kind,
        title=other,
        small_id=_kept(drawn.small).id,
        organisation_id=actor.organisation_id,
        account_id=actor.account_id,
        added_at=now,
        added_by=actor.name,
        pages=[
            PaperPage(number=number, file_id=file.id, sha256=file.sha256)
            for number, file in enumerate(kept, start=1)
        ],
    )
    db.session.add(paper)
    db.session.flush()
    audit.append(actor, _note("paper.added", paper), now)
    return paper


def refuse_without_room(resident: Resident, files: Sequence[Drawn]) -> None:
    if papers.bytes_of_resident(resident.id) + _bytes(files) > MOST_RESIDENT_BYTES:
        raise Invalid({"file": _no_room("one person", MOST_RESIDENT_BYTES)})


def _no_room(whose: str, most: int) -> str:
    return (
        f"The papers of {whose} take at most {most // 10**6} MB, with those that were removed, because "
        "packs were made with them. There is no room for this one: put it into the bag on paper."
    )


def _bytes(files: Sequence[Drawn]) -> int:
    return sum(len(part) for drawn in files for part in (*drawn.pages, drawn.small))


def hold_files() -> None:
    """Two that bring the same bytes follow one another. Held before the audit chain, as everybody does, so
    that no two wait for each other."""
    one_at_a_time("kept files")


def _kept(content: bytes) -> KeptFile:
    """The one row that holds these bytes."""
    sha256 = hashlib.sha256(content).hexdigest()
    row = db.session.scalar(select(KeptFile).filter_by(sha256=sha256))
    if row is None:
        row = KeptFile(sha256=sha256, size=len(content), content=content)
        db.session.add(row)
        db.session.flush()
    return row


def take_away(actor: Actor, paper: Paper, now: datetime) -> None:
    """Takes a paper off every list, written down in the audit log; whether the actor may is the caller's."""
    paper.removed_at, paper.removed_by = now, actor.name
    db.session.flush()
    audit.append(actor, _note("paper.removed", paper), now)


def _note(kind: str, paper: Paper) -> audit.Note:
    return audit.Note(kind, ("paper", paper.ref), details={"what": paper.kind})


def name_of(paper: Paper) -> str:
    """What a paper is called on a page."""
    return title(paper.kind, paper.title)
