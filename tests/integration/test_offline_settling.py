"""What a tablet sends and somebody else did meanwhile: both versions are told, and its person settles it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from redbag.database import db
from redbag.domain.bag_code import with_check
from redbag.models import IdempotencyKey, Label, Signature, Transfer, TransferEvent, TransferItem
from redbag.services import blank_labels, labels, stays, transfers
from tests.cast import Cast
from tests.integration.tablet import Sender
from tests.integration.walk import Walk
from tests.visitor import Visitor, filled

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SIGNED = "[[[20,150],[80,40],[140,160]],[[200,60],[260,140]]]"


@pytest.fixture
def walk(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast, hours=70 * 24)


@pytest.fixture
def tablet(app: Flask, cast: Cast) -> Sender:
    return Sender(cast.browser(app, "carer"))


@pytest.fixture
def other(app: Flask, cast: Cast) -> Sender:
    """The manager's tablet, in another room."""
    return Sender(cast.browser(app, "manager"))


def the_transfer() -> Transfer:
    return db.session.scalars(select(Transfer)).one()


def seen(tablet: Sender, page: str) -> str:
    """What the tablet's copy says that the page of the journey was opened on."""
    (agnes,) = tablet.client.get("/offline/copy").get_json()["residents"]
    return str((agnes["journey"] or agnes)["seen"][page])


def settles(tablet: Sender, path: str, typed: dict[str, str], key: str, minutes_ago: float = 120) -> Visitor:
    """The person opens what was refused: their own form is sent as an ordinary page would send it."""
    visitor = Visitor(tablet.client)
    fields = {**typed, **tablet.beside(minutes_ago, key), "settling": "1"}
    visitor.post(path, list(fields.items()))
    return visitor


def test_two_tablets_that_send_one_person_make_one_journey(walk: Walk, tablet: Sender, other: Sender) -> None:
    path = tablet.sends_off(walk.way.resident_ref, situation="Found on the floor at three")
    send = f"/residents/{walk.way.resident_ref}/send"
    told = other.send(send, {"reason": "stroke", "journey_type": "emergency", "situation": "Cannot speak"})
    assert (told["done"], told["joined"], told["location"]) == (True, True, f"{path}/ready")
    assert "already begun to send Agnes Obi" in told["said"][0]
    assert "seen" not in told, "what stands there is a colleague’s"
    why = {"seen": "", "reason": "stroke", "situation": "Cannot speak"}
    told = other.send(f"{path}/why", why)
    assert (told["done"], told["status"]) == (False, 409)
    both = {one["label"]: (one["now"], one["typed"]) for one in told["conflict"]}
    assert both["What happened"] == ("Found on the floor at three", "Cannot speak")
    assert both["Main reason"] == ("Fall", "Stroke signs")


@on_sqlite
def test_the_same_page_twice_is_no_quarrel_with_oneself(walk: Walk, tablet: Sender) -> None:
    path = tablet.sends_off(walk.way.resident_ref)
    first = tablet.send(f"{path}/observations", {"seen": seen(tablet, "observations"), "pulse": "90"})
    again = {"seen": first["seen"]["observations"], "pulse": "96"}
    assert tablet.send(f"{path}/observations", again, minutes_ago=100)["done"]
    line = {"lines": "1", "thing-0-name": "Book", "thing-0-on": "yes", "thing-0-carried": "in_bag"}
    first = tablet.send(f"{path}/belongings", line | {"seen": seen(tablet, "belongings")})
    second = tablet.send(f"{path}/belongings", line | {"seen": first["seen"]["belongings"]}, minutes_ago=99)
    assert second["done"]
    doses = {"ordinary": "not_known", "ordinary_note": "", "seen": seen(tablet, "doses")}
    first = tablet.send(f"{path}/doses", doses)
    assert tablet.send(f"{path}/doses", doses | {"seen": first["seen"]["doses"]}, minutes_ago=98)["done"]
    why = {"seen": seen(tablet, "why_now"), "reason": "fall", "situation": "Fell twice"}
    first = tablet.send(f"{path}/why", why)
    assert tablet.send(f"{path}/why", why | {"seen": first["seen"]["why_now"]}, minutes_ago=97)["done"]


