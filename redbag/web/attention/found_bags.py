"""A bag turned up: of one's own home, or of another. By its label, or by the name and number on it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import Permission, can
from redbag.domain.record import Field, Kind
from redbag.queries import organisations
from redbag.services import bag_reports, reach
from redbag.web.attention import blueprint
from redbag.web.forms import Form
from redbag.web.guards import actor, commits, now, requires

_NUMBER = Field(
    "number", "Number on the bag", longest=10, required="Write the number that stands on the bag."
)
_NOTE = Field("note", "Where it is now, or who has it", longest=bag_reports.LONGEST_NOTE)


def _questions() -> tuple[Field, ...]:
    """One's own home stands first: most bags that turn up are one's own."""
    homes = organisations.open_homes()
    homes.sort(key=lambda home: home.id != actor().organisation_id)
    choices = tuple((home.ref, home.name) for home in homes)
    return (
        Field("home", "Whose bag is it?", Kind.CHOICE, choices, required="Choose the home."),
        _NUMBER,
        _NOTE,
    )


@blueprint.get("/found-bag")
@requires(Permission.BAG_REPORT)
def found_bag() -> ResponseReturnValue:
    """Whose bag, and its number; or its label."""
    own = can(actor(), Permission.BAG_READ)
    return _page(Form(_questions(), {"home": actor().organisation_ref if own else ""}))


@blueprint.post("/found-bag")
@requires(Permission.BAG_REPORT)
@commits
def report_bag() -> ResponseReturnValue:
    """One's own bag: its page. Another home's: that home is told."""
    form = Form(_questions())
    try:
        typed = form.read()
        bag = bag_reports.numbered(typed["home"], typed["number"])
        if bag.home_id == actor().organisation_id:
            return redirect(url_for("home.bag", bag_ref=bag.ref), 303)
        report = bag_reports.say(actor(), bag, "here", note=typed["note"] or "", now=now())
    except Invalid as problem:
        form.fail(problem)
        return _page(form), 422
    return redirect(url_for("attention.reported_bag", message_ref=report.ref), 303)


@blueprint.post("/b/<bag_token>/is-here")
@requires(Permission.BAG_REPORT)
@commits
def labelled_bag_here(bag_token: str) -> ResponseReturnValue:
    """The bag whose label was scanned is here: its home is told; one's own opens its page."""
    label = reach.label_of(bag_token)
    if label.bag is None:
        raise NotFound("This label is on no bag yet. Use the number that stands on the bag.")
    if label.home_id == actor().organisation_id:
        return redirect(url_for("home.bag", bag_ref=label.bag.ref), 303)
    report = bag_reports.say(actor(), label.bag, "here", note="", now=now())
    return redirect(url_for("attention.reported_bag", message_ref=report.ref), 303)


@blueprint.get("/found-bag/<message_ref>")
@requires(Permission.BAG_REPORT)
def reported_bag(message_ref: str) -> ResponseReturnValue:
    """The home is told; ring them, or send the bag back by its number."""
    report = bag_reports.own(actor(), message_ref)
    home = report.bag.home
    return render_template(
        "attention/reported_bag.html",
        report=report,
        home=home,
        phone=home.night_phone or home.phone,
        over=report.settled_at is not None,
    )


@blueprint.post("/found-bag/<message_ref>/take-back")
@requires(Permission.BAG_REPORT)
@commits
def take_back_report(message_ref: str) -> ResponseReturnValue:
    """Said by mistake, or it was another bag."""
    bag_reports.take_back(actor(), message_ref, now())
    flash("Taken back: off the home’s list.", "done")
    return redirect(url_for("attention.found_bag"), 303)


def _page(form: Form) -> str:
    return render_template("attention/found_bag.html", form=form, errors=form.errors)
