"""The one place where a transfer's history is written, with everything that is computed from it.

One function writes the event *and* the state, times, custody and stay that follow, so that they
cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from redbag.database import db
from redbag.domain import journey
from redbag.domain.errors import IllegalTransition
from redbag.domain.journey import Event, Journey
from redbag.domain.london_time import age_on, london_day
from redbag.domain.permissions import Actor, Role
from redbag.domain.transfer_states import Action
from redbag.models import Resident, Stay, Transfer, TransferEvent
from redbag.queries import recorded
from redbag.services import audit, journey_figures, outbox


@dataclass(frozen=True)
class Happening:
    """What happened, before it is written. `source`: page, scan or phone. `place`: where, in words."""

    action: Action
    occurred_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    source: str = "page"
    organisation_id: int | None = None
    ward_id: int | None = None
    place: str = ""
    label_id: int | None = None
    corrects_id: int | None = None


def of(transfer: Transfer) -> list[Event]:
    """Every event of a transfer, in the order recorded."""
    return recorded.events_of([transfer.id])[transfer.id]


def record(actor: Actor, transfer: Transfer, what: Happening, now: datetime) -> TransferEvent:
    """Appends an event, sets the state and everything that follows from it, writes the audit entry.

    Raises IllegalTransition when the step does not follow from the state, Invalid when the times
    contradict each other.
    """
    before = journey.replay(of(transfer))
    data = dict(what.data)
    if data.get("decision_to_admit_at"):
        decided = datetime.fromisoformat(data["decision_to_admit_at"])
        data["decision_to_admit_at"] = journey.in_order(decided, before).isoformat()
    if actor.role is Role.GUEST:
        data["guest"] = actor.account_ref
    row = TransferEvent(
        transfer_id=transfer.id,
        action=what.action.value,
        occurred_at=_moment(what, before),
        recorded_at=now,
        corrects_id=what.corrects_id,
        source=what.source,
        account_id=actor.account_id or None,
        actor_name=actor.name,
        actor_role=actor.role_words,
        actor_organisation_id=actor.organisation_id or None,
        organisation_id=what.organisation_id,
        ward_id=what.ward_id,
        place=what.place or actor.organisation_name or actor.place_words,
        bag_id=transfer.bag_id,
        label_id=what.label_id,
        data=data,
    )
    db.session.add(row)
    db.session.flush()
    told = of(transfer)
    standing = journey.replay(told)
    journey.check_order(standing, now)
    journey.check_moves(told, now)
    _project(transfer, standing)
    journey_figures.follow(transfer, told, standing)
    audit.append(
        actor,
        audit.Note("transfer.event", ("transfer", transfer.ref), details={"action": what.action.value}),
        now,
    )
    outbox.follow_step(transfer, what.action, row.id, actor.organisation_id, now)
    return row


def _moment(what: Happening, before: Journey) -> datetime:
    """A handover comes first, also where it is written down last: it gives way to no other step."""
    if what.action is Action.HAND_TO_CREW:
        return what.occurred_at
    return journey.in_order(what.occurred_at, before)


def correct(
    actor: Actor,
    transfer: Transfer,
    event: TransferEvent,
    *,
    reason: str,
    now: datetime,
    occurred_at: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
    withdrawn: bool = False,
) -> TransferEvent:
    """Corrects an event by a new one: another time, other facts, or taken back altogether.

    Raises IllegalTransition when only a later step could be taken back, or when this one was.
    """
    if event.transfer_id != transfer.id:
        raise IllegalTransition("That step belongs to another journey.")
    if event.id not in {one.id for one in journey.effective(of(transfer))}:
        raise IllegalTransition("That step was taken back already.")
    if withdrawn:
        journey.withdrawal_allowed(of(transfer), event.id)
    return record(
        actor,
        transfer,
        Happening(
            Action.CORRECT,
            occurred_at or event.occurred_at,
            {"reason": reason, **(dict(facts or {})), **({"withdrawn": True} if withdrawn else {})},
            corrects_id=event.id,
        ),
        now,
    )


# What a transfer's row repeats of its events, beside the state.
_REPEATED = (
    "departed_at",
    "arrived_at",
    "decision_to_admit_at",
    "admitted_at",
    "ended_at",
    "died_at",
    "received_at",
    "closed_at",
    "home_contact_at",
    "ward_id",
    "bed",
    "estimated_discharge_on",
    "discharge_ready_on",
    "destination",
    "with_bag",
    "custody",
    "custody_since",
)


def repeated(standing: Journey) -> dict[str, Any]:
    """The columns of a transfer that repeat what its events say, save the hospital."""
    return {"state": standing.state.value, **{name: getattr(standing, name) for name in _REPEATED}}


def stay_of(standing: Journey) -> dict[str, Any] | None:
    """The columns of the stay that the events tell of, save whose and where; None where there was none."""
    started, ended = standing.stay_started_at, standing.stay_ended_at
    if started is None:
        return None
    return {
        "ward_id": standing.ward_id,
        "admitted_on": london_day(started),
        "discharged_on": london_day(ended) if ended else None,
        "discharge_ready_on": standing.discharge_ready_on,
        "ended_as": _ended_as(standing) if ended else "",
        "with_bag": standing.bag_at_admission,
        "summary": standing.summary if ended else "",
        "papers_missing": standing.papers_missing if ended else "",
        "admission_source": standing.admission_source,
        "discharge_source": standing.discharge_source,
    }


def _project(transfer: Transfer, standing: Journey) -> None:
    """What lists and reports read, as the events now tell it."""
    for name, value in repeated(standing).items():
        setattr(transfer, name, value)
    # Before arrival the hospital is the one the home chose; the events name the one that was reached.
    transfer.hospital_id = standing.hospital_id or transfer.hospital_id
    _project_stay(transfer, standing)
    db.session.flush()


def _project_stay(transfer: Transfer, standing: Journey) -> None:
    stay = db.session.scalar(select(Stay).filter_by(transfer_id=transfer.id))
    told = stay_of(standing)
    if told is None:
        if stay is not None:
            db.session.delete(stay)
        return
    age = age_at(transfer.resident.date_of_birth, told["admitted_on"])  # read before there is a row to flush
    if stay is None:
        stay = Stay(transfer_id=transfer.id)
        db.session.add(stay)
    stay.resident_id = transfer.resident_id
    stay.home_id = transfer.home_id
    stay.hospital_id = standing.hospital_id or transfer.hospital_id
    stay.reason = transfer.reason
    stay.journey_type = transfer.journey_type
    stay.age = age
    for name, value in told.items():
        setattr(stay, name, value)


def grow_older(resident: Resident) -> None:
    """The age at each admission, after the date of birth was put right."""
    for stay in db.session.scalars(select(Stay).filter_by(resident_id=resident.id)):
        stay.age = age_at(resident.date_of_birth, stay.admitted_on)
    db.session.flush()


def age_at(born: date, admitted: date) -> int | None:
    """Whole years on the day of admission; None where the record has them born after it."""
    return age_on(born, admitted) if born <= admitted else None


def _ended_as(standing: Journey) -> str:
    if standing.died_at is not None and standing.died_at == standing.ended_at:
        return "died"
    return "home" if standing.destination in ("", "home") else "elsewhere"
