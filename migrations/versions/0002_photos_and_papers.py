"""Photos and papers, their pages, and the bytes of each.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kept_files"),
        sa.UniqueConstraint("sha256", name="uq_kept_files_sha256"),
    )
    op.create_table(
        "papers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("small_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(120), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_papers"),
        sa.UniqueConstraint("ref", name="uq_papers_ref"),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_papers_{column}_{table}")
            for column, table in (
                ("home_id", "organisations"),
                ("resident_id", "residents"),
                ("transfer_id", "transfers"),
                ("item_id", "transfer_items"),
                ("small_id", "kept_files"),
                ("organisation_id", "organisations"),
                ("account_id", "accounts"),
            )
        ),
    )
    op.create_index("ix_papers_resident_id", "papers", ["resident_id"])
    op.create_index("ix_papers_transfer_id", "papers", ["transfer_id"])
    op.create_table(
        "paper_pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper_pages"),
        sa.UniqueConstraint("paper_id", "number", name="uq_paper_pages_paper_id_number"),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_paper_pages_paper_id_papers"),
        sa.ForeignKeyConstraint(["file_id"], ["kept_files.id"], name="fk_paper_pages_file_id_kept_files"),
    )


def downgrade() -> None:
    op.drop_table("paper_pages")
    op.drop_table("papers")
    op.drop_table("kept_files")
