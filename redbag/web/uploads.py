"""Forms that carry files: how much may come, when it is opened, and an answer when it is too much.

`@takes_files` stands between the guard and `@commits`: a file is drawn anew before the write transaction
begins, so that a tablet that sends six photos keeps nobody else waiting. Drawing is the dearest thing that
anybody can ask for, so it comes last: whose record it is, whether the actor may add to it, and whether this
form was answered already are asked first; then it waits for its turn, and has its time.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable
from typing import Any, cast

from flask import Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from redbag.domain.errors import Invalid, RedBagError
from redbag.domain.papers import (
    MOST_AT_ONCE,
    MOST_BYTES,
    MOST_BYTES_AT_ONCE,
    MOST_PAGES,
    PAGE_SIDE,
    PHOTO_SIDE,
    REASONS,
    Refused,
)
from redbag.storage.drawn import Drawn, draw_anew
from redbag.storage.opening import SECONDS
from redbag.storage.turns import turn
from redbag.web.guards import View, actor, answered_before

FIELD = "file"
NOTHING = "Take a photo or choose a file first."
_FORM_BYTES = 256 * 1024  # the form's other fields
# What is read and dropped of a body that is too large: a browser that is cut off shows no answer at all.
_READ_AWAY = 128 * 1024 * 1024


def register(app: Flask) -> None:
    """Lets bodies be larger where files are expected. To be called before whatever reads a form."""

    @app.before_request
    def allow() -> None:
        most = getattr(app.view_functions.get(request.endpoint or ""), "most_bytes", None)
        # A stranger's body is refused at the size of any form: nobody has asked them for files.
        if most is not None and current_user.is_authenticated:
            request.max_content_length = most

    app.jinja_env.globals["file_limits"] = {
        "one": MOST_BYTES,
        "megabytes": MOST_BYTES // 2**20,
        "many": MOST_AT_ONCE,
        "pages": MOST_PAGES,
        "words": REASONS["too_large"],
    }


def takes_files(may: Callable[..., None], *, photo: bool = False) -> Callable[[View], View]:
    """The form carries files: papers (pictures or PDFs), or one `photo`. The view reads them by taken().

    `may`: called with the actor and what stands in the address, in its order; raises where this actor adds
    nothing there, and then no file is opened.
    """

    def reading(view: View) -> View:
        @functools.wraps(view)
        def drawing(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if "files" not in g:
                may(actor(), *(request.view_args or {}).values())
                sent = _read(photo)
                answered = answered_before()
                if answered is not None:
                    return answered
                g.files = sent if isinstance(sent, str) else _drawn(sent, photo)
            return view(*args, **kwargs)

        drawing.most_bytes = (MOST_BYTES if photo else MOST_BYTES_AT_ONCE) + _FORM_BYTES  # type: ignore[attr-defined]
        return drawing

    return reading


def taken() -> list[Drawn]:
    """The files of this form, drawn anew. Raises Invalid under "file" when there are none, or one is
    refused. To be asked after the record was loaded: whose it is comes first."""
    found: list[Drawn] | str = g.files
    if isinstance(found, str):
        raise Invalid({FIELD: found})
    return found


def jpeg(content: bytes) -> Response:
    """One of our own JPEGs, for looking at. The name of the file names no person."""
    headers = {"Content-Disposition": 'inline; filename="red-bag-paper.jpg"'}
    return Response(content, mimetype="image/jpeg", headers=headers)


def _read(photo: bool) -> list[tuple[str, bytes]] | str:
    """Name and bytes of each file, or the sentence that says why not."""
    sent = [file for file in request.files.getlist(FIELD) if file.filename]
    if not sent:
        return NOTHING
    if len(sent) > (1 if photo else MOST_AT_ONCE):
        return REASONS["too_many"]
    found = [(file.filename or "", file.stream.read(MOST_BYTES + 1)) for file in sent]
    # A form that is sent again with another file is another form (guards: idempotency).
    g.file_prints = [(FIELD, hashlib.sha256(content).hexdigest()) for _, content in found]
    return found


def _drawn(sent: list[tuple[str, bytes]], photo: bool) -> list[Drawn] | str:
    """The files drawn anew, or the sentence that says why not."""
    try:
        with turn(actor().account_id, g.settings.turns):
            return _in_time(sent, photo)
    except Refused as refused:
        return str(refused)


def _in_time(sent: list[tuple[str, bytes]], photo: bool) -> list[Drawn] | str:
    """All files of a form have the time of one: six slow ones hold a thread no longer."""
    until = time.monotonic() + SECONDS
    found = []
    for number, (name, content) in enumerate(sent, start=1):
        try:
            side, left = PHOTO_SIDE if photo else PAGE_SIDE, until - time.monotonic()
            found.append(draw_anew(name, content, side=side, pictures_only=photo, seconds=left))
        except Refused as refused:
            return f"File {number} of {len(sent)}: {refused}" if len(sent) > 1 else str(refused)
    return found


def form_again() -> ResponseReturnValue | None:
    """Of a body that was too large: the form again with the reason beside the field; None where no form
    takes files. Nothing of the body is looked at, so nothing in it can act: the view finds an empty form
    and a refused file."""
    view = current_app.view_functions.get(request.endpoint or "")
    most = getattr(view, "most_bytes", None)
    if view is None or most is None or not current_user.is_authenticated:
        return None
    _read_the_rest_away()
    nothing: ImmutableMultiDict[str, Any] = ImmutableMultiDict()
    request.__dict__.update(form=nothing, files=nothing)
    g.files = REASONS["too_large" if most < MOST_BYTES_AT_ONCE else "too_large_together"]
    try:
        return cast(View, view)(**(request.view_args or {}))
    except (HTTPException, RedBagError) as problem:  # not theirs, not found
        return current_app.handle_user_exception(problem)


def _read_the_rest_away() -> None:
    left = min(request.content_length or 0, _READ_AWAY)
    while left > 0:
        part = request.environ["wsgi.input"].read(min(left, 64 * 1024))
        if not part:
            return
        left -= len(part)
