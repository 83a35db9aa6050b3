"""Red bags as things of their own, what happened to them, and the labels in their windows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref
from redbag.models.organisations import Organisation
from redbag.sealed_columns import SealedText


class Bag(Base):
    """A physical, numbered bag of a home; it exists apart from any one resident.

    `state`: in_stock, out, to_clean, quarantined, lost or destroyed.
    """

    __tablename__ = "bags"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    number: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20), default="in_stock")
    state_since: Mapped[datetime] = mapped_column(UtcInstant)
    note: Mapped[str] = mapped_column(SealedText("bags.note", 300), default="")
    version: Mapped[int] = mapped_column(default=1)

    home: Mapped[Organisation] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (UniqueConstraint("home_id", "number"),)


class BagEvent(Base):
    """One thing that happened to a bag. Append-only."""

    __tablename__ = "bag_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    bag_id: Mapped[int] = mapped_column(ForeignKey("bags.id"), index=True)
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfers.id"))
    state: Mapped[str] = mapped_column(String(20))
    occurred_at: Mapped[datetime] = mapped_column(UtcInstant)
    recorded_at: Mapped[datetime] = mapped_column(UtcInstant)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    actor_name: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(SealedText("bag_events.note", 300), default="")


class Label(Base):
    """A printed label. Token and readable code are derived from `nonce` under the key `key_id`;
    what is kept of them is a hash.

    `number`: which label of its journey, from 1. `serial`: which of the home's labels for a drawer, None
    for one that was printed for its journey. A label from the drawer has no transfer until it is bound.
    """

    __tablename__ = "labels"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    bag_id: Mapped[int | None] = mapped_column(ForeignKey("bags.id"))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfers.id"), index=True)
    number: Mapped[int] = mapped_column(default=1)
    serial: Mapped[int | None]
    key_id: Mapped[str] = mapped_column(String(20))
    nonce: Mapped[str] = mapped_column(String(40))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcInstant)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    revoked_why: Mapped[str] = mapped_column(String(100), default="")

    bag: Mapped[Bag | None] = relationship()
    home: Mapped[Organisation] = relationship()

    __table_args__ = (Index("ix_labels_home_id_serial", "home_id", "serial", unique=True),)
