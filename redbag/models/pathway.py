"""What each journey says of the pathway, kept so that reports need not replay it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from redbag.database import Base


class JourneyFigures(Base):
    """The measures of one journey that has left home (domain/pathway.py), and what was lost on it.

    Computed from its events and papers by services/journey_figures.py in the transaction that changes them.
    A measure is a whole number: minutes, days, or 1 and 0; below 0 it says why the journey is left out. The
    days are London days of the steps that the measures belong to; `last_on` is the latest of them. `lost`:
    [day, stretch of the way, kind of thing] of each thing that is lost; NULL where nothing is.
    """

    __tablename__ = "journey_figures"

    id: Mapped[int] = mapped_column(primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"), unique=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    last_on: Mapped[date]
    left_on: Mapped[date | None]
    reached_on: Mapped[date | None]
    admitted_on: Mapped[date | None]
    contact_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    back_on: Mapped[date | None]
    stocked_on: Mapped[date | None]
    pack_complete: Mapped[int | None]
    decision_to_pack: Mapped[int | None]
    dispatch_to_scan: Mapped[int | None]
    scanned: Mapped[int | None]
    arrival_to_admission: Mapped[int | None]
    home_contact: Mapped[int | None]
    summary_given: Mapped[int | None]
    medicines_settled: Mapped[int | None]
    label_to_return: Mapped[int | None]
    bag_turnaround: Mapped[int | None]
    lost: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))

    __table_args__ = (
        Index("ix_journey_figures_home_id_last_on", "home_id", "last_on"),
        Index("ix_journey_figures_hospital_id_last_on", "hospital_id", "last_on"),
    )
