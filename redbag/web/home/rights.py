"""A person's rights at their record, as the manager of the home answers them: restricted, lifted, erased."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.permissions import Permission
from redbag.queries import residents
from redbag.web import record_rights as rights
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, confirms, note_read, requires
from redbag.web.home import blueprint


def _of(resident_ref: str) -> rights.Of:
    found = residents.get(actor(), resident_ref)
    page = url_for("home.resident", resident_ref=found.ref)
    return rights.Of(found.ref, found.full_name, page)


@blueprint.get("/residents/<resident_ref>/restrict")
@requires(Permission.HOME_MANAGE)
@confirms("home.restrict_record")
@audits
def restrict_record(resident_ref: str) -> ResponseReturnValue:
    """Somebody disputes their record, or wants it kept and not used."""
    of = _of(resident_ref)
    note_read("resident.read", ("resident", of.ref))
    return rights.restrict_page(of, Form((rights.REASON,)))


@blueprint.post("/residents/<resident_ref>/restrict")
@requires(Permission.HOME_MANAGE)
@confirms("home.restrict_record")
@commits
def save_restriction(resident_ref: str) -> ResponseReturnValue:
    """Sets the record aside."""
    return rights.restrict(_of(resident_ref))


@blueprint.get("/residents/<resident_ref>/lift-restriction")
@requires(Permission.HOME_MANAGE)
@confirms("home.lift_restriction")
@audits
def lift_restriction(resident_ref: str) -> ResponseReturnValue:
    """What lifting it means, and that the person is told first."""
    of = _of(resident_ref)
    note_read("resident.read", ("resident", of.ref))
    return render_template("rights/lift.html", of=of)


@blueprint.post("/residents/<resident_ref>/lift-restriction")
@requires(Permission.HOME_MANAGE)
@confirms("home.lift_restriction")
@commits
def save_lifting(resident_ref: str) -> ResponseReturnValue:
    """The record is used again."""
    return rights.lift(_of(resident_ref))


@blueprint.get("/residents/<resident_ref>/erase")
@requires(Permission.HOME_MANAGE)
@confirms("home.erase_record")
@audits
def erase_record(resident_ref: str) -> ResponseReturnValue:
    """What would go and what would stay."""
    of = _of(resident_ref)
    note_read("resident.read", ("resident", of.ref))
    return rights.erase_form(of)


@blueprint.post("/residents/<resident_ref>/erase")
@requires(Permission.HOME_MANAGE)
@confirms("home.erase_record")
@commits
def erase_for_good(resident_ref: str) -> ResponseReturnValue:
    """Erases the person, all or nothing."""
    return rights.erase(_of(resident_ref), url_for("home.residents"))
