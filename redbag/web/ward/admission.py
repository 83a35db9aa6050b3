"""Arrived, admitted, not this person: what is said with the bag in hand."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.permissions import Permission
from redbag.domain.record import YES_NO, Field, Kind
from redbag.domain.transfer_states import State
from redbag.queries import packs, transfers
from redbag.services import corrections, journeys, reach, stays
from redbag.services.reach import Reach
from redbag.services.stays import Known, Place
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.ward import blueprint

# Without a label in hand, whether the bag came with them must be asked; it is settled once.
WITH_BAG = Field(
    "with_bag",
    "Did the red bag come with them?",
    Kind.YES_NO,
    YES_NO,
    required="Say whether the red bag came with them.",
)


def admission_questions(found: Reach) -> tuple[Field, ...]:
    """What is asked at admission; the ward's list is the hospital's own."""
    wards = tuple((ward.ref, ward.name) for ward in transfers.wards(actor().organisation_id))
    where = (
        Field("ward", "Ward", Kind.CHOICE, wards, required="Choose the ward."),
        Field("bed", "Bed or bay", hint="If you know it", longest=40),
    )
    taken_over = Field(
        "admitted_at",
        "When did this hospital take responsibility?",
        Kind.MOMENT,
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
    return (*asked, WITH_BAG) if ask_for_bag else asked


def moves_here(found: Reach) -> bool:
    """Whether another hospital has admitted them: then the same stay goes on here."""
    transfer = found.transfer
    return State(transfer.state) is State.ADMITTED and transfer.hospital_id != actor().organisation_id


@blueprint.post("/b/<token>/arrive")
@requires(Permission.LABEL_SCAN)
@commits
def arrive(token: str) -> ResponseReturnValue:
    """This is the person, and they are here; `unseen`: before there was a pack that said who it is."""
    found = reach.for_writing(actor(), token, "")
    known = Known(now(), now(), found.source, found.label_id)
    seen = "unseen" not in request.form
    stays.arrive(actor(), found.transfer, stays.own_place(actor()), known, with_bag=True, confirmed=seen)
    return redirect(url_for("ward.scan", token=token), 303)


@blueprint.get("/b/<token>/admit", endpoint="admit")
@blueprint.get("/ward/transfers/<ref>/admit", endpoint="admit")
@requires(Permission.LABEL_SCAN)
@audits
def show_admit(token: str = "", ref: str = "") -> ResponseReturnValue:
    """The form of admission, filled in as far as is known; identity is asked on it."""
    found = reach.for_reading(actor(), token, ref)
    start = {"decided_at": now(), "admitted_at": now(), "ward": _own_ward()}
    return _admit_page(found, Form(admission_questions(found), start))


@blueprint.post("/b/<token>/admit", endpoint="save_admit")
@blueprint.post("/ward/transfers/<ref>/admit", endpoint="save_admit")
@requires(Permission.LABEL_SCAN)
@commits
def save_admit(token: str = "", ref: str = "") -> ResponseReturnValue:
    """This is the person: admitted. Belongings are next."""
    found = reach.for_writing(actor(), token, ref)
    form = Form(admission_questions(found))
    try:
        typed = _read(form)
        place = stays.ward_place(actor(), typed["ward"])
        _record_admission(found, place, typed)
    except Invalid as problem:
        _fail(form, problem)
        return _admit_page(found, form), 422
    flash("Admitted. The home sees it on its board.", "done")
    return redirect(url_for("ward.check_in", ref=found.transfer.ref), 303)


def _read(form: Form) -> dict[str, Any]:
    """The answers; the button "admit now" stands for both times, whatever their boxes say."""
    if "at_once" not in request.form:
        return form.read(latest=now())
    try:
        typed = Form(q for q in form.questions if q.kind is not Kind.MOMENT).read()
    except Invalid as problem:
        form.fail(problem)
        raise
    return {**typed, "decided_at": now(), "admitted_at": now()}


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


def _admit_page(found: Reach, form: Form) -> str:
    transfer = found.transfer
    journeys.refuse_while_questioned(transfer)
    before = (State.HANDED_TO_CREW, State.ARRIVED, *((State.PACKING,) if found.label else ()))
    if State(transfer.state) not in before and not moves_here(found):
        raise IllegalTransition(_why_not(State(transfer.state)))
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
    )


def _why_not(state: State) -> str:
    if state is State.ADMITTED:
        return "They are admitted already: find them on the board."
    return "They have left hospital: this label’s journey is at its end."


@blueprint.post("/b/<token>/not-this-person", endpoint="not_this_person")
@blueprint.post("/ward/transfers/<ref>/not-this-person", endpoint="not_this_person")
@requires(Permission.LABEL_SCAN)
@commits
def not_this_person(token: str = "", ref: str = "") -> ResponseReturnValue:
    """Stops all writing and tells the home at once."""
    found = reach.for_writing(actor(), token, ref)
    if not journeys.is_questioned(found.transfer):
        corrections.wrong_person(actor(), found.transfer, note="", label_id=found.label_id, now=now())
    return redirect(_back(found), 303)


@blueprint.post("/b/<token>/this-person-after-all", endpoint="this_person_after_all")
@blueprint.post("/ward/transfers/<ref>/this-person-after-all", endpoint="this_person_after_all")
@requires(Permission.LABEL_SCAN)
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
        mine=said is not None and said.account_id == actor().account_id,
    )


def _back(found: Reach) -> str:
    if found.label:
        return url_for("ward.scan", **found.address)
    return url_for("ward.patient", **found.address)
