"""Packing: today's answers, a page for each kind. Each can be skipped, and saved when the crew is here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from redbag.domain.errors import Invalid, Stale
from redbag.domain.pack_sections import entries
from redbag.domain.papers import PHOTO
from redbag.domain.permissions import Permission
from redbag.domain.record import CARE_ACTIVITIES, Field, Kind, Values
from redbag.domain.todays_facts import (
    OBSERVATIONS,
    PAPER_KINDS,
    PAPER_TRAVELS,
    REASONS,
    TODAY,
    WHY_NOW,
    contradictions,
    dated,
    still_to_come,
)
from redbag.queries import papers as kept_papers
from redbag.queries import residents, transfers
from redbag.services import transfers as services
from redbag.services.papers import name_of
from redbag.web.conflict import differences
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, steps, telephones, todays_score
from redbag.web.outbox import happened, tell_tablet


@dataclass(frozen=True)
class FactPage:
    """One page of today's answers. `key`: under which they are kept."""

    key: str
    step: str
    title: str
    questions: tuple[Field, ...]
    intro: str = ""


_REASON = Field("reason", "Main reason", Kind.CHOICE, REASONS)
_TOLD = Field(
    "rows",
    "Who has been told",
    Kind.ROWS,
    hint="Family, next of kin, attorney, GP, manager on call",
    columns=(
        Field("who", "Who", longest=120, required="Write who was told."),
        Field("when", "When, and what they said", longest=300),
    ),
)

WHY = FactPage("why_now", "why", "Why now", (_REASON, *WHY_NOW.fields))
OBSERVED = FactPage(
    "observations",
    "observations",
    "Observations",
    OBSERVATIONS.fields,
    "Every field is optional: write what you have, skip what you have not.",
)
TODAYS = FactPage("today", "today", "How they are today", TODAY.fields, TODAY.hint)
PAPERS = FactPage(
    "papers",
    "papers",
    "Papers in the bag",
    tuple(Field(key, label, Kind.CHOICE, PAPER_TRAVELS) for key, label in PAPER_KINDS),
    "The signed original of a ReSPECT or DNACPR form travels with the person, and comes home with them.",
)
TOLD = FactPage("told", "told", "Who has been told", (_TOLD,))


def _show(ref: str, page: FactPage) -> ResponseReturnValue:
    transfer = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    start = dict(transfer.facts.get(page.key) or {})
    if page is WHY:
        start["reason"] = transfer.reason
    return _render(page, transfer, Form(page.questions, start), services.print_of(transfer, page.key))


def _save(ref: str, page: FactPage) -> ResponseReturnValue:
    transfer = transfers.get(actor(), ref)
    form = Form(page.questions)
    seen = request.form.get("seen", "")
    if form.wants_more_rows:
        return _render(page, transfer, form, seen), 422
    try:
        typed = steps.what_can_be_kept(page.questions) if steps.goes_on_anyway() else form.read()
        wrong = contradictions(page.key, typed) | still_to_come(typed, happened())
        if wrong and not steps.goes_on_anyway():
            raise Invalid(wrong)
        typed = dated({key: value for key, value in typed.items() if key not in wrong}, happened())
    except Invalid as problem:
        form.fail(problem)
        return _render(page, transfer, form, seen), 422
    reason = typed.pop("reason", None)
    try:
        saved = services.save_facts(actor(), ref, page.key, typed, seen, now(), happened())
    except Stale as stale:
        both = differences(
            page.questions, {**stale.theirs, "reason": transfer.reason}, {**typed, "reason": reason}
        )
        return _render(page, transfer, form, services.print_of(transfer, page.key), conflict=both), 409
    if reason:
        services.set_reason(actor(), ref, reason, now())
    tell_tablet(seen={page.key: services.print_of(saved, page.key)})
    _say_saved(page, saved, typed)
    return redirect(steps.next_address(saved, page.step), 303)


