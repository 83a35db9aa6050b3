"""Belongings at the hospital: in at admission, out at discharge, and whenever the bag was opened between."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.custody import Status, Step
from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import Permission
from redbag.domain.record import Field
from redbag.domain.transfer_states import State
from redbag.services import belongings, found_photos, journeys, reach
from redbag.services.reach import Reach
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, is_guest, note_read, now, requires
from redbag.web.home.moments import when
from redbag.web.ward import blueprint

_HERE = (Status.PRESENT, "Here")
ANSWERS = {
    Step.ADMISSION: (
        _HERE,
        (Status.MISSING, "Missing"),
        (Status.DAMAGED, "Damaged"),
        (Status.KEPT_BY_FAMILY, "With family"),
    ),
    Step.DISCHARGE: (
        _HERE,
        (Status.MISSING, "Missing"),
        (Status.DAMAGED, "Damaged"),
        (Status.USED_UP, "Used up"),
        (Status.KEPT_BY_FAMILY, "With family"),
    ),
}
ANSWERS[Step.OPENED] = ANSWERS[Step.DISCHARGE]
# Where the answers of each step are sent.
_SAVED_BY = {
    Step.ADMISSION: "ward.save_check_in",
    Step.OPENED: "ward.save_opened",
    Step.DISCHARGE: "ward.save_check_out",
}
WHY_OPENED = Field("why", "Why was it opened?", hint="For example: to get their glasses out", longest=200)
MOST_FOUND = 20
# A thing that was not here at the last check cannot be here again because a button said "the rest".
_ASKED_AGAIN = (Status.MISSING.value,)
_CARRIED_FORWARD = (Status.DAMAGED.value, Status.KEPT_BY_FAMILY.value, Status.USED_UP.value)


@blueprint.get("/b/<token>/check-in", endpoint="check_in")
@blueprint.get("/ward/transfers/<ref>/check-in", endpoint="check_in")
@requires(Permission.LABEL_OPEN)
@audits
def show_check_in(token: str = "", ref: str = "") -> ResponseReturnValue:
    """Every packed thing, to be marked where it is not here."""
    return _look(Step.ADMISSION, reach.for_reading(actor(), token, ref))


@blueprint.post("/b/<token>/check-in", endpoint="save_check_in")
@blueprint.post("/ward/transfers/<ref>/check-in", endpoint="save_check_in")
@requires(Permission.LABEL_OPEN)
@commits
def save_check_in(token: str = "", ref: str = "") -> ResponseReturnValue:
    """What was found when they came."""
    return _save_by(Step.ADMISSION, token, ref)


@blueprint.get("/b/<token>/opened", endpoint="opened")
@blueprint.get("/ward/transfers/<ref>/opened", endpoint="opened")
@requires(Permission.LABEL_OPEN)
@audits
def show_opened(token: str = "", ref: str = "") -> ResponseReturnValue:
    """The bag was opened between the handovers: what was seen in it."""
    return _look(Step.OPENED, reach.for_reading(actor(), token, ref))


@blueprint.post("/b/<token>/opened", endpoint="save_opened")
@blueprint.post("/ward/transfers/<ref>/opened", endpoint="save_opened")
@requires(Permission.LABEL_OPEN)
@commits
def save_opened(token: str = "", ref: str = "") -> ResponseReturnValue:
    """What was in the bag when it was opened, and why it was."""
    return _save_by(Step.OPENED, token, ref)


@blueprint.get("/ward/transfers/<ref>/check-out", endpoint="check_out")
@requires(Permission.STAY_RECORD)
@audits
def show_check_out(ref: str) -> ResponseReturnValue:
    """Every thing that should go back with them."""
    return _look(Step.DISCHARGE, reach.for_reading(actor(), "", ref))


@blueprint.post("/ward/transfers/<ref>/check-out", endpoint="save_check_out")
@requires(Permission.STAY_RECORD)
@commits
def save_check_out(ref: str) -> ResponseReturnValue:
    """What goes back with them."""
    return _save(Step.DISCHARGE, reach.for_writing(actor(), "", ref))


def _look(step: Step, found: Reach) -> str:
    journeys.refuse_while_questioned(found.transfer)
    belongings.refuse_at_another_step(found.transfer, step)
    note_read("transfer.read", ("transfer", found.transfer.ref))
    return _page(step, found, Form(_carried_fields(found), _last_time(step, found)))


def _carried_fields(found: Reach) -> list[Field]:
    things = belongings.list_for(found.transfer)
    each = [Field(f"{part}-{thing.ref}", part) for thing in things for part in ("item", "note")]
    return [*each, Field("valuables", "valuables")]


def _last_time(step: Step, found: Reach) -> dict[str, str]:
    """What the last check said and still stands, marked beforehand: damaged, with the family, used up."""
    allowed = {status.value for status, _ in ANSWERS[step]}.intersection(_CARRIED_FORWARD)
    kept = {ref for ref, status in belongings.standing(found.transfer).items() if status in allowed}
    said, notes = belongings.standing(found.transfer), belongings.noted(found.transfer)
    told = belongings.valuables_told(found.transfer) if step is Step.DISCHARGE else ""
    marks = {f"item-{ref}": said[ref] for ref in kept} | {f"note-{ref}": notes[ref] for ref in kept}
    return {**marks, "valuables": told}


def _save_by(step: Step, token: str, ref: str) -> ResponseReturnValue:
    """By the label, or by the reference. Where the label was replaced while the page lay open, and they are
    in this hospital, the page comes again by the reference with all that was marked."""
    try:
        found = reach.for_recording(actor(), token, ref)
    except NotFound:
        by_reference = reach.instead_of(actor(), token) if token else None
        if by_reference is None:
            raise
        form = Form(())
        form.fail(Invalid({"items": _REPLACED}))
        return _page(step, by_reference, form), 409
    return _save(step, found)


_REPLACED = (
    "The label was replaced while this page was open, so nothing was saved yet. What you marked stands "
    "below: look at it, and save again. Another bag may hold their things now."
)


def _save(step: Step, found: Reach) -> ResponseReturnValue:
    transfer, form = found.transfer, Form(())
    things = belongings.list_for(transfer)
    marked = {thing.ref: request.form.get(f"item-{thing.ref}", "") for thing in things}
    try:
        answers = _answers(step, marked, _unanswered(found, things, marked))
        belongings.check(
            actor(),
            transfer,
            step,
            answers,
            notes={thing.ref: request.form.get(f"note-{thing.ref}", "").strip() for thing in things},
            added=_added(),
            valuables=_told_of_valuables(step, things, answers),
            witness=request.form.get("witness", "").strip()[:120],
            why=request.form.get("why", "").strip()[: WHY_OPENED.longest],
            label_id=found.label_id,
            occurred_at=when(),
            now=now(),
        )
    except Invalid as problem:
        form.fail(problem)
        return _page(step, found, form), 422
    flash(_summary(things, answers), "done")
    over = State(transfer.state) in (State.WENT_ELSEWHERE, State.DIED)
    endpoint = "ward.discharge" if step is Step.DISCHARGE and not over else "ward.patient"
    own = transfer.hospital_id == actor().organisation_id and not is_guest()
    return redirect(
        url_for(endpoint, ref=transfer.ref) if own else url_for("ward.scan", **found.address), 303
    )


def _unanswered(found: Reach, things: Any, marked: dict[str, str]) -> dict[str, str]:
    """A sentence for each thing that was missing at the last check and of which nothing was said now."""
    before = belongings.standing(found.transfer)
    return {
        f"item-{thing.ref}": f"{thing.description}: missing at the last check. Say whether it is here now."
        for thing in things
        if before.get(thing.ref) in _ASKED_AGAIN and not marked[thing.ref]
    }


def _answers(step: Step, marked: dict[str, str], unanswered: dict[str, str]) -> dict[str, Status]:
    """What was marked; the button says that everything else is here, but what was missing before."""
    if unanswered:
        raise Invalid(unanswered)
    allowed = {status.value for status, _ in ANSWERS[step]}
    if any(value and value not in allowed for value in marked.values()):
        raise Invalid({"items": "Choose one of the answers for each thing."})
    absent = [value for value in marked.values() if value not in ("", Status.PRESENT.value)]
    if "all" in request.form and absent:
        raise Invalid({"items": f"You marked {len(absent)} and pressed “All here”. Which is right?"})
    return {ref: Status(value or Status.PRESENT.value) for ref, value in marked.items()}


def _told_of_valuables(step: Step, things: Any, answers: dict[str, Status]) -> str:
    """Who was told of money and jewellery that are here, or where they are kept (domain: belongings).

    Raises Invalid where nothing is said when they come or go: the hospital answers only for what was
    handed in.
    """
    told = request.form.get("valuables", "").strip()[:200]
    here = [thing.description for thing in things if thing.valuable and answers[thing.ref].is_seen]
    if here and not told and step is not Step.OPENED:
        words = ", ".join(here)
        raise Invalid(
            {"valuables": f"{words}: write who was told, or where it is kept. “Worn” is an answer."}
        )
    return told


def _added() -> list[str]:
    lines = [line.strip() for line in request.form.get("added", "").splitlines()]
    kept = [line for line in lines if line]
    if len(kept) > MOST_FOUND:
        raise Invalid({"added": f"Write at most {MOST_FOUND} things."})
    return kept


def _summary(things: Any, answers: dict[str, Status]) -> str:
    here = sum(status.is_seen for status in answers.values())
    rest = [
        f"{thing.description} {answers[thing.ref].label.lower()}"
        for thing in things
        if answers[thing.ref] is not Status.PRESENT
    ]
    told = f" {'; '.join(rest)}." if rest else ""
    return f"{here} of {len(answers)} things here.{told} The home sees it now."


def _page(step: Step, found: Reach, form: Form) -> str:
    standing = belongings.standing(found.transfer)
    # What was missing is asked about: it stands first, and not in the middle of a long list.
    things = sorted(
        belongings.list_for(found.transfer), key=lambda t: standing.get(t.ref) not in _ASKED_AGAIN
    )
    return render_template(
        "ward/belongings.html",
        transfer=found.transfer,
        reach=found,
        form=form,
        things=things,
        photos=bool(found_photos.things(actor(), found.transfer)),
        answers=ANSWERS[step],
        leaving=step is Step.DISCHARGE,
        opened=WHY_OPENED if step is Step.OPENED else None,
        save=url_for(_SAVED_BY[step], **found.address),
        standing=standing,
        died=State(found.transfer.state) is State.DIED,
        all_here=State(found.transfer.state) is not State.DIED
        and not any(standing.get(t.ref) in (*_ASKED_AGAIN, *_CARRIED_FORWARD) for t in things),
        valuables=[thing.description for thing in things if thing.valuable],
    )
