"""Thousands of rows as numbers and words, without objects of the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Executable

from redbag.database import db


def at_once(wanted: Executable) -> Sequence[Any]:
    """All rows, fetched in one go: one by one takes twice as long for thousands."""
    return db.session.connection().execute(wanted).all()
