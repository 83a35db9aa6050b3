"""One's own account: who one is here, the passphrase, the sessions."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain.errors import Invalid
from redbag.queries import accounts
from redbag.services import accounts as service
from redbag.services import sessions
from redbag.web.account import blueprint
from redbag.web.forms import Form
from redbag.web.guards import commits, commits_also_refusals, now, signed_in_only


@blueprint.get("/account")
@signed_in_only
def mine() -> ResponseReturnValue:
    """Name, places of work and sessions."""
    session_id = current_user.session_id
    return render_template(
        "account/mine.html",
        email=accounts.own_email(session_id),
        places=sessions.places(session_id),
        sessions=accounts.own_sessions(session_id, now()),
    )


@blueprint.post("/account/sign-out-elsewhere")
@signed_in_only
@commits
def sign_out_elsewhere() -> ResponseReturnValue:
    """Ends every session but this one."""
    count = sessions.end_others(current_user.session_id, current_user.actor, now())
    flash(f"Signed out in {count} other {'place' if count == 1 else 'places'}.", "done")
    return redirect(url_for("account.mine"), 303)


@blueprint.get("/account/passphrase")
@signed_in_only
def change_passphrase() -> ResponseReturnValue:
    """The current passphrase and the new one."""
    return _render(Form(()))


@blueprint.post("/account/passphrase")
@signed_in_only
@commits_also_refusals
def save_passphrase() -> ResponseReturnValue:
    """Sets it. A wrong guess at the current one stays counted."""
    form = Form(())
    try:
        problem = service.change_passphrase(
            current_user.session_id,
            request.form.get("current_passphrase", ""),
            request.form.get("passphrase", ""),
            actor=current_user.actor,
            limits=current_app.config["LIMITS"],
            now=now(),
        )
        if problem:
            form.errors["current_passphrase"] = problem
    except Invalid as refused:
        form.fail(refused)
    if form.errors:
        return _render(form), 422
    flash("Your passphrase is changed. You are signed out everywhere else.", "done")
    return redirect(url_for("account.mine"), 303)


def _render(form: Form) -> str:
    return render_template("account/change_passphrase.html", form=form, errors=form.errors)
