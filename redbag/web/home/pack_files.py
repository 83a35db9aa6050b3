"""The pack and its label on paper."""

from __future__ import annotations

from typing import Any

from flask import Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.documents.label import FORMATS, SHEET_POSITIONS, LabelCard
from redbag.documents.label import label_pdf as draw_label
from redbag.documents.pack_pdf import pack_pdf as draw_pack
from redbag.documents.pack_pdf import papers_pdf as draw_papers
from redbag.documents.papers import Behind
from redbag.domain import bag_code
from redbag.domain.errors import NotFound
from redbag.domain.papers import Print, behind_pack
from redbag.domain.permissions import Permission
from redbag.queries import packs, papers, transfers
from redbag.services import access_codes, labels
from redbag.web.guards import actor, audits, note_read, requires
from redbag.web.home import blueprint
from redbag.web.home.steps import who

NO_NUMBER = "no number"


def label_card(transfer: Any) -> LabelCard | None:
    """What the label of this journey says; None when it has none that works and can be printed."""
    label = labels.printable(transfer)
    if label is None:
        return None
    home = transfer.home
    return LabelCard(
        url=labels.address_of(label, g.settings.base_url),
        bag_number=transfer.bag.number if transfer.bag else NO_NUMBER,
        code=bag_code.grouped(labels.code_of(label)),
        home_name=home.name,
        return_lines=tuple(line.strip() for line in home.address.splitlines() if line.strip()),
        phone=home.night_phone or home.phone,
    )


def access_code(transfer: Any) -> str:
    """The code for somebody at the hospital without an account, grouped; "" without a label that works."""
    label = labels.printable(transfer)
    return bag_code.grouped(access_codes.current(label)) if label else ""


@blueprint.get("/transfers/<ref>/pack.pdf")
@requires(Permission.TRANSFER_PACK)
@audits
def pack_pdf(ref: str) -> ResponseReturnValue:
    """One kept version of the pack, with its papers behind it and the label to cut out on a last
    page when asked for.

    For the home alone: an older version has what was taken away since, the label opens the bag's pages, and
    a ward reads the newest version on its own pages, not at all while it is in doubt whose it is.
    """
    transfer = transfers.get(actor(), ref)
    newest = packs.latest(transfer.id)
    if newest is None:
        raise NotFound("This pack has not been printed or handed over yet.")
    number = request.args.get("version", type=int, default=newest.version)
    pack = packs.version(transfer.id, number)
    wanted = request.args.get("papers", "")
    behind = papers.prints([pack.files])[0] if wanted in ("yes", "fitting") else None
    if behind is not None and behind.left_out and wanted == "yes":
        return redirect(url_for("home.pack_papers", ref=ref, number=number))
    note_read("pack.printed", ("transfer", ref), version=number, papers=behind is not None)
    label = label_card(transfer)
    card = label if request.args.get("label") == "a4" else None
    if card is not None:
        note_read("label.printed", ("transfer", ref), format="a4")
    added = Behind(behind, papers.pages_of) if behind is not None else None
    newest_at = f"{label.url}/{number}" if label else ""
    drawn = draw_pack(
        pack,
        card,
        added,
        newest_at,
        photo=papers.face_of(pack.files),
        since=packs.changed_since(transfer.id, pack, transfer.gone_by),
        access_code=access_code(transfer),
    )
    return _pdf(drawn, f"red-bag-pack-{ref[:6]}-version-{number}.pdf")


@blueprint.get("/transfers/<ref>/pack-<int:number>/papers")
@requires(Permission.TRANSFER_PACK)
@audits
def pack_papers(ref: str, number: int) -> ResponseReturnValue:
    """The prints of one kept version that make it up where its papers are too long for one."""
    transfer = transfers.get(actor(), ref)
    pack = packs.version(transfer.id, number)
    note_read("transfer.read", ("transfer", ref))
    return render_template(
        "home/pack_papers.html",
        transfer=transfer,
        number=number,
        print=papers.prints([pack.files])[0],
        who=who(transfer.resident),
    )


@blueprint.get("/transfers/<ref>/pack-<int:number>/paper-<paper_ref>.pdf")
@requires(Permission.TRANSFER_PACK)
@audits
def pack_paper(ref: str, number: int, paper_ref: str) -> ResponseReturnValue:
    """One paper of a kept version by itself, for those that are too long to be printed behind the pack."""
    transfer = transfers.get(actor(), ref)
    pack = packs.version(transfer.id, number)
    file = next((file for file in behind_pack(pack.files) if file.ref == paper_ref), None)
    if file is None:
        raise NotFound(papers.NO_SUCH)
    note_read("paper.read", ("paper", file.ref), what=file.kind, page="print")
    alone = Behind(Print((file,)), papers.pages_of)
    return _pdf(draw_papers(pack, alone), f"red-bag-paper-{ref[:6]}-version-{number}.pdf")


@blueprint.get("/transfers/<ref>/label-<label_format>.pdf")
@requires(Permission.TRANSFER_PACK)
@audits
def label_pdf(ref: str, label_format: str) -> ResponseReturnValue:
    """The label alone, for a label printer or for the place of a sheet that is still free."""
    transfer = transfers.get(actor(), ref)
    card = label_card(transfer)
    if label_format not in FORMATS or card is None:
        raise NotFound("There is no label that works for this journey.")
    position = request.args.get("position", type=int, default=1)
    if not 1 <= position <= SHEET_POSITIONS:
        raise NotFound(f"The sheet has labels 1 to {SHEET_POSITIONS}.")
    note_read("label.printed", ("transfer", ref), format=label_format)
    return _pdf(draw_label(card, label_format, position), f"red-bag-label-{label_format}.pdf")


def _pdf(content: bytes, name: str) -> Response:
    """The name of the file names no person: it stays in download folders."""
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, mimetype="application/pdf", headers=headers)
