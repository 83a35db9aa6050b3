"""The hospital's verbs: arrived, admitted, moved, dates, going home, and the other endings.

Where a hospital records nothing, the home records what it was told: the same functions, with
`source="phone"`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from redbag.database import db
from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.going_home import destination_code, unsaid
from redbag.domain.london_time import format_day, format_moment, format_time, london_day
from redbag.domain.permissions import Actor
from redbag.domain.transfer_states import Action, State
from redbag.models import Organisation, Transfer, TransferEvent, Ward
from redbag.services import bags, events, journeys, packs, signatures
from redbag.services.events import Happening
from redbag.services.signatures import NOT_ASKED, Signed

# Said by the rules here and by the pages that ask, so that every error can stand on the page at once.
HOME_CANNOT = "The home says that it cannot meet the needs: settle this before transport."
KIN_NOT_TOLD = "Write who told the next of kin, or why not yet."
HOME_NOT_TOLD = "Ring the home, then write who you spoke to, or why not yet."
# A date further off than this is a slip of the pen, not an estimate.
_FURTHEST_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Place:
    """Where in which hospital something happened. `words` is how history names it."""

    organisation_id: int
    ward_id: int | None
    words: str


@dataclass(frozen=True)
class Known:
    """How a step is known: when it happened, from whom, and by which label if one was scanned.

    `brought_by`: the crew that handed over, by name or call sign, where somebody asked. `signed`: by whoever
    took the bag.
    """

    occurred_at: datetime
    now: datetime
    source: str = "page"
    label_id: int | None = None
    told_by: str = ""
    brought_by: str = ""
    signed: Signed = NOT_ASKED


def ward_place(actor: Actor, ward_ref: str) -> Place:
    """A ward of the actor's own hospital. Raises Invalid for any other."""
    ward = db.session.scalar(
        select(Ward).filter_by(ref=ward_ref, organisation_id=actor.organisation_id, closed_at=None)
    )
    if ward is None:
        raise Invalid({"ward": "Choose the ward from the list."})
    return Place(actor.organisation_id, ward.id, f"{actor.organisation_name}, {ward.name}")


def own_place(actor: Actor) -> Place:
    """Where the actor works now, without asking."""
    words = ", ".join(part for part in (actor.organisation_name, actor.ward_name) if part)
    return Place(actor.organisation_id, actor.ward_id, words)


def told_place(hospital_ref: str, ward_ref: str = "") -> Place:
    """A hospital, and perhaps a ward, that somebody named on the telephone."""
    hospital = db.session.scalar(select(Organisation).filter_by(ref=hospital_ref, kind="hospital"))
    if hospital is None:
        raise Invalid({"hospital": "Choose the hospital from the list."})
    ward = (
        db.session.scalar(select(Ward).filter_by(ref=ward_ref, organisation_id=hospital.id))
        if ward_ref
        else None
    )
    words = ", ".join(part for part in (hospital.name, ward.name if ward else "") if part)
    return Place(hospital.id, ward.id if ward else None, words)


def _record(
    actor: Actor, transfer: Transfer, action: Action, place: Place, known: Known, data: Mapping[str, Any]
) -> None:
    journeys.refuse_while_questioned(transfer)
    facts = {key: value for key, value in data.items() if value not in (None, "")}
    if known.told_by:
        facts["told_by"] = known.told_by
    if known.brought_by:
        facts["brought_by"] = known.brought_by
    facts |= known.signed.fact
    what = Happening(
        action,
        known.occurred_at,
        facts,
        source=known.source,
        organisation_id=place.organisation_id,
        ward_id=place.ward_id,
        place=place.words,
        label_id=known.label_id,
    )
    signatures.keep(events.record(actor, transfer, what, known.now), known.signed)


def arrive(
    actor: Actor,
    transfer: Transfer,
    place: Place,
    known: Known,
    *,
    with_bag: bool | None,
    confirmed: bool = True,
) -> None:
    """Arrived at the hospital. With or without the bag is settled here, or at admission, once.

    With the label in hand also before the home has recorded the handover: the pack is frozen then.
    `confirmed`: somebody compared the person with the pack.
    """
    data = {
        "with_bag": with_bag,
        "identity": "confirmed" if confirmed else None,
        **_left_unrecorded(actor, transfer, known),
    }
    _record(actor, transfer, Action.ARRIVE, place, known, data)


