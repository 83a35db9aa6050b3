"""The page that a scanned label opens."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor, Permission, can
from redbag.queries import packs
from redbag.queries.sights import Journey, Sight
from redbag.services import reach
from redbag.web.guards import audits, note_read, public, visitor
from redbag.web.ward import blueprint
from redbag.web.ward.admission import stopped


@blueprint.get("/B/<token>")
@blueprint.get("/b/<token>")
@blueprint.get("/B/<token>/<int:paper>")
@blueprint.get("/b/<token>/<int:paper>")
@public
@audits
def scan(token: str, paper: int = 0) -> ResponseReturnValue:
    """Whose bag this is, for anybody; the pack, for hospital staff who are signed in.

    `paper`: the version that is printed, where the code on the first page of a pack was scanned.
    """
    try:
        found = reach.sight_of(token)
    except NotFound:
        return render_template("ward/unknown_label.html"), 404
    person = visitor()
    journey = reach.may_read(person, found) if person else None
    if person is not None and journey is not None:
        return _pack_page(person, found, journey, _Scanned(token, paper))
    at_work = person is not None and can(person, Permission.LABEL_SCAN)
    own = found.journey if person and person.organisation_id == found.home_id else None
    note_read("label.scanned", ("label", found.label_ref), seen="home")
    return render_template(
        "ward/stranger.html",
        home=found.home,
        bag_number=found.bag_number,
        replaced=found.replaced,
        nothing_here=at_work,
        own=own.ref if own else "",
        sign_in=_way_in(),
    )


def _way_in() -> str:
    """Where somebody goes who could see more, to come back here; "" for a person who is in already."""
    if not current_user.is_authenticated:
        return url_for("account.sign_in", next=request.path)
    return url_for("account.choose_place", next=request.path) if current_user.actor is None else ""


@dataclass(frozen=True)
class _Scanned:
    """What the code held: the label's token, and which version of the pack it stood on (0: the label)."""

    token: str
    paper: int


def _pack_page(person: Actor, found: Sight, journey: Journey, scanned: _Scanned) -> str:
    """The pack of the bag in hand, first screen first."""
    if journey.questioned:
        note_read("label.scanned", ("transfer", journey.ref), seen="questioned")
        return stopped(reach.for_reading(person, scanned.token, ""))
    pack = journey.pack()
    version = {"version": pack.version} if pack else {}
    note_read("label.scanned", ("transfer", journey.ref), seen="pack", **version)
    return render_template(
        "ward/scan.html",
        journey=journey,
        home=found.home,
        bag_number=found.bag_number,
        address={"token": scanned.token},
        paper=scanned.paper if pack and 0 < scanned.paper <= pack.version else 0,
        pack=pack,
        changed=packs.newer_than(journey.id, scanned.paper)
        if scanned.paper
        else packs.changed_since(journey.id, pack, journey.gone_by),
    )
