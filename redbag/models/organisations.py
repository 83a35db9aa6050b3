"""Care homes, hospitals and those who oversee them; wards; what a home usually sends along."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref


class Organisation(Base):
    """A care home, a hospital, an oversight body, or the operator of this installation.

    `joined_on`: the day a home's use of the red bag began; its stays count from then.
    `with_nursing`: decides the discharge destination code (55 with nursing, 56 without).
    `thresholds`: the site's own clocks and review intervals, by name; absent means the default.
    """

    __tablename__ = "organisations"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    ods_code: Mapped[str | None] = mapped_column(String(9), unique=True)
    phone: Mapped[str] = mapped_column(String(40), default="")
    night_phone: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(500), default="")
    with_nursing: Mapped[bool | None]
    joined_on: Mapped[date | None]
    thresholds: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    closed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    version: Mapped[int] = mapped_column(default=1)

    wards: Mapped[list[Ward]] = relationship(back_populates="organisation", order_by="Ward.name")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_organisations_kind_name", "kind", "name"),
        Index("ix_organisations_kind_joined_on", "kind", "joined_on"),
    )


class Ward(Base):
    """A place in a hospital. `kind`: emergency_department, assessment_unit, ward or virtual_ward."""

    __tablename__ = "wards"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(30), default="ward")
    phone: Mapped[str] = mapped_column(String(40), default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    version: Mapped[int] = mapped_column(default=1)

    organisation: Mapped[Organisation] = relationship(back_populates="wards")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (UniqueConstraint("organisation_id", "name"),)


class UsualBelonging(Base):
    """One line of the list of belongings that a home offers for ticking."""

    __tablename__ = "usual_belongings"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    valuable: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    removed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
