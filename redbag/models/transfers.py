"""Transfers, their events (the truth), their stays (computed from the events) and their tasks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref
from redbag.models.bags import Bag
from redbag.models.organisations import Organisation, Ward
from redbag.models.residents import Resident
from redbag.sealed_columns import SealedJson, SealedText

_NOT_ADMITTED: dict[str, Any] = {
    "sqlite_where": text("admitted_at IS NULL AND ended_at IS NOT NULL"),
    "postgresql_where": text("admitted_at IS NULL AND ended_at IS NOT NULL"),
}

_OF_CONDITION = ("admitted_at", "ended_at")
_NARROWED = ("reason", "with_bag", "resident_id", *_OF_CONDITION)


class Transfer(Base):
    """One journey of one resident, from the decision to send until it has ended and is closed.

    `reason`, `facts` (answers by section: why_now, observations, today, and papers, doses; when each
    was saved under `saved_at`): what is new today. `state` to `with_bag` repeat what the events say, so
    that lists need not replay them; services/events.py alone writes them, in the same transaction as
    the event.
    """

    __tablename__ = "transfers"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"), index=True)
    bag_id: Mapped[int | None] = mapped_column(ForeignKey("bags.id"), index=True)
    journey_type: Mapped[str] = mapped_column(String(20), default="emergency")
    reason: Mapped[str] = mapped_column(String(40), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(SealedJson("transfers.facts"), default=dict)
    finished_at: Mapped[datetime | None] = mapped_column(UtcInstant)

    state: Mapped[str] = mapped_column(String(20), default="packing")
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("wards.id"))
    bed: Mapped[str] = mapped_column(SealedText("transfers.bed", 40), default="")
    opened_at: Mapped[datetime] = mapped_column(UtcInstant)
    departed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    decision_to_admit_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    admitted_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    ended_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    died_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    received_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    closed_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    home_contact_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    estimated_discharge_on: Mapped[date | None]
    discharge_ready_on: Mapped[date | None]
    destination: Mapped[str] = mapped_column(String(40), default="")
    with_bag: Mapped[bool | None]
    custody: Mapped[str] = mapped_column(String(20), default="home")
    custody_since: Mapped[datetime | None] = mapped_column(UtcInstant)
    version: Mapped[int] = mapped_column(default=1)

    home: Mapped[Organisation] = relationship(foreign_keys=[home_id])
    hospital: Mapped[Organisation | None] = relationship(foreign_keys=[hospital_id])
    ward: Mapped[Ward | None] = relationship()
    resident: Mapped[Resident] = relationship()
    bag: Mapped[Bag | None] = relationship()

    @property
    def gone_by(self) -> datetime | None:
        """When the bag left; where nobody recorded that, when it had arrived; None while it is at home."""
        return self.departed_at or self.arrived_at or self.admitted_at

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_transfers_home_id_state", "home_id", "state"),
        Index("ix_transfers_hospital_id_state", "hospital_id", "state"),
        # Visits without admission, for reports: few among all journeys, counted from these alone. Without the
        # columns of the condition SQLite would read the row of each.
        Index("ix_transfers_arrived_at", "arrived_at", "home_id", *_OF_CONDITION, **_NOT_ADMITTED),
        Index(
            *("ix_transfers_home_id_arrived_at", "home_id", "arrived_at", "hospital_id", *_NARROWED),
            **_NOT_ADMITTED,
        ),
        Index(
            *("ix_transfers_hospital_id_arrived_at", "hospital_id", "arrived_at", "home_id", *_NARROWED),
            **_NOT_ADMITTED,
        ),
        Index("ix_transfers_hospital_id_home_id", "hospital_id", "home_id", *_OF_CONDITION, **_NOT_ADMITTED),
    )


def _takes_back(row: Any) -> bool:
    data = row.get_current_parameters().get("data") or {}
    return data.get("withdrawn") is True


class TransferEvent(Base):
    """What happened to the person, the bag or the pack. Append-only: a correction is a new event
    that names the one it corrects. `occurred_at`: when it happened; `recorded_at`: when written down.
    `organisation_id` and `ward_id`: the place where it happened; `actor_organisation_id`: whose words.
    `takes_back`: whether a correction says that the event it names never happened; `data` says so too, but
    may be sealed.
    """

    __tablename__ = "transfer_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"), index=True)
    action: Mapped[str] = mapped_column(String(40))
    occurred_at: Mapped[datetime] = mapped_column(UtcInstant)
    recorded_at: Mapped[datetime] = mapped_column(UtcInstant)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("transfer_events.id"))
    source: Mapped[str] = mapped_column(String(20), default="page")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    actor_name: Mapped[str] = mapped_column(String(120), default="")
    actor_role: Mapped[str] = mapped_column(String(40), default="")
    actor_organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("wards.id"))
    place: Mapped[str] = mapped_column(String(200), default="")
    bag_id: Mapped[int | None] = mapped_column(ForeignKey("bags.id"))
    label_id: Mapped[int | None] = mapped_column(ForeignKey("labels.id"))
    data: Mapped[dict[str, Any]] = mapped_column(SealedJson("transfer_events.data"), default=dict)
    takes_back: Mapped[bool] = mapped_column(default=_takes_back, server_default=false())


CONTRADICTORY = "ix_stays_contradictory"
# Of the few stays that were over before they began: a report counts them, however old.
_CONTRADICTORY: dict[str, Any] = {
    "sqlite_where": text("discharged_on < admitted_on"),
    "postgresql_where": text("discharged_on < admitted_on"),
}
# All that a hospital's report counts: thousands of stays are read from an index alone.
_COUNTED_OF_A_HOSPITAL = (
    *("hospital_id", "discharged_on", "admitted_on", "home_id", "ward_id", "reason", "age"),
    *("with_bag", "discharge_ready_on", "ended_as", "journey_type", "admission_source"),
    *("resident_id", "summary", "papers_missing"),
)
# Indexes over the stays of files alone: they cost the others nothing.
_LOADED: dict[str, Any] = {
    "sqlite_where": text("history_key IS NOT NULL"),
    "postgresql_where": text("history_key IS NOT NULL"),
}


class Stay(Base):
    """The time in hospital that one journey's admission and discharge bound, in London days.

    Computed from the events by services/events.py in the transaction that records them. `ended_as`:
    "" while open, else home, died, elsewhere. `age`: whole years at admission. `summary`: what the ward
    said of the discharge summary; `papers_missing`: what the home found missing (domain/going_home.py). A
    contradiction is kept and counted, not mended. services/figures.py keeps its counts as it changes.

    A stay from before the red bag has no transfer and no resident: it came with the file `history_id`
    (models/history.py). `history_key`: what its row says, once a home; `person_key`: whose it is, under the
    installation's key; `hospital_words`: a hospital that is not set up here. Its `admission_source` is
    "import", and its end "unknown" where the file does not tell.
    """

    __tablename__ = "stays"

    id: Mapped[int] = mapped_column(primary_key=True)
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfers.id"), unique=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id"))
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("wards.id"))
    reason: Mapped[str] = mapped_column(String(40), default="")
    journey_type: Mapped[str] = mapped_column(String(20), default="emergency")
    age: Mapped[int | None]
    admitted_on: Mapped[date]
    discharged_on: Mapped[date | None]
    discharge_ready_on: Mapped[date | None]
    ended_as: Mapped[str] = mapped_column(String(20), default="")
    with_bag: Mapped[bool | None]
    admission_source: Mapped[str] = mapped_column(String(20), default="")
    discharge_source: Mapped[str] = mapped_column(String(20), default="")
    summary: Mapped[str] = mapped_column(String(20), default="")
    papers_missing: Mapped[str] = mapped_column(String(20), default="")
    history_id: Mapped[int | None] = mapped_column(ForeignKey("stay_histories.id"))
    history_key: Mapped[str | None] = mapped_column(String(40))
    person_key: Mapped[str | None] = mapped_column(String(32))
    hospital_words: Mapped[str | None] = mapped_column(String(120))

    __table_args__ = (
        Index("ix_stays_home_id_discharged_on", "home_id", "discharged_on"),
        Index("ix_stays_of_a_hospital", *_COUNTED_OF_A_HOSPITAL),
        Index("ix_stays_discharged_on", "discharged_on"),
        # Whether somebody came back to another hospital is told from the index alone.
        Index("ix_stays_resident_id_hospital_id", "resident_id", "hospital_id"),
        Index("ix_stays_hospital_id_home_id", "hospital_id", "home_id"),
        Index(CONTRADICTORY, *_COUNTED_OF_A_HOSPITAL, **_CONTRADICTORY),
        Index("ix_stays_history_id", "history_id", **_LOADED),
        Index("uq_stays_history_key_home_id", "history_key", "home_id", unique=True, **_LOADED),
    )


class Task(Base):
    """Something a place must do, and when. Cleared by saying who did it or who was told."""

    __tablename__ = "tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfers.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(SealedText("tasks.detail", 500), default="")
    due_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    done_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    done_by: Mapped[str] = mapped_column(String(120), default="")
    told: Mapped[str] = mapped_column(SealedText("tasks.told", 200), default="")

    __table_args__ = (Index("ix_tasks_organisation_id_done_at", "organisation_id", "done_at"),)
