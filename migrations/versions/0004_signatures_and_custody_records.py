"""Signatures at handovers, issued custody records, and when each thing was packed by whom.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("strokes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["transfer_events.id"], name="fk_signatures_event_id_transfer_events"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_signatures"),
        sa.UniqueConstraint("event_id", name="uq_signatures_event_id"),
    )
    op.create_table(
        "custody_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(120), nullable=False),
        sa.Column("key_id", sa.String(20), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_custody_records"),
        sa.UniqueConstraint("ref", name="uq_custody_records_ref"),
        sa.UniqueConstraint("code_hash", name="uq_custody_records_code_hash"),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_custody_records_{column}_{table}")
            for column, table in (
                ("transfer_id", "transfers"),
                ("organisation_id", "organisations"),
                ("account_id", "accounts"),
            )
        ),
    )
    op.create_index("ix_custody_records_transfer_id", "custody_records", ["transfer_id"])
    with op.batch_alter_table("transfer_items") as table:
        table.add_column(sa.Column("packed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("packed_by", sa.String(120), nullable=False, server_default=""))
    with op.batch_alter_table("transfer_items") as table:
        table.alter_column("packed_by", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("transfer_items") as table:
        table.drop_column("packed_by")
        table.drop_column("packed_at")
    op.drop_table("custody_records")
    op.drop_table("signatures")
