"""“All given as planned” carries its time: offered, asked for when it is taken away, kept only when used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import db
from redbag.models import Transfer
from tests.cast import Cast
from tests.integration.pathway import Pathway
from tests.integration.sending import begun
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    """A resident with three medicines and a bag in stock, an hour ago."""
    with app.app_context():
        return Pathway(cast, datetime.now(UTC) - timedelta(hours=1))


def kept(app: Flask) -> dict[str, object]:
    with app.app_context():
        return dict(db.session.query(Transfer).one().facts.get("doses") or {})


def test_all_given_without_a_time_asks_for_it(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    carer.open(f"{begun(carer, way)}/doses")
    page = carer.press({"ordinary": "all_given", "ordinary_upto": ""})
    assert page.status == 422
    assert "Say up to when all was given" in page.text
    assert kept(app) == {}


def test_the_offered_time_is_kept_with_the_answer_and_only_then(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    carer.open(f"{path}/doses")
    assert carer.press({}).status == 200
    assert kept(app) == {}
    carer.open(f"{path}/doses")
    assert carer.press({"ordinary": "all_given"}).status == 200
    assert set(kept(app)) == {"ordinary", "ordinary_upto"}


def test_some_not_given_says_which(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    carer.open(f"{begun(carer, way)}/doses")
    page = carer.press({"ordinary": "some_missed"})
    assert page.status == 422
    assert "Say which were not given, and why." in page.text
    assert kept(app) == {}
    assert carer.press({"ordinary_note": "No ramipril: refused"}).status == 200
    assert kept(app)["ordinary_note"] == "No ramipril: refused"
