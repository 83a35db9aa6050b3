"""Who opened a pack without the bag, and why: for the home to read, and its manager to review."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import emergency as rules
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Permission
from redbag.queries import transfers
from redbag.services import emergency
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint
from redbag.web.home.steps import who


@blueprint.get("/transfers/<ref>/emergency-looks")
@requires(Permission.TRANSFER_TELL)
@audits
def emergency_looks(ref: str) -> ResponseReturnValue:
    """Every look at this journey's pack without the bag."""
    page = _page(ref, Form(()))
    note_read("transfer.read", ("transfer", ref))
    return page


@blueprint.post("/transfers/<ref>/emergency-looks/<emergency_ref>")
@requires(Permission.HOME_MANAGE)
@commits
def review_emergency_look(ref: str, emergency_ref: str) -> ResponseReturnValue:
    """The manager says of one look whether it was right."""
    form = Form(())
    said, note = request.form.get("review", ""), request.form.get("note", "")
    try:
        emergency.review(actor(), ref, emergency_ref, said, note, now())
    except Invalid as problem:
        form.fail(problem)
        return _page(ref, form), 422
    flash("Reviewed. What you wrote is kept with the journey.", "done")
    return redirect(url_for("home.emergency_looks", ref=ref), 303)


def _page(ref: str, form: Form) -> str:
    found = transfers.get(actor(), ref)
    return render_template(
        "home/journey/emergency_looks.html",
        transfer=found,
        who=who(found.resident),
        looks=emergency.of_journey(found),
        reviews=rules.REVIEWS,
        form=form,
    )
