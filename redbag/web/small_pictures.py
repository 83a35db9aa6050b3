"""Small pictures, and when the audit log tells of them.

A list of residents shows forty faces, and has said in the log that it listed them: forty more entries at
each look would bury what matters. So the addresses that an audited page writes carry a mark of the session,
the picture and the time, and a picture asked for with such a mark is part of that page. One asked for by
itself (an address typed, kept or guessed, a mark of another session, a page that was not audited) is a
read of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.queries import papers
from redbag.web.guards import note_read, now
from redbag.web.uploads import jpeg

MARK = "seen"
_ENDPOINTS = frozenset({"home.paper_small", "ward.paper_small"})
# A list is scrolled, and its faces fetched, for a while after it was opened: one to two of these.
_SECONDS = 900


def register(app: Flask) -> None:
    """Addresses of small pictures say which page wrote them."""

    @app.url_defaults
    def mark(endpoint: str, values: dict[str, Any]) -> None:
        # g.reads: the page notes its reads (guards: audits).
        if endpoint in _ENDPOINTS and "reads" in g and current_user.is_authenticated:
            values.setdefault(MARK, _mark(values["paper_ref"], _period()))


def small_picture(paper: Any) -> ResponseReturnValue:
    """The first page of a paper, small. Only within an `@audits` view."""
    content = papers.small(paper)
    if not _of_an_audited_page(paper.ref):
        note_read("paper.read", ("paper", paper.ref), what=paper.kind, page="small")
    return jpeg(content)


def _of_an_audited_page(ref: str) -> bool:
    sent = request.args.get(MARK, "").encode()
    return any(hmac.compare_digest(sent, _mark(ref, _period() - age).encode()) for age in (0, 1))


def _period() -> int:
    return int(now().timestamp()) // _SECONDS


def _mark(ref: str, period: int) -> str:
    told = f"small picture|{current_user.session_id}|{ref}|{period}".encode()
    made = hmac.new(g.settings.secret_key, told, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made[:12]).decode()
