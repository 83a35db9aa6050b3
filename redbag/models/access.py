"""Somebody at a hospital without an account: the label's access code, guesses at it, and who came in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from redbag.database import Base, UtcInstant, new_ref


class LabelAccess(Base):
    """What is known of one label's access code; no row while nobody has typed one or asked for another.

    The code itself is nowhere: it is derived from `nonce` (the label's own while that is empty) under the
    label's key. `number` counts the codes that this label has had, `wrong` the wrong guesses of its life.
    """

    __tablename__ = "label_access"

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), unique=True)
    number: Mapped[int] = mapped_column(default=1)
    nonce: Mapped[str] = mapped_column(String(40), default="")
    wrong: Mapped[int] = mapped_column(default=0)
    last_wrong_at: Mapped[datetime | None] = mapped_column(UtcInstant)


class AccessLane(Base):
    """One browser or one address that guessed at a label: before `open_at` its next guess is not looked at.

    `lane` is a keyed hash: it names nobody.
    """

    __tablename__ = "access_lanes"

    id: Mapped[int] = mapped_column(primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"))
    lane: Mapped[str] = mapped_column(String(64))
    open_at: Mapped[datetime] = mapped_column(UtcInstant)

    __table_args__ = (UniqueConstraint("label_id", "lane"),)


class Guest(Base):
    """A browser that the access code let in, for one label's journey. Who it is was typed and is not proved.

    `named_at`: None until name, role and place were given; before that it opens nothing. `code_number`: which
    of the label's codes was used. `place`: the ward as chosen or typed; `hospital_id`: None for a hospital
    that is not set up here.
    """

    __tablename__ = "guests"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.id"), index=True)
    code_number: Mapped[int]
    name: Mapped[str] = mapped_column(String(120), default="")
    role: Mapped[str] = mapped_column(String(40), default="")
    hospital_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    ward_id: Mapped[int | None] = mapped_column(ForeignKey("wards.id"))
    place: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(UtcInstant)
    named_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    seen_at: Mapped[datetime] = mapped_column(UtcInstant)
    expires_at: Mapped[datetime] = mapped_column(UtcInstant)
    ended_at: Mapped[datetime | None] = mapped_column(UtcInstant)
    ended_why: Mapped[str] = mapped_column(String(40), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
