"""Rows whose number is one of thousands, and the different numbers of thousands of rows."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from redbag.database import db
from redbag.models import Organisation, Ward
from redbag.queries.among import among, among_found
from redbag.queries.different import different
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


def test_each_is_found_whose_number_a_query_finds(app: Flask, cast: Cast) -> None:
    hospital = cast.places["hospital"].id
    with app.app_context():
        for condition, expected in ((Ward.organisation_id == hospital, {hospital}), (Ward.id < 0, set())):
            asked = among_found(Organisation.id, select(Ward.organisation_id).where(condition))
            assert set(db.session.scalars(select(Organisation.id).where(asked))) == expected


def test_each_different_number_is_found_once(app: Flask, cast: Cast) -> None:
    hospital = cast.places["hospital"].id
    with app.app_context():
        every = list(db.session.scalars(different(Ward.organisation_id)))
        assert len(every) > 1
        assert every == sorted(set(db.session.scalars(select(Ward.organisation_id))))
        assert list(db.session.scalars(different(Ward.organisation_id, Ward.id < 0))) == []
        here = different(Ward.organisation_id, Ward.organisation_id == hospital)
        assert list(db.session.scalars(here)) == [hospital]
        nobody = different(Organisation.id, Organisation.id.is_(None))
        assert list(db.session.scalars(nobody)) == []
        inside = select(Organisation.id).where(Organisation.id.in_(different(Ward.organisation_id)))
        assert set(db.session.scalars(inside)) == set(every)
