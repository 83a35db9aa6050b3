"""Forms that a tablet kept while it had no network and sends now: when they happened, and the answer that the
tablet understands (ADR 28).

They are the very forms that the pages send, to the same addresses. Beside the typed fields stand two times by
the tablet's own clock: a wrong clock does no harm, because only what lies between the two is believed.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, g, get_flashed_messages, request, session, template_rendered
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from redbag.domain.errors import Invalid
from redbag.domain.offline import OLDEST_ACT
from redbag.web.guards import now

ACCOUNT = "Red-Bag-Account"
"""The header that says whose form this is: nobody else's session acts by it."""
_ASKS_APART = "2"
SERVER = "server"
"""In place of the tablet's time of sending, where a page carries on what the server had worked out."""


def is_from_tablet() -> bool:
    """Whether a tablet sends what it had kept, by itself."""
    return request.method == "POST" and request.headers.get("Red-Bag-Outbox") in ("1", _ASKS_APART)


def asks_apart() -> bool:
    """Whether that tablet goes on asking, in an act of its own, about a bag that could not be taken: then
    what stood beside the bag is kept. An older program would take the answer for the whole of it."""
    return is_from_tablet() and request.headers.get("Red-Bag-Outbox") == _ASKS_APART


def is_kept_form() -> bool:
    """Whether a tablet had kept this form: it sends it by itself, or its person settles what was refused."""
    return is_from_tablet() or (request.method == "POST" and "settling" in request.form)


def happened() -> datetime:
    """When what this form says happened (UTC), never after now: for every other form now.

    Raises Invalid for times that cannot be read.
    """
    if "happened" not in g:
        g.happened = _happened()
    at: datetime = g.happened
    return at


def _happened() -> datetime:
    told, sent = (request.form.get(name, "") for name in ("happened_at", "sent_at"))
    if not told and not sent:
        return now()
    at = _instant(told)
    ago = (now() if sent == SERVER else _instant(sent)) - at
    return now() - min(max(ago, timedelta(0)), OLDEST_ACT)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise ValueError
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        said = "The tablet did not say when this was. Write it on the page again."
        raise Invalid({"form": said}) from None


def kept_fields() -> list[tuple[str, str]]:
    """The fields that a page carries on while somebody settles what was refused, so that its form stays the
    one that the tablet kept."""
    if request.method != "POST" or "settling" not in request.form:
        return []
    try:
        at = happened()
    except Invalid:
        at = now()
    return [("settling", "1"), ("happened_at", at.isoformat()), ("sent_at", SERVER)]


def kept_key() -> str:
    """The idempotency key that goes on standing for such a form; "" for every other one."""
    return request.form.get("idempotency_key", "")[:64] if kept_fields() else ""


def tell_tablet(**facts: object) -> None:
    """Says something to the tablet beside the answer; a tablet that asks again is told it again."""
    if is_from_tablet():
        known = json.loads(g.get("answer_mark", "") or "{}")
        g.answer_mark = json.dumps(known | facts)


def tell_differs(label: str, stands: str, typed: str) -> None:
    """What stands now beside what was typed, for a refusal whose page does not say both."""
    if is_from_tablet():
        g.setdefault("both", []).append({"label": label, "now": stands, "typed": typed})


def register(app: Flask) -> None:
    """Answers such forms in a few words instead of a page."""

    def note(_app: Flask, *, context: dict[str, Any], **_more: object) -> None:
        if is_from_tablet():
            g.drawn = context

    template_rendered.connect(note, app, weak=False)

    @app.before_request
    def begin() -> ResponseReturnValue | None:
        if not is_from_tablet():
            return None
        g.session_before = dict(session)
        # Somebody else may have signed in between the tablet's question who is there and this form.
        theirs = request.headers.get(ACCOUNT, "")
        return ("", 401) if current_user.is_authenticated and current_user.account_ref != theirs else None

    @app.after_request
    def answer(response: Response) -> Response:
        return _in_few_words(response) if is_from_tablet() and "session_before" in g else response


def _in_few_words(response: Response) -> Response:
    said = get_flashed_messages()
    if dict(session) == g.session_before:
        session.modified = False  # a page that is open meanwhile keeps its own cookie
    if "acted" in g and response.status_code < 400:
        told = {"done": True, "location": response.location or "", "joined": False, "said": said}
        told |= json.loads(g.get("answer_mark", "") or "{}")
        status = 200
    else:
        # A redirect that no act has made leads to a page that asks who is there.
        status = response.status_code if response.status_code >= 400 else 401
        told = {"done": False, "status": status, "said": said, **_refusal(status)}
    response.set_data(json.dumps(told))
    response.status_code, response.mimetype = status, "application/json"
    response.headers.pop("Location", None)
    return response


_TITLES = {409: "Something changed meanwhile", 422: "Something needs another look"}


def _refusal(status: int) -> dict[str, object]:
    """What the page would have said."""
    if status == 401:
        return {}
    shown = g.get("drawn", {})
    form, message = shown.get("form"), str(shown.get("message") or "")
    problems = [*getattr(form, "errors", {}).values(), *([message] if message else [])]
    told: dict[str, object] = {
        "title": _TITLES.get(status) or str(shown.get("title") or ""),
        "problems": problems,
        "conflict": [*g.get("both", []), *_differences(shown)],
    }
    if status == 400 and not g.get("csrf_valid"):
        told["token"] = True
    return told


def _differences(shown: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"label": one.label, "now": one.now, "typed": one.typed}
        for one in shown.get("conflict") or ()
        if hasattr(one, "typed")
    ]
