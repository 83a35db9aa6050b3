"""Going home in clear steps, and the other ways in which a stay ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import going_home
from redbag.domain.errors import Invalid
from redbag.domain.medicines import Caution, ListSource, Outcome
from redbag.domain.permissions import Permission
from redbag.domain.record import Choices, Field, Kind
from redbag.domain.transfer_states import Action, State
from redbag.queries import allergies, packs, papers, returning_medicines, transfers
from redbag.queries.returning_medicines import Settled
from redbag.services import belongings, reach, stays
from redbag.services.reach import Reach
from redbag.services.returning_medicines import Said, record_list
from redbag.services.stays import Known, Leaving
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, now, requires
from redbag.web.signed import signature_of
from redbag.web.ward import blueprint, overtaken
from redbag.web.ward.moves import fail, for_step
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
LEFT = Field("at", "When do they leave?", Kind.MOMENT, required="Give the day and the time.")
METHOD = Field(
    "method", "How were they discharged?", Kind.CHOICE, going_home.METHODS, required="Choose how they leave."
)
_TRANSPORT = Field("transport", "Transport (if known)", hint="Crew, family or taxi", longest=200)
# Asked beside the medicines, never folded away: a dose given twice, or not at all, harms first.
_LAST_DOSES = next(field for field in going_home.HANDOVER_HOME.fields if field.key == "last_doses")
_MORE = tuple(field for field in going_home.HANDOVER_HOME.fields if field is not _LAST_DOSES)
_WORD = (
    Field(
        "home_word",
        "Has the home said that it can meet their needs?",
        Kind.CHOICE,
        going_home.HOME_WORD,
        hint="Ask before transport is called.",
        required="Say what the home said, or that nobody asked.",
    ),
    Field("home_word_by", "Who at the home said so (if anybody did)", longest=200),
    Field("conditions", "On which conditions (if any)", longest=500),
)


class _LeaveForm(Form):
    """With what is to be confirmed once before they leave: a medicine that meets the new reaction."""

    to_confirm: Sequence[Caution] = ()

    @property
    def confirmed(self) -> frozenset[str]:
        """The cautions that were ticked, by their messages."""
        return frozenset(self.all("confirmed"))


def summary_question(found: Reach) -> Field:
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


def asks_for_bag(choices: Choices) -> Field:
    return Field("bag", "The red bag", Kind.CHOICE, choices, required="Say where the bag goes.")


def _leave_questions(found: Reach, *, listed: bool) -> tuple[Field, ...]:
    if not found.transfer.admitted_at:
        return _visit_questions(found, listed=listed)
    asked = [LEFT, *_WORD]
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
    asked += [*_last_given(found), _LAST_DOSES]
    asked += [METHOD, summary_question(found), _TRANSPORT]
    if found.transfer.with_bag is not False:
        asked.append(asks_for_bag(tuple(c for c in going_home.BAG_AFTER if c[0] != "sent_back")))
    return (*asked, *_MORE)


def _visit_questions(found: Reach, *, listed: bool) -> tuple[Field, ...]:
    """After a visit without admission: the shortest honest form first, then what may be added."""
    asked = [LEFT, *_WORD]
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
    asked += [*_last_given(found), _LAST_DOSES]
    asked.append(summary_question(found))
    if found.transfer.with_bag is not False:
        asked.append(asks_for_bag(tuple(c for c in going_home.BAG_AFTER if c[0] != "sent_back")))
    return (*asked, *_MORE, _TRANSPORT)


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
        unsaid=_unmentioned(outcomes),
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
    return _leave_page(found, _LeaveForm(_leave_questions(found, listed=_listed(found)), start))


@blueprint.post("/ward/transfers/<ref>/leave")
@requires(Permission.STAY_RECORD)
@commits
def save_leave(ref: str) -> ResponseReturnValue:
    """Going home: the home is told by its own board."""
    found = reach.for_writing(actor(), "", ref)
    listed = _listed(found)
    form = _LeaveForm(_leave_questions(found, listed=listed))
    overtaken.refuse(found, _leave_action(found), form)
    try:
        typed = form.read(_word_errors(form) | _unsaid(found, form), latest=now())
        typed["last_doses"] = _with_last_given(found, typed)
        handover = {
            key: value
            for key, value in typed.items()
            if value and key.removesuffix("_detail") in {f.key for f in going_home.HANDOVER_HOME.fields}
        }
        _ask_once(found, form, handover)
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
        known = Known(typed["at"], now(), signed=signature_of(form))
        stays.go_home(actor(), found.transfer, known, leaving)
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


def _ask_once(found: Reach, form: _LeaveForm, handover: Mapping[str, Any]) -> None:
    """Raises Invalid while nobody has confirmed the medicines that meet the new reaction."""
    reaction = going_home.new_reaction(handover)
    met = returning_medicines.that_meet(found.transfer, reaction) if reaction else []
    if any(caution.message not in form.confirmed for caution in met):
        form.to_confirm = met
        raise Invalid(
            {"confirm": "They have not left yet: confirm what stands below, or change the medicines."}
        )


def _unsaid(found: Reach, form: Form) -> dict[str, str]:
    """What a "yes" leaves out, and the last doses where a medicine is not what the home sent."""
    keys = [f"{field.key}{part}" for field in going_home.HANDOVER_HOME.fields for part in ("", "_detail")]
    errors = going_home.unsaid({key: form.text(key) for key in keys})
    errors |= _last_given_unsaid(found, form)
    if not form.text("last_doses").strip() and (_changed(found) or _will_follow(form)):
        errors["last_doses"] = going_home.LAST_DOSES_UNSAID
    if form.text("summary") == "not_given" and _listed_from_summary(found):
        errors["summary"] = _THERE_IS_ONE
    return errors


_THERE_IS_ONE = (
    "The medicines were listed from a discharge summary, so there is one: say where it is, or that it is to "
    "follow. If there is none, list the medicines again, from “Pasted or typed, source not known”."
)


def _listed_from_summary(found: Reach) -> bool:
    standing = returning_medicines.outcomes(found.transfer.id)
    return any(one.row.source == ListSource.SUMMARY.value for one in standing)


_NEW_DOSES = (Outcome.STARTED, Outcome.CHANGED, Outcome.REPLACED_BY)


def _changed(found: Reach) -> bool:
    """Whether the ward's list names a medicine that is given otherwise than the home gave it."""
    return any(one.outcome in _NEW_DOSES for one in returning_medicines.outcomes(found.transfer.id))


