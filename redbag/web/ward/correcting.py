"""Taking the latest step back, and giving a step its right time."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.transfer_states import ACTION_WORDS, STATE_WORDS, Action, State
from redbag.queries import transfers
from redbag.services import corrections, reach
from redbag.services.reach import Reach
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.ward import blueprint
from redbag.web.ward.moves import fail, step_page
from redbag.web.ward.overtaken import GRAVE

_AT = Field("at", "The right time", Kind.MOMENT, required="Give the day and the time.")
_DECIDED = Field("decided_at", "The right time of the decision to admit", Kind.MOMENT)
_WHY = Field("reason", "Why is it corrected?", required="Say why the time is corrected.", longest=300)


@blueprint.get("/ward/transfers/<ref>/steps/<event_ref>/undo")
@requires(Permission.STAY_RECORD)
@audits
def ask_undo(ref: str, event_ref: str) -> ResponseReturnValue:
    """Names the step once more, and where it brings the person back to."""
    found = reach.for_reading(actor(), "", ref)
    note_read("transfer.read", ("transfer", ref))
    return _undo_page(found, event_ref)


def _undo_page(found: Reach, event_ref: str) -> str:
    transfer = found.transfer
    back = corrections.state_without(transfer, event_ref)
    step = _line(found, event_ref).event
    return render_template(
        "ward/undo.html", transfer=transfer, step=step, back=back, grave=step.action in GRAVE
    )


@blueprint.post("/ward/transfers/<ref>/steps/<event_ref>/undo")
@requires(Permission.STAY_RECORD)
@commits
def undo(ref: str, event_ref: str) -> ResponseReturnValue:
    """Takes the latest step or check back; both stay in the history. A grave one is asked for first."""
    found = reach.for_writing(actor(), "", ref)
    if request.form.get("sure") != event_ref and _line(found, event_ref).event.action in GRAVE:
        return _undo_page(found, event_ref), 422
    transfer = corrections.undo(actor(), ref, event_ref, reason="", now=now())
    flash(f"Taken back. They are now “{STATE_WORDS[State(transfer.state)]}”.", "done")
    # Before arrival only the label leads to a person.
    on_the_way = State(transfer.state) in (State.PACKING, State.HANDED_TO_CREW)
    gone = on_the_way or transfer.hospital_id != actor().organisation_id
    return redirect(url_for("ward.board") if gone else url_for("ward.patient", ref=ref), 303)


def _line(found: Reach, event_ref: str) -> transfers.HistoryLine:
    """One recorded step with its correction. Raises NotFound for a step of another journey."""
    line = next(
        (one for one in transfers.history(found.transfer) if one.event.ref == event_ref and not one.corrects),
        None,
    )
    if line is None:
        raise NotFound("There is no such step.")
    return line


def _questions(found: Reach, event_ref: str) -> tuple[str, tuple[Field, ...], dict[str, object]]:
    """The title, the questions and the times as they stand, for one step."""
    line = _line(found, event_ref)
    newest = line.corrected_by or line.event
    start: dict[str, object] = {"at": newest.occurred_at}
    title = f"Correct the time: {ACTION_WORDS[Action(line.event.action)]}"
    if line.event.action == Action.ADMIT.value:
        start["decided_at"] = found.transfer.decision_to_admit_at
        return title, (_DECIDED, _AT, _WHY), start
    return title, (_AT, _WHY), start


@blueprint.get("/ward/transfers/<ref>/steps/<event_ref>/time", endpoint="correct")
@requires(Permission.STAY_RECORD)
@audits
def show_correct(ref: str, event_ref: str) -> ResponseReturnValue:
    """The time of one step as it stands."""
    found = reach.for_reading(actor(), "", ref)
    note_read("transfer.read", ("transfer", ref))
    title, questions, start = _questions(found, event_ref)
    return _page(found, Form(questions, start), title, event_ref)


@blueprint.post("/ward/transfers/<ref>/steps/<event_ref>/time")
@requires(Permission.STAY_RECORD)
@commits
def save_correct(ref: str, event_ref: str) -> ResponseReturnValue:
    """Gives a step its right time by a new record."""
    found = reach.for_writing(actor(), "", ref)
    title, questions, _ = _questions(found, event_ref)
    form = Form(questions)
    try:
        typed = form.read(latest=now())
        corrections.correct_time(
            actor(),
            ref,
            event_ref,
            occurred_at=typed["at"],
            decided_at=typed.get("decided_at"),
            reason=typed["reason"],
            now=now(),
        )
    except Invalid as problem:
        fail(form, problem)
        return _page(found, form, title, event_ref), 422
    flash("Corrected. The first record stays in the history.", "done")
    return redirect(url_for("ward.patient", ref=ref), 303)


def _page(found: Reach, form: Form, title: str, event_ref: str) -> str:
    return step_page(
        found, form, title=title, button="Correct", save="ward.save_correct", more={"event_ref": event_ref}
    )
