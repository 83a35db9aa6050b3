"""“All given as planned” carries its time: offered, asked for when it is taken away, kept only when used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.london_time import from_london, london_day
from redbag.models import Medicine, Transfer
from redbag.web import outbox
from tests.cast import Cast
from tests.integration import household
from tests.integration.pathway import Pathway
from tests.integration.sending import begun
from tests.visitor import Page, Visitor

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


SOON = "23:50 is still to come today. Write “23:50 yesterday” if you mean yesterday."


def typed_at_half_past_ten(patch: pytest.MonkeyPatch) -> datetime:
    """From here on, what is typed is typed at 22:30 of yesterday."""
    at = from_london(london_day(datetime.now(UTC)) - timedelta(days=1), time(22, 30))
    patch.setattr(outbox, "now", lambda: at)
    return at


def when_field(page: Page) -> str:
    """The field for the time of the first medicine that is answered by itself."""
    return next(n for e in page.tree.iter("input") if (n := e.get("name", "")).endswith("-when"))


def test_a_slip_into_the_next_hours_is_asked_about_and_nothing_is_lost(
    app: Flask, visit: Visit, way: Pathway, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    half_past_ten = typed_at_half_past_ten(monkeypatch)
    name = when_field(carer.open(f"{path}/doses"))
    answered = name.replace("-when", "-answer")
    note = name.replace("-when", "-note")
    page = carer.press({answered: "given", name: "23:50", note: "Counted twice"})
    assert page.status == 422
    beside = page.tree.find(f".//input[@id='{name}']/../span[@class='nhsuk-error-message']")
    assert beside is not None
    assert SOON in "".join(beside.itertext())
    values = {e.get("id"): e.get("value") for e in page.tree.iter("input")}
    assert (values[name], values[note]) == ("23:50", "Counted twice")
    assert kept(app) == {}
    assert carer.press({name: "21:50"}).status == 200
    ref = name.removesuffix("-when")
    day = f"{half_past_ten:%a} {half_past_ten.day} {half_past_ten:%b}"
    assert kept(app)[ref] == {"answer": "given", "when": f"{day}, 21:50", "note": "Counted twice"}


def test_when_the_crew_waits_a_slip_gets_no_day(
    app: Flask, visit: Visit, way: Pathway, monkeypatch: pytest.MonkeyPatch
) -> None:
    carer = visit("carer")
    path = begun(carer, way)
    typed_at_half_past_ten(monkeypatch)
    carer.open(f"{path}/observations")
    page = carer.press({"pulse": "88", "taken_at": "23:50"})
    assert page.status == 422
    assert SOON in page.text
    assert carer.press(button="crew=anyway").status == 200
    with app.app_context():
        observed = db.session.query(Transfer).one().facts["observations"]
        assert (observed["pulse"], "taken_at" in observed) == (88, False)
    name = when_field(carer.open(f"{path}/doses"))
    answered = name.replace("-when", "-answer")
    carer.press({answered: "given", name: "23:50"})
    assert carer.press(button="crew=anyway").status == 200
    assert kept(app)[name.removesuffix("-when")] == {"answer": "given", "when": "23:50"}


def test_a_number_is_not_who_counted_a_controlled_drug(
    app: Flask, visit: Visit, way: Pathway, cast: Cast
) -> None:
    with app.app_context():
        ref = household.medicine(cast, way.resident_ref, "Oxycodone")
        begin_write()
        db.session.query(Medicine).filter_by(ref=ref).one().controlled = True
        db.session.commit()
    carer = visit("carer")
    carer.open(f"{begun(carer, way)}/doses")
    page = carer.press({f"{ref}-sent": "14 tablets", f"{ref}-counted": "14"})
    assert page.status == 422
    assert "Oxycodone: write the names of the two people who counted it." in page.text
    (field,) = [one for one in page.tree.iter("input") if one.get("name") == f"{ref}-counted"]
    (error,) = [one for one in page.tree.iter("span") if one.get("id") == field.get("aria-describedby")]
    assert "write the names" in "".join(error.itertext()), "read aloud with its field"
    (fold,) = [one for one in page.tree.iter("details") if field in one.iter("input")]
    assert fold.get("open") is not None
    assert carer.press({f"{ref}-counted": "Joy A, Sam B"}).status == 200
