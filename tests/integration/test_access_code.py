"""Somebody at a hospital without an account: the code from inside the bag, and what it opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from redbag.database import db
from redbag.domain import bag_code
from redbag.domain.transfer_states import Action
from redbag.models import AuditEntry, TransferEvent
from redbag.services import access_codes, labels
from tests.cast import Cast
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
    stranger.press(action=f"/b/{way.token}/arrive")
    assert way.fact("state") == "arrived"
    stranger.open(f"/b/{way.token}/admit")
    stranger.press(action=f"/b/{way.token}/admit")
    assert stranger.page.heading == "Belongings in: Agnes Obi"
    stranger.press(button="all=1")
    assert "2 of 2 things here." in stranger.page.text
    assert stranger.page.heading == "Agnes Obi"

    def told() -> list[tuple[Any, ...]]:
        rows = db.session.query(TransferEvent).filter(TransferEvent.actor_name == "Ann Reed")
        return [(r.action, r.actor_role, r.place, r.account_id) for r in rows.order_by(TransferEvent.id)]

    place = "St Brannock’s Hospital, Willow"
    assert way.look(told) == [
        (action.value, "Nurse, by access code", place, None)
        for action in (Action.ARRIVE, Action.ADMIT, Action.CHECK_BELONGINGS)
    ]

    def audited() -> set[Any]:
        rows = db.session.query(AuditEntry).filter_by(role="guest")
        return {(row.details or {}).get("by_access_code") for row in rows}

    assert way.look(audited) == {f"Ann Reed, Nurse, {place}"}


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
