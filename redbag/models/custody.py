"""What proves a handover: signatures drawn on the tablet, and custody records as they were issued."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from redbag.database import Base, UtcInstant, new_ref
from redbag.sealed_columns import SealedJson


class Signature(Base):
    """The strokes of a signature, as checked (domain/signature.py), of one event. Append-only.

    A table apart: replaying a journey reads its events, never the drawings.
    """

    __tablename__ = "signatures"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("transfer_events.id"), unique=True)
    strokes: Mapped[list[Any]] = mapped_column(SealedJson("signatures.strokes"))


class CustodyRecord(Base):
    """One custody record as it was issued, frozen. Append-only.

    The verification code is derived from `content` under the key `key_id`; what is kept of it is a hash.
    `sha256`: of the part that the journey alone decides, to tell whether there is anything newer.
    """

    __tablename__ = "custody_records"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    issued_at: Mapped[datetime] = mapped_column(UtcInstant)
    issued_by: Mapped[str] = mapped_column(String(120))
    key_id: Mapped[str] = mapped_column(String(20))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson("custody_records.content"))
