"""What each journey says of the pathway. Filled by `python -m redbag reports rebuild`, and as journeys go on.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLE = "journey_figures"
_DAYS = ("left_on", "reached_on", "admitted_on", "contact_on", "ended_on", "back_on", "stocked_on")
_MEASURES = (
    "pack_complete",
    "decision_to_pack",
    "dispatch_to_scan",
    "scanned",
    "arrival_to_admission",
    "home_contact",
    "summary_given",
    "medicines_settled",
    "label_to_return",
    "bag_turnaround",
)


def _to(column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{_TABLE}_{column}_{other}")


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.Integer(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Date(), nullable=True) for name in _DAYS),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in _MEASURES),
        sa.Column("lost", sa.JSON(), nullable=True),
        _to("transfer_id", "transfers"),
        _to("home_id", "organisations"),
        _to("hospital_id", "organisations"),
        sa.PrimaryKeyConstraint("id", name="pk_journey_figures"),
        sa.UniqueConstraint("transfer_id", name="uq_journey_figures_transfer_id"),
    )
    for place in ("home_id", "hospital_id"):
        op.create_index(f"ix_{_TABLE}_{place}_last_on", _TABLE, [place, "last_on"])


def downgrade() -> None:
    op.drop_table(_TABLE)
