"""People: found, invited by a one-time link, given and taken roles, disabled."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, NotFound
from redbag.domain.permissions import ROLE_WORDS, ROLES_BY_KIND, OrganisationKind, Permission, Role
from redbag.domain.record import Field, Kind
from redbag.queries import accounts as queries
from redbag.queries import organisations
from redbag.queries.paging import LONGEST_SEARCH
from redbag.services import accounts as service
from redbag.services import factor_setting, open_sessions
from redbag.services.accounts import Invited, RoleAt
from redbag.web.account.sessions import ENDED, HAD_ENDED
from redbag.web.admin import blueprint
from redbag.web.admin.organisations import KIND_WORDS
from redbag.web.forms import Form
from redbag.web.guards import actor, commits, confirms, now, requires

_FRESH_LINK = "fresh_link"
_WHO = (
    Field("name", "Name", longest=120, hint="As colleagues know them", required="Write the person’s name."),
    Field(
        "email",
        "E-mail address",
        longest=254,
        hint="They sign in with it",
        required="Write the e-mail address.",
    ),
)


@blueprint.get("/admin/people")
@requires(Permission.ADMIN_READ)
def accounts() -> ResponseReturnValue:
    """Everybody with an account by name, searched and a page at a time."""
    words = request.args.get("q", "")[:LONGEST_SEARCH]
    at = request.args.get("at", "")
    place = organisations.get(actor(), at) if at else None
    page = queries.listed(actor(), words, at, request.args.get("page", 1, type=int), now())
    return render_template("admin/people.html", page=page, words=words, place=place)


@blueprint.get("/admin/people/where")
@requires(Permission.ADMIN_EDIT)
def choose_where() -> ResponseReturnValue:
    """Which organisation a new person, or a new role of `person`, is for."""
    words = request.args.get("q", "")[:LONGEST_SEARCH]
    person = request.args.get("person", "")
    found = queries.get(actor(), person, now()) if person else None
    page = organisations.listed(actor(), words, None, request.args.get("page", 1, type=int))
    return render_template("admin/people_where.html", page=page, words=words, person=found, kinds=KIND_WORDS)


@blueprint.get("/admin/organisations/<ref>/invite")
@requires(Permission.ADMIN_EDIT)
def invite(ref: str) -> ResponseReturnValue:
    """Who is invited, and what they are to be here."""
    return _invite_page(ref, Form((*_WHO, *_role_questions(ref)), _only_role(ref)))


@blueprint.post("/admin/organisations/<ref>/invite")
@requires(Permission.ADMIN_EDIT)
@commits
def save_invite(ref: str) -> ResponseReturnValue:
    """Makes the account and its link."""
    form = Form((*_WHO, *_role_questions(ref)))
    try:
        typed = form.read()
        invited = service.invite(actor(), typed["email"], typed["name"], _role_at(ref, typed), now())
    except Invalid as problem:
        form.fail(problem)
        return _invite_page(ref, form), 422
    return _to_fresh_link(invited)


def _invite_page(ref: str, form: Form) -> str:
    found = organisations.get(actor(), ref)
    return render_template("admin/invite.html", form=form, errors=form.errors, found=found)


def _role_questions(ref: str) -> tuple[Field, ...]:
    """The roles that people have at this organisation; in a hospital, also the ward."""
    found = organisations.get(actor(), ref)
    roles = ROLES_BY_KIND[OrganisationKind(found.kind)]
    words = tuple((role.value, ROLE_WORDS[role]) for role in roles)
    role = Field("role", "Role", Kind.CHOICE, words, required="Choose what the person is here.")
    wards = tuple((ward.ref, ward.name) for ward in organisations.open_wards(found.id))
    if not wards:
        return (role,)
    hint = "Leave it open for a tablet or a person that goes from ward to ward: it is asked at sign-in."
    return (role, Field("ward", "Usual ward", Kind.CHOICE, wards, hint=hint))


def _only_role(ref: str) -> dict[str, Any]:
    roles = ROLES_BY_KIND[OrganisationKind(organisations.get(actor(), ref).kind)]
    return {"role": roles[0].value} if len(roles) == 1 else {}


def _role_at(ref: str, typed: dict[str, Any]) -> RoleAt:
    return RoleAt(ref, Role(typed["role"]), typed.get("ward") or "")


@blueprint.get("/admin/people/<ref>")
@requires(Permission.ADMIN_READ)
def person(ref: str) -> ResponseReturnValue:
    """One person: roles, sessions, state of the account, and once, right after it was made, the link."""
    found = queries.get(actor(), ref, now())
    fresh = session.pop(_FRESH_LINK, None) or {}
    link = ""
    if fresh.get("ref") == ref:
        link = g.settings.base_url + url_for("account.join", token=fresh["token"])
    return render_template(
        "admin/person.html",
        found=found,
        link=link,
        own=ref == actor().account_ref,
        sessions=open_sessions.of_person(actor(), ref, current_app.config["LIMITS"], now()),
    )


@blueprint.post("/admin/people/<ref>/link")
@requires(Permission.ADMIN_EDIT)
@commits
def new_link(ref: str) -> ResponseReturnValue:
    """A new one-time link; earlier ones stop working."""
    try:
        return _to_fresh_link(service.new_link(actor(), ref, now()))
    except Invalid as problem:
        flash(" ".join(problem.errors.values()), "warning")
        return _to_person(ref)


def _to_fresh_link(invited: Invited) -> ResponseReturnValue:
    """The link goes with the administrator's own cookie to the next page and is gone after it: it is
    never stored here, and loading the page again does not show it again."""
    session[_FRESH_LINK] = {"ref": invited.account_ref, "token": invited.token}
    return _to_person(invited.account_ref)


def _to_person(ref: str) -> ResponseReturnValue:
    return redirect(url_for("admin.person", ref=ref), 303)


@blueprint.post("/admin/people/<ref>/sessions/end")
@requires(Permission.ADMIN_EDIT)
@commits
def end_session(ref: str) -> ResponseReturnValue:
    """Ends one session of the person, wherever they work."""
    ended = open_sessions.end_of_person(actor(), ref, request.form.get("session", ""), now())
    flash(ENDED if ended else HAD_ENDED, "done")
    return _to_person(ref)


@blueprint.post("/admin/people/<ref>/second-factor/reset")
@requires(Permission.ADMIN_EDIT)
@confirms("admin.person")
@commits
def reset_second_factor(ref: str) -> ResponseReturnValue:
    """Takes it away, and the PIN; the person sets up a new one, and nobody else does."""
    factor_setting.reset(actor(), ref, now())
    flash("The second step and the PIN are taken away, and every session has ended.", "done")
    return _to_person(ref)


@blueprint.post("/admin/people/<ref>/disable")
@requires(Permission.ADMIN_EDIT)
@commits
def disable(ref: str) -> ResponseReturnValue:
    """Stops the account; every session of it ends."""
    service.disable(actor(), ref, now())
    flash("The account is disabled. Every session of it has ended.", "done")
    return _to_person(ref)


@blueprint.post("/admin/people/<ref>/enable")
@requires(Permission.ADMIN_EDIT)
@commits
def enable(ref: str) -> ResponseReturnValue:
    """Lets the account sign in again."""
    service.enable(actor(), ref, now())
    flash("The account can sign in again.", "done")
    return _to_person(ref)


@blueprint.get("/admin/people/<ref>/roles/<organisation_ref>")
@requires(Permission.ADMIN_EDIT)
def add_role(ref: str, organisation_ref: str) -> ResponseReturnValue:
    """What the person is to be at another organisation."""
    return _role_page(
        ref, organisation_ref, Form(_role_questions(organisation_ref), _only_role(organisation_ref))
    )


@blueprint.post("/admin/people/<ref>/roles/<organisation_ref>")
@requires(Permission.ADMIN_EDIT)
@commits
def save_role(ref: str, organisation_ref: str) -> ResponseReturnValue:
    """Adds the role."""
    form = Form(_role_questions(organisation_ref))
    try:
        service.add_role(actor(), ref, _role_at(organisation_ref, form.read()), now())
    except Invalid as problem:
        form.fail(problem)
        return _role_page(ref, organisation_ref, form), 422
    flash("Role added. It counts at once.", "done")
    return _to_person(ref)


def _role_page(ref: str, organisation_ref: str, form: Form) -> str:
    who = queries.get(actor(), ref, now())
    place = organisations.get(actor(), organisation_ref)
    return render_template("admin/role_new.html", form=form, errors=form.errors, who=who, place=place)


@blueprint.post("/admin/people/<ref>/end-role")
@requires(Permission.ADMIN_EDIT)
@commits
def end_role(ref: str) -> ResponseReturnValue:
    """Ends one role; it stops counting with the person's next request."""
    membership = request.form.get("role", "")
    if not membership:
        raise NotFound("There is no such role.")
    service.end_role(actor(), ref, membership, now())
    flash("The role has ended.", "done")
    return _to_person(ref)
