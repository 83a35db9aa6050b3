"""One section of a resident's standing record: read, changed, or looked through and left as it is."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import answers, record_checks
from redbag.domain.errors import Invalid, Stale
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Permission
from redbag.domain.record import ALERTS, Section, Values
from redbag.domain.reviews import MEDICINES
from redbag.queries import residents, transfers
from redbag.queries.medicine_lines import standing
from redbag.services import records
from redbag.web.conflict import Difference, differences, version_sent
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, steps
from redbag.web.home.sections import shown_sections


@blueprint.get("/residents/<resident_ref>/record/<key>")
@requires(Permission.RESIDENT_EDIT)
@audits
def section(resident_ref: str, key: str) -> ResponseReturnValue:
    """The questions of one section with what is recorded."""
    which = records.section_named(key)
    found = residents.get(actor(), resident_ref)
    note_read("resident.read", ("resident", found.ref))
    row = residents.sections_of(found).get(key)
    return _page(Form(which.fields, row.answers if row else {}), resident_ref, which)


@blueprint.post("/residents/<resident_ref>/record/<key>")
@requires(Permission.RESIDENT_EDIT)
@commits
def save_section(resident_ref: str, key: str) -> ResponseReturnValue:
    """Keeps the answers; "Add another" only shows more rows and keeps nothing."""
    which = records.section_named(key)
    form = Form(which.fields)
    if form.wants_more_rows:
        return _page(form, resident_ref, which, version=version_sent())
    typed: Values = {}
    try:
        typed = form.read()
        records.save(actor(), resident_ref, key, typed, version=version_sent(), now=now())
    except Invalid as problem:
        form.fail(_on_the_page(which, problem) if typed else problem)
        return _page(form, resident_ref, which, version=version_sent()), 422
    except Stale as stale:
        both = differences(which.fields, stale.theirs, typed)
        return _page(form, resident_ref, which, conflict=both), 409
    flash(f"{which.title}: saved, and marked as reviewed today.", "done")
    if which is ALERTS:
        found = residents.get(actor(), resident_ref)
        lines = [standing(row) for row in residents.current_medicines(found)]
        for words in record_checks.against_medicines(typed, lines):
            flash(words, "warning")
    return redirect(_goes_back(resident_ref, key), 303)


@blueprint.post("/residents/<resident_ref>/record/<key>/reviewed")
@requires(Permission.RESIDENT_EDIT)
@commits
def review_section(resident_ref: str, key: str) -> ResponseReturnValue:
    """The section was looked through and nothing has changed."""
    which = MEDICINES if key == MEDICINES.key else records.section_named(key)
    try:
        records.mark_reviewed(actor(), resident_ref, key, version=version_sent(), now=now())
    except Stale:
        flash(f"{which.title}: somebody has just changed it. Look it through as it stands now.", "warning")
        if which is MEDICINES:
            return redirect(url_for("home.resident", resident_ref=resident_ref, _anchor=key), 303)
        again = url_for("home.section", resident_ref=resident_ref, key=key, **_came_from())
        return redirect(again, 303)
    flash(f"{which.title}: marked as reviewed today.", "done")
    return redirect(_goes_back(resident_ref, key), 303)


def _goes_back(resident_ref: str, key: str) -> str:
    """To where somebody came from: what a pack is missing, the records to review; else to the resident."""
    journey = request.args.get("journey")
    if journey:
        return steps.missing_address(transfers.get(actor(), journey))
    if request.args.get("then") == "board":
        return url_for("home.review_board", _anchor=f"r-{resident_ref}")
    return url_for("home.resident", resident_ref=resident_ref, _anchor=key)


def _came_from() -> dict[str, Any]:
    """What the page's address says of where somebody came from, for the next one."""
    return {name: request.args[name] for name in ("journey", "then") if request.args.get(name)}


def _on_the_page(which: Section, problem: Invalid) -> Invalid:
    """The sentences at the rows that the person sees: blank rows stand between the ones that were read."""
    errors = {}
    for name, sentence in problem.errors.items():
        key, _, rest = name.partition("-")
        number, _, column = rest.partition("-")
        if number.isdigit():
            filled = answers.filled_rows(which.field(key), request.form.getlist)
            errors[f"{key}-{filled[int(number)]}-{column}"] = sentence
        else:
            errors[name] = sentence
    return Invalid(errors)


def _page(
    form: Form,
    resident_ref: str,
    which: Section,
    *,
    version: int | None = None,
    conflict: tuple[Difference, ...] = (),
) -> str:
    """`version`: the one that the form was opened with; the newest where it is left out."""
    found = residents.get(actor(), resident_ref)
    written = residents.sections_of(found)
    row = written.get(which.key)
    newest = row.version if row else 0
    return render_template(
        "home/section.html",
        form=form,
        errors=form.errors,
        resident=found,
        section=which,
        shown=next(s for s in shown_sections(written, london_day(now())) if s.section is which),
        version=newest if version is None else version,
        conflict=conflict,
        back=_goes_back(resident_ref, which.key),
        came_from=_came_from(),
    )
