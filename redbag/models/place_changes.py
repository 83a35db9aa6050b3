"""What tells a remembered figure that it is no longer right (docs/adr/0029-answers-that-are-remembered.md).

The database itself writes these rows, by triggers on every table that a place's reports are counted from
(migration 0022): in the transaction of the change, whoever makes it and by whatever program.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer
from sqlalchemy.orm import Mapped, mapped_column

from redbag.database import OF_THIS_DATABASE, Base

EVERY_PLACE = 0
"""Whose change concerns every place: the name of a home, its first day."""


class PlaceChange(Base):
    """The rows of one home or hospital add up to a number that grows with every change, and never shrinks.

    On PostgreSQL each change adds a row, so that nobody waits for anybody, and now and then some are put
    together; on SQLite, where one writes at a time, there is one row for each place. By how much it grows is
    drawn by lot: a database that was brought back from a backup does not come to a number that it had before.
    """

    __tablename__ = "place_changes"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    place_id: Mapped[int] = mapped_column(index=True)
    n: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = ({"info": {OF_THIS_DATABASE: True}},)
