"""Going home in clear steps, and the other ways in which a stay ends."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import going_home
from redbag.domain.errors import Invalid
from redbag.domain.medicines import ListSource, Outcome
from redbag.domain.permissions import Permission
from redbag.domain.record import Choices, Field, Kind
from redbag.domain.transfer_states import Action, State
from redbag.queries import packs, papers, returning_medicines, transfers
from redbag.services import belongings, reach, stays
from redbag.services.reach import Reach
from redbag.services.returning_medicines import Said, record_list
from redbag.services.stays import Known, Leaving
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, now, requires
from redbag.web.ward import blueprint
from redbag.web.ward.moves import fail, for_step, step_page
from redbag.web.ward.patient import steps_done

MEDICINES: Choices = (
    ("to_follow", "The list will follow: the home is told that it is not there yet"),
    ("none", "There are no medicines"),
)
# For a visit without admission, where the department gives no new medicine: one act for every line.
UNCHANGED: Choices = (
    ("unchanged", "Nothing was changed: every medicine goes on as the home sent it"),
    ("to_follow", "Something was changed: the list will follow"),
)
_LEFT = Field("at", "When do they leave?", Kind.MOMENT, required="Give the day and the time.")
_METHOD = Field(
    "method", "How were they discharged?", Kind.CHOICE, going_home.METHODS, required="Choose how they leave."
)
_TRANSPORT = Field("transport", "Transport", hint="Crew, family or taxi", longest=200)
_WORD = (
    Field(
        "home_word",
        "Has the home said that it can meet their needs?",
        Kind.CHOICE,
        going_home.HOME_WORD,
        hint="Ask before transport is called.",
        required="Say what the home said, or that nobody asked.",
    ),
    Field("home_word_by", "Who at the home said so", longest=200),
    Field("conditions", "On which conditions", longest=500),
)


def _summary(found: Reach) -> Field:
    """Where the summary is; "attached" can be said only of one that is."""
    attached = papers.summaries(found.transfer.id)
    return Field(
        "summary",
        "Discharge summary",
        Kind.CHOICE,
        tuple(c for c in going_home.SUMMARY if attached or c[0] != going_home.ATTACHED),
        required="Say where the discharge summary is.",
    )


def _leave_action(found: Reach) -> Action:
    return Action.DISCHARGE if found.transfer.admitted_at else Action.SEND_BACK


def _bag(choices: Choices) -> Field:
    return Field("bag", "The red bag", Kind.CHOICE, choices, required="Say where the bag goes.")


def _leave_questions(found: Reach, *, listed: bool) -> tuple[Field, ...]:
    if not found.transfer.admitted_at:
        return _visit_questions(found, listed=listed)
    asked = [_LEFT, *_WORD]
    if not listed:
        asked.append(
            Field(
                "medicines",
                "The medicines are not listed yet",
                Kind.CHOICE,
                MEDICINES,
                required="List the medicines first, or say that the list will follow.",
            )
        )
    asked += [_METHOD, _summary(found), _TRANSPORT]
    if found.transfer.with_bag is not False:
        asked.append(_bag(tuple(c for c in going_home.BAG_AFTER if c[0] != "sent_back")))
    return (*asked, *going_home.HANDOVER_HOME.fields)


def _visit_questions(found: Reach, *, listed: bool) -> tuple[Field, ...]:
    """After a visit without admission: the shortest honest form first, then what may be added."""
    asked = [_LEFT, *_WORD]
    if not listed:
        sent = bool(returning_medicines.sent(found.transfer.id))
        asked.append(
            Field(
                "medicines",
                "Medicines",
                Kind.CHOICE,
                UNCHANGED if sent else MEDICINES,
                hint="If something was changed and you can say what, list the medicines first."
                if sent
                else "",
                required="Say whether a medicine was changed, or that the list will follow.",
            )
        )
    asked.append(_summary(found))
    if found.transfer.with_bag is not False:
        asked.append(_bag(tuple(c for c in going_home.BAG_AFTER if c[0] != "sent_back")))
    return (*asked, _TRANSPORT, *going_home.HANDOVER_HOME.fields)


@blueprint.get("/ward/transfers/<ref>/discharge")
@requires(Permission.STAY_RECORD)
@audits
def discharge(ref: str) -> ResponseReturnValue:
    """The steps of going home, and which of them are done."""
    found = reach.for_reading(actor(), "", ref)
    if State(found.transfer.state) is not State.GOING_HOME:
        found = for_step(ref, _leave_action(found))
    outcomes = returning_medicines.outcomes(found.transfer.id)
    return render_template(
        "ward/discharge.html",
        transfer=found.transfer,
        state=State(found.transfer.state),
        steps=steps_done(found),
        outcomes=outcomes,
        summaries=papers.summaries(found.transfer.id),
        word=transfers.home_word(found.transfer.id),
    )


@blueprint.get("/ward/transfers/<ref>/leave", endpoint="leave")
@requires(Permission.STAY_RECORD)
@audits
def show_leave(ref: str) -> ResponseReturnValue:
    """What the home needs to know, and its word, before transport is called."""
    found = reach.for_reading(actor(), "", ref)
    found = for_step(ref, _leave_action(found))
    word = transfers.home_word(found.transfer.id)
    start: dict[str, Any] = {"at": now()}
    if papers.summaries(found.transfer.id):
        start["summary"] = going_home.ATTACHED
    if word is not None:
        start |= {"home_word": word.word, "home_word_by": word.who, "conditions": word.conditions}
    return _leave_page(found, Form(_leave_questions(found, listed=_listed(found)), start))


@blueprint.post("/ward/transfers/<ref>/leave")
@requires(Permission.STAY_RECORD)
@commits
def save_leave(ref: str) -> ResponseReturnValue:
    """Going home: the home is told by its own board."""
    found = reach.for_writing(actor(), "", ref)
    listed = _listed(found)
    form = Form(_leave_questions(found, listed=listed))
    try:
        typed = form.read(_word_errors(form), latest=now())
        handover = {
            key: value
            for key, value in typed.items()
            if value and key.removesuffix("_detail") in {f.key for f in going_home.HANDOVER_HOME.fields}
        }
        leaving = Leaving(
            method=typed.get("method") or "",
            transport=typed["transport"] or "",
            summary=typed["summary"],
            home_word=typed["home_word"],
            home_word_by=typed["home_word_by"] or "",
            conditions=typed["conditions"] or "",
            medicines="listed" if listed else typed["medicines"],
            bag=typed.get("bag") or "",
            handover=handover,
        )
        if leaving.medicines == "unchanged":
            _nothing_changed(found)
        stays.go_home(actor(), found.transfer, Known(typed["at"], now()), leaving)
    except Invalid as problem:
        fail(form, problem)
        return _leave_page(found, form), 422
    flash(f"Going home. {found.transfer.home.name} sees it on its board now.", "done")
    return redirect(url_for("ward.discharge", ref=ref), 303)


def _word_errors(form: Form) -> dict[str, str]:
    """The home's yes has a name; its conditions are written; its no is settled before anybody leaves."""
    word, errors = form.text("home_word"), {}
    if word in ("yes", "conditions") and not form.text("home_word_by").strip():
        errors["home_word_by"] = "Write who at the home said so."
    if word == "conditions" and not form.text("conditions").strip():
        errors["conditions"] = "Write the conditions."
    if word == "no":
        errors["home_word"] = stays.HOME_CANNOT
    return errors


