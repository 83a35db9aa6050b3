"""`dmd`: the dictionary of medicines and devices that is offered while a medicine is typed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from redbag.cli.root import MakeApp, OperatorError, reading

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("dmd")
def group() -> None:
    """The dictionary of medicines and devices (dm+d): coded names, offered while somebody types."""


@group.command("load")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--older", is_flag=True, help="Load it although a later release is loaded already.")
@click.pass_obj
def load(make_app: MakeApp, files: tuple[Path, ...], older: bool) -> None:
    """Load a release: its ZIP file as published, or its f_vtm2, f_vmp2 and f_amp2 XML files.

    Running it twice changes nothing. A later release marks what it does not have any more as
    discontinued: it is not offered again, and stays where it was used. A release that is older than one
    loaded before is refused, by the day in the names of its files, unless --older is given.

    Everything is read and checked before anything is written, and it is written in short steps: the
    pages stay open meanwhile. Expect a minute or two for a whole release.

    \b
    Examples:
      python -m redbag dmd load nhsbsa_dmd_11.2.0_20261116000001.zip
      python -m redbag dmd load f_vmp2_3121124.xml f_amp2_3121124.xml
    """
    from tqdm import tqdm

    from redbag.database import begin_write, db
    from redbag.domain.errors import Invalid
    from redbag.services import dictionary
    from redbag.storage import dmd_release

    # In a log file, a line every few seconds is enough.
    pause = 0.2 if sys.stderr.isatty() else 5
    with reading(make_app):
        try:
            day = dmd_release.released_on(files)
            if not older:
                dictionary.refuse_older(day)
            read = list(
                tqdm(dmd_release.concepts(files), desc="Reading", unit=" concepts", mininterval=pause)
            )
        except Invalid as problem:
            raise OperatorError(problem.errors["file"]) from None
        found = dictionary.difference(read)
        name = ", ".join(path.stem for path in files)
        with tqdm(total=found.size, desc="Writing", unit=" concepts", mininterval=pause) as bar:
            for step in dictionary.steps(found, name, len(read), datetime.now(UTC), day):
                begin_write()
                try:
                    bar.update(step())
                    db.session.commit()
                except BaseException:
                    db.session.rollback()
                    raise
    click.echo(
        f"Loaded: {len(read):,} concepts, of which {len(found.added):,} are new and {len(found.changed):,} "
        f"changed. {len(found.gone):,} are not in this release and are discontinued."
    )
