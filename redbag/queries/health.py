"""Whether the database answers, and which tables it has."""

from __future__ import annotations

from sqlalchemy import select, text
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


def revision() -> str | None:
    """The revision of the tables; None where the database does not answer or has none."""
    try:
        found = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        db.session.rollback()
        return None
    return found if isinstance(found, str) else None
