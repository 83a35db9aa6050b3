"""Lost things: what never came back from journeys that are over, until the manager has settled it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.going_home import LOST
from redbag.domain.permissions import Permission
from redbag.queries import lost as queries
from redbag.services import lost_things
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint

_SAID = {
    "found": "Found: off the list.",
    "settled": "Settled: off the list. What happened is kept with the journey.",
    "missing": "Back on the list of lost things.",
}


@blueprint.get("/lost-belongings")
@requires(Permission.HOME_MANAGE)
@audits
def lost_belongings() -> ResponseReturnValue:
    """Every lost thing that is not settled, and what was answered lately."""
    page, count = _page(Form(()))
    note_read("transfer.listed", ("organisation", actor().organisation_ref), count=count)
    return page


@blueprint.post("/transfers/<ref>/lost/<item_ref>")
@requires(Permission.HOME_MANAGE)
@commits
def answer_lost(ref: str, item_ref: str) -> ResponseReturnValue:
    """Found, settled, or missing after all: one thing at a time."""
    form = Form(())
    said = form.text("said")
    try:
        item = lost_things.answer(actor(), ref, item_ref, said, note=form.text("note"), now=now())
    except Invalid as problem:
        form.errors[f"note-{item_ref}"] = problem.errors["note"]
        return _page(form, item_ref)[0], 422
    except IllegalTransition as problem:
        flash(str(problem), "warning")
        return redirect(url_for("home.lost_belongings"), 303)
    flash(f"{item.description}: {_SAID[said]}", "done")
    return redirect(url_for("home.lost_belongings"), 303)


def _page(form: Form, answering: str = "") -> tuple[str, int]:
    standing, answered = queries.standing(actor()), queries.answered(actor(), now())
    page = render_template(
        "home/lost.html",
        form=form,
        errors=form.errors,
        answering=answering,
        standing=standing,
        answered=answered,
        days=queries.ANSWERED_SHOWN_DAYS,
        at_closing=_closing_words,
    )
    return page, len(standing) + len(answered)


def _closing_words(one: Any) -> str:
    return dict(LOST).get(one.at_closing, "")
