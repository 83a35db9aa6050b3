"""The one-time link: its owner sets a passphrase. Opening the page uses nothing up."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, NotFound
from redbag.queries import accounts
from redbag.services import accounts as service
from redbag.web.account import blueprint
from redbag.web.forms import Form
from redbag.web.guards import commits, now, origin, public


@blueprint.get("/join/<token>")
@public
def join(token: str) -> ResponseReturnValue:
    """The question, or a plain page where the link does not work any more."""
    return _render(token, Form(()))


@blueprint.post("/join/<token>")
@public
@commits
def save_join(token: str) -> ResponseReturnValue:
    """Sets the passphrase; the link is used up."""
    form = Form(())
    try:
        service.join(token, request.form.get("passphrase", ""), origin(), now())
    except Invalid as problem:
        form.fail(problem)
        return _render(token, form)
    except NotFound:
        return _render(token, form)
    flash("Your passphrase is set. Sign in with it now.", "done")
    return redirect(url_for("account.sign_in"), 303)


def _render(token: str, form: Form) -> ResponseReturnValue:
    found = accounts.invited(token, now())
    if found is None:
        return render_template("account/link_over.html"), 410
    if found.service is not None:
        # A passphrase that was typed on a page from before is not kept: it would open nothing.
        return render_template("account/join_by_service.html", found=found), 422 if form.errors else 200
    page = render_template("account/join.html", form=form, errors=form.errors, name=found.name, token=token)
    return page, 422 if form.errors else 200
