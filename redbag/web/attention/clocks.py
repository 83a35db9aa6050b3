"""After how many hours and days something needs attention: each home's and each hospital's own."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import clocks as rules
from redbag.domain.errors import Invalid, Stale
from redbag.domain.permissions import OrganisationKind, Permission
from redbag.queries import site_settings as queries
from redbag.services import site_settings
from redbag.web.attention import blueprint
from redbag.web.conflict import Difference, differences, version_sent
from redbag.web.forms import Form
from redbag.web.guards import actor, commits, now, requires


@blueprint.get("/settings/clocks", endpoint="clocks")
@requires(Permission.SITE_SETTINGS)
def own_clocks() -> ResponseReturnValue:
    """The clocks of one's own place; an administrator chooses a place first."""
    if actor().organisation_kind is OrganisationKind.OPERATOR:
        return redirect(url_for("admin.organisations"))
    return _page(actor().organisation_ref)


@blueprint.post("/settings/clocks", endpoint="save_clocks")
@requires(Permission.SITE_SETTINGS)
@commits
def save_own_clocks() -> ResponseReturnValue:
    """Keeps them; the list follows at once."""
    return _save(actor().organisation_ref)


@blueprint.get("/admin/sites/<site_ref>/clocks")
@requires(Permission.ADMIN_EDIT)
def site_clocks(site_ref: str) -> ResponseReturnValue:
    """The clocks of any home or hospital."""
    return _page(site_ref)


@blueprint.post("/admin/sites/<site_ref>/clocks")
@requires(Permission.ADMIN_EDIT)
@commits
def save_site_clocks(site_ref: str) -> ResponseReturnValue:
    """Keeps them for the home or hospital."""
    return _save(site_ref)


def _save(ref: str) -> ResponseReturnValue:
    site = queries.site(actor(), ref)
    questions = rules.questions(OrganisationKind(site.kind))
    form = Form(questions)
    version = version_sent()
    try:
        typed = form.read()
        site_settings.save_clocks(actor(), ref, typed, version=version, now=now())
    except Invalid as problem:
        form.fail(problem)
        return _page(ref, form, version=version), 422
    except Stale as stale:
        return _page(ref, form, conflict=differences(questions, stale.theirs, typed)), 409
    flash("Saved. “Needs attention” follows the new numbers.", "done")
    back = url_for("attention.board") if _own(ref) else url_for("admin.organisation", ref=ref)
    return redirect(back, 303)


def _own(ref: str) -> bool:
    return ref == actor().organisation_ref


def _page(
    ref: str, form: Form | None = None, *, version: int | None = None, conflict: tuple[Difference, ...] = ()
) -> str:
    site = queries.site(actor(), ref)
    questions = rules.questions(OrganisationKind(site.kind))
    form = form or Form(questions, dict(rules.limits(site.thresholds)))
    return render_template(
        "attention/clocks.html",
        form=form,
        errors=form.errors,
        site=site,
        own=_own(ref),
        version=site.version if version is None else version,
        conflict=conflict,
        changes=[(row, _words(row)) for row in queries.changes(site.id, "clocks")],
    )


def _words(row: Any) -> list[str]:
    known = {clock.key: clock for clock in rules.CLOCKS}
    return [
        f"{known[key].label}: {before} {known[key].unit}, now {after}"
        for key, (before, after) in row.changes.items()
        if key in known
    ]
