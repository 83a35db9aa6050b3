"""Signing in by an organisation's own sign-in service (OpenID Connect): out to it, and back.

Both are GETs, because a browser comes and goes by them. Going out writes nothing. The way back starts a
session, as `check_sign_in` does: what stands for the form's token is the state, which only the browser that
went out can bring, once (ADR 26).
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest

from flask import current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.config import Mode, Settings
from redbag.queries import single_sign_on as queries
from redbag.security import single_sign_on as mechanism
from redbag.security.single_sign_on import (
    Client,
    ClocksDifferError,
    OneTry,
    ServiceAwayError,
    ServiceWrongError,
)
from redbag.services import sessions
from redbag.services import single_sign_on as service
from redbag.web import device_cookie, known_browser
from redbag.web.account import blueprint
from redbag.web.account.onward import local_path, onward
from redbag.web.account.showing import go_on
from redbag.web.account.signing import take_over
from redbag.web.guards import commits_in_steps, now, origin, public, signed_in_only, step
from redbag.web.identity import renew

log = logging.getLogger("redbag")

_COOKIE = "single_sign_on"


class _NotSetUpError(Exception):
    """The operator has not given the service's secret."""


@dataclass(frozen=True)
class _Begun:
    """What the browser carries from here to the service and back. `seed`: the three secrets of the sign-in
    follow from it by a key that the browser has not. `again`: somebody who is signed in confirms it."""

    key: str
    seed: str
    at: int
    wanted: str
    again: bool


@blueprint.get("/sign-in/with/<service_key>")
@public
def sign_in_with(service_key: str) -> ResponseReturnValue:
    """Sends the browser to the service."""
    return _go_out(service_key, local_path(request.args.get("next", "/")), again=False)


@blueprint.get("/account/confirm-with-service")
@signed_in_only
def confirm_with_service() -> ResponseReturnValue:
    """Sends whoever signed in by a service there once more, before something grave: it asks anew."""
    wanted = local_path(request.args.get("next", "/"))
    by = queries.of_session(current_user.session_id)
    if by is None:
        return redirect(wanted, 303)
    return _go_out(by.key, wanted, again=True)


def _go_out(service_key: str, wanted: str, *, again: bool) -> ResponseReturnValue:
    """On a shared device the service asks whoever is there, and not whom it let in an hour ago."""
    anew = again or device_cookie.device() is not None
    found = queries.service(service_key)
    begun = _Begun(found.key, secrets.token_urlsafe(32), int(now().timestamp()), wanted, again)
    try:
        address = mechanism.address_to_sign_in(_client(found), _secrets(begun), anew=anew)
    except (ServiceAwayError, ServiceWrongError, _NotSetUpError) as problem:
        return _in_vain(found, begun, problem)
    session[_COOKIE] = [begun.key, begun.seed, begun.at, begun.wanted, begun.again]
    return redirect(address, 303)


@blueprint.get("/sign-in/with/<service_key>/back")
@public
@commits_in_steps
def back_from_service(service_key: str) -> ResponseReturnValue:
    """A new session for whom the service names; or one plain page that says what to do.

    The answer is used up first, then the service is asked outside any transaction: it may be slow.
    """
    found, begun = queries.service(service_key), _taken()
    given = request.args.get("state", "")
    fits = begun is not None and begun.key == found.key and _same(given, _secrets(begun).state)
    if begun is None or not fits:
        return _page(found, "/", "overtaken"), 400
    if not request.args.get("code"):
        return _page(found, begun.wanted, "left"), 400
    where, limits = origin(), current_app.config["LIMITS"]
    lane = known_browser.lane(_known_as(service_key))
    with step():
        way = service.take(queries.service(service_key), given, where, limits, now(), lane)
    if way.problem:
        return _page(found, begun.wanted, "said", way.problem), 429 if way.throttled else 400
    try:
        shown = mechanism.who_came_back(
            _client(found), _secrets(begun), request.args["code"], request.args.get("iss", ""), now()
        )
    except (ServiceAwayError, ServiceWrongError, _NotSetUpError) as problem:
        with step():
            service.refused(None, queries.service(service_key), _why(problem), where, now())
        return _in_vain(queries.service(service_key), begun, problem)
    return _confirmed(begun, way, shown) if begun.again else _signed_in(begun, way, shown)


def _signed_in(begun: _Begun, way: service.WayBack, shown: mechanism.Shown) -> ResponseReturnValue:
    limits: sessions.Limits = current_app.config["LIMITS"]
    with step():
        device = device_cookie.device()
        answer = service.sign_in(begun.key, way, shown, origin(), limits, now(), device)
        if answer.token:
            take_over(answer)
    if not answer.token:
        return _page(queries.service(begun.key), begun.wanted, "said", answer.problem), 403
    found = sessions.resume(answer.token, origin(), limits, now())
    response = current_app.make_response(onward(found, begun.wanted))
    return known_browser.remember(response, _known_as(begun.key))


def _known_as(service_key: str) -> str:
    """In place of an e-mail address, which nobody types here: that somebody came by this service."""
    return f"service {service_key}"


def _confirmed(begun: _Begun, way: service.WayBack, shown: mechanism.Shown) -> ResponseReturnValue:
    if not current_user.is_authenticated or current_user.is_guest:
        return redirect(url_for("account.sign_in", next=begun.wanted), 303)
    with step():
        person = current_user
        answer = service.confirm(begun.key, way, shown, person.session_id, person.actor, now())
    if answer.problem:
        return _page(queries.service(begun.key), begun.wanted, "said", answer.problem), 403
    renew(answer.token)
    return go_on(begun.wanted)


def _taken() -> _Begun | None:
    """What this browser went out with, taken from it; None where it did not, or too long ago."""
    kept = session.pop(_COOKIE, None)
    begun = _Begun(*kept) if kept else None
    if begun is None or now() > datetime.fromtimestamp(begun.at, UTC) + service.LASTS:
        return None
    return begun


def _same(given: str, state: str) -> bool:
    return compare_digest(given.encode(), state.encode())


def _secrets(begun: _Begun) -> OneTry:
    settings: Settings = current_app.config["REDBAG"]
    return mechanism.one_try(settings.secret_key, begun.seed)


def _client(found: queries.Service) -> Client:
    settings: Settings = current_app.config["REDBAG"]
    secret = dict(settings.sign_in_secrets).get(found.key)
    if secret is None:
        raise _NotSetUpError("its secret is not in the environment")
    return Client(
        issuer=found.issuer,
        client_id=found.client_id,
        secret=secret,
        back=settings.base_url + url_for("account.back_from_service", service_key=found.key),
        classes=tuple(found.classes),
        plain_http=settings.mode is not Mode.PRODUCTION,
    )


def _in_vain(found: queries.Service, begun: _Begun, problem: Exception) -> ResponseReturnValue:
    """The service could not be asked, or was not believed: said here plainly, and to the operator's log."""
    log.warning("sign-in service %s: %s request=%s", found.key, problem, g.request_id)
    why = _why(problem)
    return _page(found, begun.wanted, why), 503 if why in ("away", "unset") else 502


def _why(problem: Exception) -> str:
    kinds = {ServiceAwayError: "away", _NotSetUpError: "unset", ClocksDifferError: "clocks"}
    return kinds.get(type(problem), "wrong")


def _page(found: queries.Service, wanted: str, why: str, said: str = "") -> str:
    return render_template(
        "account/service_in_vain.html",
        service=found,
        wanted=wanted,
        why=why,
        said=said,
        signed_in=current_user.is_authenticated,
        request_id=g.request_id,
    )
