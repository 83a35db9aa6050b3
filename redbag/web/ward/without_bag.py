"""The pack without the bag in hand: who, when born, why; an hour; and the home is told."""

from __future__ import annotations

from datetime import date

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain import emergency as rules
from redbag.domain.errors import Invalid
from redbag.domain.permissions import Permission
from redbag.domain.transfer_states import ON_THE_HOSPITALS_CHART, State
from redbag.queries import accounts, after_stay, packs
from redbag.services import emergency, journeys
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits_in_steps, has_just_shown, note_read, now, requires, step
from redbag.web.step_up import after_passphrase
from redbag.web.ward import blueprint


@blueprint.get("/ward/without-bag")
@requires(Permission.EMERGENCY_LOOK)
def ask_without_bag() -> ResponseReturnValue:
    """What is asked, and what it costs: the reason is read by the home. Whoever has no passphrase, because
    their organisation signs them in, shows something else first."""
    if not has_just_shown() and accounts.own(current_user.session_id).passphrase_hash is None:
        return redirect(url_for("account.confirm", next=request.path), 303)
    return _page(Form(rules.QUESTIONS))


@blueprint.post("/ward/without-bag")
@requires(Permission.EMERGENCY_LOOK)
@commits_in_steps
def open_without_bag() -> ResponseReturnValue:
    """Opens it. A wrong guess, at the person or at the passphrase, stays counted."""
    form = Form(rules.QUESTIONS)
    found: list[str] = []
    wrong: dict[str, str] = {}
    try:
        typed = form.read()
    except Invalid as problem:
        form.fail(problem)
        return _page(form), 422
    asked = emergency.Asked(typed["nhs_number"], date.fromisoformat(typed["date_of_birth"]), typed["reason"])

    def look() -> None:
        try:
            found.append(emergency.open_(actor(), asked, current_app.config["LIMITS"], now()).ref)
        except Invalid as problem:
            wrong.update(problem.errors)  # committed all the same: the guess is counted

    if has_just_shown():
        with step():
            look()
    else:
        wrong |= after_passphrase(look)
    if wrong:
        form.fail(Invalid(wrong))
        return _page(form), 422
    return redirect(url_for("ward.pack_without_bag", look_ref=found[0]), 303)


def _page(form: Form) -> str:
    return render_template(
        "ward/without_bag.html",
        form=form,
        errors=form.errors,
        asks_passphrase=not has_just_shown(),
        minutes=int(rules.LOOK_LASTS.total_seconds() // 60),
    )


@blueprint.get("/ward/without-bag/<look_ref>")
@requires(Permission.EMERGENCY_LOOK)
@audits
def pack_without_bag(look_ref: str) -> ResponseReturnValue:
    """The pack, to be read and nothing else, while the look lasts."""
    look = emergency.of_opener(actor(), look_ref, now())
    transfer = look.transfer
    pack = None if journeys.is_questioned(transfer) else packs.latest(transfer.id)
    version = {"version": pack.version} if pack else {}
    note_read("emergency.read", ("transfer", transfer.ref), **version)
    return render_template(
        "ward/without_bag_pack.html",
        look=look,
        pack=pack,
        home=packs.home_card(transfer.home),
        others=[packs.home_card(home) for home in emergency.other_homes(look)],
        state=State(transfer.state),
        charted=State(transfer.state) in ON_THE_HOSPITALS_CHART,
        after=after_stay.of(transfer),
        changed=packs.changed_since(transfer.id, pack, transfer.gone_by),
    )
