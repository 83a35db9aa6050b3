"""What the hospital says by telephone, recorded by the home and marked as such."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import IllegalTransition, Invalid, NotFound
from redbag.domain.going_home import BAG_AFTER, ELSEWHERE
from redbag.domain.permissions import Permission
from redbag.domain.record import YES_NO_UNKNOWN, Choices, Field, Kind, Values
from redbag.domain.transfer_states import Action, State, available_actions
from redbag.queries import transfers
from redbag.services import journeys, stays
from redbag.services.stays import Known, Leaving, Place
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, steps
from redbag.web.home.moments import every, when, when_or_none, when_typed
from redbag.web.home.transfers import where_words

_TOLD_BY = Field(
    "told_by", "Who told you", hint="Name and where they work", longest=200, required="Write who told you."
)
_BAG_CAME = Field("with_bag", "Is the red bag with them?", Kind.CHOICE, YES_NO_UNKNOWN)
_BAG = Field("bag", "The red bag", Kind.CHOICE, BAG_AFTER)
_DESTINATION = Field(
    "destination", "Where did they go?", Kind.CHOICE, ELSEWHERE, required="Say where they went."
)
_PLACE_NAME = Field("to", "Name and address, as far as you know it", longest=200)
_KIN = Field(
    "kin_told",
    "Who told the next of kin",
    hint="Or why not yet",
    longest=200,
    required="Write who told the next of kin, or why not yet.",
)
_WITH_BAG = {"yes": True, "no": False}


@dataclass(frozen=True)
class Tell:
    """One thing that a hospital may say. `actions`: any of these makes it possible now.

    `quietly`: said with care, as a plain link; its moment is never taken from the clock.
    """

    key: str
    words: str
    actions: tuple[Action, ...]
    when: str
    questions: tuple[Field, ...]
    save: Callable[[Any, Known, Values], None]
    asks_place: bool = False
    asks_decision: bool = False
    asks_arrival: bool = False
    heading: str = ""
    button: str = ""
    message: str = ""
    quietly: bool = False


def place_choices() -> list[tuple[str, Choices]]:
    """Every hospital with its wards; a choice is the hospital's reference, or hospital and ward."""
    return [
        (
            hospital.name,
            (
                (hospital.ref, f"{hospital.name}, ward not known"),
                *(
                    (f"{hospital.ref}:{ward.ref}", f"{hospital.name}, {ward.name}")
                    for ward in transfers.wards(hospital.id)
                ),
            ),
        )
        for hospital in transfers.hospitals()
    ]


def place_of(text: str) -> Place:
    """The place that a choice names. Raises Invalid under "place"."""
    hospital, _, ward = text.partition(":")
    try:
        return stays.told_place(hospital, ward)
    except Invalid:
        raise Invalid({"place": "Choose the hospital, and the ward if you know it."}) from None


def _arrived(transfer: Any, known: Known, typed: Values) -> None:
    stays.arrive(
        actor(), transfer, place_of(typed["place"]), known, with_bag=_WITH_BAG.get(str(typed["with_bag"]))
    )


def _admitted(transfer: Any, known: Known, typed: Values) -> None:
    stays.admit(
        actor(),
        transfer,
        place_of(typed["place"]),
        known,
        decided_at=when_or_none("decided_at"),
        bed="",
        with_bag=_WITH_BAG.get(str(typed["with_bag"])),
    )


def _moved(transfer: Any, known: Known, typed: Values) -> None:
    place = place_of(typed["place"])
    if place.organisation_id == transfer.hospital_id:
        stays.move_ward(actor(), transfer, place, known, bed="")
    else:
        stays.move_hospital(actor(), transfer, place, known)


def _seen_and_sent_back(transfer: Any, known: Known, typed: Values) -> None:
    """Both ends of a visit in one telling: nobody had recorded that they arrived."""
    reached = replace(known, occurred_at=_reached())
    try:
        stays.arrive(actor(), transfer, place_of(typed["place"]), reached, with_bag=None)
    except Invalid as problem:
        said = {"reached_at" if key == "occurred_at" else key: text for key, text in problem.errors.items()}
        raise Invalid(said) from None
    _going_home(transfer, known, typed)


def _reached() -> datetime:
    at = when_or_none("reached_at")
    if at is None:
        raise Invalid({"reached_at": "Give the day and time, about, when they arrived."})
    return at


def _going_home(transfer: Any, known: Known, typed: Values) -> None:
    leaving = Leaving(bag=typed["bag"] or "with_person", home_word="not_asked")
    stays.go_home(actor(), transfer, known, leaving)


def _elsewhere(transfer: Any, known: Known, typed: Values) -> None:
    leaving = Leaving(bag=typed["bag"] or "with_person")
    destination, to = typed["destination"], typed["to"] or ""
    stays.go_elsewhere(actor(), transfer, known, destination=destination, place=to, leaving=leaving)


def _died(transfer: Any, known: Known, typed: Values) -> None:
    stays.died(actor(), transfer, known, kin_told=typed["kin_told"], home_told="")


