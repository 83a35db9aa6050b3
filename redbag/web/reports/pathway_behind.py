"""The journeys behind a figure of the pathway, narrowed down by the same address."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from redbag.domain import pathway_paper, report_filter
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.lost_counts import SPAN_WORDS
from redbag.domain.measures import MEASURES, PATHWAY_MEASURES
from redbag.domain.pathway import LeftOut
from redbag.domain.permissions import Permission, Role
from redbag.queries import pathway, stay_rows
from redbag.queries.pathway import LOST, Behind
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.reports import blueprint

MOST_LISTED = 300
_MEASURES = frozenset(one.key for one in PATHWAY_MEASURES)
_WHICH = ("missed", "times", "left-out")


@dataclass(frozen=True)
class Found:
    """One journey of the list, and what the figure knows of it, in words."""

    behind: Behind
    words: str


@blueprint.get("/reports/pathway/<measure>/<which>")
@requires(Permission.REPORT_PEOPLE)
@audits
def pathway_journeys(measure: str, which: str) -> ResponseReturnValue:
    """The journeys that a step was missed on (`missed`), all with their times, longest first (`times`), or
    those that are in no figure (`left-out`); with `lost` for a measure, those on which something was lost."""
    if which not in _WHICH or (measure not in _MEASURES and measure != LOST):
        abort(404)
    as_of = last_complete_day(now())
    chosen, _ = report_filter.parse(request.args, as_of, stay_rows.places(actor()).choices)
    everybody = _picked(pathway.behind(actor(), chosen, measure), measure, which)
    listed = everybody[:MOST_LISTED]
    note_read("transfer.listed", count=len(listed))
    return render_template(
        "reports/pathway_journeys.html",
        title=_title(measure, which, len(everybody)),
        found=[Found(one, _words(one, measure, which)) for one in listed],
        more=len(everybody) - len(listed),
        chosen=chosen,
        at_home=actor().role is Role.HOME_MANAGER,
    )


def _picked(everybody: list[Behind], measure: str, which: str) -> list[Behind]:
    if measure == LOST:
        return everybody
    known = [(one.value, one) for one in everybody if one.value is not None]
    if which == "left-out":
        return [one for value, one in known if value < 0]
    if which == "missed":
        return [one for value, one in known if value == 0]
    timed = [(value, one) for value, one in known if value >= 0]
    return [one for _, one in sorted(timed, key=lambda pair: -pair[0])]


def _title(measure: str, which: str, number: int) -> str:
    if measure == LOST:
        return f"{number:,} journeys on which something was lost"
    name = MEASURES[measure].name
    if which == "left-out":
        return f"{name}: {number:,} left out"
    if which == "missed":
        return pathway_paper.missed_words(measure, f"{number:,}") or name
    return f"{name}, longest first"


def _words(one: Behind, measure: str, which: str) -> str:
    if measure == LOST:
        return "; ".join(f"{thing.kind}: {SPAN_WORDS[thing.span].lower()}" for thing in one.lost)
    if which == "left-out" and one.value is not None:
        return LeftOut(one.value).words
    return f"{one.value:,} {MEASURES[measure].unit}" if which == "times" else ""
