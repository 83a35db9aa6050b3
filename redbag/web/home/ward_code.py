"""The access code of a journey, as the home looks after it: who used it, guesses, a fresh one to read out."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import bag_code
from redbag.domain.errors import Stale
from redbag.domain.permissions import Permission
from redbag.queries import transfers
from redbag.services import access_codes, access_notices, labels
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint
from redbag.web.home.steps import who


@blueprint.get("/transfers/<ref>/ward-code")
@requires(Permission.TRANSFER_TELL)
@audits
def ward_code(ref: str) -> ResponseReturnValue:
    """Who came in with the code, how often it was guessed at; with `read`, the code itself to read out."""
    found = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return _page(found)


def _page(found: Any) -> str:
    label = labels.current(found)
    state = access_codes.state_of(label) if label else None
    wanted = request.args.get("read", type=int)
    code = ""
    if label is not None and state is not None and wanted == state.number and labels.has_its_key(label):
        note_read("guest.code_shown", ("transfer", found.ref), number=state.number)
        code = bag_code.grouped(access_codes.current(label))
    return render_template(
        "home/journey/ward_code.html",
        transfer=found,
        who=who(found.resident),
        guests=access_codes.guests_of(found),
        hospitals={one.id: one.name for one in transfers.hospitals()},
        wrong=state.wrong if state else 0,
        last_wrong_at=state.last_wrong_at if state else None,
        number=state.number if state else 0,
        code=code,
        unseen=any(task.kind in access_notices.KINDS for task in transfers.open_tasks(found)),
    )


@blueprint.post("/transfers/<ref>/ward-code")
@requires(Permission.TRANSFER_PACK)
@commits
def fresh_ward_code(ref: str) -> ResponseReturnValue:
    """Another code; the one that is printed stops. Sent twice it acts once: the page's number is asked."""
    seen = request.form.get("number", type=int, default=0)
    end_guests = request.form.get("guests") == "end"
    try:
        made = access_codes.renew(actor(), ref, seen=seen, end_guests=end_guests, now=now())
    except Stale as problem:
        flash(str(problem), "warning")
        return redirect(url_for("home.ward_code", ref=ref), 303)
    return redirect(url_for("home.ward_code", ref=ref, read=made.number), 303)


@blueprint.post("/transfers/<ref>/ward-code/looked")
@requires(Permission.TRANSFER_TELL)
@commits
def looked_at_code(ref: str) -> ResponseReturnValue:
    """Somebody at the home has looked: the line goes from what needs attention."""
    access_codes.looked(actor(), ref, now())
    flash("Noted. It is off the list until the code is used again.", "done")
    return redirect(url_for("home.transfer", ref=ref), 303)


@blueprint.post("/transfers/<ref>/ward-code/<guest_ref>/end")
@requires(Permission.TRANSFER_TELL)
@commits
def end_guest(ref: str, guest_ref: str) -> ResponseReturnValue:
    """One person's view of the pack ends now. The code goes on working until there is a fresh one."""
    access_codes.end_guest(actor(), ref, guest_ref, now())
    flash("Ended. The printed code still works: make a fresh one if it is in the wrong hands.", "done")
    return redirect(url_for("home.ward_code", ref=ref), 303)
