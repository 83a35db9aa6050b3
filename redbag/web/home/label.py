"""The label of one journey: printed on whatever paper there is, or taken from the drawer and bound."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.documents.label import SHEET_POSITIONS
from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.permissions import Permission
from redbag.domain.record import Field
from redbag.queries import blank_labels, packs, papers, transfers
from redbag.services import blank_labels as services
from redbag.services import labels
from redbag.services import transfers as transfer_services
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, steps
from redbag.web.home.label_address import shown_address
from redbag.web.outbox import is_kept_form

LABEL_CODE = Field(
    "label_code",
    "Code or address on the label",
    hint="Scan it with a hand scanner, or type the code under its square",
    longest=200,
    required="Scan or type the code on the label.",
)
SHEET = tuple(range(1, SHEET_POSITIONS + 1))


@blueprint.get("/transfers/<ref>/label", endpoint="label")
@requires(Permission.TRANSFER_PACK)
@audits
def show_label(ref: str) -> ResponseReturnValue:
    """The label alone on a roll, a single label or a sheet; or one from the drawer."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return _label_page(transfer, Form((LABEL_CODE,)))


def _label_page(transfer: Any, form: Form) -> str:
    return render_template(
        "home/packing/label.html",
        transfer=transfer,
        who=steps.who(transfer.resident, papers.photo_of(transfer.resident_id)),
        form=form,
        errors=form.errors,
        question=LABEL_CODE,
        label=labels.current(transfer),
        packing=steps.is_packing(transfer),
        identity=request.form.get("identity", "") if is_kept_form() else "",
        waiting=len(blank_labels.unused(actor())),
        sheet=SHEET,
        label_address=shown_address(g.settings.base_url, request.host),
    )


@blueprint.post("/transfers/<ref>/label", endpoint="find_blank_label")
@requires(Permission.TRANSFER_PACK)
@commits
def find_label(ref: str) -> ResponseReturnValue:
    """A label from the drawer was scanned or typed: asks whose bag it goes on. A tablet had asked that
    already: the label that is on the bag counts, also once the bag has left."""
    if request.form.get("identity") == "no":
        transfer_services.not_this_person(actor(), ref, now())
        return redirect(url_for("home.not_this_person", ref=ref), 303)
    transfer = transfers.get(actor(), ref)
    form = Form((LABEL_CODE,))
    try:
        label = services.typed(actor(), form.read()["label_code"])
        if request.form.get("identity") == "yes":
            services.bind(actor(), ref, label.ref, now(), on_the_bag=is_kept_form())
            return _bound(ref)
    except Invalid as problem:
        form.fail(problem)
        return _label_page(transfer, form), 422
    return redirect(url_for("home.ask_label", ref=ref, label_ref=label.ref), 303)


@blueprint.get("/transfers/<ref>/label/<label_ref>", endpoint="ask_label")
@requires(Permission.TRANSFER_PACK)
@audits
def ask(ref: str, label_ref: str) -> ResponseReturnValue:
    """Is this the person whose bag the label goes on?"""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return _ask_page(transfer, blank_labels.get(actor(), label_ref), Form(()))


def _ask_page(transfer: Any, label: Any, form: Form) -> str:
    if not steps.is_packing(transfer):
        raise IllegalTransition("The bag has left: its label can no longer be changed here.")
    return render_template(
        "home/packing/bind_label.html",
        transfer=transfer,
        who=steps.who(transfer.resident, papers.photo_of(transfer.resident_id)),
        form=form,
        errors=form.errors,
        label=label,
        earlier=labels.current(transfer),
        printed=packs.latest(transfer.id),
    )


@blueprint.post("/transfers/<ref>/label/<label_ref>", endpoint="bind_label")
@requires(Permission.TRANSFER_PACK)
@commits
def bind(ref: str, label_ref: str) -> ResponseReturnValue:
    """This is the person: the label is theirs. Or it is not, and nothing is bound."""
    label = blank_labels.get(actor(), label_ref)
    transfer = transfers.get(actor(), ref)
    if request.form.get("identity") == "no":
        transfer_services.not_this_person(actor(), ref, now())
        return redirect(url_for("home.not_this_person", ref=ref), 303)
    form = Form(())
    try:
        if request.form.get("identity") != "yes":
            raise Invalid({"identity": "Say whether this is the person."})
        services.bind(actor(), ref, label_ref, now())
    except Invalid as problem:
        form.fail(problem)
        return _ask_page(transfer, label, form), 422
    return _bound(ref)


def _bound(ref: str) -> ResponseReturnValue:
    flash("The label is on this journey. Put it in the window of the bag.", "done")
    return redirect(url_for("home.ready", ref=ref), 303)
