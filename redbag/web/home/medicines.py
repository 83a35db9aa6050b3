"""A resident's standing medicines: added, changed, stopped, and marked when a name suggests a danger."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import medicine_fields, medicine_plausible
from redbag.domain.errors import Invalid, Stale
from redbag.domain.london_time import london_day
from redbag.domain.medicine_allergies import substances
from redbag.domain.medicine_risk import HighRisk
from redbag.domain.permissions import Permission
from redbag.domain.record import Values
from redbag.queries import allergies, dictionary, residents
from redbag.queries.medicine_lines import standing, suggested
from redbag.services import medicine_list
from redbag.web.conflict import differences, version_sent
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint
from redbag.web.home.reviews import UNCHECKED


@blueprint.get("/residents/<resident_ref>/medicines/new")
@requires(Permission.RESIDENT_EDIT)
@audits
def medicine_new(resident_ref: str) -> ResponseReturnValue:
    """An empty form for another medicine."""
    return _page(Form(medicine_fields.MEDICINE), resident_ref)


@blueprint.post("/residents/<resident_ref>/medicines/new")
@requires(Permission.RESIDENT_EDIT)
@commits
def add_medicine(resident_ref: str) -> ResponseReturnValue:
    """Adds a medicine; a name that suggests a danger leads to the question about it."""
    form = Form(medicine_fields.MEDICINE)
    try:
        typed = _looked_at_twice(form, resident_ref)
        added = medicine_list.add(actor(), resident_ref, typed, now())
    except Invalid as problem:
        form.fail(problem)
        return _page(form, resident_ref, to_ask=_asked(problem)), 422
    flash(f"{added.name}: added.", "done")
    if suggested(added):
        another = "yes" if "another" in request.form else None
        asked = url_for(
            "home.medicine_risk", resident_ref=resident_ref, medicine_ref=added.ref, another=another
        )
        return redirect(asked, 303)
    return _onward(resident_ref)


@blueprint.get("/residents/<resident_ref>/medicines/<medicine_ref>")
@requires(Permission.RESIDENT_EDIT)
@audits
def medicine(resident_ref: str, medicine_ref: str) -> ResponseReturnValue:
    """One medicine, to be changed."""
    row = residents.medicine(residents.get(actor(), resident_ref), medicine_ref)
    start = medicine_fields.as_typed(medicine_list.columns_of(row))
    return _page(Form(medicine_fields.MEDICINE, start), resident_ref, medicine_ref, version=row.version)


@blueprint.post("/residents/<resident_ref>/medicines/<medicine_ref>")
@requires(Permission.RESIDENT_EDIT)
@commits
def change_medicine(resident_ref: str, medicine_ref: str) -> ResponseReturnValue:
    """Changes a medicine."""
    form = Form(medicine_fields.MEDICINE)
    version = version_sent()
    try:
        typed = _looked_at_twice(form, resident_ref, medicine_ref)
        row = medicine_list.change(actor(), resident_ref, medicine_ref, typed, version=version, now=now())
    except Invalid as problem:
        form.fail(problem)
        return _page(form, resident_ref, medicine_ref, version=version, to_ask=_asked(problem)), 422
    except Stale as stale:
        theirs = medicine_fields.as_typed(stale.theirs)
        newest = residents.medicine(residents.get(actor(), resident_ref), medicine_ref).version
        both = differences(medicine_fields.MEDICINE, theirs, typed)
        return _page(form, resident_ref, medicine_ref, version=newest, conflict=both), 409
    flash(f"{row.name}: saved.", "done")
    if suggested(row):
        return redirect(url_for("home.medicine_risk", resident_ref=resident_ref, medicine_ref=row.ref), 303)
    return _to_list(resident_ref)


@blueprint.get("/residents/<resident_ref>/medicines/<medicine_ref>/risk")
@requires(Permission.RESIDENT_EDIT)
@audits
def medicine_risk(resident_ref: str, medicine_ref: str) -> ResponseReturnValue:
    """Asks whether the medicine is what its name suggests. Nothing is ticked: a person decides."""
    found = residents.get(actor(), resident_ref)
    row = residents.medicine(found, medicine_ref)
    note_read("resident.read", ("resident", found.ref))
    if not suggested(row):
        return _to_list(resident_ref)
    return render_template(
        "home/medicine_risk.html",
        resident=found,
        medicine=row,
        kinds=suggested(row),
        another="another" in request.args,
    )


@blueprint.post("/residents/<resident_ref>/medicines/<medicine_ref>/risk")
@requires(Permission.RESIDENT_EDIT)
@commits
def mark_medicine(resident_ref: str, medicine_ref: str) -> ResponseReturnValue:
    """Keeps what the person ticked of the suggestions."""
    row = residents.medicine(residents.get(actor(), resident_ref), medicine_ref)
    none = "none" in request.form
    ticked = [] if none else request.form.getlist("kind")
    picked = [kind for kind in suggested(row) if kind.value in ticked]
    try:
        medicine_list.mark(
            actor(),
            resident_ref,
            medicine_ref,
            kinds=picked,
            time_critical="time_critical" in request.form and not none,
            version=version_sent(),
            now=now(),
        )
    except Stale:
        flash(f"{row.name}: somebody has just changed it. Look at it as it stands now.", "warning")
        return redirect(url_for("home.medicine", resident_ref=resident_ref, medicine_ref=medicine_ref), 303)
    flash(f"{row.name}: {_marked(picked)}.", "done")
    then = request.form.get("then", "")
    if then in ("board", UNCHECKED):
        show = then if then == UNCHECKED else None
        return redirect(url_for("home.review_board", show=show, _anchor=f"r-{resident_ref}"), 303)
    return _onward(resident_ref)


@blueprint.get("/residents/<resident_ref>/medicines/<medicine_ref>/stop")
@requires(Permission.RESIDENT_EDIT)
@audits
def medicine_stop(resident_ref: str, medicine_ref: str) -> ResponseReturnValue:
    """Asks when and why a medicine was stopped."""
    form = Form(medicine_fields.STOPPING, {"stopped_on": london_day(now())})
    return _stop_page(form, resident_ref, medicine_ref)


@blueprint.post("/residents/<resident_ref>/medicines/<medicine_ref>/stop")
@requires(Permission.RESIDENT_EDIT)
@commits
def stop_medicine(resident_ref: str, medicine_ref: str) -> ResponseReturnValue:
    """Stops a medicine; it stays among the stopped ones."""
    form = Form(medicine_fields.STOPPING)
    try:
        row = medicine_list.stop(
            actor(), resident_ref, medicine_ref, form.read(), version=version_sent(), now=now()
        )
    except Invalid as problem:
        form.fail(problem)
        return _stop_page(form, resident_ref, medicine_ref), 422
    except Stale:
        form.fail(
            Invalid({"stopped_on": "Somebody has just changed this medicine. Look again, then stop it."})
        )
        return _stop_page(form, resident_ref, medicine_ref), 409
    flash(f"{row.name}: stopped.", "done")
    return _to_list(resident_ref)


@blueprint.post("/residents/<resident_ref>/medicines/<medicine_ref>/restart")
@requires(Permission.RESIDENT_EDIT)
@commits
def restart_medicine(resident_ref: str, medicine_ref: str) -> ResponseReturnValue:
    """Puts a stopped medicine back on the list."""
    row = medicine_list.restart(actor(), resident_ref, medicine_ref, now())
    flash(f"{row.name}: on the list again. Check dose and times.", "done")
    return _to_list(resident_ref)


class _Unlikely(Invalid):
    """The answers could be meant, and are asked about once. `asked`: the sentences to be ticked."""

    def __init__(self, asked: tuple[str, ...]) -> None:
        super().__init__({"confirm": "Not saved yet: please check what stands below."})
        self.asked = asked


def _asked(problem: Invalid) -> tuple[str, ...]:
    return problem.asked if isinstance(problem, _Unlikely) else ()


def _looked_at_twice(form: Form, resident_ref: str, medicine_ref: str = "") -> Values:
    """The answers with their times in order. Raises Invalid where they cannot be, or nobody confirmed what
    is unlikely."""
    typed = form.read()
    if errors := medicine_plausible.impossible(typed):
        raise Invalid(errors)
    found = residents.get(actor(), resident_ref)
    others = [standing(row) for row in residents.current_medicines(found) if row.ref != medicine_ref]
    asked = medicine_plausible.to_ask(typed, others, substances(allergies.of_resident(found.id)))
    if not set(asked) <= set(form.all("confirmed")):
        raise _Unlikely(asked)
    return medicine_plausible.in_order(typed)


def _page(form: Form, resident_ref: str, medicine_ref: str = "", **known: object) -> str:
    found = residents.get(actor(), resident_ref)
    row = residents.medicine(found, medicine_ref) if medicine_ref else None
    if request.method == "GET":
        note_read("resident.read", ("resident", found.ref))
    page = {"version": 0, "to_ask": (), "conflict": (), "known": dictionary.known(actor()), **known}
    page["coded"] = dictionary.by_code(row.code) if row else None
    return render_template(
        "home/medicine_form.html", form=form, errors=form.errors, resident=found, medicine=row, **page
    )


def _stop_page(form: Form, resident_ref: str, medicine_ref: str) -> str:
    found = residents.get(actor(), resident_ref)
    if request.method == "GET":
        note_read("resident.read", ("resident", found.ref))
    return render_template(
        "home/medicine_stop.html",
        form=form,
        errors=form.errors,
        resident=found,
        medicine=residents.medicine(found, medicine_ref),
    )


def _onward(resident_ref: str) -> ResponseReturnValue:
    """To the next empty form for a person who copies a whole MAR chart, else back to the list."""
    if "another" in request.form:
        return redirect(url_for("home.medicine_new", resident_ref=resident_ref), 303)
    return _to_list(resident_ref)


def _to_list(resident_ref: str) -> ResponseReturnValue:
    return redirect(url_for("home.resident", resident_ref=resident_ref, _anchor="medicines"), 303)


def _marked(kinds: list[HighRisk]) -> str:
    return f"marked as {', '.join(kind.label for kind in kinds)}" if kinds else "saved"
