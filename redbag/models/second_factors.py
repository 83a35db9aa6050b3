"""What a person shows beside the passphrase: an authenticator app, passkeys, recovery codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from redbag.database import Base, UtcInstant, new_ref


class AuthenticatorApp(Base):
    """The app whose codes a person types (TOTP). `sealed`: its secret, encrypted under a key that is not in
    the database. `last_step`: the 30 seconds of the newest code that was taken, so that each is taken once.
    `wrong`: wrong codes since the person last showed a second factor."""

    __tablename__ = "authenticator_apps"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True, autoincrement=False)
    sealed: Mapped[str] = mapped_column(String(200))
    last_step: Mapped[int] = mapped_column(BigInteger)
    wrong: Mapped[int] = mapped_column(default=0)
    set_at: Mapped[datetime] = mapped_column(UtcInstant)


class Passkey(Base):
    """A passkey by the name that its owner gave it. `credential_id` as base64url; `sign_count`: what the
    authenticator last counted to, which a copy of it would fall behind."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    transports: Mapped[str] = mapped_column(String(100), default="")
    set_at: Mapped[datetime] = mapped_column(UtcInstant)
    used_at: Mapped[datetime | None] = mapped_column(UtcInstant)


class RecoveryCode(Base):
    """One code for the day on which the telephone is lost. Only its keyed hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(UtcInstant)
    used_at: Mapped[datetime | None] = mapped_column(UtcInstant)
