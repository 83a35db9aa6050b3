"""Records to review: residents by sections, the worst first; and how often the home looks through them."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import reviews
from redbag.domain.errors import Invalid, Stale
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Permission
from redbag.domain.reviews import FRESHNESS_WORDS, INTERVALS, Freshness
from redbag.queries import reviews as queries
from redbag.queries.medicine_lines import standing, suggested
from redbag.services import review_intervals
from redbag.web.conflict import Difference, differences, version_sent
from redbag.web.forms import Form
from redbag.web.guards import actor, audits, commits, note_read, now, requires
from redbag.web.home import blueprint

UNCHECKED = "unchecked"
_FILTERS = (
    ("", "Everything to do"),
    (Freshness.EMPTY.value, "Empty"),
    (Freshness.OVERDUE.value, "Review is late"),
    (UNCHECKED, "Medicines to check"),
    ("all", "Every resident"),
)


@blueprint.get("/residents/to-review")
@requires(Permission.RESIDENT_READ)
@audits
def review_board() -> ResponseReturnValue:
    """Whose record is empty or late, section by section, and which medicines are still to check.

    ?show=empty, overdue, unchecked or all narrows or widens it.
    """
    everybody = queries.board(actor(), london_day(now()))
    show = request.args.get("show", "")
    show = show if show in dict(_FILTERS) else ""
    note_read("resident.listed", ("organisation", actor().organisation_ref), count=len(everybody))
    return render_template(
        "home/review_board.html",
        rows=[row for row in everybody if _shown(row, show)],
        tally=reviews.tally([row.cells for row in everybody]),
        unchecked=sum(len(row.unchecked) for row in everybody),
        suggested=suggested,
        title_of=lambda medicine: standing(medicine).title,
        words=FRESHNESS_WORDS,
        filters=_FILTERS,
        show=show,
    )


def _shown(row: queries.Row, show: str) -> bool:
    if show in (Freshness.EMPTY, Freshness.OVERDUE):
        return row.has(Freshness(show))
    if show == UNCHECKED:
        return bool(row.unchecked)
    return show == "all" or bool(row.unchecked) or row.has(Freshness.EMPTY) or row.has(Freshness.OVERDUE)


@blueprint.get("/settings/reviews")
@requires(Permission.HOME_MANAGE)
def review_intervals_page() -> ResponseReturnValue:
    """Every how many days each section is looked through."""
    return _intervals_page(Form(INTERVALS, _standing()))


@blueprint.post("/settings/reviews")
@requires(Permission.HOME_MANAGE)
@commits
def save_review_intervals() -> ResponseReturnValue:
    """Keeps the intervals; the board follows at once."""
    form = Form(INTERVALS)
    version = version_sent()
    try:
        typed = form.read()
        review_intervals.save(actor(), typed, version=version, now=now())
    except Invalid as problem:
        form.fail(problem)
        return _intervals_page(form, version=version), 422
    except Stale as stale:
        both = differences(INTERVALS, stale.theirs, typed)
        if both:
            return _intervals_page(form, conflict=both), 409
    flash("Saved. The list of records to review follows the new numbers.", "done")
    return redirect(url_for("home.review_board"), 303)


def _standing() -> dict[str, int]:
    home = queries.home(actor())
    return {section.key: reviews.interval(section, home.thresholds) for section in reviews.REVIEWED}


def _intervals_page(form: Form, *, version: int | None = None, conflict: tuple[Difference, ...] = ()) -> str:
    return render_template(
        "home/review_intervals.html",
        form=form,
        errors=form.errors,
        version=queries.home(actor()).version if version is None else version,
        conflict=conflict,
    )
