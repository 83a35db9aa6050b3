"""The dictionary of medicines (dm+d), and files between their preview and being brought in.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dmd_releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("concepts", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("discontinued", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dmd_releases"),
    )
    op.create_table(
        "dmd_concepts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(18), nullable=False),
        sa.Column("level", sa.String(3), nullable=False),
        sa.Column("name", sa.String(700), nullable=False),
        sa.Column("parent_code", sa.String(18), nullable=False),
        sa.Column("discontinued", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dmd_concepts"),
        sa.UniqueConstraint("code", name="uq_dmd_concepts_code"),
    )
    # Byte order on PostgreSQL too: "starts with" is then a range of the index, whatever its locale.
    word = sa.String(60).with_variant(sa.String(60, collation="C"), "postgresql")
    op.create_table(
        "dmd_words",
        sa.Column("concept_id", sa.Integer(), nullable=False),
        sa.Column("word", word, nullable=False),
        sa.ForeignKeyConstraint(
            ["concept_id"], ["dmd_concepts.id"], name="fk_dmd_words_concept_id_dmd_concepts"
        ),
        sa.PrimaryKeyConstraint("concept_id", "word", name="pk_dmd_words"),
    )
    op.create_index("ix_dmd_words_word_concept_id", "dmd_words", ["word", "concept_id"])
    op.create_table(
        "brought_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["home_id"], ["organisations.id"], name="fk_brought_in_home_id_organisations"
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_brought_in_account_id_accounts"),
        sa.PrimaryKeyConstraint("id", name="pk_brought_in"),
        sa.UniqueConstraint("ref", name="uq_brought_in_ref"),
    )
    op.create_index("ix_brought_in_home_id", "brought_in", ["home_id"])
    op.create_index("ix_brought_in_expires_at", "brought_in", ["expires_at"])


def downgrade() -> None:
    op.drop_table("brought_in")
    op.drop_table("dmd_words")
    op.drop_table("dmd_concepts")
    op.drop_table("dmd_releases")
