"""Guests: somebody at a hospital without an account, let in to one label's journey by its access code.

A guest's session is a row like everybody's: it ends with the label, after twelve hours, when it lay unused
as long as a ward's device may, and when the home makes another code. Who it is was typed, and is not proved:
it stands with everything that a guest records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from redbag.database import db
from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import Actor, OrganisationKind, Origin, Role
from redbag.models import Guest, Label, Organisation, Transfer, Ward
from redbag.queries import transfers
from redbag.security.tokens import random_token, sha256_hex
from redbag.services import access_notices, audit, labels
from redbag.services.sessions import SEEN_EVERY, Limits

SHIFT = timedelta(hours=12)
TO_SAY_WHO = timedelta(minutes=15)
"""How long the answer to "who are you?" may take after the code was right."""
MARK = "g."
"""What a guest's cookie begins with; no other session's token has a dot."""


def begin(label: Label, code_number: int, origin: Origin, now: datetime) -> str:
    """Keeps that a browser has shown the code. Returns the token of what will be its session once it has
    said who it is; until then it opens nothing."""
    token = MARK + random_token()
    row = Guest(
        token_hash=sha256_hex(token),
        label_id=label.id,
        code_number=code_number,
        created_at=now,
        seen_at=now,
        expires_at=now + SHIFT,
        address=origin.address,
    )
    db.session.add(row)
    db.session.flush()
    audit.append(None, audit.Note("guest.code_used", ("guest", row.ref)), now, origin)
    access_notices.code_used(label, now)
    return token


def waiting(token: str, label_ref: str, now: datetime) -> Guest | None:
    """Who has shown the code of this label and has still to say who they are; None for nobody."""
    row = db.session.execute(
        select(Guest, Label)
        .join(Label, Label.id == Guest.label_id)
        .filter(Guest.token_hash == sha256_hex(token))
    ).one_or_none()
    if row is None or row.Label.ref != label_ref or row.Label.revoked_at is not None:
        return None
    guest: Guest = row.Guest
    open_still = guest.named_at is None and guest.ended_at is None and now < guest.created_at + TO_SAY_WHO
    return guest if open_still else None


@dataclass(frozen=True)
class Said:
    """Who somebody says they are. `hospital`: its reference, "" for one that is not set up here; `place`:
    the ward, or the hospital and the ward."""

    name: str
    role: str
    hospital: str
    place: str


def name(guest: Guest, said: Said, origin: Origin, now: datetime) -> None:
    """Writes down who it is, tells the home, and opens the journey. Raises Invalid for no such hospital."""
    hospital = _hospital(said.hospital)
    ward = _ward(hospital, said.place)
    guest.name, guest.role = said.name, said.role
    guest.hospital_id = hospital.id if hospital else None
    guest.ward_id, guest.place = (ward.id, ward.name) if ward else (None, said.place)
    guest.named_at = guest.seen_at = now
    db.session.flush()
    row = db.session.execute(_RESUMED, {"token_hash": guest.token_hash}).one()
    audit.append(_actor(row, origin), audit.Note("guest.named", ("guest", guest.ref)), now, origin)
    access_notices.code_used(db.session.get_one(Label, guest.label_id), now)


def _hospital(ref: str) -> Organisation | None:
    if not ref:
        return None
    found = db.session.scalar(select(Organisation).filter_by(ref=ref, kind="hospital", closed_at=None))
    if found is None:
        raise Invalid({"hospital": "Choose the hospital from the list."})
    return found


def _ward(hospital: Organisation | None, typed: str) -> Ward | None:
    """The ward that was meant: "willow ward" is Willow. None where the words name none of the hospital's."""
    wanted = _bare(typed)
    wards = transfers.wards(hospital.id) if hospital else []
    return next((ward for ward in wards if _bare(ward.name) == wanted), None)


def _bare(text: str) -> str:
    return " ".join(word for word in text.casefold().split() if word != "ward")


@dataclass(frozen=True)
class SignedIn:
    """A guest's live session. `until`: when it ends at the latest; `stale`: as of any session."""

    guest_id: int
    actor: Actor
    until: datetime
    stale: bool


def resume(token: str, origin: Origin, limits: Limits, now: datetime) -> SignedIn | None:
    """The guest behind a cookie's token, or None when the session or its label has ended. Reads only."""
    row = db.session.connection().execute(_RESUMED, {"token_hash": sha256_hex(token)}).one_or_none()
    if row is None or row.named_at is None or row.ended_at is not None or row.revoked_at is not None:
        return None
    if now >= row.expires_at or now >= row.seen_at + min(limits.idle, limits.shared_idle):
        return None
    return SignedIn(row.id, _actor(row, origin), row.expires_at, now - row.seen_at >= SEEN_EVERY)


_RESUMED = (
    select(
        Guest.id,
        Guest.ref,
        Guest.name,
        Guest.role,
        Guest.place,
        Guest.hospital_id,
        Guest.ward_id,
        Guest.named_at,
        Guest.seen_at,
        Guest.expires_at,
        Guest.ended_at,
        Label.ref.label("label_ref"),
        Label.revoked_at,
        Organisation.ref.label("hospital_ref"),
        Organisation.name.label("hospital"),
    )
    .join(Label, Label.id == Guest.label_id)
    .outerjoin(Organisation, Organisation.id == Guest.hospital_id)
    .where(Guest.token_hash == bindparam("token_hash"))
)


def _actor(row: Row[*tuple[Any, ...]], origin: Origin) -> Actor:
    return Actor(
        account_id=0,
        account_ref=row.ref,
        name=row.name,
        role=Role.GUEST,
        organisation_id=row.hospital_id or 0,
        organisation_ref=row.hospital_ref or "",
        organisation_name=row.hospital or "",
        organisation_kind=OrganisationKind.HOSPITAL,
        ward_id=row.ward_id,
        ward_name=row.place,
        origin=origin,
        label_ref=row.label_ref,
        said_role=row.role,
    )


def touch(guest_id: int, now: datetime) -> None:
    """Writes down that the session is in use, which moves its idle limit."""
    db.session.execute(update(Guest).where(Guest.id == guest_id).values(seen_at=now))


def end(guest_id: int, actor: Actor, why: str, now: datetime) -> None:
    """Ends a guest's session: they left, or somebody else came in on the same browser."""
    row = db.session.get(Guest, guest_id)
    if row is None or row.ended_at is not None:
        return
    row.ended_at, row.ended_why = now, why
    audit.append(actor, audit.Note("session.ended", ("guest", row.ref), details={"why": why}), now)


def end_all(label: Label, why: str, now: datetime) -> int:
    """Ends every session that a label's codes have opened. Returns how many there were."""
    live = select(Guest.id).where(
        Guest.label_id == label.id, Guest.ended_at.is_(None), Guest.expires_at > now
    )
    ids = list(db.session.scalars(live))
    db.session.execute(update(Guest).where(Guest.id.in_(ids)).values(ended_at=now, ended_why=why))
    return len(ids)


def home_address(label_ref: str) -> str:
    """The token of the label that a guest came in by, for a link back to it. Raises NotFound."""
    label = db.session.scalar(select(Label).filter_by(ref=label_ref))
    if label is None:
        raise NotFound("There is no such label.")
    return labels.token_of(label)


def sent_to(label: Label) -> Organisation | None:
    """The likeliest answer to "where are you?": where the journey goes to or is, else where most from this
    home go; None where nothing says."""
    transfer = db.session.get(Transfer, label.transfer_id) if label.transfer_id else None
    named = transfer.hospital if transfer else None
    return named or transfers.usual_hospital(label.home_id)
