"""Visits without admission are counted and narrowed down from an index alone.

SQLite reads the row of each visit for the columns of a partial index's own condition, unless the index holds
them as well: thousands of rows from all over a large file.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_NOT_ADMITTED = sa.text("admitted_at IS NULL AND ended_at IS NOT NULL")
_CONDITION = ("admitted_at", "ended_at")
_NARROWED = ("reason", "with_bag", "resident_id", *_CONDITION)
_INDEXES = {
    "ix_transfers_arrived_at": (("arrived_at",), ("home_id", *_CONDITION)),
    "ix_transfers_home_id_arrived_at": (("home_id", "arrived_at"), ("hospital_id", *_NARROWED)),
    "ix_transfers_hospital_id_arrived_at": (("hospital_id", "arrived_at", "home_id"), _NARROWED),
    "ix_transfers_hospital_id_home_id": (("hospital_id", "home_id"), _CONDITION),
}


def upgrade() -> None:
    for name, (columns, more) in _INDEXES.items():
        _index(name, (*columns, *more))


def downgrade() -> None:
    for name, (columns, _) in _INDEXES.items():
        _index(name, columns)


def _index(name: str, columns: tuple[str, ...]) -> None:
    op.drop_index(name, "transfers")
    op.create_index(name, "transfers", columns, sqlite_where=_NOT_ADMITTED, postgresql_where=_NOT_ADMITTED)
