"""A record as the administrator sees it: by its reference, without a name or a word of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Permission, can
from redbag.models import Organisation, Resident
from redbag.queries import transfers


@dataclass(frozen=True)
class Record:
    """`away`: on a journey to hospital that is not closed."""

    ref: str
    home: str
    restricted_at: datetime | None
    away: bool


def get(actor: Actor, ref: str) -> Record:
    """The record of a resident of any home. Raises NotFound, also for somebody who was erased."""
    row = None
    if can(actor, Permission.ADMIN_READ):
        row = db.session.execute(
            select(Resident.id, Resident.ref, Resident.restricted_at, Organisation.name)
            .join(Organisation, Organisation.id == Resident.home_id)
            .where(Resident.ref == ref.strip(), Resident.erased_at.is_(None))
        ).one_or_none()
    if row is None:
        raise NotFound("No record has this reference, or it was erased.")
    return Record(row.ref, row.name, row.restricted_at, transfers.open_for(row.id) is not None)