def _left_unrecorded(actor: Actor, transfer: Transfer, known: Known) -> dict[str, Any]:
    """Freezes what went along where the home recorded no handover: the facts of the step that says so.

    When it left is not invented. Raises IllegalTransition without the label in hand: then nobody knows
    that the bag has left at all.
    """
    if State(transfer.state) is not State.PACKING:
        return {}
    if known.label_id is None:
        raise IllegalTransition("The home has not said that the bag has left, and nobody scanned its label.")
    journeys.refuse_while_questioned(transfer)
    frozen = packs.bag_leaves(actor, transfer, known.now, made_by=transfer.home.name)
    return {"version": frozen.version, "gaps": list(frozen.gaps)}


def admit(
    actor: Actor,
    transfer: Transfer,
    place: Place,
    known: Known,
    *,
    decided_at: datetime | None,
    bed: str,
    with_bag: bool | None,
) -> None:
    """Admitted: `known.occurred_at` is when the hospital took responsibility, `decided_at` the decision
    to admit, from which the stay counts. Identity was checked against the wristband."""
    if decided_at is not None:
        _arrived_by(actor, transfer, decided_at, known.now)
    data = {
        "decision_to_admit_at": decided_at.isoformat() if decided_at else None,
        "bed": bed,
        "with_bag": with_bag,
        "identity": "confirmed",
        **_left_unrecorded(actor, transfer, known),
    }
    _record(actor, transfer, Action.ADMIT, place, known, data)


def _arrived_by(actor: Actor, transfer: Transfer, decided_at: datetime, now: datetime) -> None:
    """An arrival is often tapped after the decision to admit: one's own tap then gives way to the decision.

    Never to before the departure: then the order of times is refused in words. A colleague's arrival is
    their word: raises Invalid, which names them.
    """
    arrived, left = transfer.arrived_at, transfer.departed_at or transfer.opened_at
    if arrived is None or decided_at + timedelta(minutes=1) > arrived or decided_at < left:
        return
    row = db.session.scalar(
        select(TransferEvent)
        .filter_by(transfer_id=transfer.id, action=Action.ARRIVE.value)
        .order_by(TransferEvent.id.desc())
        .limit(1)
    )
    if row is None or row.actor_organisation_id != actor.organisation_id:
        return
    if row.account_id != actor.account_id:
        raise Invalid({"decided_at": _before_their_arrival(row, arrived, decided_at)})
    events.correct(actor, transfer, row, reason="Recorded late", occurred_at=decided_at, now=now)


def _before_their_arrival(row: TransferEvent, arrived: datetime, decided_at: datetime) -> str:
    same_day = london_day(arrived) == london_day(decided_at)
    when = format_time(arrived) if same_day else format_moment(arrived)
    return (
        f"This is before the arrival at {when} recorded by {row.actor_name}: "
        "correct the arrival first, or give a later time."
    )


def move_ward(actor: Actor, transfer: Transfer, place: Place, known: Known, *, bed: str) -> None:
    """Moved to another ward of the same hospital."""
    if place.organisation_id != transfer.hospital_id:
        raise Invalid({"ward": "Choose a ward of this hospital, or record a move to another hospital."})
    _record(actor, transfer, Action.MOVE_WARD, place, known, {"bed": bed})


def move_hospital(actor: Actor, transfer: Transfer, place: Place, known: Known, *, bed: str = "") -> None:
    """Moved to another hospital: the same stay goes on there."""
    if place.organisation_id == transfer.hospital_id:
        raise Invalid({"hospital": "They are in that hospital now: record a ward move instead."})
    _record(actor, transfer, Action.MOVE_HOSPITAL, place, known, {"bed": bed})


def _check_day(transfer: Transfer, day: date | None, name: str) -> None:
    """Raises Invalid for a day before the stay."""
    started = transfer.decision_to_admit_at or transfer.admitted_at
    if day is not None and started is not None and day < london_day(started):
        raise Invalid({name: f"They were admitted on {format_day(london_day(started))}. Check the date."})


def set_estimated_date(actor: Actor, transfer: Transfer, day: date | None, known: Known) -> None:
    """The day the ward expects the person to go home; None when there is no such day any more."""
    _check_day(transfer, day, "estimated")
    if day is not None and day > london_day(known.now) + _FURTHEST_AHEAD:
        raise Invalid({"estimated": "This is more than a year ahead. Check the year."})
    data = {"day": day.isoformat() if day else None}
    _record(actor, transfer, Action.SET_ESTIMATED_DISCHARGE, own_place(actor), known, data)


def set_ready_date(actor: Actor, transfer: Transfer, day: date | None, known: Known) -> None:
    """The day from which the person no longer needs to be in hospital; None when they need to again."""
    _check_day(transfer, day, "ready")
    if day is not None and day > london_day(known.now):
        raise Invalid({"ready": "This day is in the future. Set it when it has come."})
    data = {"day": day.isoformat() if day else None}
    _record(actor, transfer, Action.SET_DISCHARGE_READY, own_place(actor), known, data)


