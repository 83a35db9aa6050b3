"""A person's whole record, taken away by the manager of their home for whoever asks for it."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from redbag.documents.whole_record import zipped
from redbag.domain.london_time import to_london
from redbag.domain.permissions import Permission
from redbag.queries import residents
from redbag.queries import whole_record as queries
from redbag.web.guards import actor, audits, exports, note_read, now, requires
from redbag.web.home import blueprint


@blueprint.get("/residents/<resident_ref>/whole-record")
@requires(Permission.HOME_MANAGE)
@audits
def whole_record(resident_ref: str) -> ResponseReturnValue:
    """What is in it, and what to look at before it is handed over."""
    found = residents.get(actor(), resident_ref)
    note_read("resident.read", ("resident", found.ref))
    return render_template("home/whole_record.html", resident=found)


@blueprint.get("/residents/<resident_ref>/whole-record.zip")
@requires(Permission.HOME_MANAGE)
@exports(Permission.HOME_MANAGE)
@audits
def whole_record_zip(resident_ref: str) -> ResponseReturnValue:
    """All of it as one file."""
    record = queries.for_manager(actor(), resident_ref, now())
    content, files = zipped(record, queries.picture)
    note_read("person.exported", ("resident", resident_ref), files=files)
    answer = Response(content, mimetype="application/zip")
    name = f"whole-record-{resident_ref}-{to_london(now()):%Y-%m-%d}.zip"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
