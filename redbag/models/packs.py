"""What travels: frozen pack versions, belongings and their checks, medicines and what became of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from redbag.database import Base, UtcInstant, new_ref
from redbag.sealed_columns import SealedJson, SealedText


class PackVersion(Base):
    """A frozen pack (domain/pack.py as JSON). Numbered from 1 within a transfer, never overwritten."""

    __tablename__ = "pack_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"))
    number: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcInstant)
    made_by: Mapped[str] = mapped_column(String(120))
    content: Mapped[dict[str, Any]] = mapped_column(SealedJson("pack_versions.content"))
    sha256: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("transfer_id", "number"),)


class TransferItem(Base):
    """One belonging that travels. `carried`: worn, in_bag or in_hand.

    `packed_at`, `packed_by`: when the home first ticked it, and who; None and "" for what was found later.
    """

    __tablename__ = "transfer_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"), index=True)
    description: Mapped[str] = mapped_column(SealedText("transfer_items.description", 200))
    quantity: Mapped[int] = mapped_column(default=1)
    valuable: Mapped[bool] = mapped_column(default=False)
    carried: Mapped[str] = mapped_column(String(10), default="in_bag")
    added_at_step: Mapped[str] = mapped_column(String(20), default="packing")
    packed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    packed_by: Mapped[str] = mapped_column(String(120), default="")
    removed_at: Mapped[datetime | None] = mapped_column(UtcInstant)


class ItemCheck(Base):
    """What one person found of one item at one handover. Append-only.

    `step`: packing, admission, discharge, return, opened or afterwards. `status`: present, missing,
    damaged, added, used_up, kept_by_family or settled.
    """

    __tablename__ = "item_checks"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("transfer_items.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("transfer_events.id"), index=True)
    step: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(SealedText("item_checks.note", 300), default="")


class MedicineLine(Base):
    """One line of a medicines list that travels. `side`: sent (frozen as the pack had it) or returned.

    `source` of a returned line: a ListSource.
    """

    __tablename__ = "medicine_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"), index=True)
    medicine_id: Mapped[int | None] = mapped_column(ForeignKey("medicines.id"))
    side: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(SealedText("medicine_lines.name", 300))
    form: Mapped[str] = mapped_column(SealedText("medicine_lines.form", 120), default="")
    strength: Mapped[str] = mapped_column(SealedText("medicine_lines.strength", 120), default="")
    dose: Mapped[str] = mapped_column(SealedText("medicine_lines.dose", 200), default="")
    route: Mapped[str] = mapped_column(SealedText("medicine_lines.route", 80), default="")
    frequency: Mapped[str] = mapped_column(SealedText("medicine_lines.frequency", 200), default="")
    times: Mapped[str] = mapped_column(SealedText("medicine_lines.times", 200), default="")
    code: Mapped[str] = mapped_column(SealedText("medicine_lines.code", 40), default="")
    last_dose: Mapped[str] = mapped_column(SealedText("medicine_lines.last_dose", 200), default="")
    next_due: Mapped[str] = mapped_column(SealedText("medicine_lines.next_due", 120), default="")
    supplied: Mapped[str] = mapped_column(SealedText("medicine_lines.supplied", 120), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcInstant)


class MedicineOutcome(Base):
    """What became of a line at the hospital (domain/medicines.py: Outcome), and who settled it at home.

    A later outcome for the same line supersedes the earlier one; the earlier one stays.
    """

    __tablename__ = "medicine_outcomes"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"), index=True)
    sent_line_id: Mapped[int | None] = mapped_column(ForeignKey("medicine_lines.id"))
    returned_line_id: Mapped[int | None] = mapped_column(ForeignKey("medicine_lines.id"))
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(SealedText("medicine_outcomes.reason", 500), default="")
    restart: Mapped[str] = mapped_column(SealedText("medicine_outcomes.restart", 200), default="")
    decides: Mapped[str] = mapped_column(SealedText("medicine_outcomes.decides", 200), default="")
    source: Mapped[str] = mapped_column(String(30), default="")
    entered_at: Mapped[datetime] = mapped_column(UtcInstant)
    entered_by: Mapped[str] = mapped_column(String(120), default="")
    superseded_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    accepted_by: Mapped[str] = mapped_column(String(120), default="")
    witnessed_by: Mapped[str] = mapped_column(String(120), default="")
    accepted_against: Mapped[str] = mapped_column(String(30), default="")
    settled_as: Mapped[str] = mapped_column(SealedText("medicine_outcomes.settled_as", 500), default="")
