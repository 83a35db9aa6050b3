"""Guesses at the code inside the bag: counted, slower and slower, and never a ward locked out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from redbag.database import begin_write, db
from redbag.domain.permissions import Origin
from redbag.models import AccessLane, Guest, Label, LabelAccess
from redbag.services import access_codes, labels
from redbag.services.access_codes import Answer, Guesser
from tests.cast import Cast
from tests.integration.test_access_code import code_of, wrong_code
from tests.integration.walk import Walk

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KEY = b"key of these guesses"
START = datetime(2026, 11, 3, 3, 10, tzinfo=UTC)
WARD = Guesser("the ward's phone", "203.0.113.9")


@pytest.fixture
def way(app: Flask, cast: Cast) -> Walk:
    return Walk(app, cast).to("packed", "left")


@pytest.fixture
def guess(way: Walk) -> Callable[[str, Guesser, float], Answer]:
    """`guess(code, who, seconds)`: typed so many seconds after the first."""
    token = way.token

    def at(code: str, who: Guesser, seconds: float) -> Answer:
        now = START + timedelta(seconds=seconds)
        return way.write(lambda: access_codes.enter(token, code, who, Origin(), KEY, now))

    return at


def counted(way: Walk) -> int:
    return way.look(lambda: sum(row.wrong for row in db.session.query(LabelAccess)))


def test_fifty_guesses_at_once_are_counted_one_by_one(app: Flask, way: Walk) -> None:
    """From one browser one is looked at; from fifty addresses fifty. No right answer among them opens."""
    token, wrong = way.token, wrong_code(code_of(way))

    def one(who: Guesser) -> Answer:
        with app.app_context():
            begin_write()
            answer = access_codes.enter(token, wrong, who, Origin(), KEY, START)
            db.session.commit()
            db.session.remove()
            return answer

    with ThreadPoolExecutor(10) as pool:
        from_one = list(pool.map(one, [WARD] * 50))
    assert counted(way) == 1
    assert all(answer.wait == 1 and not answer.token for answer in from_one)
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(one, [Guesser(f"b{n}", f"198.51.100.{n}") for n in range(50)]))
    assert counted(way) == 51


@on_sqlite
def test_each_wrong_guess_makes_the_next_wait_longer_up_to_a_minute(way: Walk, guess) -> None:  # type: ignore[no-untyped-def]
    wrong, clock, waits = wrong_code(code_of(way)), 0.0, []
    for _ in range(9):
        answer = guess(wrong, WARD, clock)
        waits.append(answer.wait)
        assert guess(wrong, WARD, clock + answer.wait - 0.5).wait == 1  # too early: nothing is used up
        clock += answer.wait
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert counted(way) == 9
    assert guess(code_of(way), WARD, clock).token
    assert counted(way) == 9


@on_sqlite
def test_somebody_who_guesses_all_the_time_cannot_keep_the_ward_out(way: Walk, guess) -> None:  # type: ignore[no-untyped-def]
    """Beside the attacker, at the very same address: the ward's turn comes within a minute and is kept."""
    code, clock = code_of(way), 0.0
    attacker, beside = Guesser("attacker", WARD.address), Guesser("ward", WARD.address)
    for _ in range(8):
        clock += guess(wrong_code(code), attacker, clock).wait
    clock += guess(wrong_code(code), attacker, clock).wait - 59
    told = guess(code, beside, clock)
    assert not told.token
    assert 0 < told.wait <= 60
    assert "your turn is kept" in told.problem
    guess(wrong_code(code), attacker, clock + told.wait)  # the attacker is first again
    assert guess(code, beside, clock + told.wait + 1).token
    assert guess(code, Guesser("another", "203.0.113.77"), clock).token  # elsewhere nobody waits at all


@on_sqlite
def test_what_cannot_be_a_code_is_no_guess(way: Walk, guess) -> None:  # type: ignore[no-untyped-def]
    code = code_of(way)
    slip = code[1] + code[0] + code[2:] if code[0] != code[1] else ("1" if code[0] != "1" else "2") + code[1:]
    for typed in (slip, code[:-1], "", "HTTPS://X/B/1"):
        assert guess(typed, WARD, 0).problem
    assert counted(way) == 0
    assert guess(code.lower(), WARD, 0).token


@on_sqlite
def test_neither_the_code_nor_what_opens_a_session_is_kept(way: Walk, guess) -> None:  # type: ignore[no-untyped-def]
    token = guess(code_of(way), WARD, 0).token

    def kept() -> str:
        tables = (Label, LabelAccess, AccessLane, Guest)
        return repr([[*row] for table in tables for row in db.session.execute(table.__table__.select())])

    rows = way.look(kept)
    assert code_of(way) not in rows
    assert token not in rows


@on_sqlite
def test_a_new_label_has_a_code_of_its_own_and_a_reprint_the_same(way: Walk) -> None:
    first = code_of(way)
    assert code_of(way) == first
    way.write(lambda: labels.issue(way.cast.actor("carer"), way.way.transfer, START))
    assert code_of(way) != first
