"""One journey: where the person is, the next act as the biggest thing, what needs doing, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.attention import Trouble
from redbag.domain.errors import Invalid
from redbag.domain.going_home import HOME_WORD
from redbag.domain.journey import withdrawable
from redbag.domain.permissions import Permission, can
from redbag.domain.transfer_states import STATE_WORDS, Action, State, available_actions
from redbag.queries import custody, packs, papers, transfers, typed_wards
from redbag.services import bags, belongings, corrections, events, labels, late_bag
from redbag.services import packs as pack_services
from redbag.services import transfers as services
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint, from_hospital, gaps, steps
from redbag.web.home.history import lines as history_lines
from redbag.web.home.transfers import bag_words, once, todo, where_words


@dataclass(frozen=True)
class Act:
    """One thing that can be done next."""

    words: str
    href: str


# In the order in which they are offered; the first that is possible is the biggest thing on the page.
_ACTS: tuple[tuple[Action, Permission, str, str], ...] = (
    (Action.HAND_TO_CREW, Permission.TRANSFER_DISPATCH, "home.ready", "Go on: print and hand to crew"),
    (Action.SETTLE_MEDICINES, Permission.TRANSFER_RECEIVE, "home.settle", "Settle and close"),
    (Action.RECEIVE, Permission.TRANSFER_RECEIVE, "home.receive", "Back home"),
    (Action.CLOSE, Permission.TRANSFER_RECEIVE, "home.close_transfer", "Close the journey"),
    (
        Action.HOME_CONTACT,
        Permission.TRANSFER_TELL,
        "home.home_contact",
        "Record a call or visit to the ward",
    ),
    (
        Action.HOME_CAN_MEET_NEEDS,
        Permission.TRANSFER_TELL,
        "home.home_word",
        "Say whether the home can meet the needs",
    ),
)
_TOLD = (Action.ARRIVE, Action.ADMIT, Action.MOVE_HOSPITAL, Action.DISCHARGE, Action.RECORD_DEATH)


def acts(transfer: Any) -> list[Act]:
    """What the home may do next, the main act first."""
    state = State(transfer.state)
    possible = available_actions(state)
    if state is not State.PACKING:
        # A handover written down late is no next step: it stands among what needs doing.
        possible = tuple(action for action in possible if action is not Action.HAND_TO_CREW)
    subject = transfers.subject(transfer)
    found = [
        Act(words, url_for(endpoint, ref=transfer.ref))
        for action, permission, endpoint, words in _ACTS
        if action in possible and can(actor(), permission, subject)
    ]
    if state is State.BACK_HOME:
        return found[:1]
    if state is State.PACKING:
        return found
    if any(action in possible for action in _TOLD) and state is not State.GOING_HOME:
        found.insert(0, Act("Record what the hospital told you", url_for("home.tell", ref=transfer.ref)))
    elif state is State.GOING_HOME:
        found.append(Act("Record what the hospital told you", url_for("home.tell", ref=transfer.ref)))
    return found


def _next_first(transfer: Any, offered: list[Act], troubles: list[Trouble]) -> list[Act]:
    """The job that waits is the biggest button: where nothing is late, the pack is finished first."""
    waiting = next((t for t in troubles if t.who == "home" and t.kind != "task"), None)
    away = State(transfer.state) in (State.HANDED_TO_CREW, State.ARRIVED, State.ADMITTED)
    if not away or waiting is None or waiting.kind != "unfinished":
        return offered
    return [Act("Finish the pack", url_for("home.finish_pack", ref=transfer.ref)), *offered]


def _may_be_back(transfer: Any) -> bool:
    """Where the hospital recorded nothing, the person may stand in the door all the same: never the next
    step, and so no button beside it."""
    state = State(transfer.state)
    possible = available_actions(state)
    return (
        state not in (State.PACKING, State.GOING_HOME, State.BACK_HOME)
        and any(action in possible for action in _TOLD)
        and can(actor(), Permission.TRANSFER_RECEIVE, transfers.subject(transfer))
    )


@blueprint.get("/transfers/<ref>")
@requires(Permission.TRANSFER_OPEN)
@audits
def transfer(ref: str) -> ResponseReturnValue:
    """The journey as it stands."""
    found = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return _page(found, Form(()))


def _page(found: Any, form: Form) -> str:
    row = transfers.row_of(actor(), found, now())
    state = State(found.state)
    picture = custody.picture(found)
    names = {item.ref: item.description for item in belongings.list_for(found)}
    back_already = _may_be_back(found)
    offered = _next_first(found, acts(found), row.troubles)
    if back_already and request.args.get("bag") == "here":
        # Somebody at the home has just scanned a bag that is out by the record: most likely they are back.
        offered.insert(0, Act("Back home", url_for("home.receive", ref=found.ref)))
        back_already = False
    return render_template(
        "home/journey/transfer.html",
        transfer=found,
        who=steps.who(found.resident),
        form=form,
        errors=form.errors,
        state=STATE_WORDS[state],
        ward=from_hospital.so_far(found),
        since=row.since,
        acts=offered,
        back_already=back_already,
        where=where_words(found, typed_wards.of([found]).get(found.id, "")),
        bag=bag_words(found),
        bag_typed=late_bag.typed(found),
        todo=[
            todo(found, trouble)
            for trouble in row.troubles
            if trouble.who == "home" and trouble.kind != "task"
        ],
        hospitals_move=[trouble.words for trouble in once(row.troubles) if trouble.who == "hospital"],
        tasks=transfers.homes_tasks(found),
        word=transfers.home_word(found.id),
        word_text=dict(HOME_WORD),
        versions=packs.versions(found.id),
        summaries=papers.summaries(found.id),
        label=labels.current(found),
        items=[(names.get(item.item, ""), item) for item in picture.items],
        holder=picture.holder,
        history=history_lines(found, withdrawable(events.of(found)), actor()),
        may_leave=Action.STAY_HOME in available_actions(state),
        may_cancel=Action.CANCEL in available_actions(state),
    )


@blueprint.post("/transfers/<ref>/tasks/<task_ref>")
@requires(Permission.TRANSFER_TELL)
@commits
def do_task(ref: str, task_ref: str) -> ResponseReturnValue:
    """A task is cleared by naming who was told."""
    form = Form(())
    try:
        told = form.text("told").strip()[:200]
        corrections.do_task(actor(), ref, task_ref, told=told, now=now())
    except Invalid as problem:
        form.errors[f"told-{task_ref}"] = problem.errors.get("told", str(problem))
        return _page(transfers.get(actor(), ref), form), 422
    flash("Done. Who was told is kept with the journey.", "done")
    return redirect(url_for("home.transfer", ref=ref), 303)


@blueprint.get("/transfers/<ref>/finish")
@requires(Permission.TRANSFER_PACK)
@audits
def finish_pack(ref: str) -> ResponseReturnValue:
    """What can still be added after the bag has left."""
    found = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return _finish_page(found)


def _missing(found: Any) -> list[gaps.Gap]:
    """What somebody can still add; belongings are listed only until the bag arrives."""
    draft = pack_services.draft(found, actor().name, now())
    may_list = found.state == State.HANDED_TO_CREW.value
    return [
        gap
        for gap in gaps.with_links(found, draft.gaps, then="finish")
        if may_list or not gap.words.startswith("Belongings")
    ]


def _finish_page(found: Any, *, asks: bool = False) -> str:
    return render_template(
        "home/journey/finish.html",
        transfer=found,
        who=steps.who(found.resident),
        gaps=_missing(found),
        newest=packs.latest(found.id),
        may_list=found.state == State.HANDED_TO_CREW.value,
        asks=asks,
    )


@blueprint.post("/transfers/<ref>/finish")
@requires(Permission.TRANSFER_PACK)
@commits
def pack_finished(ref: str) -> ResponseReturnValue:
    """The pack is as complete as it will be; with things missing this is asked once."""
    found = transfers.get(actor(), ref)
    if "leave" not in request.form and _missing(found):
        return _finish_page(found, asks=True), 422
    services.finish(actor(), ref, now())
    flash("The pack is finished. You can still change it while they are away.", "done")
    return redirect(url_for("home.transfer", ref=ref), 303)


@blueprint.get("/transfers/<ref>/bag-here")
@requires(Permission.TRANSFER_TELL)
@audits
def bag_here(ref: str) -> ResponseReturnValue:
    """Asks where a bag is that did not arrive, or did not come back."""
    found = transfers.get(actor(), ref)
    note_read("transfer.read", ("transfer", ref))
    return _bag_page(found, Form(()))


@blueprint.post("/transfers/<ref>/bag-here")
@requires(Permission.TRANSFER_TELL)
@commits
def bag_is_here(ref: str) -> ResponseReturnValue:
    """The bag is found, or given up as lost."""
    form = Form(())
    try:
        found = bags.bag_is(actor(), ref, form.text("where"), note=form.text("note").strip(), now=now())
    except Invalid as problem:
        form.fail(problem)
        return _bag_page(transfers.get(actor(), ref), form), 422
    flash(f"{bag_words(found)}. Saved.", "done")
    return redirect(url_for("home.transfer", ref=ref), 303)


def _bag_page(found: Any, form: Form) -> str:
    return render_template(
        "home/journey/bag_here.html",
        transfer=found,
        who=steps.who(found.resident),
        form=form,
        errors=form.errors,
        where=where_words(found),
        bag=bag_words(found),
        holder=custody.picture(found).holder,
        picked=request.form.get("where", ""),
    )
