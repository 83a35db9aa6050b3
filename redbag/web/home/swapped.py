"""Two bags changed places: the other journey is named, and both are put right on one page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.transfer_states import STATE_WORDS, State
from redbag.queries import transfers
from redbag.services import swaps
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, steps
from redbag.web.home.transfers import where_words

_HOW = Field(
    "how",
    "What happened?",
    Kind.CHOICE,
    (
        ("people", "Each has the other’s bag: the ward swaps the bags"),
        ("numbers", "We wrote the numbers down wrongly: the bags are with the right people"),
    ),
    required="Say which of the two happened.",
)
_TOLD = Field("told", "Who at the hospital did you tell", hint="Name and ward", longest=200)


@dataclass(frozen=True)
class Other:
    """Another journey whose bag may have changed places with this one's."""

    ref: str
    who: steps.Who
    bag: str
    state: str
    where: str


def _other(transfer: Any) -> Other:
    return Other(
        transfer.ref,
        steps.who(transfer.resident),
        transfer.bag.number,
        STATE_WORDS[State(transfer.state)],
        where_words(transfer),
    )


@blueprint.get("/transfers/<ref>/swapped")
@requires(Permission.TRANSFER_TELL)
@audits
def swapped(ref: str) -> ResponseReturnValue:
    """Whose bag was it, and which of the two mistakes."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return _page(transfer, Form((_HOW, _TOLD)))


@blueprint.post("/transfers/<ref>/swapped")
@requires(Permission.TRANSFER_TELL)
@commits
def save_swapped(ref: str) -> ResponseReturnValue:
    """Puts both journeys right; the hospitals see it on their lists."""
    transfer = transfers.get(actor(), ref)
    form = Form((_HOW, _TOLD))
    try:
        how = form.text("how")
        one, other = swaps.swap(actor(), ref, form.text("other"), how, form.text("told"), now())
    except Invalid as problem:
        form.fail(problem)
        return _page(transfer, form), 422
    said = f"{one.resident.full_name}: bag {_bag(one)}. {other.resident.full_name}: bag {_bag(other)}."
    then = {"people": " The hospital has it on its list until the bags are swapped."}.get(how, "")
    flash(f"Put right. {said}{then}", "done")
    return redirect(url_for("home.transfer", ref=ref), 303)


def _bag(transfer: Any) -> str:
    return str(transfer.bag.number) if transfer.bag else ""


def _page(transfer: Any, form: Form) -> str:
    others = swaps.candidates(actor(), transfer)
    return render_template(
        "home/journey/swapped.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        form=form,
        errors=form.errors,
        others=[_other(one) for one in others],
        asked=any(task.kind == "swap_bags" for task in transfers.open_tasks(transfer)),
        how=_HOW,
        told=_TOLD,
    )
