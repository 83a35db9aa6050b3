"""The home's list of what usually goes along, for its manager."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import belongings
from redbag.domain.belongings import LIST_QUESTION
from redbag.domain.errors import Invalid, Stale
from redbag.domain.permissions import Permission
from redbag.queries import belongings_list as queries
from redbag.services import belongings_list as services
from redbag.web.forms import Form
from redbag.web.guards import actor, commits, now, requires
from redbag.web.home import blueprint


@blueprint.get("/belongings-list", endpoint="belongings_list")
@requires(Permission.BELONGINGS_LIST_EDIT)
def show_belongings_list() -> ResponseReturnValue:
    """The list, to be changed in place."""
    items = queries.usual(actor().organisation_id)
    return _page(Form((LIST_QUESTION,), {"items": belongings.as_rows(items)}), services.fingerprint(items))


@blueprint.post("/belongings-list")
@requires(Permission.BELONGINGS_LIST_EDIT)
@commits
def save_belongings_list() -> ResponseReturnValue:
    """Keeps the list as it stands on the page."""
    form = Form((LIST_QUESTION,))
    version = request.form.get("version", "")
    if form.wants_more_rows:
        return _page(form, version)
    try:
        services.save(actor(), form.read()["items"] or [], version=version, now=now())
    except Invalid as problem:
        form.fail(problem)
        return _page(form, version), 422
    except Stale:
        standing = queries.usual(actor().organisation_id)
        return _page(form, services.fingerprint(standing), standing), 409
    flash("The list is saved. It is offered the next time somebody packs.", "done")
    return redirect(url_for("home.belongings_list"), 303)


def _page(form: Form, version: str, standing: list[belongings.UsualItem] | None = None) -> str:
    """`standing`: the list as somebody else saved it meanwhile."""
    return render_template(
        "home/belongings_list.html",
        form=form,
        errors=form.errors,
        question=LIST_QUESTION,
        version=version,
        standing=standing,
        own=bool(queries.own(actor().organisation_id)),
    )
