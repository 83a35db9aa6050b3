"""A hospital's report finds its homes one by one, and reads what it counts, contradictions among them, from
an index alone.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_BEFORE = (
    *("hospital_id", "discharged_on", "admitted_on", "home_id", "ward_id", "reason", "age"),
    *("with_bag", "discharge_ready_on", "ended_as", "journey_type", "admission_source"),
    "resident_id",
)
_COUNTED = (*_BEFORE, "summary", "papers_missing")
_CONTRADICTORY = sa.text("discharged_on < admitted_on")
_NOT_ADMITTED = sa.text("admitted_at IS NULL AND ended_at IS NOT NULL")


def upgrade() -> None:
    _of_a_hospital(_COUNTED)
    _contradictory(_COUNTED)
    op.create_index(
        "ix_transfers_hospital_id_home_id",
        "transfers",
        ["hospital_id", "home_id"],
        sqlite_where=_NOT_ADMITTED,
        postgresql_where=_NOT_ADMITTED,
    )


def downgrade() -> None:
    op.drop_index("ix_transfers_hospital_id_home_id", "transfers")
    _contradictory(("discharged_on",))
    _of_a_hospital(_BEFORE)


def _of_a_hospital(columns: tuple[str, ...]) -> None:
    op.drop_index("ix_stays_of_a_hospital", "stays")
    op.create_index("ix_stays_of_a_hospital", "stays", columns)


def _contradictory(columns: tuple[str, ...]) -> None:
    op.drop_index("ix_stays_contradictory", "stays")
    op.create_index(
        "ix_stays_contradictory",
        "stays",
        columns,
        sqlite_where=_CONTRADICTORY,
        postgresql_where=_CONTRADICTORY,
    )
