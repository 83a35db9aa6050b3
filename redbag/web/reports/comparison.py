"""With and without the bag, before and after joining: two groups of stays beside each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import comparison_paper, report_filter
from redbag.domain.comparison import Kind, usual
from redbag.domain.comparison_paper import Setting
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.permissions import Permission
from redbag.domain.report_filter import Places, ReportFilter
from redbag.domain.report_tables import ReportPaper
from redbag.queries import comparison as comparisons
from redbag.queries import stay_rows
from redbag.queries.comparison import Found
from redbag.web import comparison_drawing
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.reports import blueprint
from redbag.web.reports.exports import paper_of
from redbag.web.reports.filter_form import FilterForm, without_blanks
from redbag.web.reports.seen import count, seen, sees_people, show

# What a comparison is about, or fixes itself, is no filter of it.
_WITHOUT = {Kind.BAG: ("bag", "weekday"), Kind.JOINING: ("bag", "weekday", "from", "to")}


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    kind: Kind
    analyst: bool
    form: FilterForm

    @property
    def chosen(self) -> ReportFilter:
        return self.form.chosen

    @property
    def view(self) -> dict[str, str]:
        """What stands in the address beside the filter."""
        kept = {"compare": self.kind.value} if self.kind is not Kind.BAG else {}
        return kept | ({"view": "analyst"} if self.analyst else {})

    @property
    def args(self) -> dict[str, str]:
        return self.view | self.chosen.query()


@blueprint.get("/reports/comparison")
@requires(Permission.REPORT_READ)
@audits
def comparison() -> ResponseReturnValue:
    """Do stays with the bag, or since joining, differ? The answer, the groups, and how sure that is."""
    shorter = without_blanks()
    if shorter is not None:
        return shorter
    asked, found, made = _asked_and_found()
    paper = seen(made)
    note_read("report.read", report=paper.title.lower())
    plots = paper.plots
    return show(
        "reports/comparison.html",
        paper,
        asked=asked,
        form=asked.form,
        kinds=[(kind, _address(asked, kind, analyst=asked.analyst)) for kind in Kind],
        other_view=_address(asked, asked.kind, analyst=not asked.analyst),
        too_many=found.too_many,
        difference=next(
            (comparison_drawing.difference(one) for one in paper.tables if one.key == "difference"), None
        ),
        still_there=comparison_drawing.curves(plots[0], plots[1:3]) if plots else None,
        ways=comparison_drawing.curves(plots[3]) if plots else None,
        export_args=asked.args,
    )


@paper_of(comparison_paper.KEY)
def comparison_of_address() -> ReportPaper:
    """The page's paper, as its address asks for it."""
    return _asked_and_found()[2]


def _address(asked: Asked, kind: Kind, *, analyst: bool) -> str:
    other = replace(asked, kind=kind, analyst=analyst)
    return f"{url_for('.comparison')}?{urlencode(other.args)}".rstrip("?")


def _asked_and_found() -> tuple[Asked, Found, ReportPaper]:
    as_of = last_complete_day(now())
    named = stay_rows.places(actor())
    asked = _asked(named.choices)
    found = comparisons.compare(actor(), asked.kind, asked.chosen, named, as_of)
    chosen = asked.chosen
    names = named.names
    setting = Setting(
        place=actor().organisation_name if sees_people() else "All care homes",
        period=chosen.period_words if asked.kind is Kind.BAG else "",
        narrowed=", ".join(
            part for part in (chosen.words, chosen.period_words if chosen.period_kept else "") if part
        ),
        drawn="residents" if sees_people() else "homes",
        names={"home": names.homes, "hospital": names.hospitals},
        quality=found.quality,
    )
    paper = comparison_paper.paper(
        found.comparison, setting, count, analyst=asked.analyst, hides_small=not sees_people()
    )
    return asked, found, paper


def _asked(places: Places) -> Asked:
    """What the address asks for; an oversight reader chooses between fixed views, and narrows nothing."""
    as_of = last_complete_day(now())
    said = request.args.get("compare", Kind.BAG.value)
    if said not in set(Kind) or request.args.get("view", "analyst") != "analyst":
        abort(404)
    kind = Kind(said)
    args = {name: value for name, value in request.args.items() if name not in _WITHOUT[kind]}
    chosen, errors = report_filter.parse(args if sees_people() else {}, as_of, places)
    if not chosen.period_kept:
        chosen = replace(chosen, first=usual(as_of).first)
    began = stay_rows.records_began(actor()) if sees_people() else None
    form = FilterForm.of(chosen, errors, places, as_of, began, without=_WITHOUT[kind])
    questions = tuple(
        replace(one, any_words="Two years before the last") if one.name == "from" else one
        for one in form.questions
    )
    return Asked(kind, "view" in request.args, replace(form, questions=questions))
