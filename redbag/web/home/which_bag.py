"""Which red bag goes along, or went: asked where the one that a tablet named could not be taken."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.bag_states import same_number
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Permission
from redbag.domain.record import Field
from redbag.queries import bags, transfers
from redbag.services import late_bag
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, steps
from redbag.web.home.packed_belongings import NO_BAG
from redbag.web.outbox import happened, tell_differs

_BAG = Field("bag", "Bag number", longest=10)


@blueprint.get("/transfers/<ref>/bag")
@requires(Permission.TRANSFER_PACK)
@audits
def which_bag(ref: str) -> ResponseReturnValue:
    """Asks for the number on the bag; while they are still here, Ready asks."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    if steps.is_packing(transfer) or not late_bag.typed(transfer):
        return redirect(url_for("home.ready" if steps.is_packing(transfer) else "home.transfer", ref=ref))
    return _page(transfer, Form((_BAG,), {"bag": late_bag.typed(transfer)}))


@blueprint.post("/transfers/<ref>/bag")
@requires(Permission.TRANSFER_PACK)
@commits
def say_which_bag(ref: str) -> ResponseReturnValue:
    """Keeps the bag, or that none went along."""
    transfer = transfers.get(actor(), ref)
    form = Form((_BAG,))
    try:
        number = request.form.get("bag_choice") or form.read()["bag"] or ""
        if not number:
            raise Invalid({"bag": "Tap the bag, or type its number."})
        named = "" if number == NO_BAG else number
        sure = bool(named) and same_number(named, request.form.get("asked", ""))
        saved = late_bag.answer(actor(), ref, named, now(), happened(), sure=sure)
    except Invalid as problem:
        form.fail(problem)
        stands = f"Bag {transfer.bag.number}" if transfer.bag else "No bag"
        tell_differs("Red bag", stands, f"Bag {form.text('bag')}")
        return _page(transfers.get(actor(), ref), form), 422
    flash(
        f"Bag {saved.bag.number} went along." if saved.bag else "No bag went along.",
        "done",
    )
    return redirect(steps.next_address(saved, "which_bag"), 303)


def _page(transfer: Any, form: Form) -> str:
    return render_template(
        "home/journey/which_bag.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        form=form,
        errors=form.errors,
        packing=steps.is_packing(transfer),
        stock=[] if transfer.bag and not steps.is_packing(transfer) else bags.in_stock(actor()),
        no_bag=NO_BAG,
    )
