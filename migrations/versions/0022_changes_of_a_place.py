"""The database says itself which place's figures a change concerns, and finds visits and stays of a place
quickly.

Triggers on every table that a home's or a hospital's reports are counted from add to the number of each place
concerned, in the transaction of the change. On SQLite they go with a table that a later migration copies;
migrations/env.py makes them again.

Revision ID: 0022
Revises: 0021
"""

# ruff: noqa: S608 - what is put together here are the constants of this file
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_EVERY_PLACE = 0
_NOT_ADMITTED = sa.text("admitted_at IS NULL AND ended_at IS NOT NULL")
_VISITS = {
    "ix_transfers_home_id_arrived_at": ["home_id", "arrived_at"],
    "ix_transfers_hospital_id_arrived_at": ["hospital_id", "arrived_at", "home_id"],
}
_OF_A_STAY = [
    *("hospital_id", "discharged_on", "admitted_on", "home_id", "ward_id", "reason", "age", "with_bag"),
    *("discharge_ready_on", "ended_as", "journey_type", "admission_source", "resident_id"),
]
_LOT = {"sqlite": "1 + abs(random() % 1000000)", "postgresql": "1 + floor(random() * 1000000)::bigint"}


class _Watched(NamedTuple):
    """A table, those of its columns that reports read, and the columns that say whose reports: of every place
    where there are none."""

    name: str
    columns: tuple[str, ...]
    places: tuple[str, ...] = ()
    key: str = "id"

    def concerned(self, row: str, source: str = "") -> Iterator[str]:
        """Queries for the places of a row (or of the rows of `source`, named `row`)."""
        from_ = f" FROM {source} AS {row}" if source else ""
        if not self.places:
            yield f"SELECT {_EVERY_PLACE} AS place{from_}"
        for column in self.places:
            yield f"SELECT {row}.{column} AS place{from_}"


_WATCHED = (
    _Watched(
        "stays",
        (
            *("transfer_id", "resident_id", "home_id", "hospital_id", "ward_id", "reason", "journey_type"),
            *("age", "admitted_on", "discharged_on", "discharge_ready_on", "ended_as", "with_bag"),
            *("admission_source", "summary", "papers_missing", "history_id", "person_key"),
        ),
        ("home_id", "hospital_id"),
    ),
    _Watched(
        "transfers",
        (
            *("resident_id", "home_id", "hospital_id", "arrived_at", "admitted_at", "ended_at"),
            *("reason", "with_bag"),
        ),
        ("home_id", "hospital_id"),
    ),
    _Watched("residents", ("home_id", "date_of_birth", "moved_in_on", "left_on", "created_at"), ("home_id",)),
    _Watched(
        "journey_figures",
        (
            *("transfer_id", "home_id", "hospital_id", "last_on", "left_on", "reached_on", "admitted_on"),
            *("contact_on", "ended_on", "back_on", "stocked_on", "pack_complete", "decision_to_pack"),
            *("dispatch_to_scan", "scanned", "arrival_to_admission", "home_contact", "summary_given"),
            *("medicines_settled", "label_to_return", "bag_turnaround"),
        ),
        ("home_id", "hospital_id"),
    ),
    _Watched(
        "history_homes",
        ("history_id", "home_id", "stays", "first_day", "last_day", "open_at_start"),
        ("home_id",),
        "history_id, home_id",
    ),
    _Watched(
        "stay_histories",
        ("home_id", "first_day", "last_day", "told_until", "open_at_start", "loaded_at", "taken_out_at"),
    ),
    _Watched("organisations", ("ref", "name", "kind", "joined_on")),
    _Watched("wards", ("ref", "name", "organisation_id")),
)


def _on_sqlite(one: _Watched) -> Iterator[str]:
    for when, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
        places = " UNION ".join(query for row in rows for query in one.concerned(row))
        differs = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in one.columns)
        only_if = f" WHEN {differs}" if when == "UPDATE" else ""
        yield (
            f"CREATE TRIGGER {_name(one, when)} AFTER {when} ON {one.name}{only_if} BEGIN "
            f"UPDATE place_changes SET n = n + {_LOT['sqlite']} "
            f"WHERE place_id IN (SELECT place FROM ({places})); "
            f"INSERT INTO place_changes (place_id, n) SELECT place, {_LOT['sqlite']} FROM ({places}) "
            "WHERE place IS NOT NULL AND place NOT IN (SELECT place_id FROM place_changes); END"
        )


