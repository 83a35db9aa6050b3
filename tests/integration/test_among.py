"""Rows whose number is one of thousands, on both databases."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from redbag.database import db
from redbag.models import Organisation
from redbag.queries.among import among
from tests.cast import Cast


def test_each_is_found_whose_number_is_told_however_many_are(app: Flask, cast: Cast) -> None:
    def found(numbers: list[int]) -> set[int]:
        return set(db.session.scalars(select(Organisation.id).where(among(Organisation.id, numbers))))

    one, two = cast.places["home"].id, cast.places["hospital"].id
    with app.app_context():
        everything = set(db.session.scalars(select(Organisation.id)))
        assert found([one, two]) == {one, two}
        assert found([]) == set()
        assert found([number for number in range(100_000) if number != one]) == everything - {one}
