"""Where one is signed in, and the end of it; for a manager, the end of a colleague's session."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain.permissions import Permission
from redbag.queries import accounts
from redbag.services import open_sessions
from redbag.web.account import blueprint
from redbag.web.guards import actor, commits, now, requires, signed_in_only

ENDED = "Ended. With the next tap there, Red Bag asks who it is."
HAD_ENDED = "This had ended already."


@blueprint.get("/account/sessions")
@signed_in_only
def own_sessions() -> ResponseReturnValue:
    """Each place where one is signed in, this one first."""
    found = open_sessions.own(current_user.session_id, current_app.config["LIMITS"], now())
    has_passphrase = accounts.own(current_user.session_id).passphrase_hash is not None
    return render_template("account/sessions.html", sessions=found, has_passphrase=has_passphrase)


@blueprint.post("/account/sessions/end")
@signed_in_only
@commits
def end_own_session() -> ResponseReturnValue:
    """Ends one of the others."""
    person = current_user
    ended = open_sessions.end_own(person.session_id, request.form.get("session", ""), person.actor, now())
    flash(ENDED if ended else HAD_ENDED, "done")
    return redirect(url_for("account.own_sessions"), 303)


@blueprint.post("/people/<ref>/sessions/end")
@requires(Permission.PEOPLE_MANAGE)
@commits
def end_colleagues_session(ref: str) -> ResponseReturnValue:
    """Ends a colleague's session for this place; their page lists them."""
    ended = open_sessions.end_of_person(actor(), ref, request.form.get("session", ""), now())
    flash(ENDED if ended else HAD_ENDED, "done")
    return redirect(url_for("account.colleague", ref=ref), 303)
