"""Length of stay by hospital and by home of the whole country, for oversight readers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import place_paper
from redbag.domain.permissions import Permission
from redbag.domain.place_paper import Found, Sight
from redbag.domain.report_tables import ReportPaper
from redbag.domain.stays_by_place import By
from redbag.queries import stays_by_place
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.reports import blueprint
from redbag.web.reports.exports import paper_of
from redbag.web.reports.filter_form import without_blanks
from redbag.web.reports.seen import count, seen, sees_people, show

_LONGEST = 80


@blueprint.get("/reports/places")
@requires(Permission.REPORT_READ)
@audits
def places() -> ResponseReturnValue:
    """How long stays lasted at each hospital, or from each home. A manager's own page has it for the own
    place, narrowed down as they like."""
    if sees_people():
        return redirect(url_for(".length_of_stay"))
    shorter = without_blanks()
    if shorter is not None:
        return shorter
    by, sight = _asked()
    paper = _paper(by)
    note_read("report.read", report=paper.title.lower())
    looked_at = sight.of(paper.tables[0])
    return show(
        "reports/places.html",
        replace(paper, tables=(looked_at.table,)),
        by=by,
        kinds=tuple(By),
        sight=sight,
        looked_at=looked_at,
        find=sight.find,
        export_args=_args(by, sight),
    )


@paper_of(place_paper.KEY)
def places_of_address() -> ReportPaper:
    """The whole table; on paper, only the rows that the page shows."""
    if sees_people():
        abort(404)
    by, sight = _asked()
    paper = _paper(by)
    if (request.view_args or {}).get("form") != "pdf":
        return paper
    looked_at = sight.of(paper.tables[0])
    if not looked_at.can_be_looked_through:
        return paper
    return replace(
        paper,
        tables=(replace(looked_at.table, notes=(*looked_at.table.notes, f"{looked_at.words}.")),),
    )


def _paper(by: By) -> ReportPaper:
    found = stays_by_place.found(actor(), now())
    return _made(_Whole(found.fingerprint, by, g.settings.is_demo, found))


@dataclass(frozen=True)
class _Whole:
    """What a table is made from; two with the same fingerprint are the same."""

    fingerprint: bytes
    by: By
    demo: bool
    found: Found = field(compare=False)


@lru_cache(maxsize=len(By))
def _made(whole: _Whole) -> ReportPaper:
    """The whole table as oversight may see it. Rows for every home of a country take longer to make than
    their stays to read, and whole months seldom change: what was made of the same stays serves again."""
    return seen(place_paper.paper(whole.found, whole.by, count))


def _asked() -> tuple[By, Sight]:
    """Which of the two fixed tables, and which of its rows to look at. Nothing else is read."""
    by = request.args.get("by", By.HOSPITAL.value)
    if by not in set(By):
        abort(404)
    find = " ".join(request.args.get("find", "").split())[:_LONGEST]
    return By(by), Sight(find, request.args.get("part", 1, type=int))


def _args(by: By, sight: Sight) -> dict[str, str]:
    kept = {"by": by.value, "find": sight.find, "part": str(sight.page) if sight.page > 1 else ""}
    return {name: value for name, value in kept.items() if value}
