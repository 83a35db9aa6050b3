"""Needs attention: one list for a home, or for a hospital or one of its wards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain.attention import HARM, SOON, TIDY
from redbag.domain.london_time import london_day, start_of_day
from redbag.domain.permissions import Permission
from redbag.queries import attention as queries
from redbag.queries.attention import Line
from redbag.services import attention as services
from redbag.web.attention import blueprint, counting
from redbag.web.attention.acts import Act, of_line
from redbag.web.guards import actor, audits, commits, note_read, now, requires

_TITLES = ((HARM, "First"), (SOON, "Today"), (TIDY, "To finish"))


@dataclass(frozen=True)
class Shown:
    """One line as the page draws it. `person`: the name, where it may be shown; `href`: their page.
    `whole_day`: its clock runs in days, and nobody reads an hour off it. `plan`: what is late is a look at
    the hospital's plan."""

    words: str
    person: str
    href: str
    bag: str
    since: datetime
    whole_day: bool
    late: bool
    plan: bool
    act: Act


@blueprint.get("/attention")
@requires(Permission.ATTENTION_READ)
@audits
def board() -> ResponseReturnValue:
    """Everything that needs somebody here, the gravest first, each with the act that clears it."""
    lines = queries.standing(queries.place_of(actor()), now())
    counting.remember(len(lines))
    people = {line.transfer.id for line in lines if line.transfer is not None}
    note_read("transfer.listed", ("organisation", actor().organisation_ref), count=len(people))
    return render_template(
        "attention/board.html",
        groups=[
            (title, [_shown(line) for line in lines if line.trouble.severity == severity])
            for severity, title in _TITLES
        ],
        count=len(lines),
        seen=queries.seen_lately(actor().organisation_id, now()),
        days=queries.SEEN_SHOWN_DAYS,
    )


def _shown(line: Line) -> Shown:
    page = "home.transfer" if line.trouble.who == "home" else "ward.patient"
    transfer = line.transfer
    return Shown(
        words=line.trouble.words,
        person=transfer.resident.full_name if transfer else "",
        href=url_for(page, ref=transfer.ref) if transfer else "",
        bag=f"bag {transfer.bag.number}" if transfer and transfer.bag else "",
        since=line.trouble.since,
        whole_day=line.trouble.since == start_of_day(london_day(line.trouble.since)),
        late=line.trouble.late,
        plan=line.trouble.kind == "long_stay",
        act=of_line(line),
    )


@blueprint.post("/attention/seen")
@requires(Permission.ATTENTION_READ)
@commits
def deal_with() -> ResponseReturnValue:
    """One tap: somebody has dealt with this line."""
    line = services.deal_with(actor(), request.form.get("key", "")[:120], now())
    flash(f"{line.trouble.words}: off the list. You can put it back below.", "done")
    return redirect(url_for("attention.board"), 303)


@blueprint.post("/attention/seen/<seen_ref>/put-back")
@requires(Permission.ATTENTION_READ)
@commits
def put_back(seen_ref: str) -> ResponseReturnValue:
    """Pressed by mistake: back on the list."""
    services.take_back(actor(), seen_ref, now())
    flash("Back on the list.", "done")
    return redirect(url_for("attention.board"), 303)
