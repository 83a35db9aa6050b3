"""Visits without admission are found by the day they arrived, without reading every journey.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_NOT_ADMITTED = sa.text("admitted_at IS NULL AND ended_at IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_transfers_arrived_at",
        "transfers",
        ["arrived_at"],
        sqlite_where=_NOT_ADMITTED,
        postgresql_where=_NOT_ADMITTED,
    )


def downgrade() -> None:
    op.drop_index("ix_transfers_arrived_at", "transfers")
