"""Records that are restricted, kept longer after a review, or erased but for what figures need.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from redbag.database import UtcInstant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_NEW = ("restricted_at", "restricted_why", "kept_until", "kept_why", "erased_at")
_SET_ASIDE: dict[str, Any] = {
    f"{kind}_where": sa.text("restricted_at IS NOT NULL OR erased_at IS NOT NULL")
    for kind in ("sqlite", "postgresql")
}


def upgrade() -> None:
    # Added one by one: no copy of the table, and pages of the version before go on writing to it.
    op.add_column("residents", sa.Column("restricted_at", UtcInstant(), nullable=True))
    op.add_column("residents", _words("restricted_why"))
    op.add_column("residents", sa.Column("kept_until", sa.Date(), nullable=True))
    op.add_column("residents", _words("kept_why"))
    op.add_column("residents", sa.Column("erased_at", UtcInstant(), nullable=True))
    op.create_index("ix_residents_set_aside", "residents", ["home_id"], **_SET_ASIDE)


def _words(name: str) -> sa.Column[str]:
    kind = sa.String(300).with_variant(sa.Text(), "postgresql")  # room for what is sealed (ADR 23)
    return sa.Column(name, kind, nullable=False, server_default=sa.text("''"))


def downgrade() -> None:
    op.drop_index("ix_residents_set_aside", table_name="residents")
    for name in reversed(_NEW):
        op.drop_column("residents", name)
