"""Photos and papers: whose they are, their pages, and what the pages look like."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref
from redbag.models.residents import Resident
from redbag.sealed_columns import SealedBytes, SealedText


class KeptFile(Base):
    """The bytes of one JPEG that we have drawn, under their own SHA-256. Never changed.

    A table apart: nobody reads the bytes by listing papers.
    """

    __tablename__ = "kept_files"

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(SealedBytes("kept_files.content"))


class Paper(Base):
    """A photo or a paper of a resident. `kind`: domain/papers.py.

    `transfer_id`: of one journey only (the chart of the day, a belonging, the discharge summary).
    `item_id`: the belonging that it shows. One that is replaced or taken away stays, with
    `removed_at`: packs that were frozen with it go on showing it.
    """

    __tablename__ = "papers"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfers.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("transfer_items.id"))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(SealedText("papers.title", 120), default="")
    small_id: Mapped[int] = mapped_column(ForeignKey("kept_files.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    added_at: Mapped[datetime] = mapped_column(UtcInstant)
    added_by: Mapped[str] = mapped_column(String(120))
    removed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    removed_by: Mapped[str] = mapped_column(String(120), default="")

    resident: Mapped[Resident] = relationship()
    pages: Mapped[list[PaperPage]] = relationship(order_by="PaperPage.number")


class PaperPage(Base):
    """One page of a paper, from 1. Append-only."""

    __tablename__ = "paper_pages"

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"))
    number: Mapped[int]
    file_id: Mapped[int] = mapped_column(ForeignKey("kept_files.id"))
    sha256: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("paper_id", "number"),)
