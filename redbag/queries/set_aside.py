"""Whose record an actor does not see, although it is of their own place: erased, or restricted."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, or_, select

from redbag.domain.permissions import Actor, Role
from redbag.domain.transfer_states import OPEN_STATES
from redbag.models import Resident, Transfer


def of(actor: Actor) -> Select[int]:
    """The ids of everybody who is set aside for this actor (domain/restriction.py); very few."""
    hidden: ColumnElement[bool] = Resident.erased_at.is_not(None)
    if actor.role is not Role.HOME_MANAGER:
        away = select(Transfer.resident_id).where(
            Transfer.resident_id == Resident.id, Transfer.state.in_([state.value for state in OPEN_STATES])
        )
        hidden = or_(hidden, Resident.restricted_at.is_not(None) & ~away.exists())
    # In the words of the index: whoever is neither is not looked at.
    set_aside = or_(Resident.restricted_at.is_not(None), Resident.erased_at.is_not(None))
    wanted = select(Resident.id).where(set_aside, hidden)
    if actor.role in (Role.CARER, Role.HOME_MANAGER):
        wanted = wanted.where(Resident.home_id == actor.organisation_id)
    return wanted
