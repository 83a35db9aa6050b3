"""The manager's Monday: who is in hospital, what is late and whose move it is, which records are stale, what
was lost, and whether stays are getting shorter. Every figure opens what is behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from redbag.domain import reviews as review_rules
from redbag.domain.attention import LONG_STAY_DAYS, Trouble
from redbag.domain.london_time import london_day
from redbag.domain.permissions import Permission
from redbag.domain.reviews import Freshness
from redbag.domain.transfer_states import STATE_WORDS, State
from redbag.queries import lost, stays, transfers
from redbag.queries import reviews as records
from redbag.queries.transfers import Row
from redbag.web.guards import actor, audits, note_read, now, requires
from redbag.web.home import blueprint
from redbag.web.home.transfers import todo, where_words
from redbag.web.stay_chart import Shown, by_month

_OUT = (State.HANDED_TO_CREW, State.ARRIVED, State.ADMITTED)
# Shown with those in hospital; and, of a thing missing there, the home's half of the task says it all.
_SAID_ELSEWHERE = ("long_stay",)
FEW_SHOWN = 3


@dataclass(frozen=True)
class Away:
    """Somebody in hospital or on the way. `days`: midnights since the stay began (else the arrival); None on
    the way. `long`: the longest-stay mark that was passed, 0 for none."""

    name: str
    href: str
    state: str
    where: str
    days: int | None
    long: int


@dataclass(frozen=True)
class Late:
    """One thing that is late, whose move it is ("home" or "hospital"), and where it is done."""

    name: str
    words: str
    move: str
    href: str


@blueprint.get("/overview")
@requires(Permission.HOME_MANAGE)
@audits
def overview() -> ResponseReturnValue:
    """Everything that a manager asks on a Monday, on one page."""
    rows = transfers.board(actor(), now(), both_ends=True)
    today = london_day(now())
    board, missing = records.board(actor(), today), lost.standing(actor())
    report, shown = stays.report(actor(), now()), Shown(whole_borough=False)
    place = ("organisation", actor().organisation_ref)
    note_read("transfer.listed", place, count=len(rows) + len(missing))
    note_read("resident.listed", place, count=len(board))
    note_read("report.read", report="length of stay")
    return render_template(
        "home/overview.html",
        away=_away(rows, today),
        late=_late(rows),
        tally=review_rules.tally([row.cells for row in board]),
        worst=_worst(board),
        lost=missing,
        report=report,
        sentence=report.answer(shown.count),
        chart=None if report.few else by_month(report, shown),
        few_shown=FEW_SHOWN,
    )


def _away(rows: Iterable[Row], today: date) -> list[Away]:
    found = [_one_away(row, today) for row in rows if State(row.transfer.state) in _OUT]
    return sorted(found, key=lambda one: -1 if one.days is None else one.days, reverse=True)


def _one_away(row: Row, today: date) -> Away:
    transfer = row.transfer
    since = transfer.decision_to_admit_at or transfer.admitted_at or transfer.arrived_at
    days = (today - london_day(since)).days if since else None
    admitted = transfer.admitted_at is not None
    return Away(
        name=transfer.resident.full_name,
        href=url_for("home.transfer", ref=transfer.ref),
        state=STATE_WORDS[State(transfer.state)],
        where=where_words(transfer),
        days=days,
        long=next((mark for mark in LONG_STAY_DAYS if admitted and days is not None and days >= mark), 0),
    )


def _late(rows: Iterable[Row]) -> list[Late]:
    """The gravest first, whoever has the move."""
    found = [
        (trouble, _one_late(row, trouble))
        for row in rows
        for trouble in row.troubles
        if trouble.kind not in _SAID_ELSEWHERE and not _twin(trouble)
    ]
    found.sort(key=lambda pair: (pair[0].severity, -pair[0].since.timestamp()))
    return [late for _trouble, late in found]


def _twin(trouble: Trouble) -> bool:
    """The hospital's half of something missing there: both ends look, and the home's half says so."""
    return trouble.kind == "missing" and trouble.who == "hospital"


def _one_late(row: Row, trouble: Trouble) -> Late:
    own = trouble.who == "home"
    href = todo(row.transfer, trouble).href if own else url_for("home.transfer", ref=row.transfer.ref)
    return Late(row.transfer.resident.full_name, trouble.words, trouble.who, href)


def _worst(board: Sequence[records.Row]) -> list[records.Row]:
    return [row for row in board if row.has(Freshness.EMPTY) or row.has(Freshness.OVERDUE)][:FEW_SHOWN]
