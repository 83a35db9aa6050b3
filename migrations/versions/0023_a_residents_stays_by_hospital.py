"""Finds the stays of a resident in other hospitals without reading those in this one, and the first day of
the first home without reading every home.

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_stays_resident_id_hospital_id", "stays", ["resident_id", "hospital_id"])
    op.drop_index("ix_stays_resident_id", "stays")
    op.create_index("ix_organisations_kind_joined_on", "organisations", ["kind", "joined_on"])


def downgrade() -> None:
    op.drop_index("ix_organisations_kind_joined_on", "organisations")
    op.create_index("ix_stays_resident_id", "stays", ["resident_id"])
    op.drop_index("ix_stays_resident_id_hospital_id", "stays")
