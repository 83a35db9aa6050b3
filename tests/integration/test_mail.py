"""E-mail: written with what it tells of, sent by a process of its own, once, and it names nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from redbag.cli import commands
from redbag.cli import mail as cli
from redbag.config import ConfigurationError, MailServer, load_settings
from redbag.database import begin_write, db
from redbag.domain.custody import Status, Step
from redbag.domain.mail_words import WAITS
from redbag.models import Outgoing
from redbag.services import corrections, outbox, site_settings
from tests.cast import Cast
from tests.integration.pathway import Pathway
from tests.mail_server import Mailbox, mail_server

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EVERY = ["person", "bag", "stay", "step", "paper"]


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, datetime]:
    """The sender's clock, which the test moves."""
    hands = {"now": NOW}
    monkeypatch.setattr(cli, "_now", lambda: hands["now"])
    return hands


def point_at(app: Flask, box: Mailbox) -> None:
    from dataclasses import replace

    server = MailServer("127.0.0.1", box.port, "none", sender="redbag@borough.example")
    app.config["REDBAG"] = replace(app.config["REDBAG"], mail=server, base_url="https://redbag.example")


def tell(cast: Cast, place: str = "home", kinds: list[str] | None = None) -> None:
    """That place is told by e-mail from the beginning."""
    begin_write()
    part = {"home": "manager", "hospital": "hospital_manager"}[place]
    address = f"office@{place}.example"
    site_settings.save_mail(
        cast.actor(part),
        cast.places[place].ref,
        address,
        EVERY if kinds is None else kinds,
        version=0,
        now=NOW - timedelta(days=90),
    )
    db.session.commit()


def states() -> list[str]:
    return [row.state for row in db.session.query(Outgoing).order_by(Outgoing.id)]


def test_a_step_is_written_in_its_own_transaction_and_told_once_without_a_name(
    app: Flask, cast: Cast, box: Mailbox, clock: dict[str, datetime]
) -> None:
    point_at(app, box)
    with app.app_context():
        tell(cast)
        way = Pathway(cast, NOW - timedelta(hours=3)).packed().left().after(hours=1)
        before = len(states())
        way.admitted()
        assert len(states()) == before + 1
        way.checked("nurse", Step.ADMISSION, dentures=Status.MISSING)
        told = len(states())
        # Taken back before it was committed: nothing is told.
        begin_write()
        corrections.wrong_person(cast.actor("nurse"), way.transfer, note="", label_id=None, now=NOW)
        db.session.rollback()
        assert len(states()) == told
        db.session.rollback()
        assert cli.run_once(app) is False
        assert set(states()) == {"sent"}
        db.session.rollback()
        clock["now"] += timedelta(minutes=1)
        cli.run_once(app)
    [(to, letter)] = box.letters
    assert to == "office@home.example"
    assert letter["Subject"].endswith("things at Rowan House need a look")
    text = letter.get_payload()
    assert "https://redbag.example/attention" in text
    whole = letter.as_string()
    for secret in ("Agnes", "Obi", "012", "Willow", "Brannock", "9990000018", "missing"):
        assert secret not in whole
    assert letter["Auto-Submitted"] == "auto-generated"


@on_sqlite
def test_what_becomes_late_is_told_when_its_clock_runs_out(
    app: Flask, cast: Cast, box: Mailbox, clock: dict[str, datetime]
) -> None:
    point_at(app, box)
    with app.app_context():
        tell(cast, kinds=["stay"])
        tell(cast, "hospital", ["bag"])
        Pathway(cast, NOW - timedelta(hours=2)).packed().left().admitted()
        for hours, letters in ((0, 0), (45, 0), (46, 1), (69, 1), (70, 2), (90, 2)):
            clock["now"] = NOW + timedelta(hours=hours)
            cli.run_once(app)
            assert len(box.letters) == letters, hours
            db.session.rollback()
    assert {letter["Subject"] for _, letter in box.letters} == {"Something at Rowan House needs a look"}


@on_sqlite
def test_nobody_is_flooded_by_what_stood_there_before_it_was_switched_on(app: Flask, cast: Cast) -> None:
    with app.app_context():
        Pathway(cast, NOW - timedelta(days=100)).packed().left().admitted()
        tell(cast)
        begin_write()
        outbox.follow_place(cast.places["home"].id, NOW - timedelta(days=90))
        assert states() == []
        # Another mark passes afterwards.
        outbox.follow_place(cast.places["home"].id, NOW - timedelta(days=79))
        assert len(states()) == 1
        db.session.rollback()


