"""Back home: the person is here; then medicines, belongings, the bag."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.going_home import ORIGINAL_BACK, PAPERS_MISSING
from redbag.domain.permissions import Permission
from redbag.domain.record import YES_NO, Field, Kind, Values
from redbag.domain.transfer_states import AWAY, STATE_WORDS, State
from redbag.queries import bags, transfers
from redbag.services import catching_up
from redbag.services.catching_up import Missed
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, returning, steps
from redbag.web.home.moments import every, when, when_or_none
from redbag.web.home.telling import place_choices, place_now, place_of
from redbag.web.signed import signature_of

_BAG = Field("bag_came", "Is the red bag here?", Kind.CHOICE, YES_NO, required="Say whether the bag is here.")
_ORIGINAL = Field(
    "original_came",
    "Is the signed original of the ReSPECT or DNACPR form here?",
    Kind.CHOICE,
    ORIGINAL_BACK,
    required="Look for the signed original, then answer.",
)
_PAPERS = Field(
    "papers_missing",
    "Papers from the hospital",
    Kind.CHOICES,
    PAPERS_MISSING,
    hint="Leave empty if a discharge summary is here, in the bag or on the screen.",
)
_ADMITTED = Field(
    "admitted",
    "Did the hospital keep them in?",
    Kind.CHOICE,
    (("yes", "Yes, on a ward"), ("no", "No, seen and sent back")),
    required="Say whether the hospital kept them in.",
)
_PLACE = Field("place", "Where", longest=40)
_TOLD_BY = Field(
    "told_by", "How do you know", hint="For example: the ward, by telephone; the papers", longest=200
)


_BROUGHT_BY = Field(
    "brought_by",
    "Who brought them",
    hint="If you have it: a name, or the crew’s call sign. Leave it empty otherwise.",
    longest=80,
)


def _travelled(transfer: Any) -> bool:
    """Whether a signed original may have gone along: it was listed, or a decision is recorded."""
    listed = (transfer.facts.get("papers") or {}).get("cpr") == "original"
    alerts: Values = next((s.answers for s in transfer.resident.sections if s.key == "alerts"), {})
    return listed or alerts.get("cpr_decision") == "not_recommended"


def _questions(transfer: Any) -> tuple[Field, ...]:
    state = State(transfer.state)
    asked: list[Field] = []
    if state in (State.HANDED_TO_CREW, State.ARRIVED):
        asked += [_ADMITTED, _PLACE]
    if state is not State.GOING_HOME:
        asked.append(_TOLD_BY)
    if bags.still_with(transfer) and transfer.bag.state == "out":
        asked.append(_BAG)
    if _travelled(transfer):
        asked.append(_ORIGINAL)
    return (*asked, _PAPERS, _BROUGHT_BY)


@blueprint.get("/transfers/<ref>/receive")
@requires(Permission.TRANSFER_RECEIVE)
@audits
def receive(ref: str) -> ResponseReturnValue:
    """Asks when they came, with the bag or not; and what the hospital did not record."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    if State(transfer.state) is State.BACK_HOME:
        return redirect(url_for("home.settle", ref=ref))
    _refuse_unless_away(transfer)
    start = {"place": place_now(transfer)}
    if request.args.get("bag") == "here":
        start["bag_came"] = "yes"  # its label was scanned a moment ago
    return _page(transfer, Form(_questions(transfer), start))


def _refuse_unless_away(transfer: Any) -> None:
    if State(transfer.state) not in AWAY:
        words = STATE_WORDS[State(transfer.state)]
        raise IllegalTransition(f"“Back home” cannot be recorded: this journey is now “{words}”.")


@blueprint.post("/transfers/<ref>/receive")
@requires(Permission.TRANSFER_RECEIVE)
@commits
def save_receive(ref: str) -> ResponseReturnValue:
    """They are back home. Medicines are next."""
    transfer = transfers.get(actor(), ref)
    _refuse_unless_away(transfer)
    form = Form(_questions(transfer))
    try:
        typed, here, missed = every(form.read, when, lambda: _missed(transfer, form))
        catching_up.come_home(
            actor(),
            ref,
            missed=replace(missed, told_by=typed["told_by"] or "") if missed else None,
            occurred_at=here,
            bag_came=typed.get("bag_came") == "yes",
            original_came=typed.get("original_came") or "none",
            papers_missing=(typed["papers_missing"] or [""])[-1],
            brought_by=typed["brought_by"] or "",
            signed=signature_of(form),
            now=now(),
        )
    except Invalid as problem:
        form.fail(problem)
        return _page(transfer, form), 422
    flash(f"{transfer.resident.full_name} is back home. Medicines first.", "done")
    return redirect(url_for("home.settle", ref=ref), 303)


def _missed(transfer: Any, form: Form) -> Missed | None:
    """What the hospital did not record, as it was typed."""
    if State(transfer.state) is State.GOING_HOME:
        return None
    admitted = {"yes": True, "no": False}.get(form.text("admitted"))
    asks_place = _PLACE in form.questions
    left_at, reached_at, place = every(
        lambda: when_or_none("left_at"),
        lambda: _reached(transfer, admitted),
        lambda: place_of(form.text("place")) if asks_place else None,
    )
    return Missed(
        left_at=left_at,
        admitted=admitted,
        reached_at=reached_at,
        place=place,
    )


def _reached(transfer: Any, admitted: bool | None) -> datetime | None:
    at = when_or_none("reached_at")
    if at is None and admitted is not None and catching_up.needs_reached(State(transfer.state), admitted):
        raise Invalid(catching_up.unreached(admitted))
    return at


def _page(transfer: Any, form: Form) -> str:
    state = State(transfer.state)
    return render_template(
        "home/return/receive.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        form=form,
        errors=form.errors,
        catching_up=state is not State.GOING_HOME,
        before_admission=state in (State.HANDED_TO_CREW, State.ARRIVED),
        places=place_choices(),
        questions=[q for q in form.questions if q not in (_ADMITTED, _PLACE, _TOLD_BY)],
        admitted=_ADMITTED,
        told_by=_TOLD_BY,
    )


@blueprint.get("/transfers/<ref>/settle")
@requires(Permission.TRANSFER_RECEIVE)
@audits
def settle(ref: str) -> ResponseReturnValue:
    """The first of the return's steps that is still to do."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return redirect(url_for(returning.next_step(transfer), ref=ref))
