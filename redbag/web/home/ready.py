"""Ready: what the pack holds and what it lacks; printed; handed to the crew, for the right person."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid
from redbag.domain.london_time import format_moment
from redbag.domain.next_due import at_home
from redbag.domain.pack import TransferPack
from redbag.domain.pack_alerts import WHICH_INFECTION
from redbag.domain.pack_gaps import CPR_PAPER
from redbag.domain.permissions import Permission
from redbag.domain.record import Field, Kind
from redbag.domain.transfer_states import STATE_WORDS, Action, State
from redbag.queries import bags, packs, papers, prints, transfers
from redbag.services import journeys, late_handover
from redbag.services import packs as pack_services
from redbag.services import transfers as services
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, gaps, steps, todays_score
from redbag.web.home.label_address import shown_address
from redbag.web.home.late_handover import CREW, late_page
from redbag.web.home.late_handover import complete as complete_late
from redbag.web.home.moments import when
from redbag.web.home.packed_belongings import NO_BAG, bag_typed, change_asked, take_bag_typed
from redbag.web.outbox import happened, is_kept_form, tell_differs
from redbag.web.signed import signature_of

_ASK_FOR_BAG = "Choose the bag, or tap “No bag goes along”."


def _questions() -> tuple[Field, ...]:
    known = tuple((hospital.ref, hospital.name) for hospital in transfers.hospitals())
    return (
        Field("hospital", "To which hospital", Kind.CHOICE, known),
        Field("bag", "Bag number", longest=10),
    )


@blueprint.get("/transfers/<ref>/ready")
@requires(Permission.TRANSFER_PACK)
@audits
def ready(ref: str) -> ResponseReturnValue:
    """The pack as it stands, its gaps first."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    if not steps.is_packing(transfer):
        return redirect(url_for("home.transfer", ref=ref))
    start = {"hospital": transfer.hospital.ref if transfer.hospital else ""}
    return _ready_page(transfer, Form(_questions(), start))


def _ready_page(transfer: Any, form: Form) -> str:
    draft = pack_services.draft(transfer, actor().name, now())
    usual = transfers.usual_hospital(transfer.home_id)
    return steps.page(
        "ready",
        transfer,
        form,
        "ready",
        pack=draft,
        gaps=gaps.with_links(transfer, draft.gaps),
        score=todays_score.said(transfer),
        stock=bags.in_stock(actor()),
        bag_choice=request.form.get("bag_choice", ""),
        no_bag=NO_BAG,
        time_critical=_time_critical(draft),
        bag_asked=form.errors.get("bag") == _ASK_FOR_BAG,
        hospital=form.questions[0],
        usual_hospital=usual.ref if usual else "",
        version=packs.latest(transfer.id),
        printed=prints.of(transfer),
        change_to=change_asked(transfer, bag_typed(form.text("bag"))) if "bag" in form.errors else "",
        label_address=shown_address(g.settings.base_url, request.host),
    )


def _time_critical(pack: TransferPack) -> str:
    """Each time-critical medicine with when it is due next, as page 1 has it."""
    return "; ".join(_next_doses(pack)) or "None recorded"


def _next_doses(pack: TransferPack) -> list[str]:
    return [f"{one.name}: {at_home(one.when_next)}" for one in pack.give_next if one.time_critical]


def _say(pack: TransferPack) -> list[tuple[str, str]]:
    """The alerts as page 1 orders them, for saying aloud; diabetes counts among them whatever it is."""
    doses = "; ".join(_next_doses(pack))
    return [
        (one.title, doses if one.kind == "time_critical" else one.text)
        for one in pack.alerts
        if one.level in ("danger", "missing") or one.kind in ("allergies", "diabetes")
    ]


def _save_choices(ref: str, form: Form) -> Any:
    """Where they go and which bag, as the page says. Raises Invalid."""
    typed = form.read()
    transfer = journeys.load(actor(), ref, Permission.TRANSFER_PACK)
    if steps.is_packing(transfer):
        if typed["hospital"]:
            services.set_hospital(actor(), ref, typed["hospital"], now())
        take_bag_typed(transfer, typed["bag"])
    return transfer


