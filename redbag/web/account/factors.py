"""One's own second factors: what is set up, another one, and what is taken away.

Somebody at their first sign-in comes here half signed in; the service says whether they may.
"""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.documents import qr
from redbag.domain.errors import Invalid
from redbag.services import factor_setting, second_factors
from redbag.services.factor_setting import Set
from redbag.web.account import blueprint
from redbag.web.account.onward import local_path
from redbag.web.account.relying_party import needed_site, site
from redbag.web.account.showing import caller
from redbag.web.forms import Form
from redbag.web.guards import commits, confirms, half_signed_in, signed_in_only
from redbag.web.identity import renew

_PENDING = "app_to_set"
"""The new app's secret, sealed, in the person's own cookie until the first code: no GET writes anything."""


@blueprint.get("/account/second-factor")
@signed_in_only
def second_factors_page() -> ResponseReturnValue:
    """What is set up, when, and how many recovery codes are left."""
    found = second_factors.held(current_user.session_id)
    return render_template("account/second_factors.html", held=found, passkey_site=site())


@blueprint.get("/account/second-factor/app")
@half_signed_in
@confirms("account.ask_app")
def ask_app() -> ResponseReturnValue:
    """The code to be scanned by the app, the secret to be typed, and the box for the first code."""
    return _app_page(Form(()), local_path(request.args.get("next", "/")))


@blueprint.post("/account/second-factor/app")
@half_signed_in
@confirms("account.ask_app")
@commits
def save_app() -> ResponseReturnValue:
    """Keeps the app once its first code is right."""
    form, wanted = Form(()), local_path(request.form.get("next", "/"))
    try:
        done = factor_setting.set_app(caller(), session.get(_PENDING, ""), request.form.get("code", ""))
    except Invalid as problem:
        form.fail(problem)
        return _app_page(form, wanted), 422
    session.pop(_PENDING, None)
    return _was_set(done, "The app is set up.", wanted)


def _app_page(form: Form, wanted: str) -> str:
    app = factor_setting.app_to_set(caller(), session.get(_PENDING, ""))
    session[_PENDING] = app.sealed
    matrix = qr.any_matrix(app.address)
    return render_template(
        "account/factor_app.html",
        form=form,
        errors=form.errors,
        wanted=wanted,
        app=app,
        path=qr.svg_path(matrix),
        size=qr.svg_size(matrix),
    )


@blueprint.get("/account/second-factor/passkey")
@half_signed_in
@confirms("account.ask_new_passkey")
def ask_new_passkey() -> ResponseReturnValue:
    """What a passkey is, and what its owner calls it."""
    return _passkey_page(Form(()), local_path(request.args.get("next", "/")))


@blueprint.post("/account/second-factor/passkey/options")
@half_signed_in
@confirms("account.ask_new_passkey")
@commits
def new_passkey_options() -> ResponseReturnValue:
    """What the browser is asked to make."""
    asked = factor_setting.ask_new_passkey(caller(), needed_site())
    return Response(asked, mimetype="application/json")


@blueprint.post("/account/second-factor/passkey")
@half_signed_in
@confirms("account.ask_new_passkey")
@commits
def save_passkey() -> ResponseReturnValue:
    """Keeps the passkey that the browser has made."""
    form, wanted = Form(()), local_path(request.form.get("next", "/"))
    name, answer = request.form.get("name", ""), request.form.get("credential", "")
    try:
        done = factor_setting.set_passkey(caller(), name, answer, needed_site())
    except Invalid as problem:
        form.fail(problem)
        return _passkey_page(form, wanted), 422
    return _was_set(done, "The passkey is set up.", wanted)


def _passkey_page(form: Form, wanted: str) -> str:
    factor_setting.may_set_up(caller())
    return render_template(
        "account/factor_passkey.html", form=form, errors=form.errors, wanted=wanted, passkey_site=site()
    )


def _was_set(done: Set, said: str, wanted: str) -> ResponseReturnValue:
    """On to what was wanted; with the first one the recovery codes come first, this once."""
    if done.token:
        renew(done.token)
        wanted = url_for("account.second_factor", next=wanted)
    else:
        wanted = url_for("account.second_factors_page")
    if done.codes:
        return _codes_page(done.codes, said, wanted)
    flash(said, "done")
    return redirect(wanted, 303)


def _codes_page(codes: tuple[str, ...], said: str, wanted: str) -> str:
    return render_template("account/recovery_codes.html", codes=codes, said=said, wanted=wanted)


@blueprint.post("/account/second-factor/recovery-codes")
@signed_in_only
@confirms("account.second_factors_page")
@commits
def make_recovery_codes() -> ResponseReturnValue:
    """Other recovery codes: those before stop working."""
    codes = factor_setting.fresh_codes(caller())
    said = "These are new. The recovery codes that you had before work no more."
    return _codes_page(codes, said, url_for("account.second_factors_page"))


@blueprint.post("/account/second-factor/app/remove")
@signed_in_only
@confirms("account.second_factors_page")
@commits
def remove_app() -> ResponseReturnValue:
    """Takes the app away."""
    try:
        factor_setting.remove_app(caller())
    except Invalid as problem:
        return _not_removed(problem)
    flash("The app is removed: its codes open nothing any more.", "done")
    return redirect(url_for("account.second_factors_page"), 303)


@blueprint.post("/account/second-factor/passkeys/<passkey_ref>/remove")
@signed_in_only
@confirms("account.second_factors_page")
@commits
def remove_passkey(passkey_ref: str) -> ResponseReturnValue:
    """Takes one passkey away."""
    try:
        name = factor_setting.remove_passkey(caller(), passkey_ref)
    except Invalid as problem:
        return _not_removed(problem)
    flash(f"{name} is removed: it opens nothing any more.", "done")
    return redirect(url_for("account.second_factors_page"), 303)


def _not_removed(problem: Invalid) -> ResponseReturnValue:
    flash(" ".join(problem.errors.values()), "warning")
    return redirect(url_for("account.second_factors_page"), 303)
