"""During the stay: another ward, another hospital, the two dates, the home on the telephone."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, Stale
from redbag.domain.london_time import format_day, format_moment, to_london
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.transfer_states import ACTION_WORDS, Action
from redbag.queries import transfers
from redbag.services import journeys, latest_step, reach, stays
from redbag.services.reach import Reach
from redbag.services.stays import Known, Place
from redbag.web import conflict
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.ward import blueprint, overtaken
from redbag.web.ward.admission import ward_in_bed

WHEN = Field("at", "When?", Kind.MOMENT, required="Give the day and the time.")
DATES = (
    Field(
        "estimated",
        "Estimated date of going home",
        Kind.DATE,
        hint="Your best guess today. It can be changed every day.",
    ),
    Field(
        "ready",
        "Ready to go home since",
        Kind.DATE,
        hint="The day from which they no longer need to be in hospital. Leave it empty until then.",
    ),
)
SPOKE = (
    Field("who", "Who from the home?", required="Write who you spoke to.", longest=200),
    Field("note", "What was said", Kind.LONG_TEXT, longest=2000),
    WHEN,
)


def for_step(ref: str, action: Action) -> Reach:
    """A journey to fill in a form for. Raises IllegalTransition when the step does not follow now."""
    found = reach.for_reading(actor(), "", ref)
    journeys.refuse_while_questioned(found.transfer)
    overtaken.refuse(found, action)
    if request.method == "GET":
        note_read("transfer.read", ("transfer", ref))
    return found


def fail(form: Form, problem: Invalid) -> None:
    """As form.fail; what the rules say of the step's time stands beside the question “When?”."""
    form.fail(
        Invalid({{"occurred_at": WHEN.key}.get(name, name): text for name, text in problem.errors.items()})
    )


def step_page(found: Reach, form: Form, **words: Any) -> str:
    """The page of one step with one form; `words`: title, lede, button and what else it says."""
    return render_template("ward/step.html", transfer=found.transfer, form=form, **words)


def _move_questions(bed: str) -> tuple[Field, ...]:
    """`bed`: where they lie now; it is not taken along to another ward."""
    wards = tuple((ward.ref, ward.name) for ward in transfers.wards(actor().organisation_id))
    return (
        Field("ward", "Ward", Kind.CHOICE, wards, required="Choose the ward."),
        Field("bed", "New bed or bay", hint=f"Now: {bed}" if bed else "If you know it", longest=40),
        WHEN,
    )


_MOVE = {"title": "Move ward or bed", "button": "Moved", "save": "ward.save_move"}


def _move_page(found: Reach, form: Form, version: str, **words: Any) -> str:
    """`version`: the step that stood when the form was opened, which it remembers."""
    return step_page(found, form, hidden={"version": version}, **_MOVE, **words)


@blueprint.get("/ward/transfers/<ref>/move", endpoint="move")
@requires(Permission.STAY_RECORD)
@audits
def show_move(ref: str) -> ResponseReturnValue:
    """Where to, within this hospital."""
    found = for_step(ref, Action.MOVE_WARD)
    ward = found.transfer.ward
    start = {"ward": ward.ref if ward else "", "at": now()}
    version = latest_step.ref_of(found.transfer)
    return _move_page(found, Form(_move_questions(found.transfer.bed), start), version)


@blueprint.post("/ward/transfers/<ref>/move")
@requires(Permission.STAY_RECORD)
@commits
def save_move(ref: str) -> ResponseReturnValue:
    """Moved to another ward or bed."""
    found = reach.for_writing(actor(), "", ref)
    form = Form(_move_questions(found.transfer.bed))
    overtaken.refuse(found, Action.MOVE_WARD, form)
    seen = request.form.get("version", "")
    try:
        latest_step.refuse_overtaken(found.transfer, seen)
        ward = found.transfer.ward
        same = ward is not None and form.text("ward") == ward.ref and not form.text("bed").strip()
        also = {"bed": "Write the new bed or bay, or choose another ward."} if same else {}
        typed = form.read({**ward_in_bed(form), **also}, latest=now())
        place = stays.ward_place(actor(), typed["ward"])
        stays.move_ward(actor(), found.transfer, place, Known(typed["at"], now()), bed=typed["bed"] or "")
    except Stale as problem:
        differs = conflict.differences(form.questions[:2], problem.theirs, _typed_place(form))
        version, who = latest_step.ref_of(found.transfer), _who_moved(found)
        return _move_page(found, form, version, differences=differs, notice=who), 409
    except Invalid as problem:
        fail(form, problem)
        return _move_page(found, form, seen), 422
    flash("Moved. The home sees it on its board.", "done")
    return redirect(url_for("ward.patient", ref=ref), 303)


