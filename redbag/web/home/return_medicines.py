"""Medicines on return: what changed first, each acknowledged; accepted by two names."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.medicines import ListSource, Outcome
from redbag.domain.permissions import Permission
from redbag.domain.record import Choices, Field, Kind
from redbag.domain.transfer_states import Action, State, next_state
from redbag.queries import dictionary, papers, transfers
from redbag.queries import returning_medicines as lists
from redbag.queries.medicine_lines import travelling
from redbag.services import journeys
from redbag.services import returning_medicines as services
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, returning, steps
from redbag.web.medicine_lists import SOURCES, MedicineListForm, as_typed, sent_lines

_SOURCE = Field(
    "source",
    "Where does this list come from?",
    Kind.CHOICE,
    SOURCES,
    required="Say where the list comes from.",
)
_INFORMANT = Field("informant", "Who gave it", hint="If by telephone: name and role", longest=200)
SETTLED_AS: Choices = (
    ("unchanged", "Still given, unchanged"),
    ("stopped", "Stopped"),
    ("paused", "Paused"),
)
# What can be held beside the list; a list from nobody knows where is compared with the boxes or by telephone.
_AGAINST = Field(
    "against",
    "Compared with",
    Kind.CHOICE,
    tuple(choice for choice in SOURCES if choice[0] != ListSource.OTHER.value),
    required="Say what you compared the list with.",
)
_WITNESS = Field(
    "witness",
    "Second person who checked",
    longest=120,
    required="A second person checks the list with you: write their name.",
)


def _list_form(transfer: Any, start: dict[str, Any] | None = None) -> MedicineListForm:
    return MedicineListForm(sent_lines(transfer.id), (_SOURCE, _INFORMANT), start)


def _refuse_unless_listed(transfer: Any) -> None:
    next_state(State(transfer.state), Action.LIST_MEDICINES)


@blueprint.get("/transfers/<ref>/return/list")
@requires(Permission.TRANSFER_RECEIVE)
@audits
def list_medicines(ref: str) -> ResponseReturnValue:
    """The home records the list itself, from the summary, the dispensed labels or the telephone."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    _refuse_unless_listed(transfer)
    standing = lists.outcomes(transfer.id)
    return _list_page(transfer, _list_form(transfer, dict(as_typed(standing))), bool(standing))


@blueprint.post("/transfers/<ref>/return/list")
@requires(Permission.TRANSFER_RECEIVE)
@commits
def save_list(ref: str) -> ResponseReturnValue:
    """Keeps the list; accepting it is a step of its own."""
    transfer = journeys.load(actor(), ref, Permission.TRANSFER_RECEIVE)
    _refuse_unless_listed(transfer)
    form = _list_form(transfer)
    again = bool(lists.outcomes(transfer.id))
    if form.wants_match:
        form.match_pasted()
        return _list_page(transfer, form, again), 422
    if form.wants_more_rows:
        return _list_page(transfer, form, again), 422
    try:
        own, said, started = form.read_lists()
        if own["source"] == ListSource.TELEPHONE.value and not own["informant"]:
            raise Invalid({"informant": "Write who gave the list by telephone."})
        services.record_list(
            actor(),
            transfer,
            said=said,
            started=started,
            source=str(own["source"]),
            now=now(),
            informant=str(own["informant"] or ""),
            confirmed=form.confirmed,
        )
    except Invalid as problem:
        form.fail(problem)
        return _list_page(transfer, form, again), 422
    flash("The list is kept. Now check it with a second person.", "done")
    return redirect(url_for("home.return_medicines", ref=ref), 303)


def _list_page(transfer: Any, form: MedicineListForm, again: bool) -> str:
    alert = returning.allergies_before(transfer)
    return returning.page(
        "list",
        transfer,
        form,
        "home.return_medicines",
        again=again,
        allergies=alert,
        completions=url_for("home.medicine_completions"),
        known_names=dictionary.names_written(actor()),
    )


