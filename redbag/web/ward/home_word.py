"""The home's word, as the ward heard it: can it meet their needs? Asked before transport is called, and
often the day before anybody leaves."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import going_home
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.transfer_states import Action
from redbag.queries import transfers
from redbag.services import reach, stays
from redbag.services.reach import Reach
from redbag.services.stays import Known
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, now, requires
from redbag.web.ward import blueprint, overtaken
from redbag.web.ward.moves import WHEN, fail, for_step, step_page

_QUESTIONS = (
    Field(
        "home_word",
        "Can the home meet their needs?",
        Kind.CHOICE,
        tuple(choice for choice in going_home.HOME_WORD if choice[0] != "not_asked"),
        required="Choose what the home said.",
    ),
    Field("conditions", "Conditions, or why not", longest=500),
    Field(
        "home_word_by",
        "Who at the home said so",
        hint="Name and role",
        longest=200,
        required="Write who at the home said so.",
    ),
    WHEN,
)


def _page(found: Reach, form: Form) -> str:
    home = found.transfer.home
    return step_page(
        found,
        form,
        title="What the home says",
        rings=f"Ring {home.name} before transport is called:",
        button="Save the home’s word",
        save="ward.save_home_word",
        back="ward.discharge",
    )


@blueprint.get("/ward/transfers/<ref>/home-word", endpoint="home_word")
@requires(Permission.STAY_RECORD)
@audits
def show_home_word(ref: str) -> ResponseReturnValue:
    """What the home said last, to be put right or said anew."""
    found = for_step(ref, Action.HOME_CAN_MEET_NEEDS)
    start: dict[str, object] = {"at": now()}
    if word := transfers.home_word(found.transfer.id):
        start |= {"home_word": word.word, "home_word_by": word.who, "conditions": word.conditions}
    return _page(found, Form(_QUESTIONS, start))


@blueprint.post("/ward/transfers/<ref>/home-word")
@requires(Permission.STAY_RECORD)
@commits
def save_home_word(ref: str) -> ResponseReturnValue:
    """The home's word, who gave it and when; the form for leaving starts from it."""
    found = reach.for_writing(actor(), "", ref)
    form = Form(_QUESTIONS)
    overtaken.refuse(found, Action.HOME_CAN_MEET_NEEDS, form)
    try:
        typed = form.read(_unsaid(form), latest=now())
        said, who = typed["home_word"], typed["home_word_by"]
        known = Known(typed["at"], now())
        stays.say_home_can(actor(), found.transfer, said, who, typed["conditions"] or "", known)
    except Invalid as problem:
        fail(form, problem)
        return _page(found, form), 422
    flash("Saved: what the home said.", "done")
    return redirect(url_for("ward.discharge", ref=ref), 303)


def _unsaid(form: Form) -> dict[str, str]:
    """A condition, or a no, is of use only with its words."""
    if form.text("home_word") in ("conditions", "no") and not form.text("conditions").strip():
        return {"conditions": "Write the conditions, or why not."}
    return {}
