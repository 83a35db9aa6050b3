"""Photos and papers: which an actor may see, what a pack takes along, and the bytes of one page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from redbag.database import db
from redbag.domain import papers as rules
from redbag.domain.errors import NotFound
from redbag.domain.london_time import format_day, london_day
from redbag.domain.papers import FOUND, ITEM, PHOTO, SUMMARY, PackFile, Print
from redbag.domain.permissions import Actor, Permission, can
from redbag.domain.todays_facts import PAPER_KINDS
from redbag.models import KeptFile, Paper, PaperPage, Resident, Transfer, TransferItem
from redbag.queries import set_aside

NO_SUCH = "There is no such photo or paper."
_ORDER = {kind: place for place, kind in enumerate((PHOTO, *(key for key, _ in PAPER_KINDS), ITEM))}


def get(actor: Actor, ref: str) -> Paper:
    """One photo or paper of the actor's own home that stands. Raises NotFound."""
    if not can(actor, Permission.RESIDENT_READ):
        raise NotFound(NO_SUCH)
    of_home = Paper.home_id == actor.organisation_id, Paper.resident_id.not_in(set_aside.of(actor))
    found = db.session.scalar(_standing().where(Paper.ref == ref, *of_home))
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def own(organisation_id: int, ref: str) -> Paper | None:
    """A photo or paper of a home, or a summary of the hospital that attached it; a removed one too."""
    return db.session.scalar(
        select(Paper)
        .where(Paper.ref == ref)
        .where(or_(Paper.home_id == organisation_id, Paper.organisation_id == organisation_id))
        .options(joinedload(Paper.resident), selectinload(Paper.pages))
    )


def _standing() -> Select[Paper]:
    return (
        select(Paper)
        .where(Paper.removed_at.is_(None))
        .options(joinedload(Paper.resident), selectinload(Paper.pages))
        .order_by(Paper.id)
    )


def of_resident(resident: Resident, transfer: Transfer | None) -> list[Paper]:
    """What stands of one resident, the chart of the open journey included; photos of belongings are not."""
    journey = Paper.transfer_id == transfer.id if transfer else None
    on_record = Paper.transfer_id.is_(None)
    wanted = _standing().where(Paper.resident_id == resident.id, Paper.kind.not_in((ITEM, SUMMARY, FOUND)))
    rows = db.session.scalars(wanted.where(or_(on_record, journey) if journey is not None else on_record))
    return sorted(rows, key=_place)


def _place(paper: Paper) -> tuple[int, int]:
    return _ORDER.get(paper.kind, len(_ORDER)), paper.id


def count(resident_id: int) -> int:
    """How many papers of a resident stand, whichever journey they belong to."""
    wanted = select(func.count()).where(
        Paper.resident_id == resident_id, Paper.removed_at.is_(None), Paper.kind.not_in((PHOTO, ITEM, FOUND))
    )
    return db.session.scalar(wanted) or 0


def photos(resident_ids: Iterable[int]) -> dict[int, str]:
    """The reference of each of these residents' photo, by resident id: one read for a whole list."""
    rows = db.session.execute(
        select(Paper.resident_id, Paper.ref).where(
            Paper.resident_id.in_(list(resident_ids)), Paper.kind == PHOTO, Paper.removed_at.is_(None)
        )
    )
    return {row.resident_id: row.ref for row in rows}


def photo_of(resident_id: int) -> str:
    """The reference of a resident's photo; "" where there is none."""
    return photos([resident_id]).get(resident_id, "")


def of_items(transfer_id: int) -> dict[str, Paper]:
    """The photo of each belonging of a journey that has one, by the belonging's reference."""
    rows = db.session.execute(
        _standing()
        .join(TransferItem, TransferItem.id == Paper.item_id)
        .where(Paper.transfer_id == transfer_id, TransferItem.removed_at.is_(None), Paper.kind == ITEM)
        .add_columns(TransferItem.ref)
    )
    return {item_ref: paper for paper, item_ref in rows}


def of_things(transfer_id: int) -> list[tuple[Paper, TransferItem]]:
    """Every photo of a belonging of a journey, packed or as it was found, in the order taken."""
    rows = db.session.execute(
        _standing()
        .join(TransferItem, TransferItem.id == Paper.item_id)
        .where(Paper.transfer_id == transfer_id, TransferItem.removed_at.is_(None))
        .add_columns(TransferItem)
    )
    return [(paper, item) for paper, item in rows]


def summaries(transfer_id: int) -> list[Paper]:
    """The discharge summaries that the hospital attached to a journey, in the order attached."""
    return list(
        db.session.scalars(_standing().where(Paper.transfer_id == transfer_id, Paper.kind == SUMMARY))
    )


