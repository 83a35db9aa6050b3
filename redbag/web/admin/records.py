"""A person's rights at their record, as the administrator answers them: by its reference, without a name."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import NotFound
from redbag.domain.permissions import Permission
from redbag.domain.record import Field
from redbag.queries import records_by_reference as queries
from redbag.web import record_rights as rights
from redbag.web.admin import blueprint
from redbag.web.forms import Form
from redbag.web.guards import actor, commits, confirms, requires

REF = Field("ref", "Reference of the record", longest=40)


def _of(resident_ref: str) -> rights.Of:
    found = queries.get(actor(), resident_ref)
    page = url_for("admin.record", resident_ref=found.ref)
    return rights.Of(found.ref, f"Record {found.ref} of {found.home}", page)


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


@blueprint.get("/admin/records/<resident_ref>/restrict")
@requires(Permission.ADMIN_EDIT)
@confirms("admin.restrict_record")
def restrict_record(resident_ref: str) -> ResponseReturnValue:
    """Why it is to be kept and not used."""
    return rights.restrict_page(_of(resident_ref), Form((rights.REASON,)))


@blueprint.post("/admin/records/<resident_ref>/restrict")
@requires(Permission.ADMIN_EDIT)
@confirms("admin.restrict_record")
@commits
def save_restriction(resident_ref: str) -> ResponseReturnValue:
    """Sets the record aside."""
    return rights.restrict(_of(resident_ref))


@blueprint.get("/admin/records/<resident_ref>/lift-restriction")
@requires(Permission.ADMIN_EDIT)
@confirms("admin.lift_restriction")
def lift_restriction(resident_ref: str) -> ResponseReturnValue:
    """What lifting it means."""
    return render_template("rights/lift.html", of=_of(resident_ref))


@blueprint.post("/admin/records/<resident_ref>/lift-restriction")
@requires(Permission.ADMIN_EDIT)
@confirms("admin.lift_restriction")
@commits
def save_lifting(resident_ref: str) -> ResponseReturnValue:
    """The record is used again."""
    return rights.lift(_of(resident_ref))


@blueprint.get("/admin/records/<resident_ref>/erase")
@requires(Permission.ADMIN_EDIT)
@confirms("admin.erase_record")
def erase_record(resident_ref: str) -> ResponseReturnValue:
    """What would go and what would stay."""
    return rights.erase_form(_of(resident_ref))


@blueprint.post("/admin/records/<resident_ref>/erase")
@requires(Permission.ADMIN_EDIT)
@confirms("admin.erase_record")
@commits
def erase_for_good(resident_ref: str) -> ResponseReturnValue:
    """Erases the person, all or nothing."""
    return rights.erase(_of(resident_ref), url_for("admin.find_record"))
