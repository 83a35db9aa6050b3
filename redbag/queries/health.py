"""Whether the database answers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from redbag.database import db
from redbag.models import Organisation


def database_works() -> bool:
    """Whether the database answers and holds our tables."""
    try:
        db.session.execute(select(Organisation.id).limit(1))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return True
