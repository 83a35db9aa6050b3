"""Tablets that a ward or a home shares: enrolled once, opened by a person's own PIN."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref
from redbag.models.accounts import Account
from redbag.models.organisations import Organisation, Ward


class Device(Base):
    """One enrolled browser of a ward or a home. Its cookie holds the token, this row its hash.

    `wrong`: PINs typed wrongly on it, by anybody, since somebody was right.
    """

    __tablename__ = "devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("wards.id"))
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    enrolled_at: Mapped[datetime] = mapped_column(UtcInstant)
    enrolled_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    used_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    ended_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    wrong: Mapped[int] = mapped_column(default=0)

    organisation: Mapped[Organisation] = relationship()
    ward: Mapped[Ward | None] = relationship()


class Pin(Base):
    """A person's PIN. It opens enrolled devices only. Kept like a passphrase, under a key besides."""

    __tablename__ = "pins"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    pin_hash: Mapped[str] = mapped_column(String(300))
    set_at: Mapped[datetime] = mapped_column(UtcInstant)


class DevicePerson(Base):
    """One person on one device: when they last opened it, and wrong PINs since they were right."""

    __tablename__ = "device_people"

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    used_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    wrong: Mapped[int] = mapped_column(default=0)
    last_wrong_at: Mapped[datetime | None] = mapped_column(UtcInstant)

    account: Mapped[Account] = relationship()

    __table_args__ = (UniqueConstraint("device_id", "account_id"),)
