"""What every packing page shares: whose pack it is, where in the steps, where to go next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for

from redbag.domain import answers
from redbag.domain.errors import Invalid
from redbag.domain.london_time import age_on, format_birth_date, london_day
from redbag.domain.record import Field, Values
from redbag.domain.transfer_states import State
from redbag.queries import papers
from redbag.web.forms import Form
from redbag.web.guards import now

STEPS: tuple[tuple[str, str], ...] = (
    ("why", "Why now"),
    ("observations", "Observations"),
    ("doses", "Last doses"),
    ("belongings", "Belongings and bag"),
    ("ready", "Ready"),
)
# For when there is time: none of them lies on the way to Ready.
OPTIONAL: tuple[tuple[str, str], ...] = (
    ("today", "How they are today"),
    ("papers", "Papers in the bag"),
    ("told", "Who has been told"),
)
_AFTER = {"why": "observations", "observations": "doses", "doses": "belongings"}


@dataclass(frozen=True)
class Who:
    """The person at the top of the page, in words that are read aloud."""

    name: str
    preferred: str
    born: str
    age: int
    room: str
    photo: str = ""


def who(resident: Any, photo: str = "") -> Who:
    """Name, date of birth, age today and room; `photo`: the reference of the person's photo."""
    born = resident.date_of_birth
    return Who(
        name=resident.full_name,
        preferred=resident.preferred_name,
        born=format_birth_date(born),
        age=age_on(born, london_day(now())),
        room=resident.room,
        photo=photo,
    )


def is_packing(transfer: Any) -> bool:
    """Whether the bag is still at home; afterwards the same pages finish or correct the pack."""
    return State(transfer.state) is State.PACKING


def crew_is_here() -> bool:
    """Whether the carer pressed the button that jumps to Ready."""
    return "crew" in request.form


def goes_on_anyway() -> bool:
    """Whether the carer, having seen what cannot be kept, goes on without it."""
    return request.form.get("crew") == "anyway"


def what_can_be_kept(questions: Iterable[Field]) -> Values:
    """The answers that are in order, without those that are not: for going on when the crew waits."""
    kept: Values = {}
    for question in questions:
        try:
            kept |= answers.read((question,), request.form.getlist)
        except Invalid:
            continue
    return kept


def missing_address(transfer: Any) -> str:
    """The list of what the pack is missing: Ready while it is packed, later the page that finishes it."""
    return url_for("home.ready" if is_packing(transfer) else "home.finish_pack", ref=transfer.ref)


def _after_departure(transfer: Any) -> str:
    """Back to the list of what is missing, where somebody came from it; else to the journey."""
    finishing = request.args.get("then") == "finish"
    return url_for("home.finish_pack" if finishing else "home.transfer", ref=transfer.ref)


def next_address(transfer: Any, step: str) -> str:
    """Where a saved packing page leads."""
    if not is_packing(transfer):
        return _after_departure(transfer)
    if crew_is_here() or request.args.get("then") == "ready":
        return url_for("home.ready", ref=transfer.ref)
    return url_for(f"home.{_AFTER.get(step, 'ready')}", ref=transfer.ref)


def back_address(transfer: Any, step: str) -> str:
    """Where the link at the top leads: a step back, or to where the person came from."""
    if not is_packing(transfer):
        return _after_departure(transfer)
    keys = [key for key, _ in STEPS]
    if request.args.get("then") == "ready" or step not in keys:
        return url_for("home.ready", ref=transfer.ref)
    if step == "why":
        return url_for("home.transfers")
    return url_for(f"home.{keys[keys.index(step) - 1]}", ref=transfer.ref)


def page(template: str, transfer: Any, form: Form, step: str, **more: Any) -> str:
    """A packing page."""
    keys = [key for key, _ in STEPS]
    known = {"conflict": (), "seen": "", "intro": "", **more}
    return render_template(
        f"home/packing/{template}.html",
        transfer=transfer,
        who=who(transfer.resident, papers.photo_of(transfer.resident_id)),
        form=form,
        errors=form.errors,
        step=step,
        step_number=keys.index(step) + 1 if step in keys else None,
        steps=STEPS,
        optional=OPTIONAL,
        packing=is_packing(transfer),
        back=back_address(transfer, step),
        skip=next_address(transfer, step),
        **known,
    )