def _ask_for_the_bag_once(transfer: Any) -> None:
    """A pack printed without the bag sends a label nobody can scan on it: asked once, never insisted on.

    Raises Invalid under "bag" at every print, also a later one, while bags are in stock and nobody said
    "no bag".
    """
    answered = transfer.bag is not None or request.form.get("bag_choice") == NO_BAG
    if answered or "bag_asked" in request.form or not steps.is_packing(transfer):
        return
    if bags.in_stock(actor()):
        raise Invalid({"bag": _ASK_FOR_BAG})


@blueprint.post("/transfers/<ref>/ready")
@requires(Permission.TRANSFER_PACK)
@commits
def save_ready(ref: str) -> ResponseReturnValue:
    """Keeps hospital and bag, and goes on to the handover; after a change of bag, back to the print."""
    form = Form(_questions())
    try:
        _save_choices(ref, form)
    except Invalid as problem:
        form.fail(problem)
        return _ready_page(transfers.get(actor(), ref), form), 422
    if "change_bag" in request.form:
        return redirect(url_for("home.ready", ref=ref), 303)
    said = NO_BAG if request.form.get("bag_choice") == NO_BAG else None
    return redirect(url_for("home.handover", ref=ref, bag=said), 303)


@blueprint.post("/transfers/<ref>/print")
@requires(Permission.TRANSFER_PACK)
@commits
def print_pack(ref: str) -> ResponseReturnValue:
    """Freezes the pack, so that paper carries the number of a kept version, and opens it for printing."""
    form = Form(_questions())
    try:
        _ask_for_the_bag_once(_save_choices(ref, form))
    except Invalid as problem:
        form.fail(problem)
        return _ready_page(transfers.get(actor(), ref), form), 422
    transfer = services.ready_to_print(actor(), ref, now())
    newest = packs.latest(transfer.id)
    number = newest.version if newest else 1
    return redirect(url_for("home.pack_pdf", ref=ref, version=number, label="a4"), 303)


