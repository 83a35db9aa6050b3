"""Packs that are opened without the bag in hand.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from redbag.database import UtcInstant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "emergency_looks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("actor_role", sa.String(40), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("opened_at", UtcInstant(), nullable=False),
        sa.Column("expires_at", UtcInstant(), nullable=False),
        sa.Column("review", sa.String(20), nullable=False),
        sa.Column("review_note", sa.String(300), nullable=False),
        sa.Column("reviewed_at", UtcInstant(), nullable=True),
        sa.Column("reviewed_by", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_emergency_looks_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_emergency_looks_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.id"], name=op.f("fk_emergency_looks_transfer_id_transfers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_looks")),
        sa.UniqueConstraint("ref", name=op.f("uq_emergency_looks_ref")),
    )
    op.create_index("ix_emergency_looks_transfer_id", "emergency_looks", ["transfer_id"])


def downgrade() -> None:
    op.drop_index("ix_emergency_looks_transfer_id", table_name="emergency_looks")
    op.drop_table("emergency_looks")
