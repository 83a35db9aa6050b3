"""Where a person goes after a question was answered: only ever to a page of ours."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.permissions import Role
from redbag.services.sessions import SignedIn

LONGEST = 2000


def local_path(text: str) -> str:
    """The address within this site that `text` names, or "/" for anything else.

    Browsers read "//host" and "/\\host" as another site, and drop control characters before they read.
    """
    plain = all("!" <= ch <= "~" for ch in text)
    if not plain or len(text) > LONGEST or not text.startswith("/") or text[1:2] in ("/", "\\"):
        return "/"
    return text


def onward(found: SignedIn | None, wanted: str) -> ResponseReturnValue:
    """To the page that was wanted; first to the question that has to be answered before it: the second
    factor, the place of work, the ward.

    A label that was scanned is never kept waiting for the question of the ward.
    """
    wanted = local_path(wanted)
    following: dict[str, Any] = {"next": wanted} if wanted != "/" else {}
    if found is not None and found.half_open:
        return redirect(url_for("account.second_factor", **following), 303)
    actor = found.actor if found else None
    if actor is None:
        return redirect(url_for("account.choose_place", **following), 303)
    if actor.role is Role.WARD_STAFF and actor.ward_id is None and not wanted.upper().startswith("/B/"):
        return redirect(url_for("account.choose_ward", **following), 303)
    return redirect(wanted, 303)
