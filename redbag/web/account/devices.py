"""Shared devices of one place: enrolled by whoever manages it, taken off the list when one is lost."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user

from redbag.domain.errors import Invalid
from redbag.domain.permissions import OrganisationKind, Permission
from redbag.domain.record import Field, Kind
from redbag.queries import devices as queries
from redbag.queries import organisations, tablets
from redbag.services import devices as service
from redbag.services import tablets as tablet_service
from redbag.web import device_cookie
from redbag.web.account import blueprint
from redbag.web.forms import Form
from redbag.web.guards import actor, commits, confirms, now, requires


@blueprint.get("/devices")
@requires(Permission.DEVICE_MANAGE)
def devices() -> ResponseReturnValue:
    """The enrolled devices of the place."""
    place = queries.place(actor(), request.args.get("at", ""))
    return render_template(
        "account/devices.html",
        place=place,
        devices=queries.listed(place),
        tablets=tablets.listed(place),
        at_home=place.kind == OrganisationKind.CARE_HOME.value,
    )


@blueprint.get("/devices/enrol")
@requires(Permission.DEVICE_MANAGE)
@confirms("account.enrol_device")
def enrol_device() -> ResponseReturnValue:
    """What the device in hand is called, and on which ward it stays."""
    place = queries.place(actor(), request.args.get("at", ""))
    return _page(place, Form(_questions(place)))


@blueprint.post("/devices/enrol")
@requires(Permission.DEVICE_MANAGE)
@confirms("account.enrol_device")
@commits
def save_device() -> ResponseReturnValue:
    """Makes this browser a device of the place, and signs out whoever enrolled it."""
    place = queries.place(actor(), request.form.get("at", ""))
    form = Form(_questions(place))
    try:
        typed = form.read()
        token = service.enrol(actor(), place.ref, typed["name"], typed.get("ward") or "", now())
    except Invalid as problem:
        form.fail(problem)
        return _page(place, form), 422
    current_user.end("device enrolled", now())
    logout_user()
    session.clear()
    flash("This device is enrolled. From now on people open it with their own PIN.", "done")
    return device_cookie.keep(redirect(url_for("account.who_are_you"), 303), token)


@blueprint.get("/devices/<device_ref>/end")
@requires(Permission.DEVICE_MANAGE)
def ask_end_device(device_ref: str) -> ResponseReturnValue:
    """Asks before a device is taken off: it cannot be put back without having it in hand."""
    return render_template("account/device_end.html", device=queries.managed(actor(), device_ref))


@blueprint.post("/devices/<device_ref>/end")
@requires(Permission.DEVICE_MANAGE)
@commits
def end_device(device_ref: str) -> ResponseReturnValue:
    """Takes it off the list; whoever has it open is out."""
    at = queries.managed(actor(), device_ref).organisation.ref
    name = service.end(actor(), device_ref, now())
    flash(f"{name} is off the list. It opens with a passphrase only.", "done")
    return redirect(url_for("account.devices", at=at), 303)


@blueprint.get("/devices/tablets/<tablet_ref>/forget")
@requires(Permission.DEVICE_MANAGE)
def ask_forget_tablet(tablet_ref: str) -> ResponseReturnValue:
    """Asks before a copy is forgotten: what was not sent from it is lost."""
    place, tablet = tablets.managed(actor(), tablet_ref)
    return render_template("account/tablet_forget.html", place=place, tablet=tablet)


@blueprint.post("/devices/tablets/<tablet_ref>/forget")
@requires(Permission.DEVICE_MANAGE)
@commits
def forget_tablet(tablet_ref: str) -> ResponseReturnValue:
    """Deletes the key of the copy, and tells the tablet when it next asks."""
    place, _ = tablets.managed(actor(), tablet_ref)
    gone = tablet_service.forget(actor(), tablet_ref, now())
    flash(
        f"The copy of {gone.whose} on {gone.where} opens no more. The tablet wipes it when it is online.",
        "done",
    )
    return redirect(url_for("account.devices", at=place.ref), 303)


def _questions(place: queries.ManagedPlace) -> tuple[Field, ...]:
    called = Field(
        "name",
        "What is this device called?",
        longest=80,
        hint="As on its sticker, for example “Night tablet”",
        required="Write what the device is called here, for example “Night tablet”.",
    )
    wards = tuple((ward.ref, ward.name) for ward in organisations.open_wards(place.id))
    if not wards:
        return (called,)
    stays = Field(
        "ward", "Where does it stay?", Kind.CHOICE, wards, required="Choose the ward where it stays."
    )
    return (called, stays)


def _page(place: queries.ManagedPlace, form: Form) -> str:
    return render_template("account/device_enrol.html", place=place, form=form, errors=form.errors)
