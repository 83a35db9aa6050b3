"""Where somebody works now: the organisation, and on a shared device the ward."""

from __future__ import annotations

from flask import current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain.permissions import Permission
from redbag.queries import organisations
from redbag.services import sessions, workplaces
from redbag.web.account import blueprint
from redbag.web.account.onward import local_path, onward
from redbag.web.guards import actor, commits, now, origin, requires, signed_in_only


@blueprint.get("/account/place")
@signed_in_only
def choose_place() -> ResponseReturnValue:
    """Every place where the person has a role, one button each."""
    wanted = local_path(request.args.get("next", "/"))
    found = workplaces.places(current_user.session_id, now())
    return render_template("account/choose_place.html", places=found, wanted=wanted)


@blueprint.post("/account/place")
@signed_in_only
@commits
def save_place() -> ResponseReturnValue:
    """Works there from now on."""
    person = current_user
    workplaces.choose_place(person.session_id, request.form.get("place", ""), origin(), now())
    found = sessions.resume(person.get_id(), origin(), current_app.config["LIMITS"], now())
    return onward(found, request.form.get("next", "/"))


@blueprint.get("/account/ward")
@requires(Permission.WARD_BOARD)
def choose_ward() -> ResponseReturnValue:
    """The wards of the hospital, one button each."""
    wanted = local_path(request.args.get("next", "/"))
    wards = organisations.open_wards(actor().organisation_id)
    return render_template("account/choose_ward.html", wards=wards, wanted=wanted)


@blueprint.post("/account/ward")
@requires(Permission.WARD_BOARD)
@commits
def save_ward() -> ResponseReturnValue:
    """Works on that ward from now on."""
    workplaces.choose_ward(actor(), request.form.get("ward", ""), now())
    flash("Ward chosen.", "done")
    found = sessions.resume(current_user.get_id(), origin(), current_app.config["LIMITS"], now())
    return onward(found, request.form.get("next", "/"))
