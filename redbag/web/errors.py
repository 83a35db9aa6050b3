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

from redbag.domain.errors import IllegalTransition, Invalid, NotFound, NotPermitted, Stale, Unsealable
from redbag.domain.going_home import HANDOVER_HOME
from redbag.domain.identity import IDENTITY
from redbag.domain.record import SECTIONS, Kind
from redbag.domain.todays_facts import TODAYS_SECTIONS
from redbag.web import uploads
from redbag.web.guards import let_go, note_refusal

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


def _page(status: int, message: str) -> ResponseReturnValue:
    title = _TITLES.get(status, _TITLES[500])
    page = render_template(
        "layouts/error.html",
        title=title,
        message=message,
        status=status,
        # Who only opened a page had typed nothing that a back button could bring back.
        reading=request.method in ("GET", "HEAD"),
        request_id=_request_id(),
    )
    return page, status


def _request_id() -> str:
    found: str = g.get("request_id", "")
    return found


def _form_expired(_error: CSRFError) -> ResponseReturnValue:
    if request.headers.get("Sec-Fetch-Site") == "same-origin" and not current_user.is_authenticated:
        return _signed_out(), 400
    return _page(400, "This page was open for too long. Go back, open it again and send it once more.")


def _signed_out() -> str:
    """For somebody whose session ended while they typed. Only where the form is known to be one of ours."""
    return render_template("layouts/signed_out.html", wanted=_page_of_form(), typed=_typed())


def _page_of_form() -> str:
    """The page on which this form stands, where it has the form's own address; else the first page."""
    try:
        current_app.url_map.bind("").match(request.path, "GET")
    except HTTPException:
        return "/"
    return request.path


def _typed() -> list[tuple[str, str]]:
    """What a person wrote by hand, beside its question, for copying: shown only to the browser that has
    just sent it to us from a page of our own. Where the question is not known: a word or more, for single
    letters and numbers say nothing alone."""
    kept = ((name, text.strip()) for name, text in request.form.items(multi=True) if not _secret(name))
    beside = [(_question_label(name), text) for name, text in kept if text]
    return [(label, text) for label, text in beside if label or " " in text]


_SECRETS = ("token", "idempotency", "pass", "pin", "code", "secret", "strokes", "signature")


def _secret(name: str) -> bool:
    """Whether a field of this name might hold what must never stand on a page."""
    return any(part in name.lower() for part in _SECRETS)


def _question_label(name: str) -> str:
    """The question that a field answers by hand; "" where it is none of the record's or today's."""
    key, _, column = name.removesuffix("_detail").partition("-")
    question = _QUESTIONS.get(key)
    if question is None:
        return ""
    if column:
        number, _, part = column.partition("-")
        found = next((one for one in question.columns if one.key == part), None)
        if found is None or found.kind not in _BY_HAND:
            return ""
        counted = number.isdecimal() and len(number) < 4  # nothing longer is a row of ours
        return f"{question.label} {int(number) + 1}, {found.label}" if counted else ""
    by_hand = question.kind in _BY_HAND or name.endswith("_detail")
    return question.label if by_hand else ""


_BY_HAND = (Kind.TEXT, Kind.LONG_TEXT, Kind.NUMBER)
_QUESTIONS = {
    question.key: question
    for section in (*SECTIONS, *TODAYS_SECTIONS.values(), HANDOVER_HOME)
    for question in section.fields
} | {question.key: question for question in IDENTITY}


def _unsealable(error: Unsealable) -> ResponseReturnValue:
    """What does not open is never shown, and nothing is guessed in its place (ADR 23)."""
    log.error("%s endpoint=%s request=%s", error, request.endpoint, _request_id())
    said = "What is kept here was changed in the database, or its key is missing. It is not shown."
    return _page(500, said)


def _unexpected(error: Exception) -> ResponseReturnValue:
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
# PostgreSQL's: what is not there, and a prepared statement whose tables an upgrade has changed since.
_MISSING = ("UndefinedTable", "UndefinedColumn", "FeatureNotSupported")
# SQLAlchemy's names, which the pages may not import: the server or the file does not answer, takes no writes,
# is damaged; no connection became free in time.
_AWAY = frozenset({"OperationalError", "InterfaceError", "InternalError", "DatabaseError", "TimeoutError"})
