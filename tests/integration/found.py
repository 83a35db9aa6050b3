"""Finding a row by what it says: the database cannot compare what may be sealed (ADR 23)."""

from __future__ import annotations

from typing import TypeVar

from redbag.database import Base, db

Model = TypeVar("Model", bound=Base)


def all_that_say(model: type[Model], **said: object) -> list[Model]:
    """The rows of this table that say all of this, in the order of their ids."""
    rows = db.session.query(model).order_by(model.__table__.c.id)
    return [row for row in rows if all(getattr(row, name) == value for name, value in said.items())]


def the(model: type[Model], **said: object) -> Model:
    """The only one."""
    (row,) = all_that_say(model, **said)
    return row
