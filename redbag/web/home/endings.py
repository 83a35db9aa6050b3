"""How a journey ends: closed after a return, a death or a move elsewhere; not taken; opened in error."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.bag_states import BagState
from redbag.domain.custody import Step
from redbag.domain.errors import Invalid
from redbag.domain.going_home import BAG_STATES, LOST
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.transfer_states import Action, State, next_state
from redbag.queries import after_stay, bags, custody, transfers
from redbag.services import belongings, journeys
from redbag.services import transfers as services
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, returning, steps
from redbag.web.home.moments import every, when
from redbag.web.home.transfers import bag_words, where_words

_BAG_STATE = Field(
    "bag_state", "Where is the bag now?", Kind.CHOICE, BAG_STATES, required="Say where the bag is now."
)
_SIGNED_OUT = Field(
    "signed_out",
    "Who has the belongings",
    hint="Name and relation of who signed for them, or where they are kept. Nothing is disposed of.",
    longest=300,
    required="Write who has the belongings, or where they are kept.",
)
_NOTE = Field("note", "Note", longest=300)
_STILL_LIVES = Field(
    "still_lives_here",
    "Will they come back to live here?",
    Kind.CHOICE,
    (("yes", "Yes: stays on the list of residents"), ("no", "No: has moved away")),
    required="Say whether they will come back to live here.",
)


def _questions(transfer: Any) -> tuple[Field, ...]:
    state = State(transfer.state)
    asked: list[Field] = []
    if state in (State.DIED, State.WENT_ELSEWHERE) and belongings.list_for(transfer):
        asked.append(_SIGNED_OUT)
    if bags.still_with(transfer) and transfer.bag.state != BagState.DESTROYED:
        asked.append(_BAG_STATE)
    if state is State.WENT_ELSEWHERE:
        asked.append(_STILL_LIVES)
    return (*asked, _NOTE)


@blueprint.get("/transfers/<ref>/close")
@requires(Permission.TRANSFER_RECEIVE)
@audits
def close_transfer(ref: str) -> ResponseReturnValue:
    """The last step of a journey."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    next_state(State(transfer.state), Action.CLOSE)
    kept = transfer.bag.state if transfer.bag is not None else ""
    settled = kept in ("quarantined", "destroyed", "lost", "in_stock")
    return _close_page(transfer, Form(_questions(transfer), {"bag_state": kept if settled else ""}))


@blueprint.post("/transfers/<ref>/close")
@requires(Permission.TRANSFER_RECEIVE)
@commits
def save_close(ref: str) -> ResponseReturnValue:
    """Closes the journey: the label stops working, the bag has its place."""
    transfer = journeys.load(actor(), ref, Permission.TRANSFER_RECEIVE)
    next_state(State(transfer.state), Action.CLOSE)
    form = Form(_questions(transfer))
    try:
        typed = every(form.read, lambda: _settled(transfer), lambda: _lost(transfer, form))[0]
        services.close(
            actor(),
            ref,
            bag_state=typed.get("bag_state") or "",
            note=typed["note"] or "",
            signed_out=typed.get("signed_out") or "",
            moved_away=typed.get("still_lives_here") == "no",
            lost=form.text("lost"),
            now=now(),
        )
    except Invalid as problem:
        form.fail(problem)
        return _close_page(transfer, form), 422
    kept = " What is missing stays on the manager’s list." if form.text("lost") == "keep_looking" else ""
    name = transfer.resident.full_name
    flash(f"The journey of {name} is closed. The label no longer works.{kept}", "done")
    return redirect(url_for("home.transfers"), 303)


def _settled(transfer: Any) -> None:
    problems = services.what_stops_closing(transfer)
    if problems:
        raise Invalid({"form": " ".join(problems)})


def _lost(transfer: Any, form: Form) -> None:
    services.refuse_unanswered_loss(transfers.missing_things([transfer.id])[transfer.id], form.text("lost"))


