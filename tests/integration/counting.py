"""What the application asks of its database, counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import event

from redbag.database import db
from redbag.web.guards import now


class _KeptAlready(dict[Any, tuple[datetime, int]]):
    """What needs attention was counted just now, for every place: by the clock of the request that asks,
    which may have stood still for a second."""

    def get(self, _place: object, _default: object = None) -> Any:
        return now(), 0


@contextmanager
def counted(app: Flask, *, navigation: bool = False) -> Iterator[list[str]]:
    """The statements that the application sends meanwhile. Those of the navigation's count only with
    `navigation`: it is kept for some seconds, and asked for by whichever page is the first."""
    sent: list[str] = []
    before = app.extensions["attention"]
    if not navigation:
        app.extensions["attention"] = _KeptAlready()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        app.extensions["attention"] = before
        event.remove(engine, "before_cursor_execute", note)
