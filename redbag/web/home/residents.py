"""Residents: the list that a tablet wakes on, one resident, and who they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import identity, record_checks, standing_alerts
from redbag.domain.doses import warnings
from redbag.domain.errors import Invalid, Stale
from redbag.domain.london_time import age_on, london_day
from redbag.domain.pack_sections import entries
from redbag.domain.permissions import Permission
from redbag.domain.record import Values
from redbag.domain.reviews import MEDICINES
from redbag.queries import papers, residents, residents_list
from redbag.queries.medicine_lines import standing
from redbag.services import residents as services
from redbag.web.conflict import differences, version_sent
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint
from redbag.web.home.sections import shown_sections

FACTS = tuple(
    q
    for q in identity.IDENTITY
    if q.key not in ("given_name", "family_name", "date_of_birth", "nhs_number", "nhs_not_known", "room")
)
# Nobody is kept off the list for a number that is not at hand: blank is an answer here, in these words.
NEW_QUESTIONS = tuple(
    replace(q, hint=f"{q.hint}. Left blank, it is kept and shown as “not known”")
    if q.key == "nhs_number"
    else q
    for q in identity.IDENTITY
)
FORM_QUESTIONS = tuple(q for q in identity.IDENTITY if q.key != "nhs_not_known")


@blueprint.get("/residents", endpoint="residents")
@requires(Permission.RESIDENT_READ)
@audits
def list_residents() -> ResponseReturnValue:
    """Everybody who lives here, or those whom the search finds."""
    words = request.args.get("q", "").strip()[:100]
    rows = residents_list.rows(actor(), words)
    note_read("resident.listed", ("organisation", actor().organisation_ref), count=len(rows))
    today = london_day(now())
    named = {row.resident for row in rows} | {row.alike.resident for row in rows if row.alike}
    shown = {one.id for one in named if not residents.closed_to(actor(), one)}
    return render_template(
        "home/residents.html",
        rows=rows,
        words=words,
        photos=papers.photos(shown),
        ages={row.resident.id: age_on(row.resident.date_of_birth, today) for row in rows},
    )


@blueprint.get("/residents/left")
@requires(Permission.RESIDENT_READ)
@audits
def residents_left() -> ResponseReturnValue:
    """Who has left the home or died there."""
    rows = residents.left(actor())
    note_read("resident.listed", ("organisation", actor().organisation_ref), count=len(rows))
    return render_template("home/residents_left.html", rows=rows, why=dict(identity.LEAVING[0].choices))


@blueprint.get("/residents/<resident_ref>")
@requires(Permission.RESIDENT_READ)
@audits
def resident(resident_ref: str) -> ResponseReturnValue:
    """One resident: alerts first, then the record with its reviews."""
    found = residents.get(actor(), resident_ref)
    note_read("resident.read", ("resident", found.ref))
    sections = residents.sections_of(found)
    answers = sections["alerts"].answers if "alerts" in sections else {}
    medicines = residents.current_medicines(found)
    lines = {m.id: standing(m) for m in found.medicines}
    transfer = residents.open_transfer(found)
    today = london_day(now())
    everybody = [r for r in residents.find(actor()) if r.id != found.id]
    alike = residents_list.alike([found, *everybody])[found.id] if found.left_on is None else []
    faces = [one.resident.id for one in alike if not residents.closed_to(actor(), one.resident)]
    return render_template(
        "home/resident.html",
        resident=found,
        age=age_on(found.date_of_birth, found.left_on or today),
        alerts=standing_alerts.of(answers, [lines[m.id] for m in medicines]),
        cpr=standing_alerts.resuscitation(answers),
        sections=shown_sections(sections, today),
        medicines=medicines,
        reviewed=sections.get(MEDICINES.key),
        today=today,
        stopped=residents.stopped_medicines(found),
        lines=lines,
        warnings={key: warnings(line) for key, line in lines.items()},
        to_settle=record_checks.against_medicines(answers, [lines[m.id] for m in medicines]),
        photos=papers.photos([found.id, *faces]),
        transfer=transfer,
        since=residents_list.reached_at(transfer) if transfer else None,
        facts=entries(FACTS, services.identity_of(found), keep_blank=True),
        alike=alike,
        left_words=dict(identity.LEAVING[0].choices).get(found.left_why, ""),
    )


@blueprint.get("/residents/new")
@requires(Permission.RESIDENT_EDIT)
def resident_new() -> ResponseReturnValue:
    """An empty form for a new resident."""
    return _identity_page(Form(NEW_QUESTIONS))


@blueprint.post("/residents/new")
@requires(Permission.RESIDENT_EDIT)
@commits
def add_resident() -> ResponseReturnValue:
    """Adds a resident."""
    form = Form(NEW_QUESTIONS)
    try:
        added = services.add(actor(), _read(form, blank_is_not_known=True), now())
    except Invalid as problem:
        form.fail(problem)
        return _identity_page(form), 422
    number = "" if added.nhs_number else " NHS number: not known."
    flash(f"{added.full_name} is on the list.{number} Fill in the alerts next: they matter most.", "done")
    return redirect(url_for("home.resident", resident_ref=added.ref), 303)


@blueprint.get("/residents/<resident_ref>/edit")
@requires(Permission.RESIDENT_EDIT)
@audits
def resident_edit(resident_ref: str) -> ResponseReturnValue:
    """Who the resident is, to be changed."""
    found = residents.get(actor(), resident_ref)
    note_read("resident.read", ("resident", found.ref))
    form = Form(identity.IDENTITY, identity.as_typed(services.identity_of(found)))
    return _identity_page(form, resident=found, version=found.version)


@blueprint.post("/residents/<resident_ref>/edit")
@requires(Permission.RESIDENT_EDIT)
@commits
def change_resident(resident_ref: str) -> ResponseReturnValue:
    """Changes who the resident is."""
    form = Form(identity.IDENTITY)
    found = residents.get(actor(), resident_ref)
    version = version_sent()
    try:
        typed = _read(form)
        services.change(actor(), resident_ref, typed, version=version, now=now())
    except Invalid as problem:
        form.fail(problem)
        return _identity_page(form, resident=found, version=version), 422
    except Stale as stale:
        both = differences(FORM_QUESTIONS, stale.theirs, typed)
        return _identity_page(form, resident=found, version=found.version, conflict=both), 409
    flash("Saved.", "done")
    return redirect(url_for("home.resident", resident_ref=resident_ref), 303)


@blueprint.get("/residents/<resident_ref>/leave")
@requires(Permission.RESIDENT_EDIT)
@audits
def resident_leave(resident_ref: str) -> ResponseReturnValue:
    """Asks what happened and when."""
    found = residents.get(actor(), resident_ref)
    note_read("resident.read", ("resident", found.ref))
    return _leave_page(Form(identity.LEAVING, {"left_on": london_day(now())}), found)


@blueprint.post("/residents/<resident_ref>/leave")
@requires(Permission.RESIDENT_EDIT)
@commits
def mark_resident_left(resident_ref: str) -> ResponseReturnValue:
    """Takes a resident who moved away or died off the list."""
    form = Form(identity.LEAVING)
    try:
        found = services.leave(actor(), resident_ref, form.read(), now())
    except Invalid as problem:
        form.fail(problem)
        return _leave_page(form, residents.get(actor(), resident_ref)), 422
    flash(f"{found.full_name} is off the list. Everything recorded is kept.", "done")
    return redirect(url_for("home.resident", resident_ref=resident_ref), 303)


def _leave_page(form: Form, found: Any) -> str:
    return render_template(
        "home/resident_leave.html",
        form=form,
        errors=form.errors,
        resident=found,
        journey=services.journey_first(found),
    )


@blueprint.post("/residents/<resident_ref>/come-back")
@requires(Permission.RESIDENT_EDIT)
@commits
def resident_came_back(resident_ref: str) -> ResponseReturnValue:
    """Puts a resident back on the list."""
    found = services.come_back(actor(), resident_ref, now())
    flash(f"{found.full_name} is on the list again.", "done")
    return redirect(url_for("home.resident", resident_ref=resident_ref), 303)


def _read(form: Form, *, blank_is_not_known: bool = False) -> Values:
    """The answers. When others are wrong the NHS number is checked as well, so that all is told at once."""
    number = form.text("nhs_number").strip()
    not_known = bool(form.all("nhs_not_known")) or (blank_is_not_known and not number)
    try:
        return {**form.read(), "nhs_not_known": ["yes"] if not_known else []}
    except Invalid as problem:
        try:
            identity.read_number(number, not_known=not_known)
        except ValueError as wrong:
            problem.errors.setdefault("nhs_number", str(wrong))
        raise


def _identity_page(form: Form, **known: object) -> str:
    page = {"resident": None, "version": 0, "conflict": (), **known}
    return render_template("home/resident_form.html", form=form, errors=form.errors, **page)
