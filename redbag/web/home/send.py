"""Send to hospital: why now, in one tap; everything known about the person comes along."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import pack_alerts
from redbag.domain.errors import Invalid
from redbag.domain.london_time import format_moment
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.todays_facts import JOURNEY_TYPES, REASONS, WHY_NOW, dated, still_to_come
from redbag.queries import papers, residents, residents_list
from redbag.services import transfers as services
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint
from redbag.web.home.steps import is_packing, who
from redbag.web.outbox import happened, tell_differs, tell_tablet

_JOURNEY_TYPE = Field("journey_type", "Kind of journey", Kind.CHOICE, JOURNEY_TYPES)
_QUESTIONS = (WHY_NOW.field("situation"), WHY_NOW.field("started"), _JOURNEY_TYPE)


@blueprint.get("/residents/<resident_ref>/send")
@requires(Permission.TRANSFER_OPEN)
@audits
def send_why(resident_ref: str) -> ResponseReturnValue:
    """Asks why; a person who is on a journey already is sent to that one."""
    found = residents.get(actor(), resident_ref, in_emergency=True)
    note_read("resident.read", ("resident", found.ref))
    existing = residents.open_transfer(found)
    if existing is not None:
        return redirect(_goes_on(existing))
    if found.left_on is not None:
        flash(f"{found.full_name} no longer lives here. Put them back on the list first.", "warning")
        return redirect(url_for("home.resident", resident_ref=found.ref))
    return _why_page(found, Form(_QUESTIONS, {"journey_type": "emergency"}))


@blueprint.post("/residents/<resident_ref>/send")
@requires(Permission.TRANSFER_OPEN)
@commits
def send(resident_ref: str) -> ResponseReturnValue:
    """Opens the transfer and goes on to the observations."""
    form = Form(_QUESTIONS)
    found = residents.get(actor(), resident_ref, in_emergency=True)
    try:
        typed = form.read()
        if wrong := still_to_come(typed, happened()):
            raise Invalid(wrong)
        reason = _reason()
    except Invalid as problem:
        form.fail(problem)
        return _why_page(found, form), 422
    kind = typed.pop("journey_type") or "emergency"
    why = {key: value for key, value in dated(typed, happened()).items() if value}
    already = residents.open_transfer(found)
    over = residents.over_since(found, happened())
    if already is None and over is not None and "once_more" not in request.form:
        stands = f"Sent {format_moment(over.opened_at)}; that journey is over"
        tell_differs(
            "Send to hospital", stands, f"{format_moment(happened())} {why.get('situation', '')}".strip()
        )
        return _why_page(found, form, over), 409
    transfer = services.open_(
        actor(),
        resident_ref,
        reason=reason,
        journey_type=kind,
        why_now=why,
        now=now(),
        opened_at=max(happened(), over.closed_at) if over and over.closed_at else happened(),
    )
    if already is not None:
        tell_tablet(joined=True)
        told = f" You wrote: “{why['situation']}”." if why.get("situation") else ""
        flash(
            f"A colleague has already begun to send {found.full_name}. This is that journey.{told}", "warning"
        )
        return redirect(_goes_on(transfer), 303)
    tell_tablet(seen={"why_now": services.print_of(transfer, "why_now")})
    return redirect(url_for("home.observations", ref=transfer.ref), 303)


def _goes_on(transfer: Any) -> str:
    return url_for("home.ready" if is_packing(transfer) else "home.transfer", ref=transfer.ref)


def _reason() -> str:
    reason = request.form.get("reason", "")
    if reason not in dict(REASONS):
        raise Invalid({"reason": "Choose why they are going."})
    return reason


def _why_page(resident: Any, form: Form, over: Any = None) -> str:
    """`over`: the journey that somebody else began and ended since a tablet kept this form."""
    sections = residents.sections_of(resident)
    alerts = sections["alerts"].answers if "alerts" in sections else {}
    gaps = [a.title for a in (pack_alerts.allergy_alert(alerts),) if a.level == "missing"]
    if not alerts.get("cpr_decision"):
        gaps.append("CPR decision not recorded")
    everybody = [r for r in residents.find(actor()) if r.id != resident.id]
    return render_template(
        "home/send_why.html",
        resident=resident,
        over=over,
        message=f"{resident.full_name} was sent to hospital meanwhile, and that journey is over."
        if over
        else "",
        who=who(resident, papers.photo_of(resident.id)),
        form=form,
        errors=form.errors,
        reasons=REASONS,
        journey_type=_JOURNEY_TYPE,
        questions=_QUESTIONS[:2],
        gaps=gaps,
        alike=residents_list.alike([resident, *everybody])[resident.id],
    )
