"""`demo`: an invented borough to try everything on."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from redbag.cli.root import MakeApp, OperatorError, reading, writing


@click.group("demo")
def group() -> None:
    """Invented homes, people and journeys. Only where REDBAG_MODE=demo, which every page then says."""


@group.command("load")
@click.option(
    "--homes", type=click.IntRange(1, 100_000), default=80, show_default=True, help="How many care homes."
)
@click.option(
    "--transfers",
    type=click.IntRange(0, 10_000_000),
    default=2600,
    show_default=True,
    help="How many journeys to hospital, over two years or more.",
)
@click.option(
    "--seed", type=int, default=2026, show_default=True, help="The same seed makes the same borough."
)
@click.pass_obj
def load(make_app: MakeApp, homes: int, transfers: int, seed: int) -> None:
    """Fill an empty database with an invented borough, all or nothing.

    Every journey has its events and its stay; the newest 10,000 also have their packs, belongings,
    medicines and audit entries. Beyond 100,000 journeys there are several boroughs, the further ones copied
    from the first. Expect some minutes for each million.

    \b
    Examples:
      REDBAG_MODE=demo python -m redbag demo load
      REDBAG_MODE=demo python -m redbag demo load --homes 15000 --transfers 2500000 --seed 7
    """
    from tqdm import tqdm

    from redbag.security import key_ring
    from redbag.services.demo import earlier, pins
    from redbag.services.demo import load as demo

    with writing(make_app) as app:
        settings, now = app.config["REDBAG"], datetime.now(UTC)
        # In a log file, a line every few seconds is enough.
        pause = 0.2 if sys.stderr.isatty() else 5
        with tqdm(total=transfers, unit=" journeys", mininterval=pause) as bar:
            made = demo.load(
                homes, transfers, seed, now, bar.update, mode=settings.mode, saying=bar.set_postfix_str
            )
        pins.give(key_ring.secret_keys(settings), now)
        before = earlier.add(seed, now)
    click.echo(
        f"Loaded: {made.homes:,} homes, {made.residents:,} residents, {made.transfers:,} journeys, "
        f"{made.stays:,} stays since {made.since:%-d %B %Y}; of the first home {before:,} earlier stays."
    )


@group.command("accounts")
@click.pass_obj
def accounts(make_app: MakeApp) -> None:
    """Print who can sign in to the demonstration, and with which passphrase.

    \b
    Example:
      REDBAG_MODE=demo python -m redbag demo accounts
    """
    from redbag.queries.accounts import who_can_sign_in
    from redbag.services.demo import load as demo
    from redbag.services.demo import pins

    with reading(make_app) as app:
        settings = app.config["REDBAG"]
        if not settings.is_demo:
            raise OperatorError("This installation is not a demonstration: set REDBAG_MODE=demo.")
        there = who_can_sign_in([one[0] for one in demo.people()])
    people = [one for one in demo.people() if one[0] in there]
    if not people:
        raise OperatorError("Nobody is there yet: run `python -m redbag demo load` first.")
    click.echo(f"Everybody here is invented. The passphrase of each: {demo.DEMO_PASSPHRASE}")
    click.echo(f"The PIN of each, on a shared device once it is enrolled: {pins.DEMO_PIN}")
    width = max(len(email) for email, *_ in people)
    for email, name, role, place in people:
        click.echo(f"  {email:<{width}}  {name}, {role}, {place}")
    click.echo(f"Sign in at {settings.base_url}/sign-in")
