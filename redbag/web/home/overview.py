"""The manager's Monday: who is in hospital, what is late and whose move it is, which records are stale, what
was lost, and whether stays are getting shorter. Every figure opens what is behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from redbag.domain import report_front as front_words
from redbag.domain import spc_paper, spc_words, stay_front
from redbag.domain.attention import LONG_STAY_DAYS, Trouble
from redbag.domain.comparison import Comparison, Kind, usual
from redbag.domain.length_of_stay import days_in_hospital, last_complete_day
from redbag.domain.london_time import london_day
from redbag.domain.measures import MEASURES
from redbag.domain.permissions import Permission, Role
from redbag.domain.report_filter import ReportFilter
from redbag.domain.report_tables import ReportPaper
from redbag.domain.spc_chart import SpcChart, TooFew, build
from redbag.domain.stay_answer import NOT_AN_EFFECT
from redbag.domain.stay_front import FrontAnswer
from redbag.domain.stay_report import StayReport
from redbag.domain.transfer_states import STATE_WORDS, TO_HOSPITAL, State
from redbag.queries import charts, comparison, lost, report_front, stays, transfers
from redbag.queries import reviews as records
from redbag.queries.stay_rows import NamedPlaces
from redbag.queries.transfers import Row
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.home import blueprint
from redbag.web.home.transfers import once, todo, where_words
from redbag.web.reports import remembered
from redbag.web.reports.exports import paper_of
from redbag.web.spc_drawing import Drawing, draw

FEW_SHOWN = 2
_MISSING = frozenset({"missing", "missing_in_hospital"})


@dataclass(frozen=True)
class Away:
    """Somebody in hospital or on the way. `days` of the stay so far, `since` its first day: None before the
    admission; `at`: since when they are there, or on the way. `long`: the longest-stay mark that was passed,
    0 for none."""

    name: str
    href: str
    state: str
    where: str
    days: int | None
    since: date | None
    at: datetime
    on_the_way: bool
    long: int


@dataclass(frozen=True)
class Task:
    """One thing to do: whose move it is ("home" or "hospital"), where it is done, and since when it is due
    (`late`) or waits."""

    words: str
    move: str
    href: str
    late: bool
    since: datetime


@dataclass(frozen=True)
class Person:
    """One person with everything that is to be done, the gravest first."""

    name: str
    href: str
    tasks: tuple[Task, ...]

    @property
    def late(self) -> bool:
        return any(task.late for task in self.tasks)


@blueprint.get("/overview")
@requires(Permission.HOME_MANAGE)
@audits
def overview() -> ResponseReturnValue:
    """Everything that a manager asks on a Monday, on one page."""
    rows = transfers.board(actor(), now(), both_ends=True)
    people = _people(rows)
    tally, missing = records.tally(actor(), london_day(now())), lost.standing(actor())
    stayed = remembered.answer("overview", (), lambda _homes: _stayed(), lambda _: 200)
    place = ("organisation", actor().organisation_ref)
    note_read("transfer.listed", place, count=len(rows) + len(missing))
    note_read("resident.listed", place, count=tally.residents)
    note_read("report.read", report="length of stay")
    return render_template(
        "home/overview.html",
        away=_away(rows, now()),
        late=[one for one in people if one.late],
        waiting=[one for one in people if not one.late],
        tally=tally,
        lost=missing,
        missing_now=sum(any(one.kind in _MISSING for one in row.troubles) for row in rows),
        stays_drawn=stayed,
        few_shown=FEW_SHOWN,
    )


@paper_of("front", Role.HOME_MANAGER)
def overview_paper() -> ReportPaper:
    """The page for a board: whether stays changed, who is away and what waits, in numbers without a name."""
    rows = transfers.board(actor(), now(), both_ends=True)
    people = _people(rows)
    as_of = last_complete_day(now())
    here = report_front.in_hospital(actor(), as_of)
    waits = front_words.Waiting(
        away=len(_away(rows, now())),
        late=sum(one.late for one in people),
        to_do=sum(not one.late for one in people),
        lost=len(lost.standing(actor())),
        records=records.tally(actor(), london_day(now())).people,
    )
    report, chart, answer = _told()
    drawn = spc_paper.of_measure(chart, spc_paper.Shown(report.place, as_of))
    return front_words.paper(
        report.place,
        as_of,
        sentences=(
            *(sentence for one in answer.verdicts for sentence in one.sentences),
            *((f"Since when? {answer.since}",) if answer.since else ()),
            NOT_AN_EFFECT,
            front_words.here_sentence(here, as_of, "from this home in hospital", "{:,}".format),
            front_words.ready_sentence(here, as_of, "{:,}".format, sees_people=True),
        ),
        tables=(waits.table, front_words.here_table(here, as_of), *drawn.tables),
        definitions=(*front_words.DEFINITIONS[:3], *drawn.definitions),
        plots=drawn.plots,
    )


def _told() -> tuple[StayReport, SpcChart | TooFew, FrontAnswer]:
    """The report on stays, the chart over time of their medians, and what both say."""
    report = stays.report(actor(), now(), answer_only=True)
    by_mean, chart = _charts("mean_stay", report.measure)
    found = _before_and_since(by_mean)
    chart = by_mean if found else chart
    return report, chart, stay_front.answer(report, chart, found)


def _stayed() -> Markup:
    """Whether stays of this home changed, with the chart over time and how many are still in hospital, as the
    page shows it: the same until a record of the home changes."""
    report, chart, answer = _told()
    return Markup(  # noqa: S704 - a template of ours, escaped
        render_template(
            "home/overview_stays.html",
            n_open=report.n_open,
            answer=answer,
            drawing=_small(chart) if isinstance(chart, SpcChart) else None,
            measure=chart.measure,
            marks=spc_words.marks(chart) if isinstance(chart, SpcChart) else "",
        )
    )


def _small(chart: SpcChart) -> Drawing:
    """Without its average where points are too few for limits: a level line then says more than they do."""
    drawn = draw(chart)
    return drawn if chart.now.has_limits else replace(drawn, stretches=())


def _charts(*measures: str) -> list[SpcChart | TooFew]:
    """These measures of the home over time."""
    as_of = last_complete_day(now())
    wanted = [MEASURES[one] for one in measures]
    return [
        build(one.measure, one.by_month, one.first, one.last, rebases=one.rebases, hidden=one.hidden)
        for one in charts.series(actor(), wanted, ReportFilter.usual(as_of), as_of)
    ]


def _before_and_since(chart: SpcChart | TooFew) -> Comparison | None:
    """Stays before and since the home began, compared; None where none from before are loaded."""
    if not stay_front.has_before(chart):
        return None
    as_of = last_complete_day(now())
    return comparison.compare(actor(), Kind.JOINING, usual(as_of), NamedPlaces(), as_of).comparison


def _away(rows: Iterable[Row], at: datetime) -> list[Away]:
    found = [_one_away(row, at) for row in rows if State(row.transfer.state) in TO_HOSPITAL]
    return sorted(found, key=lambda one: -1 if one.days is None else one.days, reverse=True)


def _one_away(row: Row, at: datetime) -> Away:
    transfer = row.transfer
    started = transfer.admitted_at and (transfer.decision_to_admit_at or transfer.admitted_at)
    days = days_in_hospital(started, at) if started else None
    return Away(
        name=transfer.resident.full_name,
        href=url_for("home.transfer", ref=transfer.ref),
        state=STATE_WORDS[State(transfer.state)],
        where=where_words(transfer),
        days=days,
        since=london_day(started) if started else None,
        at=row.since,
        on_the_way=State(transfer.state) is State.HANDED_TO_CREW,
        long=next((mark for mark in LONG_STAY_DAYS if days is not None and days >= mark), 0),
    )


def _people(rows: Iterable[Row]) -> list[Person]:
    """Everybody of whom something is to be done, in the order of the board: the same tasks, with the same
    side to move, as the journey's own page shows."""
    return [
        Person(
            name=row.transfer.resident.full_name,
            href=url_for("home.transfer", ref=row.transfer.ref),
            tasks=tuple(_task(row, trouble) for trouble in once(row.troubles)),
        )
        for row in rows
        if row.troubles
    ]


def _task(row: Row, trouble: Trouble) -> Task:
    own = trouble.who == "home"
    href = todo(row.transfer, trouble).href if own else url_for("home.transfer", ref=row.transfer.ref)
    return Task(trouble.words, trouble.who, href, trouble.late, trouble.since)
