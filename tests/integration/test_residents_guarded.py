"""Residents are kept from other homes, their words from becoming markup, and each look leaves a trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.errors import NotFound
from redbag.models import AuditEntry, Resident
from redbag.queries import residents
from tests.cast import Cast
from tests.integration import household
from tests.integration.counting import counted
from tests.integration.household import SCRIPT
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


def _routes(ref: str, medicine: str) -> list[tuple[str, str]]:
    person = f"/residents/{ref}"
    one = f"{person}/medicines/{medicine}"
    seen = ["", "/edit", "/leave", "/record/alerts", "/medicines/new"]
    sent = ["/edit", "/leave", "/come-back", "/record/alerts", "/record/alerts/reviewed", "/medicines/new"]
    return [
        *(("GET", person + path) for path in seen),
        *(("POST", person + path) for path in sent),
        *(("GET", one + path) for path in ("", "/risk", "/stop")),
        *(("POST", one + path) for path in ("", "/risk", "/stop", "/restart")),
    ]


@on_sqlite
def test_another_homes_resident_is_not_found_on_any_page(app: Flask, cast: Cast) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        medicine = household.medicine(cast, ref, "Apixaban")
    app.config["WTF_CSRF_ENABLED"] = False
    answers = {
        "family_name": "Taken",
        "nhs_not_known": "yes",
        "date_of_birth": "1938-01-01",
        "left_why": "moved",
        "left_on": "2026-01-01",
        "name": "Taken",
        "stopped_on": "2026-01-01",
        "stopped_why": "x",
        "version": "1",
    }
    expected = {"outsider": 404, "nurse": 403, "administrator": 403, "oversight": 403}
    for part, status in expected.items():
        client = cast.browser(app, part)
        for method, path in _routes(ref, medicine):
            data = answers if method == "POST" else None
            response = client.open(path, method=method, data=data)
            assert response.status_code == status, (part, method, path, response.status_code)
            assert "Joan" not in response.text
    # A medicine is found under its own resident only.
    with app.app_context():
        theirs = household.add(cast, "Ann", "Other", part="outsider")
    client = cast.browser(app, "outsider")
    assert client.get(f"/residents/{theirs}/medicines/{medicine}").status_code == 404
    with app.app_context():
        row = db.session.query(Resident).filter_by(ref=ref).one()
        assert (row.family_name, row.left_on, row.version) == ("Smith", None, 1)


def test_a_resident_of_another_home_is_not_found_by_the_service(app: Flask, cast: Cast) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        for part in ("outsider", "nurse", "administrator", "oversight"):
            with pytest.raises(NotFound):
                residents.get(cast.actor(part), ref)


@on_sqlite
def test_a_script_in_every_box_comes_out_as_text(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(
            cast,
            SCRIPT,
            SCRIPT,
            preferred_name=SCRIPT,
            room=SCRIPT[:20],
            gp_practice=SCRIPT,
            first_language=SCRIPT,
        )
        household.add(cast, SCRIPT, SCRIPT)
    visitor = visit("carer")
    for path in ("", "/edit", "/leave", "/record/alerts", "/medicines/new"):
        html = visitor.open(f"/residents/{ref}{path}").response.text
        assert SCRIPT not in html
        assert "&lt;script&gt;" in html
    html = visitor.open("/residents").response.text
    assert SCRIPT not in html
    assert "&lt;script&gt;" in html
    assert SCRIPT not in visitor.open(f"/residents?q={SCRIPT}").response.text


@on_sqlite
def test_looking_and_changing_leave_their_trace(app: Flask, cast: Cast, visit: Visit) -> None:
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
    visitor = visit("carer")
    visitor.open("/residents")
    visitor.open(f"/residents/{ref}/edit")
    visitor.press({"room": "14"})
    with app.app_context():
        trail = db.session.query(AuditEntry).order_by(AuditEntry.id).all()
    kinds = [(entry.kind, entry.subject_ref) for entry in trail]
    assert ("resident.listed", cast.places["home"].ref) in kinds
    assert ("resident.read", ref) in kinds
    changed = next(entry for entry in trail if entry.kind == "resident.changed")
    assert changed.details == {"fields": ["room"]}
    assert "14" not in str(changed.details)


@on_sqlite
def test_the_reads_of_one_resident_do_not_grow_with_their_record(
    app: Flask, cast: Cast, visit: Visit
) -> None:
    visitor = visit("carer")
    with app.app_context():
        ref = household.add(cast, "Joan", "Smith")
        household.record(cast, ref, "wishes", {"place_of_care": "Here"})
        household.medicine(cast, ref, "Ramipril")
    with counted(app) as few:
        visitor.open(f"/residents/{ref}")
    with app.app_context():
        for key in ("alerts", "needs", "history"):
            household.record(cast, ref, key, {"choking": "no"})
        for number in range(14):
            household.medicine(cast, ref, f"Medicine {number}", marks=["time_critical"])
        household.add(cast, "John", "Smyth")
    with counted(app) as many:
        visitor.open(f"/residents/{ref}")
    assert len(many) == len(few)
