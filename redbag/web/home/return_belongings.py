"""Belongings on return: here, missing, damaged, used up, kept; where a missing one was last seen."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.custody import Status, Step
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Permission
from redbag.domain.record import Choices, Field, Kind
from redbag.domain.transfer_states import Action, State, next_state
from redbag.queries import custody, transfers
from redbag.services import belongings as services
from redbag.services import journeys
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, returning
from redbag.web.home.moments import when

FOUND: Choices = (
    ("present", "Here"),
    ("missing", "Missing"),
    ("damaged", "Damaged"),
    ("used_up", "Used up"),
    ("kept_by_family", "Kept by family"),
)
_WITNESS = Field(
    "witness",
    "Second name for money and valuables",
    hint="Who looked with you. Leave it empty if nobody did: the record then has one name.",
    longest=120,
)
_ADDED = Field(
    "added", "Something else came along", Kind.LONG_TEXT, hint="One thing on each line", longest=2000
)


def _questions(items: list[Any]) -> tuple[Field, ...]:
    asked = [Field(f"item-{item.ref}", item.description, Kind.CHOICE, FOUND) for item in items]
    notes = [Field(f"note-{item.ref}", f"Note: {item.description}", longest=300) for item in items]
    return (*asked, *notes, _WITNESS, _ADDED)


@blueprint.get("/transfers/<ref>/return/belongings")
@requires(Permission.TRANSFER_RECEIVE)
@audits
def return_belongings(ref: str) -> ResponseReturnValue:
    """Every packed thing, to be looked for."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    next_state(State(transfer.state), Action.CHECK_BELONGINGS)
    items = services.list_for(transfer)
    return _page(transfer, Form(_questions(items), _start(transfer, items)))


def _start(transfer: Any, items: list[Any]) -> dict[str, str]:
    """What stands already: on a second look everything, on the first only what is settled for good."""
    standing = services.standing(transfer)
    again = services.was_checked(transfer, Step.RETURN)
    settled = (Status.USED_UP.value, Status.KEPT_BY_FAMILY.value)
    return {
        f"item-{item.ref}": _as_choice(standing[item.ref])
        for item in items
        if item.ref in standing and (again or standing[item.ref] in settled)
    }


def _as_choice(status: str) -> str:
    return Status.PRESENT.value if status == Status.ADDED.value else status


@blueprint.post("/transfers/<ref>/return/belongings")
@requires(Permission.TRANSFER_RECEIVE)
@commits
def check_belongings(ref: str) -> ResponseReturnValue:
    """Keeps what was found."""
    transfer = journeys.load(actor(), ref, Permission.TRANSFER_RECEIVE)
    items = services.list_for(transfer)
    form = Form(_questions(items))
    try:
        typed = form.read()
        found = _found(transfer, items, typed, all_here="all_here" in request.form)
        services.check(
            actor(),
            transfer,
            Step.RETURN,
            found,
            notes={item.ref: typed[f"note-{item.ref}"] or "" for item in items},
            added=[line.strip() for line in (typed["added"] or "").splitlines() if line.strip()],
            witness=typed["witness"] or "",
            occurred_at=when(),
            now=now(),
        )
    except Invalid as problem:
        form.fail(problem)
        return _page(transfer, form), 422
    missing = sum(status is Status.MISSING for status in found.values())
    if missing:
        flash(f"Saved. {missing} missing: the journey shows where each was last seen.", "warning")
    else:
        flash("Belongings checked: nothing is missing.", "done")
    ends = "home.settle" if State(transfer.state) is State.BACK_HOME else "home.close_transfer"
    return redirect(url_for(ends, ref=ref), 303)


def _found(transfer: Any, items: list[Any], typed: dict[str, Any], *, all_here: bool) -> dict[str, Status]:
    """A status for every thing. "All here" answers what nobody answered, but not for a thing that was
    missing before, since somebody must say that it came back, and not for a valuable: "all here" is said of
    a bag, not of a ring."""
    standing = services.standing(transfer)
    found, errors = {}, {}
    for item in items:
        answer = typed[f"item-{item.ref}"]
        was_missing = standing.get(item.ref) == Status.MISSING.value
        if answer:
            found[item.ref] = Status(answer)
        elif all_here and not was_missing and not item.valuable:
            found[item.ref] = Status.PRESENT
        else:
            why = _why_asked(item, was_missing)
            errors[f"item-{item.ref}"] = f"{item.description}: {why}"
    if errors:
        raise Invalid(errors)
    return found


def _why_asked(item: Any, was_missing: bool) -> str:
    if was_missing:
        return "It was missing before. Is it here?"
    return (
        "Valuable: look for it, and say whether it is here." if item.valuable else "Say whether it is here."
    )


def _page(transfer: Any, form: Form) -> str:
    standing, gone = services.standing(transfer), Status.MISSING.value
    # What was missing is asked about by itself: it stands first.
    items = sorted(services.list_for(transfer), key=lambda item: standing.get(item.ref) != gone)
    picture = {item.item: item for item in custody.picture(transfer).items}
    return returning.page(
        "belongings",
        transfer,
        form,
        "home.return_belongings",
        items=[(item, picture.get(item.ref)) for item in items],
        valuables=[item.description for item in items if item.valuable],
        found=FOUND,
        added=_ADDED,
        witness=_WITNESS,
        carried={"worn": "worn", "in_bag": "in the bag", "in_hand": "in hand"},
    )