def home_spoke(actor: Actor, transfer: Transfer, who: str, note: str, known: Known) -> None:
    """The home's manager or deputy spoke to, or visited, the ward; the ward writes it down."""
    _record(actor, transfer, Action.HOME_CONTACT, own_place(actor), known, {"told": who, "note": note})


def say_home_can(
    actor: Actor, transfer: Transfer, word: str, who: str, conditions: str, known: Known
) -> None:
    """The home's word that it can meet the person's needs, and who gave it."""
    if not who:
        raise Invalid({"home_word_by": "Write who at the home said so."})
    data = {"word": word, "who": who, "conditions": conditions}
    _record(actor, transfer, Action.HOME_CAN_MEET_NEEDS, _where(actor, transfer), known, data)


def _where(actor: Actor, transfer: Transfer) -> Place:
    """The hospital where the person is, whoever writes it down."""
    if transfer.hospital_id == actor.organisation_id:
        return own_place(actor)
    name = transfer.hospital.name if transfer.hospital else ""
    return Place(transfer.hospital_id or actor.organisation_id, transfer.ward_id, name)


@dataclass(frozen=True)
class Leaving:
    """How somebody leaves hospital. `home_word`: yes, conditions, no or not_asked."""

    method: str = ""
    transport: str = ""
    summary: str = ""
    home_word: str = ""
    home_word_by: str = ""
    conditions: str = ""
    medicines: str = ""
    bag: str = "with_person"
    handover: Mapping[str, Any] | None = None


def go_home(actor: Actor, transfer: Transfer, known: Known, leaving: Leaving) -> None:
    """Discharged home after a stay, or sent back without one. The home is told by its own list.

    Raises Invalid when the home has said that it cannot meet the person's needs, or a new allergy or
    decision is only said to be there.
    """
    if leaving.home_word == "no":
        raise Invalid({"home_word": HOME_CANNOT})
    if errors := unsaid(leaving.handover or {}):
        raise Invalid(errors)
    action = Action.DISCHARGE if transfer.admitted_at else Action.SEND_BACK
    data = {
        "destination": "home",
        "destination_code": destination_code("home", transfer.home.with_nursing),
        "method": leaving.method,
        "transport": leaving.transport,
        "summary": leaving.summary,
        "home_word": leaving.home_word,
        "home_word_by": leaving.home_word_by,
        "conditions": leaving.conditions,
        "medicines": leaving.medicines,
        "bag_with": _holder(transfer, leaving.bag),
        "handover": dict(leaving.handover or {}),
    }
    _record(actor, transfer, action, _where(actor, transfer), known, data)


def go_elsewhere(
    actor: Actor, transfer: Transfer, known: Known, *, destination: str, place: str, leaving: Leaving
) -> None:
    """Discharged to another home, to their own or family home, or somewhere else."""
    data = {
        "destination": destination,
        "destination_code": destination_code(destination, None),
        "to": place,
        "method": leaving.method,
        "summary": leaving.summary,
        "bag": leaving.bag,
        "bag_with": _holder(transfer, leaving.bag),
        "handover": dict(leaving.handover or {}),
    }
    _record(actor, transfer, Action.DISCHARGE_ELSEWHERE, _where(actor, transfer), known, data)


def _holder(transfer: Transfer, bag: str) -> str:
    """Who holds the bag once the person has left."""
    if transfer.with_bag is False:
        return transfer.custody
    return "hospital" if bag in ("kept", "not_seen") else "transport"


def died(actor: Actor, transfer: Transfer, known: Known, *, kin_told: str, home_told: str) -> None:
    """Died. The next of kin are told first, then the home by telephone; every reminder stops.

    Raises Invalid until both have been said.
    """
    errors = {}
    if not kin_told:
        errors["kin_told"] = KIN_NOT_TOLD
    if known.source != "phone" and not home_told:
        errors["home_told"] = HOME_NOT_TOLD
    if errors:
        raise Invalid(errors)
    data = {"kin_told": kin_told, "home_told": home_told, "destination_code": "79", "method": "4"}
    _record(actor, transfer, Action.RECORD_DEATH, _where(actor, transfer), known, data)


def bag_found(actor: Actor, transfer: Transfer, now: datetime) -> None:
    """The bag of a person who died or went elsewhere came back to its home."""
    if transfer.bag is not None:
        bags.change_state(actor, transfer.bag, "to_clean", "Came back by itself", now, transfer=transfer)
