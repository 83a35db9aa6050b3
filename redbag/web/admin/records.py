"""A person's rights at their record, as the administrator answers them: by its reference, without a name."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import NotFound
from redbag.domain.permissions import Permission
from redbag.domain.record import Field
from redbag.queries import records_by_reference as queries
from redbag.web.admin import blueprint
from redbag.web.forms import Form
from redbag.web.guards import actor, requires
from redbag.web.record_rights import Of, offer_rights

REF = Field("ref", "Reference of the record", longest=40)


def _of(resident_ref: str) -> Of:
    found = queries.get(actor(), resident_ref)
    page = url_for("admin.record", resident_ref=found.ref)
    return Of(found.ref, f"Record {found.ref} of {found.home}", page, named=False)


@blueprint.get("/admin/records")
@requires(Permission.ADMIN_READ)
def find_record() -> ResponseReturnValue:
    """Asks for the reference that the home reads out."""
    form, typed = Form((REF,), {"ref": request.args.get("ref", "")[:40]}), request.args.get("ref", "").strip()
    if typed:
        try:
            return redirect(url_for("admin.record", resident_ref=queries.get(actor(), typed).ref))
        except NotFound as problem:
            form.errors["ref"] = str(problem)
    page = render_template("admin/record_find.html", form=form, errors=form.errors, question=REF)
    return page, 404 if form.errors else 200


@blueprint.get("/admin/records/<resident_ref>")
@requires(Permission.ADMIN_READ)
def record(resident_ref: str) -> ResponseReturnValue:
    """Whose home it is of, and whether it is restricted; nothing of what it says."""
    return render_template("admin/record.html", record=queries.get(actor(), resident_ref))


offer_rights(blueprint, "/admin/records", Permission.ADMIN_EDIT, _of, "admin.find_record")
