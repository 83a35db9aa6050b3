"""A step that was recorded wrongly: undone, or given its true time, by a new record."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, NotFound
from redbag.domain.journey import withdrawable
from redbag.domain.permissions import Permission
from redbag.queries import transfers
from redbag.services import corrections, events
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, history, steps
from redbag.web.home.moments import when


@blueprint.get("/transfers/<ref>/steps/<event_ref>")
@requires(Permission.TRANSFER_OPEN)
@audits
def step(ref: str, event_ref: str) -> ResponseReturnValue:
    """One step, to be undone or timed again."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return _page(transfer, event_ref, Form(()))


@blueprint.post("/transfers/<ref>/steps/<event_ref>")
@requires(Permission.TRANSFER_OPEN)
@commits
def correct_step(ref: str, event_ref: str) -> ResponseReturnValue:
    """Undoes the step or corrects its time."""
    form = Form(())
    reason = form.text("reason").strip()[:300]
    try:
        if not reason:
            raise Invalid({"reason": "Write why. It stays in the history."})
        if request.form.get("what") == "undo":
            corrections.undo(actor(), ref, event_ref, reason=reason, now=now())
            done = "Taken back. It stays in the history, crossed out."
        else:
            corrections.correct_time(actor(), ref, event_ref, occurred_at=when(), reason=reason, now=now())
            done = "The time is corrected. The first one stays in the history."
    except Invalid as problem:
        form.fail(problem)
        return _page(transfers.get(actor(), ref), event_ref, form), 422
    flash(done, "done")
    return redirect(url_for("home.transfer", ref=ref), 303)


def _page(transfer: Any, event_ref: str, form: Form) -> str:
    found = history.lines(transfer, withdrawable(events.of(transfer)), actor())
    line = next((one for one in found if one.ref == event_ref), None)
    if line is None or not line.may_correct:
        raise NotFound("There is no step here that you can correct.")
    return render_template(
        "home/journey/step.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        form=form,
        errors=form.errors,
        line=line,
        may_undo=corrections.may_undo(transfer, event_ref),
    )
