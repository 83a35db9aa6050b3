"""People who sign in, what they are where, their sessions and their invitations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref
from redbag.models.organisations import Organisation, Ward


class Account(Base):
    """A person who can sign in. `email` is kept in lower case. No passphrase: invited and not yet joined, or
    signed in by a sign-in service. `passphrase_until`: the operator lets the passphrase in until then, though
    the person's organisation insists on its service."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    passphrase_hash: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    passphrase_until: Mapped[datetime | None] = mapped_column(UtcInstant)
    version: Mapped[int] = mapped_column(default=1)

    memberships: Mapped[list[Membership]] = relationship(back_populates="account", order_by="Membership.id")

    __mapper_args__ = {"version_id_col": version}


class Membership(Base):
    """A role in one organisation; a ward where the person usually works, if there is one."""

    __tablename__ = "memberships"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[str] = mapped_column(String(30))
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("wards.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcInstant)

    account: Mapped[Account] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship()
    ward: Mapped[Ward | None] = relationship()

    __table_args__ = (UniqueConstraint("account_id", "organisation_id", "role"),)


class Invitation(Base):
    """A one-time link by which a person sets their own passphrase. Only the hash of the link is kept."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    expires_at: Mapped[datetime] = mapped_column(UtcInstant)
    used_at: Mapped[datetime | None] = mapped_column(UtcInstant)

    account: Mapped[Account] = relationship(foreign_keys=[account_id])


class UserSession(Base):
    """One signed-in browser. The cookie holds the token, this row its hash. `device_id`: the enrolled
    device that this is; `by_pin`: it was opened by a PIN, not by the passphrase; `service_id`: the sign-in
    service that let the person in instead; `browser`: its kind in a few words, "" where it was not kept or
    not known. `factor`: what was shown beside the passphrase, "" nothing yet; `shown_at`: when the person
    last showed who they are, otherwise than by a PIN; `challenge`: what their passkey is asked to sign now,
    once.
    """

    __tablename__ = "user_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("memberships.id"))
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("wards.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("devices.id"), index=True)
    by_pin: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    seen_at: Mapped[datetime] = mapped_column(UtcInstant)
    expires_at: Mapped[datetime] = mapped_column(UtcInstant)
    ended_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    ended_why: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    factor: Mapped[str] = mapped_column(String(12), default="", server_default=text("''"))
    shown_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    challenge: Mapped[str] = mapped_column(String(100), default="", server_default=text("''"))
    browser: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in_services.id"))

    account: Mapped[Account] = relationship()
    membership: Mapped[Membership | None] = relationship()
    ward: Mapped[Ward | None] = relationship()


class SignInAttempt(Base):
    """A guess that failed, kept to slow guessing. `subject` is a keyed hash, never the e-mail."""

    __tablename__ = "sign_in_attempts"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcInstant)

    __table_args__ = (Index("ix_sign_in_attempts_subject_at", "subject", "at"),)
