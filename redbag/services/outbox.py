"""E-mail to homes and hospitals: written down with what it tells of, sent later by a process of its own.

A person at work never waits for a mail server. What is told is a line of "Needs attention" or a step of the
other end; each is told once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from redbag.database import db
from redbag.domain.attention import KINDS, Trouble, key_of
from redbag.domain.mail_words import WAITS
from redbag.domain.permissions import OrganisationKind
from redbag.domain.transfer_states import Action
from redbag.models import MailSetting, Organisation, Outgoing, Transfer
from redbag.queries import attention, transfers, watched
from redbag.queries.attention import Place

ABANDONED = timedelta(minutes=10)
"""After this long whoever had claimed a message is taken to be gone."""
_STEPS = frozenset(
    {
        Action.ARRIVE,
        Action.ADMIT,
        Action.MOVE_HOSPITAL,
        Action.DISCHARGE,
        Action.SEND_BACK,
        Action.DISCHARGE_ELSEWHERE,
        Action.RECORD_DEATH,
        Action.LIST_MEDICINES,
        Action.HOME_CAN_MEET_NEEDS,
    }
)


@dataclass(frozen=True)
class Batch:
    """Everything that one site is told of in one message. `claim`: who sends it."""

    claim: str
    site: str
    address: str
    count: int


def _switched_on(*organisation_ids: int | None) -> list[MailSetting]:
    wanted = [one for one in organisation_ids if one is not None]
    return list(
        db.session.scalars(
            select(MailSetting).where(MailSetting.organisation_id.in_(wanted), MailSetting.address != "")
        )
    )


def follow_step(
    transfer: Transfer, action: Action, event_id: int, said_by: int | None, now: datetime
) -> None:
    """Tells the other end of a step, and both ends of what it brings to their lists. In the transaction of
    the step; `said_by`: the organisation that recorded it."""
    for site in _switched_on(transfer.home_id, transfer.hospital_id):
        if action in _STEPS and said_by != site.organisation_id:
            _put(site, "step", f"step:{event_id}", now)
    follow_journey(transfer, now)


def follow_journey(transfer: Transfer, now: datetime) -> None:
    """Tells both ends of what this journey brings to their lists now."""
    sites = _switched_on(transfer.home_id, transfer.hospital_id)
    if not sites:
        return
    db.session.flush()
    missing = transfers.missing_things([transfer.id])
    found = watched.look([transfer], missing, now)[transfer.id]
    for site in sites:
        side = "home" if site.organisation_id == transfer.home_id else "hospital"
        ours = [trouble for trouble in found if trouble.who == side]
        _tell(site, ((one, key_of(one, transfer.ref)) for one in ours), now)


def follow_place(organisation_id: int, now: datetime) -> None:
    """Tells a site of everything on its list that it has not been told of."""
    for site in _switched_on(organisation_id):
        db.session.flush()
        kind = OrganisationKind(db.session.get_one(Organisation, organisation_id).kind)
        lines = attention.standing(Place(organisation_id, kind), now)
        _tell(site, ((line.trouble, line.key) for line in lines), now)


def sites() -> list[int]:
    """Every organisation that wants e-mail."""
    found = select(MailSetting.organisation_id).where(MailSetting.address != "")
    return list(db.session.scalars(found.order_by(MailSetting.organisation_id)))


def _tell(site: MailSetting, lines: Iterable[tuple[Trouble, str]], now: datetime) -> None:
    for trouble, key in lines:
        # What stood there before e-mail was switched on is on the list already: nobody is flooded.
        if trouble.since >= site.since:
            _put(site, KINDS[trouble.kind].mail, key, now)


def _put(site: MailSetting, kind: str, key: str, now: datetime) -> None:
    if kind not in site.kinds:
        return
    told = select(Outgoing.id).filter_by(organisation_id=site.organisation_id, key=key[:120])
    if db.session.scalar(told.limit(1)) is None:
        row = Outgoing(
            organisation_id=site.organisation_id, kind=kind, key=key[:120], created_at=now, due_at=now
        )
        db.session.add(row)
        db.session.flush()


def release_abandoned(now: datetime) -> tuple[int, int]:
    """Messages whose sender is gone: those that were not yet being handed over wait again; of the others
    nobody knows, and they are not sent twice. Returns how many of each."""
    gone = Outgoing.claimed_at < now - ABANDONED
    back = db.session.execute(
        update(Outgoing).where(Outgoing.state == "claimed", gone).values(state="waiting", claim="")
    )
    unsure = db.session.execute(
        update(Outgoing)
        .where(Outgoing.state == "handing", gone)
        .values(state="unsure", error="The sender stopped while handing it over.")
    )
    return _rows(back), _rows(unsure)


def _rows(result: object) -> int:
    return int(getattr(result, "rowcount", 0))


def waiting(now: datetime) -> int:
    """How many sites have a message that is due."""
    due = select(Outgoing.organisation_id).where(Outgoing.state == "waiting", Outgoing.due_at <= now)
    return len(set(db.session.scalars(due)))


def claim(now: datetime) -> Batch | None:
    """Takes everything that is due for one site, so that no other process sends it; None when nothing is.

    What is due for a site that has switched e-mail off meanwhile is given up.
    """
    rows = _due(now)
    if not rows:
        return None
    site = next(iter(_switched_on(rows[0].organisation_id)), None)
    if site is None:
        for row in rows:
            row.state, row.error = "given_up", "E-mail was switched off."
        db.session.flush()
        return claim(now)
    mark = secrets.token_hex(16)
    for row in rows:
        row.state, row.claim, row.claimed_at, row.attempts = "claimed", mark, now, row.attempts + 1
    db.session.flush()
    name = db.session.scalar(select(Organisation.name).where(Organisation.id == site.organisation_id))
    return Batch(mark, name or "", site.address, len(rows))


def _due(now: datetime) -> list[Outgoing]:
    due = (Outgoing.state == "waiting", Outgoing.due_at <= now)
    first = db.session.scalar(
        select(Outgoing.organisation_id).where(*due).order_by(Outgoing.due_at, Outgoing.id).limit(1)
    )
    if first is None:
        return []
    wanted = select(Outgoing).where(*due, Outgoing.organisation_id == first).with_for_update(skip_locked=True)
    return list(db.session.scalars(wanted))


def handing_over(batch: Batch, now: datetime) -> None:
    """Before the message itself is given to the server: from here on it is never sent again unless the
    server says that it refused it."""
    for row in _of(batch):
        row.state, row.claimed_at = "handing", now
    db.session.flush()


def sent(batch: Batch, now: datetime) -> None:
    """The server has taken it."""
    for row in _of(batch):
        row.state, row.sent_at, row.error = "sent", now, ""
    db.session.flush()


def unsure(batch: Batch, error: str) -> None:
    """The server fell silent after it was given the message: it is not sent twice."""
    for row in _of(batch):
        row.state, row.error = "unsure", error[:200]
    db.session.flush()


def refused(batch: Batch, error: str, now: datetime) -> None:
    """The server did not take it: again after a wait that grows, until it is given up."""
    for row in _of(batch):
        row.error, row.claim = error[:200], ""
        if row.attempts > len(WAITS):
            row.state = "given_up"
        else:
            row.state, row.due_at = "waiting", now + WAITS[row.attempts - 1]
    db.session.flush()


def _of(batch: Batch) -> list[Outgoing]:
    return list(db.session.scalars(select(Outgoing).filter_by(claim=batch.claim)))
