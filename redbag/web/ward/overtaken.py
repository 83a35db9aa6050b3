"""A page that came too late: the person has left, or was admitted, and the step does not follow now."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from redbag.domain.errors import IllegalTransition
from redbag.domain.record import Field, Kind, choice_label
from redbag.domain.transfer_states import IN_HOSPITAL, Action, State, next_state
from redbag.queries import transfers
from redbag.services import corrections, latest_step
from redbag.services.reach import Reach
from redbag.web.forms import Form
from redbag.web.guards import actor, is_guest
from redbag.web.ward import blueprint

# Taken back, these bring a person into a bed of the ward again: they are named once more first.
GRAVE = frozenset(
    action.value
    for action in (Action.RECORD_DEATH, Action.DISCHARGE, Action.SEND_BACK, Action.DISCHARGE_ELSEWHERE)
)


class Overtaken(IllegalTransition):
    """Somebody was first. `typed`: what this person had typed, question by question, in words."""

    def __init__(self, ref: str, problem: str, typed: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(problem)
        self.ref, self.typed = ref, typed


def refuse(found: Reach, action: Action, form: Form | None = None) -> None:
    """Raises Overtaken, with what was typed, when `action` does not follow any more.

    Raises a plain IllegalTransition where the actor's hospital has recorded nothing that could be shown.
    """
    state = State(found.transfer.state)
    try:
        next_state(state, action)
    except IllegalTransition as problem:
        raise because(found, str(problem), form) from None


def because(found: Reach, problem: str, form: Form | None = None) -> IllegalTransition:
    """The refusal that names what stands now; the bare words for another hospital's person."""
    state, transfer = State(found.transfer.state), found.transfer
    ours = transfer.hospital_id == actor().organisation_id and not is_guest()
    if not ours or state in (State.ARRIVED, State.CLOSED):
        return IllegalTransition(problem)
    return Overtaken(transfer.ref, problem, typed_words(form) if form else ())


def typed_words(form: Form) -> tuple[tuple[str, str], ...]:
    """What was typed, as it reads beside each question; blanks left out."""
    found = [(question.label, _words(form, question)) for question in form.questions]
    return tuple((label, words) for label, words in found if words)


def _words(form: Form, question: Field) -> str:
    name = question.key
    if question.kind in (Kind.DATE, Kind.MOMENT):
        day = "/".join(part for part in form.day_boxes(name).values() if part)
        return " ".join(part for part in (day, form.text(f"{name}-time")) if part)
    said = form.text(name).strip()
    words = choice_label(question, said) if question.choices and said else said
    detail = form.text(f"{name}_detail").strip() if question.detail else ""
    return ": ".join(part for part in (words, detail) if part)


@blueprint.errorhandler(Overtaken)
def overtaken(problem: Overtaken) -> ResponseReturnValue:
    """What stands now, who recorded it, and the way to take it back. It names no person: this is no
    reading of the pack."""
    transfer = transfers.get(actor(), problem.ref)
    in_hospital = State(transfer.state) in IN_HOSPITAL
    step = latest_step.placing(transfer) if in_hospital else latest_step.leaving(transfer)
    if step is None:
        return render_template("ward/overtaken.html", transfer=transfer, step=None, problem=problem), 409
    return (
        render_template(
            "ward/overtaken.html",
            transfer=transfer,
            step=step,
            at=transfer.admitted_at if in_hospital else (transfer.died_at or transfer.ended_at),
            problem=problem,
            sent=request.method == "POST",
            may_undo=step.actor_organisation_id == actor().organisation_id
            and corrections.may_undo(transfer, step.ref),
            grave=GRAVE,
        ),
        409,
    )
