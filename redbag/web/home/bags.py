"""Red bags: where each one is, what to do with it, and another one."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.documents.blank_pack import blank_pack_pdf
from redbag.domain import bag_states
from redbag.domain.bag_states import BAG_ACT_WORDS, BAG_STATE_WORDS, GONE, NEEDS_A_NOTE, BagAct, BagState
from redbag.domain.errors import IllegalTransition, Invalid, NotFound, Stale
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.transfer_states import AWAY, STATE_WORDS, State
from redbag.queries import bags, packs, reviews
from redbag.services import bags as services
from redbag.web.conflict import version_sent
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint

NEW_BAG = (Field("number", "Number on the bag", longest=services.LONGEST_NUMBER),)


@blueprint.get("/bags", endpoint="bags")
@requires(Permission.BAG_READ)
@audits
def list_bags() -> ResponseReturnValue:
    """Every bag of the home, and with whom it is out."""
    return _list_page(None)


@blueprint.post("/bags")
@requires(Permission.BAG_READ)
@commits
def add_bag() -> ResponseReturnValue:
    """Another bag for the home."""
    form = Form(NEW_BAG)
    try:
        bag = services.add(actor(), actor().organisation_id, form.text("number"), now())
    except Invalid as problem:
        form.fail(problem)
        return _list_page(form), 422
    flash(f"Bag {bag.number}: added, in stock.", "done")
    return redirect(url_for("home.bags"), 303)


@blueprint.get("/bags/blank-pack.pdf")
@requires(Permission.BAG_READ)
def blank_pack() -> ResponseReturnValue:
    """The pack with nothing in it but the home, to be printed in advance for a power cut."""
    content = blank_pack_pdf(packs.home_card(reviews.home(actor())))
    headers = {"Content-Disposition": 'inline; filename="red-bag-pack-blank.pdf"'}
    return Response(content, mimetype="application/pdf", headers=headers)


@blueprint.get("/bags/<bag_ref>")
@requires(Permission.BAG_READ)
@audits
def bag(bag_ref: str) -> ResponseReturnValue:
    """One bag: what may be said of it, and its history."""
    return _bag_page(bag_ref, Form(_questions(())))


@blueprint.post("/bags/<bag_ref>")
@requires(Permission.BAG_READ)
@commits
def change_bag(bag_ref: str) -> ResponseReturnValue:
    """What a person says of a bag: cleaned, lost, found and the like."""
    form = Form(_questions(()))
    try:
        act = BagAct(request.form.get("act", ""))
    except ValueError:
        form.fail(Invalid({"act": "Say what happened to the bag."}))
        return _bag_page(bag_ref, form), 422
    try:
        note = request.form.get("note", "")
        row = services.say(actor(), bag_ref, act, note=note, version=version_sent(), now=now())
    except Invalid as problem:
        form.fail(problem)
        return _bag_page(bag_ref, form), 422
    except (Stale, IllegalTransition) as problem:
        form.fail(Invalid({"act": str(problem)}))
        return _bag_page(bag_ref, form), 409
    flash(f"Bag {row.number}: {BAG_STATE_WORDS[BagState(row.state)].lower()}.{_what_follows(row)}", "done")
    return redirect(url_for("home.bags"), 303)


def _what_follows(row: Any) -> str:
    """What a loss means for the journey that the bag was on."""
    journey = bags.open_journeys([row]).get(row.id)
    if journey is None or row.state not in GONE:
        return ""
    label = ""
    if row.state == BagState.LOST:
        label = " The label in its window is replaced: the new one is on the page of the journey."
    return f" The journey of {journey.resident.full_name} goes on without it.{label}"


def _journey_words(journey: Any) -> str:
    """Where the person is; the hospital only while they are on the way there, in it or on the way back."""
    state = State(journey.state)
    places = (journey.hospital, journey.ward) if state in AWAY else ()
    return ", ".join([STATE_WORDS[state].lower(), *(place.name for place in places if place is not None)])


def _questions(acts: tuple[BagAct, ...]) -> tuple[Field, ...]:
    explained = [BAG_ACT_WORDS[act].lower() for act in acts if act in NEEDS_A_NOTE]
    return (
        Field(
            "act",
            "What happened to it",
            Kind.CHOICE,
            tuple((act.value, BAG_ACT_WORDS[act]) for act in acts),
            required="Say what happened to the bag.",
        ),
        Field(
            "note",
            "In a few words",
            hint=f"Needed for: {', '.join(explained)}" if explained else "",
            longest=services.LONGEST_NOTE,
        ),
    )


def _list_page(form: Form | None) -> str:
    rows = bags.of_home(actor())
    journeys = bags.open_journeys(rows)
    if request.method == "GET":
        note_read("transfer.listed", ("organisation", actor().organisation_ref), count=len(journeys))
    if form is None:
        form = Form(NEW_BAG, {"number": bag_states.next_number([row.number for row in rows])})
    return render_template(
        "home/bags.html",
        form=form,
        errors=form.errors,
        question=NEW_BAG[0],
        bags=rows,
        journeys=journeys,
        words={state.value: words for state, words in BAG_STATE_WORDS.items()},
        journey_words=_journey_words,
        gone=GONE,
    )


def _bag_page(bag_ref: str, form: Form) -> str:
    row = bags.get(actor(), bag_ref)
    if row.home_id != actor().organisation_id:
        raise NotFound("There is no such bag.")
    journey = bags.open_journeys([row]).get(row.id)
    if request.method == "GET" and journey is not None:
        note_read("transfer.read", ("transfer", journey.ref))
    acts = bag_states.acts(BagState(row.state), on_a_journey=journey is not None)
    return render_template(
        "home/bag.html",
        form=form,
        errors=form.errors,
        bag=row,
        journey=journey,
        questions=_questions(acts),
        acts=acts,
        history=bags.history(row),
        words={state.value: words for state, words in BAG_STATE_WORDS.items()},
        journey_words=_journey_words,
        gone=GONE,
    )
