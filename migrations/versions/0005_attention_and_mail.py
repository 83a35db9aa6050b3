"""What others say of a home's bags, lines that were dealt with, who changed a site's clocks, and e-mail.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "bag_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("bag_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("said_at", instant, nullable=False),
        sa.Column("settled_at", instant, nullable=True),
        sa.Column("settled_by", sa.String(120), nullable=False),
        _to("bag_reports", "bag_id", "bags"),
        _to("bag_reports", "home_id", "organisations"),
        _to("bag_reports", "transfer_id", "transfers"),
        _to("bag_reports", "organisation_id", "organisations"),
        _to("bag_reports", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_bag_reports"),
        sa.UniqueConstraint("ref", name="uq_bag_reports_ref"),
    )
    op.create_index("ix_bag_reports_bag_id", "bag_reports", ["bag_id"])
    op.create_index("ix_bag_reports_home_id_settled_at", "bag_reports", ["home_id", "settled_at"])
    op.create_table(
        "attention_seen",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("words", sa.String(300), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("seen_at", instant, nullable=False),
        sa.Column("taken_back_at", instant, nullable=True),
        _to("attention_seen", "organisation_id", "organisations"),
        _to("attention_seen", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_attention_seen"),
        sa.UniqueConstraint("ref", name="uq_attention_seen_ref"),
    )
    op.create_index(
        "ix_attention_seen_organisation_id_seen_at", "attention_seen", ["organisation_id", "seen_at"]
    )
    op.create_table(
        "site_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("actor_name", sa.String(120), nullable=False),
        sa.Column("changed_at", instant, nullable=False),
        _to("site_changes", "organisation_id", "organisations"),
        _to("site_changes", "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_site_changes"),
    )
    op.create_index("ix_site_changes_organisation_id", "site_changes", ["organisation_id"])
    op.create_table(
        "mail_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _to("mail_settings", "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_mail_settings"),
        sa.UniqueConstraint("organisation_id", name="uq_mail_settings_organisation_id"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("due_at", instant, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(32), nullable=False),
        sa.Column("claimed_at", instant, nullable=True),
        sa.Column("sent_at", instant, nullable=True),
        sa.Column("error", sa.String(200), nullable=False),
        _to("outbox", "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("organisation_id", "key", name="uq_outbox_organisation_id_key"),
    )
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"])


def downgrade() -> None:
    for table in ("outbox", "mail_settings", "site_changes", "attention_seen", "bag_reports"):
        op.drop_table(table)
