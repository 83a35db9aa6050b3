"""Counts that reports are made from, kept as records change (domain/stay_counts.py, domain/measures.py).

A cell is a series, a facet and its value, a month by its first day, and a whole number, with how many
records fall into it. Whoever changes a record appends what that adds to and takes from the cells, in the
same transaction: new rows only, so that two writers never wait for each other. They are folded into the
counts from time to time; a report reads both.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from redbag.database import Base


class FigureCount(Base):
    """How many records fall into a cell, but for what is not folded in yet."""

    __tablename__ = "figure_counts"

    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    facet: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    facet_value: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigInteger)

    # The rows lie in the order in which reports read them.
    __table_args__ = ({"sqlite_with_rowid": False},)


class FigureDelta(Base):
    """What one change of a record adds to a cell, or takes from it; gone once it is folded in."""

    __tablename__ = "figure_deltas"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    series: Mapped[str] = mapped_column(String(40))
    facet: Mapped[str] = mapped_column(String(20))
    month: Mapped[date]
    facet_value: Mapped[str] = mapped_column(String(40))
    value: Mapped[int]
    n: Mapped[int]