@on_sqlite
def test_two_lists_of_belongings_are_both_told(walk: Walk, tablet: Sender, other: Sender) -> None:
    path = tablet.sends_off(walk.way.resident_ref)
    line = {
        "lines": "1",
        "thing-0-on": "yes",
        "thing-0-carried": "in_bag",
        "seen": seen(tablet, "belongings"),
    }
    assert tablet.send(f"{path}/belongings", line | {"thing-0-name": "Book"})["done"]
    told = other.send(f"{path}/belongings", line | {"thing-0-name": "Slippers"})
    assert (told["status"], told["conflict"]) == (
        409,
        [{"label": "What goes along", "now": "Book", "typed": "Slippers"}],
    )
    page = settles(other, f"{path}/belongings", line | {"thing-0-name": "Slippers"}, "k1").page
    assert page.status == 409
    assert "Both lists are ticked below" in page.text


def test_a_refused_form_is_mended_on_the_servers_page_under_its_own_key(walk: Walk, tablet: Sender) -> None:
    path = tablet.sends_off(walk.way.resident_ref)
    typed = {"seen": seen(tablet, "observations"), "pulse": "900", "temperature": "38.5"}
    assert tablet.send(f"{path}/observations", typed, key="k1", minutes_ago=100)["status"] == 422
    assert tablet.client.get("/offline/settled?key=k1").get_json()["answered"] is False
    visitor = settles(tablet, f"{path}/observations", typed, "k1", minutes_ago=100)
    fields = dict(filled(visitor.page.form(), {}))
    assert visitor.page.status == 422
    assert (fields["pulse"], fields["temperature"], fields["seen"]) == ("900", "38.5", typed["seen"])
    assert (fields["idempotency_key"], fields["settling"], fields["sent_at"]) == ("k1", "1", "server")
    visitor.press({"pulse": "nought"})
    assert visitor.page.status == 422, "wrong once more"
    visitor.press({"pulse": "90"})
    assert visitor.page.status == 200
    facts = walk.look(lambda: the_transfer().facts)
    assert facts["observations"]["pulse"] == 90
    assert_minutes_ago(datetime.fromisoformat(facts["saved_at"]["observations"]), 100)
    answer = tablet.client.get("/offline/settled?key=k1").get_json()
    assert answer == {"answered": True, "location": f"{path}/doses"}
    kept = walk.look(lambda: db.session.scalars(select(IdempotencyKey.key).filter_by(key="k1")).all())
    assert kept == ["k1"]


def assert_minutes_ago(at: datetime, minutes: float) -> None:
    assert abs(datetime.now(UTC) - timedelta(minutes=minutes) - at) < timedelta(seconds=60)


@on_sqlite
def test_a_form_that_settles_nothing_has_a_key_of_its_own(
    walk: Walk, visit: Callable[[str], Visitor]
) -> None:
    carer = visit("carer")
    carer.open(f"/residents/{walk.way.resident_ref}/send")
    first = dict(filled(carer.page.form(), {}))
    page = carer.press({"situation": "Fell"})
    assert page.status == 422
    assert dict(filled(page.form(), {}))["idempotency_key"] != first["idempotency_key"]


@on_sqlite
def test_a_handover_that_a_colleague_recorded_first_is_told_with_both(
    walk: Walk, tablet: Sender, other: Sender
) -> None:
    path = tablet.sends_off(walk.way.resident_ref)
    assert other.send(f"{path}/handover", {"identity": "yes", "crew": "A1"}, minutes_ago=60)["done"]
    told = tablet.send(f"{path}/handover", {"identity": "yes", "crew": "B2"}, minutes_ago=50)
    assert (told["done"], told["status"]) == (False, 409)
    (both,) = told["conflict"]
    assert both["label"] == "Handed to crew"
    assert "crew A1, recorded by Tom Price" in both["now"]
    assert both["typed"].endswith("crew B2")
    assert walk.look(lambda: the_transfer().departed_at)


