"""The front door."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain.permissions import Role
from redbag.services import guests
from redbag.web.guards import public

blueprint = Blueprint("front", __name__)

FIRST_PAGE = {
    Role.CARER: "home.residents",
    Role.HOME_MANAGER: "home.overview",
    Role.WARD_STAFF: "ward.board",
    Role.HOSPITAL_MANAGER: "reports.front",
    Role.ADMINISTRATOR: "admin.checklist",
    Role.OVERSIGHT: "reports.front",
}


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    """Sends a signed-in person to the page of their work; a stranger reads what this is."""
    if not current_user.is_authenticated:
        return render_template("layouts/front.html")
    if current_user.half_open:
        return redirect(url_for("account.second_factor"))
    if current_user.actor is None:
        return redirect(url_for("account.choose_place"))
    if current_user.is_guest:
        return redirect(url_for("ward.scan", token=guests.home_address(current_user.actor.label_ref)))
    return redirect(url_for(FIRST_PAGE[current_user.actor.role]))
