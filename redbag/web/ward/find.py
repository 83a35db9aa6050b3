"""Typing the code under the square, where no camera helps."""

from __future__ import annotations

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain.errors import Invalid
from redbag.domain.record import Field
from redbag.services import label_codes
from redbag.web.forms import Form
from redbag.web.guards import commits_also_refusals, now, origin, public
from redbag.web.ward import blueprint

QUESTIONS = (
    Field(
        "code",
        "Code on the label",
        hint="It stands under the square, for example 7K2M-9QX4-6. Capitals and hyphens do not matter.",
        longest=300,
        required="Type the code that stands under the square on the label.",
    ),
)


@blueprint.get("/ward/find")
@public
def find() -> ResponseReturnValue:
    """The form. Whoever has the bag may use it: a stranger gets whose bag it is, no more."""
    return render_template("ward/find.html", form=Form(QUESTIONS))


@blueprint.post("/ward/find", endpoint="find_label")
@public
@commits_also_refusals
def find_label() -> ResponseReturnValue:
    """Goes to the label's page. A code that no label has is counted against guessing."""
    form = Form(QUESTIONS)
    try:
        typed = form.read()
        token = label_codes.token_for(
            typed["code"], _guesser(), origin(), current_app.config["LIMITS"], now()
        )
    except Invalid as problem:
        form.fail(problem)
        return render_template("ward/find.html", form=form), 422
    return redirect(url_for("ward.scan", token=token), 303)


def _guesser() -> str:
    """Whose guesses are counted together: a person's own, so that a stranger at the same hospital's
    address cannot stop them; every stranger's at one address."""
    return f"session {current_user.session_id}" if current_user.is_authenticated else origin().address
