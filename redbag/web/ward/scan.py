"""The page that a scanned label opens."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain.custody import Step
from redbag.domain.errors import NotFound
from redbag.domain.permissions import Actor
from redbag.domain.scanning import READS_THE_PACK, Next
from redbag.domain.transfer_states import AFTER_ARRIVAL, ON_THE_HOSPITALS_CHART, TERMINAL, State
from redbag.queries import after_stay, blank_labels, packs
from redbag.queries.sights import Journey, Sight
from redbag.services import belongings, reach
from redbag.web.guards import audits, note_read, public, visitor
from redbag.web.ward import blueprint
from redbag.web.ward.admission import BROUGHT_BY, stopped

# Where the bag's own home does what comes next.
_AT_HOME: dict[Next, str] = {
    Next.PACK: "home.ready",
    Next.FOLLOW: "home.transfer",
    Next.RECEIVE: "home.receive",
    Next.SETTLE: "home.settle",
}


@blueprint.get("/B/<token>")
@blueprint.get("/b/<token>")
@blueprint.get("/B/<token>/<int:paper>")
@blueprint.get("/b/<token>/<int:paper>")
@public
@audits
def scan(token: str, paper: int = 0) -> ResponseReturnValue:
    """Whose bag this is, for anybody; the pack, for hospital staff who are signed in; the next step, for
    the home whose bag it is.

    `paper`: the version that is printed, where the code on the first page of a pack was scanned.
    """
    try:
        found = reach.sight_of(token)
    except NotFound:
        return render_template("ward/unknown_label.html"), 404
    person = visitor()
    opens = reach.next_for(person, found)
    if person is not None and found.journey is not None and opens in READS_THE_PACK:
        return _pack_page(person, found, found.journey, _Scanned(token, paper, opens))
    note_read("label.scanned", ("label", found.label_ref), seen="home")
    if opens in _AT_HOME and found.journey is not None:
        bag = "here" if opens in (Next.FOLLOW, Next.RECEIVE) else None
        return redirect(url_for(_AT_HOME[opens], ref=found.journey.ref, bag=bag))
    if opens in (Next.OLD_LABEL, Next.BLANK):
        return _own_page(person, found, opens)
    return render_template(
        "ward/stranger.html",
        token=token,
        home=found.home,
        bag_number=found.bag_number,
        replaced=found.replaced,
        over=found.replaced and found.journey is not None and found.journey.state in TERMINAL,
        nothing_here=opens is Next.NO_PACK,
        sign_in=_way_in(),
        code=url_for("ward.code", token=token) if _has_a_code(found) and not _signed_in() else "",
    )


def _has_a_code(found: Sight) -> bool:
    """Whether a code from inside the bag can open this label: one that is on a journey, and works."""
    return found.journey is not None and not found.replaced


def _own_page(person: Actor | None, found: Sight, opens: Next) -> str:
    """A label that is on no journey now, for the home that it belongs to; a blank one can go on any bag
    that is being packed."""
    journey = found.journey
    packing = blank_labels.packing_now(person) if person is not None and opens is Next.BLANK else []
    if person is not None and packing:
        note_read("transfer.listed", ("organisation", person.organisation_ref), count=len(packing))
    return render_template(
        "ward/own_label.html",
        blank=opens is Next.BLANK,
        bag_number=found.bag_number,
        bag_ref=found.bag_ref,
        label_ref=found.label_ref,
        packing=packing,
        goes_on=journey.ref if journey is not None and journey.state not in TERMINAL else "",
    )


def _signed_in() -> bool:
    """Whether somebody with an account is looking: they need no code, once they are in."""
    known = current_user.is_authenticated and not current_user.is_guest
    return bool(known and not current_user.half_open)


def _way_in() -> str:
    """Where somebody goes who could see more, to come back here; "" for a person who is in already."""
    if not _signed_in():
        return url_for("account.sign_in", next=request.path)
    return url_for("account.choose_place", next=request.path) if current_user.actor is None else ""


@dataclass(frozen=True)
class _Scanned:
    """What the code held, and what it opens.

    `token`: the label's; `paper`: which version of the pack it stood on (0: the label itself).
    """

    token: str
    paper: int
    opens: Next


def _pack_page(person: Actor, found: Sight, journey: Journey, scanned: _Scanned) -> str:
    """The pack of the bag in hand, first screen first."""
    if scanned.opens is Next.QUESTIONED:
        note_read("label.scanned", ("transfer", journey.ref), seen="questioned")
        return stopped(reach.for_reading(person, scanned.token, ""))
    pack = journey.pack()
    version = {"version": pack.version} if pack else {}
    note_read("label.scanned", ("transfer", journey.ref), seen="pack", **version)
    return render_template(
        "ward/scan.html",
        opens=scanned.opens.value,
        checked=scanned.opens is Next.BELONGINGS and _checked_in(person, scanned.token),
        journey=journey,
        home=found.home,
        bag_number=found.bag_number,
        address={"token": scanned.token},
        paper=scanned.paper if pack and 0 < scanned.paper <= pack.version else 0,
        pack=pack,
        charted=journey.state in ON_THE_HOSPITALS_CHART,
        **_since_arrival(person, journey, scanned.token),
        brought_by=BROUGHT_BY,
        changed=packs.newer_than(journey.id, scanned.paper)
        if scanned.paper
        else packs.changed_since(journey.id, pack, journey.gone_by),
    )


def _since_arrival(person: Actor, journey: Journey, token: str) -> dict[str, object]:
    """What was found since the pack was frozen: belongings, and the medicines of the way home. Nothing
    is read for it before the person is there: this is the page that a crew waits for."""
    if journey.state not in (*AFTER_ARRIVAL, State.CLOSED):
        return {}
    transfer = reach.for_reading(person, token, "").transfer
    standing = belongings.standing(transfer)
    return {
        "after": after_stay.of(transfer),
        "standing": standing,
        "things": belongings.list_for(transfer) if standing else [],
        "valuables": belongings.valuables_told(transfer) if standing else "",
    }


def _checked_in(guest: Actor, token: str) -> bool:
    """Whether the belongings have been looked through since they came."""
    return belongings.was_checked(reach.for_reading(guest, token, "").transfer, Step.ADMISSION)
