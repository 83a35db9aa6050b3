"""The hospital scanned the bag before the home pressed "Handed to crew": when the crew took them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid
from redbag.domain.permissions import Permission
from redbag.domain.record import Field
from redbag.queries import transfers
from redbag.services import late_handover as services
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, steps
from redbag.web.home.moments import when_typed
from redbag.web.signed import signature_of

CREW = Field("crew", "Crew name or call sign", hint="If you have it", longest=80)
_MISSING = "Write the day and the time, or say that the time is not known."


@blueprint.get("/transfers/<ref>/late-handover")
@requires(Permission.TRANSFER_DISPATCH)
@audits
def late_handover(ref: str) -> ResponseReturnValue:
    """Asks when the crew took them, or whether nobody knows."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    if not services.is_awaited(transfer):
        return redirect(url_for("home.transfer", ref=ref))
    return late_page(transfer, Form((CREW,)))


def late_page(transfer: Any, form: Form) -> str:
    """The question, with what was typed before."""
    return render_template(
        "home/journey/late_handover.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        form=form,
        errors=form.errors,
        crew=CREW,
    )


def complete(ref: str, form: Form, crew: str | None, left_at: datetime | None) -> None:
    """Keeps the handover, with what was signed and said at the door where a tablet had kept that. Raises
    Invalid."""
    told = {"infection_told": True} if "infection_told" in request.form else {}
    signed = signature_of(form)
    services.complete(actor(), ref, crew=crew or "", left_at=left_at, now=now(), told=told, signed=signed)


@blueprint.post("/transfers/<ref>/late-handover")
@requires(Permission.TRANSFER_DISPATCH)
@commits
def save_late_handover(ref: str) -> ResponseReturnValue:
    """Keeps when the crew took them, or that it is not known."""
    form = Form((CREW,))
    try:
        left_at = None if "not_known" in request.form else when_typed(missing=_MISSING)
        typed = form.read()
        complete(ref, form, typed["crew"], left_at)
    except Invalid as problem:
        form.fail(problem)
        return late_page(transfers.get(actor(), ref), form), 422
    flash("The handover is complete.", "done")
    return redirect(url_for("home.transfer", ref=ref), 303)
