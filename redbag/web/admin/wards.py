"""A hospital's wards: added, changed, closed."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, NotFound, Stale
from redbag.domain.permissions import OrganisationKind, Permission
from redbag.domain.record import Field, Kind
from redbag.queries import organisations as queries
from redbag.services import organisations as service
from redbag.web.admin import blueprint
from redbag.web.conflict import Difference, differences, version_sent
from redbag.web.forms import Form
from redbag.web.guards import actor, commits, now, requires

WARD_KIND_WORDS = (
    ("emergency_department", "Emergency department"),
    ("assessment_unit", "Assessment unit"),
    ("ward", "Ward"),
    ("virtual_ward", "Virtual ward (the hospital stay has ended)"),
)
QUESTIONS = (
    Field("name", "Name of the ward", longest=120, required="Write the ward’s name, as staff say it."),
    Field("kind", "What kind", Kind.CHOICE, WARD_KIND_WORDS, required="Choose what kind of ward it is."),
    Field("phone", "Phone", longest=40, hint="Homes ring it"),
)


@blueprint.get("/admin/organisations/<ref>/wards")
@requires(Permission.ADMIN_EDIT)
def add_ward(ref: str) -> ResponseReturnValue:
    """An empty form for a ward."""
    return _new_page(ref, Form(QUESTIONS, {"kind": "ward"}))


@blueprint.post("/admin/organisations/<ref>/wards")
@requires(Permission.ADMIN_EDIT)
@commits
def save_ward(ref: str) -> ResponseReturnValue:
    """Adds the ward and offers the next one."""
    form = Form(QUESTIONS)
    try:
        ward = service.add_ward(actor(), ref, form.read(), now())
    except Invalid as problem:
        form.fail(problem)
        return _new_page(ref, form), 422
    flash(f"{ward.name} added. Add the next one, or go back.", "done")
    return redirect(url_for("admin.add_ward", ref=ref), 303)


def _new_page(ref: str, form: Form) -> str:
    found = queries.get(actor(), ref)
    if found.kind != OrganisationKind.HOSPITAL.value:
        raise NotFound("Only a hospital has wards.")
    there = queries.open_wards(found.id)
    return render_template("admin/ward_new.html", form=form, errors=form.errors, found=found, there=there)


@blueprint.get("/admin/wards/<ref>")
@requires(Permission.ADMIN_EDIT)
def edit_ward(ref: str) -> ResponseReturnValue:
    """A ward's details, to be changed; or to be closed."""
    ward = queries.ward(actor(), ref)
    form = Form(QUESTIONS, {"name": ward.name, "kind": ward.kind, "phone": ward.phone})
    return _edit_page(ref, form, ward.version)


@blueprint.post("/admin/wards/<ref>")
@requires(Permission.ADMIN_EDIT)
@commits
def change_ward(ref: str) -> ResponseReturnValue:
    """Changes the ward."""
    form = Form(QUESTIONS)
    try:
        typed = form.read()
        ward = service.change_ward(actor(), ref, version_sent(), typed, now())
    except Invalid as problem:
        form.fail(problem)
        return _edit_page(ref, form, version_sent()), 422
    except Stale as stale:
        both = differences(QUESTIONS, stale.theirs, typed)
        return _edit_page(ref, form, queries.ward(actor(), ref).version, both), 409
    flash("Saved.", "done")
    return redirect(url_for("admin.organisation", ref=ward.organisation.ref), 303)


@blueprint.post("/admin/wards/<ref>/close")
@requires(Permission.ADMIN_EDIT)
@commits
def close_ward(ref: str) -> ResponseReturnValue:
    """Takes the ward out of every list."""
    try:
        ward = service.close_ward(actor(), ref, now())
    except Invalid as problem:
        found = queries.ward(actor(), ref)
        form = Form(QUESTIONS)
        form.fail(problem)
        return _edit_page(ref, form, found.version), 422
    flash(f"{ward.name} is closed.", "done")
    return redirect(url_for("admin.organisation", ref=ward.organisation.ref), 303)


def _edit_page(ref: str, form: Form, version: int, conflict: tuple[Difference, ...] = ()) -> str:
    ward = queries.ward(actor(), ref)
    return render_template(
        "admin/ward_edit.html", form=form, errors=form.errors, ward=ward, version=version, conflict=conflict
    )