def _name(one: _Watched, when: str) -> str:
    return f"place_changes_{one.name}_{when.lower()}"


_NOTE = f"""
CREATE FUNCTION place_changes_note(places integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO place_changes (place_id, n) SELECT place, {_LOT["postgresql"]} FROM unnest(places) AS place;
    -- Now and then rows of these places are put together: of those that somebody else is at, none.
    IF random() < 0.02 THEN
        WITH gone AS (
            DELETE FROM place_changes WHERE id IN (
                SELECT id FROM place_changes WHERE place_id = ANY(places) LIMIT 5000 FOR UPDATE SKIP LOCKED)
            RETURNING place_id, n)
        INSERT INTO place_changes (place_id, n) SELECT place_id, sum(n) FROM gone GROUP BY place_id;
    END IF;
END $$
"""


def _on_postgresql(one: _Watched) -> Iterator[str]:
    for when, tables in (
        ("INSERT", {"NEW": "made"}),
        ("UPDATE", {"OLD": "gone", "NEW": "made"}),
        ("DELETE", {"OLD": "gone"}),
    ):
        referencing = " ".join(f"{row} TABLE AS {name}" for row, name in tables.items())
        changed = list(tables.values())
        if when == "UPDATE":
            both = [f"({', '.join(f'{row}.{column}' for column in one.columns)})" for row in ("gone", "made")]
            differ = f"FROM gone JOIN made USING ({one.key}) WHERE {both[0]} IS DISTINCT FROM {both[1]}"
            changed = [f"(SELECT {name}.* {differ})" for name in tables.values()]
        places = " UNION ".join(query for table in changed for query in one.concerned("it", table))
        yield (
            f"CREATE FUNCTION {_name(one, when)}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"PERFORM place_changes_note(ARRAY(SELECT place FROM ({places}) AS places "
            "WHERE place IS NOT NULL)); RETURN NULL; END $$"
        )
        yield (
            f"CREATE TRIGGER {_name(one, when)} AFTER {when} ON {one.name} REFERENCING {referencing} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {_name(one, when)}()"
        )


def _said(dialect: str) -> Sequence[str]:
    if dialect == "sqlite":
        return [said for one in _WATCHED for said in _on_sqlite(one)]
    return [_NOTE, *(said for one in _WATCHED for said in _on_postgresql(one))]


def upgrade() -> None:
    op.create_table(
        "place_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_changes")),
    )
    op.create_index(op.f("ix_place_changes_place_id"), "place_changes", ["place_id"])
    for name, columns in _VISITS.items():
        op.create_index(
            name,
            "transfers",
            columns,
            sqlite_where=_NOT_ADMITTED,
            postgresql_where=_NOT_ADMITTED,
        )
    op.create_index("ix_stays_of_a_hospital", "stays", _OF_A_STAY)
    op.drop_index("ix_stays_hospital_id_discharged_on", "stays")
    for said in _said(op.get_context().dialect.name):
        op.execute(sa.text(said.replace(":", "\\:")))


def downgrade() -> None:
    postgresql = op.get_context().dialect.name == "postgresql"
    for one in _WATCHED:
        for when in ("INSERT", "UPDATE", "DELETE"):
            op.execute(f"DROP TRIGGER {_name(one, when)}" + (f" ON {one.name}" if postgresql else ""))
            if postgresql:
                op.execute(f"DROP FUNCTION {_name(one, when)}()")
    if postgresql:
        op.execute("DROP FUNCTION place_changes_note(integer[])")
    op.create_index("ix_stays_hospital_id_discharged_on", "stays", ["hospital_id", "discharged_on"])
    op.drop_index("ix_stays_of_a_hospital", "stays")
    for name in _VISITS:
        op.drop_index(name, "transfers")
    op.drop_table("place_changes")