TELLS: tuple[Tell, ...] = (
    Tell("arrived", "Arrived", (Action.ARRIVE,), "Arrived at", (_BAG_CAME,), _arrived, asks_place=True),
    Tell(
        "seen-and-sent-back",
        "Seen and sent back",
        (Action.ARRIVE,),
        "Left hospital at",
        (_BAG,),
        _seen_and_sent_back,
        asks_place=True,
        asks_arrival=True,
    ),
    Tell(
        "admitted",
        "Admitted",
        (Action.ADMIT,),
        "Admitted at",
        (_BAG_CAME,),
        _admitted,
        asks_place=True,
        asks_decision=True,
    ),
    Tell(
        "moved",
        "Moved to another ward or hospital",
        (Action.MOVE_HOSPITAL,),
        "Moved at",
        (),
        _moved,
        asks_place=True,
    ),
    Tell("home", "Going home", (Action.DISCHARGE,), "Left hospital at", (_BAG,), _going_home),
    Tell(
        "sent-back",
        "Sent back without admission",
        (Action.SEND_BACK,),
        "Left hospital at",
        (_BAG,),
        _going_home,
    ),
    Tell(
        "elsewhere",
        "Gone somewhere else",
        (Action.DISCHARGE_ELSEWHERE,),
        "Left hospital at",
        (_DESTINATION, _PLACE_NAME, _BAG),
        _elsewhere,
    ),
    Tell(
        "died",
        "They have died",
        (Action.RECORD_DEATH,),
        "Died at",
        (_KIN,),
        _died,
        heading="They have died",
        button="Record the death",
        message="Recorded. We are sorry.",
        quietly=True,
    ),
)
_PLACE = Field("place", "Where", longest=40)


def possible(transfer: Any) -> list[Tell]:
    """What may be told of a journey in this state; nothing while the home itself says that it packs."""
    if steps.is_packing(transfer):
        return []
    actions = available_actions(State(transfer.state))
    return [tell for tell in TELLS if any(action in actions for action in tell.actions)]


def _named(transfer: Any, key: str) -> Tell:
    found = next((tell for tell in TELLS if tell.key == key), None)
    if found is None:
        raise NotFound("There is no such page.")
    if found not in possible(transfer):
        raise IllegalTransition(f"“{found.words}” cannot be recorded now: look at the journey again.")
    return found


def _questions(tell: Tell) -> tuple[Field, ...]:
    return (*((_PLACE,) if tell.asks_place else ()), *tell.questions, _TOLD_BY)


@blueprint.get("/transfers/<ref>/tell")
@requires(Permission.TRANSFER_TELL)
@audits
def tell(ref: str) -> ResponseReturnValue:
    """Which of these did the hospital say?"""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return render_template(
        "home/journey/tell.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        where=where_words(transfer),
        tells=possible(transfer),
    )


@blueprint.get("/transfers/<ref>/tell/<what>")
@requires(Permission.TRANSFER_TELL)
@audits
def tell_step(ref: str, what: str) -> ResponseReturnValue:
    """The few questions of one of them."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    which = _named(transfer, what)
    return _page(transfer, which, Form(_questions(which), {"place": place_now(transfer)}))


@blueprint.post("/transfers/<ref>/tell/<what>")
@requires(Permission.TRANSFER_TELL)
@commits
def record_told(ref: str, what: str) -> ResponseReturnValue:
    """Keeps what was told, as told by telephone."""
    transfer = journeys.load(actor(), ref, Permission.TRANSFER_TELL)
    which = _named(transfer, what)
    form = Form(_questions(which))
    try:
        typed, occurred_at = every(form.read, *_readers(which, form))[:2]
        known = Known(occurred_at, now(), source="phone", told_by=typed["told_by"])
        which.save(transfer, known, typed)
    except Invalid as problem:
        form.fail(problem)
        return _page(transfer, which, form), 422
    flash(which.message or f"{which.words}: recorded, as told by telephone.", "done")
    return redirect(url_for("home.transfer", ref=ref), 303)


def _readers(which: Tell, form: Form) -> list[Callable[[], Any]]:
    """What the page asks besides its questions, the moment first."""
    readers: list[Callable[[], Any]] = [when_typed if which.quietly else when]
    if which.asks_place:
        readers.append(lambda: place_of(form.text("place")))
    if which.asks_decision:
        readers.append(lambda: when_or_none("decided_at"))
    if which.asks_arrival:
        readers.append(_reached)
    return readers


def place_now(transfer: Any) -> str:
    """The choice that names where the person is now."""
    if transfer.hospital is None:
        return ""
    return f"{transfer.hospital.ref}:{transfer.ward.ref}" if transfer.ward else str(transfer.hospital.ref)


def _page(transfer: Any, which: Tell, form: Form) -> str:
    return render_template(
        "home/journey/tell_step.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        form=form,
        errors=form.errors,
        tell=which,
        where=where_words(transfer),
        places=place_choices() if which.asks_place else [],
        questions=(*which.questions, _TOLD_BY),
    )
