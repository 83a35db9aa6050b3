"""Room for sealed values, what a sealed NHS number is found by, and which keys are in use (ADR 23).

What is sealed is longer than what was typed: on PostgreSQL the columns lose their lengths, without being
rewritten. SQLite keeps no lengths. Residents are found by their home: sealed names need no index.

Corrections that take an event back say so in a column, which the database can ask.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from redbag.database import UtcInstant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_LENGTHS = {
    "attention_seen": {"words": 300},
    "bag_events": {"note": 300},
    "bag_reports": {"note": 300},
    "bags": {"note": 300},
    "brought_in": {"file_name": 200},
    "emergency_looks": {"reason": 300, "review_note": 300},
    "item_checks": {"note": 300},
    "medicine_lines": {
        "name": 300,
        "form": 120,
        "strength": 120,
        "dose": 200,
        "route": 80,
        "frequency": 200,
        "times": 200,
        "code": 40,
        "last_dose": 200,
        "next_due": 120,
        "supplied": 120,
    },
    "medicine_outcomes": {"reason": 500, "restart": 200, "decides": 200, "settled_as": 500},
    "medicines": {
        "name": 300,
        "form": 120,
        "strength": 120,
        "dose": 200,
        "route": 80,
        "frequency": 200,
        "times": 200,
        "indication": 300,
        "as_needed_rules": 500,
        "high_risk": 40,
        "allergy_conflict": 300,
        "code": 40,
        "paused_until": 200,
        "stopped_why": 300,
    },
    "papers": {"title": 120},
    "residents": {
        "given_name": 120,
        "family_name": 120,
        "preferred_name": 120,
        "name_words": 400,
        "nhs_number": 10,
        "gender": 40,
        "room": 20,
        "gp_practice": 200,
        "first_language": 60,
        "interpreter": 20,
    },
    "stay_histories": {"file_name": 200},
    "tasks": {"detail": 500, "told": 200},
    "transfer_items": {"description": 200},
    "transfers": {"bed": 40},
}


def _told() -> sa.Update:
    events = sa.table("transfer_events", sa.column("takes_back", sa.Boolean()), sa.column("data", sa.JSON()))
    said = events.c.data["withdrawn"].as_boolean()
    return sa.update(events).where(said).values(takes_back=True)


def upgrade() -> None:
    op.create_table(
        "field_keys",
        sa.Column("key_id", sa.String(8), nullable=False),
        sa.Column("since", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_field_keys")),
    )
    with op.batch_alter_table("residents") as batch:
        batch.add_column(sa.Column("nhs_number_index", sa.String(41), nullable=True))
    op.create_index("ix_residents_nhs_number_index", "residents", ["nhs_number_index"])
    op.create_index("ix_residents_home_id", "residents", ["home_id"])
    op.drop_index("ix_residents_home_id_family_name", table_name="residents")
    with op.batch_alter_table("transfer_events") as batch:
        batch.add_column(sa.Column("takes_back", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(_told())
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _LENGTHS.items():
            for column, length in columns.items():
                op.alter_column(table, column, existing_type=sa.String(length), type_=sa.Text())


def downgrade() -> None:
    keys = sa.table("field_keys", sa.column("key_id"))
    if op.get_bind().execute(sa.select(sa.func.count()).select_from(keys)).scalar_one():
        raise RuntimeError("Values are sealed: run `python -m redbag keys unseal` first.")
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _LENGTHS.items():
            for column, length in columns.items():
                op.alter_column(table, column, existing_type=sa.Text(), type_=sa.String(length))
    with op.batch_alter_table("transfer_events") as batch:
        batch.drop_column("takes_back")
    op.create_index("ix_residents_home_id_family_name", "residents", ["home_id", "family_name"])
    op.drop_index("ix_residents_home_id", table_name="residents")
    op.drop_index("ix_residents_nhs_number_index", table_name="residents")
    with op.batch_alter_table("residents") as batch:
        batch.drop_column("nhs_number_index")
    op.drop_table("field_keys")