def _close_page(transfer: Any, form: Form) -> str:
    state = State(transfer.state)
    items = belongings.list_for(transfer)
    checked = belongings.was_checked(transfer, Step.RETURN)
    picture = custody.picture(transfer)
    names = {item.ref: item.description for item in items}
    return returning.page(
        "close",
        transfer,
        form,
        "home.close_transfer",
        state=state.value,
        problems=services.what_stops_closing(transfer),
        next_step=url_for(returning.next_step(transfer), ref=transfer.ref),
        needs=returning.new_needs(transfer),
        leaving=returning.leaving_data(transfer),
        bag=bag_words(transfer),
        where=where_words(transfer),
        items=items,
        checked=checked,
        missing=transfers.missing_things([transfer.id])[transfer.id],
        answers=LOST,
        lost=[(names.get(lost.item, ""), lost.sentence) for lost in picture.lost],
        ring=after_stay.ward_and_number(transfer),
        questions=form.questions,
    )


_WHY_STAYED = Field(
    "why",
    "Why were they not taken?",
    hint="For example: treated here by the paramedics",
    longest=300,
    required="Say why they were not taken.",
)
_WHY_ERROR = Field("why", "Why was it opened in error?", hint="For example: wrong resident", longest=300)


@blueprint.get("/transfers/<ref>/not-taken")
@requires(Permission.TRANSFER_DISPATCH)
@audits
def stay_home(ref: str) -> ResponseReturnValue:
    """Asks why they were not taken to hospital."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    next_state(State(transfer.state), Action.STAY_HOME)
    return _ending_page(transfer, Form((_WHY_STAYED,)), "stay")


@blueprint.post("/transfers/<ref>/not-taken")
@requires(Permission.TRANSFER_DISPATCH)
@commits
def stayed_home(ref: str) -> ResponseReturnValue:
    """Not taken to hospital; the bag is unpacked and the journey closed."""
    form = Form((_WHY_STAYED,))
    try:
        typed, at = every(form.read, when)
        transfer = services.stay_home(actor(), ref, why=typed["why"] or "", occurred_at=at, now=now())
    except Invalid as problem:
        form.fail(problem)
        return _ending_page(transfers.get(actor(), ref), form, "stay"), 422
    unpack = "Unpack the bag, then close" if transfer.bag or belongings.list_for(transfer) else "Close"
    flash(f"Not taken to hospital. {unpack} the journey.", "done")
    return redirect(url_for("home.close_transfer", ref=ref), 303)


@blueprint.get("/transfers/<ref>/opened-in-error")
@requires(Permission.TRANSFER_DISPATCH)
@audits
def cancel(ref: str) -> ResponseReturnValue:
    """Asks why it was opened in error."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    next_state(State(transfer.state), Action.CANCEL)
    return _ending_page(transfer, Form((_WHY_ERROR,)), "cancel")


@blueprint.post("/transfers/<ref>/opened-in-error")
@requires(Permission.TRANSFER_DISPATCH)
@commits
def cancelled(ref: str) -> ResponseReturnValue:
    """Opened in error: the bag is back in stock, the label stops working."""
    form = Form((_WHY_ERROR,))
    try:
        typed = form.read()
        transfer = services.cancel(actor(), ref, why=typed["why"] or "", now=now())
    except Invalid as problem:
        form.fail(problem)
        return _ending_page(transfers.get(actor(), ref), form, "cancel"), 422
    bag = transfer.bag
    told = f" Bag {bag.number} is back in stock." if bag and bag.state == BagState.IN_STOCK else ""
    flash(f"Opened in error: taken off the board.{told}", "done")
    return redirect(url_for("home.transfers"), 303)


def _ending_page(transfer: Any, form: Form, kind: str) -> str:
    return render_template(
        "home/journey/ending.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        form=form,
        errors=form.errors,
        kind=kind,
        bag=bag_words(transfer),
        packing=steps.is_packing(transfer),
    )
