"""Counts for reports, kept as records change; the age at admission on a stay.

The counts start empty: `python -m redbag db upgrade` fills them afterwards from the stays that are there, as
`python -m redbag reports rebuild` does at any time.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def _ages() -> sa.Update:
    """Whole years on the day of admission; left empty where somebody would not have been born."""
    stays = sa.table("stays", sa.column("resident_id"), sa.column("age"), sa.column("admitted_on", sa.Date()))
    residents = sa.table("residents", sa.column("id"), sa.column("date_of_birth", sa.Date()))
    day, born = stays.c.admitted_on, residents.c.date_of_birth

    def place(of: sa.ColumnElement[object]) -> sa.ColumnElement[int]:
        return sa.extract("month", of) * 100 + sa.extract("day", of)

    years = sa.extract("year", day) - sa.extract("year", born)
    age = years - sa.case((place(day) < place(born), 1), else_=0)
    whose = sa.select(age).where(residents.c.id == stays.c.resident_id, born <= day).correlate(stays)
    return sa.update(stays).values(age=whose.scalar_subquery())


def _cell() -> list[sa.Column[object]]:
    return [
        sa.Column("series", sa.String(40), nullable=False),
        sa.Column("facet", sa.String(20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("facet_value", sa.String(40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False, autoincrement=False),
    ]


def upgrade() -> None:
    op.create_table(
        "figure_counts",
        *_cell(),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "series", "facet", "month", "facet_value", "value", name=op.f("pk_figure_counts")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "figure_deltas",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *_cell(),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_deltas")),
    )
    with op.batch_alter_table("stays") as batch:
        batch.add_column(sa.Column("age", sa.Integer(), nullable=True))
    op.execute(_ages())
    op.create_index("ix_stays_discharged_on", "stays", ["discharged_on"])


def downgrade() -> None:
    op.drop_index("ix_stays_discharged_on", table_name="stays")
    with op.batch_alter_table("stays") as batch:
        batch.drop_column("age")
    op.drop_table("figure_deltas")
    op.drop_table("figure_counts")
