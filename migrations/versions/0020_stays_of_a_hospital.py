"""A hospital's homes, and stays that contradict themselves, are found without reading all stays.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_CONTRADICTORY = sa.text("discharged_on < admitted_on")


def upgrade() -> None:
    op.create_index("ix_stays_hospital_id_home_id", "stays", ["hospital_id", "home_id"])
    op.create_index(
        "ix_stays_contradictory",
        "stays",
        ["discharged_on"],
        sqlite_where=_CONTRADICTORY,
        postgresql_where=_CONTRADICTORY,
    )


def downgrade() -> None:
    op.drop_index("ix_stays_contradictory", "stays")
    op.drop_index("ix_stays_hospital_id_home_id", "stays")
