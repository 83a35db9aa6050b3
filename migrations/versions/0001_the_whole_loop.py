"""Every table of the whole loop: people and places, records, bags, transfers, packs, audit.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _flag(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _table(name: str, *parts: Any) -> None:
    op.create_table(name, _id(), *parts, sa.PrimaryKeyConstraint("id", name=f"pk_{name}"))


def _points(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}")


def _once(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _index(table: str, *columns: str) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))


# Several columns a line: this is a list to look things up in.
# fmt: off
def _people_and_places() -> None:
    _table("organisations",
        _text("ref", 16), _text("kind", 20), _text("name", 200), _text("ods_code", 9, nullable=True),
        _text("phone", 40), _text("night_phone", 40), _text("address", 500),
        _flag("with_nursing", nullable=True), _day("joined_on", nullable=True), _json("thresholds"),
        _at("closed_at", nullable=True), _number("version"), _once("organisations", "ods_code"),
        _once("organisations", "ref"),
    )
    _index("organisations", "kind", "name")
    _table("wards",
        _text("ref", 16), _number("organisation_id"), _text("name", 120), _text("kind", 30),
        _text("phone", 40), _at("closed_at", nullable=True), _number("version"),
        _points("wards", "organisation_id", "organisations"), _once("wards", "organisation_id", "name"),
        _once("wards", "ref"),
    )
    _index("wards", "organisation_id")
    _table("accounts",
        _text("ref", 16), _text("email", 254), _text("name", 120),
        _text("passphrase_hash", 300, nullable=True), _at("created_at"), _at("disabled_at", nullable=True),
        _number("version"), _once("accounts", "email"), _once("accounts", "ref"),
    )
    _table("memberships",
        _text("ref", 16), _number("account_id"), _number("organisation_id"), _text("role", 30),
        _number("ward_id", nullable=True), _at("ended_at", nullable=True),
        _points("memberships", "account_id", "accounts"),
        _points("memberships", "organisation_id", "organisations"),
        _points("memberships", "ward_id", "wards"),
        _once("memberships", "account_id", "organisation_id", "role"), _once("memberships", "ref"),
    )
    _index("memberships", "account_id")
    _index("memberships", "organisation_id")
    _table("usual_belongings",
        _text("ref", 16), _number("organisation_id"), _text("name", 120), _flag("valuable"),
        _number("position"), _at("removed_at", nullable=True),
        _points("usual_belongings", "organisation_id", "organisations"), _once("usual_belongings", "ref"),
    )
    _index("usual_belongings", "organisation_id")
    _table("invitations",
        _text("ref", 16), _number("account_id"), _text("token_hash", 64),
        _number("invited_by", nullable=True), _at("created_at"), _at("expires_at"),
        _at("used_at", nullable=True), _points("invitations", "account_id", "accounts"),
        _points("invitations", "invited_by", "accounts"), _once("invitations", "ref"),
        _once("invitations", "token_hash"),
    )
    _index("invitations", "account_id")
    _table("user_sessions",
        _text("token_hash", 64), _number("account_id"), _number("membership_id", nullable=True),
        _number("ward_id", nullable=True), _at("created_at"), _at("seen_at"), _at("expires_at"),
        _at("ended_at", nullable=True), _text("ended_why", 40), _text("address", 64),
        _points("user_sessions", "account_id", "accounts"),
        _points("user_sessions", "membership_id", "memberships"),
        _points("user_sessions", "ward_id", "wards"), _once("user_sessions", "token_hash"),
    )
    _index("user_sessions", "account_id")
    _table("sign_in_attempts",
        _text("subject", 64), _at("at"),
    )
    _index("sign_in_attempts", "subject", "at")
    _table("audit_entries",
        _at("at"), _text("kind", 60), _text("outcome", 20), _number("account_id", nullable=True),
        _text("role", 30), _number("organisation_id", nullable=True), _text("subject_kind", 30),
        _text("subject_ref", 40), _text("request_id", 40), _text("address", 64), _text("reason", 300),
        _json("details"), _text("key_id", 20), _text("previous", 64), _text("mac", 64),
        _points("audit_entries", "account_id", "accounts"),
        _points("audit_entries", "organisation_id", "organisations"), _once("audit_entries", "mac"),
        _once("audit_entries", "previous"),
    )
    _index("audit_entries", "subject_kind", "subject_ref")
    _table("idempotency_keys",
        _text("scope", 80), _text("key", 64), _text("fingerprint", 64), _text("answer", 500),
        _at("created_at"), _once("idempotency_keys", "scope", "key"),
    )


def _records_and_bags() -> None:
    _table("residents",
        _text("ref", 16), _number("home_id"), _text("given_name", 120), _text("family_name", 120),
        _text("preferred_name", 120), _text("name_words", 400), _day("date_of_birth"),
        _text("nhs_number", 10, nullable=True), _text("gender", 40), _text("room", 20),
        _text("gp_practice", 200), _text("first_language", 60), _text("interpreter", 20),
        _number("usual_news2", nullable=True), _day("usual_news2_on", nullable=True),
        _day("moved_in_on", nullable=True), _day("left_on", nullable=True), _text("left_why", 40),
        _at("reviewed_at", nullable=True), _text("reviewed_by", 120), _at("created_at"), _number("version"),
        _points("residents", "home_id", "organisations"), _once("residents", "ref"),
    )
    _index("residents", "home_id", "family_name")
    _index("residents", "nhs_number")
    _table("record_sections",
        _number("resident_id"), _text("key", 30), _json("answers"), _at("reviewed_at", nullable=True),
        _text("reviewed_by", 120), _day("review_due_on", nullable=True), _number("version"),
        _points("record_sections", "resident_id", "residents"),
        _once("record_sections", "resident_id", "key"),
    )
    _table("medicines",
        _text("ref", 16), _number("resident_id"), _text("name", 300), _text("form", 120),
        _text("strength", 120), _text("dose", 200), _text("route", 80), _text("frequency", 200),
        _text("times", 200), _text("indication", 300), _flag("as_needed"), _text("as_needed_rules", 500),
        _flag("time_critical"), _flag("controlled"), _text("high_risk", 40), _text("allergy_conflict", 300),
        _day("started_on", nullable=True), _day("review_on", nullable=True), _text("code_system", 20),
        _text("code", 40), _text("paused_until", 200), _day("stopped_on", nullable=True),
        _text("stopped_why", 300), _at("changed_at"), _text("changed_by", 120), _number("version"),
        _points("medicines", "resident_id", "residents"), _once("medicines", "ref"),
    )
    _index("medicines", "resident_id")
    _table("bags",
        _text("ref", 16), _number("home_id"), _text("number", 10), _text("state", 20), _at("state_since"),
        _text("note", 300), _number("version"), _points("bags", "home_id", "organisations"),
        _once("bags", "home_id", "number"), _once("bags", "ref"),
    )


def _transfers() -> None:
    _table("transfers",
        _text("ref", 16), _number("home_id"), _number("resident_id"), _number("bag_id", nullable=True),
        _text("journey_type", 20), _text("reason", 40), _json("facts"), _at("finished_at", nullable=True),
        _text("state", 20), _number("hospital_id", nullable=True), _number("ward_id", nullable=True),
        _text("bed", 40), _at("opened_at"), _at("departed_at", nullable=True),
        _at("arrived_at", nullable=True), _at("decision_to_admit_at", nullable=True),
        _at("admitted_at", nullable=True), _at("ended_at", nullable=True), _at("died_at", nullable=True),
        _at("received_at", nullable=True), _at("closed_at", nullable=True),
        _at("home_contact_at", nullable=True), _day("estimated_discharge_on", nullable=True),
        _day("discharge_ready_on", nullable=True), _text("destination", 40),
        _flag("with_bag", nullable=True), _text("custody", 20), _at("custody_since", nullable=True),
        _number("version"), _points("transfers", "bag_id", "bags"),
        _points("transfers", "home_id", "organisations"),
        _points("transfers", "hospital_id", "organisations"),
        _points("transfers", "resident_id", "residents"), _points("transfers", "ward_id", "wards"),
        _once("transfers", "ref"),
    )
    _index("transfers", "bag_id")
    _index("transfers", "home_id", "state")
    _index("transfers", "hospital_id", "state")
    _index("transfers", "resident_id")
    _table("bag_events",
        _number("bag_id"), _number("transfer_id", nullable=True), _text("state", 20), _at("occurred_at"),
        _at("recorded_at"), _number("account_id", nullable=True), _text("actor_name", 120),
        _text("note", 300), _points("bag_events", "account_id", "accounts"),
        _points("bag_events", "bag_id", "bags"), _points("bag_events", "transfer_id", "transfers"),
    )
    _index("bag_events", "bag_id")
    _table("labels",
        _text("ref", 16), _number("home_id"), _number("bag_id", nullable=True),
        _number("transfer_id", nullable=True), _number("number"), _text("key_id", 20), _text("nonce", 40),
        _text("token_hash", 64), _text("code_hash", 64), _at("issued_at"), _at("revoked_at", nullable=True),
        _text("revoked_why", 100), _points("labels", "bag_id", "bags"),
        _points("labels", "home_id", "organisations"), _points("labels", "transfer_id", "transfers"),
        _once("labels", "code_hash"), _once("labels", "ref"), _once("labels", "token_hash"),
    )
    _index("labels", "home_id")
    _index("labels", "transfer_id")
    _table("transfer_events",
        _text("ref", 16), _number("transfer_id"), _text("action", 40), _at("occurred_at"),
        _at("recorded_at"), _number("corrects_id", nullable=True), _text("source", 20),
        _number("account_id", nullable=True), _text("actor_name", 120), _text("actor_role", 40),
        _number("actor_organisation_id", nullable=True), _number("organisation_id", nullable=True),
        _number("ward_id", nullable=True), _text("place", 200), _number("bag_id", nullable=True),
        _number("label_id", nullable=True), _json("data"),
        _points("transfer_events", "account_id", "accounts"),
        _points("transfer_events", "actor_organisation_id", "organisations"),
        _points("transfer_events", "bag_id", "bags"),
        _points("transfer_events", "corrects_id", "transfer_events"),
        _points("transfer_events", "label_id", "labels"),
        _points("transfer_events", "organisation_id", "organisations"),
        _points("transfer_events", "transfer_id", "transfers"),
        _points("transfer_events", "ward_id", "wards"), _once("transfer_events", "ref"),
    )
    _index("transfer_events", "transfer_id")
    _table("stays",
        _number("transfer_id", nullable=True), _number("resident_id", nullable=True), _number("home_id"),
        _number("hospital_id", nullable=True), _number("ward_id", nullable=True), _text("reason", 40),
        _text("journey_type", 20), _day("admitted_on"), _day("discharged_on", nullable=True),
        _day("discharge_ready_on", nullable=True), _text("ended_as", 20), _flag("with_bag", nullable=True),
        _text("admission_source", 20), _text("discharge_source", 20),
        _points("stays", "home_id", "organisations"), _points("stays", "hospital_id", "organisations"),
        _points("stays", "resident_id", "residents"), _points("stays", "transfer_id", "transfers"),
        _points("stays", "ward_id", "wards"), _once("stays", "transfer_id"),
    )
    _index("stays", "home_id", "discharged_on")
    _index("stays", "hospital_id", "discharged_on")
    _index("stays", "resident_id")
    _table("tasks",
        _text("ref", 16), _number("organisation_id"), _number("transfer_id"), _text("kind", 40),
        _text("detail", 500), _at("due_at", nullable=True), _at("created_at"),
        _at("done_at", nullable=True), _text("done_by", 120), _text("told", 200),
        _points("tasks", "organisation_id", "organisations"), _points("tasks", "transfer_id", "transfers"),
        _once("tasks", "ref"),
    )
    _index("tasks", "organisation_id", "done_at")
    _index("tasks", "transfer_id")


def _what_travels() -> None:
    _table("pack_versions",
        _number("transfer_id"), _number("number"), _at("made_at"), _text("made_by", 120), _json("content"),
        _text("sha256", 64), _points("pack_versions", "transfer_id", "transfers"),
        _once("pack_versions", "transfer_id", "number"),
    )
    _table("transfer_items",
        _text("ref", 16), _number("transfer_id"), _text("description", 200), _number("quantity"),
        _flag("valuable"), _text("carried", 10), _text("added_at_step", 20),
        _at("removed_at", nullable=True), _points("transfer_items", "transfer_id", "transfers"),
        _once("transfer_items", "ref"),
    )
    _index("transfer_items", "transfer_id")
    _table("item_checks",
        _number("item_id"), _number("event_id"), _text("step", 20), _text("status", 20), _text("note", 300),
        _points("item_checks", "event_id", "transfer_events"),
        _points("item_checks", "item_id", "transfer_items"),
    )
    _index("item_checks", "event_id")
    _index("item_checks", "item_id")
    _table("medicine_lines",
        _text("ref", 16), _number("transfer_id"), _number("medicine_id", nullable=True), _text("side", 10),
        _number("position"), _text("name", 300), _text("form", 120), _text("strength", 120),
        _text("dose", 200), _text("route", 80), _text("frequency", 200), _text("times", 200),
        _text("code", 40), _text("last_dose", 200), _text("next_due", 120), _text("supplied", 120),
        _at("withdrawn_at", nullable=True), _points("medicine_lines", "medicine_id", "medicines"),
        _points("medicine_lines", "transfer_id", "transfers"), _once("medicine_lines", "ref"),
    )
    _index("medicine_lines", "transfer_id")
    _table("medicine_outcomes",
        _text("ref", 16), _number("transfer_id"), _number("sent_line_id", nullable=True),
        _number("returned_line_id", nullable=True), _text("outcome", 20), _text("reason", 500),
        _text("restart", 200), _text("decides", 200), _text("source", 30), _at("entered_at"),
        _text("entered_by", 120), _at("superseded_at", nullable=True), _at("accepted_at", nullable=True),
        _text("accepted_by", 120), _text("witnessed_by", 120), _text("accepted_against", 30),
        _text("settled_as", 500), _points("medicine_outcomes", "returned_line_id", "medicine_lines"),
        _points("medicine_outcomes", "sent_line_id", "medicine_lines"),
        _points("medicine_outcomes", "transfer_id", "transfers"), _once("medicine_outcomes", "ref"),
    )
    _index("medicine_outcomes", "transfer_id")

# fmt: on


def upgrade() -> None:
    _people_and_places()
    _records_and_bags()
    _transfers()
    _what_travels()


def downgrade() -> None:
    for name in (
        "medicine_outcomes",
        "medicine_lines",
        "item_checks",
        "transfer_items",
        "pack_versions",
        "tasks",
        "stays",
        "transfer_events",
        "labels",
        "bag_events",
        "transfers",
        "bags",
        "medicines",
        "record_sections",
        "residents",
        "idempotency_keys",
        "audit_entries",
        "sign_in_attempts",
        "user_sessions",
        "invitations",
        "usual_belongings",
        "memberships",
        "accounts",
        "wards",
        "organisations",
    ):
        op.drop_table(name)
