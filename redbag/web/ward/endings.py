"""The other ways in which a stay ends: somewhere else, and death."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import going_home
from redbag.domain.contacts import contacts
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.transfer_states import Action
from redbag.queries import packs
from redbag.services import reach, stays
from redbag.services.reach import Reach
from redbag.services.stays import Known, Leaving
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, now, requires
from redbag.web.ward import blueprint, overtaken
from redbag.web.ward.leaving import LEFT, METHOD, asks_for_bag, summary_question
from redbag.web.ward.moves import fail, for_step, step_page

_ELSEWHERE = {
    "title": "Going somewhere else",
    "lede": "For somebody who leaves hospital but does not go back to the care home they came from.",
    "button": "Gone somewhere else",
    "save": "ward.save_elsewhere",
}


def _elsewhere_questions(found: Reach) -> tuple[Field, ...]:
    where = Field(
        "destination", "Where to?", Kind.CHOICE, going_home.ELSEWHERE, required="Choose where they go."
    )
    place = Field("place", "Name and address of the place", longest=300)
    return (where, place, LEFT, METHOD, summary_question(found), asks_for_bag(going_home.BAG_AFTER))


@blueprint.get("/ward/transfers/<ref>/elsewhere", endpoint="elsewhere")
@requires(Permission.STAY_RECORD)
@audits
def show_elsewhere(ref: str) -> ResponseReturnValue:
    """Where they go instead, and where the bag goes."""
    found = for_step(ref, Action.DISCHARGE_ELSEWHERE)
    return step_page(found, Form(_elsewhere_questions(found), {"at": now()}), **_ELSEWHERE)


@blueprint.post("/ward/transfers/<ref>/elsewhere")
@requires(Permission.STAY_RECORD)
@commits
def save_elsewhere(ref: str) -> ResponseReturnValue:
    """Gone to another home, their own, a hospice or somewhere else."""
    found = reach.for_writing(actor(), "", ref)
    form = Form(_elsewhere_questions(found))
    overtaken.refuse(found, Action.DISCHARGE_ELSEWHERE, form)
    try:
        unnamed = form.text("destination") == "another_home" and not form.text("place").strip()
        also = {"place": "Write the name of the care home."} if unnamed else {}
        typed = form.read(also, latest=now())
        stays.go_elsewhere(
            actor(),
            found.transfer,
            Known(typed["at"], now()),
            destination=typed["destination"],
            place=typed["place"] or "",
            leaving=Leaving(method=typed["method"], summary=typed["summary"], bag=typed["bag"]),
        )
    except Invalid as problem:
        fail(form, problem)
        return step_page(found, form, **_ELSEWHERE), 422
    flash(f"Saved. {found.transfer.home.name} sees it on its board. Check the belongings out next.", "done")
    return redirect(url_for("ward.check_out", ref=ref), 303)


_DIED = {
    "title": "Died",
    "lede": "Tell the next of kin first, then ring the home. Every reminder about this person stops.",
    "button": "Record the death",
    "save": "ward.save_died",
    "grave": True,
}
_DIED_QUESTIONS = (
    Field("at", "When did they die?", Kind.MOMENT, required="Give the day and the time."),
    Field(
        "kin_told",
        "Next of kin: who was told, and by whom",
        hint="Or why not yet",
        longest=300,
        required=stays.KIN_NOT_TOLD,
    ),
    Field(
        "home_told",
        "The home, by telephone: who you spoke to",
        hint="Or why not yet",
        longest=300,
        required=stays.HOME_NOT_TOLD,
    ),
)


@blueprint.get("/ward/transfers/<ref>/died", endpoint="died")
@requires(Permission.STAY_RECORD)
@audits
def show_died(ref: str) -> ResponseReturnValue:
    """When, and who has been told."""
    found = for_step(ref, Action.RECORD_DEATH)
    return step_page(found, Form(_DIED_QUESTIONS, {}), **_died_words(found))


@blueprint.post("/ward/transfers/<ref>/died")
@requires(Permission.STAY_RECORD)
@commits
def save_died(ref: str) -> ResponseReturnValue:
    """Died. The belongings are signed out next; nothing is disposed of."""
    found = reach.for_writing(actor(), "", ref)
    form = Form(_DIED_QUESTIONS)
    overtaken.refuse(found, Action.RECORD_DEATH, form)
    try:
        typed = form.read(latest=now())
        stays.died(
            actor(),
            found.transfer,
            Known(typed["at"], now()),
            kin_told=typed["kin_told"] or "",
            home_told=typed["home_told"] or "",
        )
    except Invalid as problem:
        fail(form, problem)
        return step_page(found, form, **_died_words(found)), 422
    flash("Recorded. Every reminder about them has stopped. Thank you for looking after them.", "done")
    return redirect(url_for("ward.patient", ref=ref), 303)


def _died_words(found: Reach) -> dict[str, Any]:
    return {**_DIED, "kin": contacts(packs.latest(found.transfer.id)), "rings_home": True}
