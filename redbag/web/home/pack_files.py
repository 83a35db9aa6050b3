"""The pack and its label on paper."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request
from flask.typing import ResponseReturnValue

from redbag.documents.label import FORMATS, LabelCard
from redbag.documents.label import label_pdf as draw_label
from redbag.documents.pack_pdf import pack_pdf as draw_pack
from redbag.domain import bag_code
from redbag.domain.errors import NotFound
from redbag.domain.papers import papers_of
from redbag.domain.permissions import Permission
from redbag.queries import packs, papers, transfers
from redbag.services import labels
from redbag.web.guards import actor, audits, note_read, requires
from redbag.web.home import blueprint

NO_NUMBER = "no number"


def label_card(transfer: Any) -> LabelCard | None:
    """What the label of this journey says; None when it has none that works."""
    label = labels.current(transfer)
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


@blueprint.get("/transfers/<ref>/pack.pdf")
@requires(Permission.TRANSFER_READ)
@audits
def pack_pdf(ref: str) -> ResponseReturnValue:
    """One kept version of the pack, with its papers behind it and the label to cut out on a last
    page when asked for."""
    transfer = transfers.get(actor(), ref)
    newest = packs.latest(transfer.id)
    if newest is None:
        raise NotFound("This pack has not been printed or handed over yet.")
    number = request.args.get("version", type=int, default=newest.version)
    pack = packs.version(transfer.id, number)
    behind = request.args.get("papers") == "yes"
    note_read("pack.printed", ("transfer", ref), version=number, papers=behind)
    label = label_card(transfer)
    card = label if request.args.get("label") == "a4" else None
    if card is not None:
        note_read("label.printed", ("transfer", ref), format="a4")
    pages = papers.pages_of(papers_of(pack.files)) if behind else None
    newest_at = f"{label.url}/{number}" if label else ""
    return _pdf(draw_pack(pack, card, pages, newest_at), f"red-bag-pack-{ref[:6]}-version-{number}.pdf")


@blueprint.get("/transfers/<ref>/label-<label_format>.pdf")
@requires(Permission.TRANSFER_PACK)
@audits
def label_pdf(ref: str, label_format: str) -> ResponseReturnValue:
    """The label alone, for a label printer or a sheet."""
    transfer = transfers.get(actor(), ref)
    card = label_card(transfer)
    if label_format not in FORMATS or card is None:
        raise NotFound("There is no label that works for this journey.")
    note_read("label.printed", ("transfer", ref), format=label_format)
    return _pdf(draw_label(card, label_format), f"red-bag-label-{label_format}.pdf")


def _pdf(content: bytes, name: str) -> Response:
    """The name of the file names no person: it stays in download folders."""
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, mimetype="application/pdf", headers=headers)
