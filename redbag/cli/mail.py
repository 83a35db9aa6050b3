"""`mail`: sends what waits in the outbox, and says how it stands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from redbag.cli.root import MakeApp, OperatorError, reading

if TYPE_CHECKING:
    from flask import Flask

    from redbag.services.outbox import Batch
    from redbag.services.post import Post


@click.group("mail")
def group() -> None:
    """E-mail to homes and hospitals that something needs a look. It names no person."""


@group.command("send")
@click.option("--loop", "seconds", type=click.IntRange(5, 3600), help="Go on, looking every so many seconds.")
@click.pass_obj
def send(make_app: MakeApp, seconds: int | None) -> None:
    """Send what waits, once: run it every minute by cron, or let it go on with --loop.

    Looks first at what has become late. A message that the server refuses is tried again after a minute,
    5 and 15 minutes, 1, 4 and 12 hours, and is then given up. Two of these may run at once: each message
    has one sender. After a crash nothing is sent twice: of a message that was being handed over nobody
    knows, and `mail status` counts it.

    \b
    Examples:
      python -m redbag mail send
      python -m redbag mail send --loop 60
    """
    with reading(make_app) as app:
        if not app.config["REDBAG"].mail.host:
            raise OperatorError("No mail server: set REDBAG_SMTP_HOST and REDBAG_MAIL_FROM (see README).")
        while True:
            failed = run_once(app)
            if seconds is None:
                break
            time.sleep(seconds)
    if failed:
        raise SystemExit(1)


def run_once(app: Flask) -> bool:
    """One look at the clocks and the outbox. Returns whether the server refused something or is away."""
    from redbag.services import outbox
    from redbag.services.post import Post

    for site in outbox.sites():
        with _written():  # one by one: nobody at work waits for all of them
            outbox.follow_place(site, _now())
    with _written():
        released, unsure = outbox.release_abandoned(_now())
    if released or unsure:
        click.echo(f"Left by a sender that stopped: {released} wait again, {unsure} not certain.", err=True)
    with _written():
        total = outbox.waiting(_now())
    failed = 0
    with Post(app.config["REDBAG"].mail) as post:
        number = 0
        while (batch := _claim()) is not None:
            number += 1
            problem = _deliver(app, post, batch)
            said = f"{problem}" if problem else "sent"
            click.echo(f"{number} of {max(number, total)}: {batch.site}: {said}", err=True)
            failed += bool(problem)
            if failed > _MOST_FAILURES:
                click.echo("The mail server takes nothing: the rest waits for the next run.", err=True)
                break
    return bool(failed)


_MOST_FAILURES = 3


def _deliver(app: Flask, post: Post, batch: Batch) -> str:
    """Sends one message; returns what went wrong, "" for nothing."""
    from redbag.domain.mail_words import message_for
    from redbag.services import outbox
    from redbag.services.post import NotTakenError, UnknownError

    def handing_over() -> None:
        with _written():
            outbox.handing_over(batch, _now())

    message = message_for(batch.site, batch.count, app.config["REDBAG"].base_url)
    try:
        post.send(batch.address, message, batch.claim, _now(), handing_over)
    except NotTakenError as problem:
        with _written():
            outbox.refused(batch, str(problem), _now())
        return str(problem)
    except UnknownError as problem:
        with _written():
            outbox.unsure(batch, str(problem))
        return str(problem)
    with _written():
        outbox.sent(batch, _now())
    return ""


def _claim() -> Batch | None:
    from redbag.services import outbox

    with _written():
        return outbox.claim(_now())


@group.command("status")
@click.pass_obj
def status(make_app: MakeApp) -> None:
    """How many messages wait, were sent, are not certain or were given up.

    Not certain: the mail server fell silent, or the sender stopped, while a message was being handed over. It
    is not sent twice. Given up: refused seven times, or e-mail was switched off meanwhile.

    \b
    Example:
      python -m redbag mail status
    """
    from redbag.queries.site_settings import outbox_counts

    with reading(make_app):
        counts = outbox_counts()
    for state in ("waiting", "claimed", "handing", "sent", "unsure", "given_up"):
        click.echo(f"{state.replace('_', ' '):10} {counts.get(state, 0)}")


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _written() -> Iterator[None]:
    """One short write transaction: a mail server is never waited for inside one."""
    from redbag.database import begin_write, db

    begin_write()
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
