"""“All given as planned” carries its time: offered, asked for when it is taken away, kept only when used."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from redbag.database import db
from redbag.models import Transfer
from tests.cast import Cast
from tests.integration import household
from tests.integration.pathway import Pathway
from tests.integration.sending import begun
from tests.visitor import Visitor

Visit = Callable[[str], Visitor]
MISSED = "ordinary_missed"


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


def test_each_medicine_that_was_not_given_is_ticked_with_its_why(
    app: Flask, visit: Visit, way: Pathway, cast: Cast
) -> None:
    with app.app_context():
        household.medicine(cast, way.resident_ref, "Senna")
    carer = visit("carer")
    path = begun(carer, way)
    carer.open(f"{path}/doses")
    page = carer.press({"ordinary": "some_missed"})
    assert page.status == 422
    assert "Tick each one that was not given" in page.text
    assert kept(app) == {}
    ramipril, senna = [e.get("value", "") for e in page.tree.iter("input") if e.get("name") == MISSED]
    page = carer.press({f"{senna}-note": "refused"})
    assert page.status == 422
    assert "Senna" in page.text and "tick it if it was not given" in page.text
    assert (
        carer.press({MISSED: [ramipril], f"{ramipril}-note": "none left", f"{senna}-note": ""}).status == 200
    )
    doses = kept(app)
    assert doses.pop("ordinary_upto")
    assert doses == {"ordinary": "some_missed", MISSED: [ramipril], ramipril: {"note": "none left"}}
    carer.open(f"{path}/doses")
    page = carer.press({"ordinary": "all_given"})
    assert "and ticked one below. Which is right?" in page.text
    assert carer.press({"ordinary": "all_given", MISSED: []}).status == 200
    assert set(kept(app)) == {"ordinary", "ordinary_upto"}


def test_not_knowing_which_is_an_answer(app: Flask, visit: Visit, way: Pathway) -> None:
    carer = visit("carer")
    carer.open(f"{begun(carer, way)}/doses")
    assert carer.press({"ordinary": "some_missed", "ordinary_note": "No evening round"}).status == 200
    assert kept(app)["ordinary_note"] == "No evening round"