def scanned_first(walk: Walk, cast: Cast, minutes_ago: float) -> None:
    """The hospital scans the bag before the home's tablet has said that it left."""
    nurse, at = cast.actor("nurse"), datetime.now(UTC) - timedelta(minutes=minutes_ago)

    def arrive() -> None:
        transfer = the_transfer()
        transfers.ready_to_print(cast.actor("carer"), transfer.ref, at)
        label = labels.current(transfer)
        assert label is not None
        known = stays.Known(at, datetime.now(UTC), label_id=label.id)
        stays.arrive(nurse, transfer, stays.own_place(nurse), known, with_bag=True)

    walk.write(arrive)


def test_a_handover_that_the_hospital_overtook_is_completed_with_its_time_and_signature(
    walk: Walk, cast: Cast, tablet: Sender
) -> None:
    path = tablet.sends_off(walk.way.resident_ref)
    scanned_first(walk, cast, minutes_ago=40)
    typed = {"identity": "yes", "crew": "B412", "signature": SIGNED, "infection_told": "yes"}
    told = tablet.send(f"{path}/handover", typed, minutes_ago=90)
    assert (told["done"], told["said"]) == (True, ["The handover is complete."])
    event = walk.look(
        lambda: db.session.scalars(select(TransferEvent).filter_by(action="hand_to_crew")).one()
    )
    assert_minutes_ago(event.occurred_at, 90)
    assert (event.data["crew"], event.data["infection_told"], event.data["signature"]) == (
        "B412",
        True,
        "drawn",
    )
    assert len(walk.look(lambda: db.session.scalars(select(Signature)).all())) == 1
    assert walk.look(lambda: the_transfer().state) == "arrived"


@on_sqlite
def test_one_that_cannot_be_before_the_arrival_is_asked_about_with_nothing_lost(
    walk: Walk, cast: Cast, tablet: Sender
) -> None:
    path = tablet.sends_off(walk.way.resident_ref)
    scanned_first(walk, cast, minutes_ago=40)
    typed = {"identity": "yes", "crew": "B412", "signature": SIGNED}
    told = tablet.send(f"{path}/handover", typed, key="k1", minutes_ago=10)
    assert (told["status"], told["conflict"][0]["label"]) == (409, "Handed to crew")
    assert told["conflict"][0]["now"].startswith("In hospital ")
    assert "the crew took them before that" in told["problems"][0]
    visitor = settles(tablet, f"{path}/handover", typed, "k1", minutes_ago=10)
    assert visitor.page.heading == "When did the crew take them?"
    visitor.press(button="not_known=yes")
    assert visitor.page.path == path
    event = walk.look(
        lambda: db.session.scalars(select(TransferEvent).filter_by(action="hand_to_crew")).one()
    )
    assert (event.data["crew"], event.data["signature"]) == ("B412", "drawn")
    assert tablet.client.get("/offline/settled?key=k1").get_json()["answered"] is True


def from_the_drawer(walk: Walk, cast: Cast) -> str:
    """The code of a label that waits in the drawer."""
    return walk.write(
        lambda: labels.code_of(blank_labels.make(cast.actor("carer"), 1, "", datetime.now(UTC))[0])
    )


def bound(walk: Walk) -> list[int | None]:
    """The drawer's number of the journey's label."""
    wanted = select(Label.serial).where(Label.transfer_id.is_not(None), Label.revoked_at.is_(None))
    return list(walk.look(lambda: db.session.scalars(wanted).all()))


@on_sqlite
def test_the_label_on_the_bag_is_bound_at_once(walk: Walk, cast: Cast, tablet: Sender) -> None:
    code, path = from_the_drawer(walk, cast), tablet.sends_off(walk.way.resident_ref)
    assert tablet.send(f"{path}/label", {"label_code": code, "identity": "yes"}, key="k1")["done"]
    assert bound(walk) == [1]
    assert tablet.send(f"{path}/label", {"label_code": code, "identity": "yes"}, key="k1")["done"], (
        "told twice"
    )
    told = tablet.send(f"{path}/label", {"label_code": code, "identity": "no"})
    assert told["location"].endswith("/not-this-person")


