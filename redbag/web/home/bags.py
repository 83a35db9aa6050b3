"""Red bags: where each one is, what to do with it, and another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.documents.blank_pack import blank_pack_pdf
from redbag.domain import bag_states
from redbag.domain.bag_states import BAG_ACT_WORDS, BAG_STATE_WORDS, GONE, NEEDS_A_NOTE, BagAct, BagState
from redbag.domain.errors import IllegalTransition, Invalid, NotFound, Stale
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Permission
from redbag.domain.record import Field
from redbag.domain.transfer_states import AWAY, STATE_WORDS, State
from redbag.queries import bags, packs, reviews
from redbag.queries.attention import REPORT_WORDS
from redbag.services import bag_reports, swaps
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
    """One bag: where it is, the act that is usually meant, every other, and its history."""
    row = _own(bag_ref)
    journey = bags.open_journeys([row]).get(row.id)
    if journey is not None:
        note_read("transfer.read", ("transfer", journey.ref))
    acts = bag_states.acts(BagState(row.state), on_a_journey=journey is not None)
    packing, over = _stage(journey)
    if packing:
        acts = tuple(act for act in acts if act is not BagAct.BACK_ALONE)
    main = next(
        (act for act in acts if act not in NEEDS_A_NOTE and (over or act is not BagAct.BACK_ALONE)), None
    )
    return render_template(
        "home/bag.html",
        bag=row,
        journey=journey,
        due=_due(row, journey),
        main=main,
        others=[act for act in acts if act is not main],
        act_words={**BAG_ACT_WORDS, **({BagAct.BACK_ALONE: "It is here"} if over else {})},
        reports=bag_reports.standing(row),
        report_words=REPORT_WORDS,
        may_undo=bags.undoable(row) is not None,
        may_swap=journey is not None and State(journey.state) in swaps.SWAP_STATES,
        history=bags.history(row),
        words={state.value: words for state, words in BAG_STATE_WORDS.items()},
        journey_words=_journey_words,
        gone=GONE,
    )


def _stage(journey: Any) -> tuple[bool, bool]:
    """Whether the journey of a bag is still being packed, and whether its person is away no more."""
    if journey is None:
        return False, False
    state = State(journey.state)
    return state is State.PACKING, state not in (*AWAY, State.PACKING)


def _own(bag_ref: str) -> Any:
    row = bags.get(actor(), bag_ref)
    if row.home_id != actor().organisation_id:
        raise NotFound("There is no such bag.")
    return row


@blueprint.get("/bags/<bag_ref>/say/<act>")
@requires(Permission.BAG_READ)
@audits
def bag_act(bag_ref: str, act: str) -> ResponseReturnValue:
    """One thing that may be said of this bag: what follows from it, a few words, and one button."""
    return _act_page(_own(bag_ref), _act(act), Form(_QUESTIONS))


def _act(text: str) -> BagAct:
    if text not in tuple(BagAct):
        raise NotFound("There is no such page.")
    return BagAct(text)


@blueprint.post("/bags/<bag_ref>")
@requires(Permission.BAG_READ)
@commits
def change_bag(bag_ref: str) -> ResponseReturnValue:
    """What a person says of a bag: cleaned, lost, found and the like."""
    form = Form(_QUESTIONS)
    row, act = _own(bag_ref), _act(request.form.get("act", ""))
    try:
        note = request.form.get("note", "")
        row = services.say(actor(), bag_ref, act, note=note, version=version_sent(), now=now())
    except Invalid as problem:
        form.fail(problem)
        return _act_page(row, act, form), 422
    except (Stale, IllegalTransition) as problem:
        form.fail(Invalid({"note": str(problem)}))
        return _act_page(row, act, form), 409
    flash(f"Bag {row.number}: {BAG_STATE_WORDS[BagState(row.state)].lower()}.{_what_follows(row)}", "done")
    return redirect(url_for("home.bags"), 303)


@blueprint.post("/bags/<bag_ref>/undo")
@requires(Permission.BAG_READ)
@commits
def undo_bag(bag_ref: str) -> ResponseReturnValue:
    """The latest word on it was a mistake."""
    row = _own(bag_ref)
    row = services.undo(actor(), bag_ref, version=version_sent(), now=now())
    flash(f"Taken back. Bag {row.number}: {BAG_STATE_WORDS[BagState(row.state)].lower()}.", "done")
    return redirect(url_for("home.bag", bag_ref=bag_ref), 303)


@blueprint.post("/bags/<bag_ref>/reports/<report_ref>/noted")
@requires(Permission.BAG_READ)
@commits
def note_report(bag_ref: str, report_ref: str) -> ResponseReturnValue:
    """What others say of it is read; the bag stays as it is."""
    _own(bag_ref)
    bag_reports.note_read_by_home(actor(), bag_ref, report_ref, now())
    flash("Noted: off the list. The bag stays as it is.", "done")
    return redirect(url_for("home.bag", bag_ref=bag_ref), 303)


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


_QUESTIONS = (Field("note", "In a few words", longest=services.LONGEST_NOTE),)


def _act_page(row: Any, act: BagAct, form: Form) -> str:
    journey = bags.open_journeys([row]).get(row.id)
    if request.method == "GET":
        bag_states.after(BagState(row.state), act, on_a_journey=journey is not None)
        if journey is not None:
            note_read("transfer.read", ("transfer", journey.ref))
    return render_template(
        "home/bag_act.html",
        form=form,
        errors=form.errors,
        bag=row,
        journey=journey,
        packing=_stage(journey)[0],
        act=act.value,
        act_words=BAG_ACT_WORDS[act],
        needs_note=act in NEEDS_A_NOTE,
        question=_QUESTIONS[0],
    )


@dataclass(frozen=True)
class Due:
    """When a bag that is out is expected. `late`: that has passed; `day`: None where nobody has said."""

    late: bool
    day: date | None


def _due(row: Any, journey: Any) -> Due | None:
    """With its person on their expected day; where the person is back or went elsewhere, since then."""
    if row.state != BagState.OUT:
        return None
    if journey is None:
        return Due(late=True, day=london_day(row.state_since))
    if State(journey.state) not in (*AWAY, State.PACKING):
        ended = journey.received_at or journey.ended_at
        return Due(late=True, day=london_day(ended) if ended else None)
    day = journey.estimated_discharge_on
    return Due(late=day is not None and day < london_day(now()), day=day)


# In the order in which a person looks for them.
_GROUPS: tuple[tuple[BagState, str], ...] = (
    (BagState.OUT, "Out"),
    (BagState.TO_CLEAN, "To be cleaned"),
    (BagState.QUARANTINED, "Quarantined"),
    (BagState.LOST, "Lost"),
    (BagState.IN_STOCK, "On their hooks"),
    (BagState.DESTROYED, "Destroyed"),
)
_ONE_TAP = {
    BagState.TO_CLEAN: BagAct.CLEANED,
    BagState.QUARANTINED: BagAct.CLEANED,
    BagState.LOST: BagAct.FIND,
}


def _one_tap(row: Any, journey: Any) -> BagAct | None:
    """What one tap in the list says; None where it takes a word more."""
    if row.state == BagState.OUT:
        return BagAct.FIND if journey is None else None
    return _ONE_TAP.get(BagState(row.state))


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
        groups=[(title, [row for row in rows if row.state == state]) for state, title in _GROUPS],
        journeys=journeys,
        due={row.id: _due(row, journeys.get(row.id)) for row in rows},
        one_tap={row.id: _one_tap(row, journeys.get(row.id)) for row in rows},
        act_words=BAG_ACT_WORDS,
        reports=bag_reports.of_home(actor().organisation_id),
        report_words=REPORT_WORDS,
        words={state.value: words for state, words in BAG_STATE_WORDS.items()},
        journey_words=_journey_words,
    )
