"""The scanner page: by camera, by a hand scanner, by typing the code under the square, by a photo."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from redbag.domain.bag_code import paper_of
from redbag.domain.errors import Invalid
from redbag.domain.record import Field
from redbag.domain.scanning import NEXT_WORDS
from redbag.services import audit, label_codes, reach
from redbag.web.forms import Form
from redbag.web.guards import commits_also_refusals, now, origin, public, visitor
from redbag.web.ward import blueprint

QUESTIONS = (
    Field(
        "code",
        "Hand scanner, or the code under the square",
        hint="For example 7K2M-9QX4-6. Capitals, spaces and hyphens do not matter.",
        longest=300,
        required="Type the code that stands under the square on the label.",
    ),
)


@blueprint.get("/scan")
@public
def find() -> ResponseReturnValue:
    """The page. Whoever has the bag may use it: a stranger gets whose bag it is, no more."""
    return _page(Form(QUESTIONS))


@blueprint.post("/scan", endpoint="find_label")
@public
@commits_also_refusals
def find_label() -> ResponseReturnValue:
    """Goes to the label's page; for the page's own script, says what stands there.

    A code that no label has is counted against guessing.
    """
    form = Form(QUESTIONS)
    try:
        typed = form.read()
        token = label_codes.token_for(
            typed["code"], _guesser(), origin(), current_app.config["LIMITS"], now(), our_hosts()
        )
    except Invalid as problem:
        if _is_for_the_script():
            return jsonify({"problem": problem.errors["code"]}), 422
        form.fail(problem)
        return _page(form), 422
    address = url_for("ward.scan", token=token, paper=paper_of(typed["code"]))
    return jsonify(_found(token, address)) if _is_for_the_script() else redirect(address, 303)


def our_hosts() -> frozenset[str]:
    """The hosts that the addresses on our labels name: the one in the settings, and the one asked now."""
    return frozenset({urlsplit(g.settings.base_url).netloc.casefold(), request.host.casefold()})


def _page(form: Form) -> str:
    g.camera = True
    return render_template("ward/find.html", form=form, hosts=" ".join(sorted(our_hosts())))


def _is_for_the_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _found(token: str, address: str) -> dict[str, str]:
    """A label as a line of what was scanned: whose bag, what is next, and where. It names no person."""
    found = reach.sight_of(token)
    person = visitor()
    audit.append(
        person,
        audit.Note("label.scanned", ("label", found.label_ref), details={"seen": "step"}),
        now(),
        origin(),
    )
    bag = f", bag {found.bag_number}" if found.bag_number else ""
    return {
        "title": f"{found.home.name}{bag}",
        "step": NEXT_WORDS[reach.next_for(person, found)],
        "href": address,
    }


def _guesser() -> str:
    """Whose guesses are counted together: a person's own, so that a stranger at the same hospital's
    address cannot stop them; every stranger's at one address."""
    return f"session {current_user.session_id}" if current_user.is_authenticated else origin().address