def _typed_place(form: Form) -> dict[str, str]:
    return {key: form.text(key).strip() for key in ("ward", "bed")}


def _who_moved(found: Reach) -> str:
    """Whose step stands now, for whoever typed theirs on an older page."""
    step = latest_step.placing(found.transfer)
    if step is None:
        return ""
    when, action = format_moment(step.occurred_at), ACTION_WORDS[Action(step.action)]
    return f"{step.actor_name} recorded “{action}” after you opened this page: {step.place}, {when}."


def _hospital_questions() -> tuple[Field, ...]:
    others = [h for h in transfers.hospitals() if h.id != actor().organisation_id]
    return (
        Field(
            "hospital",
            "Which hospital?",
            Kind.CHOICE,
            tuple((h.ref, h.name) for h in others),
            required="Choose the hospital.",
        ),
        WHEN,
    )


_MOVE_HOSPITAL = {"title": "Moved to another hospital", "save": "ward.save_move_hospital"}


def _move_hospital_page(found: Reach, form: Form, *, asked: Place | None = None) -> str:
    """`asked`: the hospital that was chosen, to be named once more before it is saved."""
    bag = "" if found.transfer.with_bag is False else ", and the bag goes with them"
    words: dict[str, Any] = {
        "lede": f"The stay goes on there{bag}. You will no longer see them here.",
        "button": "Moved to this hospital",
    }
    if asked is not None:
        chosen = request.form.get("hospital", "")
        words |= {
            "notice": f"They leave your board, and only {asked.words} can act then. Is it {asked.words}?",
            "button": f"Yes, moved to {asked.words}",
            "hidden": {"sure": chosen},
        }
    return step_page(found, form, **_MOVE_HOSPITAL, **words)


@blueprint.get("/ward/transfers/<ref>/move-hospital", endpoint="move_hospital")
@requires(Permission.STAY_RECORD)
@audits
def show_move_hospital(ref: str) -> ResponseReturnValue:
    """Which hospital, and when."""
    found = for_step(ref, Action.MOVE_HOSPITAL)
    return _move_hospital_page(found, Form(_hospital_questions(), {"at": now()}))


@blueprint.post("/ward/transfers/<ref>/move-hospital")
@requires(Permission.STAY_RECORD)
@commits
def save_move_hospital(ref: str) -> ResponseReturnValue:
    """Moved to another hospital, which is named once more before it is saved."""
    found = reach.for_writing(actor(), "", ref)
    form = Form(_hospital_questions())
    overtaken.refuse(found, Action.MOVE_HOSPITAL, form)
    try:
        typed = form.read(latest=now())
        place = stays.told_place(typed["hospital"])
        if request.form.get("sure") != typed["hospital"]:
            # Once saved, the sender can no longer take it back.
            return _move_hospital_page(found, form, asked=place), 422
        stays.move_hospital(actor(), found.transfer, place, Known(typed["at"], now()))
    except Invalid as problem:
        fail(form, problem)
        return _move_hospital_page(found, form), 422
    flash(f"Moved to {place.words}. Their staff see it when they scan the bag, and on their board.", "done")
    return redirect(url_for("ward.board"), 303)


_DATES = {
    "title": "Dates",
    "lede": "The home sees both: it can get ready.",
    "button": "Save the dates",
    "save": "ward.save_dates",
}


@blueprint.get("/ward/transfers/<ref>/dates", endpoint="dates")
@requires(Permission.STAY_RECORD)
@audits
def show_dates(ref: str) -> ResponseReturnValue:
    """The two dates as they stand."""
    found = for_step(ref, Action.SET_ESTIMATED_DISCHARGE)
    transfer = found.transfer
    start = {"estimated": transfer.estimated_discharge_on, "ready": transfer.discharge_ready_on}
    return _dates_page(found, Form(DATES, start))


