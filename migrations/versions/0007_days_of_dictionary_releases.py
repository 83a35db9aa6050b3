"""The day of a release of the dictionary (dm+d), so that an older one is not loaded after a newer one.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("dmd_releases") as table:
        table.add_column(sa.Column("released_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("dmd_releases") as table:
        table.drop_column("released_on")
