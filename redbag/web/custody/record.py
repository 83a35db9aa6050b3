"""The custody record: as the journey stands, and as it was issued, on a page, on paper and as a table."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.documents.custody_pdf import Issue
from redbag.documents.custody_pdf import custody_pdf as draw
from redbag.domain import bag_code, custody_record, signature
from redbag.domain.custody_record import CustodyRecord
from redbag.domain.permissions import Permission
from redbag.queries import custody_record as queries
from redbag.services import custody_records as services
from redbag.services import found_photos
from redbag.web.custody import blueprint, table
from redbag.web.guards import actor, audits, commits, exports, note_read, now, requires


@blueprint.get("/transfers/<ref>/custody")
@requires(Permission.TRANSFER_READ)
@audits
def record(ref: str) -> ResponseReturnValue:
    """Who had the bag when, what was found in it, and what was lost between which moments."""
    transfer = services.may_read(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    issued = [(row, bag_code.grouped(services.code_if_it_fits(row))) for row in queries.issued(transfer)]
    return _page(
        transfer,
        queries.of(transfer),
        issued=issued,
        photographable=found_photos.things(actor(), transfer),
        slips=found_photos.own_slips(actor(), transfer, now()),
    )


@blueprint.post("/transfers/<ref>/custody")
@requires(Permission.TRANSFER_READ)
@commits
def issue(ref: str) -> ResponseReturnValue:
    """Freezes the record and gives it a code by which anybody can have it confirmed."""
    row = services.issue(actor(), ref, now())
    flash("The record is made. Its code stands below, and on the paper.", "done")
    return redirect(url_for("custody.issued", ref=ref, record_ref=row.ref), 303)


@blueprint.get("/transfers/<ref>/custody/<record_ref>")
@requires(Permission.TRANSFER_READ)
@audits
def issued(ref: str, record_ref: str) -> ResponseReturnValue:
    """One record as it was issued."""
    transfer = services.may_read(actor(), ref)
    row = queries.one_issued(transfer, record_ref)
    note_read("transfer.read", ("transfer", ref))
    return _page(transfer, custody_record.from_json(row.content["record"]), issue=_issue(row), row=row)


def _page(transfer: Any, told: CustodyRecord, **more: Any) -> str:
    return render_template(
        "custody/record.html",
        transfer=transfer,
        record=told,
        path=signature.path,
        own=actor().organisation_id == transfer.home_id,
        **{"issue": None, "row": None, "issued": (), "photographable": (), "slips": (), **more},
    )


def _issue(row: Any) -> Issue:
    """What stands on an issued record beside its content."""
    return Issue(
        code=bag_code.grouped(services.code_of(row)),
        made_by=row.issued_by,
        organisation=row.content["organisation"],
        made_at=row.issued_at,
        confirm_at=f"{g.settings.base_url}{url_for('custody.confirm')}",
    )


@blueprint.get("/transfers/<ref>/custody/<record_ref>/record.pdf")
@requires(Permission.TRANSFER_READ)
@exports(Permission.TRANSFER_READ)
@audits
def pdf(ref: str, record_ref: str) -> ResponseReturnValue:
    """One issued record on A4."""
    row = queries.one_issued(services.may_read(actor(), ref), record_ref)
    note_read("custody.exported", ("custody_record", row.ref), format="pdf")
    content = draw(custody_record.from_json(row.content["record"]), _issue(row))
    return _file(content, "application/pdf", f'inline; filename="custody-record-{record_ref[:6]}.pdf"')


@blueprint.get("/transfers/<ref>/custody/<record_ref>/record.csv")
@requires(Permission.TRANSFER_READ)
@exports(Permission.TRANSFER_READ)
@audits
def csv(ref: str, record_ref: str) -> ResponseReturnValue:
    """One issued record as a table for spreadsheets."""
    row = queries.one_issued(services.may_read(actor(), ref), record_ref)
    note_read("custody.exported", ("custody_record", row.ref), format="csv")
    content = table.as_csv(custody_record.from_json(row.content["record"]), _issue(row))
    name = f'attachment; filename="custody-record-{record_ref[:6]}.csv"'
    return _file(content.encode("utf-8-sig"), "text/csv", name)


def _file(content: bytes, mimetype: str, disposition: str) -> Response:
    """The name of the file names no person: it stays in download folders."""
    return Response(content, mimetype=mimetype, headers={"Content-Disposition": disposition})
