"""Files that a home brings in, between their preview and the word to go on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from redbag.database import Base, UtcInstant, new_ref
from redbag.sealed_columns import SealedJson, SealedText


class BroughtIn(Base):
    """The rows of one file, as they were read. Emptied when they are brought in, or thrown away.

    `content`: the rows (services/imports.py); `outcome`: what became of them, in counts and references.
    """

    __tablename__ = "brought_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    file_name: Mapped[str] = mapped_column(SealedText("brought_in.file_name", 200))
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson("brought_in.content"), default=dict)
    outcome: Mapped[dict[str, Any]] = mapped_column(SealedJson("brought_in.outcome"), default=dict)
    uploaded_at: Mapped[datetime] = mapped_column(UtcInstant)
    expires_at: Mapped[datetime] = mapped_column(UtcInstant, index=True)
    done_at: Mapped[datetime | None] = mapped_column(UtcInstant)
