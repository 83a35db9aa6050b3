"""Loading a transfer for writing, with the refusals that every step shares."""

from __future__ import annotations

from redbag.domain.errors import IllegalTransition, NotPermitted, Stale
from redbag.domain.permissions import Actor, Permission, can
from redbag.models import Transfer
from redbag.queries import transfers


def load(actor: Actor, ref: str, permission: Permission, version: int | None = None) -> Transfer:
    """A transfer for writing. Raises NotFound, NotPermitted, or Stale when it changed meanwhile."""
    transfer = transfers.get(actor, ref, for_update=True)
    if not can(actor, permission, transfers.subject(transfer)):
        raise NotPermitted("This is not part of your work.")
    if version is not None and version != transfer.version:
        raise Stale("Somebody else changed this transfer after you opened it.", dict(transfer.facts))
    return transfer


def is_questioned(transfer: Transfer) -> bool:
    """Whether somebody said "not this person" and nobody has settled it."""
    return transfers.is_questioned(transfer.id)


def refuse_while_questioned(transfer: Transfer) -> None:
    """Raises IllegalTransition while it is in doubt whose bag this is."""
    if is_questioned(transfer):
        phone = transfer.home.night_phone or transfer.home.phone
        raise IllegalTransition(
            "Somebody said that this is not the person. "
            f"Ring {transfer.home.name}, {phone}, before anything else."
        )