def _nothing_changed(found: Reach) -> None:
    """Answers every line that the home sent with "unchanged", on the department's word."""
    lines = returning_medicines.sent(found.transfer.id)
    said = [Said(row.ref, Outcome.UNCHANGED) for row in lines]
    record_list(actor(), found.transfer, said=said, started=(), source=ListSource.STAFF.value, now=now())


def _listed(found: Reach) -> bool:
    return bool(returning_medicines.outcomes(found.transfer.id))


def _leave_page(found: Reach, form: Form) -> str:
    visit = not found.transfer.admitted_at
    handover = [f.key for f in going_home.HANDOVER_HOME.fields]
    return render_template(
        "ward/leave.html",
        transfer=found.transfer,
        form=form,
        handover=[*handover, "transport"] if visit else handover,
        more_open=bool({name.removesuffix("_detail") for name in form.errors}.intersection(handover)),
        visit=visit,
        word=transfers.home_word(found.transfer.id),
        word_text=dict(going_home.HOME_WORD),
    )


@blueprint.get("/ward/transfers/<ref>/packing-sheet")
@requires(Permission.STAY_RECORD)
@audits
def packing_sheet(ref: str) -> ResponseReturnValue:
    """One sheet for the person who packs the bag."""
    found = reach.for_reading(actor(), "", ref)
    if State(found.transfer.state) is not State.GOING_HOME:
        found = for_step(ref, _leave_action(found))
    pack = packs.latest(found.transfer.id)
    return render_template(
        "ward/packing_sheet.html",
        transfer=found.transfer,
        pack=pack,
        home=packs.home_card(found.transfer.home),
        things=belongings.list_for(found.transfer),
        standing=belongings.standing(found.transfer),
        outcomes=returning_medicines.outcomes(found.transfer.id),
    )


