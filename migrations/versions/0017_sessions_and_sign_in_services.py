"""Sign-in services (OpenID Connect), and in which kind of browser a session is.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "sign_in_services",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(30), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("client_id", sa.String(200), nullable=False),
        sa.Column("domains", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("classes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("added_at", instant, nullable=False),
        sa.Column("ended_at", instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_services"),
        sa.UniqueConstraint("key", name="uq_sign_in_services_key"),
        sa.UniqueConstraint("issuer", name="uq_sign_in_services_issuer"),
    )
    op.create_table(
        "sign_in_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("insists", sa.Boolean(), nullable=False),
        _of_service("sign_in_places"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_sign_in_places_organisation_id_organisations"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_places"),
        sa.UniqueConstraint(
            "service_id", "organisation_id", name="uq_sign_in_places_service_id_organisation_id"
        ),
    )
    op.create_index("ix_sign_in_places_organisation_id", "sign_in_places", ["organisation_id"])
    op.create_table(
        "linked_identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("linked_at", instant, nullable=False),
        sa.Column("used_at", instant, nullable=True),
        _of_service("linked_identities"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_linked_identities_account_id_accounts"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_linked_identities"),
        sa.UniqueConstraint("service_id", "subject", name="uq_linked_identities_service_id_subject"),
        sa.UniqueConstraint("service_id", "account_id", name="uq_linked_identities_service_id_account_id"),
    )
    op.create_index("ix_linked_identities_account_id", "linked_identities", ["account_id"])
    op.create_table(
        "spent_sign_ins",
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_spent_sign_ins"),
    )
    op.create_index("ix_spent_sign_ins_at", "spent_sign_ins", ["at"])
    with op.batch_alter_table("accounts") as batch:
        batch.add_column(sa.Column("passphrase_until", instant, nullable=True))
    with op.batch_alter_table("user_sessions") as batch:
        batch.add_column(sa.Column("browser", sa.String(40), nullable=False, server_default=sa.text("''")))
    with op.batch_alter_table("user_sessions") as batch:
        batch.add_column(sa.Column("service_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            "fk_user_sessions_service_id_sign_in_services", "sign_in_services", ["service_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("user_sessions") as batch:
        batch.drop_constraint("fk_user_sessions_service_id_sign_in_services", type_="foreignkey")
        batch.drop_column("service_id")
        batch.drop_column("browser")
    with op.batch_alter_table("accounts") as batch:
        batch.drop_column("passphrase_until")
    for table in ("spent_sign_ins", "linked_identities", "sign_in_places", "sign_in_services"):
        op.drop_table(table)


def _of_service(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_service_id_sign_in_services"
    return sa.ForeignKeyConstraint(["service_id"], ["sign_in_services.id"], name=name)
