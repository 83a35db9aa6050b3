"""Arrived, admitted, not this person: what is said with the bag in hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.bed_or_ward import read_as_ward
from redbag.domain.errors import Invalid
from redbag.domain.london_time import format_time
from redbag.domain.permissions import Permission
from redbag.domain.record import YES_NO, Field, Kind
from redbag.domain.transfer_states import State
from redbag.queries import packs, transfers
from redbag.services import corrections, journeys, latest_step, reach, stays
from redbag.services.reach import Reach
from redbag.services.stays import Known, Place
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, is_guest, note_read, now, requires
from redbag.web.ward import blueprint, overtaken

# Without a label in hand, whether the bag came with them must be asked; it is settled once.
WITH_BAG = Field(
    "with_bag",
    "Did the red bag come with them?",
    Kind.YES_NO,
    YES_NO,
    required="Say whether the red bag came with them.",
)

BROUGHT_BY = Field(
    "brought_by",
    "Who brought them: a name, or the crew’s call sign",
    hint="If you have it. It stands in the custody record; nobody waits for it.",
    longest=80,
)


def admission_questions(found: Reach) -> tuple[Field, ...]:
    """What is asked at admission; the ward's list is the hospital's own. A guest on a ward that is not on it
    has said where they are."""
    wards = tuple((ward.ref, ward.name) for ward in transfers.wards(actor().organisation_id))
    where: tuple[Field, ...] = (Field("bed", "Bed or bay", hint="If you know it", longest=40),)
    if not is_guest() or actor().ward_id:
        where = (Field("ward", "Ward", Kind.CHOICE, wards, required="Choose the ward."), *where)
    taken_over = Field(
        "admitted_at",
        "When did this hospital take responsibility?",
        Kind.MOMENT,
        hint="When a team here took them on as their patient. Mostly the time they were admitted.",
        required="Give the day and the time.",
    )
    if moves_here(found):
        return (*where, taken_over)
    asked = (
        *where,
        Field(
            "decided_at",
            "When was it decided to admit?",
            Kind.MOMENT,
            hint="The length of stay counts from here. It can be earlier than now.",
            required="Give the day and the time of the decision to admit.",
        ),
        taken_over,
    )
    ask_for_bag = found.label is None and found.transfer.with_bag is None
    return (
        *asked,
        *((WITH_BAG,) if ask_for_bag else ()),
        *((BROUGHT_BY,) if found.transfer.arrived_at is None else ()),
    )


def moves_here(found: Reach) -> bool:
    """Whether another hospital has admitted them: then the same stay goes on here."""
    transfer = found.transfer
    return State(transfer.state) is State.ADMITTED and transfer.hospital_id != actor().organisation_id


@blueprint.post("/b/<token>/arrive")
@requires(Permission.LABEL_OPEN)
@commits
def arrive(token: str) -> ResponseReturnValue:
    """This is the person, and they are here; `unseen`: before there was a pack that said who it is."""
    found = reach.for_recording(actor(), token, "")
    brought_by = " ".join(request.form.get(BROUGHT_BY.key, "").split())[: BROUGHT_BY.longest]
    known = Known(now(), now(), found.source, found.label_id, brought_by=brought_by)
    seen = "unseen" not in request.form
    stays.arrive(actor(), found.transfer, stays.own_place(actor()), known, with_bag=True, confirmed=seen)
    flash(f"Arrived {format_time(known.occurred_at)}. The home is told.", "done")
    return redirect(url_for("ward.scan", token=token), 303)


@blueprint.get("/b/<token>/admit", endpoint="admit")
@blueprint.get("/ward/transfers/<ref>/admit", endpoint="admit")
@requires(Permission.LABEL_OPEN)
@audits
def show_admit(token: str = "", ref: str = "") -> ResponseReturnValue:
    """The form of admission, filled in as far as is known; identity is asked on it."""
    found = reach.for_reading(actor(), token, ref)
    start = {"decided_at": now(), "admitted_at": now(), "ward": _own_ward()}
    form = Form(admission_questions(found), start)
    return _admit_page(found, form, {**_shown_times(form), "version": latest_step.ref_of(found.transfer)})


@blueprint.post("/b/<token>/admit", endpoint="save_admit")
@blueprint.post("/ward/transfers/<ref>/admit", endpoint="save_admit")
@requires(Permission.LABEL_OPEN)
@commits
def save_admit(token: str = "", ref: str = "") -> ResponseReturnValue:
    """This is the person: admitted. Belongings are next."""
    found = reach.for_recording(actor(), token, ref)
    form = Form(admission_questions(found))
    hidden = {name: request.form.get(name, "") for name in (*_SHOWN.values(), "version")}
    _refuse_another_state(found, form)
    if moves_here(found) and hidden["version"] != latest_step.ref_of(found.transfer):
        form.fail(Invalid({"ward": _admitted_elsewhere(found)}))
        return _admit_page(found, form, {**hidden, "version": latest_step.ref_of(found.transfer)}), 409
    try:
        typed = _read(form)
        place = stays.ward_place(actor(), typed["ward"]) if "ward" in typed else stays.own_place(actor())
        _record_admission(found, place, typed)
    except Invalid as problem:
        _fail(form, problem)
        return _admit_page(found, form, hidden), 422
    flash("Admitted. The home sees it on its board.", "done")
    next_address = found.address if is_guest() else {"ref": found.transfer.ref}
    return redirect(url_for("ward.check_in", **next_address), 303)


# The times that stood in the boxes as the page was opened: left as they were, they mean "now".
_SHOWN = {"decided_at": "shown_decided_at", "admitted_at": "shown_admitted_at"}


def _shown_times(form: Form) -> dict[str, str]:
    return {_SHOWN[q.key]: _in_boxes(form, q.key) for q in form.questions if q.key in _SHOWN}


def _in_boxes(form: Form, name: str) -> str:
    day = form.day_boxes(name)
    return f"{day['day']}/{day['month']}/{day['year']} {form.text(f'{name}-time')}"


def ward_in_bed(form: Form) -> dict[str, str]:
    """What to say beside the box for the bed where it holds the name of a ward."""
    wards = {ward.ref: ward.name for ward in transfers.wards(actor().organisation_id)}
    said = read_as_ward(form.text("bed"), wards.values(), wards.get(form.text("ward"), ""))
    asked = "Choose the ward above" if any(q.key == "ward" for q in form.questions) else "Leave it out here"
    return {"bed": f"“{said}” reads like a ward. {asked}, and write only the bed or bay."} if said else {}


def _read(form: Form) -> dict[str, Any]:
    """The answers; a time that was left as it stood is this moment, however long the page lay open."""
    left = {key for key, shown in _SHOWN.items() if _in_boxes(form, key) == request.form.get(shown)}
    typed = form.read(ward_in_bed(form), latest=now())
    return typed | {key: now() for key in left if key in typed}


def _admitted_elsewhere(found: Reach) -> str:
    step = latest_step.placing(found.transfer)
    who = f" by {step.actor_name}, {step.place}," if step else ""
    return f"They were admitted{who} after you opened this page. If they are here now, press again."


def _fail(form: Form, problem: Invalid) -> None:
    """What the rules say of the order of times, beside the time that it is about."""
    for name, text in problem.errors.items():
        late = "decided_at" if text.startswith("The decision to admit") else "admitted_at"
        where = late if name == "occurred_at" else name
        form.fail(Invalid({where: text}))


def _record_admission(found: Reach, place: Place, typed: dict[str, Any]) -> None:
    transfer = found.transfer
    known = Known(typed["admitted_at"], now(), found.source, found.label_id)
    if moves_here(found):
        stays.move_hospital(actor(), transfer, place, known, bed=typed["bed"] or "")
        return
    brought = True if found.label else {"yes": True, "no": False}.get(str(typed.get("with_bag")))
    known = replace(known, brought_by=typed.get(BROUGHT_BY.key) or "")
    stays.admit(
        actor(),
        transfer,
        place,
        known,
        decided_at=typed["decided_at"],
        bed=typed["bed"] or "",
        with_bag=brought,
    )


def _own_ward() -> str:
    """The reference of the ward that this person works on, for the list; "" where none is known."""
    wards = transfers.wards(actor().organisation_id)
    return next((ward.ref for ward in wards if ward.id == actor().ward_id), "")


def _refuse_another_state(found: Reach, form: Form | None = None) -> None:
    """Raises IllegalTransition, which names what stands now where that may be seen."""
    state = State(found.transfer.state)
    before = (State.HANDED_TO_CREW, State.ARRIVED, *((State.PACKING,) if found.label else ()))
    if state not in before and not moves_here(found):
        raise overtaken.because(found, _why_not(state), form)


def _admit_page(found: Reach, form: Form, hidden: dict[str, str]) -> str:
    """`hidden`: the times that the form was opened with, and the step that stood then."""
    transfer = found.transfer
    journeys.refuse_while_questioned(transfer)
    if request.method == "GET":
        _refuse_another_state(found)
    if request.method == "GET":
        note_read("transfer.read", ("transfer", transfer.ref))
    return render_template(
        "ward/admit.html",
        transfer=transfer,
        reach=found,
        pack=packs.latest(transfer.id),
        form=form,
        own_ward=bool(actor().ward_id),
        moves=moves_here(found),
        hidden=hidden,
        times=tuple(_SHOWN),
        brought_by=BROUGHT_BY,
        arrival=_arrival_to_correct(form, transfer),
    )


def _arrival_to_correct(form: Form, transfer: Any) -> str:
    """The step whose time is in the way, for a link; "" where none is or the page cannot be reached yet."""
    in_the_way = "correct the arrival first" in form.errors.get("decided_at", "")
    return latest_step.ref_of(transfer) if in_the_way and not is_guest() else ""


def _why_not(state: State) -> str:
    if state is State.ADMITTED:
        return "They are admitted already: find them on the board."
    return "They have left hospital: this label’s journey is at its end."


@blueprint.post("/b/<token>/not-this-person", endpoint="not_this_person")
@blueprint.post("/ward/transfers/<ref>/not-this-person", endpoint="not_this_person")
@requires(Permission.LABEL_OPEN)
@commits
def not_this_person(token: str = "", ref: str = "") -> ResponseReturnValue:
    """Stops all writing and tells the home at once."""
    found = reach.for_writing(actor(), token, ref)
    if not journeys.is_questioned(found.transfer):
        corrections.wrong_person(actor(), found.transfer, note="", label_id=found.label_id, now=now())
    return redirect(_back(found), 303)


@blueprint.post("/b/<token>/this-person-after-all", endpoint="this_person_after_all")
@blueprint.post("/ward/transfers/<ref>/this-person-after-all", endpoint="this_person_after_all")
@requires(Permission.LABEL_OPEN)
@commits
def this_person_after_all(token: str = "", ref: str = "") -> ResponseReturnValue:
    """Whoever pressed "Not this person" by mistake takes it back."""
    found = reach.for_writing(actor(), token, ref)
    corrections.right_person(actor(), found.transfer, now())
    flash("Taken back: this is the person.", "done")
    return redirect(_back(found), 303)


def stopped(found: Reach) -> str:
    """Instead of the pack while somebody says that it is not this person's."""
    said = corrections.questioned_by(found.transfer)
    return render_template(
        "ward/not_this_person.html",
        transfer=found.transfer,
        reach=found,
        said=said,
        mine=said is not None and corrections.is_theirs(actor(), said),
    )


def _back(found: Reach) -> str:
    if found.label:
        return url_for("ward.scan", **found.address)
    return url_for("ward.patient", **found.address)
