"""A shared device that is enrolled: who are you, your PIN, and on where the last person was."""

from __future__ import annotations

from flask import current_app, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from redbag.domain.errors import NotFound
from redbag.queries import devices as queries
from redbag.services import devices, sessions
from redbag.web import device_cookie
from redbag.web.account import blueprint
from redbag.web.account.onward import local_path, onward
from redbag.web.forms import Form
from redbag.web.guards import commits, commits_in_steps, now, origin, public, signed_in_only, step
from redbag.web.identity import NewPerson


@blueprint.get("/device")
@public
def who_are_you() -> ResponseReturnValue:
    """The names of those who use this device, one tap each; another name is typed."""
    device = device_cookie.device()
    wanted = local_path(request.args.get("next", "/"))
    if device is None:
        return redirect(url_for("account.sign_in", next=wanted))
    search = request.args.get("name", "")[:80]
    return render_template(
        "account/device.html",
        device=device,
        people=queries.people(device, search, now()),
        search=search.strip(),
        wanted=wanted,
    )


@blueprint.get("/device/pin/<person_ref>")
@public
def ask_pin(person_ref: str) -> ResponseReturnValue:
    """One person's PIN. A browser that is no device is asked for a passphrase."""
    wanted = local_path(request.args.get("next", "/"))
    if device_cookie.device() is None:
        return redirect(url_for("account.sign_in", next=wanted))
    return _pin_page(person_ref, Form(()), wanted)


@blueprint.post("/device/pin/<person_ref>")
@public
@commits_in_steps
def unlock(person_ref: str) -> ResponseReturnValue:
    """Opens the device for that person, on the page that was wanted. A wrong PIN stays counted.

    A page that locked itself asks for JSON: it stays open underneath with what was typed.
    """
    form, wanted = Form(()), local_path(request.form.get("next", "/"))
    limits: sessions.Limits = current_app.config["LIMITS"]
    pin = request.form.get("pin", "")
    if not pin.strip():
        form.errors["pin"] = "Type your PIN."
        return _answer(person_ref, form, wanted, 422)
    try:
        with step():
            attempt = devices.begin_unlock(_device(), person_ref, origin(), now())
    except NotFound as gone:
        if not _in_place():
            raise
        return jsonify(open=False, problem=f"{gone} Sign in with your passphrase."), 404
    compared = devices.compare(attempt, pin, limits.secret_keys)
    with step():
        answer = devices.end_unlock(_device(), attempt, compared, origin=origin(), limits=limits, now=now())
    if not answer.token:
        form.errors["pin"] = answer.problem
        return _answer(person_ref, form, wanted, 429 if answer.throttled else 422)
    _take_over(answer.token, person_ref)
    found = sessions.resume(answer.token, origin(), limits, now())
    there = onward(found, wanted)
    response = current_app.make_response(jsonify(open=True) if _in_place() else there)
    return device_cookie.keep(response, device_cookie.token())


@blueprint.post("/device/here")
@signed_in_only
@commits
def still_here() -> ResponseReturnValue:
    """Somebody is typing on a page of an open device: it stays open."""
    current_user.touch(now())
    return "", 204


def _device() -> queries.Enrolled:
    device = device_cookie.device()
    if device is None:
        raise NotFound("This device is not on the list of shared devices any more.")
    return device


def _take_over(token: str, ref: str) -> None:
    """The same person goes on with the forms that are open; another begins with nothing of theirs."""
    if queries.was_here(session.get("_user_id", "")) != ref:
        session.clear()
    login_user(NewPerson(token))


def _in_place() -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _answer(ref: str, form: Form, wanted: str, status: int) -> ResponseReturnValue:
    if _in_place():
        return jsonify(open=False, problem=form.errors["pin"]), status
    return _pin_page(ref, form, wanted), status


def _pin_page(ref: str, form: Form, wanted: str) -> str:
    device = _device()
    return render_template(
        "account/device_pin.html",
        device=device,
        opener=queries.opener(device, ref),
        form=form,
        wanted=wanted,
        demo_pin=_demo_pin() if g.settings.is_demo else "",
    )


def _demo_pin() -> str:
    from redbag.services.demo import pins  # only a demonstration loads its makers

    return pins.DEMO_PIN
