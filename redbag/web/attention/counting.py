"""How many lines need attention, for the navigation of every page.

Counting reads a dozen tables: 5 ms for a home, 80 ms for a hospital of 300 open journeys. A count is kept for
a few seconds for each place, is thrown away when somebody of that place writes, and is not drawn on the page
of a scanned label, for which a crew waits. Another place, or a second process, may show one as old as KEPT.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask, current_app, g, request
from flask_login import current_user
from werkzeug.wrappers import Response

from redbag.domain.permissions import Actor, Permission, can
from redbag.queries import attention
from redbag.queries.attention import Place
from redbag.web.guards import now

KEPT = timedelta(seconds=20)
_LEAN = frozenset({"ward.scan", "ward.arrive"})
_MOST_KEPT = 5000

_Kept = dict[Place, tuple[datetime, int]]


def register(app: Flask) -> None:
    """Lets every template ask for the count, and forgets it where something may have changed."""
    app.extensions["attention"] = {}
    app.add_template_global(attention_count)

    @app.after_request
    def forget(response: Response) -> Response:
        worker: Actor | None = g.get("actor")
        if request.method == "POST" and worker is not None:
            _kept().pop(attention.place_of(worker), None)
        return response


def attention_count() -> int | None:
    """How many lines the list of this person's place has; None where the page shows no count."""
    worker: Actor | None = current_user.actor if current_user.is_authenticated else None
    if worker is None or request.endpoint in _LEAN or not can(worker, Permission.ATTENTION_READ):
        return None
    place = attention.place_of(worker)
    found = _kept().get(place)
    if found is not None and timedelta(0) <= now() - found[0] < KEPT:
        return found[1]
    return _keep(place, len(attention.standing(place, now())))


def remember(count: int) -> None:
    """The page of the list has just counted it."""
    _keep(attention.place_of(g.actor), count)


def _keep(place: Place, count: int) -> int:
    kept = _kept()
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[place] = (now(), count)
    return count


def _kept() -> _Kept:
    kept: _Kept = current_app.extensions["attention"]
    return kept
