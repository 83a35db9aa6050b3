"""Blank labels in a drawer: numbered by home, bound to a journey later.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("labels", sa.Column("serial", sa.Integer(), nullable=True))
    op.create_index("ix_labels_home_id_serial", "labels", ["home_id", "serial"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_labels_home_id_serial", "labels")
    op.drop_column("labels", "serial")
