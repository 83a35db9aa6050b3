"""Whom a tablet serves now, and the key of what it keeps of their home."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from redbag.domain.errors import Invalid, NotFound
from redbag.domain.offline import READABLE_HOURS, WIPE_DAYS
from redbag.domain.permissions import Actor, Permission, can
from redbag.queries import tablets as queries
from redbag.queries import transfers
from redbag.services import late_bag, tablets
from redbag.web import device_cookie
from redbag.web.guards import actor, answered_already, commits_also_refusals, now, public, requires
from redbag.web.offline import blueprint


@blueprint.get("/offline/who")
@public
def who() -> ResponseReturnValue:
    """Who is signed in on this tablet, for the tablet itself; and whose copies it is to forget.

    Moves no limit of the session: the tablet asks by itself.
    """
    forgotten = _forgotten()
    told: dict[str, Any] = {"signed_in": False, "now": now().isoformat(), "forgotten": forgotten}
    if not current_user.is_authenticated or current_user.half_open:
        return jsonify(told | {"forget": bool(forgotten)})
    worker: Actor | None = current_user.actor
    told |= {
        "signed_in": True,
        "account": current_user.account_ref,
        "session": current_user.session_mark,
        "name": current_user.name,
        "home": worker.organisation_name if worker else "",
        "home_ref": worker.organisation_ref if worker else "",
        "role": worker.role.value if worker else "",
        "csrf": generate_csrf(),
        "forget": current_user.account_ref in forgotten,
        "allowed": worker is not None and can(worker, Permission.RESIDENT_READ),
    }
    return jsonify(told)


def _forgotten() -> list[str]:
    """The accounts whose copies the tablet that asks is to forget."""
    with suppress(Invalid):
        return list(queries.must_forget(tablets.number(request.headers.get("Red-Bag-Tablet", ""))))
    return []


@blueprint.post("/offline/key")
@requires(Permission.RESIDENT_READ)
@commits_also_refusals
def key() -> ResponseReturnValue:
    """The key of this person's copy in this browser, the same each time; refused where it is to forget."""
    device = device_cookie.device()
    here = device is not None and device.organisation_id == actor().organisation_id
    given = tablets.key_for(
        actor(), request.form.get("tablet", ""), device.id if device and here else None, now()
    )
    if given is None:
        return jsonify(forget=True, now=now().isoformat()), 403
    return jsonify(
        key=given.key,
        key_id=given.key_id,
        account=actor().account_ref,
        name=actor().name,
        home=actor().organisation_name,
        home_ref=actor().organisation_ref,
        on_device=current_user.on_device,
        readable_hours=READABLE_HOURS,
        wipe_days=WIPE_DAYS,
        now=now().isoformat(),
    )


@blueprint.get("/offline/settled")
@requires(Permission.RESIDENT_READ)
def settled() -> ResponseReturnValue:
    """Whether something was done by one of this person's forms, and where that led.

    `bag_of`: the journey whose red bag the form is about; done as well once nobody is asked there any more.
    """
    found = answered_already(request.args.get("key", "")[:64])
    journey = request.args.get("bag_of", "")
    if found is None and journey:
        with suppress(NotFound):
            if not late_bag.typed(transfers.get(actor(), journey)):
                found = url_for("home.transfer", ref=journey)
    return jsonify(answered=found is not None, location=found or "")
