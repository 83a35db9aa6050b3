"""Belongings and the bag: ticked as they go in, from the home's list and the last journey."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from redbag.domain.bag_states import same_number
from redbag.domain.belongings import UsualItem, counted
from redbag.domain.errors import IllegalTransition, Invalid, Stale
from redbag.domain.permissions import Permission
from redbag.domain.record import Field
from redbag.domain.todays_facts import CARRIED
from redbag.queries import bags, belongings_list, prints, transfers
from redbag.services import belongings as services
from redbag.services import late_bag
from redbag.services import transfers as transfer_services
from redbag.services.belongings import MOST_ITEMS, Packed
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, steps
from redbag.web.outbox import asks_apart, happened, tell_differs, tell_tablet

BLANK_LINES = 3
_VALUABLES_TOLD = Field("valuables_told", "Who was told", longest=200)
_VALUABLES_WITNESS = Field("valuables_witness", "Second name", longest=120)
# The answer of a carer who says that the person goes without one.
NO_BAG = "none"
_BAG = Field("bag", "Bag number", longest=10)


@dataclass(frozen=True)
class Line:
    """One line of the page. `ticked`: it goes along; `own`: a blank line for writing in."""

    name: str
    ref: str = ""
    ticked: bool = False
    carried: str = "in_bag"
    quantity: str = "1"
    valuable: bool = False
    note: str = ""
    own: bool = False

    @property
    def counted(self) -> bool:
        """Whether the page asks how many: not of a sum of money, nor of what is still being written."""
        return not self.own and counted(self.name)


def _lines(transfer: Any) -> list[Line]:
    """Every line of the page, with blank ones for writing in."""
    listed, before = services.list_for(transfer), transfers.last_time(transfer)
    return [*lines_of(listed, before, belongings_list.usual(transfer.home_id)), *_BLANK]


def lines_of(listed: Sequence[Any], last_time: Sequence[Any], usually: Sequence[UsualItem]) -> list[Line]:
    """What is listed already, ticked; then the home's list and the last journey's things, never ticked."""
    found = [Line(i.description, i.ref, True, i.carried, str(i.quantity), i.valuable) for i in listed]
    seen = {line.name.casefold() for line in found}
    last = {item.description.casefold(): item for item in last_time}
    for usual in usually:
        if usual.name.casefold() not in seen:
            before = last.pop(usual.name.casefold(), None)
            note = "went along last time" if before else ""
            carried = before.carried if before else "in_bag"
            found.append(Line(usual.name, carried=carried, valuable=usual.valuable, note=note))
            seen.add(usual.name.casefold())
    for name, item in last.items():
        if name not in seen:
            found.append(
                Line(
                    item.description,
                    carried=item.carried,
                    valuable=item.valuable,
                    note="went along last time",
                )
            )
    return found


_BLANK = [Line("", own=True)] * BLANK_LINES


def _typed_lines() -> list[Line]:
    """The lines of the page as they were sent."""
    found = []
    for index in range(min(request.form.get("lines", type=int, default=0), MOST_ITEMS + 60)):
        own = f"thing-{index}-own" in request.form
        name = " ".join(request.form.get(f"thing-{index}-name", "").split())
        found.append(
            Line(
                name=name,
                ref=request.form.get(f"thing-{index}-ref", ""),
                # A line that somebody wrote goes along: the writing is the tick.
                ticked=bool(name) if own else f"thing-{index}-on" in request.form,
                carried=request.form.get(f"thing-{index}-carried", "in_bag"),
                quantity=request.form.get(f"thing-{index}-quantity", "1").strip(),
                valuable=f"thing-{index}-valuable" in request.form,
                note=request.form.get(f"thing-{index}-note", ""),
                own=own,
            )
        )
    return found


def _packed(lines: Iterable[Line]) -> list[Packed]:
    errors = {}
    things = []
    for index, line in enumerate(lines):
        if not line.ticked:
            continue
        quantity = line.quantity if line.counted else "1"
        if not (quantity.isascii() and quantity.isdigit() and 1 <= int(quantity) <= 99):
            errors[f"thing-{index}-quantity"] = f"{line.name}: write how many, 1 to 99."
        elif line.carried not in dict(CARRIED):
            errors[f"thing-{index}-carried"] = f"{line.name}: say whether it is worn, in the bag or in hand."
        elif len(line.name) > 200:
            errors[f"thing-{index}-name"] = "Use at most 200 characters for one thing."
        else:
            things.append(Packed(line.name, line.carried, int(quantity), line.valuable, line.ref))
    if errors and not steps.goes_on_anyway():
        raise Invalid(errors)
    return things


@blueprint.get("/transfers/<ref>/belongings")
@requires(Permission.TRANSFER_PACK)
@audits
def belongings(ref: str) -> ResponseReturnValue:
    """What goes along, to be ticked, and which bag."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    if not _may_still_list(transfer):
        raise IllegalTransition("The bag has arrived: what is found in it now is checked, not listed.")
    valuables = transfer.facts.get("valuables") or {}
    start = {"valuables_told": valuables.get("told"), "valuables_witness": valuables.get("witness")}
    form = Form((_VALUABLES_TOLD, _VALUABLES_WITNESS, _BAG), start)
    return _render(transfer, form, _lines(transfer), services.print_of(transfer))


