"""Charts over time: every measure with what changed first, and one measure with its limits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import abort, request
from flask.typing import ResponseReturnValue

from redbag.domain import data_quality, report_filter, spc_paper, spc_words
from redbag.domain.length_of_stay import last_complete_day
from redbag.domain.measures import MEASURES, Kind, Measure
from redbag.domain.permissions import Permission
from redbag.domain.report_filter import Places, ReportFilter
from redbag.domain.report_tables import ReportPaper, Table
from redbag.domain.spc_chart import SpcChart, TooFew, build
from redbag.queries import charts, stay_rows
from redbag.queries.charts import Series
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.reports import blueprint
from redbag.web.reports.exports import paper_of
from redbag.web.reports.filter_form import FilterForm, without_blanks
from redbag.web.reports.seen import sees_people, show
from redbag.web.spc_drawing import Drawing, draw

_NUMBER = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")
_NO_NUMBER = "Type the target as a number, such as 12 or 12.5."
_NO_SHARE = "Type the target as a percentage from 0 to 100."


@dataclass(frozen=True)
class Asked:
    """What the address asks for: the filter with its form, and the target as it was typed."""

    form: FilterForm
    target: str
    target_error: str

    @property
    def args(self) -> dict[str, str]:
        """What stands in the address again."""
        return self.form.chosen.query() | ({"target": self.target} if self.target else {})


@dataclass(frozen=True)
class Card:
    """One measure of the list, with what its chart says."""

    measure: Measure
    drawing: Drawing
    words: str


@blueprint.get("/reports/charts")
@requires(Permission.REPORT_READ)
@audits
def all_charts() -> ResponseReturnValue:
    """Which measures changed? Each as a small chart, what changed first."""
    shorter = without_blanks()
    if shorter is not None:
        return shorter
    asked = _asked()
    found, shown = _charts(asked.form.chosen)
    note_read("report.read", report="charts over time")
    drawn = [one for one in spc_paper.in_order(found) if isinstance(one, SpcChart) and one.variation]
    return show(
        "reports/charts.html",
        spc_paper.of_all(found, shown),
        cards=[Card(one.measure, draw(one), spc_words.answer(one)) for one in drawn],
        without=_by_words((one.measure, spc_words.answer(one)) for one in found if one not in drawn),
        form=asked.form,
        export_args=asked.form.chosen.query(),
    )


def _by_words(without: Iterable[tuple[Measure, str]]) -> dict[str, list[Measure]]:
    """Why there is no chart, once for all measures of which it is said."""
    together: dict[str, list[Measure]] = {}
    for measure, words in without:
        together.setdefault(words, []).append(measure)
    return together


@blueprint.get("/reports/charts/<measure>")
@requires(Permission.REPORT_READ)
@audits
def chart(measure: str) -> ResponseReturnValue:
    """One measure from month to month: is the latest unusual?"""
    if measure not in MEASURES:
        abort(404)
    shorter = without_blanks()
    if shorter is not None:
        return shorter
    asked = _asked(MEASURES[measure])
    found, shown = _chart(MEASURES[measure], asked)
    note_read("report.read", report=f"chart of {measure}")
    return show(
        "reports/chart.html",
        spc_paper.of_measure(found, shown),
        measure=MEASURES[measure],
        drawing=draw(found) if isinstance(found, SpcChart) else None,
        asked=asked,
        form=asked.form,
        export_args=asked.args | {"measure": measure},
    )


@paper_of(spc_paper.KEY)
def charts_paper() -> ReportPaper:
    """The list, or with ?measure= the one chart, as the address asks for it."""
    key = request.args.get("measure", "")
    if not key:
        return spc_paper.of_all(*_charts(_asked().form.chosen))
    if key not in MEASURES:
        abort(404)
    return spc_paper.of_measure(*_chart(MEASURES[key], _asked(MEASURES[key])))


def _asked(measure: Measure | None = None) -> Asked:
    named = stay_rows.places(actor())
    as_of = last_complete_day(now())
    args = request.args if sees_people() else {}
    chosen, errors = report_filter.parse(args, as_of, named.choices if sees_people() else Places())
    form = FilterForm.of(chosen, errors, named.choices, as_of, None)
    # Charts go further back than other reports where no period is chosen.
    usual = {"from": "As far back as there is room for"}
    questions = (replace(one, any_words=usual.get(one.name, one.any_words)) for one in form.questions)
    form = replace(form, questions=tuple(questions))
    target = request.args.get("target", "").strip() if measure else ""
    return Asked(form, target, _target(measure, target)[1] if measure else "")


def _target(measure: Measure, typed: str) -> tuple[float | None, str]:
    """The target in the unit of the measure's values, or why it is none. A share is typed in per cent."""
    if not typed:
        return None, ""
    if not _NUMBER.fullmatch(typed):
        return None, _NO_NUMBER
    if measure.kind is not Kind.SHARE:
        return float(typed), ""
    return (float(typed) / 100, "") if float(typed) <= 100 else (None, _NO_SHARE)


def _charts(chosen: ReportFilter) -> tuple[list[SpcChart | TooFew], spc_paper.Shown]:
    every = _series(chosen, *MEASURES.values())
    found = [_build(one, chosen) for one in every]
    return found, replace(_shown(chosen, found), quality=_quality(every))


def _chart(measure: Measure, asked: Asked) -> tuple[SpcChart | TooFew, spc_paper.Shown]:
    chosen, (series,) = asked.form.chosen, _series(asked.form.chosen, measure)
    found = _build(series, chosen, _target(measure, asked.target)[0])
    return found, replace(_shown(chosen, [found]), left_out=series.left_out, quality=_quality([series]))


def _quality(every: list[Series]) -> Table | None:
    """How sure the records of stays are; of the pathway each chart says what is left out."""
    return next((data_quality.table(one.quality) for one in every if one.quality), None)


def _series(chosen: ReportFilter, *wanted: Measure) -> list[Series]:
    return charts.series(actor(), wanted, chosen, last_complete_day(now()))


def _build(series: Series, chosen: ReportFilter, target: float | None = None) -> SpcChart | TooFew:
    found = _chart_of(series, chosen, target)
    if not isinstance(found, SpcChart) or found.measure.kind is not Kind.COUNT or chosen.home_ref:
        return found
    homes_changed = charts.homes_joined(actor(), found.points[0].first, series.last) > 0
    return _chart_of(series, chosen, target, more_homes=True) if homes_changed else found


def _chart_of(
    series: Series, chosen: ReportFilter, target: float | None, *, more_homes: bool = False
) -> SpcChart | TooFew:
    return build(
        series.measure,
        series.by_month,
        series.first,
        series.last,
        rebases=series.rebases,
        hidden=series.hidden,
        target=target,
        hide_small=not sees_people(),
        newest_only=not chosen.period_kept,
        stays=series.stays,
        more_homes=more_homes,
    )


def _shown(chosen: ReportFilter, found: list[SpcChart | TooFew]) -> spc_paper.Shown:
    """Whose charts, and how many homes joined between the first and the last point of any."""
    first = [one.points[0].first for one in found if isinstance(one, SpcChart)]
    joined = charts.homes_joined(actor(), min(first), chosen.last) if first and not chosen.home_ref else 0
    place = actor().organisation_name if sees_people() else "All care homes"
    words = [chosen.words, chosen.period_words if chosen.period_kept else ""]
    return spc_paper.Shown(place, last_complete_day(now()), ", ".join(filter(None, words)), joined)
