"""What a stay's end says of its discharge summary, and what the home found missing.

Both repeat what the events say, as the other columns of a stay do: rows that are there are filled from them.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_LEAVING = ("discharge", "discharge_elsewhere")
_RETURN = ("receive",)


def _said(key: str, actions: tuple[str, ...]) -> sa.Update:
    """Fills `key` of each closed stay from the last of these events that says it, or the last correction."""
    stays = sa.table(
        "stays", *(sa.column(n) for n in ("transfer_id", "discharged_on", "summary", "papers_missing"))
    )
    events = sa.table(
        "transfer_events",
        *(sa.column(n) for n in ("id", "transfer_id", "action")),
        sa.column("data", sa.JSON()),
    )
    answer = events.c.data[key].as_string()
    last = (
        sa.select(answer)
        .where(
            events.c.transfer_id == stays.c.transfer_id,
            events.c.action.in_([*actions, "correct"]),
            answer.is_not(None),
        )
        .order_by(events.c.id.desc())
        .limit(1)
        .correlate(stays)
        .scalar_subquery()
    )
    return (
        sa.update(stays).where(stays.c.discharged_on.is_not(None)).values({key: sa.func.coalesce(last, "")})
    )


def upgrade() -> None:
    with op.batch_alter_table("stays") as batch:
        batch.add_column(sa.Column("summary", sa.String(20), nullable=False, server_default=""))
        batch.add_column(sa.Column("papers_missing", sa.String(20), nullable=False, server_default=""))
    op.execute(_said("summary", _LEAVING))
    op.execute(_said("papers_missing", _RETURN))
    with op.batch_alter_table("stays") as batch:
        for name in ("summary", "papers_missing"):
            batch.alter_column(
                name, existing_type=sa.String(20), existing_nullable=False, server_default=None
            )


def downgrade() -> None:
    with op.batch_alter_table("stays") as batch:
        batch.drop_column("papers_missing")
        batch.drop_column("summary")
