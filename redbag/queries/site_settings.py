"""A site's own clocks and its e-mail, as they stand, and who changed them."""

from __future__ import annotations

from sqlalchemy import func, select

from redbag.database import db
from redbag.domain import clocks
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, OrganisationKind, Role
from redbag.models import MailSetting, Organisation, Outgoing, SiteChange

CHANGES_SHOWN = 10


def site(actor: Actor, ref: str) -> Organisation:
    """A home or hospital whose settings this person may open. Raises NotFound."""
    row = db.session.scalar(select(Organisation).filter_by(ref=ref))
    own = actor.role is Role.ADMINISTRATOR or (row is not None and row.id == actor.organisation_id)
    if row is None or not own or not clocks.of_site(OrganisationKind(row.kind)):
        raise NotFound("There is no such home or hospital.")
    return row


def changes(organisation_id: int, what: str) -> list[SiteChange]:
    """The latest changes of its clocks ("clocks") or its e-mail ("mail"), newest first."""
    return list(
        db.session.scalars(
            select(SiteChange)
            .filter_by(organisation_id=organisation_id, what=what)
            .order_by(SiteChange.id.desc())
            .limit(CHANGES_SHOWN)
        )
    )


def mail_of(organisation_id: int) -> MailSetting | None:
    """Where the site wants to be told; None before anybody has said."""
    return db.session.scalar(select(MailSetting).filter_by(organisation_id=organisation_id))


def outbox_of(organisation_id: int) -> tuple[Outgoing | None, dict[str, int]]:
    """The site's newest e-mail, and how many are in each state."""
    newest = db.session.scalar(
        select(Outgoing).filter_by(organisation_id=organisation_id).order_by(Outgoing.id.desc()).limit(1)
    )
    counts = db.session.execute(
        select(Outgoing.state, func.count())
        .where(Outgoing.organisation_id == organisation_id)
        .group_by(Outgoing.state)
    )
    return newest, {row[0]: row[1] for row in counts}


def outbox_counts() -> dict[str, int]:
    """How many e-mails are in each state, of every site together."""
    rows = db.session.execute(select(Outgoing.state, func.count()).group_by(Outgoing.state))
    return {row[0]: row[1] for row in rows}
