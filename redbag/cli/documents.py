"""`label` and `pack`: paper, from the command line."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import click

from redbag.cli.root import MakeApp, OperatorError, write_file, writing
from redbag.domain import bag_code

_OUT = click.Path(dir_okay=False, path_type=Path, allow_dash=True)
# As redbag/documents/label.py names them; said again here so that --help need not load the drawing.
_FORMATS = ("62mm", "54x101", "a4")


@click.group("label")
def labels() -> None:
    """The label in a red bag's window."""


@labels.command("preview")
@click.option("--bag", required=True, help="The bag's number, as it stands on the bag.")
@click.option("--token", required=True, help="What stands in the address after /B/.")
@click.option("--base-url", required=True, help="Where the pages are, for example https://redbag.example.org")
@click.option("--format", "label_format", type=click.Choice(_FORMATS), default="62mm", show_default=True)
@click.option("--position", type=click.IntRange(1, 8), default=1, help="Which label of an A4 sheet, 1 to 8.")
@click.option("--home", default="Example care home", show_default=True, help="Who gets the bag back.")
@click.option("--phone", default="020 7946 0199", show_default=True, help="Whom to ring.")
@click.option("--out", type=_OUT, required=True, help="The PDF to write; - for the standard output.")
def preview(
    bag: str, token: str, base_url: str, label_format: str, position: int, home: str, phone: str, out: Path
) -> None:
    """Draw a label as a PDF, to try a printer. Needs no database and no secret.

    \b
    Example:
      python -m redbag label preview --bag 012 --token 8KQ2M6XWA9TDY4RN7CHE5GJ3PZ \\
          --base-url https://redbag.example.org --format 62mm --out label.pdf
    """
    from redbag.documents.label import LabelCard, label_pdf

    try:
        plain = bag_code.normalise(token)
        if not plain:
            raise OperatorError("Give the token that the label is to carry: --token.")
        card = LabelCard(
            url=f"{base_url.rstrip('/')}/B/{plain}".upper(),
            bag_number=bag,
            # A real code is derived under a key; the preview's only has to look and check like one.
            code=bag_code.grouped(bag_code.readable(hashlib.sha256(plain.encode()).digest()[:5])),
            home_name=home,
            return_lines=(),
            phone=phone,
        )
        content = label_pdf(card, label_format, position)
    except ValueError as problem:
        raise OperatorError(str(problem)) from None
    write_file(out, content)


@click.group("pack")
def packs() -> None:
    """The transfer pack."""


@packs.command("blank")
@click.option("--home", default="", help="The care home, as it is to stand on every page.")
@click.option("--phone", default="", help="Whom to ring about the person, by night too.")
@click.option("--out", type=_OUT, required=True, help="The PDF to write; - for the standard output.")
def blank(home: str, phone: str, out: Path) -> None:
    """Draw a blank pack, to print in advance and fill in by hand when the system is down.

    Needs no database and no secret. Without --home, the home writes its own name.

    \b
    Example:
      python -m redbag pack blank --home "Maple House" --phone "020 7946 0199" --out blank.pdf
    """
    from redbag.documents.blank_pack import blank_pack_pdf
    from redbag.domain.pack import HomeCard

    line = "_" * 24
    write_file(out, blank_pack_pdf(HomeCard(home or line, phone or line, "", "", "")))


@packs.command("pdf")
@click.argument("ref")
@click.option("--out", type=_OUT, required=True, help="The PDF to write; - for the standard output.")
@click.pass_obj
def pdf(make_app: MakeApp, ref: str, out: Path) -> None:
    """Write the newest kept version of a transfer's pack as a PDF.

    REF is the transfer's reference, as it stands in the address of its page. The pack is about a
    person: that it was taken out is written in the audit log.

    \b
    Example:
      python -m redbag pack pdf 3f8kq2m6xw9tdy4r --out pack.pdf
    """
    from redbag.documents.pack_pdf import pack_pdf
    from redbag.queries.packs import since_it_left
    from redbag.queries.papers import face_of
    from redbag.services.packs import operator_copy

    with writing(make_app):
        pack = operator_copy(ref, datetime.now(UTC))
        content = pack_pdf(pack, photo=face_of(pack.files), since=since_it_left(pack))
    write_file(out, content)