@blueprint.get("/transfers/<ref>/return/medicines")
@requires(Permission.TRANSFER_RECEIVE)
@audits
def return_medicines(ref: str) -> ResponseReturnValue:
    """What changed, to be read and accepted."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    settled = lists.outcomes(transfer.id)
    if not settled:
        nothing_sent = not lists.sent(transfer.id) and State(transfer.state) is State.BACK_HOME
        return redirect(url_for("home.return_belongings" if nothing_sent else "home.list_medicines", ref=ref))
    return _accept_page(transfer, _accept_form(settled))


def _accept_form(settled: list[lists.Settled]) -> Form:
    own = []
    for one in settled:
        if one.outcome is Outcome.NOT_MENTIONED:
            own.append(Field(f"line-{one.row.ref}", one.title, Kind.CHOICE, SETTLED_AS))
            own.append(Field(f"why-{one.row.ref}", f"{one.title}: who said so", longest=200))
        elif one.outcome is not Outcome.UNCHANGED:
            own.append(
                Field(f"line-{one.row.ref}", one.heading, Kind.CHOICES, (("read", "I have read this"),))
            )
    return Form((*own, _AGAINST, _WITNESS))


@blueprint.post("/transfers/<ref>/return/medicines")
@requires(Permission.TRANSFER_RECEIVE)
@commits
def accept_medicines(ref: str) -> ResponseReturnValue:
    """The home accepts the list, two names; the standing record takes it over."""
    transfer = journeys.load(actor(), ref, Permission.TRANSFER_RECEIVE)
    if State(transfer.state) is not State.BACK_HOME:
        raise IllegalTransition("The medicines are accepted when the person is back home.")
    settled = lists.outcomes(transfer.id)
    form = _accept_form(settled)
    try:
        if request.form.get("list") != _print_of(settled):
            raise Invalid({"form": "The list has changed since you opened this page. Read it again."})
        services.accept(
            actor(),
            transfer,
            witness=form.text("witness"),
            against=form.text("against"),
            settled_as=_settled_as(settled, form),
            settled_why={one.row.ref: form.text(f"why-{one.row.ref}") for one in settled},
            acknowledged=frozenset(
                one.row.ref for one in settled if "read" in form.all(f"line-{one.row.ref}")
            ),
            now=now(),
        )
    except Invalid as problem:
        form.fail(problem)
        return _accept_page(transfer, form), 422
    flash("Medicines accepted. The record has the new list: change the MAR chart by your own rules.", "done")
    return redirect(url_for("home.settle", ref=ref), 303)


def _settled_as(settled: list[lists.Settled], form: Form) -> dict[str, Outcome]:
    allowed = dict(SETTLED_AS)
    return {
        one.row.ref: Outcome(form.text(f"line-{one.row.ref}"))
        for one in settled
        if one.outcome is Outcome.NOT_MENTIONED and form.text(f"line-{one.row.ref}") in allowed
    }


def _source_words(transfer: Any, settled: list[lists.Settled]) -> str:
    """Where the list is from; a summary that only the ward saw is told from one that came."""
    if not settled:
        return ""
    source = ListSource(settled[0].row.source)
    by_home = settled[0].row.entered_by.endswith(f", {transfer.home.name}")
    if source is ListSource.SUMMARY and not by_home and returning.papers_missing(transfer)[0]:
        return "Listed by the ward from its discharge summary; no copy came with the person"
    return source.label


def _print_of(settled: list[lists.Settled]) -> str:
    """Stands for the list that was read: a list recorded again has other references."""
    return "-".join(sorted(one.row.ref for one in settled))


def _accept_page(transfer: Any, form: Form) -> str:
    settled = lists.outcomes(transfer.id)
    return returning.page(
        "medicines",
        transfer,
        form,
        "home.return_medicines",
        changed=[one for one in settled if one.outcome not in (Outcome.UNCHANGED, Outcome.NOT_MENTIONED)],
        not_mentioned=[one for one in settled if one.outcome is Outcome.NOT_MENTIONED],
        unchanged=[one for one in settled if one.outcome is Outcome.UNCHANGED],
        cautions=lists.to_be_sure_of(transfer, settled),
        ring=returning.ward_to_ring(transfer),
        accepted=next((one.row for one in settled if one.row.accepted_at is not None), None),
        list_print=_print_of(settled),
        allergies=returning.allergies_before(transfer),
        source=_source_words(transfer, settled),
        entered=settled[0].row if settled else None,
        settled_as=SETTLED_AS,
        travelling=travelling,
        may_list=State(transfer.state) is State.BACK_HOME,
        against=_AGAINST,
        witness=_WITNESS,
        summaries=papers.summaries(transfer.id),
    )


@blueprint.get("/transfers/<ref>/return/difference")
@requires(Permission.TRANSFER_RECEIVE)
@audits
def medicines_difference(ref: str) -> ResponseReturnValue:
    """The difference on paper, for the MAR folder and the GP."""
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    settled = lists.outcomes(transfer.id)
    return render_template(
        "home/return/difference.html",
        transfer=transfer,
        who=steps.who(transfer.resident),
        allergies=returning.allergies_before(transfer),
        settled=settled,
        cautions=lists.to_be_sure_of(transfer, settled),
        ring=returning.ward_to_ring(transfer),
        travelling=travelling,
        entered=settled[0].row if settled else None,
        source=_source_words(transfer, settled),
        accepted=next((one.row for one in settled if one.row.accepted_at is not None), None),
        nhs_number=transfer.resident.nhs_number,
    )
