"""Somebody at a hospital without an account: the code from inside the bag, then who they are."""

from __future__ import annotations

from flask import current_app, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from redbag.domain.errors import Invalid, NotFound
from redbag.domain.record import Field, Kind
from redbag.queries import transfers
from redbag.queries.sights import Sight
from redbag.security.tokens import random_token
from redbag.services import access_codes, guests, reach
from redbag.services.access_codes import Guesser
from redbag.services.guests import Said
from redbag.web.forms import Form
from redbag.web.guards import commits_also_refusals, now, origin, public
from redbag.web.identity import NewPerson
from redbag.web.ward import blueprint

CODE = Field(
    "code",
    "Code from inside the bag",
    hint="On page 1 of the pack, beside the square: 12 characters, with or without hyphens.",
    longest=300,
    required="Type the code that is printed on the pack inside the bag.",
)
ROLES = ("Nurse", "Doctor", "Healthcare assistant", "Ambulance crew", "Pharmacist", "Ward clerk")
OTHER = "other"
# What the browser keeps: its mark for taking turns, and that it has shown a code.
_BROWSER, _SHOWN = "browser", "code_shown"


def _questions(sent_to: str) -> tuple[Field, ...]:
    hospitals = [(one.ref, one.name) for one in transfers.hospitals()]
    hospitals.sort(key=lambda one: one[0] != sent_to)
    return (
        Field("name", "Your name", longest=120, required="Type your name."),
        Field(
            "role",
            "Your role",
            Kind.CHOICE,
            (*((role, role) for role in ROLES), (OTHER, "Another role")),
            detail="Another role: which",
            longest=40,
            required="Choose your role.",
        ),
        Field(
            "hospital",
            "Hospital",
            Kind.CHOICE,
            (*hospitals, (OTHER, "Another hospital: type it below")),
            required="Choose the hospital.",
        ),
        Field("place", "Ward or department", longest=120, required="Type the ward or department."),
    )


@blueprint.get("/b/<token>/code", endpoint="code")
@public
def show_code(token: str) -> ResponseReturnValue:
    """The one question. Opening it uses nothing up: link scanners fetch addresses."""
    found = _label(token)
    return _code_page(found, token, Form((CODE,))) if isinstance(found, Sight) else found


@blueprint.post("/b/<token>/code", endpoint="check_code")
@public
@commits_also_refusals
def check_code(token: str) -> ResponseReturnValue:
    """On to "who are you?", or the same page with a sentence. A guess stays counted whatever the answer."""
    found = _label(token)
    if not isinstance(found, Sight):
        return found
    form = Form((CODE,))
    try:
        typed = form.read()["code"]
        answer = access_codes.enter(token, typed, _guesser(), origin(), g.settings.secret_key, now())
    except Invalid as problem:
        form.fail(problem)
        return _code_page(found, token, form), 422
    if answer.token:
        session[_SHOWN] = answer.token
        return redirect(url_for("ward.who", token=token), 303)
    form.errors["code"] = answer.problem
    page = current_app.make_response((_code_page(found, token, form), 429 if answer.wait else 422))
    if answer.wait:
        page.headers["Retry-After"] = str(answer.wait)
    return page


@blueprint.get("/b/<token>/who", endpoint="who")
@public
def show_who(token: str) -> ResponseReturnValue:
    """Name, role and place, for whoever has shown the code; for everybody else the code is asked."""
    found = _label(token)
    if not isinstance(found, Sight):
        return found
    guest = guests.waiting(session.get(_SHOWN, ""), found.label_ref, now())
    if guest is None:
        return _code_page(found, token, Form((CODE,)))
    expected = _expected(token)
    return _who_page(found, token, Form(_questions(expected), {"hospital": expected}))


@blueprint.post("/b/<token>/who", endpoint="say_who")
@public
@commits_also_refusals
def say_who(token: str) -> ResponseReturnValue:
    """The pack, for one shift at most. Whoever was signed in on this browser is signed out."""
    found = _label(token)
    if not isinstance(found, Sight):
        return found
    inside = current_user.actor if current_user.is_authenticated else None
    if inside is not None and inside.label_ref == found.label_ref:
        return redirect(url_for("ward.scan", token=token), 303)  # the button was pressed twice
    shown = session.get(_SHOWN, "")
    guest = guests.waiting(shown, found.label_ref, now())
    if guest is None:
        form = Form(())
        form.errors["code"] = "That took too long: type the code once more."
        return _code_page(found, token, form), 422
    form = Form(_questions(_expected(token)))
    try:
        guests.name(guest, _said(form), origin(), now())
    except Invalid as problem:
        form.fail(problem)
        return _who_page(found, token, form), 422
    if current_user.is_authenticated:
        current_user.end("another person came in", now())
    browser = _browser()
    session.clear()
    session[_BROWSER] = browser
    login_user(NewPerson(shown))
    return redirect(url_for("ward.scan", token=token), 303)


def _said(form: Form) -> Said:
    """Who they say they are. Raises Invalid with everything that is missing at once."""
    also = {}
    if form.text("role") == OTHER and not form.text("role_detail").strip():
        also["role_detail"] = "Type your role."
    typed = form.read(also)
    role = str(typed["role_detail"] if typed["role"] == OTHER else typed["role"])
    hospital = "" if typed["hospital"] == OTHER else str(typed["hospital"])
    return Said(str(typed["name"]), role[:40], hospital, str(typed["place"]))


def _label(token: str) -> Sight | ResponseReturnValue:
    """The label to type a code for; or the answer to whoever has nothing to type here: the label's own page
    where it no longer works and for staff, who need no code."""
    try:
        found = reach.sight_of(token)
    except NotFound:
        return render_template("ward/unknown_label.html"), 404
    signed_in = current_user.is_authenticated and not current_user.is_guest and not current_user.half_open
    if found.replaced or signed_in:
        return redirect(url_for("ward.scan", token=token), 303 if request.method == "POST" else 302)
    return found


def _guesser() -> Guesser:
    return Guesser(_browser(), origin().address)


def _browser() -> str:
    """The mark of this browser, by which its turn is kept."""
    mark: str = session.setdefault(_BROWSER, random_token())
    return mark


def _expected(token: str) -> str:
    """The hospital that is offered first; "" where nothing says which."""
    hospital = guests.sent_to(reach.label_of(token))
    return hospital.ref if hospital else ""


def _code_page(found: Sight, token: str, form: Form) -> str:
    _browser()
    return render_template(
        "ward/access_code.html",
        form=form,
        code=CODE,
        token=token,
        home=found.home,
        bag_number=found.bag_number,
    )


def _who_page(found: Sight, token: str, form: Form) -> str:
    hospital = guests.sent_to(reach.label_of(token))
    return render_template(
        "ward/who_are_you.html",
        form=form,
        token=token,
        home=found.home,
        bag_number=found.bag_number,
        wards=[ward.name for ward in transfers.wards(hospital.id)] if hospital else [],
        other=OTHER,
    )
