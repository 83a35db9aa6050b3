"""A rolling upgrade changes tables under a program that is at work (PostgreSQL)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text

from redbag.database import db, engine_for
from redbag.models import Account
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def retype(app: Flask, kind: str) -> None:
    """As a migration does, over a connection of its own."""
    apart = engine_for(app.config["SQLALCHEMY_DATABASE_URI"])
    with apart.begin() as connection:
        connection.execute(text(f"ALTER TABLE accounts ALTER COLUMN name TYPE {kind}"))
    apart.dispose()


def test_a_column_that_changes_its_type_is_not_felt(app: Flask, visit: Callable[[str], Visitor]) -> None:
    """A statement that the driver has prepared would be refused: its plan must not change its result's type.
    It counts what comes again and again until a rollback, and a commit is none."""
    carer = visit("carer")
    names = select(Account.id, Account.name).order_by(Account.id)
    with app.app_context():
        for _ in range(20):
            before = db.session.execute(names).all()
        db.session.commit()
        assert len(before) > 1
        retype(app, "text")
        try:
            assert db.session.execute(names).all() == before
            db.session.rollback()
            assert carer.open("/residents").status == 200
        finally:
            db.session.rollback()
            retype(app, "varchar(120)")
