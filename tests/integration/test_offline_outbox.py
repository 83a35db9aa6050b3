"""What a tablet had kept and sends later: done once, dated when it happened, and answered in a few words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from redbag.database import begin_write, db
from redbag.models import AuditEntry, Bag, BagEvent, Signature, Transfer, TransferEvent, TransferItem
from tests.cast import Cast
from tests.integration import household
from tests.integration.tablet import Sender
from tests.integration.walk import Walk

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SIGNED = "[[[20,150],[80,40],[140,160]],[[200,60],[260,140]]]"
CLOSE = timedelta(seconds=30)


@pytest.fixture
def walk(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast, hours=70 * 24)


@pytest.fixture
def tablet(app: Flask, cast: Cast) -> Sender:
    return Sender(cast.browser(app, "carer"))


def ago(instant: datetime, **span: float) -> bool:
    """Whether this was so long ago, within half a minute."""
    return abs(datetime.now(UTC) - timedelta(**span) - instant) < CLOSE


def events(walk: Walk) -> list[tuple[str, datetime, datetime]]:
    rows = select(TransferEvent.action, TransferEvent.occurred_at, TransferEvent.recorded_at)
    return walk.look(lambda: [tuple(row) for row in db.session.execute(rows.order_by(TransferEvent.id))])


def test_a_journey_of_last_night_is_on_the_server_as_it_happened(walk: Walk, tablet: Sender) -> None:
    path = tablet.sends_off(walk.way.resident_ref, started="02:50 yesterday")
    (opened,) = events(walk)
    assert opened[0] == "open"
    assert ago(opened[1], minutes=120)
    assert ago(opened[2], minutes=0), "recorded now"
    told = tablet.send(f"{path}/observations", {"seen": "", "pulse": "92"}, minutes_ago=110)
    assert told["done"] is False, "what the page was opened on is asked for, as on the page"
    (agnes,) = tablet.client.get("/offline/copy").get_json()["residents"]
    seen = agnes["journey"]["seen"]
    told = tablet.send(f"{path}/observations", {"seen": seen["observations"], "pulse": "92"}, minutes_ago=110)
    assert (told["done"], told["location"]) == (True, f"{path}/doses")
    doses = {"seen": seen["doses"], "ordinary": "all_given", "ordinary_upto": "20:00 yesterday"}
    assert tablet.send(f"{path}/doses", doses, minutes_ago=108)["done"]
    things = {
        "seen": seen["belongings"],
        "lines": "1",
        "thing-0-name": "Glasses",
        "thing-0-on": "yes",
        "thing-0-carried": "worn",
    }
    assert tablet.send(f"{path}/belongings", things, minutes_ago=105)["done"]
    hospital = agnes["journey"]["hospital"]
    assert tablet.send(f"{path}/ready", {"hospital": hospital, "bag_choice": "none"}, minutes_ago=101)["done"]
    crew = {"identity": "yes", "crew": "B412", "signature": SIGNED}
    boxes = {f"occurred_at-{part}": "" for part in ("day", "month", "year", "time")}
    told = tablet.send(f"{path}/handover", crew | boxes, minutes_ago=100)
    assert (told["done"], told["said"]) == (
        True,
        ["Agnes Obi is handed to the crew. The pack can still be finished."],
    )
    actions = events(walk)
    assert [action for action, *_ in actions] == ["open", "hand_to_crew"]
    assert ago(actions[1][1], minutes=100)
    facts, left = walk.look(lambda: (the_transfer().facts, the_transfer().departed_at))
    assert ago(left, minutes=100)
    assert ago(datetime.fromisoformat(facts["saved_at"]["observations"]), minutes=110)
    packed = walk.look(lambda: db.session.scalars(select(TransferItem.packed_at)).one())
    assert ago(packed, minutes=105)
    assert walk.look(lambda: db.session.scalar(select(func.count()).select_from(Signature))) == 1
    logged = walk.look(
        lambda: db.session.scalars(select(AuditEntry.at).order_by(AuditEntry.id.desc())).first()
    )
    assert ago(logged, minutes=0), "the audit log says when the server was told"


def the_transfer() -> Transfer:
    return db.session.scalars(select(Transfer)).one()


def test_a_bag_was_taken_when_the_tablet_says_and_never_before_it_came_into_stock(
    walk: Walk, tablet: Sender, cast: Cast
) -> None:
    begun = datetime.now(UTC) - timedelta(minutes=90)
    with walk.app.app_context():
        taken, new = household.bag(cast, "101"), household.bag(cast, "102")
        begin_write()
        for ref, since in ((taken, begun - timedelta(days=3)), (new, begun)):
            db.session.scalars(select(Bag).filter_by(ref=ref)).one().state_since = since
        db.session.commit()
    path = tablet.sends_off(walk.way.resident_ref)
    (agnes,) = tablet.client.get("/offline/copy").get_json()["residents"]
    there = {"hospital": agnes["journey"]["hospital"]}
    for number in ("101", "102"):
        assert tablet.send(f"{path}/ready", there | {"other_bag": number}, minutes_ago=101)["done"]
    rows = select(BagEvent.state, BagEvent.occurred_at).where(BagEvent.transfer_id.is_not(None))
    moves = walk.look(lambda: [tuple(row) for row in db.session.execute(rows.order_by(BagEvent.id))])
    assert [state for state, _ in moves] == ["out", "in_stock", "out"]
    assert ago(moves[0][1], minutes=101)
    assert ago(moves[1][1], minutes=0), "the first one is put back when the server hears of it"
    assert moves[2][1] == begun, "a bag is not taken before it was there"


def test_nobodys_form_goes_under_somebody_elses_name(walk: Walk, cast: Cast, app: Flask) -> None:
    """They have signed in on the same tablet between its question who is there and the form."""
    carer, manager = (Sender(cast.browser(app, part)) for part in ("carer", "manager"))
    theirs = carer.who["account"]
    assert theirs and theirs != manager.who["account"]
    send = f"/residents/{walk.way.resident_ref}/send"
    fields = {"reason": "fall", "journey_type": "emergency", "situation": "Found on the floor"}
    told = manager.send(send, fields, key="k7", whose=theirs)
    assert (told["done"], told["status"]) == (False, 401), "it waits for its own person"
    assert events(walk) == []
    assert carer.send(send, fields, key="k7")["done"]
    names = walk.look(lambda: db.session.scalars(select(TransferEvent.actor_name)).all())
    assert names == ["Joy Adeyemi"]


@on_sqlite
def test_what_was_said_is_said_to_the_tablet_and_on_no_page(walk: Walk, tablet: Sender) -> None:
    path = tablet.sends_off(walk.way.resident_ref)
    (agnes,) = tablet.client.get("/offline/copy").get_json()["residents"]
    told = tablet.send(f"{path}/observations", {"seen": agnes["seen"]["observations"]})
    assert told["said"] == ["Saved."]
    assert "Saved." not in tablet.client.get(f"{path}/ready").text


def test_an_answer_that_was_lost_is_given_again_in_the_next_session(
    app: Flask, cast: Cast, walk: Walk, tablet: Sender
) -> None:
    send = f"/residents/{walk.way.resident_ref}/send"
    fields = {"reason": "fall", "journey_type": "emergency", "situation": "Found on the floor"}
    first = tablet.send(send, fields, key="k1")
    tomorrow = Sender(cast.browser(app, "carer"))
    again = tomorrow.send(send, fields, key="k1", minutes_ago=900)
    assert (again["done"], again["location"]) == (True, first["location"])
    assert again["seen"] == first["seen"] != {}
    assert again["joined"] is False
    assert len(events(walk)) == 1
    settled = tomorrow.client.get("/offline/settled?key=k1")
    assert settled.get_json() == {"answered": True, "location": first["location"]}
    assert settled.headers["Cache-Control"] == "no-store"
    for key in ("k2", "", "k" * 400):
        assert tomorrow.client.get(f"/offline/settled?key={key}").get_json()["answered"] is False
    other = cast.browser(app, "manager").get("/offline/settled?key=k1")
    assert other.get_json() == {"answered": False, "location": ""}, "another account’s"


@on_sqlite
@pytest.mark.parametrize("clock", [timedelta(days=-1200), timedelta(hours=7), timedelta(days=4000)])
def test_a_wrong_clock_does_no_harm(app: Flask, cast: Cast, walk: Walk, clock: timedelta) -> None:
    Sender(cast.browser(app, "carer"), clock).sends_off(walk.way.resident_ref)
    assert ago(events(walk)[0][1], minutes=120)


@on_sqlite
@pytest.mark.parametrize(
    ("minutes_ago", "days"), [(-500, 0), (60 * 24 * 365, 60), (60 * 24 * 365 * 900, 60), (60 * 24 * 3, 3)]
)
def test_a_forged_time_is_held_to_what_can_be(
    walk: Walk, tablet: Sender, minutes_ago: float, days: float
) -> None:
    send = f"/residents/{walk.way.resident_ref}/send"
    assert tablet.send(send, {"reason": "fall", "journey_type": ""}, minutes_ago=minutes_ago)["done"]
    assert ago(events(walk)[0][1], days=days)


@on_sqlite
@pytest.mark.parametrize(
    ("told", "sent"),
    [
        ("yesterday", "today"),
        ("2026-11-22T03:00:00", "2026-11-22T03:00:00"),
        ("2026-11-22T03:00:00Z", ""),
        ("", "2026-11-22T03:00:00Z"),
        ("0001-01-01T00:00:00+23:59", "2026-11-22T03:00:00Z"),
        ("9" * 5000, "2026-11-22T03:00:00Z"),
        ("<script>", "2026-11-22T03:00:00Z"),
    ],
)
def test_a_time_that_cannot_be_read_is_refused_with_a_sentence(
    walk: Walk, tablet: Sender, told: str, sent: str
) -> None:
    send = f"/residents/{walk.way.resident_ref}/send"
    answer = tablet.send(send, {"reason": "fall", "journey_type": ""}, happened_at=told, sent_at=sent)
    assert answer["status"] == 422
    assert answer["problems"] == ["The tablet did not say when this was. Write it on the page again."]
    assert events(walk) == []


@on_sqlite
def test_a_clock_time_that_was_typed_is_of_the_night_in_which_it_was_typed(
    walk: Walk, tablet: Sender
) -> None:
    two_days = 60 * 24 * 2
    london = ZoneInfo("Europe/London")
    before = (datetime.now(UTC) - timedelta(days=2)).astimezone(london) - timedelta(hours=1)
    send = f"/residents/{walk.way.resident_ref}/send"
    fields = {
        "reason": "fall",
        "journey_type": "emergency",
        "situation": "Fell",
        "started": f"{before:%H:%M}",
    }
    assert tablet.send(send, fields, minutes_ago=two_days)["done"]
    started = walk.look(lambda: the_transfer().facts["why_now"]["started"])
    assert f"{before:%-d %b}" in started, started


@on_sqlite
def test_a_refusal_says_what_the_page_would_have_said(walk: Walk, tablet: Sender) -> None:
    path = tablet.sends_off(walk.way.resident_ref)
    told = tablet.send(f"{path}/observations", {"pulse": "900", "temperature": "warm"})
    assert (told["done"], told["status"], told["title"]) == (False, 422, "Something needs another look")
    assert len(told["problems"]) == 2
    assert all(isinstance(one, str) and one.endswith(".") for one in told["problems"])
    told = tablet.send("/residents/zzzzzzzzzzzzzzzz/send", {"reason": "fall"})
    assert (told["status"], told["title"], told["problems"]) == (
        404,
        "Page not found",
        ["There is no such resident."],
    )


def refused(told: dict[str, Any]) -> tuple[bool, int]:
    return told["done"], told["status"]


@on_sqlite
def test_whoever_is_signed_out_is_told_so_and_nothing_is_done(app: Flask, cast: Cast, walk: Walk) -> None:
    send = f"/residents/{walk.way.resident_ref}/send"
    stranger = Sender(app.test_client())
    assert refused(stranger.send(send, {"reason": "fall"})) == (False, 400)
    gone = Sender(cast.browser(app, "carer"))
    token = gone.csrf
    gone.client.post("/sign-out", data={"csrf_token": token})
    told = gone.send(send, {"reason": "fall"}, csrf_token=token)
    assert refused(told) in ((False, 400), (False, 401))
    assert events(walk) == []


@on_sqlite
def test_the_header_alone_opens_nothing(app: Flask, cast: Cast, walk: Walk) -> None:
    """Another site cannot send it, nor read a token: without one nothing is done."""
    tablet = Sender(cast.browser(app, "carer"))
    send = f"/residents/{walk.way.resident_ref}/send"
    for token in ("", "x", Sender(cast.browser(app, "manager")).csrf):
        told = tablet.send(send, {"reason": "fall"}, csrf_token=token)
        assert (told["status"], told["token"]) == (400, True)
    preflight = tablet.client.options(
        send, headers={"Origin": "https://evil.example", "Access-Control-Request-Headers": "red-bag-outbox"}
    )
    assert not [name for name, _ in preflight.headers if name.lower().startswith("access-control")]
    who = tablet.client.get("/offline/who", headers={"Origin": "https://evil.example"})
    assert not [name for name, _ in who.headers if name.lower().startswith("access-control")]
    assert who.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert events(walk) == []


@on_sqlite
@pytest.mark.parametrize("part", ["nurse", "outsider", "oversight", "administrator"])
def test_it_gives_nobody_a_right(app: Flask, cast: Cast, walk: Walk, part: str) -> None:
    told = Sender(cast.browser(app, part)).send(
        f"/residents/{walk.way.resident_ref}/send", {"reason": "fall", "journey_type": ""}
    )
    assert told["status"] in (403, 404)
    assert events(walk) == []


def test_a_form_of_a_page_is_answered_as_ever(visit: Callable[[str], Any], walk: Walk) -> None:
    carer = visit("carer")
    carer.open(f"/residents/{walk.way.resident_ref}/send")
    assert "settling" not in carer.page.response.text
    page = carer.press({"situation": "Fell"}, button="reason=fall")
    assert (page.status, page.response.mimetype) == (200, "text/html")
    assert ago(events(walk)[0][1], minutes=0)
