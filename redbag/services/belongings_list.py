"""The home's own list of what usually goes along: renamed, removed, added to and put in order at once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from redbag.database import db
from redbag.domain import belongings
from redbag.domain.belongings import UsualItem
from redbag.domain.errors import NotPermitted, Stale
from redbag.domain.permissions import Actor, Permission, Subject, can
from redbag.domain.record import Values
from redbag.models import UsualBelonging
from redbag.queries import belongings_list
from redbag.services import audit


def fingerprint(items: Sequence[UsualItem]) -> str:
    """Stands for a list as it was when a page was opened, so that a second change is noticed."""
    told = repr([(item.ref, item.name, item.valuable) for item in items])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def save(actor: Actor, rows: Sequence[Values], *, version: str, now: datetime) -> list[UsualItem]:
    """The list as the manager wants it: what is not in `rows` is no longer offered.

    The first save makes the defaults the home's own. Raises Stale when somebody else saved meanwhile,
    Invalid for a name that stands twice.
    """
    home_id = actor.organisation_id
    if not can(actor, Permission.BELONGINGS_LIST_EDIT, Subject(home_id=home_id)):
        raise NotPermitted("The list of belongings is kept by the home’s manager.")
    if fingerprint(belongings_list.usual(home_id)) != version:
        raise Stale("Somebody else saved this list after you opened it.")
    wanted = belongings.checked(rows)
    standing = {row.ref: row for row in belongings_list.own(home_id)}
    for ref in standing.keys() - {item.ref for item in wanted}:
        standing[ref].removed_at = now
    for position, item in enumerate(wanted):
        row = standing.get(item.ref)
        if row is None:
            row = UsualBelonging(organisation_id=home_id)
            db.session.add(row)
        row.name, row.valuable, row.position = item.name, item.valuable, position
    db.session.flush()
    subject = ("organisation", actor.organisation_ref)
    audit.append(actor, audit.Note("belongings_list.changed", subject), now)
    return belongings_list.usual(home_id)
