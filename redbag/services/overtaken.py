"""Two transactions write one thing side by side (PostgreSQL): what the second has read stands no more."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

_UNIQUE = ("UniqueViolation", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


def was_overtaken(error: BaseException) -> bool:
    """Whether somebody else wrote the same row, or one of the same name, between this transaction's reading
    and its writing. Done again, it reads what stands then."""
    if isinstance(error, StaleDataError):
        return True
    if not isinstance(error, IntegrityError):
        return False
    names = type(error.orig).__name__, getattr(error.orig, "sqlite_errorname", "")
    return any(name in _UNIQUE for name in names)
