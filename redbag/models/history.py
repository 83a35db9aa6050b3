"""Files of earlier stays: who loaded which, what each home has of it, and what waits to be loaded."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from redbag.database import Base, UtcInstant, new_ref
from redbag.models.accounts import Account
from redbag.models.organisations import Organisation
from redbag.sealed_columns import SealedBytes, SealedJson, SealedText


class StayHistory(Base):
    """One file of stays from before the red bag.

    `home_id`: the only home whose stays it may hold; None where it was brought by the administrator or the
    operator. `told`: its preview (services/history_files.py). `waiting`: its stays between the preview and
    the word to go on, packed; emptied then. `stays` and the days: what was loaded of it. `told_until`: the
    last day that the file speaks of, up to which its open stays are known to have lasted. `open_at_start`:
    whether it holds those who were in hospital already on its first day.
    """

    __tablename__ = "stay_histories"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    home_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    made_by: Mapped[str] = mapped_column(String(120))
    file_name: Mapped[str] = mapped_column(SealedText("stay_histories.file_name", 200))
    file_sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(default=0)
    stays: Mapped[int] = mapped_column(default=0)
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    told_until: Mapped[date]
    open_at_start: Mapped[bool] = mapped_column(default=False)
    told: Mapped[dict[str, Any]] = mapped_column(SealedJson("stay_histories.told"), default=dict)
    waiting: Mapped[bytes | None] = deferred(mapped_column(SealedBytes("stay_histories.waiting")))
    read_at: Mapped[datetime] = mapped_column(UtcInstant)
    expires_at: Mapped[datetime] = mapped_column(UtcInstant)
    loaded_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    taken_out_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    taken_out_by: Mapped[str] = mapped_column(String(120), default="")

    home: Mapped[Organisation | None] = relationship()
    account: Mapped[Account | None] = relationship()


class HistoryHome(Base):
    """What one home has of one loaded file. Goes when the file is taken out.

    `first_day`: the first day for which the file is whole: that of the first discharge where it holds those
    who were in hospital already, else that of the first admission.
    """

    __tablename__ = "history_homes"

    history_id: Mapped[int] = mapped_column(ForeignKey("stay_histories.id"), primary_key=True)
    home_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    stays: Mapped[int]
    first_day: Mapped[date]
    last_day: Mapped[date]
    open_at_start: Mapped[bool]

    __table_args__ = (Index("ix_history_homes_home_id", "home_id"),)
