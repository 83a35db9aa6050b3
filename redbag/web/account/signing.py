"""Signing in and out."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from redbag.domain.permissions import Origin
from redbag.domain.record import Field
from redbag.queries import accounts, single_sign_on
from redbag.queries import devices as queries
from redbag.services import devices, sessions
from redbag.services.sessions import SignIn
from redbag.web import device_cookie, known_browser
from redbag.web.account import blueprint
from redbag.web.account.onward import local_path, onward
from redbag.web.forms import Form
from redbag.web.guards import commits, commits_in_steps, now, origin, public, step
from redbag.web.identity import NewPerson

EMAIL = Field("email", "E-mail address", longest=254)


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The two questions; `next` is the page that was wanted. An enrolled device asks for a PIN instead, at
    once for that of whoever left it open, unless somebody wants to type their passphrase."""
    wanted = local_path(request.args.get("next", "/"))
    if current_user.is_authenticated and current_user.half_open:
        return redirect(url_for("account.second_factor", next=wanted))
    device = None if "passphrase" in request.args else device_cookie.device()
    if device is None:
        return _render(Form((EMAIL,)), wanted)
    left_open = queries.locked_for(device)
    if left_open:
        return redirect(url_for("account.ask_pin", person_ref=left_open, next=wanted), 303)
    return redirect(url_for("account.who_are_you", next=wanted), 303)


@blueprint.post("/sign-in")
@public
@commits_in_steps
def check_sign_in() -> ResponseReturnValue:
    """A new session, or the same page with one sentence. A wrong guess stays counted.

    The guess is counted first, then compared outside any transaction: comparing is slow on purpose.
    """
    form, wanted = Form((EMAIL,)), local_path(request.form.get("next", "/"))
    email, passphrase = form.text("email"), request.form.get("passphrase", "")
    empty = _empty_answers(email, passphrase)
    if empty:
        form.errors.update(empty)
        return _render(form, wanted), 422
    where: Origin = origin()
    limits: sessions.Limits = current_app.config["LIMITS"]
    with step():
        attempt = sessions.begin_sign_in(email, where, limits, now(), known_browser.lane(email))
    compared = sessions.compare(attempt, passphrase)
    with step():
        device = device_cookie.device()
        answer = sessions.end_sign_in(attempt, compared, where, limits, now(), device)
        if answer.token:
            take_over(answer)
            if device is not None and attempt.account_id is not None:
                _on_device(device, attempt.account_id)
    if not answer.token:
        form.errors["passphrase"] = answer.problem
        return _render(form, wanted), 429 if answer.throttled else 422
    found = sessions.resume(answer.token, where, limits, now())
    return known_browser.remember(current_app.make_response(onward(found, wanted)), email)


def _empty_answers(email: str, passphrase: str) -> dict[str, str]:
    answers = (
        ("email", email.strip(), "Write your e-mail address."),
        ("passphrase", passphrase, "Write your passphrase."),
    )
    return {name: sentence for name, answer, sentence in answers if not answer}


def _on_device(device: queries.Enrolled, account_id: int) -> None:
    """A passphrase typed on a shared device: PINs count anew, and who has none hears of it."""
    devices.passphrase_was_shown(device, account_id, now())
    if not queries.has_pin(account_id):
        flash("Next time in seconds: set a PIN for shared devices under My account.", "done")


def take_over(answer: SignIn) -> None:
    """The new session's cookie; whoever was signed in here before is signed out."""
    if current_user.is_authenticated:
        current_user.end("another person signed in", now())
    session.clear()
    login_user(NewPerson(answer.token))


def _render(form: Form, wanted: str) -> str:
    people, passphrase = _demo_people() if g.settings.is_demo else ([], "")
    return render_template(
        "account/sign_in.html",
        form=form,
        errors=form.errors,
        email=EMAIL,
        wanted=wanted,
        people=people,
        demo_passphrase=passphrase,
        services=single_sign_on.offered(),
    )


def _demo_people() -> tuple[list[tuple[str, str, str, str]], str]:
    """Who can sign in to a demonstration (e-mail, name, role, place), and the passphrase of them all."""
    from redbag.services.demo import load as demo  # only a demonstration loads its makers

    there = accounts.who_can_sign_in([one[0] for one in demo.people()])
    return [one for one in demo.people() if one[0] in there], demo.DEMO_PASSPHRASE


@blueprint.post("/sign-out")
@public
@commits
def sign_out() -> ResponseReturnValue:
    """Ends the session here and on the server. With `next`, the next person goes on where this one was."""
    wanted = local_path(request.form.get("next", "/"))
    guest = current_user.is_authenticated and current_user.is_guest
    if current_user.is_authenticated:
        current_user.end("signed out", now())
        logout_user()
    session.clear()
    flash("You have left the pack." if guest else "You are signed out.", "done")
    if guest:
        return redirect(url_for("front.index"), 303)
    following: dict[str, Any] = {"next": wanted} if wanted != "/" else {}
    return redirect(url_for("account.sign_in", **following), 303)
