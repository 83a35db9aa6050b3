"""Bringing residents and medicines in from a file of the home's care system: file, preview, done."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.documents.import_template import csv_template, xlsx_template
from redbag.domain.errors import Invalid, NotFound, Stale
from redbag.domain.import_cells import Sheet
from redbag.domain.import_columns import COLUMNS, What
from redbag.domain.import_rows import Fault, Faults
from redbag.domain.permissions import Permission
from redbag.queries import imports as queries
from redbag.services import imports
from redbag.storage import spreadsheets
from redbag.web.forms import Form
from redbag.web.guards import View, actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint

FIELD = "file"
# A file that is too large is still taken in, so that the page can say so; only beyond this it is cut off.
_MOST_BYTES = 48 * 1024 * 1024
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATES = ("red-bag.xlsx", "red-bag-residents.csv", "red-bag-medicines.csv")


def takes_table(view: View) -> View:
    """The form carries a spreadsheet, which is read before the write transaction begins."""

    @functools.wraps(view)
    def reading(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        g.table = _read_file()
        return view(*args, **kwargs)

    reading.most_bytes = _MOST_BYTES  # type: ignore[attr-defined]
    return reading


def _read_file() -> tuple[str, list[Sheet]] | Invalid:
    if "files" in g:  # the body was too large to be looked at (web/uploads.py)
        return Invalid({FIELD: spreadsheets.TOO_LARGE})
    sent = request.files.get(FIELD)
    if sent is None or not sent.filename:
        return Invalid({FIELD: "Choose a file first."})
    content = sent.stream.read(spreadsheets.LARGEST_FILE + 1)
    # A form that is sent again with another file is another form (guards: idempotency).
    g.file_prints = [(FIELD, hashlib.sha256(content).hexdigest())]
    try:
        return sent.filename, spreadsheets.read(content)
    except Invalid as problem:
        return problem


@blueprint.get("/residents/import")
@requires(Permission.RESIDENT_IMPORT)
def import_file() -> ResponseReturnValue:
    """Asks for the file, and gives the templates."""
    return _file_page()


@blueprint.get("/residents/import/templates/<file_name>")
@requires(Permission.RESIDENT_IMPORT)
def import_template(file_name: str) -> ResponseReturnValue:
    """A file to start from. Holds no person."""
    if file_name not in TEMPLATES:
        raise NotFound("There is no such template.")
    if file_name.endswith(".xlsx"):
        content, kind = xlsx_template(), _XLSX
    else:
        what = What.RESIDENTS if "residents" in file_name else What.MEDICINES
        content, kind = csv_template(what), "text/csv; charset=utf-8"
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return Response(content, mimetype=kind, headers=headers)


@blueprint.post("/residents/import")
@requires(Permission.RESIDENT_IMPORT)
@takes_table
@commits
def keep_import() -> ResponseReturnValue:
    """Reads the file and leads to its preview. Every error of every row is told at once."""
    try:
        if isinstance(g.table, Invalid):
            raise g.table
        name, sheets = g.table
        kept = imports.keep(actor(), name, sheets, now())
    except Faults as problem:
        return _file_page(problem, problem.faults), 422
    except Invalid as problem:
        return _file_page(problem), 422
    return redirect(url_for("home.import_preview", import_ref=kept.ref), 303)


@blueprint.get("/residents/import/<import_ref>")
@requires(Permission.RESIDENT_IMPORT)
@audits
def import_preview(import_ref: str) -> ResponseReturnValue:
    """What the file would change, resident by resident."""
    return _preview_page(Form(()), import_ref)


@blueprint.post("/residents/import/<import_ref>")
@requires(Permission.RESIDENT_IMPORT)
@commits
def bring_in(import_ref: str) -> ResponseReturnValue:
    """Does what the preview said, all of it or nothing."""
    form = Form(())
    try:
        imports.bring_in(
            actor(),
            import_ref,
            fingerprint=request.form.get("fingerprint", ""),
            sure=request.form.getlist("sure"),
            now=now(),
        )
    except Faults as problem:
        return _file_page(problem, problem.faults), 422
    except Invalid as problem:
        form.fail(problem)
        return _preview_page(form, import_ref, 422)
    except Stale as problem:
        form.fail(Invalid({"preview": str(problem)}))
        return _preview_page(form, import_ref, 409)
    return redirect(url_for("home.import_done", import_ref=import_ref), 303)


@blueprint.post("/residents/import/<import_ref>/throw-away")
@requires(Permission.RESIDENT_IMPORT)
@commits
def throw_import_away(import_ref: str) -> ResponseReturnValue:
    """Forgets the file."""
    imports.throw_away(actor(), import_ref, now())
    flash("Nothing was brought in. The file is forgotten.", "done")
    return redirect(url_for("home.import_file"), 303)


@blueprint.get("/residents/import/<import_ref>/done")
@requires(Permission.RESIDENT_IMPORT)
@audits
def import_done(import_ref: str) -> ResponseReturnValue:
    """What was done, and which of the new medicines to look at next."""
    done = imports.done(actor(), import_ref)
    if done is None:
        return redirect(url_for("home.import_preview", import_ref=import_ref), 303)
    to_mark = queries.to_mark(actor(), list(done.to_mark))
    note_read("import.read", ("import", import_ref), people=len({resident.id for resident, _ in to_mark}))
    return render_template("home/import_done.html", done=done, to_mark=to_mark)


def _file_page(problem: Invalid | None = None, faults: list[Fault] | None = None) -> str:
    form = Form(())
    if problem is not None:
        form.fail(problem)
    return render_template(
        "home/import.html",
        form=form,
        errors=form.errors,
        faults=faults or [],
        sheets=any(fault.sheet for fault in faults or []),
        columns=[(what.value, COLUMNS[what]) for what in What],
    )


def _preview_page(form: Form, import_ref: str, status: int = 200) -> ResponseReturnValue:
    try:
        preview = imports.preview(actor(), import_ref, now())
    except Faults as problem:  # the record has changed so that the file does not fit it any more
        return _file_page(problem, problem.faults), 422
    if preview is None:
        return redirect(url_for("home.import_done", import_ref=import_ref), 303)
    if request.method == "GET":
        note_read("import.read", ("import", import_ref), people=len(preview.plan.people))
    page = render_template(
        "home/import_preview.html",
        form=form,
        errors=form.errors,
        preview=preview,
        plan=preview.plan,
        sheets=any(fault.sheet for fault in preview.said),
    )
    return page, status