@blueprint.post("/ward/transfers/<ref>/dates")
@requires(Permission.STAY_RECORD)
@commits
def save_dates(ref: str) -> ResponseReturnValue:
    """Sets whichever date is new; what a colleague set meanwhile is shown first."""
    found = reach.for_writing(actor(), "", ref)
    form, known = Form(DATES), Known(now(), now())
    overtaken.refuse(found, Action.SET_ESTIMATED_DISCHARGE, form)
    transfer = found.transfer
    stands = {"estimated": transfer.estimated_discharge_on, "ready": transfer.discharge_ready_on}
    act = {"estimated": stays.set_estimated_date, "ready": stays.set_ready_date}
    try:
        typed = {key: _day(text) for key, text in form.read(_short_years(form)).items()}
        changed = {key: day for key, day in typed.items() if _iso(day) != request.form.get(f"was-{key}", "")}
        passed = [key for key in changed if _iso(stands[key]) != request.form.get(f"was-{key}", "")]
        if passed:
            form.fail(Invalid({key: _overtaken(stands[key]) for key in passed}))
            return _dates_page(found, form), 409
        if not changed:
            flash("Nothing was changed.", "warning")
            return redirect(url_for("ward.patient", ref=ref), 303)
        errors: dict[str, str] = {}
        for key, day in changed.items():
            try:
                act[key](actor(), transfer, day, known)
            except Invalid as problem:
                errors |= problem.errors
        if errors:
            raise Invalid(errors)
    except Invalid as problem:
        fail(form, problem)
        return _dates_page(found, form), 422
    flash("Dates saved. The home sees them on its board.", "done")
    return redirect(url_for("ward.patient", ref=ref), 303)


def _short_years(form: Form) -> dict[str, str]:
    """A sentence for each year in two figures that could not be meant: "26" is this year, "62" is none."""
    this_year = to_london(now()).year
    plausible = {f"{year % 100:02}" for year in (this_year - 1, this_year, this_year + 1)}
    years = {key: form.date_part(key, "year").strip() for key in ("estimated", "ready")}
    return {
        key: "Write the year in four digits."
        for key, year in years.items()
        if year.isdigit() and len(year) < 4 and year not in plausible
    }


def _dates_page(found: Reach, form: Form) -> str:
    """The form remembers which dates it was opened on."""
    transfer = found.transfer
    was = {
        "was-estimated": _iso(transfer.estimated_discharge_on),
        "was-ready": _iso(transfer.discharge_ready_on),
    }
    return step_page(found, form, hidden=was, **_DATES)


def _overtaken(day: date | None) -> str:
    stands = format_day(day) if day else "no date"
    return f"A colleague set this meanwhile: {stands}. Save again if yours is right."


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


_SPOKE = {
    "title": "The home rang or visited",
    "lede": "Whoever writes it down: the home need not ring again.",
    "button": "Save",
    "save": "ward.save_spoke",
}


@blueprint.get("/ward/transfers/<ref>/spoke", endpoint="spoke")
@requires(Permission.STAY_RECORD)
@audits
def show_spoke(ref: str) -> ResponseReturnValue:
    """Who from the home, and what was said."""
    found = for_step(ref, Action.HOME_CONTACT)
    return step_page(found, Form(SPOKE, {"at": now()}), **_SPOKE)


@blueprint.post("/ward/transfers/<ref>/spoke")
@requires(Permission.STAY_RECORD)
@commits
def save_spoke(ref: str) -> ResponseReturnValue:
    """The home spoke to the ward."""
    found = reach.for_writing(actor(), "", ref)
    form = Form(SPOKE)
    try:
        typed = form.read(latest=now())
        known = Known(typed["at"], now())
        stays.home_spoke(actor(), found.transfer, typed["who"], typed["note"] or "", known)
    except Invalid as problem:
        fail(form, problem)
        return step_page(found, form, **_SPOKE), 422
    flash("Saved: the home spoke to the ward.", "done")
    return redirect(url_for("ward.patient", ref=ref), 303)
