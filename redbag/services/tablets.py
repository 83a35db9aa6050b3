"""Tablets that work with no network: the key of each copy, and the end of it (ADR 28).

The tablet keeps what it has sealed, and its key only as long as somebody is signed in on it; this
installation keeps the key. A key that was deleted here opens nothing any more, wherever the tablet is.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from uuid import UUID

from sqlalchemy import ColumnElement, select

from redbag.database import db, one_at_a_time
from redbag.domain.errors import Invalid
from redbag.domain.offline import COPIES_AT_MOST, KEY_KEPT
from redbag.domain.permissions import Actor
from redbag.models import Membership, Tablet, UserSession
from redbag.queries import tablets as queries
from redbag.services import audit, sessions


@dataclass(frozen=True)
class Key:
    """What one person's copy in one browser is sealed under: 32 bytes in base64, and the key's name."""

    key: str
    key_id: str


def number(text: str) -> str:
    """The number that a browser gave itself. Raises Invalid for what is none."""
    try:
        return str(UUID(text))
    except ValueError:
        raise Invalid({"tablet": "This tablet has no number. Open Red Bag again."}) from None


def key_for(actor: Actor, tablet: str, device_id: int | None, now: datetime) -> Key | None:
    """The key of the actor's copy of their home's records in this browser, the same each time; None where
    it was told to forget. `device_id`: the enrolled device of the home that the browser is.

    Deletes the keys of the home's tablets that nobody has heard of for long, and of the actor's own the one
    that was heard of longest ago where a new one would be one too many: the caller commits whatever the
    answer.
    """
    tablet = number(tablet)
    one_at_a_time(f"tablet|{tablet}|{actor.account_id}|{actor.organisation_id}")
    silent = (Tablet.organisation_id == actor.organisation_id) & (Tablet.heard_at < now - KEY_KEPT)
    forget_where(silent, None, "not heard of for too long", now)
    row = db.session.scalar(select(Tablet).filter_by(**_whose(actor, tablet)))
    if row is None:
        _make_room(actor, now)
        row = _made(actor, tablet, now)
    if row.forgotten_at is not None:
        return None
    row.heard_at, row.device_id, row.browser = now, device_id, actor.origin.browser
    return Key(row.key, row.key_id)


def _whose(actor: Actor, tablet: str) -> dict[str, object]:
    return {
        "tablet": tablet,
        "account_id": actor.account_id,
        "organisation_id": actor.organisation_id,
    }


def _make_room(actor: Actor, now: datetime) -> None:
    """For another copy of the actor: whoever wipes a browser each day, or asks in the name of ever more of
    them, does not leave keys behind without end."""
    own = select(Tablet).filter_by(
        account_id=actor.account_id, organisation_id=actor.organisation_id, forgotten_at=None
    )
    newest_first = own.order_by(Tablet.heard_at.desc(), Tablet.id.desc())
    for row in db.session.scalars(newest_first.offset(COPIES_AT_MOST - 1)).all():
        _forget(row, None, "too many copies", now)


def _made(actor: Actor, tablet: str, now: datetime) -> Tablet:
    key = b64encode(token_bytes(32)).decode()
    row = Tablet(**_whose(actor, tablet), key=key, given_at=now, heard_at=now)
    db.session.add(row)
    db.session.flush()
    audit.append(actor, audit.Note("tablet.key_given", ("tablet", row.ref)), now)
    return row


def forget(actor: Actor, tablet_ref: str, now: datetime) -> queries.TabletRow:
    """Has a copy forgotten that its home's manager may: it opens no more, wherever the tablet is, and what
    was not sent from it is lost. Whoever is signed in on it is out: else the tablet would come by another
    copy under another number. Raises NotFound."""
    _, row = queries.managed(actor, tablet_ref)
    _sign_out(db.session.scalars(select(Tablet).filter_by(ref=tablet_ref)).one(), actor, now)
    forget_where(Tablet.ref == tablet_ref, actor, "told to forget", now)
    return row


def _sign_out(tablet: Tablet, actor: Actor, now: datetime) -> None:
    """Ends its person's sessions at its home, on that device or on none: which of them is this tablet's,
    nobody knows."""
    here = select(Membership.id).filter_by(organisation_id=tablet.organisation_id)
    rows = db.session.scalars(
        select(UserSession.id).where(
            UserSession.account_id == tablet.account_id,
            UserSession.ended_at.is_(None),
            UserSession.id != actor.session_id,
            UserSession.membership_id.in_(here) | UserSession.membership_id.is_(None),
            UserSession.device_id.is_(None) | (UserSession.device_id == tablet.device_id),
        )
    )
    for session_id in rows.all():
        sessions.end(session_id, actor, "tablet told to forget", now)


def forget_of_account(account_id: int, actor: Actor, why: str, now: datetime) -> None:
    """Has every copy of somebody forgotten, of whichever home."""
    forget_where(Tablet.account_id == account_id, actor, why, now)


def forget_at(account_id: int, organisation_id: int, actor: Actor, why: str, now: datetime) -> None:
    """Has somebody's copies of one home forgotten: they work there no more."""
    of_home = (Tablet.account_id == account_id) & (Tablet.organisation_id == organisation_id)
    forget_where(of_home, actor, why, now)


def forget_on_device(device_id: int, actor: Actor, why: str, now: datetime) -> None:
    """Has everybody's copies on an enrolled device forgotten."""
    forget_where(Tablet.device_id == device_id, actor, why, now)


def forget_where(which: ColumnElement[bool], actor: Actor | None, why: str, now: datetime) -> int:
    """Deletes the keys of these tablets' copies; how many there were."""
    rows = db.session.scalars(select(Tablet).where(which, Tablet.forgotten_at.is_(None))).all()
    for row in rows:
        _forget(row, actor, why, now)
    return len(rows)


def _forget(row: Tablet, actor: Actor | None, why: str, now: datetime) -> None:
    row.key, row.forgotten_at, row.forgotten_why = "", now, why
    audit.append(actor, audit.Note("tablet.forgotten", ("tablet", row.ref), reason=why), now)
