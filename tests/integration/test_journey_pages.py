"""The home's board and the pages of one journey: what to do next, what the hospital said, corrections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.custody import Status, Step
from redbag.domain.london_time import format_moment
from redbag.models import Stay, Task, Transfer, TransferEvent
from redbag.services import corrections, records, stays, transfers
from redbag.services.stays import Known
from tests.cast import Cast
from tests.integration.pathway import Pathway, write
from tests.visitor import Page, Visitor, moment

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Pathway:
    with app.app_context():
        return Pathway(cast, datetime.now(UTC) - timedelta(hours=10))


def main_act(page: Page) -> str:
    """The words of the biggest button."""
    acts = next(e for e in page.tree.iter("div") if e.get("class") == "rb-acts")
    return "".join(next(acts.iter("a")).itertext()).strip()


def place(cast: Cast, ward: str, key: str = "hospital") -> str:
    """A choice of the “Where” list."""
    where = cast.places[key]
    return f"{where.ref}:{where.wards[ward]}" if ward else where.ref


def test_an_empty_board_says_what_to_do(visit: Visit) -> None:
    page = visit("carer").open("/transfers")
    assert "Nobody is out." in page.text
    assert "/residents" in page.links().values()


def test_the_board_says_who_is_out_where_the_bag_is_and_what_is_late(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left()
    page = visit("manager").open("/transfers")
    assert "Agnes Obi Handed to crew" in page.text
    assert "Bag 012: with the crew" in page.text
    assert "Not scanned 6 hours after leaving: ring the hospital" in page.text
    assert page.links()["Record what the hospital says: Agnes Obi"] == f"/transfers/{way.ref}/tell"


@pytest.mark.parametrize(
    ("steps", "act"),
    [
        (["packed"], "Go on: print and hand to crew"),
        (["packed", "left"], "Record what the hospital told you"),
        (["packed", "left", "admitted"], "Finish the pack"),
        (["packed", "left", "admitted", "going_home"], "Back home"),
        (["packed", "left", "admitted", "going_home", "received"], "Settle and close"),
    ],
)
def test_the_next_act_is_the_biggest_thing(
    app: Flask, visit: Visit, way: Pathway, steps: list[str], act: str
) -> None:
    with app.app_context():
        for step in steps:
            getattr(way.after(minutes=30), step)()
    page = visit("carer").open(f"/transfers/{way.ref}")
    assert main_act(page) == act
    buttons = [a.get("class", "") for a in page.tree.iter("a") if a.text == "Back home"]
    assert all("nhsuk-button" not in look for look in buttons) or act == "Back home"


def test_a_changed_alert_makes_a_task_that_names_who_was_told(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left().after(minutes=30).admitted()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/doses")
    with app.app_context():
        warfarin = next(m.ref for m in way.transfer.resident.medicines if m.name == "Warfarin")
    page = carer.press({f"{warfarin}-answer": "given", f"{warfarin}-when": "18:00 yesterday"})
    assert "Tell the hospital what has changed" in page.text
    with app.app_context():
        task = db.session.query(Task).one().ref
    action = f"/transfers/{way.ref}/tasks/{task}"
    page = carer.press(action=action)
    assert page.status == 422
    assert "Write who you told." in page.text
    page = carer.press({"told": "Sister May"}, action=action)
    assert "Ring the ward" not in page.text
    with app.app_context():
        assert db.session.query(Task).one().told == "Sister May"


def test_what_the_hospital_says_by_telephone_is_marked_so(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/tell/arrived")
    page = carer.press({"place": place(cast, "Emergency Department"), "with_bag": "yes"})
    assert page.status == 422
    assert "Write who told you." in page.text
    page = carer.press({"told_by": "Sister May"})
    assert page.heading == "Arrived"
    assert page.text.count("telephone") == 2  # the message and the line
    assert "told by Sister May, by telephone" in page.text
    assert "Joy Adeyemi, Carer, Rowan House, at St Brannock’s Hospital, Emergency Department" in page.text
    carer.open(f"/transfers/{way.ref}/tell/admitted")
    assert carer.press({"place": place(cast, "Willow"), "told_by": "Ward clerk"}).heading == "Admitted"
    carer.open(f"/transfers/{way.ref}/tell/moved")
    carer.press({"place": place(cast, "Poplar"), "told_by": "Ward clerk"})
    assert "St Brannock’s Hospital, Poplar" in carer.page.text
    carer.open(f"/transfers/{way.ref}/tell/moved")
    carer.press({"place": place(cast, "", "other_hospital"), "told_by": "Ward clerk"})
    assert "Combe General Hospital" in carer.page.text
    carer.open(f"/transfers/{way.ref}/tell/home")
    assert carer.press({"told_by": "Ward clerk", "bag": "with_person"}).heading == "Going home"
    with app.app_context():
        told = db.session.query(TransferEvent).filter_by(source="phone").all()
        assert [e.action for e in told] == ["arrive", "admit", "move_ward", "move_hospital", "discharge"]
        assert all(e.data["told_by"] for e in told)


def test_only_what_can_follow_is_offered_and_taken(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed().left()
    carer = visit("carer")
    page = carer.open(f"/transfers/{way.ref}/tell")
    assert {"Arrived", "Admitted", "They have died"} <= set(page.links())
    assert "Going home" not in page.links()
    assert carer.open(f"/transfers/{way.ref}/tell/home").status == 409
    assert carer.open(f"/transfers/{way.ref}/tell/nonsense").status == 404


def test_the_home_speaks_to_the_ward_and_gives_its_word(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed().left().after(minutes=30).admitted()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/home-contact")
    assert carer.press({"told": ""}).status == 422
    carer.press({"told": "Sister May", "note": "Eating again"})
    assert "Spoke to Sister May" in carer.page.text or "spoke to Sister May" in carer.page.text
    carer.open(f"/transfers/{way.ref}/home-word")
    page = carer.press({"word": "conditions", "who": "Joy"})
    assert page.status == 422
    assert "Write the conditions" in page.text
    carer.press({"conditions": "With a hospital bed"})
    assert "With a hospital bed" in carer.page.text


def test_the_latest_step_is_undone_with_a_reason_and_stays_crossed_out(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left()
        event = db.session.query(TransferEvent).filter_by(action="hand_to_crew").one().ref
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/steps/{event}")
    assert carer.press(button="what=undo").status == 422
    page = carer.press({"reason": "Wrong ambulance"}, button="what=undo")
    assert page.heading == "Being packed"
    assert "taken back" in page.text
    assert "Wrong ambulance" in page.text


def test_undo_is_not_offered_where_something_depends_on_the_step(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left()
        begin_write()
        carer, where = cast.actor("carer"), stays.told_place(cast.places["hospital"].ref)
        known = Known(way.now, way.now, source="phone", told_by="Sister May")
        stays.arrive(carer, way.transfer, where, known, with_bag=True)
        transfers.home_contact(carer, way.ref, told="Sister", note="", occurred_at=way.now, now=way.now)
        db.session.commit()
        event = db.session.query(TransferEvent).filter_by(action="arrive").one().ref
        assert not corrections.may_undo(way.transfer, event)
    page = visit("carer").open(f"/transfers/{way.ref}/steps/{event}")
    assert "Only the latest step can be undone" in page.text


def test_a_time_is_corrected_by_the_home_that_recorded_it(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed().left().after(minutes=30).admitted()
        events = {e.action: e.ref for e in db.session.query(TransferEvent)}
        earlier = way.now - timedelta(hours=2)
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/steps/{events['hand_to_crew']}")
    typed = moment("occurred_at", earlier) | {"reason": "Clock"}
    page = carer.press(typed, button="what=time")
    assert page.status == 200
    assert f"corrected to {format_moment(earlier)}" in page.text
    assert carer.open(f"/transfers/{way.ref}/steps/{events['admit']}").status == 404  # the ward's words


def test_a_missing_thing_says_where_it_was_last_seen(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed().left().after(minutes=30).admitted()
        way.after(minutes=10).checked("nurse", Step.ADMISSION, dentures=Status.MISSING)
    page = visit("carer").open(f"/transfers/{way.ref}")
    assert "Dentures, upper: missing" in page.text
    assert "Lost between packing" in page.text
    assert "crew B412" in page.text


def test_a_bag_that_stayed_behind_is_said_to_be_here_and_the_trouble_goes(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left()
    carer = visit("carer")
    carer.open(f"/transfers/{way.ref}/tell/arrived")
    carer.press({"place": place(cast, "Willow"), "with_bag": "no", "told_by": "Sister May"})
    assert "Arrived without the bag: find it" in carer.page.text
    carer.open(f"/transfers/{way.ref}/bag-here")
    page = carer.press(button="where=here")
    assert "Arrived without the bag" not in page.text
    assert carer.open(f"/transfers/{way.ref}/bag-here").status == 200
    assert carer.press(button="where=lost").status == 409  # it is no longer on the way
    with app.app_context():
        assert db.session.query(Transfer).one().bag.state == "to_clean"


def test_another_organisation_cannot_write(app: Flask, visit: Visit, way: Pathway) -> None:
    with app.app_context():
        way.packed().left()
    for part in ("outsider", "nurse", "administrator"):
        visitor = visit(part)
        for page in ("tell/arrived", "home-contact", "handover", "receive", "finish", "bag-here", "print"):
            visitor.open("/account")
            status = visitor.client.post(
                f"/transfers/{way.ref}/{page}", data={"csrf_token": _token(visitor), "told": "x"}
            ).status_code
            assert status in (403, 404), (part, page)


def _token(visitor: Visitor) -> str:
    field = next(e for e in visitor.page.tree.iter("input") if e.get("name") == "csrf_token")
    return field.get("value", "")


def test_seen_and_sent_back_is_told_at_once_where_nobody_recorded_the_arrival(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left()
        left = way.now
    carer = visit("carer")
    assert "Seen and sent back" in carer.open(f"/transfers/{way.ref}/tell").links()
    carer.open(f"/transfers/{way.ref}/tell/seen-and-sent-back")
    page = carer.press({"place": "", "told_by": "", **moment("occurred_at", left - timedelta(hours=9))})
    assert page.status == 422
    for sentence in (
        "Write who told you.",
        "Choose the hospital, and the ward if you know it.",
        "Give the day and time, about, when they arrived.",
    ):
        assert sentence in page.text  # all that is missing is said at once
    before = left - timedelta(minutes=20)
    typed = {"place": place(cast, "Emergency Department"), "told_by": "Sister May", "bag": "with_person"}
    page = carer.press(typed | moment("reached_at", before) | moment("occurred_at", left))
    assert page.status == 422
    assert page.links()[
        f"The arrival is before the bag left the home ({format_moment(left)}). Check the time."
    ]
    arrived = left + timedelta(minutes=10)
    page = carer.press(moment("reached_at", arrived) | moment("occurred_at", left + timedelta(minutes=40)))
    assert page.heading == "Going home"
    with app.app_context():
        told = db.session.query(TransferEvent).filter_by(source="phone").all()
        assert [event.action for event in told] == ["arrive", "send_back"]
        assert db.session.query(Stay).count() == 0
        assert way.transfer.admitted_at is None
    assert "Seen and sent back" not in carer.open(f"/transfers/{way.ref}/tell").links()


def test_the_newest_pack_stands_on_top_and_earlier_ones_are_folded(
    app: Flask, cast: Cast, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left().after(minutes=5)
        for version, choking in enumerate(("yes", "no"), start=1):
            begin_write()
            said = {"choking": choking, "cpr_decision": "attempt", "allergy_status": "none_known"}
            records.save(cast.actor("carer"), way.resident_ref, "alerts", said, version=version, now=way.now)
            db.session.commit()
    page = visit("carer").open(f"/transfers/{way.ref}")
    assert "The hospital sees version 3" in page.text
    assert "Earlier versions (2)" in page.text
    folded = [" ".join("".join(one.itertext()).split()) for one in page.tree.iter("details")]
    (earlier,) = [text for text in folded if text.startswith("Earlier versions")]
    assert earlier.index("Version 2,") < earlier.index("Version 1,")
    assert "Version 3" not in earlier
    assert "Changed: " in earlier


def test_once_they_have_left_the_hospital_is_told_nothing_and_the_summary_stands_there(
    app: Flask, visit: Visit, way: Pathway
) -> None:
    with app.app_context():
        way.packed().left().after(minutes=30).admitted()
        task = Task(
            organisation_id=way.transfer.home_id, transfer_id=way.transfer.id, kind="ring_ward", detail="CPR"
        )
        task.due_at = task.created_at = way.now
        write(lambda: db.session.add(task))
    carer = visit("carer")
    for page in ("/attention", f"/transfers/{way.ref}"):
        assert "Tell the hospital what has changed" in carer.open(page).text
    with app.app_context():
        way.after(hours=1).going_home()
    for page in ("/attention", f"/transfers/{way.ref}"):
        assert "Tell the hospital what has changed" not in carer.open(page).text
    assert "Discharge summary: printed, in the bag." in carer.page.text
