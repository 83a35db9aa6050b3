"""Authenticator apps, passkeys and recovery codes; what a session has shown, and when.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=f"fk_{table}_account_id_accounts")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "authenticator_apps",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.String(200), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("set_at", instant, nullable=False),
        _of_account("authenticator_apps"),
        sa.PrimaryKeyConstraint("account_id", name="pk_authenticator_apps"),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.String(100), nullable=False),
        sa.Column("set_at", instant, nullable=False),
        sa.Column("used_at", instant, nullable=True),
        _of_account("passkeys"),
        sa.PrimaryKeyConstraint("id", name="pk_passkeys"),
        sa.UniqueConstraint("ref", name="uq_passkeys_ref"),
        sa.UniqueConstraint("credential_id", name="uq_passkeys_credential_id"),
    )
    op.create_index("ix_passkeys_account_id", "passkeys", ["account_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("used_at", instant, nullable=True),
        _of_account("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
        sa.UniqueConstraint("code_hash", name="uq_recovery_codes_code_hash"),
    )
    op.create_index("ix_recovery_codes_account_id", "recovery_codes", ["account_id"])
    with op.batch_alter_table("user_sessions") as batch:
        batch.add_column(sa.Column("factor", sa.String(12), nullable=False, server_default=sa.text("''")))
        batch.add_column(sa.Column("shown_at", instant, nullable=True))
        batch.add_column(sa.Column("challenge", sa.String(100), nullable=False, server_default=sa.text("''")))
    # A PIN opens an enrolled device and nothing else: both factors were shown.
    op.execute(sa.text("UPDATE user_sessions SET factor = 'device' WHERE by_pin"))


def downgrade() -> None:
    with op.batch_alter_table("user_sessions") as batch:
        batch.drop_column("challenge")
        batch.drop_column("shown_at")
        batch.drop_column("factor")
    op.drop_table("recovery_codes")
    op.drop_table("passkeys")
    op.drop_table("authenticator_apps")
