"""People of one's own home or hospital: invited by a one-time link, their roles ended, by its manager."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import ROLE_WORDS, ROLES_BY_KIND, Permission, Role
from redbag.domain.record import Field, Kind
from redbag.queries import accounts as queries
from redbag.queries import organisations
from redbag.services import accounts as service
from redbag.services import open_sessions
from redbag.services.accounts import Invited, RoleAt
from redbag.web.account import blueprint
from redbag.web.forms import Form
from redbag.web.guards import actor, commits, now, requires

_FRESH_LINK = "fresh_link"


def _questions() -> tuple[Field, ...]:
    """Who, and what they are to be here; in a hospital, also the ward."""
    roles = tuple((role.value, ROLE_WORDS[role]) for role in ROLES_BY_KIND[actor().organisation_kind])
    asked = (
        Field(
            "name", "Name", longest=120, hint="As colleagues know them", required="Write the person’s name."
        ),
        Field(
            "email",
            "E-mail address",
            longest=254,
            hint="They sign in with it. Each person has their own: never one for the whole team",
            required="Write the e-mail address.",
        ),
        Field("role", "Role", Kind.CHOICE, roles, required="Choose what the person is here."),
    )
    wards = tuple((ward.ref, ward.name) for ward in organisations.open_wards(actor().organisation_id))
    if not wards:
        return asked
    hint = "Leave it open for a person that goes from ward to ward: it is asked at sign-in."
    return (*asked, Field("ward", "Usual ward", Kind.CHOICE, wards, hint=hint))


@blueprint.get("/people")
@requires(Permission.PEOPLE_MANAGE)
def people() -> ResponseReturnValue:
    """Everybody who works here, and whether they have joined."""
    return render_template("account/people.html", people=queries.colleagues(actor(), now()))


@blueprint.get("/people/invite")
@requires(Permission.PEOPLE_MANAGE)
def invite_colleague() -> ResponseReturnValue:
    """Who is invited, and what they are to be."""
    return _invite_page(Form(_questions()))


@blueprint.post("/people/invite")
@requires(Permission.PEOPLE_MANAGE)
@commits
def save_colleague() -> ResponseReturnValue:
    """Makes the account and its link; an address that has an account gets the role."""
    form = Form(_questions())
    try:
        typed = form.read()
        at = RoleAt(actor().organisation_ref, Role(typed["role"]), typed.get("ward") or "")
        invited = service.take_on(actor(), typed["email"], typed["name"], at, now())
    except Invalid as problem:
        form.fail(problem)
        return _invite_page(form), 422
    if invited is not None:
        return _to_fresh_link(invited)
    flash("This address has an account already: it has the role here now, too.", "done")
    return redirect(url_for("account.people"), 303)


def _invite_page(form: Form) -> str:
    return render_template("account/invite.html", form=form, errors=form.errors)


@blueprint.get("/people/<ref>")
@requires(Permission.PEOPLE_MANAGE)
def colleague(ref: str) -> ResponseReturnValue:
    """One person: their roles, where they are signed in, and once, right after it was made, the link."""
    found = queries.colleague(actor(), ref, now())
    fresh = session.pop(_FRESH_LINK, None) or {}
    link = ""
    if fresh.get("ref") == ref:
        link = g.settings.base_url + url_for("account.join", token=fresh["token"])
    open_now = open_sessions.of_person(actor(), ref, current_app.config["LIMITS"], now())
    return render_template("account/colleague.html", found=found, link=link, sessions=open_now)


@blueprint.post("/people/<ref>/link")
@requires(Permission.PEOPLE_MANAGE)
@commits
def renew_link(ref: str) -> ResponseReturnValue:
    """A new one-time link; earlier ones stop working."""
    try:
        return _to_fresh_link(service.new_link(actor(), ref, now()))
    except Invalid as problem:
        flash(" ".join(problem.errors.values()), "warning")
        return redirect(url_for("account.colleague", ref=ref), 303)


def _to_fresh_link(invited: Invited) -> ResponseReturnValue:
    """The link goes with the manager's own cookie to the next page and is gone after it."""
    session[_FRESH_LINK] = {"ref": invited.account_ref, "token": invited.token}
    return redirect(url_for("account.colleague", ref=invited.account_ref), 303)


@blueprint.post("/people/<ref>/end-role")
@requires(Permission.PEOPLE_MANAGE)
@commits
def end_colleagues_role(ref: str) -> ResponseReturnValue:
    """Ends one role here; it stops counting with the person's next request."""
    name = queries.colleague(actor(), ref, now()).name
    membership = request.form.get("role", "")
    if not membership:
        raise NotFound("There is no such role.")
    service.end_role(actor(), ref, membership, now())
    flash(f"{name}: the role has ended. To take them on again, invite the same address.", "done")
    return redirect(url_for("account.people"), 303)
