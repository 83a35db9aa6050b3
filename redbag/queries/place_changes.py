"""What says whether the figures of a place may have changed: the numbers that the database keeps by triggers
(models/place_changes.py)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, func, select, text, union_all

from redbag.database import db
from redbag.domain.permissions import Actor, Role
from redbag.models import PlaceChange, Stay, Transfer
from redbag.models.place_changes import EVERY_PLACE
from redbag.queries.among import among
from redbag.queries.different import different

_WATCHING = {
    "sqlite": "(SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'place_changes_%')",
    "postgresql": "(SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'place_changes_%' AND tgenabled = 'O')",
}
_TRIGGERS = 24
"""One for each of insert, update and delete on the eight tables that a place's figures are counted from."""


@dataclass(frozen=True)
class Stamp:
    """What a place's figures were counted under. `own`: the number of the place itself, and of what concerns
    every place; `others`: that of the other places whose records its figures go by."""

    own: int
    others: int


def others(actor: Actor) -> frozenset[int]:
    """The other places whose records the figures of the actor's place go by: for a hospital the homes of its
    stays and visits (who came back to another hospital, how old a visitor was); a home has all its own.

    They change only with the hospital's own records: read Stamp.own first; these stand as long as it does.
    """
    if actor.role is not Role.HOSPITAL_MANAGER:
        return frozenset()
    here = actor.organisation_id
    visits = (Transfer.hospital_id == here, Transfer.admitted_at.is_(None), Transfer.ended_at.is_not(None))
    stays = different(Stay.home_id, Stay.hospital_id == here)
    wanted = union_all(stays, different(Transfer.home_id, *visits))
    return frozenset(home for home in db.session.scalars(wanted) if home is not None)


def stamp(actor: Actor, others: Collection[int]) -> Stamp | None:
    """The numbers of the actor's place and of these others, of one moment; None where the database does not
    say of every change whom it concerns, because a trigger is missing."""
    its_own = PlaceChange.place_id.in_((EVERY_PLACE, actor.organisation_id))
    concerned = [EVERY_PLACE, actor.organisation_id, *others]
    wanted = select(
        func.coalesce(func.sum(case((its_own, PlaceChange.n))), 0),
        func.coalesce(func.sum(PlaceChange.n), 0),
        text(_WATCHING[db.session.get_bind().dialect.name]),
    ).where(among(PlaceChange.place_id, concerned))
    own_number, every, triggers = db.session.execute(wanted).one()
    return Stamp(int(own_number), int(every - own_number)) if triggers == _TRIGGERS else None