def _render(page: FactPage, transfer: Any, form: Form, seen: str, **more: Any) -> str:
    if page is OBSERVED:
        more["score"] = todays_score.said(transfer)
    if page is PAPERS:
        kept = kept_papers.of_resident(transfer.resident, transfer)
        more["attached"] = [(paper, name_of(paper)) for paper in kept if paper.kind != PHOTO]
    if page is TODAYS:
        usual = residents.sections_of(transfer.resident).get("needs")
        more["usual"] = {e.key: e.text for e in entries(CARE_ACTIVITIES, usual.answers if usual else {})}
        more["activities"] = [activity.key for activity in CARE_ACTIVITIES]
    if page is TOLD:
        people = residents.sections_of(transfer.resident).get("people")
        more["numbers"] = telephones.of_record(people.answers if people else {})
    return steps.page(
        "today" if page is TODAYS else "facts",
        transfer,
        form,
        page.step,
        title=page.title,
        questions=page.questions,
        intro=page.intro,
        seen=seen,
        key=page.key,
        **more,
    )


def _say_saved(page: FactPage, transfer: Any, typed: Values) -> None:
    """Says that it is saved; a grave score is no good news, and does not look like it."""
    score = todays_score.said(transfer)
    if page is not OBSERVED or score is None or not any(value is not None for value in typed.values()):
        flash("Saved.", "done")
    else:
        flash(" ".join(("Saved.", *score.sentences)), "warning" if score.urgent else "done")


@blueprint.get("/transfers/<ref>/why")
@requires(Permission.TRANSFER_PACK)
@audits
def why(ref: str) -> ResponseReturnValue:
    """Everything about why they go."""
    return _show(ref, WHY)


@blueprint.post("/transfers/<ref>/why")
@requires(Permission.TRANSFER_PACK)
@commits
def save_why(ref: str) -> ResponseReturnValue:
    """Keeps why they go."""
    return _save(ref, WHY)


@blueprint.get("/transfers/<ref>/observations")
@requires(Permission.TRANSFER_PACK)
@audits
def observations(ref: str) -> ResponseReturnValue:
    """What was measured."""
    return _show(ref, OBSERVED)


@blueprint.post("/transfers/<ref>/observations")
@requires(Permission.TRANSFER_PACK)
@commits
def save_observations(ref: str) -> ResponseReturnValue:
    """Keeps what was measured and says the score."""
    return _save(ref, OBSERVED)


@blueprint.get("/transfers/<ref>/today")
@requires(Permission.TRANSFER_PACK)
@audits
def today(ref: str) -> ResponseReturnValue:
    """How they are today against usual."""
    return _show(ref, TODAYS)


@blueprint.post("/transfers/<ref>/today")
@requires(Permission.TRANSFER_PACK)
@commits
def save_today(ref: str) -> ResponseReturnValue:
    """Keeps how they are today."""
    return _save(ref, TODAYS)


@blueprint.get("/transfers/<ref>/papers")
@requires(Permission.TRANSFER_PACK)
@audits
def papers(ref: str) -> ResponseReturnValue:
    """Which papers travel."""
    return _show(ref, PAPERS)


@blueprint.post("/transfers/<ref>/papers")
@requires(Permission.TRANSFER_PACK)
@commits
def save_papers(ref: str) -> ResponseReturnValue:
    """Keeps which papers travel."""
    return _save(ref, PAPERS)


@blueprint.get("/transfers/<ref>/told")
@requires(Permission.TRANSFER_PACK)
@audits
def told(ref: str) -> ResponseReturnValue:
    """Who has been told about this transfer."""
    return _show(ref, TOLD)


@blueprint.post("/transfers/<ref>/told")
@requires(Permission.TRANSFER_PACK)
@commits
def save_told(ref: str) -> ResponseReturnValue:
    """Keeps who has been told."""
    return _save(ref, TOLD)
