"""Browsers that keep a sealed copy of a home's records, for working with no network."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref
from redbag.models.accounts import Account
from redbag.models.devices import Device
from redbag.sealed_columns import SealedText


class Tablet(Base):
    """One person's copy of one home's records in one browser, and the key that it is sealed under there.

    `tablet`: the number that the browser gave itself; `key`: 32 random bytes in base64, "" once it is to be
    forgotten; `key_id`: names the key; `device_id`: the enrolled device that the browser is, if it is one;
    `heard_at`: when it last asked for its key.
    """

    __tablename__ = "tablets"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    tablet: Mapped[str] = mapped_column(String(36), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"), index=True)
    key_id: Mapped[str] = mapped_column(String(16), default=new_ref)
    key: Mapped[str] = mapped_column(SealedText("tablets.key", 44))
    browser: Mapped[str] = mapped_column(String(40), default="")
    given_at: Mapped[datetime] = mapped_column(UtcInstant)
    heard_at: Mapped[datetime] = mapped_column(UtcInstant)
    forgotten_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    forgotten_why: Mapped[str] = mapped_column(String(40), default="")

    account: Mapped[Account] = relationship()
    device: Mapped[Device | None] = relationship()

    __table_args__ = (UniqueConstraint("tablet", "account_id", "organisation_id"),)
