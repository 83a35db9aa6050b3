"""Organisations: found, made, changed; a home's bags."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, NotFound, Stale
from redbag.domain.permissions import OrganisationKind, Permission
from redbag.domain.record import YES_NO, Field, Kind
from redbag.queries import bags as bag_queries
from redbag.queries import organisations as queries
from redbag.queries.paging import LONGEST_SEARCH
from redbag.services import organisations as service
from redbag.web.admin import blueprint
from redbag.web.admin.checklist import LACKING_ACTS, LACKING_WORDS
from redbag.web.conflict import Difference, differences, version_sent
from redbag.web.forms import Form
from redbag.web.guards import actor, commits, now, requires

KIND_WORDS = {
    OrganisationKind.CARE_HOME: "Care home",
    OrganisationKind.HOSPITAL: "Hospital",
    OrganisationKind.OVERSIGHT: "Oversight body",
    OrganisationKind.OPERATOR: "Operator",
}
_NAME = Field("name", "Name", longest=200, required="Write the name, as people there say it.")
_ODS = Field(
    "ods_code", "ODS code", hint="1 to 9 letters and digits. Leave it blank if there is none.", longest=20
)
_ADDRESS = Field("address", "Address", Kind.LONG_TEXT, hint="As on an envelope. It stands on the labels.")
_PHONE = Field("phone", "Phone", hint="The main number", longest=40)
HOME_QUESTIONS = (
    _NAME,
    _ODS,
    _PHONE,
    Field(
        "night_phone",
        "Phone that is answered at night",
        hint="It stands on every label and pack: the number that a ward rings at three in the morning",
        longest=40,
    ),
    _ADDRESS,
    Field(
        "with_nursing",
        "Care home with nursing",
        Kind.CHOICE,
        YES_NO,
        hint="Decides the discharge code: 55 with nursing, 56 without",
    ),
    Field(
        "joined_on",
        "First day of using the red bag",
        Kind.DATE,
        hint="Stays are counted from this day, and charts mark it",
    ),
)
OTHER_QUESTIONS = (_NAME, _ODS, _PHONE, _ADDRESS)
BAG_QUESTIONS = (
    Field(
        "first",
        "From number",
        Kind.NUMBER,
        least=1,
        most=9999,
        required="Write the first number.",
        whole=True,
    ),
    Field(
        "last", "To number", Kind.NUMBER, least=1, most=9999, required="Write the last number.", whole=True
    ),
)


def _questions(kind: OrganisationKind) -> tuple[Field, ...]:
    return HOME_QUESTIONS if kind is OrganisationKind.CARE_HOME else OTHER_QUESTIONS


def _kind(text: str) -> OrganisationKind | None:
    return next((kind for kind in OrganisationKind if kind.value == text), None)


@blueprint.get("/admin/organisations")
@requires(Permission.ADMIN_READ)
def organisations() -> ResponseReturnValue:
    """Every organisation by name, searched and a page at a time."""
    words, kind = request.args.get("q", "")[:LONGEST_SEARCH], _kind(request.args.get("kind", ""))
    page = queries.listed(actor(), words, kind, request.args.get("page", 1, type=int))
    return render_template(
        "admin/organisations.html", page=page, words=words, kind=kind, kinds=KIND_WORDS, lacking=LACKING_WORDS
    )


@blueprint.get("/admin/organisations/new")
@requires(Permission.ADMIN_EDIT)
def new_organisation() -> ResponseReturnValue:
    """Asks what kind it is; then its details."""
    kind = _kind(request.args.get("kind", ""))
    if kind not in service.MADE_ON_PAGES:
        return render_template("admin/organisation_kind.html", kinds=KIND_WORDS, made=service.MADE_ON_PAGES)
    return _new_page(kind, Form(_questions(kind)))


@blueprint.post("/admin/organisations/new")
@requires(Permission.ADMIN_EDIT)
@commits
def create_organisation() -> ResponseReturnValue:
    """Makes it and goes to its page, where the next steps stand."""
    kind = _kind(request.form.get("kind", ""))
    if kind not in service.MADE_ON_PAGES:
        raise NotFound("There is no such kind of organisation.")
    form = Form(_questions(kind))
    try:
        ref = service.create(actor(), kind, form.read(), now())
    except Invalid as problem:
        form.fail(problem)
        return _new_page(kind, form), 422
    flash("Saved. See below what is still missing.", "done")
    return redirect(url_for("admin.organisation", ref=ref), 303)


def _new_page(kind: OrganisationKind, form: Form) -> str:
    return render_template(
        "admin/organisation_new.html", form=form, errors=form.errors, kind=kind, kind_words=KIND_WORDS[kind]
    )


@blueprint.get("/admin/organisations/<ref>")
@requires(Permission.ADMIN_READ)
def organisation(ref: str) -> ResponseReturnValue:
    """One organisation: its details, what it lacks, its wards or bags."""
    found = queries.get(actor(), ref)
    kind = OrganisationKind(found.kind)
    return render_template(
        "admin/organisation.html",
        found=found,
        kind_words=KIND_WORDS[kind],
        readiness=queries.readiness(actor(), ref),
        wards=queries.open_wards(found.id),
        bags=bag_queries.in_home(found.id) if kind is OrganisationKind.CARE_HOME else [],
        words=LACKING_WORDS,
        acts=LACKING_ACTS,
    )


@blueprint.get("/admin/organisations/<ref>/edit")
@requires(Permission.ADMIN_EDIT)
def edit_organisation(ref: str) -> ResponseReturnValue:
    """Its details, to be changed."""
    found = queries.get(actor(), ref)
    form = Form(_questions(OrganisationKind(found.kind)), service.as_typed(found))
    return _edit_page(ref, form, found.version)


@blueprint.post("/admin/organisations/<ref>/edit")
@requires(Permission.ADMIN_EDIT)
@commits
def change_organisation(ref: str) -> ResponseReturnValue:
    """Changes the details."""
    found = queries.get(actor(), ref)
    questions = _questions(OrganisationKind(found.kind))
    form = Form(questions)
    try:
        typed = form.read()
        service.change(actor(), ref, version_sent(), typed, now())
    except Invalid as problem:
        form.fail(problem)
        return _edit_page(ref, form, version_sent()), 422
    except Stale as stale:
        both = differences(questions, stale.theirs, typed)
        return _edit_page(ref, form, found.version, both), 409
    flash("Saved.", "done")
    return redirect(url_for("admin.organisation", ref=ref), 303)


def _edit_page(ref: str, form: Form, version: int, conflict: tuple[Difference, ...] = ()) -> str:
    found = queries.get(actor(), ref)
    return render_template(
        "admin/organisation_edit.html",
        form=form,
        errors=form.errors,
        found=found,
        version=version,
        conflict=conflict,
    )


@blueprint.get("/admin/organisations/<ref>/bags")
@requires(Permission.ADMIN_EDIT)
def add_bags(ref: str) -> ResponseReturnValue:
    """The numbers that stand on a home's bags, from one to another."""
    return _bags_page(ref, Form(BAG_QUESTIONS, {"first": 1, "last": 8}))


@blueprint.post("/admin/organisations/<ref>/bags")
@requires(Permission.ADMIN_EDIT)
@commits
def save_bags(ref: str) -> ResponseReturnValue:
    """Adds those that are not there yet."""
    form = Form(BAG_QUESTIONS)
    try:
        typed = form.read()
        added = service.add_bags(actor(), ref, _whole(typed["first"]), _whole(typed["last"]), now())
    except Invalid as problem:
        form.fail(problem)
        return _bags_page(ref, form), 422
    said = {0: "All of these were there already.", 1: "1 bag added."}.get(added, f"{added} bags added.")
    flash(said, "done")
    return redirect(url_for("admin.organisation", ref=ref), 303)


def _whole(number: float) -> int | None:
    return number if isinstance(number, int) else None


def _bags_page(ref: str, form: Form) -> str:
    found = queries.get(actor(), ref)
    if found.kind != OrganisationKind.CARE_HOME.value:
        raise NotFound("Only a care home has red bags.")
    return render_template(
        "admin/bags_new.html", form=form, errors=form.errors, found=found, there=bag_queries.in_home(found.id)
    )
