"""Somebody at a hospital without an account: the code from inside the bag, and what it opens."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader

from redbag.database import db
from redbag.domain import bag_code
from redbag.domain.bag_states import BagAct
from redbag.domain.transfer_states import Action
from redbag.models import AccessLane, AuditEntry, Guest, Label, LabelAccess, PackVersion, TransferEvent
from redbag.queries import custody_record
from redbag.security.tokens import new_nonce
from redbag.services import access_codes, bags, labels, stays
from tests.cast import Cast
from tests.integration.guest import let_in
from tests.integration.walk import Walk
from tests.visitor import Visitor

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Visit = Callable[[str], Visitor]
KEY = b"key of these guesses"


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    """Left the home with the bag, and has not arrived."""
    return Walk(app, cast).to("packed", "left")


def code_of(way: Walk) -> str:
    return way.look(lambda: access_codes.current(labels.current(way.way.transfer)))  # type: ignore[arg-type]


def wrong_code(code: str) -> str:
    """Another code with a good check character."""
    body = ("0" if code[0] != "0" else "1") + code[1:-1]
    return bag_code.with_check(body)


def come_in(way: Walk, visitor: Visitor, **said: str) -> None:
    """From the label to the pack, as somebody who has never seen a red bag."""
    visitor.open(f"/b/{way.token}")
    visitor.open(visitor.page.links()["I have the code from inside the bag"])
    visitor.press({"code": code_of(way)})
    assert visitor.page.heading == "The code is right. Who are you?"
    hospital = way.cast.places["hospital"].ref
    told = {"name": "Ann Reed", "role": "Nurse", "hospital": hospital, "place": "willow ward", **said}
    visitor.press(told)


@on_sqlite
def test_whoever_has_the_code_reads_the_pack_and_records_what_came(way: Walk, stranger: Visitor) -> None:
    come_in(way, stranger)
    page = stranger.page
    assert page.heading == "Agnes Obi"
    assert "You are Ann Reed, Nurse, St Brannock’s Hospital, Willow: ends at" in page.response.text
    assert "Warfarin" in page.text
    stranger.press({"brought_by": "Jo, L402"}, action=f"/b/{way.token}/arrive")
    assert way.fact("state") == "arrived"
    stranger.open(f"/b/{way.token}/admit")
    stranger.press(action=f"/b/{way.token}/admit")
    assert stranger.page.heading == "Belongings in: Agnes Obi"
    stranger.press(button="all=1")
    assert "2 of 2 things here." in stranger.page.text
    assert stranger.page.heading == "Agnes Obi"
    stranger.open(stranger.page.links()["The bag was opened"])
    stranger.press({"why": "Glasses"}, button="all=1")
    assert "2 of 2 things here." in stranger.page.text
    told_now = way.look(lambda: custody_record.of(way.way.transfer))
    assert (told_now.checks[-1].words, told_now.checks[-1].why) == ("The bag was opened", "Glasses")
    assert told_now.handovers[1].words == "Arrived, brought by Jo, L402"

    def told() -> list[tuple[Any, ...]]:
        rows = db.session.query(TransferEvent).filter(TransferEvent.actor_name == "Ann Reed")
        return [(r.action, r.actor_role, r.place, r.account_id) for r in rows.order_by(TransferEvent.id)]

    place = "St Brannock’s Hospital, Willow"
    assert way.look(told) == [
        (action.value, "Nurse, by access code", place, None)
        for action in (Action.ARRIVE, Action.ADMIT, Action.CHECK_BELONGINGS, Action.CHECK_BELONGINGS)
    ]

    def audited() -> set[Any]:
        rows = db.session.query(AuditEntry).filter_by(role="guest")
        return {(row.details or {}).get("by_access_code") for row in rows}

    assert way.look(audited) == {f"Ann Reed, Nurse, {place}"}


@on_sqlite
def test_an_opened_page_uses_nothing_up_and_names_nobody(way: Walk, stranger: Visitor) -> None:
    address = f"/b/{way.token}"
    for page in ("", "/code", "/who", "/code", "/who"):
        whole = stranger.open(address + page).response.text
        assert not [word for word in ("Agnes", "Obi", "1938", way.ref) if word in whole], page
    assert stranger.page.heading == "Code from inside the bag"
    kept = (LabelAccess, AccessLane, Guest)
    assert way.look(lambda: [db.session.query(one).count() for one in kept]) == [0, 0, 0]


@on_sqlite
def test_the_code_is_on_page_one_of_the_pack_alone_and_a_reprint_says_the_same(
    way: Walk, visit: Visit
) -> None:
    carer, code = visit("carer").client, bag_code.grouped(code_of(way))
    pages = pages_of(carer.get(f"/transfers/{way.ref}/pack.pdf?label=a4").data)
    assert [code in words for words in pages] == [True] + [False] * (len(pages) - 1)
    assert code in pages_of(carer.get(f"/transfers/{way.ref}/pack.pdf").data)[0]
    assert code not in pages_of(carer.get(f"/transfers/{way.ref}/label-62mm.pdf").data)[0]
    frozen = way.look(lambda: repr([row.content for row in db.session.query(PackVersion)]))
    assert code.replace("-", "") not in frozen.replace("-", "")
    way.write(
        lambda: access_codes.renew(
            way.cast.actor("carer"), way.ref, seen=1, end_guests=False, now=datetime.now(UTC)
        )
    )
    renewed = pages_of(carer.get(f"/transfers/{way.ref}/pack.pdf").data)[0]
    assert code not in renewed
    assert bag_code.grouped(code_of(way)) in renewed


def pages_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


@on_sqlite
def test_the_home_is_told_who_came_in_and_of_guesses_until_it_has_looked(
    way: Walk, stranger: Visitor, visit: Visit
) -> None:
    come_in(way, Visitor(way.app.test_client()), place="Ward 7B")
    stranger.open(f"/b/{way.token}/code")
    stranger.press({"code": wrong_code(code_of(way))})
    assert stranger.page.status == 429
    assert "This code does not open this bag." in stranger.page.text
    carer = visit("carer")
    journey = carer.open(f"/transfers/{way.ref}")
    assert "The access code was used: Ann Reed, Nurse, St Brannock’s Hospital, Ward 7B, " in journey.text
    assert "A wrong access code was typed at the bag’s label: once, the last at " in journey.text
    page = carer.open(journey.links()["See who it was"])
    assert "1 wrong code typed at this label" in page.text
    carer.press(action=f"/transfers/{way.ref}/ward-code/looked")
    assert "The access code was used" not in carer.page.text


@on_sqlite
def test_a_fresh_code_is_read_out_and_the_printed_one_stops(
    way: Walk, stranger: Visitor, visit: Visit
) -> None:
    printed = code_of(way)
    come_in(way, stranger)
    carer, other = visit("carer"), visit("manager")
    address = f"/transfers/{way.ref}/ward-code"
    carer.open(address)
    other.open(address)
    carer.press(action=address)
    fresh = code_of(way)
    assert fresh != printed
    assert bag_code.grouped(fresh) in carer.page.text
    assert "The code on the paper in the bag no longer works." in carer.page.text
    assert stranger.open(f"/b/{way.token}").heading == "Agnes Obi"  # they were asked to go on seeing it
    assert bag_code.grouped(fresh) not in carer.open(address).text
    other.press({"guests": "end"}, action=address)
    assert "A colleague made another code" in other.page.text
    assert code_of(way) == fresh
    carer.press({"guests": "end"}, action=address)
    assert "This red bag belongs to" in stranger.open(f"/b/{way.token}").heading
    late = Visitor(way.app.test_client())
    late.open(f"/b/{way.token}/code")
    late.press({"code": fresh})
    assert "This code does not open this bag." in late.page.text
    assert fresh in late.page.response.text  # what was typed is kept


def _new_label(way: Walk) -> None:
    way.write(lambda: labels.issue(way.cast.actor("carer"), way.way.transfer, datetime.now(UTC)))


def _bag_lost(way: Walk) -> None:
    def lose() -> None:
        bag = way.way.transfer.bag
        assert bag is not None
        act, at = BagAct.LOSE, datetime.now(UTC)
        bags.say(way.cast.actor("carer"), bag.ref, act, note="not on the ward", version=bag.version, now=at)

    way.write(lose)


def _closed(way: Walk) -> None:
    nurse = way.cast.actor("nurse")
    told = {"kin_told": "Daughter, by Dr Ray", "home_told": "Joy"}
    way.write(lambda: stays.died(nurse, way.way.transfer, way.way.after(minutes=5).known, **told))
    way.to("closed")


@on_sqlite
@pytest.mark.parametrize("kill", [_new_label, _bag_lost, _closed])
def test_the_end_of_a_label_ends_token_code_and_guests_at_once(
    app: Flask, way: Walk, stranger: Visitor, kill: Callable[[Walk], None]
) -> None:
    way.to("arrived")
    address, code, late = f"/b/{way.token}", code_of(way), Visitor(way.app.test_client())
    on_the_label = way.code
    come_in(way, stranger)
    late.open(f"{address}/code")
    late.press({"code": code})
    stranger.open(f"{address}/check-in")
    kill(way)
    words = "This label has been replaced: ring the home."
    if kill is _closed:
        words = "This journey is over. If you hold the bag, ring 020 7946 0199."
    app.config["WTF_CSRF_ENABLED"] = False
    for post in (f"{address}/check-in", f"{address}/admit", f"{address}/not-this-person"):
        assert stranger.client.post(post).status_code == 401
    for visitor in (stranger, late, Visitor(way.app.test_client())):
        for page in ("", "/1", "/code", "/who"):
            visitor.open(address + page)
            assert words in visitor.page.text, page
            assert "Agnes" not in visitor.page.response.text
        visitor.open("/scan")
        visitor.press({"code": on_the_label}, action="/scan")
        assert words in visitor.page.text
    for page, field in (("/who", ("name", "Bo")), ("/code", ("code", code))):
        late.post(address + page, [field])
        assert words in late.page.text


@on_sqlite
def test_a_guest_has_one_label_for_a_shift_and_nothing_else(app: Flask, way: Walk, cast: Cast) -> None:
    client, _ = let_in(app, cast, way.token)
    guest = Visitor(client)
    own = f"/b/{way.token}"
    assert guest.open("/").heading == "Agnes Obi"

    def another() -> str:
        transfer = way.way.transfer
        columns = {"home_id": transfer.home_id, "transfer_id": transfer.id, "issued_at": way.way.now}
        label = Label(**columns, number=2, **labels.secrets_for(new_nonce()))
        db.session.add(label)
        db.session.flush()
        return labels.token_of(label)

    other = f"/b/{way.write(another)}"
    assert guest.open(other).heading.startswith("This red bag belongs to")
    assert "I have the code from inside the bag" in guest.page.links()
    app.config["WTF_CSRF_ENABLED"] = False
    for act in ("arrive", "admit", "check-in", "not-this-person"):
        assert client.post(f"{other}/{act}").status_code == 404
    for page in (f"{own}/card", "/ward", f"/ward/transfers/{way.ref}", "/residents"):
        assert client.get(page).status_code == 403, page
    assert client.get(f"/ward/transfers/{way.ref}/admit").status_code == 404
    assert client.get("/account").status_code == 302  # to sign in, as a stranger is

    def set_back(column: str, span: timedelta) -> None:
        def change() -> None:
            row = db.session.query(Guest).one()
            setattr(row, column, getattr(row, column) - span)

        way.write(change)

    set_back("seen_at", timedelta(minutes=9))
    assert guest.open(own).heading == "Agnes Obi"
    set_back("seen_at", timedelta(minutes=11))
    assert guest.open(own).heading.startswith("This red bag belongs to")
    set_back("seen_at", timedelta(minutes=-20))
    set_back("expires_at", timedelta(hours=12, seconds=1))
    assert guest.open(own).heading.startswith("This red bag belongs to")


@on_sqlite
def test_a_guest_says_not_this_person_and_takes_back_only_their_own_word(
    app: Flask, way: Walk, cast: Cast
) -> None:
    ann, bo = (Visitor(let_in(app, cast, way.token)[0]) for _ in range(2))
    own = f"/b/{way.token}"
    ann.open(own)
    bo.open(own)
    ann.press(action=f"{own}/not-this-person")
    assert ann.page.heading == "Stop: this pack may be somebody else’s"
    app.config["WTF_CSRF_ENABLED"] = False
    assert bo.client.post(f"{own}/arrive").status_code == 409
    assert "Pressed by mistake?" not in bo.open(own).text
    assert bo.client.post(f"{own}/this-person-after-all").status_code == 403
    ann.press(action=f"{own}/this-person-after-all")
    assert ann.page.heading == "Agnes Obi"


@on_sqlite
def test_at_a_hospital_that_is_not_set_up_the_pack_is_read_and_the_home_records(
    app: Flask, way: Walk, stranger: Visitor
) -> None:
    come_in(
        way, stranger, hospital="other", place="Royal Infirmary, Ward 2", role="other", role_detail="Porter"
    )
    assert "Your hospital is not set up here" in stranger.page.text
    assert "You are Ann Reed, Porter, Royal Infirmary, Ward 2: ends at" in stranger.page.response.text
    app.config["WTF_CSRF_ENABLED"] = False
    assert "The bag was opened" not in stranger.page.links()
    assert stranger.client.post(f"/b/{way.token}/arrive").status_code == 403
    assert way.fact("state") == "handed_to_crew"


@on_sqlite
def test_logs_hold_neither_the_code_nor_the_token(
    way: Walk, stranger: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    code, token = code_of(way), way.token
    come_in(way, stranger)
    late = Visitor(way.app.test_client())
    late.open(f"/b/{token}/code")
    late.press({"code": wrong_code(code)})
    written = caplog.text + way.look(
        lambda: repr([[*row] for row in db.session.execute(AuditEntry.__table__.select())])
    )
    for secret in (code, bag_code.grouped(code), wrong_code(code), token):
        assert secret not in written
        assert secret.lower() not in written


def test_a_department_that_a_guest_typed_stands_on_the_board_in_place_of_where_they_arrived(
    app: Flask, cast: Cast, visit: Callable[[str], Visitor]
) -> None:
    walk = Walk(app, cast).to("packed", "left", "arrived")
    client, _ = let_in(app, cast, walk.token)
    walk.write(lambda: db.session.query(Guest).update({"ward_id": None, "place": "Frailty Unit"}))
    guest = Visitor(client)
    guest.open(f"/b/{walk.token}/admit")
    assert "reads like a ward. Leave it out here" in guest.press({"bed": "Frailty Unit"}).text
    assert guest.press({"bed": "Trolley 4"}).status == 200
    assert "Frailty Unit, bed Trolley 4." in visit("nurse").open("/ward").text
    assert "Frailty Unit, Trolley 4" in visit("carer").open(f"/transfers/{walk.ref}").text
