"""The home's own words to the ward: who was spoken to, and whether the home can meet the person's needs."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid
from redbag.domain.going_home import HOME_WORD
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.queries import transfers
from redbag.services import journeys, stays
from redbag.services import transfers as services
from redbag.services.stays import Known
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, steps
from redbag.web.home.moments import every, when
from redbag.web.home.transfers import where_words

_CONTACT = (
    Field("told", "Who you spoke to", hint="Name and role", longest=200, required="Write who you spoke to."),
    Field("note", "What was said", Kind.LONG_TEXT, longest=2000),
)
_WORD = (
    Field(
        "word",
        "Can the home meet their needs?",
        Kind.CHOICE,
        tuple(choice for choice in HOME_WORD if choice[0] != "not_asked"),
        required="Choose an answer.",
    ),
    Field("conditions", "Conditions, or why not", Kind.LONG_TEXT, longest=2000),
    Field("who", "Who at the home says so", longest=120, required="Write who at the home says so."),
)


@blueprint.get("/transfers/<ref>/home-contact")
@requires(Permission.TRANSFER_TELL)
@audits
def home_contact(ref: str) -> ResponseReturnValue:
    """Asks who was spoken to on the ward."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return _words_page(transfer, Form(_CONTACT), "contact")


@blueprint.post("/transfers/<ref>/home-contact")
@requires(Permission.TRANSFER_TELL)
@commits
def save_home_contact(ref: str) -> ResponseReturnValue:
    """The home spoke to, or visited, the ward."""
    form = Form(_CONTACT)
    try:
        typed, at = every(form.read, when)
        services.home_contact(
            actor(), ref, told=typed["told"], note=typed["note"] or "", occurred_at=at, now=now()
        )
    except Invalid as problem:
        form.fail(problem)
        return _words_page(transfers.get(actor(), ref), form, "contact"), 422
    flash("Kept: the home spoke to the ward.", "done")
    return redirect(url_for("home.transfer", ref=ref), 303)


@blueprint.get("/transfers/<ref>/home-word")
@requires(Permission.TRANSFER_TELL)
@audits
def home_word(ref: str) -> ResponseReturnValue:
    """Asks whether the home can meet the person's needs."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return _words_page(transfer, Form(_WORD, {"who": actor().name}), "word")


@blueprint.post("/transfers/<ref>/home-word")
@requires(Permission.TRANSFER_TELL)
@commits
def save_home_word(ref: str) -> ResponseReturnValue:
    """The home's word on meeting needs; the ward sees it."""
    form = Form(_WORD)
    transfer = journeys.load(actor(), ref, Permission.TRANSFER_TELL)
    try:
        typed, at, _conditions = every(form.read, when, lambda: _conditions_said(form))
        known = Known(at, now())
        stays.say_home_can(actor(), transfer, typed["word"], typed["who"], typed["conditions"] or "", known)
    except Invalid as problem:
        if "home_word_by" in problem.errors:
            problem.errors["who"] = problem.errors.pop("home_word_by")
        form.fail(problem)
        return _words_page(transfer, form, "word"), 422
    flash("Kept. The ward sees it.", "done")
    return redirect(url_for("home.transfer", ref=ref), 303)


def _conditions_said(form: Form) -> None:
    if form.text("word") in ("conditions", "no") and not form.text("conditions").strip():
        raise Invalid({"conditions": "Write the conditions, or why not: the ward needs to know."})


def _words_page(transfer: Any, form: Form, kind: str) -> str:
    return render_template(
        "home/journey/words.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        form=form,
        errors=form.errors,
        kind=kind,
        where=where_words(transfer),
        ward=transfer.ward,
    )