@blueprint.get("/transfers/<ref>/handover")
@requires(Permission.TRANSFER_DISPATCH)
@audits
def handover(ref: str) -> ResponseReturnValue:
    """Is this the person? Then the bag goes."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    if not steps.is_packing(transfer):
        return redirect(url_for("home.transfer", ref=ref))
    return _handover_page(transfer, Form((CREW,)))


def infections(pack: TransferPack) -> list[str]:
    """What the crew is told before contact; what nobody recorded is among the alerts they are told."""
    found = [alert.text for alert in pack.alerts if alert.kind == "infection" and alert.level == "danger"]
    return ["an infection, not recorded which" if text == WHICH_INFECTION else text for text in found]


def _why(pack: TransferPack, transfer: Any) -> str:
    """Why they go, in the words of the carer who sent them."""
    situation = (transfer.facts.get("why_now") or {}).get("situation")
    return ": ".join(part for part in (pack.reason, situation) if part)


def _handover_page(transfer: Any, form: Form) -> str:
    draft = pack_services.draft(transfer, actor().name, now())
    return render_template(
        "home/packing/handover.html",
        transfer=transfer,
        who=steps.who(transfer.resident, papers.photo_of(transfer.resident_id)),
        form=form,
        errors=form.errors,
        crew=CREW,
        infections=infections(draft),
        told="infection_told" in request.form,
        reason=_why(draft, transfer),
        score=todays_score.said(transfer),
        say=_say(draft),
        cpr=draft.resuscitation,
        cpr_seen=CPR_PAPER not in draft.gaps,
        gaps=draft.gaps,
        stock=bags.in_stock(actor()) if transfer.bag is None and request.args.get("bag") != NO_BAG else [],
        printed=prints.of(transfer),
        nhs_number=draft.person.nhs_number,
        at=happened(),
    )


@blueprint.post("/transfers/<ref>/handover")
@requires(Permission.TRANSFER_DISPATCH)
@commits
def hand_over(ref: str) -> ResponseReturnValue:
    """This is the person: handed to crew. Or it is not, and nothing is handed over."""
    if request.form.get("identity") == "no":
        services.not_this_person(actor(), ref, now())
        return redirect(url_for("home.not_this_person", ref=ref), 303)
    if "take_bag" in request.form:
        return _take_bag_at_the_door(ref)
    form, transfer = Form((CREW,)), transfers.get(actor(), ref)
    if late_handover.is_awaited(transfer):
        return _hand_over_late(transfer, form)
    if not steps.is_packing(transfer):
        _tell_how_it_stands(transfer, form)
    try:
        if request.form.get("identity") != "yes":
            raise Invalid({"identity": "Say whether this is the person."})
        typed = form.read()
        transfer = services.hand_to_crew(
            actor(),
            ref,
            crew=typed["crew"] or "",
            infection_told="infection_told" in request.form,
            occurred_at=when(),
            now=now(),
            signed=signature_of(form),
        )
    except Invalid as problem:
        form.fail(problem)
        return _handover_page(transfers.get(actor(), ref), form), 422
    flash(f"{transfer.resident.full_name} is handed to the crew. The pack can still be finished.", "done")
    return redirect(url_for("home.transfer", ref=ref), 303)


def _hand_over_late(transfer: Any, form: Form) -> ResponseReturnValue:
    """The hospital has scanned the bag meanwhile. A tablet knows when the crew took them; who typed on a page
    that stood open is asked."""
    if not is_kept_form():
        flash("They have arrived already. Say when the crew took them.", "warning")
        return late_page(transfer, form), 409
    left_at = happened()
    try:
        if request.form.get("identity") != "yes":
            raise Invalid({"identity": "Say whether this is the person."})
        left_at = when()
        complete_late(transfer.ref, form, form.read()["crew"], left_at)
    except Invalid as problem:
        form.fail(problem)
        reached = format_moment(transfer.gone_by) if transfer.gone_by else ""
        tell_differs("Handed to crew", f"In hospital {reached}", format_moment(left_at))
        return late_page(transfers.get(actor(), transfer.ref), form), 409
    flash("The handover is complete.", "done")
    return redirect(url_for("home.transfer", ref=transfer.ref), 303)


def _tell_how_it_stands(transfer: Any, form: Form) -> None:
    """For a tablet whose handover comes too late: who recorded which one."""
    lines = (line.event for line in transfers.history(transfer))
    known = next((one for one in lines if one.action == Action.HAND_TO_CREW.value), None)
    stands = STATE_WORDS[State(transfer.state)]
    if known is not None:
        crew = f", crew {known.data['crew']}" if known.data.get("crew") else ""
        stands = f"{format_moment(known.occurred_at)}{crew}, recorded by {known.actor_name}"
    crew = f", crew {form.text('crew')}" if form.text("crew") else ""
    tell_differs("Handed to crew", stands, f"{format_moment(happened())}{crew}")


def _take_bag_at_the_door(ref: str) -> ResponseReturnValue:
    """Nobody had said which bag: the answer, before the bag goes. One taken meanwhile is never changed."""
    transfer = transfers.get(actor(), ref)
    if transfer.bag is None:
        try:
            services.choose_bag(actor(), ref, request.form["take_bag"], now(), happened())
        except Invalid as problem:
            form = Form((CREW,))
            form.fail(problem)
            return _handover_page(transfer, form), 422
    return redirect(url_for("home.handover", ref=ref), 303)


@blueprint.get("/transfers/<ref>/not-this-person")
@requires(Permission.TRANSFER_DISPATCH)
@audits
def not_this_person(ref: str) -> ResponseReturnValue:
    """Which pack is whose: the home's other open packs."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    packed = [row.transfer for row in transfers.board(actor(), now()) if row.transfer.id != transfer.id]
    return render_template(
        "home/packing/not_this_person.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        others=[(other, steps.who(other.resident)) for other in packed if steps.is_packing(other)],
    )