@on_sqlite
def test_a_dead_server_blocks_nobody_and_is_tried_again_at_growing_intervals(
    app: Flask, cast: Cast, box: Mailbox, clock: dict[str, datetime]
) -> None:
    point_at(app, box)
    box.refuses = "RCPT"
    with app.app_context():
        tell(cast, kinds=["step"])
        Pathway(cast, NOW - timedelta(hours=2)).packed().left().admitted()
        tries = []
        for minute in range(0, 24 * 60, 1):
            clock["now"] = NOW + timedelta(minutes=minute)
            if outbox.waiting(clock["now"]):
                assert cli.run_once(app) is True
                tries.append(minute)
            db.session.rollback()
        waits = [timedelta(minutes=later - sooner) for sooner, later in pairwise(tries)]
        assert waits == list(WAITS)
        row = db.session.query(Outgoing).one()
        assert (row.state, row.error) == ("given_up", "550 no such mailbox here")
    assert box.letters == []


@on_sqlite
@pytest.mark.parametrize(
    ("trouble", "state"), [("refuses", "waiting"), ("falls_silent", "unsure"), ("away", "waiting")]
)
def test_only_what_the_server_certainly_has_not_is_sent_again(
    app: Flask, cast: Cast, box: Mailbox, clock: dict[str, datetime], trouble: str, state: str
) -> None:
    point_at(app, box)
    if trouble == "refuses":
        box.refuses = "DATA"
    elif trouble == "falls_silent":
        box.falls_silent = True
    else:
        point_at(app, Mailbox(port=1))
    with app.app_context():
        tell(cast, kinds=["step"])
        Pathway(cast, NOW - timedelta(hours=2)).packed().left().admitted()
        assert cli.run_once(app) is True
        assert states() == [state]
        db.session.rollback()
        box.refuses, box.falls_silent = "", False
        point_at(app, box)
        clock["now"] += timedelta(hours=1)
        cli.run_once(app)
        assert len(box.letters) == 1


@on_sqlite
@pytest.mark.parametrize(("handing", "sent"), [(False, 1), (True, 0)])
def test_after_a_crash_nothing_is_sent_twice(
    app: Flask, cast: Cast, box: Mailbox, clock: dict[str, datetime], handing: bool, sent: int
) -> None:
    """The process dies after it has claimed a message: before, or while, the server gets it."""
    point_at(app, box)
    with app.app_context():
        tell(cast, kinds=["step"])
        Pathway(cast, NOW - timedelta(hours=2)).packed().left().admitted()
        begin_write()
        batch = outbox.claim(NOW)
        assert batch is not None
        if handing:
            outbox.handing_over(batch, NOW)
        db.session.commit()
        for minutes in (1, 11, 30):
            clock["now"] = NOW + timedelta(minutes=minutes)
            cli.run_once(app)
            db.session.rollback()
            assert len(box.letters) == (sent if minutes > 10 else 0)
        assert states() == ["unsure" if handing else "sent"]


def test_two_senders_take_different_messages(app: Flask, cast: Cast) -> None:
    with app.app_context():
        tell(cast, kinds=["step"])
        Pathway(cast, NOW - timedelta(hours=2)).packed().left().admitted()
        begin_write()
        first = outbox.claim(NOW)
        db.session.commit()
        begin_write()
        assert first is not None
        assert outbox.claim(NOW) is None
        outbox.sent(first, NOW)
        db.session.commit()
        assert states() == ["sent"]


@on_sqlite
def test_the_command_says_what_is_missing_and_how_it_stands(app: Flask, cast: Cast) -> None:
    runner, make = CliRunner(), lambda: app
    answer = runner.invoke(commands, ["mail", "send"], obj=make)
    assert answer.exit_code == 2
    assert "set REDBAG_SMTP_HOST" in answer.output
    answer = runner.invoke(commands, ["mail", "status"], obj=make)
    assert "waiting    0" in answer.output


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"REDBAG_SMTP_TLS": "maybe"}, "starttls, tls or none"),
        ({"REDBAG_SMTP_TLS": "none"}, "on this machine only"),
        ({"REDBAG_SMTP_PORT": "http"}, "must be a port"),
        ({"REDBAG_MAIL_FROM": "Red Bag"}, "the address that e-mail comes from"),
    ],
)
def test_a_mail_server_that_would_not_be_safe_is_refused(
    tmp_path: Any, given: dict[str, str], sentence: str
) -> None:
    whole = {
        "REDBAG_INSTANCE": str(tmp_path),
        "REDBAG_SMTP_HOST": "mail.example",
        "REDBAG_MAIL_FROM": "redbag@borough.example",
    }
    assert load_settings(whole).mail.port == 587
    assert load_settings({**whole, "REDBAG_MODE": "demo"}).mail.host == ""
    with pytest.raises(ConfigurationError, match=sentence):
        load_settings({**whole, **given})
    assert "secret" not in repr(load_settings({**whole, "REDBAG_SMTP_PASSWORD": "secret"}).mail)