@blueprint.post("/transfers/<ref>/belongings")
@requires(Permission.TRANSFER_PACK)
@commits
def save_belongings(ref: str) -> ResponseReturnValue:
    """Keeps what was ticked and binds the bag."""
    transfer = transfers.get(actor(), ref)
    form = Form((_VALUABLES_TOLD, _VALUABLES_WITNESS, _BAG))
    lines = _typed_lines()
    seen = request.form.get("seen", "")
    if form.wants_more_rows:
        return _render(transfer, form, lines + _BLANK, seen), 422
    try:
        typed = form.read()
        things = _packed(lines)
        saved = services.pack(actor(), ref, things, now(), seen=seen, packed_at=happened())
        take_bag_typed(saved, typed["bag"])
        told = {"told": typed["valuables_told"], "witness": typed["valuables_witness"]}
        saved = transfer_services.save_facts(actor(), ref, "valuables", told, None, now(), happened())
    except Invalid as problem:
        form.fail(problem)
        return _render(transfer, form, lines, seen), 422
    except Stale:
        return _clash(transfer, form, lines)
    tell_tablet(seen={"belongings": services.print_of(saved)})
    flash("Saved.", "done")
    return redirect(steps.next_address(saved, "belongings"), 303)


def take_bag_typed(transfer: Any, typed: str | None) -> None:
    """Binds the bag that was typed or tapped, if one was. Raises Invalid, unless the crew waits.

    Once something was printed, another bag is taken only by the button that names it: a browser that goes
    back may fill a form in by itself, and the print in the bag would stop working unnoticed.
    """
    number = request.form.get("change_bag") or bag_typed(typed)
    if not number or "keep_bag" in request.form:
        return
    if not steps.is_packing(transfer):
        _ask_apart(transfer, number)
        return
    try:
        other = "" if "change_bag" in request.form else change_asked(transfer, number)
        if other:
            raise Invalid({"bag": _which_is_right(transfer, other)})
        transfer_services.choose_bag(actor(), transfer.ref, number, now(), happened())
    except Invalid as problem:
        if _ask_apart(transfer, number):
            return
        if not steps.goes_on_anyway():
            raise
        flash(problem.errors["bag"], "warning")


def _ask_apart(transfer: Any, number: str) -> bool:
    """What a tablet sends is kept without the bag that cannot be taken: nobody is there to be asked, and the
    hospital needs the rest. The tablet goes on asking which bag it is; so do the pack and the journey. False
    where that is not needed, or not understood."""
    known = transfer.bag is not None and same_number(transfer.bag.number, number)
    if known or not asks_apart():
        return False
    late_bag.leave_open(actor(), transfer.ref, number, now(), happened())
    tell_tablet(bag=number, which=f"Which red bag: {transfer.resident.full_name}. Bag {number}")
    return True


def bag_typed(typed: str | None) -> str:
    """The bag that was typed or tapped, "" for none. Once a bag is taken its page sends another name, so
    that no browser carries a tap over by where it stood."""
    number = typed or request.form.get("bag_choice") or request.form.get("other_bag") or ""
    return "" if number == NO_BAG else number


def change_asked(transfer: Any, number: str) -> str:
    """The number as it stands on the bag, if that is another one than something was printed for; else ""."""
    other = transfer.bag is not None and number and not same_number(transfer.bag.number, number)
    if not other or prints.of(transfer).at is None:
        return ""
    return next((b.number for b in bags.in_stock(actor()) if same_number(b.number, number)), number)


def _which_is_right(transfer: Any, number: str) -> str:
    one = transfer.bag.number
    dead = prints.of(transfer).again
    said = f"Bag {one} is taken for this journey." if dead else f"You printed the label of bag {one}."
    return f"{said} Change to bag {number}? Then tear up the printed label and pack, and print them again."


def _clash(transfer: Any, form: Form, lines: Sequence[Line]) -> ResponseReturnValue:
    """A colleague listed something meanwhile: both lists stand on the page for this person to settle."""
    mine = {line.name.casefold() for line in lines}
    theirs = services.list_for(transfer)
    tell_differs(
        "What goes along",
        ", ".join(item.description for item in theirs) or "Nothing",
        ", ".join(line.name for line in lines if line.ticked) or "Nothing",
    )
    merged = [_with_ref(line, theirs) for line in lines]
    merged += [
        Line(i.description, i.ref, True, i.carried, str(i.quantity), i.valuable, "ticked by a colleague")
        for i in theirs
        if i.description.casefold() not in mine
    ]
    page = _render(transfer, form, merged, services.print_of(transfer), clash=[i.description for i in theirs])
    return page, 409


def _with_ref(line: Line, theirs: Sequence[Any]) -> Line:
    same = next((i for i in theirs if i.description.casefold() == line.name.casefold()), None)
    return replace(line, ref=same.ref) if same else replace(line, ref="")


def _may_still_list(transfer: Any) -> bool:
    return transfer.state in ("packing", "handed_to_crew")


def _render(transfer: Any, form: Form, lines: Sequence[Line], seen: str, **more: Any) -> str:
    stock = bags.in_stock(actor()) if steps.is_packing(transfer) else []
    return steps.page(
        "belongings",
        transfer,
        form,
        "belongings",
        lines=lines,
        carried=CARRIED,
        seen=seen,
        stock=stock,
        bag_choice=request.form.get("bag_choice", ""),
        change_to=change_asked(transfer, bag_typed(form.text("bag"))) if "bag" in form.errors else "",
        **{"clash": (), **more},
    )
