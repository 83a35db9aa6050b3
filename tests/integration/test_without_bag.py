"""The pack without the bag: for exactly one person, for a reason, for an hour, and the home is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import begin_write, db
from redbag.models import AuditEntry, EmergencyLook, Task
from redbag.services import transfers
from tests.cast import PASSPHRASE, Cast
from tests.integration import household
from tests.integration.pathway import Pathway
from tests.visitor import Page, Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ASKED = {
    "nhs_number": "999 000 0018",
    "date_of_birth-day": "3",
    "date_of_birth-month": "11",
    "date_of_birth-year": "1938",
    "reason": "Arrived without the bag, unconscious",
    "current_passphrase": PASSPHRASE,
}


@pytest.fixture
def visit(app: Flask, cast: Cast) -> Callable[[str], Visitor]:
    """Browsers in which people signed in a while ago: they are asked for their passphrase once more."""
    return lambda part: Visitor(cast.browser(app, part, fresh=False))


def ask(visitor: Visitor, **changed: str) -> Page:
    """The passphrase is typed where it is asked for: not again within five minutes."""
    page = visitor.open("/ward/without-bag")
    typed = {**ASKED, **changed}
    if "current_passphrase" not in page.response.text:
        del typed["current_passphrase"]
    return visitor.press(typed, action="/ward/without-bag")


def test_opened_for_an_hour_told_to_the_home_and_reviewed(
    app: Flask, cast: Cast, way: Pathway, visit: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        ref = way.packed().left().transfer.ref
    nurse = visit("nurse")
    page = ask(nurse)
    assert "Opened without the bag" in page.text
    assert "Agnes Obi" in page.text
    assert "Warfarin" in page.text
    address = page.path

    manager, carer = visit("manager"), visit("carer")
    told = carer.open("/attention")
    assert "The pack was opened at a hospital without the bag" in told.text
    assert "unconscious" in told.text
    looks = carer.open(f"/transfers/{ref}/emergency-looks")
    assert "The manager reviews this" in looks.text
    review = f"/transfers/{ref}/emergency-looks/{_look(app).ref}"
    manager.open(f"/transfers/{ref}/emergency-looks")
    assert manager.press({}, action=review).status == 422
    done = manager.press({"review": "right", "note": "Rang the department"}, action=review)
    assert "Rang the department" in done.text
    assert "opened at a hospital" not in carer.open("/attention").text

    assert visit("hospital_manager").open(address).status == 404, "a look is its opener's alone"
    with app.app_context():
        begin_write()
        look = db.session.scalars(select(EmergencyLook)).one()
        look.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        db.session.commit()
        kinds = set(db.session.scalars(select(AuditEntry.kind).filter_by(subject_ref=ref)))
    assert nurse.open(address).status == 404
    assert kinds >= {"emergency.opened", "emergency.read", "emergency.reviewed"}


def _look(app: Flask) -> EmergencyLook:
    with app.app_context():
        return db.session.scalars(select(EmergencyLook)).one()


@on_sqlite
@pytest.mark.parametrize(
    ("field", "changed", "said"),
    [
        ("nhs_number", {"nhs_number": "999 000 0026"}, "No pack is on its way"),
        ("nhs_number", {"date_of_birth-year": "1939"}, "No pack is on its way"),
        ("nhs_number", {"nhs_number": "999 000 0019"}, "two are swapped. Look again."),
        ("reason", {"reason": "because"}, "Say in a few words"),
        ("current_passphrase", {"current_passphrase": "another passphrase"}, "not your current passphrase"),
    ],
)
def test_what_does_not_fit_opens_nothing(
    app: Flask,
    way: Pathway,
    visit: Callable[[str], Visitor],
    field: str,
    changed: dict[str, str],
    said: str,
) -> None:
    with app.app_context():
        way.packed().left()
    page = ask(visit("nurse"), **changed)
    assert page.status == 422
    assert said in page.text
    assert ASKED["reason"] in page.response.text or field == "reason", "nothing typed is lost"
    assert PASSPHRASE not in page.response.text
    with app.app_context():
        assert not db.session.scalars(select(EmergencyLook)).all()
        assert not db.session.scalars(select(Task).filter_by(kind="emergency_look")).all()


@on_sqlite
def test_a_person_without_a_pack_and_nobody_get_the_same_answer_and_guesses_are_counted(
    app: Flask, way: Pathway, visit: Callable[[str], Visitor]
) -> None:
    nurse = visit("nurse")
    known = ask(nurse)
    unknown = ask(nurse, nhs_number="999 000 0026")
    assert known.status == unknown.status == 422
    assert "No pack is on its way" in known.text
    assert known.text.replace("999 000 0018", "") == unknown.text.replace("999 000 0026", "")
    for _ in range(10):
        last = ask(nurse)
    assert "Too many tries" in last.text or "Wait" in last.text
    with app.app_context():
        way.packed().left()
    assert ask(nurse).status == 422, "also for the right person now"
    assert ask(visit("hospital_manager")).status == 200, "and nobody else is locked out"


@on_sqlite
def test_two_homes_with_one_number_are_both_named(
    app: Flask, cast: Cast, way: Pathway, visit: Callable[[str], Visitor]
) -> None:
    """The newest journey's pack was shown, and nothing of the other: whoever opens one for somebody else's
    number put their own in place of it."""
    with app.app_context():
        way.packed().left()
    assert "Two homes" not in ask(visit("nurse")).text
    with app.app_context():
        born = {"date_of_birth": "1938-11-03", "nhs_number": "9990000018", "nhs_not_known": None}
        other = household.add(cast, "Agnes", "Moss", part="outsider", **born)
        begin_write()
        outsider, now = cast.actor("outsider"), datetime.now(UTC)
        made = transfers.open_(outsider, other, reason="fall", journey_type="emergency", why_now={}, now=now)
        transfers.hand_to_crew(outsider, made.ref, crew="B1", infection_told=False, occurred_at=now, now=now)
        db.session.commit()
    page = ask(visit("nurse"))
    assert "Agnes Moss" in page.text
    assert "Rowan House has a journey open for the same NHS number" in page.text
    assert "This pack is Larch Lodge’s" in page.text