_ELSEWHERE = {
    "title": "Going somewhere else",
    "lede": "For somebody who leaves hospital but does not go back to the care home they came from.",
    "button": "Gone somewhere else",
    "save": "ward.save_elsewhere",
}


def _elsewhere_questions(found: Reach) -> tuple[Field, ...]:
    where = Field(
        "destination", "Where to?", Kind.CHOICE, going_home.ELSEWHERE, required="Choose where they go."
    )
    place = Field("place", "Name and address of the place", longest=300)
    return (where, place, _LEFT, _METHOD, _summary(found), _bag(going_home.BAG_AFTER))


@blueprint.get("/ward/transfers/<ref>/elsewhere", endpoint="elsewhere")
@requires(Permission.STAY_RECORD)
@audits
def show_elsewhere(ref: str) -> ResponseReturnValue:
    """Where they go instead, and where the bag goes."""
    found = for_step(ref, Action.DISCHARGE_ELSEWHERE)
    return step_page(found, Form(_elsewhere_questions(found), {"at": now()}), **_ELSEWHERE)


@blueprint.post("/ward/transfers/<ref>/elsewhere")
@requires(Permission.STAY_RECORD)
@commits
def save_elsewhere(ref: str) -> ResponseReturnValue:
    """Gone to another home, their own, a hospice or somewhere else."""
    found = reach.for_writing(actor(), "", ref)
    form = Form(_elsewhere_questions(found))
    try:
        unnamed = form.text("destination") == "another_home" and not form.text("place").strip()
        also = {"place": "Write the name of the care home."} if unnamed else {}
        typed = form.read(also, latest=now())
        stays.go_elsewhere(
            actor(),
            found.transfer,
            Known(typed["at"], now()),
            destination=typed["destination"],
            place=typed["place"] or "",
            leaving=Leaving(method=typed["method"], summary=typed["summary"], bag=typed["bag"]),
        )
    except Invalid as problem:
        fail(form, problem)
        return step_page(found, form, **_ELSEWHERE), 422
    flash(f"Saved. {found.transfer.home.name} sees it on its board. Check the belongings out next.", "done")
    return redirect(url_for("ward.check_out", ref=ref), 303)


_DIED = {
    "title": "Died",
    "lede": "Tell the next of kin first, then ring the home. Every reminder about this person stops.",
    "button": "Record the death",
    "save": "ward.save_died",
    "grave": True,
}
_DIED_QUESTIONS = (
    Field("at", "When did they die?", Kind.MOMENT, required="Give the day and the time."),
    Field(
        "kin_told",
        "Next of kin: who was told, and by whom",
        hint="Or why not yet",
        longest=300,
        required=stays.KIN_NOT_TOLD,
    ),
    Field(
        "home_told",
        "The home, by telephone: who you spoke to",
        hint="Or why not yet",
        longest=300,
        required=stays.HOME_NOT_TOLD,
    ),
)


@blueprint.get("/ward/transfers/<ref>/died", endpoint="died")
@requires(Permission.STAY_RECORD)
@audits
def show_died(ref: str) -> ResponseReturnValue:
    """When, and who has been told."""
    found = for_step(ref, Action.RECORD_DEATH)
    return step_page(found, Form(_DIED_QUESTIONS, {}), **_died_words(found))


@blueprint.post("/ward/transfers/<ref>/died")
@requires(Permission.STAY_RECORD)
@commits
def save_died(ref: str) -> ResponseReturnValue:
    """Died. The belongings are signed out next; nothing is disposed of."""
    found = reach.for_writing(actor(), "", ref)
    form = Form(_DIED_QUESTIONS)
    try:
        typed = form.read(latest=now())
        stays.died(
            actor(),
            found.transfer,
            Known(typed["at"], now()),
            kin_told=typed["kin_told"] or "",
            home_told=typed["home_told"] or "",
        )
    except Invalid as problem:
        fail(form, problem)
        return step_page(found, form, **_died_words(found)), 422
    flash("Recorded. Every reminder about them has stopped. Thank you for looking after them.", "done")
    return redirect(url_for("ward.patient", ref=ref), 303)


def _died_words(found: Reach) -> dict[str, Any]:
    home = found.transfer.home
    return {**_DIED, "lede": f"{_DIED['lede']} {home.name}: {home.night_phone or home.phone}."}
