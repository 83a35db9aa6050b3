"""Photos of belongings as they are found, on the ward or at home again: for the custody record.

They are no part of a pack, and nobody takes them away, because a claim rests on them: but whoever took one of
the wrong thing, or with a face in it, may take it back for an hour.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain.custody import Step
from redbag.domain.errors import IllegalTransition, Invalid, NotFound, NotPermitted
from redbag.domain.papers import FOUND, ITEM, MOST_FOUND
from redbag.domain.permissions import Actor, Permission, can
from redbag.models import Paper, Transfer, TransferItem
from redbag.queries import papers as kept
from redbag.queries import transfers
from redbag.services import belongings, journeys, papers
from redbag.storage.drawn import Drawn

UNDONE_FOR = timedelta(hours=1)


def things(actor: Actor, transfer: Transfer) -> list[TransferItem]:
    """What the actor may take photos of now: nothing where they do not have the belongings."""
    try:
        _refuse(actor, transfer)
    except (NotPermitted, IllegalTransition):
        return []
    return belongings.list_for(transfer)


def thing(actor: Actor, ref: str, item_ref: str) -> tuple[Transfer, TransferItem]:
    """One belonging to take a photo of. Raises NotFound, NotPermitted, or IllegalTransition where the
    belongings are not with the actor now."""
    transfer = transfers.get(actor, ref)
    _refuse(actor, transfer)
    return transfer, papers.item_of(transfer, item_ref)


def may(actor: Actor, ref: str, item_ref: str) -> None:
    """As thing(), asked before a file is opened."""
    thing(actor, ref, item_ref)


def _refuse(actor: Actor, transfer: Transfer) -> None:
    at_home = actor.organisation_id == transfer.home_id
    permission = Permission.TRANSFER_RECEIVE if at_home else Permission.STAY_RECORD
    if not can(actor, permission, transfers.subject(transfer)):
        raise NotPermitted("Photos of belongings are taken by the home’s and the hospital’s staff.")
    if not at_home:
        journeys.refuse_while_questioned(transfer)
    belongings.refuse_at_another_step(transfer, Step.RETURN if at_home else Step.OPENED)


def add(actor: Actor, ref: str, item_ref: str, drawn: Drawn, now: datetime) -> Paper:
    """Keeps a photo of one belonging as it is now. Raises as thing(), Invalid where there are too many."""
    transfer, item = thing(actor, ref, item_ref)
    papers.hold_files()
    found = select(func.count()).where(
        Paper.item_id == item.id, Paper.kind == FOUND, Paper.removed_at.is_(None)
    )
    taken = db.session.scalar(found) or 0
    if taken >= MOST_FOUND:
        raise Invalid({"file": f"There are {MOST_FOUND} photos of it already. Write a note instead."})
    papers.refuse_without_room(transfer.resident, [drawn])
    where = actor.place_words[:120]
    return papers.keep(
        actor, transfer.resident, FOUND, drawn, now, transfer=transfer, item_id=item.id, other=where
    )


def own_slips(actor: Actor, transfer: Transfer, now: datetime) -> frozenset[str]:
    """The references of the photos that the actor took a moment ago, and may take back."""
    taken = (paper for paper, _item in kept.of_things(transfer.id) if paper.kind == FOUND)
    return frozenset(
        p.ref for p in taken if p.account_id == actor.account_id and now - p.added_at < UNDONE_FOR
    )


def take_back(actor: Actor, ref: str, shot_ref: str, now: datetime) -> str:
    """Takes the actor's own photo off the record; the audit log keeps that it was there. What it showed.

    Raises NotFound for no photo of this journey, IllegalTransition where it may not be taken back any more.
    """
    transfer = transfers.get(actor, ref)
    shown = {paper.ref: (paper, item) for paper, item in kept.of_things(transfer.id)}
    if shot_ref not in shown:
        raise NotFound(kept.NO_SUCH)
    if shot_ref not in own_slips(actor, transfer, now):
        raise IllegalTransition("Only whoever took a photo takes it back, and only within an hour.")
    paper, item = shown[shot_ref]
    papers.take_away(actor, paper, now)
    return item.description


def picture(transfer: Transfer, shot_ref: str) -> tuple[Paper, bytes]:
    """One photo of a belonging of this journey, and its JPEG. Raises NotFound."""
    for paper, _item in kept.of_things(transfer.id):
        if paper.ref == shot_ref and paper.kind in (ITEM, FOUND):
            return paper, kept.page(paper, "1")
    raise NotFound(kept.NO_SUCH)
