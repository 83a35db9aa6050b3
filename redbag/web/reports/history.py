"""Earlier stays: what is loaded, a file looked at, loaded, taken out again."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.documents import history_template
from redbag.domain import history_paper
from redbag.domain.errors import Invalid, NotFound, Stale
from redbag.domain.history_columns import ADMISSION_KINDS, COLUMNS, ENDED
from redbag.domain.history_rows import WrongRows
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Permission, Role, can
from redbag.domain.record import YES_NO, Field, Kind
from redbag.domain.report_tables import ReportPaper
from redbag.domain.todays_facts import REASONS
from redbag.queries import history as queries
from redbag.services import history
from redbag.services.history_files import Asked, File, read
from redbag.storage.long_tables import MB, ON_A_PAGE, too_large
from redbag.storage.scratch import Scratch, scratch
from redbag.web.forms import Form
from redbag.web.guards import View, actor, audits, commits, note_read, now, requires
from redbag.web.reports import blueprint
from redbag.web.reports.exports import paper_of
from redbag.web.reports.seen import count, seen, sees_people

FIELD = "file"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEMPLATES = {
    "earlier-stays.xlsx": (history_template.xlsx_template, _XLSX),
    "earlier-stays.csv": (history_template.csv_template, "text/csv; charset=utf-8"),
}
# A file that is too large is still taken in, so that the page can say so; only beyond this it is cut off.
_MOST_BYTES = 48 * MB
_AT_START = Field(
    "open_at_start",
    "Does the file also hold people who were already in hospital on its first day?",
    Kind.YES_NO,
    YES_NO,
    hint="Yes for a list of everybody discharged since some day, no for everybody admitted since. With yes, "
    "stays from before the first discharge are not compared: of those days only long ones are in the file.",
    required="Choose yes or no.",
)
_LEAVE_OUT = Field(
    "leave_out",
    "Stays that began after the home joined",
    Kind.CHOICES,
    (("recorded", "Leave them out: Red Bag has them itself"),),
    hint="Without this, a file that holds any is not loaded, so that no stay counts twice.",
)
QUESTIONS = (_AT_START, _LEAVE_OUT)
READ = tuple[File, Scratch]


def takes_history(view: View) -> View:
    """The form carries a long table, which is read before the write transaction begins."""

    @functools.wraps(view)
    def reading(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        with scratch() as rows:
            try:
                g.history = _read(rows), rows
            except Invalid as problem:
                g.history = problem
            return view(*args, **kwargs)

    reading.most_bytes = _MOST_BYTES  # type: ignore[attr-defined]
    return reading


def _read(rows: Scratch) -> File:
    if "files" in g:  # the body was too large to be looked at (web/uploads.py)
        raise Invalid({FIELD: too_large(ON_A_PAGE)})
    sent = request.files.get(FIELD)
    if sent is None or not sent.filename:
        raise Invalid({FIELD: "Choose a file first."})
    content: Any = sent.stream
    # A form that is sent again with another file is another form (guards: idempotency).
    g.file_prints = [(FIELD, hashlib.file_digest(content, "sha256").hexdigest())]
    asked = Asked(
        open_at_start=request.form.get(_AT_START.key) == "yes",
        leave_out_recorded="recorded" in request.form.getlist(_LEAVE_OUT.key),
    )
    return read(actor(), content, sent.filename, asked, ON_A_PAGE, rows, now())


@paper_of("history")
def paper() -> ReportPaper:
    """Which earlier stays this reader may know to be loaded."""
    own = actor().role in (Role.HOME_MANAGER, Role.HOSPITAL_MANAGER)
    return history_paper.paper(
        actor().organisation_name if own else "All care homes",
        last_complete_day(now()),
        queries.by_home(actor()),
        count,
        days=sees_people(),
    )


@blueprint.get("/reports/history")
@requires(Permission.HISTORY_READ)
@audits
def history_page() -> ResponseReturnValue:
    """What is loaded, and for those who may load a file the way to do so."""
    note_read("report.read", report="earlier stays")
    return _page(Form(QUESTIONS))


def _page(form: Form, wrong: WrongRows | None = None) -> str:
    may_load = can(actor(), Permission.HISTORY_IMPORT)
    return render_template(
        "reports/history.html",
        paper=seen(paper()),
        form=form,
        questions=QUESTIONS,
        errors=form.errors,
        wrong=wrong,
        may_load=may_load,
        files=queries.files(actor()) if may_load else [],
        own_home=actor().role is Role.HOME_MANAGER,
        columns=COLUMNS,
        templates=list(TEMPLATES),
        limits={"rows": ON_A_PAGE.rows, "megabytes": ON_A_PAGE.file_bytes // MB},
    )


@blueprint.get("/reports/history/templates/<template_name>")
@requires(Permission.HISTORY_IMPORT)
def history_file(template_name: str) -> ResponseReturnValue:
    """A file to start from. Holds no person."""
    if template_name not in TEMPLATES:
        raise NotFound("There is no such template.")
    make, kind = TEMPLATES[template_name]
    headers = {"Content-Disposition": f'attachment; filename="{template_name}"'}
    return Response(make(), mimetype=kind, headers=headers)


@blueprint.post("/reports/history")
@requires(Permission.HISTORY_IMPORT)
@takes_history
@commits
def keep_history() -> ResponseReturnValue:
    """Leads to the file's preview; or tells every error of it at once."""
    form = Form(QUESTIONS)
    try:
        form.read()
    except Invalid as problem:
        form.fail(problem)
    wrong = None
    if isinstance(g.history, Invalid):
        form.fail(g.history)
        wrong = g.history if isinstance(g.history, WrongRows) else None
    if form.errors:
        return _page(form, wrong), 422
    found, rows = g.history
    kept = history.keep(actor(), found, rows.numbered(), now())
    return redirect(url_for(".history_preview", history_ref=kept.ref), 303)


