"""The ward that somebody typed, read by journey: never by walking through every event that there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from redbag.database import db
from redbag.models import Transfer
from redbag.queries import typed_wards
from tests.integration.pathway import Pathway


@contextmanager
def asked() -> Iterator[list[tuple[str, Any]]]:
    """Every statement with its values, as SQLite is asked."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        found.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_list_of_a_ward_walks_through_every_event(app: Flask, way: Pathway) -> None:
    with app.app_context():
        transfer = db.session.get_one(Transfer, way.packed().left().transfer.id)
        transfer.hospital_id = way.cast.places["hospital"].id
        db.session.flush()
        with asked() as statements:
            typed_wards.of([transfer])
        plans = [
            str(row)
            for statement, values in statements
            if "transfer_events" in statement
            for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
        db.session.rollback()
    assert plans
    assert not [plan for plan in plans if "SCAN" in plan], plans
