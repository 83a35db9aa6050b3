"""Residents and their standing record, kept up before any emergency."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref
from redbag.models.organisations import Organisation


class Resident(Base):
    """A person who lives in a care home. No NHS number means not known.

    `name_words`: the words of every name, folded, each after a space, for finding by the start of
    any word. `usual_news2`: the person's usual score when well, with the day it was settled.
    """

    __tablename__ = "residents"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    given_name: Mapped[str] = mapped_column(String(120))
    family_name: Mapped[str] = mapped_column(String(120))
    preferred_name: Mapped[str] = mapped_column(String(120), default="")
    name_words: Mapped[str] = mapped_column(String(400), default="")
    date_of_birth: Mapped[date]
    nhs_number: Mapped[str | None] = mapped_column(String(10), index=True)
    gender: Mapped[str] = mapped_column(String(40), default="")
    room: Mapped[str] = mapped_column(String(20), default="")
    gp_practice: Mapped[str] = mapped_column(String(200), default="")
    first_language: Mapped[str] = mapped_column(String(60), default="")
    interpreter: Mapped[str] = mapped_column(String(20), default="")
    usual_news2: Mapped[int | None]
    usual_news2_on: Mapped[date | None]
    moved_in_on: Mapped[date | None]
    left_on: Mapped[date | None]
    left_why: Mapped[str] = mapped_column(String(40), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    reviewed_by: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    version: Mapped[int] = mapped_column(default=1)

    home: Mapped[Organisation] = relationship()
    sections: Mapped[list[RecordSection]] = relationship(back_populates="resident")
    medicines: Mapped[list[Medicine]] = relationship(back_populates="resident", order_by="Medicine.id")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (Index("ix_residents_home_id_family_name", "home_id", "family_name"),)

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class RecordSection(Base):
    """One section of the standing record (domain/record.py). `answers`: JSON by field key."""

    __tablename__ = "record_sections"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"))
    key: Mapped[str] = mapped_column(String(30))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    reviewed_by: Mapped[str] = mapped_column(String(120), default="")
    review_due_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)

    resident: Mapped[Resident] = relationship(back_populates="sections")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (UniqueConstraint("resident_id", "key"),)


class Medicine(Base):
    """One medicine as written on the MAR. A code is welcome beside the text and never a condition.

    `high_risk`: why its last dose is answered by itself (domain/medicines.py), "" for ordinary ones.
    A medicine that was stopped or replaced stays, with the day and the reason.
    """

    __tablename__ = "medicines"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    name: Mapped[str] = mapped_column(String(300))
    form: Mapped[str] = mapped_column(String(120), default="")
    strength: Mapped[str] = mapped_column(String(120), default="")
    dose: Mapped[str] = mapped_column(String(200), default="")
    route: Mapped[str] = mapped_column(String(80), default="")
    frequency: Mapped[str] = mapped_column(String(200), default="")
    times: Mapped[str] = mapped_column(String(200), default="")
    indication: Mapped[str] = mapped_column(String(300), default="")
    as_needed: Mapped[bool] = mapped_column(default=False)
    as_needed_rules: Mapped[str] = mapped_column(String(500), default="")
    time_critical: Mapped[bool] = mapped_column(default=False)
    controlled: Mapped[bool] = mapped_column(default=False)
    high_risk: Mapped[str] = mapped_column(String(40), default="")
    allergy_conflict: Mapped[str] = mapped_column(String(300), default="")
    started_on: Mapped[date | None]
    review_on: Mapped[date | None]
    code_system: Mapped[str] = mapped_column(String(20), default="")
    code: Mapped[str] = mapped_column(String(40), default="")
    paused_until: Mapped[str] = mapped_column(String(200), default="")
    stopped_on: Mapped[date | None]
    stopped_why: Mapped[str] = mapped_column(String(300), default="")
    changed_at: Mapped[datetime] = mapped_column(UtcInstant)
    changed_by: Mapped[str] = mapped_column(String(120), default="")
    version: Mapped[int] = mapped_column(default=1)

    resident: Mapped[Resident] = relationship(back_populates="medicines")

    __mapper_args__ = {"version_id_col": version}
