"""Where the bag is of somebody from a care home: not with them, or still here after they have left."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import Permission
from redbag.services import bag_reports, reach
from redbag.services.reach import Reach
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.ward import blueprint

_SAID = {
    "here": "The home sees that the bag is here.",
    "sent_back": "The home sees that the bag is on its way back.",
    "not_here": "The home sees that the bag is not here, and looks further.",
}


@blueprint.get("/ward/transfers/<ref>/where-bag")
@requires(Permission.STAY_RECORD)
@audits
def where_bag(ref: str) -> ResponseReturnValue:
    """Three answers, one tap each."""
    found = reach.for_reading(actor(), "", ref)
    note_read("transfer.read", ("transfer", ref))
    return _page(found, Form(()))


@blueprint.post("/ward/transfers/<ref>/where-bag")
@requires(Permission.STAY_RECORD)
@commits
def save_where_bag(ref: str) -> ResponseReturnValue:
    """The home is told at once."""
    form = Form(())
    said = request.form.get("where", "")
    try:
        bag_reports.of_stay(actor(), ref, said, note=form.text("note"), now=now())
    except Invalid as problem:
        form.fail(problem)
        return _page(reach.for_reading(actor(), "", ref), form), 422
    flash(_SAID[said], "done")
    return redirect(url_for("attention.board"), 303)


def _page(found: Reach, form: Form) -> str:
    transfer = found.transfer
    if transfer.bag is None:
        raise NotFound("No bag went with them.")
    said = [
        one for one in bag_reports.standing(transfer.bag) if one.organisation_id == actor().organisation_id
    ]
    return render_template(
        "ward/where_bag.html",
        transfer=transfer,
        form=form,
        errors=form.errors,
        said=said[-1] if said else None,
    )
