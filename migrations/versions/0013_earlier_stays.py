"""Files of stays from before the red bag, and which stays came with which.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_LOADED = {
    "sqlite_where": sa.text("history_key IS NOT NULL"),
    "postgresql_where": sa.text("history_key IS NOT NULL"),
}
_ON_STAYS = ("history_id", "history_key", "person_key", "hospital_words")


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def _files() -> None:
    table = "stay_histories"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("made_by", sa.String(120), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("stays", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("told_until", sa.Date(), nullable=False),
        sa.Column("open_at_start", sa.Boolean(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("waiting", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("read_at", "expires_at")),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=True)
            for name in ("loaded_at", "taken_out_at")
        ),
        sa.Column("taken_out_by", sa.String(120), nullable=False),
        _to(table, "home_id", "organisations"),
        _to(table, "account_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("ref", name=f"uq_{table}_ref"),
    )
    op.create_index(f"ix_{table}_home_id", table, ["home_id"])


def _homes() -> None:
    table = "history_homes"
    op.create_table(
        table,
        sa.Column("history_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("stays", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("open_at_start", sa.Boolean(), nullable=False),
        _to(table, "history_id", "stay_histories"),
        _to(table, "home_id", "organisations"),
        sa.PrimaryKeyConstraint("history_id", "home_id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_home_id", table, ["home_id"])


def upgrade() -> None:
    _files()
    _homes()
    with op.batch_alter_table("stays") as batch:
        batch.add_column(sa.Column("history_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("history_key", sa.String(40), nullable=True))
        batch.add_column(sa.Column("person_key", sa.String(32), nullable=True))
        batch.add_column(sa.Column("hospital_words", sa.String(120), nullable=True))
        batch.create_foreign_key(
            "fk_stays_history_id_stay_histories", "stay_histories", ["history_id"], ["id"]
        )
    op.create_index("ix_stays_history_id", "stays", ["history_id"], **_LOADED)
    op.create_index(
        "uq_stays_history_key_home_id", "stays", ["history_key", "home_id"], unique=True, **_LOADED
    )


def downgrade() -> None:
    # A stay of a file would be in no figure's past any more, and could not be told from the others.
    op.execute("DELETE FROM stays WHERE history_id IS NOT NULL")
    op.drop_index("uq_stays_history_key_home_id", table_name="stays")
    op.drop_index("ix_stays_history_id", table_name="stays")
    with op.batch_alter_table("stays") as batch:
        batch.drop_constraint("fk_stays_history_id_stay_histories", type_="foreignkey")
        for name in _ON_STAYS:
            batch.drop_column(name)
    op.drop_table("history_homes")
    op.drop_table("stay_histories")
