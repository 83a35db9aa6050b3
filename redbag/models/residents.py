"""Residents and their standing record, kept up before any emergency."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, or_, text, type_coerce
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from redbag import sealed_columns
from redbag.database import Base, UtcInstant, new_ref
from redbag.models.organisations import Organisation
from redbag.sealed_columns import SealedJson, SealedText

NHS_NUMBER = "residents.nhs_number"


def nhs_number_index(number: str | None) -> str | None:
    """What a number is found by; None where there is no number, or nothing is sealed."""
    return sealed_columns.index(NHS_NUMBER, number) if number else None


def _index_of_new_row(row: Any) -> str | None:
    """For rows that are written in bulk, past the class."""
    return nhs_number_index(row.get_current_parameters().get("nhs_number"))


_SET_ASIDE: dict[str, Any] = {
    "sqlite_where": text("restricted_at IS NOT NULL OR erased_at IS NOT NULL"),
    "postgresql_where": text("restricted_at IS NOT NULL OR erased_at IS NOT NULL"),
}


class Resident(Base):
    """A person who lives in a care home. No NHS number means not known.

    `name_words`: the words of every name, folded, each after a space, for finding by the start of
    any word. `nhs_number_index`: what the number is found by where it is sealed; None where it is not sealed
    or not known. `usual_news2`: the person's usual score when well, with the day it was settled.

    `restricted_at`, `restricted_why`: since when, and why, the record is kept and not used (UK GDPR,
    Article 18; domain/restriction.py). `kept_until`, `kept_why`: what the last review after the end of
    retention decided. `erased_at`: only what figures need of the person is left (services/erasure.py).
    """

    __tablename__ = "residents"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    given_name: Mapped[str] = mapped_column(SealedText("residents.given_name", 120))
    family_name: Mapped[str] = mapped_column(SealedText("residents.family_name", 120))
    preferred_name: Mapped[str] = mapped_column(SealedText("residents.preferred_name", 120), default="")
    name_words: Mapped[str] = mapped_column(SealedText("residents.name_words", 400), default="")
    date_of_birth: Mapped[date]
    nhs_number: Mapped[str | None] = mapped_column(SealedText("residents.nhs_number", 10), index=True)
    nhs_number_index: Mapped[str | None] = mapped_column(String(41), default=_index_of_new_row, index=True)
    gender: Mapped[str] = mapped_column(SealedText("residents.gender", 40), default="")
    room: Mapped[str] = mapped_column(SealedText("residents.room", 20), default="")
    gp_practice: Mapped[str] = mapped_column(SealedText("residents.gp_practice", 200), default="")
    first_language: Mapped[str] = mapped_column(SealedText("residents.first_language", 60), default="")
    interpreter: Mapped[str] = mapped_column(SealedText("residents.interpreter", 20), default="")
    usual_news2: Mapped[int | None]
    usual_news2_on: Mapped[date | None]
    moved_in_on: Mapped[date | None]
    left_on: Mapped[date | None]
    left_why: Mapped[str] = mapped_column(String(40), default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    reviewed_by: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    restricted_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    restricted_why: Mapped[str] = mapped_column(
        SealedText("residents.restricted_why", 300), default="", server_default=text("''")
    )
    kept_until: Mapped[date | None]
    kept_why: Mapped[str] = mapped_column(
        SealedText("residents.kept_why", 300), default="", server_default=text("''")
    )
    erased_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    version: Mapped[int] = mapped_column(default=1)

    home: Mapped[Organisation] = relationship()
    sections: Mapped[list[RecordSection]] = relationship(back_populates="resident")
    medicines: Mapped[list[Medicine]] = relationship(back_populates="resident", order_by="Medicine.id")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_residents_home_id", "home_id"),
        # Few among all: every list of journeys asks for them.
        Index("ix_residents_set_aside", "home_id", **_SET_ASIDE),
    )

    @validates("nhs_number")
    def _index_number(self, _name: str, number: str | None) -> str | None:
        self.nhs_number_index = nhs_number_index(number)
        return number

    @classmethod
    def has_nhs_number(cls, number: str) -> ColumnElement[bool]:
        """Whether it is exactly this number, in rows that are sealed and in those that are not."""
        return or_(
            type_coerce(cls.nhs_number, String) == number,
            cls.nhs_number_index.in_(sealed_columns.indexes(NHS_NUMBER, number)),
        )

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


class RecordSection(Base):
    """One section of the standing record (domain/record.py). `answers`: JSON by field key."""

    __tablename__ = "record_sections"

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"))
    key: Mapped[str] = mapped_column(String(30))
    answers: Mapped[dict[str, Any]] = mapped_column(SealedJson("record_sections.answers"), default=dict)
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
    name: Mapped[str] = mapped_column(SealedText("medicines.name", 300))
    form: Mapped[str] = mapped_column(SealedText("medicines.form", 120), default="")
    strength: Mapped[str] = mapped_column(SealedText("medicines.strength", 120), default="")
    dose: Mapped[str] = mapped_column(SealedText("medicines.dose", 200), default="")
    route: Mapped[str] = mapped_column(SealedText("medicines.route", 80), default="")
    frequency: Mapped[str] = mapped_column(SealedText("medicines.frequency", 200), default="")
    times: Mapped[str] = mapped_column(SealedText("medicines.times", 200), default="")
    indication: Mapped[str] = mapped_column(SealedText("medicines.indication", 300), default="")
    as_needed: Mapped[bool] = mapped_column(default=False)
    as_needed_rules: Mapped[str] = mapped_column(SealedText("medicines.as_needed_rules", 500), default="")
    time_critical: Mapped[bool] = mapped_column(default=False)
    controlled: Mapped[bool] = mapped_column(default=False)
    high_risk: Mapped[str] = mapped_column(SealedText("medicines.high_risk", 40), default="")
    allergy_conflict: Mapped[str] = mapped_column(SealedText("medicines.allergy_conflict", 300), default="")
    started_on: Mapped[date | None]
    review_on: Mapped[date | None]
    code_system: Mapped[str] = mapped_column(String(20), default="")
    code: Mapped[str] = mapped_column(SealedText("medicines.code", 40), default="")
    paused_until: Mapped[str] = mapped_column(SealedText("medicines.paused_until", 200), default="")
    stopped_on: Mapped[date | None]
    stopped_why: Mapped[str] = mapped_column(SealedText("medicines.stopped_why", 300), default="")
    changed_at: Mapped[datetime] = mapped_column(UtcInstant)
    changed_by: Mapped[str] = mapped_column(String(120), default="")
    version: Mapped[int] = mapped_column(default=1)

    resident: Mapped[Resident] = relationship(back_populates="medicines")

    __mapper_args__ = {"version_id_col": version}