def for_pack(transfer: Transfer) -> tuple[PackFile, ...]:
    """What a pack that is made now takes along: the photo, the papers, the photos of belongings."""
    rows = db.session.execute(
        _standing()
        .outerjoin(TransferItem, TransferItem.id == Paper.item_id)
        .where(Paper.resident_id == transfer.resident_id, Paper.kind.not_in((SUMMARY, FOUND)))
        .where(or_(Paper.transfer_id.is_(None), Paper.transfer_id == transfer.id))
        .where(TransferItem.removed_at.is_(None))
        .add_columns(TransferItem.ref, TransferItem.description)
    )
    found = sorted(rows, key=lambda row: _place(row[0]))
    return tuple(_pack_file(paper, item_ref or "", shown or "") for paper, item_ref, shown in found)


def _pack_file(paper: Paper, item_ref: str, shown: str) -> PackFile:
    return PackFile(
        ref=paper.ref,
        kind=paper.kind,
        title=f"Photo: {shown}" if shown else rules.title(paper.kind, paper.title),
        sha256=rules.digest(page.sha256 for page in paper.pages),
        pages=len(paper.pages),
        added=format_day(london_day(paper.added_at)),
        item_ref=item_ref,
    )


def frozen(files: Sequence[PackFile], ref: str) -> Paper:
    """The paper behind one file of a frozen pack, also one that was replaced since. Raises NotFound."""
    if not any(file.ref == ref for file in files):
        raise NotFound(NO_SUCH)
    return _by_ref(ref)


def face_of(files: Sequence[PackFile]) -> bytes | None:
    """The JPEG of the person's photo among the files of a frozen pack, small; None where there is none."""
    photo = rules.person_photo(files)
    return small(frozen(files, photo.ref)) if photo else None


def summary(transfer_id: int, ref: str) -> Paper:
    """One discharge summary of a journey. Raises NotFound."""
    found = next((row for row in summaries(transfer_id) if row.ref == ref), None)
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def _by_ref(ref: str) -> Paper:
    found = db.session.scalar(
        select(Paper).filter_by(ref=ref).options(joinedload(Paper.resident), selectinload(Paper.pages))
    )
    if found is None:
        raise NotFound(NO_SUCH)
    return found


def page(paper: Paper, number: str) -> bytes:
    """The JPEG of one page, counted from 1. Raises NotFound."""
    wanted = next((row for row in paper.pages if str(row.number) == number), None)
    if wanted is None:
        raise NotFound("There is no such page.")
    return _bytes_of(wanted.file_id)


def small(paper: Paper) -> bytes:
    """The JPEG of its first page, small: for lists."""
    return _bytes_of(paper.small_id)


def _bytes_of(file_id: int) -> bytes:
    return db.session.scalars(select(KeptFile.content).filter_by(id=file_id)).one()


def pages_of(file: PackFile) -> Iterator[bytes]:
    """The JPEG of each page of this file, one read at a time, as it was when the pack was frozen.

    Raises ValueError where the pages are not the ones whose hash the pack holds.
    """
    rows = db.session.execute(
        select(PaperPage.file_id, PaperPage.sha256)
        .join(Paper, Paper.id == PaperPage.paper_id)
        .where(Paper.ref == file.ref)
        .order_by(PaperPage.number)
    ).all()
    if rules.digest(row.sha256 for row in rows) != file.sha256:
        raise ValueError(f"The pages of paper {file.ref} are not those that were frozen.")
    for row in rows:
        yield _bytes_of(row.file_id)


def prints(packs: Iterable[Sequence[PackFile]]) -> list[Print]:
    """Of the files of each pack, which papers are printed behind it: one read for all."""
    wanted = list(packs)
    refs = {file.ref for files in wanted for file in rules.behind_pack(files)}
    rows = db.session.execute(
        select(Paper.ref, func.sum(KeptFile.size).label("size"))
        .join(PaperPage, PaperPage.paper_id == Paper.id)
        .join(KeptFile, KeptFile.id == PaperPage.file_id)
        .where(Paper.ref.in_(refs))
        .group_by(Paper.ref)
    )
    sizes = {row.ref: int(row.size) for row in rows}
    return [rules.to_print(files, sizes) for files in wanted]


def bytes_of_resident(resident_id: int) -> int:
    """What all photos and papers of a resident take, those taken away included; summaries are the
    hospital's and count by themselves."""
    return _kept_bytes(Paper.resident_id == resident_id, Paper.kind != SUMMARY)


def bytes_of_summaries(transfer_id: int) -> int:
    """What the summaries of one journey take, those taken away included."""
    return _kept_bytes(Paper.transfer_id == transfer_id, Paper.kind == SUMMARY)


def _kept_bytes(*which: ColumnElement[bool]) -> int:
    """The same bytes are kept once, and count once."""
    pages = select(PaperPage.file_id).join(Paper, Paper.id == PaperPage.paper_id).where(*which)
    small_ones = select(Paper.small_id).where(*which)
    wanted = select(func.sum(KeptFile.size)).where(KeptFile.id.in_(pages.union(small_ones)))
    return int(db.session.scalar(wanted) or 0)
