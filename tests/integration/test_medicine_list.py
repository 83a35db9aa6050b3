"""Standing medicines: added, changed, marked, stopped."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.errors import Invalid, Stale
from redbag.models import Medicine
from redbag.queries.medicine_lines import kinds_of
from redbag.services import medicine_list
from tests.cast import Cast
from tests.integration import household
from tests.integration.household import QUIET_MORNING, SCRIPT
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]

PATCH = {
    "name": "Fentanyl",
    "strength": "25 micrograms/hour",
    "form": "patch",
    "dose": "1 patch",
    "route": "on the skin",
    "frequency": "every 72 hours",
    "times": "09:00",
    "indication": "pain",
    "marks": ["time_critical", "controlled"],
    "high_risk": ["opioid", "patch"],
    "allergy_conflict": "None",
    "started_on-day": "3",
    "started_on-month": "2",
    "started_on-year": "2026",
    "paused_until": "Dr Shah decides",
    "code": "333917006",
}


@pytest.fixture
def joan(app: Flask, cast: Cast) -> str:
    with app.app_context():
        return household.add(cast, "Joan", "Smith")


@on_sqlite
def test_a_medicine_is_kept_as_it_was_written(app: Flask, joan: str, visit: Visit) -> None:
    visitor = visit("carer")
    visitor.open(f"/residents/{joan}/medicines/new")
    page = visitor.press(PATCH)
    assert page.path == f"/residents/{joan}"
    assert "Fentanyl 25 micrograms/hour patch" in page.text
    assert "1 patch, on the skin, every 72 hours, 09:00. For pain" in page.text
    for mark in ("Time-critical", "Opioid", "Patch", "Controlled drug"):
        assert mark in page.text
    with app.app_context():
        row = db.session.query(Medicine).one()
        assert (row.high_risk, row.time_critical, row.controlled, row.as_needed) == (
            "opioid,patch",
            True,
            True,
            False,
        )
        assert (row.code_system, row.changed_by) == ("dm+d", "Joy Adeyemi")


@on_sqlite
def test_a_medicine_needs_a_name_and_keeps_the_rest(joan: str, visit: Visit) -> None:
    visitor = visit("carer")
    visitor.open(f"/residents/{joan}/medicines/new")
    page = visitor.press({"dose": "2 tablets", "as_needed_rules": "For pain", "marks": ["controlled"]})
    assert page.status == 422
    assert "Write the medicine’s name." in page.text
    page = visitor.press({"name": "Codeine"})
    assert page.status == 422
    assert "You wrote rules for “as needed”" in page.text
    assert 'value="2 tablets"' in page.response.text
    assert 'value="controlled" checked' in page.response.text


@on_sqlite
def test_a_name_only_suggests_and_a_person_decides(app: Flask, joan: str, visit: Visit) -> None:
    visitor = visit("carer")
    visitor.open(f"/residents/{joan}/medicines/new")
    page = visitor.press({"name": "Apixaban", "form": "tablets"})
    assert page.path.endswith("/risk")
    assert "By its name this looks like: anticoagulant (blood thinner)." in page.text
    assert "checked" not in page.response.text
    with app.app_context():
        row = db.session.query(Medicine).one()
        assert (row.high_risk, row.time_critical) == ("", False)
    page = visitor.press({"kind": ["anticoagulant"], "time_critical": ["yes"]})
    assert "Apixaban: marked as Anticoagulant (blood thinner)." in page.text
    with app.app_context():
        row = db.session.query(Medicine).one()
        assert (row.high_risk, row.time_critical) == ("anticoagulant", True)


@on_sqlite
def test_an_ordinary_name_suggests_nothing(joan: str, visit: Visit) -> None:
    visitor = visit("carer")
    visitor.open(f"/residents/{joan}/medicines/new")
    assert visitor.press({"name": "Atorvastatin"}).path == f"/residents/{joan}"
    visitor.open(f"/residents/{joan}/medicines/new")
    page = visitor.press({"name": "Senna"}, button="another=yes")
    assert page.path == f"/residents/{joan}/medicines/new"
    # The question about a suggested danger does not lose the way to the next one.
    page = visitor.press({"name": "Apixaban"}, button="another=yes")
    assert page.path.endswith("/risk")
    assert visitor.press({"kind": ["anticoagulant"]}).path == f"/residents/{joan}/medicines/new"


@on_sqlite
def test_only_what_was_suggested_can_be_marked_there(app: Flask, cast: Cast, joan: str) -> None:
    with app.app_context():
        ref = household.medicine(cast, joan, "Apixaban")
    app.config["WTF_CSRF_ENABLED"] = False
    client = cast.browser(app, "carer")
    sent = {"kind": ["insulin", "nonsense"], "version": "1"}
    client.post(f"/residents/{joan}/medicines/{ref}/risk", data=sent)
    with app.app_context():
        assert kinds_of(db.session.query(Medicine).one().high_risk) == frozenset()


@on_sqlite
def test_what_nobody_has_answered_stays_to_be_checked_until_somebody_does(
    app: Flask, joan: str, visit: Visit
) -> None:
    visitor = visit("carer")
    visitor.open(f"/residents/{joan}/medicines/new")
    visitor.press({"name": "Apixaban", "form": "tablets"})
    to_check = "Still to check: anticoagulant (blood thinner)? Time-critical?"
    assert to_check in visitor.open(f"/residents/{joan}").text
    with app.app_context():
        ref = db.session.query(Medicine).one().ref
    visitor.open(f"/residents/{joan}/medicines/{ref}/risk")
    page = visitor.press({"kind": ["anticoagulant"]}, button="none=yes")
    assert page.path == f"/residents/{joan}"
    assert "Still to check" not in page.text
    assert "Anticoagulant" not in page.text
    visitor.open(f"/residents/{joan}/medicines/{ref}")
    page = visitor.press({"dose": "5 mg"})
    assert page.path == f"/residents/{joan}"
    visitor.open(f"/residents/{joan}/medicines/{ref}")
    assert visitor.press({"name": "Warfarin"}).path.endswith("/risk")


@on_sqlite
def test_a_stopped_medicine_stays_with_day_and_reason(
    app: Flask, cast: Cast, joan: str, visit: Visit
) -> None:
    with app.app_context():
        ref = household.medicine(cast, joan, "Ramipril", strength="5 mg", started_on="2026-01-01")
    visitor = visit("carer")
    path = f"/residents/{joan}/medicines/{ref}"
    visitor.open(f"{path}/stop")
    page = visitor.press({"stopped_on-year": "2025"})
    assert "Say why it was stopped" in page.text
    page = visitor.press({"stopped_why": "Too low, Dr Shah"})
    assert "This is before it was started" in page.text
    page = visitor.press({"stopped_on-day": "2", "stopped_on-month": "3", "stopped_on-year": "2026"})
    assert "Stopped medicines (1)" in page.text
    assert "Stopped Mon 2 Mar 2026: Too low, Dr Shah" in page.text
    assert "No medicines are listed" in page.text
    # It cannot be changed while it is stopped, but it can be put back.
    assert "Save" not in visitor.open(path).text
    visitor.open(f"/residents/{joan}")
    page = visitor.press(action=f"{path}/restart")
    assert "Ramipril: on the list again." in page.text
    assert "Stopped medicines" not in page.text


def test_a_second_change_of_a_medicine_is_told_of_the_first(app: Flask, cast: Cast, joan: str) -> None:
    carer = cast.actor("carer")
    with app.app_context():
        ref = household.medicine(cast, joan, "Ramipril", dose="1 capsule")
        medicine_list.change(
            carer, joan, ref, {"name": "Ramipril", "dose": "2 capsules"}, version=1, now=QUIET_MORNING
        )
        db.session.commit()
        for act in (
            lambda: medicine_list.change(
                carer, joan, ref, {"name": "Ramipril"}, version=1, now=QUIET_MORNING
            ),
            lambda: medicine_list.stop(
                carer,
                joan,
                ref,
                {"stopped_on": "2026-03-02", "stopped_why": "x"},
                version=1,
                now=QUIET_MORNING,
            ),
            lambda: medicine_list.mark(
                carer, joan, ref, kinds=[], time_critical=True, version=1, now=QUIET_MORNING
            ),
        ):
            with pytest.raises(Stale) as clash:
                act()
            assert clash.value.theirs["dose"] == "2 capsules"
            db.session.rollback()


def test_a_stopped_medicine_is_not_changed(app: Flask, cast: Cast, joan: str) -> None:
    carer = cast.actor("carer")
    with app.app_context():
        ref = household.medicine(cast, joan, "Ramipril")
        stopping = {"stopped_on": "2026-03-02", "stopped_why": "x"}
        row = medicine_list.stop(carer, joan, ref, stopping, version=1, now=QUIET_MORNING)
        with pytest.raises(Invalid):
            medicine_list.change(carer, joan, ref, {"name": "Other"}, version=row.version, now=QUIET_MORNING)


@on_sqlite
def test_a_clash_over_a_medicine_shows_both(app: Flask, cast: Cast, joan: str, visit: Visit) -> None:
    with app.app_context():
        ref = household.medicine(cast, joan, "Ramipril", dose="1 capsule")
    path = f"/residents/{joan}/medicines/{ref}"
    one, other = visit("carer"), visit("manager")
    one.open(path)
    other.open(path)
    other.press({"dose": "2 capsules"})
    page = one.press({"dose": "3 capsules", "marks": ["controlled"]})
    assert page.status == 409
    assert "Dose 2 capsules 3 capsules" in page.text
    assert "Tick what applies Not recorded Controlled drug" in page.text
    assert one.press().status == 200
    with app.app_context():
        assert db.session.query(Medicine).one().dose == "3 capsules"


@on_sqlite
def test_a_script_in_every_box_of_a_medicine_comes_out_as_text(joan: str, visit: Visit) -> None:
    visitor = visit("carer")
    visitor.open(f"/residents/{joan}/medicines/new")
    typed = {key: SCRIPT for key, value in PATCH.items() if isinstance(value, str) and "-" not in key}
    page = visitor.press(typed | {"code": "<b>", "route": SCRIPT, "marks": ["as_needed"]})
    pages = [page]
    link = next(href for words, href in page.links().items() if "alert(" in words)
    pages += [visitor.open(link), visitor.open(f"{link}/stop")]
    visitor.press({"stopped_why": SCRIPT, "stopped_on-year": "2026", "stopped_on-month": "1"})
    pages.append(visitor.page)
    for shown in pages:
        assert SCRIPT not in shown.response.text
        assert "&lt;script&gt;" in shown.response.text


@on_sqlite
def test_what_is_unlikely_is_asked_about_once_and_what_cannot_be_is_refused(
    app: Flask, joan: str, visit: Visit
) -> None:
    visitor = visit("carer")
    visitor.open(f"/residents/{joan}/medicines/new")
    page = visitor.press({"name": "Senna", "frequency": "twice a day", "times": "08:00, 25:00"})
    assert page.status == 422
    assert "25:00 is not a time of the day." in page.text
    visitor.press({"times": "20:00, 08:00"})
    with app.app_context():
        assert db.session.query(Medicine).one().times == "08:00, 20:00"
    visitor.open(f"/residents/{joan}/medicines/new")
    page = visitor.press({"name": "Senna", "strength": "7.5 g", "form": "tablets"})
    assert page.status == 422
    asked = [box.get("value", "") for box in page.tree.iter("input") if box.get("name") == "confirmed"]
    assert asked == [
        "Senna: 7.5 g is written. Is it mg?",
        "Senna is on the list already: Senna, twice a day.",
    ]
    assert visitor.press({"confirmed": asked[:1]}).status == 422
    visitor.press({"confirmed": asked})
    with app.app_context():
        assert db.session.query(Medicine).count() == 2
