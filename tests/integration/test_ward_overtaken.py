"""Two people on one stay: the second sees what the first recorded, and nothing happens unseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain.london_time import format_moment
from redbag.models import TransferEvent
from tests.cast import Cast
from tests.integration.test_ward_leaving import LEAVING
from tests.integration.walk import Walk
from tests.visitor import Visitor, filled

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Admitted to Willow."""
    return Walk(app, cast).to("packed", "left", "arrived", "admitted")


def steps(way: Walk, action: str) -> list[TransferEvent]:
    return way.look(lambda: db.session.query(TransferEvent).filter_by(action=action).all())


@on_sqlite
@pytest.mark.parametrize("page", ["dates", "move", "move-hospital", "leave", "elsewhere", "admit"])
def test_a_page_opened_too_late_says_who_was_first(way: Walk, visit: Visit, page: str) -> None:
    way.to("going_home")
    nurse = visit("nurse")
    answer = nurse.open(f"/ward/transfers/{way.ref}/{page}")
    assert answer.status == 409
    assert answer.heading == "They have left already"
    left = format_moment(way.fact("ended_at"))
    assert (
        f"Already left at {left} (by Priya Nair, St Brannock’s Hospital, Willow, as “Going home”)"
        in answer.text
    )
    assert "what you typed" not in answer.text
    nurse.open(answer.links()["Undo “Going home”"])
    nurse.press()
    assert way.fact("state") == "admitted"


@on_sqlite
def test_a_step_that_does_not_follow_is_a_plain_refusal(way: Walk, visit: Visit) -> None:
    way.to("going_home")
    answer = visit("nurse").open(f"/ward/transfers/{way.ref}/check-in")
    assert answer.status == 409
    assert answer.heading == "Something changed meanwhile"
    assert "what you typed" not in answer.text


@on_sqlite
def test_two_nurses_send_somebody_home_and_the_second_reads_her_own_words(way: Walk, visit: Visit) -> None:
    nurse, colleague = visit("nurse"), visit("hospital_manager")
    for person in (nurse, colleague):
        person.open(f"/ward/transfers/{way.ref}/leave")
    colleague.press(LEAVING)
    page = nurse.press({**LEAVING, "follow_up": "Fracture clinic 3 Dec"})
    assert page.status == 409
    assert "(by Ruth Bell, St Brannock’s Hospital, as “Going home”)" in page.text
    assert "Nothing of yours was recorded." in page.text
    assert "Fracture clinic 3 Dec" in page.text
    assert "Yes, it can" in page.text


@on_sqlite
def test_a_move_from_an_old_page_shows_the_other_move_first(way: Walk, visit: Visit) -> None:
    nurse, colleague = visit("nurse"), visit("hospital_manager")
    for person in (nurse, colleague):
        person.open(f"/ward/transfers/{way.ref}/move")
    wards = way.cast.places["hospital"].wards
    colleague.press({"ward": wards["Poplar"], "bed": "J2"})
    page = nurse.press({"ward": wards["Emergency Department"], "bed": "P9"})
    assert page.status == 409
    assert "Ruth Bell recorded “Moved ward” after you opened this page" in page.text
    assert "Poplar Emergency Department" in page.text
    assert "J2 P9" in page.text
    assert (way.look(lambda: way.way.transfer.ward.name), way.fact("bed")) == ("Poplar", "J2")
    nurse.press()
    assert (way.look(lambda: way.way.transfer.ward.name), way.fact("bed")) == ("Emergency Department", "P9")


@on_sqlite
def test_going_home_is_undone_only_after_its_page_has_named_it(way: Walk, visit: Visit) -> None:
    way.to("going_home")
    nurse = visit("nurse")
    [gone] = steps(way, "discharge")
    undo = f"/ward/transfers/{way.ref}/steps/{gone.ref}/undo"
    page = nurse.open(f"/ward/transfers/{way.ref}")
    assert f'action="{undo}"' not in page.response.text
    page = nurse.open(page.links()["Undo “Going home”"])
    assert page.heading.endswith("Undo “Going home”?")
    assert "Taken back, they are “Admitted” again: Willow, bed 4." in page.text
    tokens = [(name, value) for name, value in filled(page.form(), {}) if name == "csrf_token"]
    assert nurse.post(undo, tokens).status == 422
    assert way.fact("state") == "going_home"
    nurse.press(action=undo)
    assert "Taken back. They are now “Admitted”." in nurse.page.text
    old = nurse.post(undo, [*tokens, ("sure", gone.ref)])
    assert old.status == 409
    assert "That step was taken back already." in old.text
    assert nurse.open(undo).status == 409


@on_sqlite
def test_an_undo_on_an_old_page_never_takes_another_step_back(way: Walk, visit: Visit) -> None:
    nurse, colleague = visit("nurse"), visit("hospital_manager")
    nurse.open(f"/ward/transfers/{way.ref}")
    [admitted] = steps(way, "admit")
    colleague.open(f"/ward/transfers/{way.ref}/move")
    colleague.press({"ward": way.cast.places["hospital"].wards["Poplar"]})
    page = nurse.press(action=f"/ward/transfers/{way.ref}/steps/{admitted.ref}/undo")
    assert page.status == 409
    assert "Only the latest step can be undone; that is: Moved ward." in page.text
    assert (way.fact("state"), way.look(lambda: way.way.transfer.ward.name)) == ("admitted", "Poplar")
