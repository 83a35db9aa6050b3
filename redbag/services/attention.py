"""Lines of "Needs attention" that a person has dealt with, and has perhaps not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain.attention import SEEN
from redbag.domain.errors import NotFound, NotPermitted
from redbag.domain.permissions import Actor, Permission, can
from redbag.models import Seen, Task, Transfer
from redbag.queries import attention
from redbag.queries.attention import Line
from redbag.services import audit


def deal_with(actor: Actor, key: str, now: datetime) -> Line:
    """Takes a line off the list: somebody has dealt with it, and no step of the journey says so.

    Raises NotFound for a line that does not stand there any more, or that a step of the journey clears.
    """
    if not can(actor, Permission.ATTENTION_READ):
        raise NotPermitted("This list is kept by homes and hospitals.")
    lines = attention.standing(attention.place_of(actor), now)
    line = next((one for one in lines if one.key == key and one.trouble.kind in SEEN), None)
    if line is None:
        raise NotFound("That is not on the list any more.")
    db.session.add(
        Seen(
            organisation_id=actor.organisation_id,
            key=key,
            words=line.trouble.words[:300],
            account_id=actor.account_id,
            actor_name=actor.name,
            seen_at=now,
        )
    )
    if line.trouble.kind == "swap_bags" and line.transfer is not None:
        _swap_done(actor, line.transfer.id, now)
    db.session.flush()
    note = audit.Note("attention.seen", _subject(line), details={"kind": line.trouble.kind})
    audit.append(actor, note, now)
    return line


def _subject(line: Line) -> tuple[str, str]:
    return ("transfer" if line.transfer is not None else "bag", line.subject)


def _swap_done(actor: Actor, transfer_id: int, now: datetime) -> None:
    for task in db.session.scalars(
        select(Task).filter_by(transfer_id=transfer_id, kind="swap_bags", done_at=None)
    ):
        task.done_at, task.done_by, task.told = now, actor.name, "Swapped on the ward"


def take_back(actor: Actor, seen_ref: str, now: datetime) -> None:
    """Puts a line back that was taken off by mistake. Raises NotFound for one of another place."""
    row = db.session.scalar(
        select(Seen).filter_by(ref=seen_ref, organisation_id=actor.organisation_id, taken_back_at=None)
    )
    if row is None:
        raise NotFound("There is no such line.")
    kind, subject = row.key.split(":")[:2]
    row.taken_back_at = now
    if kind == "swap_bags":
        _swap_again(subject, row.seen_at)
    db.session.flush()
    audit.append(actor, audit.Note("attention.put_back", details={"kind": kind}), now)


def _swap_again(transfer_ref: str, done_at: datetime) -> None:
    task = db.session.scalar(
        select(Task)
        .join(Transfer, Transfer.id == Task.transfer_id)
        .where(Transfer.ref == transfer_ref, Task.kind == "swap_bags", Task.done_at == done_at)
    )
    if task is not None:
        task.done_at, task.done_by, task.told = None, "", ""