def _will_follow(form: Form) -> bool:
    """Whether a department says that something was changed, and what it was is still to come."""
    asked = next((question for question in form.questions if question.key == "medicines"), None)
    return asked is not None and asked.choices == UNCHANGED and form.text("medicines") == "to_follow"


def _nothing_changed(found: Reach) -> None:
    """Answers every line that the home sent with "unchanged", on the department's word."""
    lines = returning_medicines.sent(found.transfer.id)
    said = [Said(row.ref, Outcome.UNCHANGED) for row in lines]
    record_list(actor(), found.transfer, said=said, started=(), source=ListSource.STAFF.value, now=now())


def _unmentioned(outcomes: Sequence[Settled]) -> list[Settled]:
    """The time-critical medicines of which the list says nothing, and that nobody has settled since."""
    return [one for one in outcomes if one.unsaid and not one.row.settled_as]


def _last_given(found: Reach) -> tuple[Field, ...]:
    """A question for each time-critical medicine that is given on: its last dose stands by itself."""
    return tuple(
        Field(
            f"last_given-{one.row.ref}",
            f"{one.given.name}: last given",
            hint="Time-critical. Day and time, or “not known”.",
            longest=200,
        )
        for one in returning_medicines.outcomes(found.transfer.id)
        if one.time_critical and one.given is not None
    )


def _last_given_unsaid(found: Reach, form: Form) -> dict[str, str]:
    """Asked for until it is answered there, or among the last doses by the medicine's name."""
    doses = form.text("last_doses").lower()
    return {
        field.key: f"{field.label.partition(':')[0]}: write when it was last given, or “not known”."
        for field in _last_given(found)
        if not form.text(field.key).strip() and field.label.split()[0].strip(":").lower() not in doses
    }


def _with_last_given(found: Reach, typed: Mapping[str, Any]) -> str:
    """The last doses as the home reads them: those of time-critical medicines first, a line each."""
    own = [f"{field.label} {typed[field.key]}" for field in _last_given(found) if typed.get(field.key)]
    return "\n".join([*own, *([typed["last_doses"]] if typed["last_doses"] else [])])


def _listed(found: Reach) -> bool:
    return bool(returning_medicines.outcomes(found.transfer.id))


def _leave_page(found: Reach, form: _LeaveForm) -> str:
    visit = not found.transfer.admitted_at
    handover = [f.key for f in _MORE]
    return render_template(
        "ward/leave.html",
        transfer=found.transfer,
        form=form,
        unsaid=_unmentioned(returning_medicines.outcomes(found.transfer.id)),
        handover=[*handover, "transport"] if visit else handover,
        more_open=bool({name.removesuffix("_detail") for name in form.errors}.intersection(handover)),
        visit=visit,
        # A bag that stayed closed on a visit was checked by nobody, and need not be.
        unchecked=0
        if visit or steps_done(found)["belongings_out"]
        else len(belongings.list_for(found.transfer)),
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
    outcomes = returning_medicines.outcomes(found.transfer.id)
    return render_template(
        "ward/packing_sheet.html",
        transfer=found.transfer,
        pack=pack,
        home=packs.home_card(found.transfer.home),
        things=belongings.list_for(found.transfer),
        standing=belongings.standing(found.transfer),
        outcomes=outcomes,
        cautions=returning_medicines.to_be_sure_of(found.transfer, outcomes),
        allergies=allergies.alert_of(found.transfer),
    )
