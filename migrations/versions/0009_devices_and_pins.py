"""Devices that a ward or a home shares, PINs that open them, and the device of a session.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("ward_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("enrolled_at", instant, nullable=False),
        sa.Column("enrolled_by", sa.Integer(), nullable=False),
        sa.Column("used_at", instant, nullable=True),
        sa.Column("ended_at", instant, nullable=True),
        sa.Column("wrong", sa.Integer(), nullable=False),
        _to("devices", "organisation_id", "organisations"),
        _to("devices", "ward_id", "wards"),
        _to("devices", "enrolled_by", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_devices"),
        sa.UniqueConstraint("ref", name="uq_devices_ref"),
        sa.UniqueConstraint("token_hash", name="uq_devices_token_hash"),
    )
    op.create_index("ix_devices_organisation_id", "devices", ["organisation_id"])
    op.create_table(
        "pins",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pin_hash", sa.String(300), nullable=False),
        sa.Column("set_at", instant, nullable=False),
        _to("pins", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("account_id", name="pk_pins"),
    )
    op.create_table(
        "device_people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("used_at", instant, nullable=True),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("last_wrong_at", instant, nullable=True),
        _to("device_people", "device_id", "devices"),
        _to("device_people", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_device_people"),
        sa.UniqueConstraint("device_id", "account_id", name="uq_device_people_device_id_account_id"),
    )
    with op.batch_alter_table("user_sessions") as batch:
        batch.add_column(sa.Column("device_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("by_pin", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_foreign_key("fk_user_sessions_device_id_devices", "devices", ["device_id"], ["id"])
        batch.create_index("ix_user_sessions_device_id", ["device_id"])


def downgrade() -> None:
    with op.batch_alter_table("user_sessions") as batch:
        batch.drop_index("ix_user_sessions_device_id")
        batch.drop_constraint("fk_user_sessions_device_id_devices", type_="foreignkey")
        batch.drop_column("by_pin")
        batch.drop_column("device_id")
    op.drop_table("device_people")
    op.drop_table("pins")
    op.drop_table("devices")
