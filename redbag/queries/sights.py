"""What stands behind a scanned label, read in one statement: this is the page that a crew waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select

from redbag.database import db
from redbag.domain.pack import HomeCard, TransferPack, of_journey
from redbag.domain.permissions import Subject
from redbag.domain.transfer_states import State
from redbag.models import Bag, Label, Organisation, PackVersion, Task, Transfer


@dataclass(frozen=True)
class Journey:
    """The journey of a label as its page tells of it. `questioned`: somebody said "not this person" and
    nobody has settled it. `hospital`: its name, "" before one is known. `gone_by`: when the bag left, else
    when it had arrived; None while it is at home."""

    id: int
    ref: str
    state: State
    subject: Subject
    hospital: str
    gone_by: datetime | None
    since: datetime | None
    questioned: bool
    frozen: dict[str, Any] | None

    def pack(self) -> TransferPack | None:
        """The newest frozen version, or None before the first."""
        return of_journey(self.frozen, self.ref) if self.frozen else None


@dataclass(frozen=True)
class Sight:
    """A label, whose bag it is on, and the journey it was issued for; None for a blank label.

    `replaced`: the label no longer works. `home_id`: the organisation that owns the bag.
    """

    label_ref: str
    home_id: int
    home: HomeCard
    bag_number: str
    bag_ref: str
    replaced: bool
    journey: Journey | None


def of_token(token_hash: str) -> Sight | None:
    """The label whose token has this SHA-256, also a revoked one; None for no such label."""
    row = db.session.connection().execute(_SEEN, {"token_hash": token_hash}).one_or_none()
    if row is None:
        return None
    home = HomeCard(row.name, row.phone, row.night_phone or row.phone, row.address, row.ods_code or "")
    journey = _journey(row) if row.transfer_id is not None else None
    return Sight(
        label_ref=row.ref,
        home_id=row.home_id,
        home=home,
        bag_number=row.number or "",
        bag_ref=row.bag_ref or "",
        replaced=row.revoked_at is not None,
        journey=journey,
    )


def _journey(row: Row[*tuple[Any, ...]]) -> Journey:
    return Journey(
        id=row.transfer_id,
        ref=row.transfer_ref,
        state=State(row.state),
        subject=Subject(home_id=row.transfer_home_id, hospital_id=row.hospital_id),
        hospital=row.hospital or "",
        gone_by=row.departed_at or row.arrived_at or row.admitted_at,
        since=row.ended_at or row.admitted_at or row.arrived_at or row.departed_at,
        questioned=row.doubt is not None,
        frozen=row.content,
    )


def _statement() -> Select[*tuple[Any, ...]]:
    """Columns rather than objects, built once: loading five objects took twice the time of the page."""
    label, bag, transfer = Label.__table__.c, Bag.__table__.c, Transfer.__table__.c
    home, hospital = Organisation.__table__.alias("home"), Organisation.__table__.alias("hospital")
    pack, task = PackVersion.__table__.c, Task.__table__.c
    newest = (
        select(pack.content)
        .where(pack.transfer_id == transfer.id)
        .order_by(pack.number.desc())
        .limit(1)
        .correlate(Transfer.__table__)
        .scalar_subquery()
    )
    doubt = (
        select(task.id)
        .where(task.transfer_id == transfer.id, task.kind == "wrong_person", task.done_at.is_(None))
        .limit(1)
        .correlate(Transfer.__table__)
        .scalar_subquery()
    )
    return (
        select(
            label.ref,
            label.home_id,
            label.revoked_at,
            label.transfer_id,
            home.c.name,
            home.c.phone,
            home.c.night_phone,
            home.c.address,
            home.c.ods_code,
            bag.number,
            bag.ref.label("bag_ref"),
            transfer.ref.label("transfer_ref"),
            transfer.home_id.label("transfer_home_id"),
            transfer.state,
            transfer.hospital_id,
            transfer.departed_at,
            transfer.arrived_at,
            transfer.admitted_at,
            transfer.ended_at,
            hospital.c.name.label("hospital"),
            newest.label("content"),
            doubt.label("doubt"),
        )
        .select_from(Label.__table__)
        .join(home, home.c.id == label.home_id)
        .outerjoin(Bag.__table__, bag.id == label.bag_id)
        .outerjoin(Transfer.__table__, transfer.id == label.transfer_id)
        .outerjoin(hospital, hospital.c.id == transfer.hospital_id)
        .where(label.token_hash == bindparam("token_hash"))
    )


_SEEN = _statement()