@blueprint.get("/reports/history/<history_ref>")
@requires(Permission.HISTORY_IMPORT)
@audits
def history_preview(history_ref: str) -> ResponseReturnValue:
    """What the file would add."""
    return _preview_page(Form(()), history_ref)


def _preview_page(form: Form, ref: str, status: int = 200) -> ResponseReturnValue:
    try:
        preview = history.preview(actor(), ref, now())
    except WrongRows as problem:  # something was loaded meanwhile that this file contradicts
        form.fail(problem)
        return _page(form, problem), 422
    if preview is None:
        return redirect(url_for(".history_page"), 303)
    if request.method == "GET":
        note_read("history.read", ("history", ref), rows=preview.told.rows)
    page = render_template(
        "reports/history_preview.html",
        form=form,
        errors=form.errors,
        file=preview.history,
        told=preview.told,
        plan=preview.plan,
        names=preview.names,
        named=[home for home in preview.plan.homes if home in preview.names],
        reasons=dict(REASONS),
        ended=dict(ENDED),
        kinds=dict(ADMISSION_KINDS),
        sheets=any(fault.sheet for fault in preview.told.said),
    )
    return page, status


@blueprint.post("/reports/history/<history_ref>")
@requires(Permission.HISTORY_IMPORT)
@commits
def load_history(history_ref: str) -> ResponseReturnValue:
    """Does what the preview said, all of it or nothing."""
    form = Form(())
    try:
        row = history.load_kept(
            actor(), history_ref, fingerprint=request.form.get("fingerprint", ""), now=now()
        )
    except WrongRows as problem:
        form.fail(problem)
        return _page(form, problem), 422
    except Stale as problem:
        form.fail(Invalid({"preview": str(problem)}))
        return _preview_page(form, history_ref, 409)
    flash(f"{row.stays:,} earlier {'stay is' if row.stays == 1 else 'stays are'} loaded.", "done")
    return redirect(url_for(".history_page"), 303)


@blueprint.post("/reports/history/<history_ref>/throw-away")
@requires(Permission.HISTORY_IMPORT)
@commits
def throw_history_away(history_ref: str) -> ResponseReturnValue:
    """Forgets the file."""
    history.throw_away(actor(), history_ref, now())
    flash("Nothing was loaded. The file is forgotten.", "done")
    return redirect(url_for(".history_page"), 303)


@blueprint.post("/reports/history/<history_ref>/take-out")
@requires(Permission.HISTORY_IMPORT)
@commits
def take_history_out(history_ref: str) -> ResponseReturnValue:
    """Takes what a file brought out of every figure again."""
    gone = history.take_out(actor(), history_ref, now())
    flash(f"{gone:,} earlier {'stay was' if gone == 1 else 'stays were'} taken out.", "done")
    return redirect(url_for(".history_page"), 303)
