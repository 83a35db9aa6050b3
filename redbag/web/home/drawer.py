"""Labels for a drawer: printed in advance, numbered, until a bag is packed; and the printer tried."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.documents.label import FORMATS, LabelCard, labels_pdf
from redbag.documents.printer_test import ANSWERS, printer_test_pdf
from redbag.domain import bag_code
from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.queries import bags, blank_labels
from redbag.services import blank_labels as services
from redbag.services import labels
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, public, requires
from redbag.web.home import blueprint
from redbag.web.home.label import SHEET
from redbag.web.home.label_address import shown_address

FORMAT_WORDS: tuple[tuple[str, str], ...] = (
    ("a4", "A4 sheet of 8 labels"),
    ("62mm", "62 mm roll"),
    ("54x101", "54 × 101 mm labels"),
)
_ANY_BAG = "any"


def _questions() -> tuple[Field, ...]:
    stock = tuple((bag.number, f"Bag {bag.number}") for bag in bags.of_home(actor()))
    return (
        Field(
            "count",
            "How many",
            Kind.NUMBER,
            least=1,
            most=services.MOST_AT_ONCE,
            required="Say how many.",
            whole=True,
        ),
        Field(
            "bag",
            "For which bag",
            Kind.CHOICE,
            ((_ANY_BAG, "Any: the number is written on it by hand"), *stock),
            required="Say for which bag.",
        ),
        Field("format", "On which paper", Kind.CHOICE, FORMAT_WORDS, required="Choose the paper."),
    )


@blueprint.get("/labels", endpoint="drawer")
@requires(Permission.BAG_READ)
def show_drawer() -> ResponseReturnValue:
    """The labels that wait in the drawer, and more of them."""
    return _drawer_page(Form(_questions(), {"count": len(SHEET), "bag": _ANY_BAG, "format": "a4"}))


def _drawer_page(form: Form) -> str:
    waiting = blank_labels.unused(actor())
    return render_template(
        "home/drawer.html",
        form=form,
        errors=form.errors,
        waiting=waiting,
        runs=_runs(waiting),
        sheet=SHEET,
        start=request.form.get("position", "1"),
        formats=FORMAT_WORDS,
        label_address=shown_address(g.settings.base_url, request.host),
    )


def _runs(waiting: Sequence[Any]) -> list[tuple[Any, Any]]:
    """The first and the last label of each print: made at one moment, for one bag."""
    found = [list(run) for _, run in groupby(waiting, lambda label: (label.issued_at, label.bag_id))]
    return [(run[0], run[-1]) for run in found]


@blueprint.post("/labels", endpoint="make_labels")
@requires(Permission.BAG_READ)
@commits
def make() -> ResponseReturnValue:
    """Numbers new labels and opens them for printing."""
    form = Form(_questions())
    try:
        typed = form.read()
        bag = "" if typed["bag"] == _ANY_BAG else typed["bag"]
        made = services.make(actor(), int(typed["count"]), bag, now())
    except Invalid as problem:
        form.fail(problem)
        return _drawer_page(form), 422
    return redirect(
        url_for(
            "home.drawer_pdf",
            first=made[0].serial,
            last=made[-1].serial,
            label_format=typed["format"],
            position=_position("position"),
        ),
        303,
    )


def _position(name: str) -> int:
    """The first free label of the sheet; 1 for what is none."""
    typed = request.values.get(name, type=int, default=1)
    return typed if typed in SHEET else 1


@blueprint.get("/labels/<int:first>-<int:last>-<label_format>.pdf")
@requires(Permission.BAG_READ)
@audits
def drawer_pdf(first: int, last: int, label_format: str) -> ResponseReturnValue:
    """Those of the numbers that are still unused, the same again after a jam."""
    if label_format not in FORMATS:
        raise NotFound("There is no such paper.")
    unused = blank_labels.between(actor(), first, last)
    cards = [_card(label) for label in unused if labels.has_its_key(label)]
    if unused and not cards:
        raise NotFound("These labels no longer work. Throw them away, and make new ones.")
    note_read("label.printed", ("organisation", actor().organisation_ref), format=label_format)
    content = labels_pdf(cards, label_format, _position("position"))
    return _pdf(content, f"red-bag-labels-{first}-{last}.pdf")


def _card(label: Any) -> LabelCard:
    home = label.home
    return LabelCard(
        url=labels.address_of(label, g.settings.base_url),
        bag_number=label.bag.number if label.bag else "",
        code=bag_code.grouped(labels.code_of(label)),
        home_name=home.name,
        return_lines=tuple(line.strip() for line in home.address.splitlines() if line.strip()),
        phone=home.night_phone or home.phone,
        serial=label.serial,
    )


@blueprint.post("/labels/<label_ref>/throw-away", endpoint="throw_label_away")
@requires(Permission.BAG_READ)
@commits
def throw_away(label_ref: str) -> ResponseReturnValue:
    """A label from the drawer is lost or spoilt."""
    label = services.throw_away(actor(), label_ref, now())
    flash(f"Label {label.serial} no longer works.", "done")
    return redirect(url_for("home.drawer"), 303)


@blueprint.get("/labels/test-<label_format>.pdf")
@requires(Permission.BAG_READ)
def printer_test(label_format: str) -> ResponseReturnValue:
    """A ruler and a code, to try the printer before it matters."""
    if label_format not in FORMATS:
        raise NotFound("There is no such paper.")
    content = printer_test_pdf(g.settings.base_url, label_format)
    return _pdf(content, f"red-bag-test-print-{label_format}.pdf")


@blueprint.get(f"/B/{ANSWERS}")
@blueprint.get(f"/b/{ANSWERS.lower()}")
@public
def printer_test_read() -> ResponseReturnValue:
    """What the code of a test print answers, to whoever scans it."""
    return render_template("home/test_print.html", address=shown_address(g.settings.base_url, request.host))


def _pdf(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, mimetype="application/pdf", headers=headers)
