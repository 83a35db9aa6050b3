"""A pack that was opened without the bag in hand: who, why, until when, and what the home says of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref
from redbag.models.transfers import Transfer
from redbag.sealed_columns import SealedText


class EmergencyLook(Base):
    """Hospital staff who named a person by NHS number and date of birth, and gave a reason.

    `place`: the hospital and ward as they were then. `review`: "" until the home's manager has looked,
    then right or asked (domain/emergency.py).
    """

    __tablename__ = "emergency_looks"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    actor_name: Mapped[str] = mapped_column(String(120))
    actor_role: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(SealedText("emergency_looks.reason", 300))
    opened_at: Mapped[datetime] = mapped_column(UtcInstant)
    expires_at: Mapped[datetime] = mapped_column(UtcInstant)
    review: Mapped[str] = mapped_column(String(20), default="")
    review_note: Mapped[str] = mapped_column(SealedText("emergency_looks.review_note", 300), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    reviewed_by: Mapped[str] = mapped_column(String(120), default="")

    transfer: Mapped[Transfer] = relationship()
