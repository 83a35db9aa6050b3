"""Access codes: what is known of each label's, guesses at them, and who came in.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(40), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("last_wrong_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_label_access"),
        sa.UniqueConstraint("label_id", name="uq_label_access_label_id"),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_label_access_label_id_labels"),
    )
    op.create_table(
        "access_lanes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("lane", sa.String(64), nullable=False),
        sa.Column("open_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_lanes"),
        sa.UniqueConstraint("label_id", "lane", name="uq_access_lanes_label_id_lane"),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name="fk_access_lanes_label_id_labels"),
    )
    op.create_table(
        "guests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("label_id", sa.Integer(), nullable=False),
        sa.Column("code_number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("hospital_id", sa.Integer(), nullable=True),
        sa.Column("ward_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(40), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guests"),
        sa.UniqueConstraint("ref", name="uq_guests_ref"),
        sa.UniqueConstraint("token_hash", name="uq_guests_token_hash"),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_guests_{column}_{table}")
            for column, table in (
                ("label_id", "labels"),
                ("hospital_id", "organisations"),
                ("ward_id", "wards"),
            )
        ),
    )
    op.create_index("ix_guests_label_id", "guests", ["label_id"])


def downgrade() -> None:
    op.drop_table("guests")
    op.drop_table("access_lanes")
    op.drop_table("label_access")
