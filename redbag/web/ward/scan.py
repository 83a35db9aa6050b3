"""The page that a scanned label opens."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain.errors import NotFound
from redbag.domain.permissions import Permission, can
from redbag.domain.transfer_states import State
from redbag.queries import packs, transfers
from redbag.services import journeys, reach
from redbag.services.reach import Reach
from redbag.web.guards import audits, note_read, public, visitor
from redbag.web.ward import blueprint
from redbag.web.ward.admission import stopped


@blueprint.get("/B/<token>")
@blueprint.get("/b/<token>")
@public
@audits
def scan(token: str) -> ResponseReturnValue:
    """Whose bag this is, for anybody; the pack, for hospital staff who are signed in."""
    try:
        label = reach.label_of(token)
    except NotFound:
        return render_template("ward/unknown_label.html"), 404
    person = visitor()
    found = reach.behind(person, label) if person else None
    if found is not None:
        return pack_page(Reach(found, label, {"token": token}))
    at_work = person is not None and can(person, Permission.LABEL_SCAN)
    own = label.transfer_id if person and person.organisation_id == label.home_id else None
    note_read("label.scanned", ("label", label.ref), seen="home")
    return render_template(
        "ward/stranger.html",
        home=packs.home_card(label.home),
        bag_number=label.bag.number if label.bag else "",
        replaced=label.revoked_at is not None,
        nothing_here=at_work,
        own=transfers.ref_of(own) if own else "",
        sign_in=_way_in(),
    )


def _way_in() -> str:
    """Where somebody goes who could see more, to come back here; "" for a person who is in already."""
    if not current_user.is_authenticated:
        return url_for("account.sign_in", next=request.path)
    return url_for("account.choose_place", next=request.path) if current_user.actor is None else ""


def pack_page(found: Reach) -> str:
    """The pack of the bag in hand, first screen first."""
    transfer = found.transfer
    if journeys.is_questioned(transfer):
        note_read("label.scanned", ("transfer", transfer.ref), seen="questioned")
        return stopped(found)
    pack = packs.latest(transfer.id)
    version = {"version": pack.version} if pack else {}
    note_read("label.scanned", ("transfer", transfer.ref), seen="pack", **version)
    return render_template(
        "ward/scan.html",
        transfer=transfer,
        reach=found,
        pack=pack,
        changed=packs.changed_since(transfer.id, pack, transfer.departed_at),
        state=State(transfer.state),
        subject=transfers.subject(transfer),
    )
