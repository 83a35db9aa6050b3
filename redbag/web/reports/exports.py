"""Report pages taken away: `/reports/<page>.csv`, `.xlsx` and `.pdf`, all made from the page's own paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from flask import Response, abort, request

from redbag.documents import board_paper, report_files
from redbag.domain.permissions import Permission, Role
from redbag.domain.report_tables import ReportPaper
from redbag.web.guards import actor, audits, exports, note_read, requires
from redbag.web.reports import blueprint
from redbag.web.reports.seen import seen

PaperOf = TypeVar("PaperOf", bound=Callable[..., ReportPaper])
"""Makes a page's paper for this request: of whose figures, narrowed down by what its address says."""

_PAPERS: dict[tuple[str, Role | None], Callable[..., ReportPaper]] = {}
"""By page, and by role where somebody's page of this name is another one."""
_FORMS: dict[str, tuple[str, Callable[[ReportPaper], bytes]]] = {
    "csv": ("text/csv", report_files.as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", report_files.as_xlsx),
    "pdf": ("application/pdf", board_paper.board_paper),
}


def paper_of(page: str, role: Role | None = None) -> Callable[[PaperOf], PaperOf]:
    """Registers what makes the paper of `/reports/<page>`; with `role` for people of that role alone."""

    def register(make: PaperOf) -> PaperOf:
        _PAPERS[page, role] = make
        return make

    return register


def pages() -> tuple[str, ...]:
    """The pages that can be taken away."""
    return tuple(dict.fromkeys(page for page, _ in _PAPERS))


@blueprint.get("/reports/<page>.<form>")
@requires(Permission.REPORT_EXPORT)
@exports(Permission.REPORT_PEOPLE)
@audits
def export(page: str, form: str) -> Response:
    """The page as a file: the same figures, sentences and definitions, and no more."""
    make = _PAPERS.get((page, actor().role)) or _PAPERS.get((page, None))
    if make is None or form not in _FORMS:
        abort(404)
    return taken_away(make(), form)


def taken_away(paper: ReportPaper, form: str) -> Response:
    """The paper as a file of this form, as this reader may see it, with a note in the audit log."""
    paper = seen(paper)
    said = request.query_string.decode("ascii", "replace")[:_LONGEST_FILTER]
    note_read("report.exported", report=paper.title, page=paper.key, form=form, filter=said)
    mimetype, make = _FORMS[form]
    answer = Response(make(paper), mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{_file_name(paper)}.{form}"'
    return answer


_LONGEST_FILTER = 300


def _file_name(paper: ReportPaper) -> str:
    """What it is, of what kind of place, narrowed down to what, and of which day: no name of a person."""
    kind = actor().organisation_kind.replace("_", "-")
    kind = "borough" if kind == "oversight" else kind
    parts = (paper.key, kind, paper.filter_words[:_LONGEST_NARROWED], paper.as_of.isoformat())
    return "-".join(_UNSAFE.sub("-", part.lower()).strip("-") for part in parts if part)


_LONGEST_NARROWED = 80
_UNSAFE = re.compile(r"[^a-z0-9]+")
