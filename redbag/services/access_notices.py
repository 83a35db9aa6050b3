"""What the home is told of a label's access code: who used it, and that somebody is guessing.

One open task a journey for each, with what came in meanwhile added; the home clears them together when it
has looked (services/access_codes.py: looked).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain.london_time import format_time
from redbag.models import Guest, Label, LabelAccess, Organisation, Task, Transfer

USED, GUESSED = "code_used", "code_guessed"
KINDS = (USED, GUESSED)
_LONGEST = 500


def code_used(label: Label, now: datetime) -> None:
    """Tells the home who came in with the code, newest first, since it last looked."""
    task = _task(label, USED, now)
    if task is None:
        return
    rows = db.session.execute(
        select(Guest, Organisation.name)
        .outerjoin(Organisation, Organisation.id == Guest.hospital_id)
        .where(Guest.label_id == label.id, Guest.created_at >= task.created_at)
        .order_by(Guest.id.desc())
    )
    task.detail = _shortened([_who(row.Guest, row.name or "") for row in rows])


def _who(guest: Guest, hospital: str) -> str:
    at = format_time(guest.created_at)
    if guest.named_at is None:
        return f"somebody who has not said who they are, {at}"
    return ", ".join(part for part in (guest.name, guest.role, hospital, guest.place, at) if part)


def _shortened(lines: list[str]) -> str:
    told = "; ".join(lines)
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 20].rsplit('; ', 1)[0]}; and more"


def wrong_code(label: Label, access: LabelAccess, now: datetime) -> None:
    """Tells the home how often a wrong code was typed, in the life of this label."""
    task = _task(label, GUESSED, now)
    if task is not None:
        times = "once" if access.wrong == 1 else f"{access.wrong} times"
        task.detail = f"{times}, the last at {format_time(now)}"


def _task(label: Label, kind: str, now: datetime) -> Task | None:
    """The open task of this kind, or a new one; None for a label that is on no journey."""
    if label.transfer_id is None:
        return None
    task = db.session.scalar(
        select(Task).filter_by(transfer_id=label.transfer_id, kind=kind, done_at=None).limit(1)
    )
    if task is None:
        home_id = db.session.scalars(select(Transfer.home_id).filter_by(id=label.transfer_id)).one()
        task = Task(
            organisation_id=home_id, transfer_id=label.transfer_id, kind=kind, due_at=now, created_at=now
        )
        db.session.add(task)
        db.session.flush()
    return task
