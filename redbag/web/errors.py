"""Errors to answers. Each page says what to do now (print, ring, use paper), never a trace."""

from __future__ import annotations

import errno
import functools
import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from redbag.domain.errors import (
    IllegalTransition,
    Invalid,
    NotFound,
    NotPermitted,
    Restricted,
    Stale,
    Unsealable,
)
from redbag.queries import accounts, residents
from redbag.services.overtaken import was_overtaken
from redbag.web import typed_words, uploads
from redbag.web.guards import actor, let_go, note_refusal

log = logging.getLogger("redbag")

_TITLES = {
    400: "The form could not be read",
    401: "Sign in to go on",
    403: "This page is not part of your work",
    404: "Page not found",
    405: "Page not found",
    409: "Something changed meanwhile",
    413: "That file is too large",
    422: "Something needs another look",
    429: "Too many tries",
    500: "Something went wrong",
    503: "Red Bag cannot reach its records",
}


def register(app: Flask) -> None:
    """Says how each kind of error is answered."""

    def answer(error: type[Exception] | int, how: Callable[[Any], ResponseReturnValue]) -> None:
        app.register_error_handler(error, _whatever_happens(how))

    answer(NotFound, lambda e: _refused(404, str(e)))
    answer(Restricted, _restricted)
    answer(NotPermitted, lambda e: _refused(403, str(e)))
    answer(IllegalTransition, lambda e: _page(409, str(e)))
    answer(Stale, lambda e: _page(409, str(e)))
    answer(Invalid, lambda e: _page(422, " ".join(e.errors.values())))
    answer(Unsealable, _unsealable)
    answer(CSRFError, _form_expired)
    answer(401, lambda _: (_signed_out(), 401))
    answer(413, lambda _: uploads.form_again() or _page(413, ""))
    answer(HTTPException, lambda e: _page(e.code or 500, ""))
    answer(InternalServerError, lambda e: _unexpected(e.original_exception or e))
    answer(Exception, _unexpected)
    # Flask's own line would quote the address, which may hold a label; _unexpected has said what there is.
    app.log_exception = lambda *_: None  # type: ignore[method-assign]


def _whatever_happens(how: Callable[[Any], ResponseReturnValue]) -> Callable[[Any], ResponseReturnValue]:
    """The same answer; where it needs the database and that does not answer, the page that says so."""

    @functools.wraps(how)
    def answered(error: Any) -> ResponseReturnValue:
        try:
            return how(error)
        except Exception as problem:
            return _unexpected(problem)

    return answered


def _refused(status: int, message: str) -> ResponseReturnValue:
    """Somebody at work asked for what is not theirs or not there: that stands in the audit log."""
    note_refusal("not found" if status == 404 else "not permitted")
    return _page(status, message)


def _page(status: int, message: str, *, ours: bool = False) -> ResponseReturnValue:
    """`ours`: a page of ours is known to have sent the form, so that what was typed may be shown again."""
    title = _TITLES.get(status, _TITLES[500])
    reading = request.method in ("GET", "HEAD")
    page = render_template(
        "layouts/error.html",
        title=title,
        message=message,
        status=status,
        # Who only opened a page had typed nothing that a back button could bring back.
        reading=reading,
        again=typed_words.page_of_form(),
        # 409 comes from behind the check of the form's token.
        typed=typed_words.typed() if (ours or status == 409) and not reading else [],
        request_id=_request_id(),
    )
    return page, status


def _restricted(error: Restricted) -> ResponseReturnValue:
    """Whoever may not open the record is told whom to ask, and sends the person to hospital from here."""
    note_refusal("restricted")
    reader = actor()
    page = render_template(
        "home/restricted.html",
        resident=residents.get(reader, error.resident_ref, in_emergency=True),
        managers=accounts.managers(reader),
        typed=typed_words.typed(),
    )
    return page, 403


def _request_id() -> str:
    found: str = g.get("request_id", "")
    return found


def _form_expired(_error: CSRFError) -> ResponseReturnValue:
    if request.headers.get("Sec-Fetch-Site") == "same-origin" and not current_user.is_authenticated:
        return _signed_out(), 400
    # A page of ours that was open while the installation's key changed: what was typed is shown.
    return _page(
        400,
        "This page was open for too long. Go back, open it again and send it once more.",
        ours=request.headers.get("Sec-Fetch-Site") == "same-origin",
    )


def _signed_out() -> str:
    """For somebody whose session ended while they typed. Only where the form is known to be one of ours."""
    wanted, typed = typed_words.page_of_form(), typed_words.typed()
    return render_template("layouts/signed_out.html", wanted=wanted, typed=typed)


def _unsealable(error: Unsealable) -> ResponseReturnValue:
    """What does not open is never shown, and nothing is guessed in its place (ADR 23)."""
    log.error("%s endpoint=%s request=%s", error, request.endpoint, _request_id())
    said = "What is kept here was changed in the database, or its key is missing. It is not shown."
    return _page(500, said)


def _unexpected(error: Exception) -> ResponseReturnValue:
    if was_overtaken(error):
        return _page(409, "Somebody else changed this at the very same moment.")
    # The message may hold what a person typed: the log gets the kind, the place and the request id only.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
    log.error(
        "unexpected %s at %s endpoint=%s request=%s",
        type(error).__name__,
        where,
        request.endpoint,
        _request_id(),
    )
    let_go()
    if not _unreachable(error):
        return _page(500, "")
    response = current_app.make_response(_page(503, ""))
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _unreachable(error: Exception) -> bool:
    """Whether the records, or the disk under them, are out of reach: nothing that the person did."""
    if isinstance(error, OSError):
        return error.errno in _DISK
    if not type(error).__module__.startswith("sqlalchemy"):
        return False
    return type(error).__name__ in _AWAY or type(getattr(error, "orig", None)).__name__ in _MISSING


RETRY_AFTER_SECONDS = 60
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
_MISSING = ("UndefinedTable", "UndefinedColumn")  # PostgreSQL's
# SQLAlchemy's names, which the pages may not import: the server or the file does not answer, takes no writes,
# is damaged; no connection became free in time.
_AWAY = frozenset({"OperationalError", "InterfaceError", "InternalError", "DatabaseError", "TimeoutError"})
