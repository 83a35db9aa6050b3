"""The medicines on the way home: every line answered, nothing by default."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid
from redbag.domain.medicines import Caution
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.transfer_states import Action
from redbag.queries import allergies, dictionary
from redbag.queries import returning_medicines as lists
from redbag.services import reach, returning_medicines
from redbag.services.reach import Reach
from redbag.web.guards import actor, audits, commits, now, requires
from redbag.web.medicine_lists import SOURCES, MedicineListForm, as_typed, sent_lines
from redbag.web.ward import blueprint
from redbag.web.ward.moves import for_step

SOURCE = Field(
    "source", "Where is this list from?", Kind.CHOICE, SOURCES, required="Say where the list is from."
)

_MOST_WARNINGS = 3

_OVERTAKEN = (
    "A colleague saved a list after you opened this page. Look at it, then save again if yours is right."
)


@blueprint.get("/ward/transfers/<ref>/medicines", endpoint="medicines")
@requires(Permission.STAY_RECORD)
@audits
def show_medicines(ref: str) -> ResponseReturnValue:
    """The lines that the home sent, each to be answered; or as they were answered last."""
    found = for_step(ref, Action.LIST_MEDICINES)
    standing = lists.outcomes(found.transfer.id)
    start: dict[str, Any] = dict(as_typed(standing))
    if standing:
        start["source"] = standing[0].row.source
    return _page(found, _form(found, start))


@blueprint.post("/ward/transfers/<ref>/medicines", endpoint="save_medicines")
@requires(Permission.STAY_RECORD)
@commits
def save_medicines(ref: str) -> ResponseReturnValue:
    """Keeps the list; a list recorded again takes the place of the one before."""
    found = reach.for_writing(actor(), "", ref)
    form = _form(found, None)
    if form.wants_match:
        form.match_pasted()
        return _page(found, form, opened_on=request.form.get("opened_on", "")), 422
    if form.wants_more_rows:
        return _page(found, form, opened_on=request.form.get("opened_on", ""))
    if request.form.get("opened_on", "") != _newest(found):
        form.fail(Invalid({"list": _OVERTAKEN}))
        return _page(found, form), 409
    try:
        own, said, started = form.read_lists()
        source = str(own["source"])
        returning_medicines.record_list(
            actor(),
            found.transfer,
            said=said,
            started=started,
            source=source,
            now=now(),
            confirmed=form.confirmed,
        )
    except Invalid as problem:
        form.fail(problem)
        _name_unanswered(form)
        return _page(found, form), 422
    flash("Medicines listed. The home sees every change with its reason.", "done")
    _warn(lists.to_be_sure_of(found.transfer, lists.outcomes(found.transfer.id)))
    return redirect(url_for("ward.discharge", ref=ref), 303)


@blueprint.get("/ward/medicines/completions")
@requires(Permission.STAY_RECORD)
def medicine_completions() -> ResponseReturnValue:
    """Names that fit what was typed, of what this hospital has written before and of dm+d. No person's."""
    offers = dictionary.completions(actor(), request.args.get("q", "")[:200])
    return jsonify([asdict(offer) for offer in offers])


def _warn(cautions: list[Caution]) -> None:
    """Says once more what was confirmed; the list stays saved. All of them stand on the list's page."""
    for caution in cautions[:_MOST_WARNINGS]:
        flash(f"{caution.title}: {caution.message}", "warning")
    if len(cautions) > _MOST_WARNINGS:
        flash(
            f"{len(cautions) - _MOST_WARNINGS} more like these: open the list again to read them.", "warning"
        )


def _name_unanswered(form: MedicineListForm) -> None:
    """Every line without an answer is named at once, whatever else was wrong."""
    for line in form.lines:
        if not form.text(f"line-{line.ref}-outcome"):
            form.fail(Invalid({f"line-{line.ref}": f"{line.title}: say what became of it."}))


def _form(found: Reach, start: dict[str, Any] | None) -> MedicineListForm:
    return MedicineListForm(sent_lines(found.transfer.id), (SOURCE,), start)


def _newest(found: Reach) -> str:
    """Stands for the list as it is recorded now; "" where none is."""
    return max((str(one.row.ref) for one in lists.outcomes(found.transfer.id)), default="")


def _page(found: Reach, form: MedicineListForm, *, opened_on: str | None = None) -> str:
    standing = lists.outcomes(found.transfer.id)
    return render_template(
        "ward/medicines.html",
        transfer=found.transfer,
        allergies=allergies.alert_of(found.transfer),
        form=form,
        completions=url_for("ward.medicine_completions"),
        known_names=dictionary.names_written(actor()),
        again=bool(standing),
        cautions=lists.to_be_sure_of(found.transfer, standing),
        opened_on=_newest(found) if opened_on is None else opened_on,
        standing=standing if "list" in form.errors else [],
    )
