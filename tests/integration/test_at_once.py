"""Many people at the same moment, over real connections and real commits, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from redbag.config import Settings
from redbag.database import db
from redbag.domain.bag_states import BagState
from redbag.models import AuditEntry, Bag, Label, RecordSection, Stay, TransferEvent, TransferItem
from redbag.services import audit, bags
from tests.cast import Cast
from tests.integration.walk import Walk
from tests.visitor import Fields, Visitor, filled

Visit = Callable[[str], Visitor]


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast).to("packed", "left")


def at_once(app: Flask, sends: list[tuple[Visitor, str, Fields]]) -> list[TestResponse]:
    """Sends each form from its person's browser, in a thread of its own, all at the same moment."""
    together, answers = threading.Barrier(len(sends)), dict[int, TestResponse]()

    def send(number: int, cookie: str, path: str, fields: Fields) -> None:
        client = app.test_client()
        client.set_cookie("redbag", cookie)
        together.wait()
        answers[number] = client.post(path, data=dict(fields))

    threads = []
    for number, (person, path, fields) in enumerate(sends):
        kept = person.client.get_cookie("redbag")
        assert kept is not None
        threads.append(threading.Thread(target=send, args=(number, kept.value, path, fields)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(sends))]


def chain_is_whole(app: Flask, settings: Settings) -> bool:
    with app.app_context():
        return all(whole for _, whole in audit.verify({settings.audit_key_id: settings.audit_key}))


def many(way: Walk, model: type, **wanted: object) -> int:
    def counted() -> int:
        return db.session.scalar(select(func.count()).select_from(model).filter_by(**wanted)) or 0

    return way.look(counted)


def test_the_same_form_twenty_times_at_once_acts_once(
    app: Flask, way: Walk, visit: Visit, settings: Settings
) -> None:
    nurse = visit("nurse")
    nurse.open(f"/b/{way.token}")
    path = f"/b/{way.token}/arrive"
    answers = at_once(app, [(nurse, path, filled(nurse.page.form(path), {}))] * 20)
    assert sorted(answer.status_code for answer in answers) == [302] * 19 + [303]
    assert len({answer.location for answer in answers}) == 1
    assert many(way, TransferEvent, action="arrive") == 1
    assert chain_is_whole(app, settings)


def test_two_nurses_scan_and_admit_in_the_same_second(
    app: Flask, cast: Cast, way: Walk, visit: Visit, settings: Settings
) -> None:
    """One admits; the other reads by whom, and what she had typed. Nothing is there twice."""
    way.to("arrived")
    sends = []
    for part, bed in (("nurse", "4"), ("hospital_manager", "9")):
        person = visit(part)
        page = person.open(f"/b/{way.token}/admit")
        form = page.form()
        wards = {"ward": cast.places["hospital"].wards["Willow"]} if part != "nurse" else {}
        sends.append(
            (person, form.get("action") or f"/b/{way.token}/admit", filled(form, {"bed": bed, **wards}))
        )
    answers = at_once(app, sends)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    first = [answer.status_code for answer in answers].index(303)
    name, bed, late = ("Priya Nair", "4", "9") if first == 0 else ("Ruth Bell", "9", "4")
    told = answers[1 - first].text
    assert "Already admitted" in told
    assert f"by {name}, St Brannock’s Hospital" in told
    assert "Nothing of yours was recorded." in told
    assert late in told
    assert way.fact("bed") == bed
    assert many(way, TransferEvent, action="admit") == 1
    assert many(way, Stay) == 1
    assert many(way, AuditEntry, kind="transfer.event", subject_ref=way.ref) == 4
    assert chain_is_whole(app, settings)


def test_two_carers_save_one_section_in_the_same_second(
    app: Flask, way: Walk, visit: Visit, settings: Settings
) -> None:
    """The second sees both versions and keeps what they typed."""
    path = f"/residents/{way.way.resident_ref}/record/wishes"
    sends = []
    for part, words in (("carer", "In her own room"), ("manager", "At her daughter’s")):
        person = visit(part)
        fields = filled(person.open(path).form(path), {"place_of_care": words})
        sends.append((person, path, fields))
    answers = at_once(app, sends)
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    told = next(answer.text for answer in answers if answer.status_code == 409)
    assert "In her own room" in told
    assert "At her daughter’s" in told
    kept = way.look(lambda: db.session.query(RecordSection).filter_by(key="wishes").one())
    assert kept.version == 1
    assert chain_is_whole(app, settings)


def lose_the_bag(way: Walk, cast: Cast) -> None:
    """The home says that the bag is lost: its label stops working, and another stands in its place."""

    def act() -> None:
        bag = db.session.query(Bag).one()
        transfer = way.way.transfer
        bags.change_state(cast.actor("manager"), bag, BagState.LOST, "", way.way.now, transfer=transfer)

    way.write(act)


def test_a_label_revoked_in_the_middle_of_a_check_in_loses_nothing_that_was_marked(
    app: Flask, cast: Cast, way: Walk, visit: Visit, settings: Settings
) -> None:
    way.to("arrived", "admitted")
    token = way.token
    nurse = visit("nurse")
    nurse.open(f"/b/{token}/check-in")
    things = way.look(lambda: {one.description: one.ref for one in db.session.query(TransferItem)})
    lose_the_bag(way, cast)
    assert many(way, Label) == 2
    typed = {
        f"item-{things['Dentures, upper']}": "missing",
        f"note-{things['Dentures, upper']}": "Not in the pot",
        "added": "A blue cardigan",
    }
    page = nurse.press(typed)
    assert page.status == 409
    assert "The label was replaced while this page was open" in page.text
    assert "A blue cardigan" in page.text
    assert "Not in the pot" in page.response.text
    assert many(way, TransferEvent, action="check_belongings") == 0
    assert page.form().get("action") == f"/ward/transfers/{way.ref}/check-in"
    page = nurse.press()
    assert page.status == 200
    assert "Dentures, upper missing" in page.text
    assert "A blue cardigan" in way.look(lambda: [one.description for one in db.session.query(TransferItem)])
    assert chain_is_whole(app, settings)


def test_a_revoked_label_takes_no_check_in_of_anybody_else(
    app: Flask, cast: Cast, way: Walk, visit: Visit
) -> None:
    way.to("arrived", "admitted")
    other = visit("other_nurse")
    page = other.open(f"/b/{way.token}/check-in")
    path, fields = page.form().get("action") or "", filled(page.form(), {})
    lose_the_bag(way, cast)
    answer = other.client.post(path, data=dict(fields))
    assert answer.status_code == 404
    assert "This label no longer works: ring the home." in answer.text
