"""Browsers that keep a sealed copy of a home's records, and the keys of those copies.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    sealed = sa.String(44).with_variant(sa.Text(), "postgresql")
    op.create_table(
        "tablets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("tablet", sa.String(36), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("key", sealed, nullable=False),
        sa.Column("browser", sa.String(40), nullable=False),
        sa.Column("given_at", instant, nullable=False),
        sa.Column("heard_at", instant, nullable=False),
        sa.Column("forgotten_at", instant, nullable=True),
        sa.Column("forgotten_why", sa.String(40), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_tablets_{column}_{other}")
            for column, other in (
                ("account_id", "accounts"),
                ("organisation_id", "organisations"),
                ("device_id", "devices"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_tablets"),
        sa.UniqueConstraint("ref", name="uq_tablets_ref"),
        sa.UniqueConstraint(
            "tablet", "account_id", "organisation_id", name="uq_tablets_tablet_account_id_organisation_id"
        ),
    )
    for column in ("tablet", "account_id", "organisation_id", "device_id"):
        op.create_index(f"ix_tablets_{column}", "tablets", [column])


def downgrade() -> None:
    op.drop_table("tablets")