def test_a_label_that_was_typed_wrongly_is_bound_when_it_is_settled_though_the_bag_has_left(
    walk: Walk, cast: Cast, tablet: Sender
) -> None:
    code, path = from_the_drawer(walk, cast), tablet.sends_off(walk.way.resident_ref)
    slip = with_check("ABCDEFGH")[:-1] + "?"
    typed = {"label_code": slip, "identity": "yes"}
    assert tablet.send(f"{path}/label", typed, key="k1")["status"] == 422
    assert tablet.send(f"{path}/handover", {"identity": "yes", "crew": ""}, minutes_ago=100)["done"]
    assert bound(walk) == [None], "one that nobody has printed"
    visitor = settles(tablet, f"{path}/label", typed, "k1")
    assert visitor.page.status == 422
    visitor.press({"label_code": code})
    assert visitor.page.path == path
    assert bound(walk) == [1]
    assert tablet.client.get("/offline/settled?key=k1").get_json()["answered"] is True


@on_sqlite
def test_a_page_binds_no_label_after_the_bag_has_left(walk: Walk, cast: Cast, tablet: Sender) -> None:
    code, path = from_the_drawer(walk, cast), tablet.sends_off(walk.way.resident_ref)
    assert tablet.send(f"{path}/handover", {"identity": "yes", "crew": ""}, minutes_ago=100)["done"]
    data = {"csrf_token": tablet.csrf, "label_code": code, "identity": "yes"}
    assert tablet.client.post(f"{path}/label", data=data).status_code == 409
    assert bound(walk) == [None]


@on_sqlite
def test_a_journey_that_was_closed_meanwhile_says_so(walk: Walk, cast: Cast, tablet: Sender) -> None:
    path = tablet.sends_off(walk.way.resident_ref)
    mark = seen(tablet, "observations")
    walk.write(
        lambda: transfers.cancel(
            cast.actor("manager"), the_transfer().ref, why="The wrong person", now=datetime.now(UTC)
        )
    )
    told = tablet.send(f"{path}/observations", {"seen": mark, "pulse": "90"})
    assert (told["status"], told["problems"]) == (
        409,
        ["This journey is over: its pack can no longer be changed."],
    )
    assert walk.look(lambda: db.session.scalars(select(TransferItem)).all()) == []


def test_who_was_sent_and_came_back_meanwhile_is_not_sent_again_unasked(
    walk: Walk, cast: Cast, tablet: Sender, other: Sender
) -> None:
    other.sends_off(walk.way.resident_ref)

    def end() -> None:
        transfers.cancel(cast.actor("manager"), the_transfer().ref, why="Better", now=datetime.now(UTC))

    walk.write(end)
    address = f"/residents/{walk.way.resident_ref}/send"
    typed = {"reason": "fall", "journey_type": "emergency", "situation": "Found on the floor"}
    told = tablet.send(address, typed, key="k1", minutes_ago=600)
    assert (told["status"], told["conflict"][0]["label"]) == (409, "Send to hospital")
    assert told["conflict"][0]["now"].endswith("that journey is over")
    assert "was sent to hospital meanwhile" in told["problems"][0]
    visitor = settles(tablet, address, typed, "k1", minutes_ago=600)
    assert visitor.page.status == 409
    assert visitor.page.links()["read what was recorded"].startswith("/transfers/")
    walk.look(the_transfer)  # none was begun
    visitor.press(button="reason=fall")
    assert visitor.page.heading == "Observations"
    first, second = walk.look(lambda: db.session.scalars(select(Transfer).order_by(Transfer.id)).all())
    assert first.closed_at is not None
    assert second.opened_at >= first.closed_at, "no two journeys of one person at one time"
    assert second.facts["why_now"]["situation"] == "Found on the floor"
    assert tablet.client.get("/offline/settled?key=k1").get_json()["answered"] is True
