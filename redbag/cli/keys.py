"""`keys`: what is sealed in the database, and sealing it anew."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from redbag.cli.root import MakeApp, OperatorError, reading, writing

if TYPE_CHECKING:
    from flask import Flask


@click.group("keys")
def group() -> None:
    """Seal fields about people under REDBAG_FIELD_KEY, go back to plain, and replace keys.

    \b
    The first key, or a new one:
      1. Set REDBAG_FIELD_KEY to 32 random bytes in hex; move the key before it to REDBAG_FIELD_KEY_OLD.
      2. Start every server anew, so that all of them know both.
      3. python -m redbag keys seal
      4. python -m redbag keys clean       (in a quiet hour: what was plain leaves the files too)
      5. Take REDBAG_FIELD_KEY_OLD out.

    The keys of secrets, labels and the audit log: `keys rotate`.

    Keep the key as you keep the others: apart from the database and its backups. Without it, what is sealed
    is lost for good.
    """


@group.command("status")
@click.pass_obj
def status(make_app: MakeApp) -> None:
    """Count the values that stand under each key, and those that are plain.

    \b
    Example:
      python -m redbag keys status
    """
    with reading(make_app) as app:
        from redbag.services import resealing

        here = _ids(app)
        for table, counted in resealing.counts().items():
            for key in sorted(counted):
                click.echo(f"{table:<20} {counted[key]:>10,}  {_words(key, here)}")
        rows = resealing.left()
        click.echo(f"{_seals_with(here)} Rows that are not yet so: {rows:,}.")


@group.command("seal")
@click.pass_obj
def seal(make_app: MakeApp) -> None:
    """Seal everything under REDBAG_FIELD_KEY: what is plain, and what is under an older key.

    It works beside the running system and can be stopped and started again. Exit code 1 where something is
    left.

    \b
    Example:
      python -m redbag keys seal
    """
    with reading(make_app) as app:
        if app.config["REDBAG"].field_key is None:
            raise OperatorError("Set REDBAG_FIELD_KEY first: 32 random bytes in hex.")
        _bring("sealed")


@group.command("unseal")
@click.pass_obj
def unseal(make_app: MakeApp) -> None:
    """Bring everything back to plain. Needs the key in REDBAG_FIELD_KEY_OLD, and no REDBAG_FIELD_KEY.

    \b
    Example:
      REDBAG_FIELD_KEY= REDBAG_FIELD_KEY_OLD=… python -m redbag keys unseal
    """
    with reading(make_app) as app:
        if app.config["REDBAG"].field_key is not None:
            raise OperatorError(
                "Move REDBAG_FIELD_KEY to REDBAG_FIELD_KEY_OLD and start every server anew first: until then "
                "what is written is sealed again."
            )
        _bring("plain")


@group.command("check")
@click.pass_obj
def check(make_app: MakeApp) -> None:
    """Open every sealed value; name each that does not open. Exit code 1 where there is one.

    \b
    Example:
      python -m redbag keys check
    """
    with reading(make_app):
        from redbag.database import db
        from redbag.services import resealing

        wrong = 0
        for sentence in resealing.unopened(db.session.connection()):
            wrong += 1
            click.echo(sentence, err=True)
    if wrong:
        raise click.exceptions.Exit(1)
    click.echo("Every sealed value opens.")


@group.command("rotate")
@click.pass_obj
def rotate(make_app: MakeApp) -> None:
    """Go on under new keys of secrets, labels and the audit log, once every server has them.

    \b
    1. Set REDBAG_SECRET_KEY, REDBAG_LABEL_KEY or REDBAG_AUDIT_KEY to 32 random bytes in hex; put the key
       before it first into REDBAG_SECRET_KEY_OLD, REDBAG_LABEL_KEY_OLD or REDBAG_AUDIT_KEY_OLD.
    2. Stop every server, then start them: none with the settings from before may go on.
    3. python -m redbag keys rotate

    It seals authenticator apps anew, writes down in the audit log that the new keys are in use, and says
    what still needs an older one. It can be run again.

    \b
    Example:
      python -m redbag keys rotate
    """
    from redbag.security import key_ring
    from redbag.services import key_rotation

    with writing(make_app) as app:
        settings = app.config["REDBAG"]
        if not (settings.secret_keys_old or settings.label_keys_old or settings.audit_keys_old):
            raise OperatorError("Set a new key first, and the one before it as …_OLD: see --help.")
        renewed = key_rotation.rotate(settings, datetime.now(UTC))
    with reading(make_app):
        left = key_rotation.left(settings)
    secret, label = key_ring.secret_keys(settings).newest_id, key_ring.label_keys(settings).newest_id
    click.echo(f"{renewed} authenticator apps sealed anew under the secret key {secret}.")
    click.echo(f"New labels and codes are made under the label key {label}.")
    click.echo(f"The audit log goes on under the key {key_ring.audit_keys(settings).newest_id}.")
    click.echo("Still needed, so leave the older keys in …_OLD:")
    click.echo(f"  label key: {left.labels} labels that work, {left.custody_records} custody records")
    click.echo(f"  secret key: {left.apps} apps, {left.pins} PINs, recovery codes of {left.codes} people")
    click.echo("  audit key: for good, to check the entries from before")


@group.command("clean")
@click.pass_obj
def clean(make_app: MakeApp) -> None:
    """Write the database's files anew, so that nothing is left in them of what once stood there plain.

    Whoever writes waits meanwhile: do it in a quiet hour. Needs as much room again as the database has.

    \b
    Example:
      python -m redbag keys clean
    """
    with reading(make_app):
        from redbag.services import resealing

        if not resealing.clean():
            raise OperatorError("Somebody was reading: run it again, to empty the write-ahead file too.")
    click.echo("Written anew. Older backups, copies and archived logs of the database are as they were.")


def _bring(to: str) -> None:
    from tqdm import tqdm

    from redbag.database import begin_write, db
    from redbag.sealed_columns import newest_id
    from redbag.services import audit, resealing

    with tqdm(total=resealing.left(), unit=" rows", mininterval=0.2 if sys.stderr.isatty() else 5) as bar:
        db.session.rollback()
        remaining = resealing.all_rows(bar.update)
        done = bar.n
    begin_write()
    details = {"key": newest_id(), "rows": done}
    audit.append(
        None, audit.Note("fields.resealed", reason="operator’s command", details=details), datetime.now(UTC)
    )
    db.session.commit()
    if remaining:
        click.echo(f"{remaining:,} rows are left: others are writing them. Run it again.", err=True)
        raise click.exceptions.Exit(1)
    click.echo(
        f"Everything is {to}. What stood there before leaves the files with `python -m redbag keys clean`."
    )


def _ids(app: Flask) -> list[str]:
    from redbag.services import field_keys

    settings = app.config["REDBAG"]
    found = field_keys.ids(None, settings.field_keys_old)
    return [*field_keys.ids(settings.field_key, ()), *found] if settings.field_key else ["", *found]


def _words(key: str, here: list[str]) -> str:
    from redbag.services.resealing import PLAIN

    if key == PLAIN:
        return "plain"
    if key not in here:
        return f"under {key}, WHICH IS NOT SET"
    return f"under {key}{'' if key == here[0] else ', an older key'}"


def _seals_with(here: list[str]) -> str:
    return f"New values are sealed under {here[0]}." if here[0] else "New values stay plain."
