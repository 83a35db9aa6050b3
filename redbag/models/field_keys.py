"""Which keys something may be sealed under (ADR 23). The keys themselves are never in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from redbag.database import Base, UtcInstant


class FieldKey(Base):
    """One key by its id, from before it first sealed anything until nothing is sealed under it any more."""

    __tablename__ = "field_keys"

    key_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcInstant)
