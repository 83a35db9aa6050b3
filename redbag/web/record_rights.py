"""What the manager of a home and the administrator both decide of a record: to restrict it, to lift that, to
erase it. The manager reads the name, the administrator a reference; the pages are the same otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.erasing import QUESTIONS
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.restriction import LONGEST_REASON
from redbag.services import erasure, restriction
from redbag.web.forms import Form
from redbag.web.guards import View, actor, audits, commits, confirms, note_read, now, requires

_REASON = Field(
    "reason",
    "Why",
    Kind.LONG_TEXT,
    longest=LONGEST_REASON,
    hint="Whoever may open the record reads it there",
    required="Say why.",
)


@dataclass(frozen=True)
class Of:
    """Whose record it is, in the words of whoever decides, and the page to go back to. `named`: whether
    the words name the person, so that showing them is noted."""

    ref: str
    words: str
    page: str
    named: bool


def offer_rights(
    blueprint: Blueprint, under: str, permission: Permission, of: Callable[[str], Of], then: str
) -> None:
    """Adds the three pages and their forms to `blueprint`, under the address of the record.

    `of`: the record behind a reference, or NotFound for who may not decide of it; `then`: the endpoint that
    is shown when nobody is left to show.
    """
    for part, shows, does in (
        ("restrict", _restrict_form, _restrict),
        ("lift-restriction", _lift_form, _lift),
        ("erase", _erase_form, lambda found: _erase(found, url_for(then))),
    ):
        name = part.replace("-", "_")
        page = f"{blueprint.name}.{name}_page"
        guard = _guarded(permission, page)
        address = f"{under}/<resident_ref>/{part}"
        blueprint.get(address, endpoint=f"{name}_page")(guard(audits(_showing(of, shows))))
        blueprint.post(address, endpoint=name)(guard(commits(_doing(of, does))))


def _guarded(permission: Permission, page: str) -> Callable[[View], View]:
    return lambda view: requires(permission)(confirms(page)(view))


def _showing(of: Callable[[str], Of], shows: Callable[[Of], str]) -> View:
    def view(resident_ref: str) -> ResponseReturnValue:
        found = of(resident_ref)
        if found.named:
            note_read("resident.read", ("resident", found.ref))
        return shows(found)

    return view


def _doing(of: Callable[[str], Of], does: Callable[[Of], ResponseReturnValue]) -> View:
    def view(resident_ref: str) -> ResponseReturnValue:
        return does(of(resident_ref))

    return view


def _restrict_form(of: Of) -> str:
    return _restrict_page(of, Form((_REASON,)))


def _restrict_page(of: Of, form: Form) -> str:
    """Asks why, and says what it means."""
    return render_template("rights/restrict.html", of=of, form=form, errors=form.errors)


def _restrict(of: Of) -> ResponseReturnValue:
    """Sets the record aside."""
    form = Form((_REASON,))
    try:
        restriction.restrict(of.ref, str(form.read()["reason"]), now(), actor())
    except Invalid as problem:
        form.fail(problem)
        return _restrict_page(of, form), 422
    flash("Restricted: carers see the name, and Send to hospital. Tell the person.", "done")
    return redirect(of.page, 303)


def _lift_form(of: Of) -> str:
    return render_template("rights/lift.html", of=of)


def _lift(of: Of) -> ResponseReturnValue:
    """The record is used again."""
    try:
        restriction.lift(of.ref, now(), actor())
    except Invalid as problem:
        flash(" ".join(problem.errors.values()), "warning")
        return redirect(of.page, 303)
    flash("The restriction is lifted: everybody of the home who looks after them reads the record.", "done")
    return redirect(of.page, 303)


def _erase_form(of: Of) -> str:
    """Before anything is chosen: figures stay unless somebody says otherwise."""
    return _erase_page(of, Form(QUESTIONS, {"figures": "keep"}))


def _erase_page(of: Of, form: Form) -> str:
    """What would go, what would stay, and where else the person is named."""
    plan = erasure.preview(of.ref, actor=actor())
    return render_template("rights/erase.html", of=of, form=form, errors=form.errors, plan=plan)


def _erase(of: Of, then: str) -> ResponseReturnValue:
    """Erases for good, all or nothing."""
    form = Form(QUESTIONS)
    try:
        typed = form.read()
    except Invalid as problem:
        form.fail(problem)
        return _erase_page(of, form), 422
    figures_too = typed["figures"] == "remove"
    done = erasure.erase(of.ref, now(), figures_too=figures_too, actor=actor(), why=str(typed["why"]))
    flash(
        f"Erased: {done.deleted} rows are gone. Older backups hold the person until they are deleted; "
        "whoever runs this installation takes the last traces out of the database’s files (db tidy).",
        "done",
    )
    return redirect(then, 303)
