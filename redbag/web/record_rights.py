"""What the manager of a home and the administrator both decide of a record: to restrict it, to lift that, to
erase it. The manager reads the name, the administrator a reference; the pages are the same otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from redbag.domain.erasing import QUESTIONS
from redbag.domain.errors import Invalid
from redbag.domain.record import Field, Kind
from redbag.domain.restriction import LONGEST_REASON
from redbag.services import erasure, restriction
from redbag.web.forms import Form
from redbag.web.guards import actor, now

REASON = Field(
    "reason",
    "Why",
    Kind.LONG_TEXT,
    longest=LONGEST_REASON,
    hint="Whoever may open the record reads it there",
    required="Say why.",
)


@dataclass(frozen=True)
class Of:
    """Whose record it is, in the words of whoever decides, and the page to go back to."""

    ref: str
    words: str
    page: str


def restrict_page(of: Of, form: Form) -> str:
    """Asks why, and says what it means."""
    return render_template("rights/restrict.html", of=of, form=form, errors=form.errors)


def restrict(of: Of) -> ResponseReturnValue:
    """Sets the record aside."""
    form = Form((REASON,))
    try:
        restriction.restrict(of.ref, str(form.read()["reason"]), now(), actor())
    except Invalid as problem:
        form.fail(problem)
        return restrict_page(of, form), 422
    flash("Restricted: carers see the name, and Send to hospital. Tell the person.", "done")
    return redirect(of.page, 303)


def lift(of: Of) -> ResponseReturnValue:
    """The record is used again."""
    try:
        restriction.lift(of.ref, now(), actor())
    except Invalid as problem:
        flash(" ".join(problem.errors.values()), "warning")
        return redirect(of.page, 303)
    flash("The restriction is lifted: everybody of the home who looks after them reads the record.", "done")
    return redirect(of.page, 303)


def erase_page(of: Of, form: Form) -> str:
    """What would go, what would stay, and where else the person is named."""
    plan = erasure.preview(of.ref, actor=actor())
    return render_template("rights/erase.html", of=of, form=form, errors=form.errors, plan=plan)


def erase_form(of: Of) -> str:
    """The same, before anything is chosen: figures stay unless somebody says otherwise."""
    return erase_page(of, Form(QUESTIONS, {"figures": "keep"}))


def erase(of: Of, then: str) -> ResponseReturnValue:
    """Erases for good, all or nothing."""
    form = Form(QUESTIONS)
    try:
        typed = form.read()
    except Invalid as problem:
        form.fail(problem)
        return erase_page(of, form), 422
    figures_too = typed["figures"] == "remove"
    done = erasure.erase(of.ref, now(), figures_too=figures_too, actor=actor(), why=str(typed["why"]))
    flash(
        f"Erased: {done.deleted} rows are gone. Older backups hold the person until they are deleted; "
        "whoever runs this installation takes the last traces out of the database’s files (db tidy).",
        "done",
    )
    return redirect(then, 303)
