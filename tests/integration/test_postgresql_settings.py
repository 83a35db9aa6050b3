"""How PostgreSQL is asked: many at once, each with one processor."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from redbag.database import db


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_request_takes_the_processors_of_others(app: Flask) -> None:
    with app.app_context():
        for _ in range(2):
            found = db.session.scalar(text("SELECT current_setting('max_parallel_workers_per_gather')"))
            assert found == "0"
            db.session.rollback()
        db.session.remove()
        db.engine.dispose()
        assert db.session.scalar(text("SHOW max_parallel_workers_per_gather")) == "0"
