"""Anybody with a custody record in hand has it confirmed by its code; nothing about a person is told."""

from __future__ import annotations

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain.errors import Invalid
from redbag.domain.record import Field
from redbag.services import custody_records as services
from redbag.web.custody import blueprint
from redbag.web.forms import Form
from redbag.web.guards import commits_also_refusals, now, origin, public

CODE = Field(
    "code",
    "Verification code",
    hint="17 letters and digits, on the first page of the record. Capitals and hyphens do not matter.",
    longest=100,
    required="Type the code that stands on the first page of the custody record.",
)


@blueprint.get("/custody-record")
@public
def confirm() -> ResponseReturnValue:
    """Asks for the code."""
    return render_template("custody/confirm.html", form=Form((CODE,)), code=CODE, found=None)


@blueprint.post("/custody-record", endpoint="check_code")
@public
@commits_also_refusals
def check_code() -> ResponseReturnValue:
    """Says who made the record and when, and whether anything is newer. A wrong code is counted."""
    form = Form((CODE,))
    try:
        typed = form.read()
        found = services.confirm(typed["code"], _guesser(), origin(), current_app.config["LIMITS"], now())
    except Invalid as problem:
        form.fail(problem)
        return render_template("custody/confirm.html", form=form, code=CODE, found=None), 422
    return render_template("custody/confirm.html", form=form, code=CODE, found=found)


def _guesser() -> str:
    """Whose guesses are counted together, as for a label's code."""
    return f"session {current_user.session_id}" if current_user.is_authenticated else origin().address
