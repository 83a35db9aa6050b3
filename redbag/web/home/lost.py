"""Lost things: what never came back from journeys that are over, until the manager has settled it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.custody import Item
from redbag.domain.errors import IllegalTransition, Invalid
from redbag.domain.going_home import LOST
from redbag.domain.permissions import Permission
from redbag.queries import custody
from redbag.queries import lost as queries
from redbag.services import lost_things
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint

_SAID = {
    "found": "Found: off the list.",
    "settled": "Settled: off the list. What happened is kept with the journey.",
    "missing": "Back on the list of lost things.",
}


_NEVER_SEEN = "Listed, but never seen by anybody who looked"


@dataclass(frozen=True)
class Line:
    """One lost thing. `stretch`: between which checks it was lost; `told`: the same with times and with
    everyone who held the bag; `since`: when it was first missing."""

    one: queries.Lost
    stretch: str
    told: str
    since: datetime | None


@blueprint.get("/lost-belongings")
@requires(Permission.HOME_MANAGE)
@audits
def lost_belongings() -> ResponseReturnValue:
    """Every lost thing that is not settled, and what was answered lately."""
    page, count = _page(Form(()))
    note_read("transfer.listed", ("organisation", actor().organisation_ref), count=count)
    return page


@blueprint.post("/transfers/<ref>/lost/<item_ref>")
@requires(Permission.HOME_MANAGE)
@commits
def answer_lost(ref: str, item_ref: str) -> ResponseReturnValue:
    """Found, settled, or missing after all: one thing at a time."""
    form = Form(())
    said = form.text("said")
    try:
        item = lost_things.answer(actor(), ref, item_ref, said, note=form.text("note"), now=now())
    except Invalid as problem:
        form.errors[f"note-{item_ref}"] = problem.errors["note"]
        return _page(form, item_ref)[0], 422
    except IllegalTransition as problem:
        flash(str(problem), "warning")
        return redirect(url_for("home.lost_belongings"), 303)
    flash(f"{item.description}: {_SAID[said]}", "done")
    return redirect(url_for("home.lost_belongings"), 303)


def _page(form: Form, answering: str = "") -> tuple[str, int]:
    standing, answered = queries.standing(actor()), queries.answered(actor(), now())
    lines = _lines(standing)
    page = render_template(
        "home/lost.html",
        form=form,
        errors=form.errors,
        answering=answering,
        standing=lines,
        tally=Counter(line.stretch for line in lines).most_common(),
        answered=answered,
        days=queries.ANSWERED_SHOWN_DAYS,
        at_closing=_closing_words,
    )
    return page, len(standing) + len(answered)


def _lines(standing: Sequence[queries.Lost]) -> list[Line]:
    """Each lost thing with the stretch in which it was lost, by the rules of custody."""
    journeys = {one.transfer.id: one.transfer for one in standing}
    items = {item.item: item for row in journeys.values() for item in custody.picture(row).items}
    return [_line(one, items.get(one.item.ref)) for one in standing]


def _line(one: queries.Lost, found: Item | None) -> Line:
    if found is None or found.lost is None:
        missing = found.first_missing if found else None
        return Line(one, _NEVER_SEEN, f"{_NEVER_SEEN}.", missing.at if missing else None)
    seen, missing = found.lost.last_seen, found.lost.first_missing
    stretch = f"Between {seen.step.label} and {missing.step.label}"
    return Line(one, stretch, found.lost.sentence, missing.at)


def _closing_words(one: Any) -> str:
    return dict(LOST).get(one.at_closing, "")
