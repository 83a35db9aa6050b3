"""A pack without the bag in hand: opened by hospital staff for a reason, reviewed by the home's manager."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from redbag.database import db
from redbag.domain import emergency as rules
from redbag.domain import nhs_number
from redbag.domain.errors import Invalid, NotFound, NotPermitted
from redbag.domain.london_time import format_time
from redbag.domain.permissions import Actor, Permission, can
from redbag.domain.transfer_states import OPEN_STATES, State
from redbag.models import EmergencyLook, Organisation, PackVersion, Resident, Task, Transfer
from redbag.queries import transfers
from redbag.services import audit
from redbag.services.guessing import TOO_MANY, Guesser, count_guess, may_guess
from redbag.services.sessions import Limits

TASK = "emergency_look"
_LONGEST = 500


@dataclass(frozen=True)
class Asked:
    """Who was named, and why. `nhs_number` and `reason` as typed."""

    nhs_number: str
    born: date
    reason: str


def may_ask(actor: Actor, limits: Limits, now: datetime) -> bool:
    """Whether this person's guesses of the last minutes leave room for another."""
    return may_guess(_guesser(actor), limits.throttle_key, now)


def open_(actor: Actor, asked: Asked, limits: Limits, now: datetime) -> EmergencyLook:
    """Opens the pack that is on its way, or in use, for exactly this person, and tells the home.

    Raises Invalid beside the field. The caller commits all the same: a guess at a person who is not there
    stays counted and audited. Nobody learns whether a person without a journey is known.
    """
    if not can(actor, Permission.EMERGENCY_LOOK):
        raise NotPermitted("This is for the staff of hospitals.")
    digits = _digits(asked.nhs_number)
    if len(asked.reason.strip()) < rules.SHORTEST_REASON:
        raise Invalid({"reason": rules.REASON_TOO_SHORT})
    if not may_ask(actor, limits, now):
        raise Invalid({"nhs_number": f"{TOO_MANY} Or ring the home."})
    transfer = _journey(digits, asked.born)
    if transfer is None:
        count_guess(_guesser(actor), limits.throttle_key, now)
        note = audit.Note("emergency.opened", outcome="refused", reason="nobody with this number and date")
        audit.append(actor, note, now)
        raise Invalid({"nhs_number": rules.NOBODY})
    look = EmergencyLook(
        transfer_id=transfer.id,
        account_id=actor.account_id,
        organisation_id=actor.organisation_id,
        actor_name=actor.name,
        actor_role=actor.role_words,
        place=actor.place_words[:200],
        reason=asked.reason.strip(),
        opened_at=now,
        expires_at=now + rules.LOOK_LASTS,
    )
    db.session.add(look)
    db.session.flush()
    _tell_home(transfer, look, now)
    audit.append(actor, audit.Note("emergency.opened", ("transfer", transfer.ref)), now)
    return look


def _digits(typed: str) -> str:
    try:
        return nhs_number.parse(typed)
    except ValueError as problem:
        # Elsewhere a number may be missing; here it is half of who is meant.
        said = str(problem).replace(", or choose “not known”", "")
        raise Invalid({"nhs_number": said}) from None


def _guesser(actor: Actor) -> Guesser:
    return Guesser("a person without the bag", f"account {actor.account_id}")


def other_homes(look: EmergencyLook) -> list[Organisation]:
    """Homes that have a journey open for the same number and date of birth, beside the one whose pack is
    shown: one of them writes of somebody else, or has not closed what is long over."""
    person = look.transfer.resident
    if not person.nhs_number:
        return []
    found = (one.home for one in _journeys(person.nhs_number, person.date_of_birth))
    return [home for home in dict.fromkeys(found) if home.id != look.transfer.home_id]


def _journey(digits: str, born: date) -> Transfer | None:
    """The newest open journey of this person that has a pack."""
    return next(iter(_journeys(digits, born)), None)


def _journeys(digits: str, born: date) -> Sequence[Transfer]:
    return db.session.scalars(
        select(Transfer)
        .join(Resident, Resident.id == Transfer.resident_id)
        .where(
            Resident.has_nhs_number(digits),
            Resident.date_of_birth == born,
            Transfer.state.in_([state.value for state in OPEN_STATES]),
            select(PackVersion.id).where(PackVersion.transfer_id == Transfer.id).exists(),
        )
        .order_by(Transfer.id.desc())
    ).all()


def _tell_home(transfer: Transfer, look: EmergencyLook, now: datetime) -> None:
    """One open task a journey, with who came in since the home last looked."""
    task = db.session.scalar(select(Task).filter_by(transfer_id=transfer.id, kind=TASK, done_at=None))
    if task is None:
        task = Task(
            organisation_id=transfer.home_id, transfer_id=transfer.id, kind=TASK, due_at=now, created_at=now
        )
        db.session.add(task)
    said = f"{look.actor_name}, {look.actor_role}, {look.place}, {format_time(now)}: {look.reason}"
    task.detail = f"{said}; {task.detail}"[:_LONGEST] if task.detail else said[:_LONGEST]


def of_opener(actor: Actor, ref: str, now: datetime) -> EmergencyLook:
    """The actor's own look, while it and the journey last: a restriction holds again when the journey is
    over. Raises NotFound afterwards, and for anybody else's."""
    look = db.session.scalar(
        select(EmergencyLook).filter_by(
            ref=ref, account_id=actor.account_id, organisation_id=actor.organisation_id
        )
    )
    if look is None or not can(actor, Permission.EMERGENCY_LOOK):
        raise NotFound("There is no such look at a pack.")
    if now >= look.expires_at:
        raise NotFound("This look has ended. If you still need the pack, ask again with your reason.")
    if State(db.session.get_one(Transfer, look.transfer_id).state) not in OPEN_STATES:
        raise NotFound("This journey is over, and its pack closed with it. Ring the home.")
    return look


def of_journey(transfer: Transfer) -> Sequence[EmergencyLook]:
    """Every look at this journey's pack without the bag, the newest first."""
    return db.session.scalars(
        select(EmergencyLook).filter_by(transfer_id=transfer.id).order_by(EmergencyLook.id.desc())
    ).all()


def review(actor: Actor, transfer_ref: str, look_ref: str, answer: str, note: str, now: datetime) -> None:
    """The manager of the home says whether a look was right. The last one takes the line off the list.

    Raises NotFound, NotPermitted, and Invalid for an answer that is none.
    """
    transfer = transfers.get(actor, transfer_ref, for_update=True)
    if not can(actor, Permission.HOME_MANAGE, transfers.subject(transfer)):
        raise NotPermitted("The manager of the home reviews this.")
    look = db.session.scalar(select(EmergencyLook).filter_by(ref=look_ref, transfer_id=transfer.id))
    if look is None:
        raise NotFound("There is no such look at a pack.")
    if answer not in dict(rules.REVIEWS):
        raise Invalid({look.ref: "Say whether it was right."})
    look.review, look.review_note = answer, note.strip()[:300]
    look.reviewed_at, look.reviewed_by = now, actor.name
    audit.append(
        actor, audit.Note("emergency.reviewed", ("transfer", transfer.ref), details={"review": answer}), now
    )
    db.session.flush()
    if all(one.review for one in of_journey(transfer)):
        waiting = select(Task).filter_by(transfer_id=transfer.id, kind=TASK, done_at=None)
        for task in db.session.scalars(waiting):
            task.done_at, task.done_by, task.told = now, actor.name, "Reviewed"
