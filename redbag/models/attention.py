"""What a place must look at beside its journeys: what others say of its bags, what was set aside; and how
it is told by e-mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref
from redbag.models.bags import Bag
from redbag.sealed_columns import SealedText


class BagReport(Base):
    """What somebody says of a home's bag that the home itself cannot see, until the home has settled it.

    `kind`: here (it stands with whoever reports it), sent_back, not_here. `organisation_id`: who says so;
    `place`: where, in words. `phone`: whom the home rings back.
    """

    __tablename__ = "bag_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    bag_id: Mapped[int] = mapped_column(ForeignKey("bags.id"), index=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfers.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(200), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(SealedText("bag_reports.note", 300), default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    actor_name: Mapped[str] = mapped_column(String(120), default="")
    said_at: Mapped[datetime] = mapped_column(UtcInstant)
    settled_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    settled_by: Mapped[str] = mapped_column(String(120), default="")

    bag: Mapped[Bag] = relationship()

    __table_args__ = (Index("ix_bag_reports_home_id_settled_at", "home_id", "settled_at"),)


class Seen(Base):
    """A line of "Needs attention" that a person has dealt with in a way that no step records.

    `key` names the line and since when it stands (domain/attention.py); a new mark is a new line.
    """

    __tablename__ = "attention_seen"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    key: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(SealedText("attention_seen.words", 300), default="")
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    actor_name: Mapped[str] = mapped_column(String(120), default="")
    seen_at: Mapped[datetime] = mapped_column(UtcInstant)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcInstant)

    __table_args__ = (Index("ix_attention_seen_organisation_id_seen_at", "organisation_id", "seen_at"),)


class SiteChange(Base):
    """Who changed a site's clocks or its e-mail, when, and from what to what. Append-only.

    `changes`: by key, the value before and the value after.
    """

    __tablename__ = "site_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    what: Mapped[str] = mapped_column(String(20))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    actor_name: Mapped[str] = mapped_column(String(120), default="")
    changed_at: Mapped[datetime] = mapped_column(UtcInstant)


class MailSetting(Base):
    """Where a site wants to be told by e-mail, and of what. `address`: "" for nowhere. `kinds`: the kinds
    that are switched on (domain/attention.py, MAIL_KINDS)."""

    __tablename__ = "mail_settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), unique=True)
    address: Mapped[str] = mapped_column(String(254), default="")
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    since: Mapped[datetime] = mapped_column(UtcInstant)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}


class Outgoing(Base):
    """One reason to write to a site, put here in the transaction of what it tells of. It names no person.

    `key`: what it is about, so that nothing is told twice. `state`: waiting; claimed (a sender has it);
    handing (the message is being given to the server: after a crash nobody knows whether it went); sent;
    unsure; given_up. `due_at`: not before this. `error`: what the server said last.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    due_at: Mapped[datetime] = mapped_column(UtcInstant)
    attempts: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str] = mapped_column(String(32), default="")
    claimed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    sent_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    error: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        Index("ix_outbox_state_due_at", "state", "due_at"),
    )
