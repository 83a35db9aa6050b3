"""One's own account: who one is here, the passphrase, the PIN, the sessions."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain import pin as rules
from redbag.domain.errors import Invalid
from redbag.queries import accounts
from redbag.queries import devices as device_queries
from redbag.services import accounts as service
from redbag.services import devices, open_sessions, sessions, workplaces
from redbag.web.account import blueprint
from redbag.web.account.onward import local_path
from redbag.web.forms import Form
from redbag.web.guards import commits, commits_in_steps, has_just_shown, now, signed_in_only, step
from redbag.web.step_up import after_passphrase


@blueprint.get("/account")
@signed_in_only
def mine() -> ResponseReturnValue:
    """Name, places of work, and in how many places one is signed in."""
    session_id = current_user.session_id
    return render_template(
        "account/mine.html",
        email=accounts.own_email(session_id),
        places=workplaces.places(session_id, now()),
        has_passphrase=_has_passphrase(),
        pin_set_at=device_queries.pin_set_at(session_id),
        sessions=open_sessions.own(session_id, current_app.config["LIMITS"], now()),
    )


@blueprint.post("/account/sign-out-elsewhere")
@signed_in_only
@commits
def sign_out_elsewhere() -> ResponseReturnValue:
    """Ends every session but this one."""
    count = sessions.end_others(current_user.session_id, current_user.actor, now())
    flash(f"Signed out in {count} other {'place' if count == 1 else 'places'}.", "done")
    return redirect(url_for("account.own_sessions"), 303)


@blueprint.get("/account/passphrase")
@signed_in_only
def change_passphrase() -> ResponseReturnValue:
    """The current passphrase and the new one."""
    return _passphrase_page(Form(()))


@blueprint.post("/account/passphrase")
@signed_in_only
@commits_in_steps
def save_passphrase() -> ResponseReturnValue:
    """Sets it. A wrong guess at the current one stays counted."""
    form, session_id = Form(()), current_user.session_id
    try:
        new = service.new_hash(accounts.own(session_id), request.form.get("passphrase", ""))
    except Invalid as refused:
        form.fail(refused)
        return _passphrase_page(form), 422
    form.errors.update(
        after_passphrase(lambda: service.change_passphrase(session_id, new, current_user.actor, now()))
    )
    if form.errors:
        return _passphrase_page(form), 422
    flash("Your passphrase is changed. You are signed out everywhere else.", "done")
    return redirect(url_for("account.mine"), 303)


@blueprint.get("/account/pin")
@signed_in_only
def choose_pin() -> ResponseReturnValue:
    """The passphrase, and the PIN that shall open this place's shared devices. Who has none, because they
    sign in by a service, shows that before."""
    if not _has_passphrase() and not has_just_shown():
        return redirect(url_for("account.confirm", next=request.full_path.rstrip("?")), 303)
    return _pin_page(Form(()), local_path(request.args.get("next", "/account")))


@blueprint.post("/account/pin")
@signed_in_only
@commits_in_steps
def save_pin() -> ResponseReturnValue:
    """Sets it. A wrong guess at the passphrase stays counted."""
    form, wanted = Form(()), local_path(request.form.get("next", "/account"))
    pin, session_id = request.form.get("pin", "").strip(), current_user.session_id
    problem = rules.problem_with(pin)
    if problem:
        form.errors["pin"] = problem
        return _pin_page(form, wanted), 422
    kept = devices.hash_pin(current_user.account_ref, pin, current_app.config["LIMITS"].secret_keys)

    def keep() -> None:
        devices.set_pin(session_id, kept, current_user.actor, now())

    if _has_passphrase():
        form.errors.update(after_passphrase(keep))
    elif has_just_shown():
        with step():
            keep()
    else:
        return redirect(url_for("account.confirm", next=url_for("account.choose_pin")), 303)
    if form.errors:
        return _pin_page(form, wanted), 422
    flash("Your PIN is set. It opens the shared devices where you work, and nothing else.", "done")
    return redirect(wanted, 303)


def _has_passphrase() -> bool:
    return accounts.own(current_user.session_id).passphrase_hash is not None


def _passphrase_page(form: Form) -> str:
    return render_template("account/change_passphrase.html", form=form, errors=form.errors)


def _pin_page(form: Form, wanted: str) -> str:
    return render_template(
        "account/pin.html", form=form, errors=form.errors, wanted=wanted, asks_passphrase=_has_passphrase()
    )
