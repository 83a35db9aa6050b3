"""A second factor, shown: after the passphrase, and once more before something grave.

Both pages send to the same addresses. The service decides; a refusal comes back on the page it was sent from.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from redbag.domain.errors import NotFound
from redbag.queries import accounts, single_sign_on
from redbag.services import factor_setting, second_factors, sessions
from redbag.services.second_factors import Caller, Shown
from redbag.web.account import blueprint
from redbag.web.account.onward import local_path, onward
from redbag.web.account.relying_party import needed_site, site
from redbag.web.forms import Form
from redbag.web.guards import (
    commits,
    commits_also_refusals,
    commits_in_steps,
    half_signed_in,
    now,
    origin,
    signed_in_only,
)
from redbag.web.identity import renew
from redbag.web.step_up import after_passphrase


def caller() -> Caller:
    """Whoever asks, for the services of the second factor."""
    return Caller(current_user.session_id, origin(), current_app.config["LIMITS"], now())


@blueprint.get("/sign-in/second-factor")
@half_signed_in
def second_factor() -> ResponseReturnValue:
    """After the passphrase: show it, or for the first time set one up."""
    wanted = local_path(request.args.get("next", "/"))
    if not current_user.half_open:
        return onward(_resumed(current_user.get_id()), wanted)
    return _ask(Form(()), wanted)


@blueprint.get("/account/confirm")
@signed_in_only
def confirm() -> ResponseReturnValue:
    """Before something grave: the passphrase, a code or a passkey, whichever is at hand."""
    return _ask(Form(()), local_path(request.args.get("next", "/account")))


def _ask(form: Form, wanted: str) -> str:
    found = second_factors.held(current_user.session_id)
    page = {"form": form, "errors": form.errors, "wanted": wanted, "held": found, "passkey_site": site()}
    if not current_user.half_open:
        passphrase = accounts.own(current_user.session_id).passphrase_hash is not None
        by = single_sign_on.of_session(current_user.session_id)
        return render_template("account/confirm.html", passphrase=passphrase, service=by, **page)
    if found.any:
        return render_template("account/second_factor.html", **page)
    device_first = factor_setting.device_first(caller())
    return render_template("account/first_factor.html", device_first=device_first, **page)


@blueprint.post("/account/show/code")
@half_signed_in
@commits_also_refusals
def show_code() -> ResponseReturnValue:
    """A code of the app."""
    return _answer("code", second_factors.show_app_code(caller(), request.form.get("code", "")))


@blueprint.post("/account/show/recovery-code")
@half_signed_in
@commits_also_refusals
def show_recovery_code() -> ResponseReturnValue:
    """A recovery code, where the telephone is lost."""
    if not current_user.half_open:
        raise NotFound("A recovery code is for signing in only.")
    typed = request.form.get("recovery_code", "")
    return _answer("recovery_code", second_factors.show_recovery_code(caller(), typed))


@blueprint.post("/account/show/passkey/options")
@half_signed_in
@commits
def passkey_options() -> ResponseReturnValue:
    """What the browser asks its passkeys to sign."""
    asked = second_factors.ask_passkey(current_user.session_id, needed_site())
    return Response(asked, mimetype="application/json")


@blueprint.post("/account/show/passkey")
@half_signed_in
@commits_also_refusals
def show_passkey() -> ResponseReturnValue:
    """The signed answer of a passkey."""
    answer = request.form.get("credential", "")
    return _answer("passkey", second_factors.show_passkey(caller(), answer, needed_site()))


@blueprint.post("/account/show/passphrase")
@signed_in_only
@commits_in_steps
def show_passphrase() -> ResponseReturnValue:
    """The passphrase again. A wrong guess stays counted."""
    form, wanted = Form(()), _wanted()
    form.errors.update(after_passphrase(lambda: None))
    if form.errors:
        return _ask(form, wanted), 422
    return go_on(wanted)


def _wanted() -> str:
    return local_path(request.form.get("next", "/"))


def _answer(field: str, shown: Shown) -> ResponseReturnValue:
    """Onward where it was accepted; else the page again, with the sentence beside its field."""
    form, was_open = Form(()), not current_user.half_open
    if not shown.token:
        form.errors[field] = shown.problem
        return _ask(form, _wanted()), 429 if shown.throttled else 422
    renew(shown.token)
    if field == "recovery_code":
        left = second_factors.held(current_user.session_id).codes_left
        flash(f"{left} recovery codes left. Lost the telephone? Set up another under My account.", "done")
    if was_open:
        return go_on(_wanted())
    return onward(_resumed(shown.token), _wanted())


def _resumed(token: str) -> sessions.SignedIn | None:
    return sessions.resume(token, origin(), current_app.config["LIMITS"], now())


def go_on(wanted: str) -> ResponseReturnValue:
    """To the page; for a file to a page that fetches it and says so: a download leaves its page as it is."""
    return redirect(url_for("account.confirmed", next=wanted) if _is_file(wanted) else wanted, 303)


@blueprint.get("/account/confirmed")
@signed_in_only
def confirmed() -> ResponseReturnValue:
    """Fetches the file. A page of its own: opened once more, or gone back to, it sends nothing again."""
    wanted = local_path(request.args.get("next", "/"))
    if not _is_file(wanted):
        return redirect(wanted, 303)
    return render_template("account/confirmed.html", file=wanted, page=_page_of(wanted))


def _is_file(wanted: str) -> bool:
    view = _view_of(wanted)
    return bool(getattr(view, "exports", None))


def _view_of(wanted: str) -> object:
    try:
        endpoint, _ = current_app.url_map.bind("").match(urlsplit(wanted).path, "GET")
    except HTTPException:
        return None
    return current_app.view_functions.get(endpoint)


def _page_of(file: str) -> str:
    """The page that a file was taken from: its own address without what makes it a file."""
    path, _, query = file.partition("?")
    for page in (path.rpartition(".")[0], path.rpartition("/")[0]):
        if page and _view_of(page) is not None:
            return f"{page}?{query}" if query else page
    return url_for("front.index")
